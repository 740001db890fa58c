"""The show by the output's size and rate, layers put together by the CPU and by a GPU: python -m benchmarks.suite.outputs

Drawing is timed from an expression to the picture at the output's size; ways and sizes take turns. Then a live show for each of
them, at 30 fps and at 60 of the camera's 30, as `liveavatar bench` has them. A GPU is measured where OpenGL gives a real one;
with --draw gpu whatever it gives, with --draw cpu not at all.
"""

import json
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

from benchmarks.suite import asking
from benchmarks.suite.rendering import clip_expressions, spread
from liveavatar.base.opengl import is_software, probe
from liveavatar.base.timing import now
from liveavatar.bench import legs
from liveavatar.bench.smoothness import smoothness
from liveavatar.errors import ProviderError
from liveavatar.language import tr
from liveavatar.media.compositing import SIZES
from liveavatar.renderers import open_renderer

WAYS = ("cpu", "gpu")
"""What puts the layers together: values of --draw."""
TURN = 10
"""Pictures between two changes of way and size."""
SHOWN = ("age_ms", "sent_fps", "stalls", "lowered_s", "cores", "judder", "judder_repeating")
"""What is kept of a show; judder is for 60 fps only."""


def measure(parts: legs.Parts, seconds: float, pictures: int) -> dict[str, Any]:
    """{way: {size: {"draw_ms", "30", "60"}}}, or {way: {"not_measured": why}}.

    seconds: of each show; pictures: to draw for each way and size."""
    result, asked = (
        drawing(parts, pictures),
        {name: replace(parts, size=size) for name, size in SIZES.items()},
    )
    for way, rows in result.items():
        for size, row in rows.items() if "not_measured" not in rows else ():
            shown = replace(asked[size], draw=way)
            shows = {"30": legs.age(shown, seconds), "60": smoothness(shown, seconds)}
            row |= {fps: {key: show[key] for key in SHOWN if key in show} for fps, show in shows.items()}
    return result


def drawing(parts: legs.Parts, pictures: int) -> dict[str, Any]:
    """{way: {size: {"draw_ms"}}}, or {way: {"not_measured": why}}. In one thread, one picture after the other."""
    expressions = clip_expressions(parts, pictures)
    reasons = {"cpu": "", "gpu": _why_no_gpu(parts.draw)}
    with ExitStack() as stack:
        outputs = {
            name: stack.enter_context(closing(replace(parts, size=size).output()))
            for name, size in SIZES.items()
        }
        renderers: dict[str, Any] = {}
        for way in WAYS:
            if not reasons[way]:
                said: list[str] = []
                renderer = open_renderer(parts.avatar, parts.provider, say=said.append, draw=way)
                stack.enter_context(closing(renderer))
                renderer.render(expressions[0])  # OpenGL is made ready
                if renderer.draw == way:
                    renderers[way] = renderer
                else:
                    reasons[way] = " ".join([renderer.fallback, *said]).strip()
        spent: dict[tuple[str, str], list[float]] = {(way, size): [] for way in renderers for size in SIZES}
        for start in range(-TURN, len(expressions), TURN):  # the first turn warms up
            first = max(start, 0)
            for (way, size), seconds in spent.items():
                for expression in expressions[first : first + TURN]:
                    begin = now()
                    outputs[size].send(renderers[way].render(expression))
                    if start >= 0:
                        seconds.append(now() - begin)
    result: dict[str, Any] = {way: {"not_measured": reasons[way]} for way in WAYS}
    for way in renderers:
        result[way] = {size: {"draw_ms": spread(spent[way, size])} for size in SIZES}
    return result


def _why_no_gpu(draw: str) -> str:
    """Why layers are not put together by a GPU; empty where they are. draw: the value of --draw."""
    if draw == "cpu":
        return "--draw cpu"
    try:
        name = probe()
    except ProviderError as error:
        return str(error)
    if draw == "auto" and is_software(name):
        return tr(
            f"{name} is no GPU but a program on the processor", f"{name} 并非显卡，而是处理器上的软件渲染"
        )
    return ""


def main() -> None:
    """A line for each way, size and rate; the last line is JSON."""
    parser = asking.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help=tr("of each show", "每次运行的秒数"))
    parser.add_argument(
        "--pictures", type=int, default=100, help=tr("drawn for each size", "每种尺寸绘制的画面数")
    )
    asked = parser.parse_args()
    result = measure(asking.parts(asked), asked.seconds, asked.pictures)
    for way, rows in result.items():
        if "not_measured" in rows:
            print(f"{way}: not measured: {rows['not_measured']}")
            continue
        for size, row in rows.items():
            print(f"{way} {size:>5}: {' / '.join(f'{ms:.1f}' for ms in row['draw_ms'].values())} ms to draw")
            for fps in ("30", "60"):
                show = row[fps]
                ages = " / ".join(f"{age:.0f}" for age in show["age_ms"].values())
                judder = f", judder {show['judder']:.2f}" if "judder" in show else ""
                print(
                    f"{fps:>10} fps: age {ages} ms, {show['sent_fps']:.1f} sent/s, {show['cores']:.2f} cores, "
                    f"{show['stalls']} stalls{judder}"
                )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
