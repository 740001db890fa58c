"""What a panel has done in another process, beside the show and of lower priority: the doctor, an avatar made of a picture."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from liveavatar.base.files import PACKAGE
from liveavatar.errors import LiveAvatarError
from liveavatar.language import Text, language, tr

NICE = 10
"""How much the others go before."""
MOST_BYTES = 32 << 20
"""Of a picture that a page hands over."""


class Errands:
    """One at a time. From any thread."""

    def __init__(self, program: Sequence[str] = (sys.executable, "-m", "liveavatar")) -> None:
        """program: what is given the command."""
        self._program = program
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self.making: dict[str, Any] | None = None
        """The avatar that is being made: {"name", "line": what was told last}."""

    def doctor(self) -> list[dict[str, str]]:
        """Its findings: part, as it is called for people, state, text. Raises LiveAvatarError."""
        from liveavatar.app.doctor import PARTS

        with self._one():
            _, out, lines = self._run(["doctor", "--json"], "", lambda line: None)
        try:
            found: list[dict[str, str]] = json.loads(out.strip().splitlines()[-1])
        except (ValueError, IndexError):
            raise LiveAvatarError("\n".join(lines) or tr("no answer", "没有回应")) from None
        for row in found:
            part = PARTS.get(row["part"], Text(row["part"], row["part"]))
            row["part"] = tr(part.en, part.zh)
        return found

    def create(self, picture: bytes, suffix: str, name: str, whose: str) -> str:
        """Make an avatar of a picture file's bytes, as `create` does, with the answers to its question of consent: who is in the
        picture, who has agreed. Returns its name. Raises LiveAvatarError."""
        with (
            self._one(),
            tempfile.TemporaryDirectory(prefix="liveavatar-", ignore_cleanup_errors=True) as folder,
        ):
            path = Path(folder, f"picture{suffix}")
            path.write_bytes(picture)
            self.making, answered = {"name": name, "line": ""}, threading.Event()

            def told(line: str) -> None:
                _, asked, rest = line.rpartition("]:")  # the question, which is answered at once
                if asked:
                    answered.set()
                if answered.is_set():
                    self.making = {"name": name, "line": rest.strip()}

            try:
                arguments = ["create", str(path), f"--name={name}"]
                status, _, lines = self._run(arguments, f"{whose}\ny\n", told)
            finally:
                self.making = None
        if status:
            raise LiveAvatarError(_reason(lines))
        return name

    def stop(self) -> None:
        """End what is under way; it leaves nothing half made."""
        if (child := self._child) is not None:
            with contextlib.suppress(OSError):
                child.terminate()

    @contextlib.contextmanager
    def _one(self) -> Any:
        if not self._lock.acquire(blocking=False):
            raise LiveAvatarError(tr("something else is being made or examined.", "正在制作或检查其他内容。"))
        try:
            yield
        finally:
            self._lock.release()

    def _run(
        self, arguments: Sequence[str], answers: str, told: Callable[[str], None]
    ) -> tuple[int, str, list[str]]:
        """A command of liveavatar: its exit status, stdout, lines of stderr; told of each of them. Raises LiveAvatarError."""
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        try:
            child = subprocess.Popen(
                [*self._program, *arguments],
                cwd=PACKAGE.parent,
                env={**os.environ, "LIVEAVATAR_LANG": language(), "PYTHONIOENCODING": "utf-8"},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, encoding="utf-8", errors="replace",
                start_new_session=sys.platform != "win32", creationflags=flags,
            )  # fmt: skip
        except OSError as error:
            raise LiveAvatarError(
                tr(f"no process can be started: {error.strerror}", f"无法启动进程：{error.strerror}")
            ) from error
        self._child = child
        assert child.stdin is not None and child.stdout is not None and child.stderr is not None
        with child:
            if sys.platform != "win32":
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, child.pid, NICE)
            with contextlib.suppress(OSError):
                child.stdin.write(answers)
                child.stdin.close()
            out: list[str] = []
            reading = threading.Thread(target=lambda: out.append(child.stdout.read()), daemon=True)  # type: ignore[union-attr]
            reading.start()
            lines = []
            for line in child.stderr:
                if text := line.strip():
                    lines.append(text)
                    told(text)
            reading.join()
            status = child.wait()
        self._child = None
        return status, "".join(out), lines


def _reason(lines: Sequence[str]) -> str:
    """What went wrong: the error and what stands below it; else the last line."""
    mark = tr("Error: ", "错误：")
    at = [i for i, line in enumerate(lines) if mark in line]
    if not at:
        return lines[-1] if lines else tr("stopped", "已停止")
    return "\n".join([lines[at[-1]].rpartition(mark)[2], *lines[at[-1] + 1 :]])
