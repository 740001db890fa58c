"""Reports as tables on the terminal."""

import sys
from typing import TYPE_CHECKING, Any

from liveavatar.language import tr

if TYPE_CHECKING:  # numpy loads when a command runs
    from pathlib import Path

    from liveavatar.bench.compare import Row


def comparison_table(
    paths: "tuple[Path, Path]", rows: "list[Row]", differing: list[tuple[str, str, str]]
) -> None:
    """Print what comparing.compare() found."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"A: {paths[0].name}   B: {paths[1].name}")
    for heading in (tr("figure", "指标"), "A", "B", "B/A", tr("better", "更好")):
        table.add_column(heading)
    for row in rows:
        values = ("-" if v is None else f"{v:g}" for v in (row.first, row.second))
        table.add_row(row.name, *values, "-" if row.ratio is None else f"{row.ratio:.2f}", row.better)
    console = Console(file=sys.stdout)
    console.print(table)
    for name, first, second in differing:
        print(tr(f"differs: {name}: A {first} | B {second}", f"不同：{name}：A {first} | B {second}"))


def bench_table(result: dict[str, Any]) -> None:
    """Print what bench.bench() measured."""
    from rich.console import Console
    from rich.table import Table

    machine = result["machine"]
    size, output = ("x".join(map(str, result[name])) for name in ("size", "output_size"))
    size += f" -> {output}" if output != size else ""
    title = f"{result['avatar']} {size}, {result['provider']}, {result['clip']}"
    caption = f"{machine['cpu']}, {machine['cores']} cores; {result['commit']}"
    table = Table(title=title, caption=caption, show_header=False)

    def row(label: str, value: Any, unit: str = "") -> None:
        table.add_row(label, str(value), unit)

    def spread(values: dict[str, float]) -> str:
        return " / ".join(f"{v:.1f}" for v in values.values())

    row(
        tr("throughput ratio", "吞吐比"),
        result["throughput_ratio"],
        tr("1 = as fast as tracking alone", "1 = 与单独跟踪一样快"),
    )
    row(
        tr("whole line, tracking alone", "全流程、单独跟踪"),
        f"{result['fps']}, {result['tracker_fps']}",
        "fps",
    )
    row(tr("age", "画面延迟"), spread(result["age_ms"]), "ms p50 / p95 / p99")
    row(tr("sync offset for OBS", "OBS 同步偏移"), round(result["age_ms"]["p50"]), "ms")
    row(tr("drops, stalls", "丢弃、卡顿"), f"{sum(result['drops'].values())}, {result['stalls']}")
    smooth = result["fps60"]
    row(tr("at 60 fps: age", "60 fps：画面延迟"), spread(smooth["age_ms"]), "ms p50 / p95 / p99")
    row(
        tr("  judder, repeating", "  抖动、重复帧的抖动"),
        f"{smooth['judder']}, {smooth['judder_repeating']}",
        tr("0 = even steps", "0 = 步长均匀"),
    )
    row(tr("cores, 30 and 60 fps", "核心，30 与 60 fps"), f"{result['cores']}, {smooth['cores']}")
    row(tr("drawn by", "绘制"), result["gpu"] or "CPU")
    row(
        tr("network and compositor", "网络与合成"),
        spread(result["render_ms"]),
        tr("ms median / p95", "毫秒 中位 / p95"),
    )
    row(
        tr("  while tracking", "  跟踪同时"),
        spread(result["render_ms_while_tracking"]),
        tr("ms median / p95", "毫秒 中位 / p95"),
    )
    for name, values in result["stage_ms"].items():
        row(f"  {name}", spread(values), tr("ms median / p95", "毫秒 中位 / p95"))
    row(tr("CPU per frame", "每帧 CPU"), f"{1000 * result['cpu_s_per_frame']:.1f}", "ms")
    row(tr("peak memory", "峰值内存"), result["peak_rss_mb"], "MB")
    row(
        tr("model load, first frame", "模型加载、首帧"),
        f"{result['model_load_s']}, {result['first_frame_s']}",
        "s",
    )
    Console().print(table)
