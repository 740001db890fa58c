"""Teaches the network of liveavatar.audio.vowels: `python -m liveavatar.training.lips.teach [--utterances N] [--epochs N]`.

One thread, some 20 minutes. Data and the state after each epoch are kept in the user's cache; a run that was stopped goes on.
Prints how many utterances are made, then epoch, loss, and loss on voices held out."""

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
from torch import nn

from liveavatar.audio.ear import QUIETEST, Ear
from liveavatar.audio.mel import MelStream
from liveavatar.audio.vowels import AGO, AHEAD, CLASSES, INPUTS
from liveavatar.base.files import asset, user_folder
from liveavatar.training.lips.rooms import heard
from liveavatar.training.lips.voices import RATE, utterance

SECONDS = 6.0
FRAMES = 590
"""Of an utterance, that are kept."""
HIDDEN = (128, 64)
BATCH = 2048


def data(count: int, seed: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """(count, FRAMES, BANDS) float16 dB and (count, FRAMES, len(CLASSES)) float16 shares, made or read."""
    file = folder / f"heard-{seed}-{count}.npz"
    if not file.exists():
        levels, mouths, others = [], [], np.zeros(round(SECONDS * RATE))
        for k in range(count):
            rng = np.random.default_rng([seed, k])
            voice, mouth = utterance(rng, SECONDS)
            power = MelStream(RATE).hear(heard(rng, voice, others))
            others = voice
            levels.append((10 * np.log10(power[:FRAMES])).astype(np.float16))
            # Frame k has its middle at 10 k - 2.5 ms, row k of the mouth is at 10 k ms.
            mouths.append(mouth[:FRAMES].astype(np.float16))
            if k % 100 == 0:
                print(k, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(file, levels=np.array(levels), mouths=np.array(mouths))
    with np.load(file) as arrays:
        return arrays["levels"], arrays["mouths"]


def features(levels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(count, FRAMES, FEATURES) float16, as ears hear them that begin in any state."""
    start = levels[:, :, :].astype(np.float32).min(axis=1) + rng.uniform(-10, 25, (len(levels), 1))
    ear = Ear(
        np.maximum(start.astype(np.float32), QUIETEST), rng.uniform(-60, -10, len(levels)).astype(np.float32)
    )
    return np.stack(
        [ear.hear(10 ** (levels[:, t].astype(np.float32) / 10)).astype(np.float16) for t in range(FRAMES)],
        axis=1,
    )


class Pairs:
    """Looked up as they are asked for: what a network sees, and what it should say."""

    def __init__(self, count: int, seed: int, folder: Path) -> None:
        levels, mouths = data(count, seed, folder)
        self.heard = torch.from_numpy(features(levels, np.random.default_rng(seed)))
        self.mouths = torch.from_numpy(mouths)
        self.first = max(AGO)
        self.count = count * (FRAMES - self.first)

    def batch(self, indices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        who, t = indices // (FRAMES - self.first), indices % (FRAMES - self.first) + self.first
        frames = torch.cat([self.heard[who, t - ago] for ago in AGO], dim=1).float()
        return frames, self.mouths[who, t - AHEAD].float()


def network() -> nn.Sequential:
    sizes = (INPUTS, *HIDDEN)
    layers: list[nn.Module] = []
    for a, b in itertools.pairwise(sizes):
        layers += [nn.Linear(a, b), nn.LeakyReLU(0.1)]
    return nn.Sequential(*layers, nn.Linear(HIDDEN[-1], len(CLASSES)))


def loss_of(net: nn.Module, frames: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
    return -(mouths * torch.log_softmax(net(frames), dim=1)).sum(dim=1).mean()


def save(net: nn.Sequential, path: Path) -> None:
    linear = [layer for layer in net if isinstance(layer, nn.Linear)]
    arrays = {}
    for k, layer in enumerate(linear):
        arrays[f"weights{k}"] = layer.weight.detach().numpy().T.astype(np.float16)
        arrays[f"bias{k}"] = layer.bias.detach().numpy().astype(np.float16)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--utterances", type=int, default=3000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--output", type=Path, default=asset("lips.npz"))
    parser.add_argument("--run", type=Path, default=user_folder("cache") / "lips")
    given = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    taught, held_out = Pairs(given.utterances, 1, given.run), Pairs(200, 2, given.run)
    net = network()
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-3)
    steps = taught.count // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps * given.epochs + 1)
    state, begun = given.run / "state.pt", 0
    if state.exists():
        kept = torch.load(state, weights_only=True)
        net.load_state_dict(kept["net"])
        optimizer.load_state_dict(kept["optimizer"])
        schedule.load_state_dict(kept["schedule"])
        begun = kept["epoch"]
    for epoch in range(begun, given.epochs):
        order = torch.randperm(taught.count)
        total = 0.0
        for k in range(steps):
            loss = loss_of(net, *taught.batch(order[k * BATCH : (k + 1) * BATCH]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        with torch.no_grad():
            every = torch.arange(0, held_out.count, 3)
            tried = loss_of(net, *held_out.batch(every)).item()
        print(epoch + 1, f"{total / steps:.4f} {tried:.4f}", flush=True)
        torch.save(
            {
                "net": net.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "epoch": epoch + 1,
            },
            state,
        )
        save(net, given.output)


if __name__ == "__main__":
    main()
