import sys

import pytest

from liveavatar.errors import OutputError
from liveavatar.outputs import open_output


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="displays are named by variables on Linux only"
)
@pytest.mark.parametrize("display", ["", ":77"])
def test_without_a_display_it_is_an_error_not_a_crash(monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(OutputError, match=r"display|DISPLAY"):
        open_output("window", size=(64, 64), fps=30)
