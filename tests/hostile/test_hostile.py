"""The first cases of every kind: refused or used, nothing else; and that the suite itself sees what it is there to see."""

import sys
from pathlib import Path

import pytest

from .driving import judge, results
from .worker import case, registry

CASES = 18
"""Of each kind, the valid ones among them. All of them: python -m tests.hostile"""
SLOW = ("page", "editor", "http", "control")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory from /proc")


@pytest.mark.parametrize(
    "kinds", [",".join(k for k in registry() if k not in SLOW), ",".join(SLOW)], ids=["files", "messages"]
)
def test_hostile_input_is_refused_or_used(kinds: str) -> None:
    found = list(results(kinds, 0, CASES))
    assert [line for line in found if line["result"] not in ("refused", "accepted")] == []
    assert len(found) == CASES * len(kinds.split(","))
    for name in kinds.split(","):
        outcomes = {line["result"] for line in found if line["kind"] == name}
        assert "accepted" in outcomes
    assert max(line["peak"] for line in found) < 500


def test_the_same_number_is_the_same_input() -> None:
    for name, kind in registry().items():
        if name in ("clip", "faces"):
            continue  # encoders and zips write the time
        assert case(kind, name, 30) == case(kind, name, 30)


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("os.abort()", "crash"),
        ("time.sleep(99)", "hang"),
        ("raise KeyError('x')", "error"),
        ("raise LiveAvatarError('x') from MemoryError()", "memory"),
        ("raise LiveAvatarError('')", "message"),
        pytest.param(
            "print('Traceback (most recent call last)', file=sys.stderr)", "printed", marks=pytest.mark.slow
        ),
        ("raise LiveAvatarError('x')", "refused"),
    ],
)
def test_what_is_wrong_is_seen(
    code: str, result: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a function in place of the program's own that does what it must not."""
    lines = (
        "import os, sys, time",
        "import liveavatar.bench.compare",
        "from liveavatar.errors import LiveAvatarError",
        "def bad(path):",
        f"    {code}",
        "    return {}",
        "liveavatar.bench.compare.read_report = bad",
    )
    (tmp_path / "sitecustomize.py").write_text("\n".join(lines))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert judge("report", b"{}", tmp_path, limit=4 if result == "hang" else 60)["result"] == result
