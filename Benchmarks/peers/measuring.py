"""One side of a comparison: a process that measures when `bench.py` asks, as MeasuringProcess does in Swift."""
import sys
import time


def timed(amount, work):
    """What was done and the seconds it took."""
    start = time.perf_counter()
    work()
    return amount, time.perf_counter() - start


def serve(name, measurements):
    """Prints `name`, then answers every line that names a measurement with its amount and seconds."""
    print(name, flush=True)
    for line in sys.stdin:
        amount, seconds = measurements[line.rstrip("\n")]()
        print(amount, seconds, flush=True)
