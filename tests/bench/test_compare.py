import json
from pathlib import Path
from typing import Any

import pytest

from liveavatar.bench.compare import compare, read_report
from liveavatar.cli import main

REPORT: dict[str, Any] = {
    "throughput_ratio": 0.5, "fps": 30.0, "tracker_fps": 60.0, "age_ms": {"p50": 40.0, "p95": 50.0, "p99": 60.0},
    "stalls": 0, "render_ms": {"median": 10.0, "p95": 12.0}, "avatar": "hoshi", "size": [512, 512],
    "machine": {"cpu": "one", "cores": 2}, "peak_rss_mb": None,
}  # fmt: skip


def test_each_figure_says_which_is_better_and_by_what_ratio() -> None:
    other = {**REPORT, "fps": 45.0, "age_ms": {"p50": 60.0, "p95": 50.0, "p99": 30.0}}
    other["peak_rss_mb"] = 400.0
    other["machine"] = {"cpu": "two", "cores": 2}
    rows, differing = compare(REPORT, other)
    found = {row.name: (row.ratio, row.better) for row in rows}
    assert found["fps"] == (1.5, "B")
    assert found["age_ms.p50"] == (1.5, "A")
    assert found["age_ms.p95"] == (1.0, "")
    assert found["age_ms.p99"] == (0.5, "B")
    assert found["stalls"] == (None, "")  # zero has no ratio
    assert found["peak_rss_mb"] == (None, "")  # the first could not measure it
    assert "model_load_s" not in found  # neither has it
    assert differing == [("machine", "cpu one, cores 2", "cpu two, cores 2")]


def test_the_command_prints_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_text("a table\n" + json.dumps(REPORT) + "\n")
    two.write_text(json.dumps({**REPORT, "fps": 45.0, "avatar": "yuki"}))
    assert main(["bench", "--compare", str(one), str(two)]) == 0
    shown = capsys.readouterr().out
    assert "1.50" in shown and "yuki" in shown and "throughput_ratio" in shown


@pytest.mark.parametrize("text", ["", "nonsense", "[1, 2]", '{"fps": 3}'])
def test_a_file_without_a_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(Exception, match="no report"):
        read_report(path)
    with pytest.raises(Exception, match="cannot use"):
        read_report(tmp_path)
