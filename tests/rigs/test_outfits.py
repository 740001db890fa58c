"""Clothes of the population: cut for any body, whole, quick to draw."""

import time
from dataclasses import replace

import numpy as np
import pytest

from liveavatar.controls import neutral, vector

pytest.importorskip("skia")
pytestmark = pytest.mark.train

from liveavatar.rigs.drawn import DrawnRig  # noqa: E402
from liveavatar.rigs.drawn.garment import Build, Dye, Garment, Panel  # noqa: E402
from liveavatar.rigs.drawn.identity import Identity  # noqa: E402
from liveavatar.rigs.drawn.outfits.pattern import Pattern  # noqa: E402
from liveavatar.rigs.drawn.roster import IDENTITIES  # noqa: E402
from liveavatar.rigs.population.cast import GENRES, Cast  # noqa: E402
from liveavatar.rigs.population.outfits import _CUTS, outfits  # noqa: E402
from liveavatar.rigs.population.wear.wearer import Wearer  # noqa: E402


def dressed(seed: int, **who: object) -> Identity:
    random = np.random.default_rng(seed)
    cast = Cast(
        femininity=float(random.random()),
        age=float(random.random()),
        species="human",
        genre=GENRES[seed % len(GENRES)],
        energy=0.5,
    )
    return outfits(IDENTITIES["hoshi"], replace(cast, **who), random)  # type: ignore[arg-type]


def panels(garment: Garment) -> tuple[Panel, ...]:
    return (*garment.behind, *garment.under, *garment.over, *garment.top)


def test_a_seed_gives_one_outfit_and_another_seed_another() -> None:
    assert dressed(3) == dressed(3)
    cut = {dressed(seed, genre="school").outfit for seed in range(12)}
    assert len(cut) == 12


def test_all_points_are_finite_and_near_the_canvas() -> None:
    for seed in range(72):
        record = dressed(seed)
        assert isinstance(record.outfit, Garment)
        for panel in panels(record.outfit):
            if not panel.outline:
                continue
            points = np.array(record.build.fit(panel.outline))
            assert np.isfinite(points).all()
            assert (points > -20).all() and (points < 1140).all(), f"seed {seed}"


@pytest.mark.parametrize("age", [0.0, 0.5, 1.0])
def test_bodies_reach_the_lower_border_and_no_other(age: float) -> None:
    for seed in (1, 4):
        rig = DrawnRig(dressed(seed, age=age, femininity=0.1))
        for pose in (vector(headYaw=0.6, sway=1, breath=1), vector(headYaw=-0.6, sway=-1)):
            body = rig.render_layers(pose, 96, only=("body",))[rig.LAYERS.index("body"), ..., 3]
            assert body[-1, 48] == 255
            assert body[:, 0].max() == body[:, -1].max() == body[0].max() == 0


def test_a_grown_man_is_broader_than_a_child() -> None:
    child = dressed(1, age=0.0, femininity=0.8).build
    man = dressed(1, age=1.0, femininity=0.1).build
    assert man.breadth > 1.6 * child.breadth and man.neck > 1.2 * child.neck


def test_a_build_of_ones_leaves_shapes_as_drafted() -> None:
    points = ((300.0, 820.0), (512.0, 900.0), (700.0, 1064.0))
    assert np.abs(np.array(Build().fit(points)) - points).max() < 0.01


def test_corners_stay_corners_on_any_body() -> None:
    fitted = Build(breadth=1.3, slope=9.0, tilt=0.03).fit(((300.0, 820.0), (300.0, 820.0), (400.0, 900.0)))
    assert fitted[0] == fitted[1] != fitted[2]


def test_a_shade_is_darker_and_a_line_darker_still() -> None:
    from liveavatar.rigs.drawn.outfits.garment import GarmentPainter

    for seed in range(9):
        record = dressed(seed)
        assert isinstance(record.outfit, Garment)
        painter = GarmentPainter(record, record.outfit)
        for base in ("dress", "knit", "ribbon", "white", "ink"):
            inks = painter.inks(Dye(base))
            assert (
                inks.line.light < inks.shade.light < inks.tone.light < inks.light.light
                or inks.tone.light > 0.99
            )


def test_a_body_is_drawn_in_time() -> None:
    for seed in (2, 4, 5):
        rig = DrawnRig(dressed(seed))
        rig.render_layers(neutral(), 512, only=("body",))
        start = time.process_time()
        rig.render_layers(neutral(), 512, only=("body",))
        assert time.process_time() - start < 0.08


@pytest.mark.parametrize("genre", GENRES)
def test_each_cut_fits_whoever_wears_it(genre: str) -> None:
    """Every one is sewn whole for a man and for a girl: nothing of it is lost where it is clipped."""
    for cut in _CUTS[genre]:
        for seed, femininity in enumerate((0.1, 0.9)):
            who = Cast(femininity, 0.5, "human", genre, 0.5)
            palette = IDENTITIES["hoshi"].palette
            garment = cut.make(Wearer(who, palette, np.random.default_rng(seed), femininity))
            pattern = Pattern(Build(breadth=1.2 - 0.4 * femininity, tilt=0.02))
            sewn = [pattern.sew(panel) for panel in panels(garment)]
            assert np.isfinite(pattern.points()).all()
            for piece in sewn:
                shaded = any(fold.wedge > 0 and not fold.blur for fold in piece.panel.folds)
                assert (piece.shade is not None) == bool(shaded or piece.panel.shades)


def test_a_print_is_seen_on_its_ground() -> None:
    wearer = Wearer(
        Cast(0.5, 0.5, "human", "street", 0.5), IDENTITIES["yuki"].palette, np.random.default_rng(0), 0.0
    )
    for _ in range(8):
        assert wearer.apart(Dye("white"), Dye("dress"), Dye("knit"), Dye("cream")) == Dye("knit")
