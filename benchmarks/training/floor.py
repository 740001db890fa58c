"""How fast could a GPU draw an avatar at best? Bytes and operations of a frame by OpenGL, and the floor in ms of five GPUs.

    python -m benchmarks.training.floor [NAME]

Counted on the card, its dictionaries and avatar/mesh.py, at rest: every byte that a shader asks for counts as read from memory,
the modes once for all vertices; a pixel of a layer reads as many texels as lie under it. Nothing here is measured.
"""

import argparse
from contextlib import closing

from liveavatar.avatar.dictionary import Dictionaries
from liveavatar.avatar.library import find_avatar
from liveavatar.avatar.mesh import LayerMesh, Mesh, mesh_of, mode_planes, triangles
from liveavatar.renderers.gan.renderer import GanRenderer

CARDS = {
    "GTX 1650": (128, 53, True),
    "RTX 3060": (360, 85, True),
    "RTX 4090": (1008, 443, True),
    "Intel UHD 620": (38, 3.4, False),
    "Intel Iris Xe, 96 EU": (68, 26, False),
}
"""GB/s, thousand million blended pixels a second, and whether it has memory of its own, behind PCI Express: public tables. Those
of Intel share DDR4-2400 in two channels, or LPDDR4X-4267."""
BUS = 15.75
"""GB/s of PCI Express 3.0 with 16 lanes, each way."""


def shown_pixels(mesh: Mesh, layer: LayerMesh) -> float:
    """Pixels under a layer's triangles at rest, on the canvas."""
    left, top, width, height = layer.span
    vertex = triangles(mesh.cells, layer)
    columns, rows = mesh.cells
    x = [layer.reach[0], *(left + (i + 0.5) * width / columns for i in range(columns)), layer.reach[2]]
    y = [layer.reach[1], *(top + (i + 0.5) * height / rows for i in range(rows)), layer.reach[3]]
    across, down = vertex % (columns + 2), vertex // (columns + 2)
    sides = []
    for places, at, limit in ((x, across, mesh.size[0]), (y, down, mesh.size[1])):
        sides.append(max(0.0, min(places[at.max()], limit) - max(places[at.min()], 0.0)))
    return sides[0] * sides[1]


def count(mesh: Mesh, dictionaries: Dictionaries) -> dict[str, float]:
    """Bytes, operations and pixels of a frame in which all patches change, and bytes that lie on the card."""
    planes = mode_planes(dictionaries.modes)
    pixels = sum(shown_pixels(mesh, layer) for layer in mesh.layers)
    picture = mesh.size[0] * mesh.size[1]
    texels = sum(width * height for width, height in (patch.size for patch in mesh.patches))
    told = [(len(p.pictures), len(p.mean)) for p in dictionaries.patches]
    vertices = len(mesh.layers) * (mesh.cells[0] + 2) * (mesh.cells[1] + 2)
    textures = 4 * sum(width * height for width, height in (layer.pixels for layer in mesh.layers))
    stored = sum(
        w * h * (4 * k + 16) for (w, h), (k, _) in zip((p.size for p in mesh.patches), told, strict=True)
    )
    return {
        "coefficients": dictionaries.length,
        "up": 4.0 * dictionaries.length,
        "patches": sum(4 * k * varying + 8 * varying for k, varying in told) + 12.0 * texels,
        "modes": planes.nbytes,
        "textures": 4.0 * mesh.detail**2 * pixels,
        "blending": 8.0 * pixels,
        "cleared and read": 8.0 * picture,
        "pixels": pixels,
        "pictures": pixels / picture,
        "vertices": vertices,
        "triangles": sum(len(triangles(mesh.cells, layer)) for layer in mesh.layers),
        "operations": sum(8.0 * k * varying for k, varying in told)
        + 4.0 * 2 * len(planes) / len(mesh.layers) * vertices,
        "back": 4.0 * picture,
        "on the card": textures + stored + planes.nbytes + 4.0 * picture,
    }


PARTS = ("patches", "modes", "textures", "blending", "cleared and read")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", default="hoshi")
    avatar = find_avatar(parser.parse_args().name)
    with closing(GanRenderer(avatar, "cpu", 1)) as renderer:
        found = count(mesh_of(avatar), renderer.dictionaries)
    print(f"{avatar.name}: {found['coefficients']:.0f} coefficients, {found['up']:.0f} bytes")
    print(
        f"{found['vertices']:.0f} vertices, {found['triangles']:.0f} triangles; {found['pictures']:.2f} pictures of pixels"
    )
    for part in PARTS:
        print(f"{part:17} {found[part] / 1e6:6.2f} MB")
    moved = sum(found[part] for part in PARTS)
    print(f"in all            {moved / 1e6:6.2f} MB, {found['operations'] / 1e9:.3f} GFLOP")
    print(f"on the card       {found['on the card'] / 1e6:6.2f} MB")
    for card, (width, fill, own) in CARDS.items():
        bus = f"{(found['up'] + found['back']) / BUS / 1e6:.2f} ms" if own else "none"
        print(
            f"{card:20} bytes {moved / width / 1e6:.3f} ms, pixels {found['pixels'] / fill / 1e6:.3f} ms, bus {bus}"
        )


if __name__ == "__main__":
    main()
