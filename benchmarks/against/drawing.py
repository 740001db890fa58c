"""How long a version takes to draw expressions that are given to it: a process that imports that version's code, asked by
`Drawing` over its standard input.

The part that runs as a script knows where things lay in every version since ae5801f.
"""

import json
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.against.versions import Version
    from liveavatar.types import Expression

FINDERS = ("liveavatar.avatar.library", "liveavatar.avatar")
RESIZERS = ("benchmarks.suite.resizing", "benchmarks.resizing")
"""Modules that held find_avatar and resize, the newest first."""


def save_expressions(expressions: "list[Expression]", path: Path) -> None:
    """For the processes: an .npz with the controls' names, since versions may know others."""
    import numpy as np

    from liveavatar.controls import CONTROLS

    controls = np.stack([e.controls for e in expressions])
    places = np.array([[e.x, e.y, e.scale] for e in expressions])
    np.savez(path, names=np.array(CONTROLS), controls=controls, places=places)


class Drawing:
    """A version's renderer in a process of its own. Use as a context."""

    def __init__(self, version: "Version", avatar: str, side: int, expressions: Path) -> None:
        """side: the picture's width, pixels; expressions: what save_expressions wrote."""
        self._version = version
        self._process = subprocess.Popen(
            [sys.executable, __file__, version.package(avatar), str(side), str(expressions)],
            cwd=version.root, env=version.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.wall: list[float] = []
        self.processor: list[float] = []
        """Milliseconds of each frame."""

    def draw(self, first: int, last: int, count: bool = True) -> None:
        """The expressions from first up to last, waiting until they are drawn. count: False to warm up."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(f"{first} {last}\n")
            self._process.stdin.flush()
            wall, processor = json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            from benchmarks.against.versions import failed

            raise failed(self._version, self._process.communicate()[1]) from error
        if count:
            self.wall += wall
            self.processor += processor

    def __enter__(self) -> "Drawing":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._process.communicate()


def _found(name: str, modules: tuple[str, ...]) -> Any:
    for module in modules:
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise ImportError(f"none of {modules} has {name}")


def _renderer(package: str, side: int, folder: Path) -> Any:
    from liveavatar.renderers import open_renderer

    avatar = _found("find_avatar", FINDERS)(package)
    if side != avatar.size[0]:
        avatar = _found("resize", RESIZERS)(avatar, side, folder / "resized")
    return open_renderer(avatar, "cpu")


def _expressions(path: Path) -> "list[Expression]":
    import numpy as np

    from liveavatar.controls import CONTROLS
    from liveavatar.types import Expression

    stored = np.load(path)
    index = {str(name): k for k, name in enumerate(stored["names"])}

    def known(row: "np.ndarray") -> "np.ndarray":
        return np.array([row[index[name]] if name in index else 0.0 for name in CONTROLS], np.float32)

    rows = zip(stored["controls"], stored["places"].tolist(), strict=True)
    return [Expression(known(row), k / 30, x, y, scale) for k, (row, (x, y, scale)) in enumerate(rows)]


def main(package: str, side: str, path: str) -> None:
    """A line "first last" in, a line [[ms of the clock], [ms of the processor]] out, until the input ends."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        renderer, expressions = _renderer(package, int(side), Path(folder)), _expressions(Path(path))
        for line in sys.stdin:
            first, last = map(int, line.split())
            wall, processor = [], []
            for expression in expressions[first:last]:
                begin, begin_processor = time.perf_counter(), time.process_time()
                renderer.render(expression)
                wall.append(1e3 * (time.perf_counter() - begin))
                processor.append(1e3 * (time.process_time() - begin_processor))
            print(json.dumps([wall, processor]), flush=True)
        renderer.close()


if __name__ == "__main__":
    sys.path.pop(0)  # this folder; the version's root is on the path
    main(*sys.argv[1:])
