"""Identity codes and the generator: a code holds all of a character, and noise gives one that draws."""

import numpy as np
import pytest

pytest.importorskip("skia")

from liveavatar.base.files import asset
from liveavatar.controls import neutral, vector
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.eyes import eye_lines, eye_state
from liveavatar.rigs.drawn.geometry import HeadPose
from liveavatar.rigs.drawn.rest import REST
from liveavatar.rigs.generated import coded, generated
from liveavatar.rigs.generated.code import code_length, decode, encode, from_vector, outline
from liveavatar.rigs.generated.network import FILE
from liveavatar.rigs.generated.numbers import PARTS, measure, rebuild
from liveavatar.rigs.generated.scale import folded, planar, polar, turned
from liveavatar.rigs.population import character
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.draws import recorder, replay
from liveavatar.rigs.population.nearness import distance
from liveavatar.rigs.population.styles import nearest


@pytest.mark.parametrize("seed", range(6))
def test_a_record_a_code_and_a_record_again_draw_nearly_the_same(seed: int) -> None:
    row = encode(seed).vector()
    assert row.shape == (code_length(),)
    assert np.isfinite(row).all()
    truth, again = (
        DrawnRig(record).render(neutral(), 128).astype(float)
        for record in (character(seed), decode(from_vector(row)))
    )
    assert np.abs(truth - again).mean() < 1.0


def test_codes_of_two_characters_differ_and_so_do_their_pictures() -> None:
    rows = [encode(seed).vector() for seed in (1, 2)]
    assert np.abs(rows[0] - rows[1]).max() > 0.5
    pictures = [DrawnRig(decode(from_vector(row))).render(neutral(), 64).astype(float) for row in rows]
    assert np.abs(pictures[0] - pictures[1]).mean() > 5.0


def test_between_two_strong_colours_a_scale_has_no_grey() -> None:
    tones, hues = np.array([1]), np.array([0.4])
    red, green = np.array([3.0, 0.6, 0.2, 0.05, 1.0]), np.array([5.0, 0.7, -0.15, 0.1, 1.0])
    first, second = (turned(polar(row, tones, hues), tones) for row in (red, green))
    assert np.allclose(planar(folded(first, tones), tones, hues), red)
    middle = planar(folded(0.5 * (first + second), tones), tones, hues)
    assert np.hypot(*middle[2:4]) == pytest.approx(
        0.5 * (np.hypot(*red[2:4]) + np.hypot(*green[2:4])), abs=1e-6
    )


def test_colours_that_lie_side_by_side_are_kept_apart() -> None:
    for seed in range(40):
        palette = generated(seed).palette
        assert distance(palette.dress, palette.hair) > 0.1
        assert distance(palette.hair, palette.skin) > 0.08
        assert distance(palette.ribbon, palette.dress) > 0.12


def test_what_is_measured_of_a_record_can_be_put_into_another() -> None:
    for seed in range(8):
        record, other = outline(seed)[1], outline(seed + 100)[1]
        for part in PARTS:
            numbers, bits = measure(record, part)
            other = rebuild(other, part, np.nan_to_num(numbers), bits)
            again, flags = measure(other, part)
            assert np.allclose(numbers, again, atol=1e-6, equal_nan=True)
            assert (bits == flags).all()


def test_shares_say_what_was_drawn() -> None:
    def grammar(random: np.random.Generator) -> list[object]:
        return [
            random.random(),
            random.uniform(-3.0, 5.0),
            *random.normal(1.0, (0.5, 2.0)),
            random.lognormal(0.0, 0.2),
            random.beta(1.2, 5.5),
            int(random.integers(3, 9)),
            str(random.choice(["a", "b", "c"], p=[0.2, 0.5, 0.3])),
            *random.choice(5, 2).tolist(),
            *random.permutation(6).tolist(),
        ]

    shares: list[float] = []
    drawn = grammar(recorder(np.random.default_rng(4), shares))
    assert drawn == grammar(np.random.default_rng(4))
    again = grammar(replay(shares))
    for first, second in zip(drawn, again, strict=True):
        assert first == second if isinstance(first, str) else first == pytest.approx(second, abs=2e-3)
    assert grammar(replay(shares[:3])) == grammar(replay(shares[:3]))


def test_a_code_with_half_of_its_shares_lost_still_draws() -> None:
    row = encode(3).vector()
    row[len(row) - 400 :] = 0.0
    picture = DrawnRig(decode(from_vector(row))).render(vector(headYaw=0.4, jawOpen=0.6), 128)
    assert (picture[..., 3] > 250).mean() > 0.15


@pytest.mark.parametrize("seed", range(24))
def test_generated_eyes_are_open_and_shut(seed: int) -> None:
    shape = generated(seed).face

    def height(**controls: float) -> float:
        state = eye_state({**REST, **controls}, 1)
        upper, lower = np.array_split(eye_lines(shape, HeadPose(0.0, 0.0, 0.0), 1, state).opening, 2)
        return float((lower[::-1] - upper)[:, 1].max())

    assert height() > 22.0
    assert height(eyeBlinkLeft=1.0) < 3.0
    assert shape.eye_y < shape.nose_y < shape.mouth_y < max(y for _, y, _ in shape.jaw) - 24


def test_noise_gives_the_same_character_again_and_obeys_who_and_style() -> None:
    who = Cast(0.9, 0.5, "cat", "school", 0.5)
    assert repr(generated(7)) == repr(generated(7))
    assert repr(generated(7)) != repr(generated(8))
    styles = [nearest(generated(seed, who, "inked").style) for seed in range(8)]
    assert styles.count("inked") >= 6
    assert all(coded(seed, who).who == who for seed in range(3))
    assert asset(FILE).stat().st_size < 1_500_000
