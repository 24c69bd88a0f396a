"""Writes spectra.json for MarchenkoPasturTests: ranks above noise and effective ranks by numpy and scipy.

usage: make_spectra.py > spectra.json        needs: pip install numpy scipy
"""
import json

import numpy
from scipy import integrate, optimize


def median_squared(aspect):
    """The median of the Marchenko-Pastur law, from its density as it is usually written."""
    low, high = (1 - aspect**0.5) ** 2, (1 + aspect**0.5) ** 2

    def density(x):
        return numpy.sqrt((high - x) * (x - low)) / (2 * numpy.pi * aspect * x)

    def excess(x):
        return integrate.quad(density, low, x, limit=500)[0] - 0.5

    return optimize.brentq(excess, low + 1e-9, high - 1e-9, xtol=1e-12)


def case(rows, columns, spikes):
    random = numpy.random.default_rng(rows * columns)
    matrix = random.standard_normal((rows, columns))
    for size in range(spikes):
        left, right = random.standard_normal(rows), random.standard_normal(columns)
        strength = (2 + size) * (rows**0.5 + columns**0.5)
        matrix += strength * numpy.outer(left, right) / numpy.linalg.norm(left) / numpy.linalg.norm(right)
    # As the test reads them.
    written = matrix.round(3).astype(numpy.float32)
    values = numpy.linalg.svd(written.astype(numpy.float64), compute_uv=False)
    aspect = min(rows, columns) / max(rows, columns)
    median = median_squared(aspect) ** 0.5
    threshold = numpy.median(values) / median * (1 + aspect**0.5)
    share = values / values.sum()
    return {
        "rows": rows,
        "columns": columns,
        "median": median,
        "threshold": threshold,
        "rank_above_noise": int((values > threshold).sum()),
        "effective_rank": float(numpy.exp(-(share * numpy.log(share)).sum())),
        "matrix": [round(float(x), 3) for x in matrix.ravel()],
    }


shapes = [(40, 30, 0), (64, 64, 3), (24, 96, 5), (96, 24, 1), (50, 7, 2)]
print(json.dumps([case(*shape) for shape in shapes], separators=(",", ":")))
