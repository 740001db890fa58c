"""Contact sheets."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest

from liveavatar.controls import CONTROLS
from liveavatar.errors import TrainingError
from liveavatar.retargeting.reactions import EMOTES
from liveavatar.rigs.contact_sheet import EXPRESSIONS, write_sheets


class Blank:
    """A rig that paints its mean control as grey: enough to lay out sheets quickly."""

    LAYERS = ("all",)
    name = "blank"
    controls = CONTROLS[:9]

    def render(self, controls: np.ndarray, size: int = 512) -> np.ndarray:
        grey = int(np.abs(controls).sum() * 40) % 200
        return np.full((size, size, 4), (grey, grey, grey, 255), np.uint8)

    def render_layers(
        self, controls: np.ndarray, size: int = 512, only: Collection[str] | None = None
    ) -> np.ndarray:
        return self.render(controls, size)[None]

    def boxes(self, controls: np.ndarray, size: int = 512) -> dict[str, tuple[float, float, float, float]]:
        return {}


def test_three_sheets_with_every_picture(tmp_path: Path) -> None:
    import cv2

    paths = write_sheets(Blank(), tmp_path / "图", 48)
    assert [p.name for p in paths] == ["expressions.png", "turns.png", "controls.png"]
    sizes = []
    for path in paths:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        sizes.append((image.shape[1] // 48, image.shape[0] // 48))
    assert sizes[0] == (5, -(-len(EXPRESSIONS) // 5))
    assert sizes[1] == (5, 3)
    assert sizes[2] == (8, 2)


def test_an_unwritable_folder_is_an_error_for_the_user(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(TrainingError, match="writable"):
        write_sheets(Blank(), tmp_path / "file", 32)


@pytest.mark.parametrize("name", sorted(EMOTES.keys() & EXPRESSIONS.keys()))
def test_an_expression_that_is_an_emote_shows_that_emote(name: str) -> None:
    """It may add what a face would do meanwhile; what the emote holds stays, but for lids, gaze and jaw."""
    shown = EXPRESSIONS[name]
    changed = {control for control, value in EMOTES[name].items() if shown.get(control, 0.0) != value}
    assert all(control.startswith(("eyeBlink", "eyeLook", "jaw")) for control in changed)
