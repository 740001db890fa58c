"""Works through cases of one kind in a process of its own, so that a crash, a hang or a hunger for memory is seen from outside.

python -m tests.hostile.worker KIND[,KIND...] FIRST STOP    answers one JSON line before and one after each case
python -m tests.hostile.worker KIND FILE                    one case that lies in a file, the whole way
"""

import contextlib
import faulthandler
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .mutating import mutate_bytes

SEED = 20
EVERY = 150
"""Of so many cases one goes the whole way, where a shorter one is usual."""
ROOM = 1536 << 20
"""Bytes of address space that a worker may take beyond what valid input takes: more is a fault, not the machine's end."""


def registry() -> dict[str, Any]:
    """All kinds of input."""
    from .kinds import KINDS
    from .protocols import PROTOCOLS

    return {**KINDS, **PROTOCOLS}


def case(kind: Any, name: str, number: int) -> bytes:
    """The input of that number: first the valid ones, then changed ones."""
    seeds = kind.seeds()
    if number < len(seeds):
        return bytes(seeds[number])
    rng = random.Random(f"{SEED} {name} {number}")
    try:
        return bytes(kind.mutate(rng, seeds))
    except Exception:  # changed twice, so that it could not be taken apart again
        return mutate_bytes(rng, seeds)


def peak_mb() -> float:
    """The most memory that this process has had; 0 where the system does not say."""
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
    return 0.0


def confine() -> None:
    """No more address space than now and ROOM."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + ROOM, resource.RLIM_INFINITY))


def _unconfine() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Worker:
    """Uses cases, one after the other."""

    def __init__(self) -> None:
        self._errors = Path(tempfile.mkdtemp(prefix="hostile-")) / "stderr"
        self._read = 0
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        for number, path in ((1, os.devnull), (2, str(self._errors))):
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(opened, number)
        faulthandler.enable(sys.__stderr__)

    def tell(self, **line: Any) -> None:
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()

    def take(self, name: str) -> None:
        """Go on with another kind."""
        self.name, self.kind = name, registry()[name]

    def judge(self, data: bytes, whole: bool) -> dict[str, Any]:
        """{"result": "refused", "accepted" or a fault's name, "why"}."""
        from liveavatar.errors import LiveAvatarError

        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
            try:
                use = self.kind.whole if whole and self.kind.whole else self.kind.use
                use(data, Path(folder))
                result = {"result": "accepted", "why": ""}
            except LiveAvatarError as error:
                lacked = _lacks_memory(error)
                text = str(error)
                result = {"result": "memory" if lacked else "refused", "why": text[:300]}
                if not text.strip() or len(text) > 3000:
                    result = {"result": "message", "why": f"{len(text)} characters: {text[:200]!r}"}
            except BaseException as error:
                import traceback

                place = traceback.extract_tb(error.__traceback__)[-1]
                result = {
                    "result": "error",
                    "why": f"{type(error).__name__}: {str(error)[:200]} ({Path(place.filename).name}:{place.lineno})",
                }
        printed = self._errors.read_bytes()[self._read :]
        self._read += len(printed)
        if b"Traceback (most recent call last)" in printed and result["result"] in ("refused", "accepted"):
            result = {"result": "printed", "why": printed[-300:].decode(errors="replace")}
        return result

    def work(self, numbers: range) -> None:
        """All of these cases; the valid ones before them, to know what the program itself takes."""
        _unconfine()
        for data in self.kind.seeds():
            warm = self.judge(bytes(data), whole=False)
            if warm["result"] != "accepted":
                self.tell(kind=self.name, number=-1, result="seed", why=warm["why"], seconds=0, peak=0)
        base = peak_mb()
        confine()
        for number in numbers:
            self.tell(kind=self.name, begun=number)
            data = case(self.kind, self.name, number)
            start = time.perf_counter()
            whole = number % EVERY == EVERY - 1
            found = self.judge(data, whole)
            if self.kind.whole and not whole and found["result"] not in ("refused", "accepted"):
                found = self.judge(data, whole=True)
            self.tell(
                kind=self.name,
                number=number,
                **found,
                seconds=round(time.perf_counter() - start, 4),
                peak=round(peak_mb() - base),
            )
        self.kind.closing()

    def end(self) -> None:
        shutil.rmtree(self._errors.parent, ignore_errors=True)


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether an error came of memory that could not be had."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, MemoryError) or "bad_alloc" in str(error) or "Insufficient memory" in str(error):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def main(arguments: list[str]) -> int:
    names = arguments[0].split(",")
    worker = Worker()
    try:
        for name in names:
            worker.take(name)
            if len(arguments) == 2:
                worker.tell(**worker.judge(Path(arguments[1]).read_bytes(), whole=True))
            else:
                worker.work(range(*map(int, arguments[1:])))
    finally:
        worker.end()
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)  # threads of servers end with it
