"""What ships is brought to the population's own shares and spreads.

Training against critics teaches what goes together; how common each thing is by itself, that only nears. Here each bit and choice
gets its share by a shift of its bias, and each number its distribution by matched quantiles."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from liveavatar.rigs.generated.scale import Scale
from liveavatar.training.identity.networks import Form, Network
from liveavatar.training.identity.population import quantiles

_ROWS, _ROUNDS = 16384, 20


@torch.no_grad()
def calibrated(network: Network, form: Form, given: Tensor, real: Tensor) -> tuple[Network, Tensor]:
    """A network that gives bits and choices as often as `real` rows have them, and numbers with their mean and spread; and
    some of its numbers, (rows, numbers)."""
    random = torch.Generator().manual_seed(0)
    network, split = deepcopy(network), form.numbers
    chosen = torch.randint(len(given), (_ROWS,), generator=random)
    noise = torch.randn(_ROWS, network.straight.in_features - form.given, generator=random)
    out: Tensor = network(torch.cat([noise, given[chosen]], 1))
    bias, last = network.straight.bias, network.rest[-1]
    assert isinstance(last, torch.nn.Linear)
    if form.groups:
        meant = real.mean(0).clamp(min=1e-4)
        for _ in range(_ROUNDS):
            shares = torch.cat([functional.softmax(own, 1).mean(0) for own in out.split(form.groups, 1)])
            out, bias[:] = out + (meant / shares).log(), bias + (meant / shares).log()
        return network, out[:, :0]
    for i, share in enumerate((real[:, split:] > 0.0).float().mean(0), split):
        bias[i] -= out[:, i].quantile(1.0 - share)
    stretch = real.std(0)[:split] / out.std(0)[:split]
    bias[:split] = real.mean(0)[:split] + stretch * (bias[:split] - out.mean(0)[:split])
    network.straight.weight[:split] *= stretch[:, None]
    last.weight[:split] *= stretch[:, None]
    last.bias[:split] *= stretch
    return network, real.mean(0)[:split] + stretch * (out - out.mean(0))[:, :split]


def matched(scale: Scale, numbers: np.ndarray) -> Scale:
    """The scale, knowing the quantiles of what a network gives, (rows, numbers)."""
    return replace(scale, found=quantiles(scale.spread(numbers)))
