"""Trains what all drawn characters share: liveavatar/fitting/features.npz, which `liveavatar new` fits one character with.

    python scripts/shared_features.py draw FOLDER hoshi ren seed-1 seed-2 ...
    python scripts/shared_features.py learn FOLDER --steps 4000

`draw` keeps, for each character, how far the modes of its motion go and the principal components of its stills, for some
thousands of expressions. `learn` trains the perceptrons so that a ridge regression on their outputs, solved anew for each
character on one part of its expressions, is right on another part (Bertinetto et al. 2019, R2-D2). Needs the train extra.
"""

import argparse
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from liveavatar.avatar.card import CELL
from liveavatar.fitting.create import MOTION_COST, PATCH_COST, SIZE
from liveavatar.fitting.features import FILE, MIRRORED, STILL, TURNS, UNIT, products
from liveavatar.fitting.layout import layout_for
from liveavatar.fitting.modes import fit_modes, modes_of
from liveavatar.fitting.points import thinned
from liveavatar.fitting.sampling import sample_many
from liveavatar.fitting.stills import still
from liveavatar.fitting.unwarp import extremes, unwarp, varying
from liveavatar.rigs import open_rig
from liveavatar.training.muon import Muon

WIDTH, DEPTH = 256, 5
COMPONENTS = 96
SUPPORT, QUERY = 700, 300
"""Expressions that a character is fitted with and judged on, in a step."""
RATE, MUON_RATE = 1e-3, 5e-3


