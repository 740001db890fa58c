"""Which precision this processor computes quickly."""

import time
from functools import cache

import torch
import torch.nn.functional as F


@cache
@torch.enable_grad()
def bfloat16_is_quick() -> bool:
    """Whether this processor computes convolutions faster in bfloat16, by trying (a fifth of a second): without AVX-512
    it is emulated, and ten times slower than float32."""
    kernel, x = torch.ones(64, 64, 3, 3, requires_grad=True), torch.ones(4, 64, 16, 16)

    def seconds(enabled: bool) -> float:
        spent = []
        for _ in range(4):
            start = time.perf_counter()
            with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                y = F.conv2d(x, kernel, padding=1)
            y.float().sum().backward()
            spent.append(time.perf_counter() - start)
        return min(spent)

    return seconds(True) < seconds(False)
