"""Two reports of `bench`, or of the benchmark suite, side by side."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveavatar.base.files import Unreadable, expanded, read_whole
from liveavatar.base.strict_json import MAX_BYTES, decode, parse_json
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

FIGURES = (
    ("throughput_ratio", True),
    ("fps", True),
    ("tracker_fps", True),
    ("age_ms.p50", False),
    ("age_ms.p95", False),
    ("age_ms.p99", False),
    ("stalls", False),
    ("cores", False),
    ("fps60.age_ms.p50", False),
    ("fps60.age_ms.p95", False),
    ("fps60.judder", False),
    ("fps60.cores", False),
    ("render_ms.median", False),
    ("render_ms.p95", False),
    ("render_ms_while_tracking.median", False),
    ("stage_ms.decode.median", False),
    ("stage_ms.track.median", False),
    ("stage_ms.retarget.median", False),
    ("stage_ms.render.median", False),
    ("stage_ms.composite.median", False),
    ("cpu_s_per_frame", False),
    ("peak_rss_mb", False),
    ("model_load_s", False),
    ("first_frame_s", False),
    # Of the benchmark suite (python -m benchmarks) only.
    ("latency.pixel_age_ms.p50", False),
    ("latency.pixel_age_ms.p95", False),
    ("latency.pixel_age_ms.p99", False),
    ("startup.first_picture_s", False),
    *(
        (f"outputs.{way}.{size}.{figure}", False)
        for way in ("cpu", "gpu")
        for size in ("512p", "720p", "1080p")
        for figure in (
            "draw_ms.median",
            "30.age_ms.p95",
            "30.cores",
            "60.age_ms.p95",
            "60.cores",
            "60.judder",
        )
    ),
    *((f"providers.{name}.render_ms.median", False) for name in ("cpu", "cuda", "tensorrt", "dml")),
    *(
        (f"scaling.{size}.{threads}.{part}_ms.median", False)
        for part in ("network", "compositor")
        for size in (256, 512, 1024)
        for threads in (1, 2)
    ),
)
"""Path in the report, and whether more is better."""
CIRCUMSTANCES = (
    "avatar",
    "size",
    "output_size",
    "precision",
    "provider",
    "draw",
    "gpu",
    "clip",
    "machine",
    "versions",
    "commit",
)
"""What must be alike for the figures to mean the same thing, or is what one wants to compare."""


@dataclass(frozen=True)
class Row:
    """One figure of both reports."""

    name: str
    first: float | None
    second: float | None
    more_is_better: bool

    @property
    def ratio(self) -> float | None:
        """Second over first; None where one is missing or the first is zero."""
        if self.first is None or self.second is None or self.first == 0:
            return None
        return self.second / self.first

    @property
    def better(self) -> str:
        """ "A" or "B"; empty where they are equal or one is missing."""
        if self.first is None or self.second is None or self.first == self.second:
            return ""
        return "B" if (self.second > self.first) == self.more_is_better else "A"


def read_report(path: Path) -> dict[str, Any]:
    """The report in a file whose last line is the JSON line of `bench`, or the suite's results.json. Raises LiveAvatarError."""
    report: Any = None
    try:
        text = decode(read_whole(expanded(path), MAX_BYTES))
    except Unreadable as error:
        raise LiveAvatarError(tr(f"cannot use {path}: {error}", f"无法使用 {path}：{error}")) from error
    with suppress(Unreadable, IndexError):
        report = parse_json(text.strip().splitlines()[-1])
    fits = isinstance(report, dict) and "throughput_ratio" in report and "age_ms" in report
    if not fits:
        raise LiveAvatarError(
            tr(
                f"{path} holds no report of `liveavatar bench` or `python -m benchmarks`. Make one: liveavatar bench --json "
                f"> {path.name}",
                f"{path} 中没有 `liveavatar bench` 或 `python -m benchmarks` 的报告。请先生成：liveavatar bench --json "
                f"> {path.name}",
            )
        )
    return dict(report)


def compare(first: dict[str, Any], second: dict[str, Any]) -> tuple[list[Row], list[tuple[str, str, str]]]:
    """The figures that either has, and the circumstances that differ: (name, in the first, in the second)."""
    rows = [Row(name, _number(first, name), _number(second, name), more) for name, more in FIGURES]
    rows = [row for row in rows if row.first is not None or row.second is not None]
    texts = [(name, _text(first.get(name)), _text(second.get(name))) for name in CIRCUMSTANCES]
    return rows, [entry for entry in texts if entry[1] != entry[2]]


def _number(report: dict[str, Any], name: str) -> float | None:
    value: Any = report
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    if isinstance(value, list):
        return "x".join(str(v) for v in value)
    return "" if value is None else str(value)
