"""Makes the small safetensors files beside this script with the reference implementation.

pip install torch safetensors; python make.py
"""

import torch
from safetensors.torch import save_file

tensors = {
    "wide": torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8 - 0.5,
    "half": torch.tensor([[1.5, -2.0], [65504.0, 5.9604644775390625e-08]], dtype=torch.float16),
    "brain": torch.tensor([1.0, -3.140625, 1e30], dtype=torch.bfloat16),
    "steps": torch.tensor([1, -2, 3], dtype=torch.int64),
    "empty": torch.zeros(0, 4),
    "scalar": torch.tensor(7.0),
}
save_file(tensors, "mixed.safetensors", metadata={"format": "pt", "note": 'a "quoted" note'})
