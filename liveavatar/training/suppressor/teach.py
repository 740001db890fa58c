"""Teaches the network of liveavatar.audio.suppressor: `python -m liveavatar.training.suppressor.teach --data DIR [--steps N]`.

DIR: sound files of speech, one voice a file. One thread, some half an hour. The state is kept in the user's cache every two
minutes; a run that was stopped goes on. Prints step, loss, and how wrong gains are on mixtures held out."""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from liveavatar.audio.ear import Ear
from liveavatar.audio.suppressor import BANDS, FEATURES, HOP, LAYERS, RATE, WINDOW, power, window
from liveavatar.base.files import asset, user_folder
from liveavatar.language import tr
from liveavatar.training.suppressor.mixtures import mixture, speakers, spectra

SECONDS = 4.0
COUNT = int(SECONDS * RATE)
FRAMES = (COUNT - WINDOW) // HOP + 1
WIDTH = 96
POOL, NEW, BATCH = 320, 2, 16
"""Mixtures that are kept, made anew a step, and learned from a step."""
SAVE_S = 120.0


class Masks(nn.Module):
    """The network of audio.suppressor, over whole utterances."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(FEATURES, WIDTH)
        self.units = nn.ModuleList(nn.GRU(WIDTH, WIDTH, batch_first=True) for _ in range(2))
        self.leave = nn.Linear(2 * WIDTH, BANDS + 1)
        """Gains, and whether anybody speaks, which only teaches."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(batch, frames, BANDS + 1) scores of (batch, frames, FEATURES)."""
        x, after = torch.tanh(self.enter(features)), []
        for unit in self.units:
            x, _ = unit(x)
            after.append(x)
        scores: torch.Tensor = self.leave(torch.cat(after, dim=2))
        return scores

    def arrays(self) -> dict[str, np.ndarray]:
        """As audio.suppressor reads them."""
        kept = self.state_dict()
        found = {
            "enter.weight": kept["enter.weight"].T, "enter.bias": kept["enter.bias"],
            "leave.weight": kept["leave.weight"][:BANDS].T, "leave.bias": kept["leave.bias"][:BANDS],
        }  # fmt: skip
        for k in range(len(self.units)):
            for name, part in (("input", "ih"), ("state", "hh")):
                found[f"unit{k}.{name}"] = kept[f"units.{k}.weight_{part}_l0"].T
                found[f"unit{k}.{name}_bias"] = kept[f"units.{k}.bias_{part}_l0"]
        assert sorted(found) == sorted(LAYERS)
        return {name: tensor.detach().numpy().astype(np.float16) for name, tensor in found.items()}


Lesson = tuple[np.ndarray, np.ndarray, np.ndarray]


def lessons(rng: np.random.Generator, voices: list[np.ndarray], count: int) -> list[Lesson]:
    """(FRAMES, FEATURES) heard, (FRAMES, BANDS) gains, and (FRAMES, BANDS) how much they matter."""
    heard, said = zip(*(mixture(rng, voices, COUNT) for _ in range(count)), strict=True)
    powers = np.stack([power(spectra(sound, window())) for sound in heard])
    voiced = np.stack([power(spectra(sound, window())) for sound in said])
    ear = Ear(loudest=rng.uniform(-60, -10, count).astype(np.float32))
    features = np.stack([ear.hear(powers[:, t]) for t in range(FRAMES)], axis=1)
    gains = np.sqrt(voiced / powers).clip(0, 1)
    matters = (powers > 1e-10).astype(np.float32)
    return [(f.astype(np.float16), g.astype(np.float16), m.astype(np.float16))
            for f, g, m in zip(features, gains, matters, strict=True)]  # fmt: skip


def loss_of(scores: torch.Tensor, gains: torch.Tensor, matters: torch.Tensor) -> torch.Tensor:
    """Valin's of RNNoise (2018): roots of gains are compared, great errors most; a hurt voice weighs half as much again."""
    wrong = torch.sqrt(torch.sigmoid(scores[..., :BANDS]) + 1e-6) - torch.sqrt(gains)
    worse = torch.where(wrong < 0, 1.5, 1.0)
    bands = (matters * worse * (wrong.square() + 10 * wrong.pow(4))).sum() / matters.sum()
    speaks = (gains.mean(dim=2) > 0.4).float()
    return bands + 0.02 * nn.functional.binary_cross_entropy_with_logits(scores[..., BANDS], speaks)


def stacked(chosen: list[Lesson]) -> list[torch.Tensor]:
    return [torch.from_numpy(np.stack(part)).float() for part in zip(*chosen, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument(
        "--seconds", type=float, default=1500.0, help=tr("of each file", "每个文件使用的时长")
    )
    parser.add_argument("--output", type=Path, default=asset("suppressor.npz"))
    parser.add_argument("--run", type=Path, default=user_folder("cache") / "suppressor")
    given = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    voices = speakers(given.data, given.run, given.seconds)
    net, step, state = Masks(), 0, given.run / "state.pt"
    optimizer = torch.optim.AdamW(net.parameters(), lr=1.5e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1.5e-3, total_steps=given.steps + 1, pct_start=0.05
    )
    if state.exists():
        kept = torch.load(state, weights_only=True)
        for part, name in ((net, "net"), (optimizer, "optimizer"), (schedule, "schedule")):
            part.load_state_dict(kept[name])
        step = kept["step"]
    rng = np.random.default_rng([1, step])
    tried = stacked(lessons(np.random.default_rng(2), voices, 16))
    pool = lessons(rng, voices, 16)
    total, saved = 0.0, time.monotonic()
    while step < given.steps:
        pool = (lessons(rng, voices, NEW) + pool)[:POOL]
        batch = stacked([pool[k] for k in rng.integers(0, len(pool), BATCH)])
        loss = loss_of(net(batch[0]), *batch[1:])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        step, total = step + 1, total + loss.item()
        if step % 50 == 0:
            with torch.no_grad():
                print(step, f"{total / 50:.4f} {loss_of(net(tried[0]), *tried[1:]).item():.4f}", flush=True)
            total = 0.0
        if time.monotonic() - saved > SAVE_S or step == given.steps:
            torch.save(
                {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "step": step},
                state,
            )  # fmt: skip
            np.savez_compressed(given.output, **net.arrays())  # type: ignore[arg-type]
            saved = time.monotonic()


if __name__ == "__main__":
    main()
