#!/usr/bin/env python3
"""Best approximations of two matrices at eight ranks as the LASER authors make them: a decomposition for each.

    pip install torch && python rank_reduction.py
"""
import torch

from measuring import serve, timed

torch.manual_seed(0)
matrices = [torch.randn(4096, 1024) for _ in range(2)]


def reduce(matrix):
    for share in (0.9, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01):
        rank = int(share * min(matrix.shape))
        left, values, right = torch.linalg.svd(matrix, full_matrices=False)
        left[:, :rank] @ torch.diag(values[:rank]) @ right[:rank]


serve(f"torch.linalg.svd, PyTorch {torch.__version__}",
      {"reduction": lambda: timed(16, lambda: [reduce(matrix) for matrix in matrices])})
