"""What the commands share: ending politely, the status line, the summary, progress bars, the table of `bench`."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from liveavatar.language import tr
from liveavatar.messages import say

if TYPE_CHECKING:  # numpy loads when a command runs
    from pathlib import Path

    from liveavatar.comparing import Row
    from liveavatar.live import Report


class StatusLine:
    """One line on stderr, rewritten in place; silent where stderr is no terminal, but for new troubles."""

    def __init__(self, avatar: str) -> None:
        self.avatar = avatar
        """The name that is shown; may be changed while the program runs."""
        self._terminal = sys.stderr.isatty()
        self._told: set[str] = set()
        self._cells = 0

    def __call__(self, report: "Report") -> None:
        for stage, message in list(report.troubles.items()):
            if message not in self._told:
                self._told.add(message)
                self.end()
                say(f"{stage}: {message}")
        self._write(status_text(report, self.avatar))

    def end(self) -> None:
        """Wipe the line."""
        self._write("")
        if self._terminal:
            sys.stderr.write("\r")

    def _write(self, text: str) -> None:
        if not self._terminal:
            return
        from rich.cells import cell_len

        # Blanks over what was there: older Windows consoles know no escape sequences.
        cells = cell_len(text)
        sys.stderr.write("\r" + text + " " * max(0, self._cells - cells))
        sys.stderr.flush()
        self._cells = cells


def status_text(report: "Report", avatar: str) -> str:
    """The status line: rate, age, the sync offset it asks for, drops, provider, avatar; or the trouble.

    The offset is the last minute's median: it should stand still. It gives its place to a trouble, so that the line fits
    80 columns."""
    age = (
        f"{report.ages.ms(50, last=150):.0f}/{report.ages.ms(95, last=150):.0f}" if report.ages.count else "-"
    )
    parts = [
        f"{report.fps:.1f} fps",
        tr(f"age {age} ms", f"延迟 {age} 毫秒"),
    ]
    if report.ages.count and not report.troubles:
        offset = f"{report.ages.ms(50, last=1800):.0f}"
        parts.append(tr(f"OBS sync {offset} ms", f"OBS 同步 {offset} 毫秒"))
    parts += [
        tr(f"drops {sum(report.drops.values())}", f"丢弃 {sum(report.drops.values())}"),
        report.provider or tr("loading", "加载中"),
        avatar,
    ]
    if report.card:
        parts.append(tr("neutral card", "静态卡片"))
    if report.troubles:
        parts.append(tr("idling: ", "待机：") + ", ".join(report.troubles))
    return " | ".join(parts)


def summary(report: "Report") -> None:
    """What a run did, and the sync offset its age asks for."""
    rate = report.sent / report.seconds if report.seconds else 0.0
    gap = f"{report.intervals.ms(100):.0f} ms" if report.intervals.count else "-"
    say(
        tr(
            f"{report.sent} frames in {report.seconds:.1f} s ({rate:.1f} fps), {report.idle} idle, "
            f"{report.repeated} repeated, {report.stalls} stalls, longest gap {gap}, "
            f"drops {sum(report.drops.values())}",
            f"共 {report.sent} 帧，{report.seconds:.1f} 秒（{rate:.1f} 帧/秒），待机 {report.idle}，"
            f"重复 {report.repeated}，卡顿 {report.stalls}，最长间隔 {gap}，丢弃 {sum(report.drops.values())}",
        )
    )
    if report.ages.count:
        ages = " / ".join(f"{v:.0f}" for v in report.ages.summary().values())
        offset = f"{report.ages.ms(50):.0f}"
        say(
            tr(
                f"age p50/p95/p99: {ages} ms. In OBS: Advanced Audio Properties, Sync Offset of "
                f"the microphone: {offset} ms",
                f"采集到输出 p50/p95/p99：{ages} 毫秒。OBS：高级音频属性 > 麦克风的同步偏移：{offset} 毫秒",
            )
        )


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[..., None]]:
    """A bar with the time left on stderr; gives the function to call with the number done, and a new label if any."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done, label=None: bar.update(task, completed=done, description=label)


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
        typer.echo(tr(f"differs: {name}: A {first} | B {second}", f"不同：{name}：A {first} | B {second}"))


def bench_table(result: dict[str, Any]) -> None:
    """Print what bench.bench() measured."""
    from rich.console import Console
    from rich.table import Table

    machine = result["machine"]
    title = (
        f"{result['avatar']} {result['size'][0]}x{result['size'][1]}, {result['provider']}, {result['clip']}"
    )
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


@contextmanager
def terminate_like_interrupt() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does, so that files are completed and checkpoints written."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals belong to the main thread
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