def draw(folder: Path, name: str, points: int, stills: int) -> None:
    """Keep what is learned of a character in folder/NAME.npz."""
    rig = open_rig(name)
    conditions = sample_many(max(points, stills), zlib.crc32(name.encode()))
    layout = layout_for(rig, conditions, SIZE)
    sheets = thinned(rig.sheet_points(SIZE))
    rest, counts = np.concatenate(sheets), tuple(map(len, sheets))
    moved = np.stack([np.concatenate(thinned(rig.motion(c, SIZE))) for c in conditions[:points]])
    modes, amounts = fit_modes(moved, rest, counts, layout.spans, SIZE // CELL)
    starts = np.cumsum([0, *counts])
    layers = {patch.layer: layout.layer(patch.layer) for patch in layout.patches}
    parts = {name: slice(starts[k], starts[k + 1]) for name, k in layers.items()}
    bases = {name: modes_of(moved[:, part] - rest[part])[1] for name, part in parts.items()}
    quiet = still(conditions[:stills])
    pictures = {p.name: np.zeros((stills, *layout.texels(p), 4), np.uint8) for p in layout.patches}
    for row, controls in enumerate(quiet):
        drawn = rig.render_layers(controls, layout.size * layout.detail, set(layers))
        went = np.concatenate(thinned(rig.motion(controls, SIZE)))
        for patch in layout.patches:
            k, part, basis = layers[patch.layer], parts[patch.layer], bases[patch.layer]
            how_far = np.tensordot(basis, went[part] - rest[part], ((1, 2), (0, 1))) / counts[k]
            motion = np.tensordot(how_far.astype(np.float32), modes[k], 1)
            pictures[patch.name][row] = unwarp(drawn[k], motion, patch.box, layout.spans[k], layout.detail)
    kept = {f"patch.{name}": _components(stack) for name, stack in pictures.items()}
    np.savez(
        folder / f"{name}.npz", controls=conditions[:points], amounts=amounts, still_controls=quiet, **kept
    )


def _components(pictures: np.ndarray) -> np.ndarray:
    """How much of each principal component is in each picture: (N, COMPONENTS) float32."""
    texels = pictures[:, varying(*extremes(pictures))].reshape(len(pictures), -1)
    gram = torch.zeros(len(texels), len(texels))
    for start in range(0, texels.shape[1], 8000):
        part = torch.from_numpy(texels[:, start : start + 8000]).float()
        part -= part.mean(0)
        gram += part @ part.T
    values, vectors = torch.linalg.eigh(gram.double())
    amounts = vectors.flip(1)[:, :COMPONENTS] * values.flip(0)[:COMPONENTS].clamp_min(0).sqrt()
    return amounts.float().numpy()


class Perceptron(nn.Module):
    """As liveavatar.fitting.features.Perceptron."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(n if i == 0 else WIDTH, WIDTH) for i in range(DEPTH))

    def begin(self, weights: dict[str, np.ndarray], kind: str) -> None:
        """Go on from weights that were written before."""
        for i, layer in enumerate(self.layers):
            layer.weight.data.copy_(torch.from_numpy(weights[f"{kind}.{i}.weights"].T.astype(np.float32)))
            layer.bias.data.copy_(torch.from_numpy(weights[f"{kind}.{i}.bias"]))

    def forward(self, x: Tensor) -> Tensor:
        for i, layer in enumerate(self.layers):
            y = nn.functional.silu(layer(x))
            x = x + y if 0 < i < DEPTH - 1 else y
        return x


class Task:
    """One character's motion or patch: what has to be a sum of features."""

    def __init__(
        self, inputs: np.ndarray, factors: np.ndarray, others: np.ndarray, targets: np.ndarray, cost: float
    ) -> None:
        """inputs: (N, n) of the perceptron; factors: (N, T), each of which its outputs are multiplied with; others: (N, O),
        further features; targets: (N, K), of which an error of 1 counts as 1."""
        self.inputs, self.factors, self.others, self.targets = (
            torch.from_numpy(np.ascontiguousarray(a, np.float32)) for a in (inputs, factors, others, targets)
        )
        self.cost = cost

    def loss(self, net: Perceptron, rng: np.random.Generator) -> Tensor:
        """Of a fit to some rows, judged on others."""
        rows = torch.from_numpy(rng.permutation(len(self.inputs))[: SUPPORT + QUERY])
        f, t, o = net(self.inputs[rows]), self.factors[rows], self.others[rows]
        targets = self.targets[rows].double()
        count = f.shape[1] * t.shape[1] + o.shape[1]
        if count < SUPPORT:
            features = torch.cat([(f[:, None] * t[:, :, None]).flatten(1), o], 1).double()
            known = features[:SUPPORT]
            solution = torch.linalg.solve(
                _with_cost(known.T @ known, count, self.cost), known.T @ targets[:SUPPORT]
            )
            missed = features[SUPPORT:] @ solution - targets[SUPPORT:]
        else:
            known = slice(0, SUPPORT)
            kernel = ((f @ f[known].T) * (t @ t[known].T) + o @ o[known].T).double()
            solution = torch.linalg.solve(_with_cost(kernel[known], count, self.cost), targets[known])
            missed = kernel[SUPPORT:] @ solution - targets[SUPPORT:]
        return missed.square().sum(1).mean()


def _with_cost(square: Tensor, count: int, cost: float) -> Tensor:
    """As regression.ridge(), for so many features."""
    return square + (cost * square.trace() / count) * torch.eye(len(square), dtype=torch.float64)


def tasks(folder: Path) -> dict[str, list[Task]]:
    """Of every character in a folder, for each perceptron."""
    found: dict[str, list[Task]] = {"motion": [], "eye": [], "mouth": []}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as stored:
            c, quiet, amounts = stored["controls"] / UNIT, stored["still_controls"] / UNIT, stored["amounts"]
            patches = {k.removeprefix("patch."): stored[k] for k in stored if k.startswith("patch.")}
        one = np.ones((len(c), 1), np.float32)
        phi = np.concatenate([products(c), one], 1)
        # Errors count by what products alone leave of a layer's motion.
        left = amounts - (phi @ np.linalg.lstsq(phi, amounts.reshape(len(c), -1), rcond=1e-6)[0]).reshape(
            amounts.shape
        )
        scale = np.sqrt((left**2).sum(2).mean(0) + 0.01)[None, :, None] * np.sqrt(amounts.shape[1])
        turns = np.concatenate([one, c[:, TURNS]], 1)
        found["motion"].append(Task(c, turns, phi, (amounts / scale).reshape(len(c), -1), MOTION_COST))
        one = np.ones((len(quiet), 1), np.float32)
        for name, shown in patches.items():
            seen = quiet[:, MIRRORED if name == "eye_right" else STILL]
            unit = np.sqrt((shown**2).sum(1).mean())
            kind = "eye" if name.startswith("eye") else "mouth"
            found[kind].append(Task(seen, one, one, shown / unit, PATCH_COST))
    return found


def learn(kind: str, given: list[Task], steps: int, start: dict[str, np.ndarray]) -> Perceptron:
    """Train one perceptron on all characters, one a step."""
    torch.manual_seed(1)
    net = Perceptron(given[0].inputs.shape[1])
    if start:
        net.begin(start, kind)
    matrices = [layer.weight for layer in net.layers]
    adam = torch.optim.Adam([layer.bias for layer in net.layers], lr=RATE)
    muon = Muon(matrices, lr=MUON_RATE)
    told: list[float] = []
    for step in range(steps):
        rng = np.random.default_rng((1, step))
        for optimizer, rate in ((adam, RATE), (muon, MUON_RATE)):
            optimizer.param_groups[0]["lr"] = rate * min(1, step / 50) * (1 - step / steps)
            optimizer.zero_grad(set_to_none=True)
        loss = given[step % len(given)].loss(net, rng)
        loss.log().backward()
        adam.step()
        muon.step()
        told.append(float(loss.detach().log10()) * -10)
        if step % 50 == 49:
            print(f"{kind} {step + 1}: {np.mean(told[-50:]):.2f} dB", flush=True)
    return net


def _stored() -> dict[str, np.ndarray]:
    return dict(np.load(FILE)) if FILE.exists() else {}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("draw", "learn"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--points", type=int, default=3000)
    parser.add_argument("--stills", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--only", default="", help="motion, eye or mouth")
    parser.add_argument("--go-on", action="store_true", help="from the weights that are there")
    asked = parser.parse_args()
    if asked.what == "draw":
        asked.folder.mkdir(parents=True, exist_ok=True)
        for name in asked.names:
            draw(asked.folder, name, asked.points, asked.stills)
            print(name, flush=True)
        return
    for kind, given in tasks(asked.folder).items():
        if asked.only in ("", kind):
            net = learn(kind, given, asked.steps, _stored() if asked.go_on else {})
            weights = _stored()
            for i, layer in enumerate(net.layers):
                weights[f"{kind}.{i}.weights"] = layer.weight.detach().T.half().numpy()
                weights[f"{kind}.{i}.bias"] = layer.bias.detach().numpy()
            np.savez(FILE, **weights)


if __name__ == "__main__":
    main()
