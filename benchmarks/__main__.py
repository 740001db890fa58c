"""The whole suite, into a results page with pictures: python -m benchmarks

Writes results.md, results.zh-CN.md, results.json and the pictures. About 8 minutes on two cores, with --quick about 3; the
machine should do nothing else meanwhile.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.suite import asking, latency, outputs, page, providers, quality, scaling, startup, steady
from liveavatar.app.console import ending_politely
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import find_avatar, list_avatars
from liveavatar.base.messages import say
from liveavatar.base.timing import wall_clock
from liveavatar.bench import legs
from liveavatar.errors import AvatarError, LiveAvatarError, OutputError, TrainingError
from liveavatar.language import language, set_language, tr

RESULTS = Path(__file__).parent / "results"
FULL: dict[str, Any] = {
    "seconds": 20,
    "clock_seconds": 60,
    "step_seconds": 6,
    "show_seconds": 8,
    "starts": 5,
    "pictures": 300,
    "sizing": 150,
    "held_out": 60,
}
QUICK: dict[str, Any] = {
    "seconds": 5,
    "clock_seconds": 10,
    "step_seconds": 2,
    "show_seconds": 3,
    "starts": 3,
    "pictures": 60,
    "sizing": 40,
    "held_out": 8,
}


def measure(parts: legs.Parts, amounts: dict[str, Any], avatars: list[Avatar]) -> dict[str, Any]:
    """The report of `liveavatar bench`, with a key more for each benchmark of this suite."""
    load = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else None
    say("... startup")
    begun = startup.measure(parts, amounts["starts"])
    result = legs.bench(parts, amounts["seconds"], lambda leg: say(f"... {leg}"))
    say("... latency")
    result["latency"] = latency.measure(parts, amounts["clock_seconds"])
    result["startup"] = begun
    say("... steady")
    result["steady"] = steady.measure(parts, amounts["step_seconds"])
    say("... outputs")
    result["outputs"] = outputs.measure(parts, amounts["show_seconds"], amounts["sizing"])
    say("... scaling")
    result["scaling"] = scaling.measure(parts, amounts["sizing"])
    say("... providers")
    result["providers"] = providers.measure(parts, amounts["pictures"])
    say("... quality")
    result["quality"] = quality.measure(amounts["held_out"], avatars)
    result["settings"] = {**amounts, "sizes": scaling.sizes_of(parts.avatar)}
    result["load_before"] = None if load is None else round(load, 2)
    result["date"] = wall_clock().date().isoformat()
    return result


def write(result: dict[str, Any], avatars: list[Avatar], output: Path) -> None:
    """The pages, the pictures and the JSON; what stands in the folder stays until all of it is there."""
    with tempfile.TemporaryDirectory(dir=output) as made:
        folder = Path(made)
        pictures = _pictures(result, avatars, folder)
        for code, name in page.NAMES.items():
            set_language(code)
            (folder / name).write_text(page.page(result, pictures), encoding="utf-8")
        set_language(None)
        line = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
        (folder / "results.json").write_text(line + "\n", encoding="utf-8")
        for file in folder.iterdir():
            os.replace(file, output / file.name)


def _pictures(result: dict[str, Any], avatars: list[Avatar], folder: Path) -> list[str]:
    try:
        from benchmarks.suite import charts
    except ImportError:  # the page says what to install
        return []
    pairs = {}
    for avatar in avatars:
        try:
            pairs[quality.label(avatar)] = quality.pairs(avatar)
        except (ImportError, TrainingError):  # no teacher, no picture
            continue
    return charts.draw(result, pairs, folder)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 with a message where something is missing."""
    about = "运行全部测试，生成中英文结果页、图表和 results.json；请在电脑空闲时运行。"
    parser = asking.parser(tr(__doc__ or "", about))
    parser.prog = "python -m benchmarks"
    parser.add_argument(
        "--output",
        type=Path,
        default=RESULTS,
        help=tr("folder (benchmarks/results)", "输出文件夹（benchmarks/results）"),
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help=tr("a short run, to see that everything works", "短测，只为确认一切可用"),
    )
    asked = parser.parse_args(arguments)
    output = asked.output.expanduser()
    try:
        parts = asking.parts(asked)
        if parts.avatar.kind != "gan":
            raise AvatarError(
                tr(
                    f"the suite measures avatars of kind 'gan'; {parts.avatar.name!r} is of kind {parts.avatar.kind!r}. "
                    "Measure it with `liveavatar bench`.",
                    f"此测试只用于 'gan' 类型的形象，而 {parts.avatar.name!r} 的类型为 {parts.avatar.kind!r}。"
                    "请改用 `liveavatar bench`。",
                )
            )
        avatars = {name: find_avatar(name) for name, _ in list_avatars()}
        avatars[quality.label(parts.avatar)] = parts.avatar
        try:
            output.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=output):
                pass
        except OSError as error:
            raise OutputError(
                tr(
                    f"cannot write into {output}: {error.strerror}. Give another folder with --output.",
                    f"无法写入 {output}：{error.strerror}。请用 --output 指定其他文件夹。",
                )
            ) from error
        with ending_politely():
            result = measure(parts, QUICK if asked.quick else FULL, list(avatars.values()))
            result["command"] = "python -m benchmarks" + " --quick" * asked.quick
            write(result, list(avatars.values()), output)
    except LiveAvatarError as error:
        say(f"{tr('Error', '错误')}: {error}")
        return 1
    except KeyboardInterrupt:
        say(tr("stopped; nothing was written", "已停止，未写入任何文件"))
        return 130
    print(output / page.NAMES[language()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
