"""From a cold process to the first picture that a camera frame drives: python -m benchmarks.suite.startup

Each run is a new Python process that does what `liveavatar run` does: program, libraries, then the loop, whose threads load
the face model and the avatar side by side. It tells its milestones as lines, which are timed here. The files may lie in the
system's disk cache, as after any recent start.
"""

# The child's imports are what is measured: nothing of the program may be imported up here.
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveavatar.bench.parts import Parts

PHASES = ("python", "program", "libraries", "face model", "avatar", "first picture")
ROOT = Path(__file__).resolve().parents[2]


def measure(parts: "Parts", runs: int) -> dict[str, Any]:
    """Seconds since the process was started: {"first_picture_s", "all_s", "phases": {name: [start, end]}}.

    The phases are those of the middle run. Raises LiveAvatarError with what a run that failed said last."""
    found = sorted((_run(parts) for _ in range(runs)), key=lambda phases: phases[PHASES[-1]][1])
    ends = [phases[PHASES[-1]][1] for phases in found]
    return {
        "first_picture_s": round(median(ends), 3),
        "all_s": ends,
        "phases": found[(runs - 1) // 2],
    }


def _run(parts: "Parts") -> dict[str, list[float]]:
    from liveavatar.base.timing import now
    from liveavatar.errors import LiveAvatarError
    from liveavatar.language import tr

    options = {
        "avatar": parts.avatar.folder,
        "clip": parts.clip,
        "model": parts.model,
    }
    command = [sys.executable, "-m", "benchmarks.suite.startup", "--child"]
    command += ["--provider", parts.provider, "--draw", parts.draw]
    for name, path in options.items():
        command += [f"--{name}", str(path.resolve())]
    begin = now()
    marks: dict[str, list[float]] = {"python": [0.0]}
    first_driven = 0.0
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            for line in process.stdout:
                name, _, seconds = line.strip().partition(": ")
                if seconds:
                    first_driven = float(seconds)
                marks.setdefault(name, []).append(round(now() - begin, 3))
        if process.returncode:
            said.seek(0)
            last = (said.read().strip().splitlines() or [f"exit status {process.returncode}"])[-1]
            raise LiveAvatarError(tr(f"a start failed: {last}", f"启动失败：{last}"))
    ready = max(marks["face model"][1], marks["avatar"][1])
    marks["first picture"] = [ready, round(max(ready, marks["loop"][0] + first_driven), 3)]
    return {name: marks[name] for name in PHASES}


def _child(arguments: list[str]) -> None:
    """Says the name of a phase when it begins and when it ends; at last how long the loop took to its first picture."""

    def say(phase: str) -> None:
        sys.stdout.write(f"{phase}\n")  # at one go: two threads say things
        sys.stdout.flush()

    say("python")
    say("program")
    import liveavatar.cli  # noqa: F401 - what `liveavatar` imports before it knows the command

    say("program")
    say("libraries")
    import mediapipe  # noqa: F401
    import onnxruntime  # noqa: F401

    from benchmarks.suite import asking
    from liveavatar.live.loop import Live

    say("libraries")
    parts = asking.parts(asking.parser(None).parse_args(arguments))

    def opening(phase: str, open_part: Any) -> Any:
        say(phase)
        part = open_part()
        say(phase)
        return part

    live = Live(
        open_camera=parts.webcam,
        open_tracker=lambda: opening("face model", parts.tracker),
        retargeter=parts.retargeter(),
        open_renderer=lambda: opening("avatar", parts.renderer),
        output=parts.output(),
        size=parts.avatar.size,
        on_status=lambda report: live.stop() if report.driven else None,
    )
    say("loop")
    report = live.run()
    say(f"first picture: {report.first_driven}")


def main() -> None:
    """A line for each phase; the last line is JSON."""
    if "--child" in sys.argv[1:2]:
        _child(sys.argv[2:])
        return
    from benchmarks.suite import asking

    parser = asking.parser(__doc__)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    result = measure(asking.parts(asked), asked.runs)
    for name, (start, end) in result["phases"].items():
        print(f"{name:<14} {start:6.2f} to {end:6.2f} s")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
