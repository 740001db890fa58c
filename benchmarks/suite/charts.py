"""The pictures of the results page, in one style: what is measured in one blue, what it is held against in grey."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.endurance import flatness

INK, QUIET, RULE, GROUND = "#22252b", "#7a808a", "#e3e6ea", "#ffffff"
BLUE, PALE, ORANGE = "#2563c9", "#c9d9f3", "#d9772b"
PERIOD_MS = 1000 / 30
_STYLE: Any = {
    "font.family": "DejaVu Sans", "font.size": 10, "text.color": INK, "axes.labelcolor": QUIET,
    "axes.edgecolor": RULE, "axes.titlelocation": "left", "axes.titlesize": 11, "axes.titleweight": "bold",
    "axes.titlepad": 12, "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "xtick.color": QUIET, "ytick.color": QUIET, "xtick.labelsize": 9, "ytick.labelsize": 9,
    "xtick.major.size": 0, "ytick.major.size": 0, "grid.color": RULE, "grid.linewidth": 0.8,
    "figure.facecolor": GROUND, "axes.facecolor": GROUND, "savefig.facecolor": GROUND,
    "figure.constrained_layout.w_pad": 0.1, "figure.constrained_layout.h_pad": 0.1,
}  # fmt: skip


def draw(result: dict[str, Any], pairs: dict[str, Any], folder: Path) -> list[str]:
    """Write the pictures that the result has figures for; returns their names.

    pairs: avatar -> quality.pairs() of it."""
    figures = {"latency": latency, "stages": stages, "startup": startup, "scaling": scaling}
    if sum("render_ms" in row for row in result["providers"].values()) > 1:
        figures["providers"] = providers
    with matplotlib.rc_context(_STYLE):
        for name, chart in figures.items():
            chart(result).savefig(folder / f"{name}.png", dpi=200)
        for avatar, pictures in pairs.items():
            quality(pictures).savefig(folder / f"quality-{avatar}.png", dpi=100)
    return [f"{name}.png" for name in (*figures, *(f"quality-{avatar}" for avatar in pairs))]


def latency(result: dict[str, Any]) -> Figure:
    """Every picture's age over time, and how the ages are spread."""
    found = result["latency"]
    at, ages = np.array(found["at_s"]), np.array(found["pixel_ms"])
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    line, spread = figure.subplots(1, 2, width_ratios=(2.4, 1), sharey=True)
    top = float(np.percentile(ages, 99)) * 1.35
    inside = ages < top
    line.set_title("Age of every picture at the output")
    line.set(xlabel="seconds", ylabel="ms since capture", ylim=(0, top), xlim=(0, at[-1]))
    line.grid(axis="y")
    line.scatter(at[inside], ages[inside], s=7, color=BLUE, alpha=0.55, linewidths=0)
    line.scatter(at[~inside], np.full((~inside).sum(), 0.975 * top), s=16, marker="^", color=ORANGE)

    bins = np.linspace(0, top, 71)
    spread.set_title("How the ages are spread")
    across: dict[str, Any] = {"bins": bins, "orientation": "horizontal"}
    counts, _, _ = spread.hist(ages, color=PALE, **across)
    spread.hist(found["program_ms"], histtype="step", color=BLUE, linewidth=1, **across)
    wide = float(np.max(counts)) * 1.7
    spread.set(xticks=[], xlim=(0, wide))
    spread.spines["bottom"].set_visible(False)
    spread.tick_params(labelleft=False)
    previous = -np.inf
    for name, value in found["pixel_age_ms"].items():
        spread.axhline(value, color=QUIET, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
        previous = max(value, previous + top / 13)  # labels keep apart where the values do not
        label = f"{name}  {value:.0f} ms"
        _say(spread, wide, previous, label, ha="right", bbox={"color": GROUND, "pad": 1.5})
    for i, key in enumerate(("filled: clock in the pixels", "line: the program's own age")):
        _say(spread, wide, (0.97 - 0.06 * i) * top, key, ha="right", fontsize=8, color=QUIET)
    return figure


def stages(result: dict[str, Any]) -> Figure:
    """Milliseconds of each stage against a period, and the whole line against tracking alone."""
    figure = Figure(figsize=(9, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    names = list(result["stage_ms"])
    median, p95 = (np.array([result["stage_ms"][name][key] for name in names]) for key in ("median", "p95"))
    left.set_title("Stages, ms a picture (bar: median, tick: p95)")
    left.set_xlim(0, max(PERIOD_MS * 1.08, float(p95.max()) * 1.12))
    _medians(left, names, median, p95)
    left.axvline(PERIOD_MS, color=QUIET, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
    left.set_xticks([PERIOD_MS], ["33.3 ms: the period at 30 fps"])
    fps = np.array([result["tracker_fps"], result["fps"]])
    right.set_title(f"Throughput ratio {result['throughput_ratio']:.2f}")
    _bars(right, ["tracking alone", "whole line"], fps, [PALE, BLUE])
    right.set(xlim=(0, fps.max() * 1.3), ylim=(2.2, -1.2))
    for i, value in enumerate(fps):
        _say(right, value, i, f" {value:.0f} fps")
    return figure


def _say(axes: Axes, x: float, y: float, text: str, **how: Any) -> None:
    """A label that takes no room of its own."""
    how = {"va": "center", "fontsize": 9, **how}
    axes.text(x, y, text, **how).set_in_layout(False)


def _medians(axes: Axes, names: list[str], median: np.ndarray, p95: np.ndarray) -> None:
    """Bars with their p95 as a tick and the median in figures, where it hides neither. The limits of x must be set."""
    _bars(axes, names, median)
    axes.plot(p95, range(len(names)), "|", color=INK, markersize=11, markeredgewidth=1.2)
    room = axes.get_xlim()[1] * 0.075
    for i, value in enumerate(median):
        _say(axes, value if p95[i] - value > room else max(value, p95[i]), i, f"  {value:.1f}")


def _bars(axes: Axes, names: list[str], values: Any, colours: Any = BLUE) -> None:
    axes.barh(names, values, color=colours, height=0.56)
    axes.invert_yaxis()
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.tick_params(axis="y", colors=INK)


def startup(result: dict[str, Any]) -> Figure:
    """What happens when between the start of the process and the first picture."""
    found = result["startup"]
    figure = Figure(figsize=(9, 2.7), layout="constrained")
    axes = figure.subplots()
    axes.set_title(f"From a cold process to the first driven picture: {found['first_picture_s']:.1f} s")
    end = found["phases"]["first picture"][1]
    for i, (name, (start, stop)) in enumerate(found["phases"].items()):
        axes.barh(name, stop - start, left=start, height=0.56, color=BLUE)
        _say(axes, stop, i, f" {stop - start:.2f} s")
    axes.invert_yaxis()
    axes.tick_params(axis="y", colors=INK)
    axes.set(xlim=(0, end * 1.1), xlabel="seconds")
    axes.grid(axis="x")
    return figure


def scaling(result: dict[str, Any]) -> Figure:
    """Network and compositor over the size, a line for each number of threads."""
    found = result["scaling"]
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    sizes, threads = [int(size) for size in found], list(next(iter(found.values())))
    parts = ("network", "compositor")
    values = {
        (part, count): [found[str(size)][count][f"{part}_ms"]["median"] for size in sizes]
        for part in parts
        for count in threads
    }
    top = 1.12 * max(max(line) for line in values.values())
    panels[0].set(ylabel="ms a picture, median", ylim=(0, top))
    for axes, part in zip(panels, parts, strict=True):
        axes.set_title(part.capitalize())
        axes.set_xscale("log", base=2)
        axes.set(xlim=(min(sizes) * 0.8, max(sizes) * 2.3), xlabel="pixels, width and height")
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.minorticks_off()
        axes.grid(axis="y")
        lowest = -np.inf
        shades = dict(zip(threads, (ORANGE, BLUE, INK), strict=False))
        for count in sorted(threads, key=lambda count: values[part, count][-1]):
            line = values[part, count]
            axes.plot(sizes, line, "o-", color=shades[count], linewidth=1.8, markersize=4.5)
            lowest = max(line[-1], lowest + top / 15)
            label = f"{line[-1]:.1f}  {count} thread{'s' if count != '1' else ''}"
            _say(axes, max(sizes) * 1.09, lowest, label, color=shades[count])
    return figure


def providers(result: dict[str, Any]) -> Figure:
    """Milliseconds a picture on each provider that was measured."""
    found = {name: row["render_ms"] for name, row in result["providers"].items() if "render_ms" in row}
    median, p95 = (np.array([row[key] for row in found.values()]) for key in ("median", "p95"))
    figure = Figure(figsize=(9, 0.9 + 0.42 * len(found)), layout="constrained")
    axes = figure.subplots()
    axes.set_title("Network and compositor, ms a picture (bar: median, tick: p95)")
    axes.set_xlim(0, float(p95.max()) * 1.15)
    _medians(axes, list(found), median, p95)
    return figure


def draw_soak(found: dict[str, Any], processes: dict[int, list[dict[str, Any]]], path: Path) -> None:
    """Write the picture of a soak. found: soak.report(). processes: samples by process."""
    with matplotlib.rc_context(_STYLE):
        soak(found, processes).savefig(path, dpi=200)


def soak(found: dict[str, Any], processes: dict[int, list[dict[str, Any]]]) -> Figure:
    """Memory, threads and handles, and the pictures' age over a long show, a line for each process. Small: it may be shown
    at the width of a thumb."""
    figure = Figure(figsize=(4.2, 5.2), layout="constrained")
    panels = figure.subplots(3, 1, sharex=True, height_ratios=(1.3, 1, 1.3))
    names = {"resident_mb": "Memory, MB", "threads": "Threads", "age_p50_ms": "Pictures' age, ms"}
    shades = (BLUE, ORANGE, INK, QUIET)
    for axes, (name, title) in zip(panels, names.items(), strict=True):
        top = 0.0
        for k, samples in enumerate(processes.values()):
            at, values = flatness.series(samples, name)
            if not len(values):
                continue
            axes.plot(at / 60, values, color=shades[k % len(shades)], linewidth=1.6, alpha=0.9)
            top = max(top, float(np.percentile(values, 99)))
        ends = [row[name] for row in found["processes"].values() if name in row]
        worst = max(ends, key=lambda row: row["last"] - row["first"], default=None)
        digits = 1 if name.startswith("age") else 0
        said = f": {worst['first']:.{digits}f} → {worst['last']:.{digits}f}" if worst else ""
        axes.set_title(title + said, fontsize=12)
        axes.set_ylim(0, top * 1.25 or 1)
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.tick_params(labelsize=11)
        axes.grid(axis="y")
    panels[-1].set_xlabel("minutes", fontsize=11)
    panels[-1].set_xlim(left=0)
    if found["unit"] == "ticks":
        hours = found["reached"] / 30 / 3600
        figure.suptitle(
            f"{found['reached']:,} pictures ({hours:.1f} h at 30 fps)", x=0.02, ha="left", fontsize=13
        )
    else:
        figure.suptitle(f"{found['reached'] / 60:.0f} minutes in real time", x=0.02, ha="left", fontsize=13)
    return figure


def quality(pictures: list[tuple[str, np.ndarray, np.ndarray]], side: int = 200) -> Figure:
    """The teacher above, the avatar below. pictures: of quality.pairs()."""
    figure = Figure(figsize=((side * len(pictures) + 40) / 100, (2 * side + 34) / 100), dpi=100)
    wide, tall = (figure.get_size_inches() * 100).tolist()
    for column, (name, *both) in enumerate(pictures):
        for row, picture in enumerate(both):
            left, bottom = 40 + column * side, tall - 30 - (row + 1) * side - 2 * row
            axes = figure.add_axes((left / wide, bottom / tall, (side - 2) / wide, (side - 2) / tall))
            height, width = picture.shape[:2]
            head = picture[: height * 3 // 4, width // 8 : width * 7 // 8]
            axes.imshow(head, interpolation="lanczos")
            axes.axis("off")
        figure.text((40 + (column + 0.5) * side) / wide, 1 - 19 / tall, name, ha="center", fontsize=10)
    for row, who in enumerate(("teacher", "avatar")):
        figure.text(
            18 / wide, 1 - (30 + (row + 0.5) * side) / tall, who,
            rotation=90, ha="center", va="center", fontsize=10, fontweight="bold",
        )  # fmt: skip
    return figure
