"""The show by size, rate and what draws."""

from dataclasses import replace

import pytest

from benchmarks.suite import outputs, page_outputs
from liveavatar.bench.legs import Parts
from liveavatar.errors import ProviderError
from tests.helpers.opengl import require_opengl


def test_a_gpu_that_is_none_is_not_measured_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "probe", lambda: "llvmpipe (LLVM 15.0.6, 256 bits)")
    assert "llvmpipe" in outputs._why_no_gpu("auto")
    assert outputs._why_no_gpu("gpu") == ""
    assert outputs._why_no_gpu("cpu") == "--draw cpu"
    monkeypatch.setattr(outputs, "probe", lambda: "NVIDIA H200/PCIe/SSE2")
    assert outputs._why_no_gpu("auto") == ""


def test_where_there_is_no_opengl_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise ProviderError("there is no OpenGL 3.3")

    monkeypatch.setattr(outputs, "probe", fail)
    assert outputs._why_no_gpu("gpu") == outputs._why_no_gpu("auto") == "there is no OpenGL 3.3"


def test_both_ways_draw_the_same_pictures_at_every_size(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_opengl()
    monkeypatch.setattr(outputs, "SIZES", {"512p": (512, 512), "720p": (1280, 720)})
    found = outputs.drawing(replace(parts, draw="gpu"), 12)
    assert list(found) == ["cpu", "gpu"]
    for rows in found.values():
        assert list(rows) == ["512p", "720p"]
        assert all(0 < row["draw_ms"]["median"] <= row["draw_ms"]["p95"] for row in rows.values())


def test_one_row_for_each_way_size_and_rate() -> None:
    show = {
        "age_ms": {"p50": 40.0, "p95": 60.0, "p99": 80.0},
        "sent_fps": 30.0,
        "stalls": 0,
        "lowered_s": 0.0,
        "cores": 1.2,
    }
    row = {
        "draw_ms": {"median": 9.0, "p95": 11.0},
        "30": show,
        "60": show | {"judder": 0.2, "judder_repeating": 1.9},
    }
    text = page_outputs.section({"cpu": {"512p": row, "1080p": row}, "gpu": {"not_measured": "no | driver"}})
    assert "| cpu, 512p, 30 | 40.0 / 60.0 / 80.0 | 30.0 | 1.20 | 0 |  |" in text
    assert "| cpu, 1080p, 60 | 40.0 / 60.0 / 80.0 | 30.0 | 1.20 | 0 | 0.20 (1.90) |" in text
    assert "| cpu | 9.0 / 11.0 | 9.0 / 11.0 |" in text
    assert "- gpu: not measured: no \\| driver" in text
