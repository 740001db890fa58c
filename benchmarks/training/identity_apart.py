"""Can generated numbers be told from the population's? A fresh network tries; what it reaches says how well is learned what goes
together, beyond how common each thing is by itself."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from liveavatar.rigs.generated.code import Code
from liveavatar.rigs.generated.network import columns, describe

LOOKED_AT = {
    "palette": ("colour", ("palette.hair", "palette.iris_middle", "palette.skin", "palette.dress", "palette.ribbon")),
    "eyes": ("face", ("face.eye.upper", "face.eye.lower", "face.eye.lash", "face.eye.iris")),
    "brows": ("face", ("face.brow.points", "face.brow.width")),
    "places": ("face", ("face.eye_", "face.brow_y", "face.nose_y", "face.mouth_y", "face.mouth_width", "face.jaw")),
}  # fmt: skip
"""By name, a part and how the names of its numbers begin; the cast is always seen."""
_EPOCHS, _BATCH, _TRIES = 20, 64, 3


def told_apart(real: list[Code], made: list[Code]) -> dict[str, float]:
    """How often a network says of one of each, never seen before, which is which: 0.5 for not at all, 1 for always."""
    return {
        f"apart_{name}": float(
            np.mean([_tried(_rows(real, *of), _rows(made, *of), seed) for seed in range(_TRIES)])
        )
        for name, of in LOOKED_AT.items()
    }


def _rows(codes: list[Code], part: str, beginnings: tuple[str, ...]) -> np.ndarray:
    chosen = np.array([name.startswith(beginnings) for name in columns(part)[0]])
    return np.stack([np.concatenate([describe(c.who), c.numbers[part][chosen]]) for c in codes])


def _tried(real: np.ndarray, made: np.ndarray, seed: int) -> float:
    torch.manual_seed(seed)
    rows = torch.from_numpy(np.concatenate([real, made])).float()
    spread = rows.std(0)
    rows = ((rows - rows.mean(0)) / torch.where(spread > 1e-5, spread, torch.inf)).clamp(-5, 5)
    truth = torch.cat([torch.ones(len(real)), torch.zeros(len(made))])
    order = torch.randperm(len(rows))
    seen, chosen, last = order.tensor_split([6 * len(rows) // 10, 7 * len(rows) // 10])
    network = nn.Sequential(
        nn.Linear(rows.shape[1], 128), nn.SiLU(), nn.Dropout(0.3), nn.Linear(128, 64), nn.SiLU(), nn.Linear(64, 1)
    )  # fmt: skip
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=1e-2)
    best = (0.0, 0.5)
    for _ in range(_EPOCHS):
        network.train()
        for batch in seen[torch.randperm(len(seen))].split(_BATCH):
            loss = functional.binary_cross_entropy_with_logits(network(rows[batch])[:, 0], truth[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            said = network(rows)[:, 0]
        best = max(best, (_right(said[chosen], truth[chosen]), _right(said[last], truth[last])))
    return best[1]


def _right(said: torch.Tensor, truth: torch.Tensor) -> float:
    """Of all pairs, the share in which the true one has the higher number."""
    return float((said[truth > 0.5][:, None] > said[truth < 0.5]).float().mean())
