"""What the population grows and wears on its head."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("skia")
pytestmark = pytest.mark.train

from liveavatar.controls import CONTROLS, RANGES, neutral, vector  # noqa: E402
from liveavatar.rigs.drawn import DrawnRig  # noqa: E402
from liveavatar.rigs.drawn.identity import Identity  # noqa: E402
from liveavatar.rigs.drawn.ornament import Shade  # noqa: E402
from liveavatar.rigs.drawn.roster import IDENTITIES  # noqa: E402
from liveavatar.rigs.population.cast import SPECIES, cast  # noqa: E402
from liveavatar.rigs.population.ornaments.hats import beanie  # noqa: E402
from liveavatar.rigs.population.worn import worn  # noqa: E402

HATS = {"beret", "cap", "beanie", "witch_hat", "sun_hat"}
ON_TOP = {
    "animal_ears",
    "horns",
    "antlers",
    "halo",
    "headphones",
    "side_mask",
    "little_hat",
    "crown",
    "hairband",
}


def dressed(seed: int, species: str | None = None) -> Identity:
    """A character by hand with what a seed puts on its head."""
    who = cast(np.random.default_rng([seed, 0]))
    who = who if species is None else replace(who, species=species)
    base = IDENTITIES[("hoshi", "ren", "liora")[seed % 3]]
    return worn(replace(base, worn=()), who, np.random.default_rng([seed, 1]))


def test_nothing_is_worn_with_what_it_has_no_room_beside() -> None:
    for seed in range(300):
        kinds = {one.kind for one in dressed(seed).ornaments}
        for first, second in combinations(sorted(kinds), 2):
            assert not (first in HATS and second in HATS | ON_TOP), (seed, kinds)
            assert not (second in HATS and first in ON_TOP), (seed, kinds)
        assert not {"headphones", "animal_ears"} <= kinds and not {"headphones", "horns"} <= kinds
        assert len(kinds & {"glasses", "monocle", "eye_patch"}) < 2
        assert not {"earring", "elf_ears"} <= kinds


@pytest.mark.parametrize("species", [name for name in SPECIES if name not in ("human", "robot")])
def test_every_species_can_be_told(species: str) -> None:
    assert all(len(dressed(seed, species).ornaments) > 0 for seed in range(6))


def test_a_seed_gives_the_same_things_again() -> None:
    assert dressed(7) == dressed(7)


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_points_keep_their_number_and_stay_in_the_picture(seed: int) -> None:
    rig = DrawnRig(dressed(seed))
    random = np.random.default_rng(seed)
    at_rest = rig.motion(neutral(), 1024)
    low, high = np.array([RANGES[name] for name in CONTROLS]).T
    for controls in random.uniform(low, high, (4, len(CONTROLS))).astype(np.float32):
        moved = rig.motion(controls)
        assert [len(points) for points in moved] == [len(points) for points in at_rest]
        assert all(np.isfinite(points).all() for points in moved)
    if "over" in rig.LAYERS:
        assert at_rest[rig.LAYERS.index("over")][:, 1].min() > 0


@pytest.mark.parametrize("species", ["cat", "rabbit", "elf"])
def test_ears_droop_and_perk(species: str) -> None:
    rig = DrawnRig(dressed(3, species))
    layers = [rig.LAYERS.index(name) for name in ("over", "front", "body") if name in rig.LAYERS]
    down, up = (rig.motion(vector(ears=value)) for value in (-1.0, 1.0))
    assert max(np.abs(down[i] - up[i]).max() for i in layers) > 15


def test_a_hat_presses_the_hair_flat() -> None:
    bare = replace(IDENTITIES["ren"], ornaments=())
    hat = replace(bare, ornaments=(beanie(1.0, 0.0, 0.0, 0.0, Shade("ribbon"), Shade("knit")),))
    hair = [
        (DrawnRig(one).render_layers(neutral(), 256, ("front",)).max(axis=0)[:70, :, 3] > 0).sum()
        for one in (bare, hat)
    ]
    assert hair[0] - hair[1] > 100


@pytest.mark.parametrize("seed", range(4))
def test_a_robots_eyes_shut(seed: int) -> None:
    rig = DrawnRig(dressed(seed, "robot"))
    face = rig.LAYERS.index("face")
    x0, y0, x1, y1 = (round(value) for value in rig.boxes(neutral(), 256)["eye_left"])
    open_, shut = (
        rig.render_layers(controls, 256)[face, y0:y1, x0:x1, 3]
        for controls in (neutral(), vector(eyeBlinkLeft=1.0, eyeBlinkRight=1.0))
    )
    assert (open_ < 128).mean() > 0.2 > 0.02 > (shut < 128).mean()
