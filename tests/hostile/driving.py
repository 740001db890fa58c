"""Runs workers over ranges of cases and takes note of what becomes of each, however the worker ends."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LIMIT = 180.0
"""Seconds for one case, on a machine that does other things too; a hang."""
Line = dict[str, Any]


def results(names: str, first: int, stop: int, limit: float = LIMIT) -> Iterator[Line]:
    """One {"kind", "number", "result", "why", "seconds", "peak"} for each case of these kinds; a worker that crashes or hangs is
    replaced. "result" is "refused", "accepted" or a fault's name."""
    for name in names.split(",") if first else [names]:
        at, restarts = first, 0
        while at is not None and at < stop:
            last: Line | None = None
            for line in _worker([name, str(at), str(stop)], limit):
                if "begun" in line:
                    last = line
                elif "end" in line:
                    if last is None and line["end"] != "done":
                        raise RuntimeError(f"the worker of {name} did not start: {line}")
                    if line["end"] == "done":
                        return_to = None
                    else:
                        assert last is not None
                        yield {"kind": last["kind"], "number": last["begun"], "result": line["end"], "why": line["why"],
                               "seconds": limit if line["end"] == "hang" else 0, "peak": 0}  # fmt: skip
                        return_to = last["begun"] + 1
                        restarts += 1
                else:
                    yield line
            at = return_to  # type: ignore[assignment]
            if restarts > 30:
                raise RuntimeError(f"the workers of {name} end again and again")


def judge(name: str, data: bytes, folder: Path, limit: float = LIMIT) -> Line:
    """What becomes of one input, the whole way, in a process of its own."""
    path = folder / "case"
    path.write_bytes(data)
    for line in _worker([name, str(path)], limit, starting=limit):
        return line if "end" not in line else {"result": line["end"], "why": line["why"]}
    raise AssertionError


def smallest(name: str, data: bytes, fault: str, folder: Path, tries: int = 40) -> bytes:
    """A smaller input with the same kind of fault: parts are left out as long as it stays."""
    size, at = len(data) // 2, 0
    while size and tries:
        shorter = data[:at] + data[at + size :]
        tries -= 1
        if shorter != data and judge(name, shorter, folder)["result"] == fault:
            data = shorter
        else:
            at += size
        if at >= len(data):
            at, size = 0, size // 2
    return data


def _worker(arguments: list[str], limit: float, starting: float = 180.0) -> Iterator[Line]:
    """The lines of a worker; at last {"end": "done", "crash" or "hang", "why"}."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "LIVEAVATAR_LANG": "en",
    }
    environment |= {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    environment.pop("LIVEAVATAR_DEBUG", None)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.worker", *arguments],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines: queue.Queue[str] = queue.Queue()
    assert child.stdout is not None
    reader = threading.Thread(target=_forward, args=(child.stdout, lines.put), daemon=True)
    reader.start()
    try:
        wait = starting
        while True:
            try:
                text = lines.get(timeout=wait)
            except queue.Empty:
                yield {"end": "hang", "why": f"nothing for {wait:.0f} s"}
                return
            if not text:
                status = child.wait(timeout=300)
                yield {"end": "crash" if status else "done", "why": f"exit status {status}"}
                return
            yield json.loads(text)
            wait = limit
    finally:
        child.kill()
        child.wait()
        reader.join(timeout=5)
        with contextlib.suppress(OSError):
            child.stdout.close()


def _forward(stream: Any, put: Callable[[str], None]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            put(line)
    put("")
