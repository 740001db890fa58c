"""The GAN of the textbooks, on faces of the population: noise in, a small picture of a new character out.

    python examples/textbook_gan.py FOLDER                           # 28 x 28 pixels
    python examples/textbook_gan.py FOLDER --size 64 --steps 1000

Two networks of fully connected layers play against each other. The generator G makes pictures x' = G(z) of noise z; the
discriminator D says how likely a picture is a drawn one. Each step goes down the gradients of both losses:

    D_loss = -log D(x) - log(1 - D(x'))        G_loss = -log D(x')

FOLDER keeps the drawn faces for the next run, a grid of what the same noise gives every so many steps, and the losses' curves.
How it compares with what liveavatar does instead: docs/training.md.
"""

import argparse
import time
from multiprocessing import Pool
from pathlib import Path

import cv2
import numpy as np
import torch
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor, nn

from liveavatar.controls import neutral
from liveavatar.fitting.metrics import diversity, gradient_energy
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.population import character

NOISE, BATCH, RATE = 100, 64, 2e-4
DRAWN = 64
"""Pixels a side of the faces that are kept; training shrinks them."""
ROW = 10
"""Pictures in a row of a grid."""


def generator(size: int) -> nn.Sequential:
    """G: noise (n, 100) -> pictures (n, size * size * 3) in [-1, 1]."""
    return nn.Sequential(
        nn.Linear(NOISE, 256), nn.LeakyReLU(0.2),
        nn.Linear(256, 512), nn.LeakyReLU(0.2),
        nn.Linear(512, 1024), nn.LeakyReLU(0.2),
        nn.Linear(1024, size * size * 3), nn.Tanh(),
    )  # fmt: skip


def discriminator(size: int) -> nn.Sequential:
    """D, the mirror image: pictures (n, size * size * 3) -> how likely each is a drawn one, (n, 1) in [0, 1]."""
    return nn.Sequential(
        nn.Linear(size * size * 3, 1024), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Linear(1024, 512), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Linear(256, 1), nn.Sigmoid(),
    )  # fmt: skip


def face(seed: int) -> np.ndarray:
    """A character of the population looking ahead, on white: (64, 64, 3) uint8."""
    rig = DrawnRig(character(seed))
    drawn = rig.render(neutral(), 2 * DRAWN)
    left, top, right, bottom = rig.boxes(neutral(), 2 * DRAWN)["face"]
    half = 0.65 * (bottom - top)  # with the hair round it
    x, y = round((left + right) / 2 - half), round(max((top + bottom) / 2 - half, 0))
    side = round(2 * half)
    picture = drawn[..., :3] + (255 - drawn[..., 3:])
    return cv2.resize(picture[y : y + side, x : x + side], (DRAWN, DRAWN), interpolation=cv2.INTER_AREA)


def faces(folder: Path, count: int) -> np.ndarray:
    """The first characters of the population, (count, 64, 64, 3) uint8, drawn once."""
    kept = folder / f"faces-{count}.npz"
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with Pool() as pool:
            np.savez_compressed(kept, faces=np.stack(pool.map(face, range(count))))
    with np.load(kept) as file:
        return file["faces"]


def shrunk(pictures: np.ndarray, size: int) -> np.ndarray:
    """(n, size, size, 3) uint8."""
    return np.stack([cv2.resize(p, (size, size), interpolation=cv2.INTER_AREA) for p in pictures])


def train(drawn: np.ndarray, steps: int, every: int, folder: Path) -> tuple[nn.Sequential, np.ndarray]:
    """Play `steps` rounds on pictures (n, size, size, 3) uint8. Returns G, and D_loss and G_loss of each step, (steps, 2)."""
    torch.manual_seed(0)
    size = drawn.shape[1]
    real = torch.from_numpy(drawn).flatten(1).float() / 127.5 - 1
    g, d = generator(size), discriminator(size)
    of_g, of_d = (torch.optim.Adam(network.parameters(), RATE, fused=True) for network in (g, d))
    loss, yes, no = nn.BCELoss(), torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    same_noise, losses = torch.randn(4 * ROW, NOISE), np.zeros((steps, 2))
    for step in range(steps):
        x = real[torch.randint(len(real), (BATCH,))]
        made = g(torch.randn(BATCH, NOISE))

        d_loss = loss(d(x), yes) + loss(d(made.detach()), no)  # detached: only D learns from this
        of_d.zero_grad()
        d_loss.backward()
        of_d.step()

        g_loss = loss(d(made), yes)  # G wants D to say yes
        of_g.zero_grad()
        g_loss.backward()
        of_g.step()

        losses[step] = d_loss.item(), g_loss.item()
        if (step + 1) % every == 0:
            write_grid(folder / f"step-{step + 1:05d}.png", pictures(g, same_noise))
            print(f"{step + 1:6d}  D_loss {losses[step, 0]:.3f}  G_loss {losses[step, 1]:.3f}", flush=True)
    return g, losses


@torch.no_grad()
def pictures(g: nn.Sequential, noise: Tensor) -> np.ndarray:
    """What G makes of noise (n, 100): (n, size, size, 3) uint8."""
    made = ((g(noise) + 1) * 127.5).round().byte().numpy()
    size = round((made.shape[1] / 3) ** 0.5)
    return made.reshape(-1, size, size, 3)


def write_grid(path: Path, images: np.ndarray) -> None:
    """Images (n, size, size, 3) uint8 as a picture, whole rows of ten."""
    rows = [np.hstack(list(images[i - ROW : i])) for i in range(ROW, len(images) + 1, ROW)]
    Image.fromarray(np.vstack(rows)).save(path)


def write_curves(path: Path, losses: np.ndarray) -> None:
    """D_loss and G_loss (steps, 2) over the steps."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, label=["D_loss", "G_loss"], linewidth=0.8)
    axes.set(title="Training Loss", xlabel="step", ylabel="loss")
    axes.legend()
    figure.savefig(path)


def beside(made: np.ndarray, drawn: np.ndarray) -> tuple[float, float, float]:
    """Diversity, gradient energy, and this after a blur that speckle does not survive: shares of what is drawn."""

    def energy(images: np.ndarray, blur: int) -> float:
        return sum(gradient_energy(cv2.blur(image, (blur, blur))) for image in images) / len(images)

    sharp, smooth = (energy(made, blur) / energy(drawn, blur) for blur in (1, 3))
    return diversity(made) / diversity(drawn), sharp, smooth


def main(folder: Path, size: int = 28, steps: int = 3000, every: int = 50, count: int = 1000) -> np.ndarray:
    """Draw the faces, train, write grids and curves. Returns the losses."""
    drawn = shrunk(faces(folder, count), size)
    out = folder / f"size-{size}"
    out.mkdir(parents=True, exist_ok=True)
    write_grid(out / "drawn.png", drawn[: 4 * ROW])
    start = time.process_time()
    g, losses = train(drawn, steps, every, out)
    seconds = (time.process_time() - start) / steps
    write_curves(out / "losses.png", losses)
    shares = beside(pictures(g, torch.randn(100, NOISE)), drawn[:100])
    print(f"{1000 * seconds:.0f} ms of processor time a step; of the drawn faces': "
          "diversity {:.2f}, gradient energy {:.2f}, blurred by three pixels {:.2f}".format(*shares))  # fmt: skip
    return losses


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=28, help="pixels a side, at most 64")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--every", type=int, default=50, help="steps between two grids")
    parser.add_argument("--count", type=int, default=1000, help="characters to draw")
    main(**vars(parser.parse_args()))
