"""Eight hours of a show at 30 fps, faster than real time; or half an hour of it in real time: python -m benchmarks.endurance.soak

Everything is real but MediaPipe and the clock: the live loop and its threads, recorded faces, retargeting, the tiny avatar,
compositing; swaps, emotes, and all that can go wrong, over and over, in two processes side by side. --real MINUTES plays shipped
avatars at 30 fps with the real tracker, a page that a slow client watches, and a recording. Says whether memory, threads, handles
and the age of the pictures stay flat, process by process. Ctrl-C keeps what was measured: the same command goes on from there.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.endurance import flatness
from liveavatar.base import provenance
from liveavatar.base.files import write_whole
from liveavatar.base.timing import wall_clock
from liveavatar.errors import LiveAvatarError

ROOT = Path(__file__).resolve().parents[2]
TICKS = 864_000
PROCESSES = 2
"""Side by side, on a core each: threads of one Python process hinder each other on several."""
OVERDUE = 120.0
"""Seconds without a sample after which a process is given up."""


def play(arguments: list[str], goal: int, unit: str, folder: Path, processes: int) -> dict[str, Any]:
    """Go on until the processes of all runs together have reached `goal` of `unit` ("ticks", or "at" for seconds).

    arguments: of a process, see soaking.py. Returns the report; also written as report.json, with soak.png."""
    path, commit = folder / "samples.jsonl", provenance.commit()
    samples = read(path)
    if any(sample["commit"] != commit for sample in samples):
        samples = []
        path.unlink()
    rest = goal - reached(samples, unit)
    begun = 1 + max((sample["process"] for sample in samples), default=-1)
    failed: list[str] = []
    if rest > 0:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n" * bool(samples))  # after a line that was cut short
            for sample in _samples(arguments, rest, processes, begun, failed):
                sample["commit"] = commit
                file.write(json.dumps(sample) + "\n")
                file.flush()
                samples.append(sample)
                _tell(samples, unit, goal)
    return report(samples, unit, goal, failed)


def read(path: Path) -> list[dict[str, Any]]:
    """What was sampled so far; a line that was not written to its end is left out."""
    samples = []
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                samples.append(json.loads(line))
            except ValueError:
                continue
    return samples


def reached(samples: list[dict[str, Any]], unit: str) -> int:
    """How far all processes together have come."""
    return int(sum(max(s[unit] for s in own) for own in by_process(samples).values()))


def by_process(samples: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """The samples of each process, in order."""
    result: dict[int, list[dict[str, Any]]] = {}
    for sample in samples:
        result.setdefault(sample["process"], []).append(sample)
    return result


def report(samples: list[dict[str, Any]], unit: str, goal: int, failed: list[str]) -> dict[str, Any]:
    """The figures, and what is not as it should be: an empty list of "faults" is a pass."""
    faults = list(failed)
    done = reached(samples, unit)
    if done < goal:
        faults.append(f"{done} of {goal} {'ticks' if unit == 'ticks' else 'seconds'} only")
    judged, short = {}, []
    for process, own in by_process(samples).items():
        if found := flatness.judge(own):
            judged[process] = found
            faults += [
                f"process {process}: {name} rose from {row['first']} to {row['last']} (trend {row['trend']:+})"
                for name, row in found.items()
                if not row["flat"]
            ]
        else:
            short.append(process)
    if not judged:
        faults.append("no process ran long enough to be judged")
    lasts = [own[-1] for own in by_process(samples).values()]
    events: dict[str, int] = {}
    for last in lasts:
        for name, count in last["events"].items():
            events[name] = events.get(name, 0) + count
    return {
        "ok": not faults, "faults": faults, "reached": done, "goal": goal, "unit": unit,
        "hours": round(sum(last["at"] for last in lasts) / 3600, 3),
        "sent": sum(last["sent"] for last in lasts), "driven": sum(last["driven"] for last in lasts),
        "events": events, "longest_gap_ms": max((s["gap_ms"] for s in samples), default=None),
        "processes": judged, "too_short": short, "commit": provenance.commit(), "machine": provenance.machine(),
        "versions": provenance.versions(), "date": wall_clock().date().isoformat(),
    }  # fmt: skip


def _samples(arguments: list[str], rest: int, processes: int, begun: int, failed: list[str]) -> Any:
    """The samples of all processes as they come; what went wrong goes to `failed`. Stopping ends the processes."""
    told: queue.Queue[dict[str, Any] | int] = queue.Queue()
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [None] * processes

    def listen(process: subprocess.Popen[str], number: int) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            told.put({"process": number, **json.loads(line)})
        told.put(number)

    with ExitStack() as open_ones:
        running = {}
        for k in range(processes):
            share = rest // processes + (k < rest % processes)
            command = [
                sys.executable,
                "-m",
                "benchmarks.endurance.soaking",
                str(share),
                *arguments,
                "--seed",
                str(begun + k),
            ]
            if processes > 1 and cores[k % len(cores)] is not None:
                command += ["--core", str(cores[k % len(cores)])]
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
            )
            open_ones.callback(_end, process)
            running[begun + k] = process
            threading.Thread(target=listen, args=(process, begun + k), daemon=True).start()
        while running:
            try:
                item = told.get(timeout=OVERDUE)
            except queue.Empty:
                failed.append(f"processes {sorted(running)}: no sample for {OVERDUE:.0f} s")
                return
            if isinstance(item, int):
                if status := running.pop(item).wait():
                    failed.append(f"process {item}: exit status {status}")
            else:
                yield item


def _end(process: subprocess.Popen[str]) -> None:
    """A closed stdin asks it to stop."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _tell(samples: list[dict[str, Any]], unit: str, goal: int) -> None:
    last = samples[-1]
    age = last["age_ms"] or {"p50": float("nan")}
    sys.stderr.write(
        f"\r{reached(samples, unit):>7} of {goal}  process {last['process']}: {last['resident_mb']} MB, "
        f"{last['threads']} threads, {last['handles']} handles, age {age['p50']:.1f} ms, gap {last['gap_ms']:.0f} ms   "
    )
    sys.stderr.flush()


def main(arguments: list[str] | None = None) -> int:
    """The last line is JSON. Exit status 1 where something does not stay flat, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.endurance.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--ticks", type=int, default=TICKS, help="pictures to make, all stages each (%(default)s)"
    )
    parser.add_argument("--real", type=float, metavar="MINUTES", help="real time instead")
    parser.add_argument(
        "--folder", type=Path, help="of samples, report and picture (out/soak, out/soak-real)"
    )
    parser.add_argument("--processes", type=int, default=PROCESSES, help="side by side (%(default)s)")
    parser.add_argument("--faces", type=Path, help="recorded faces (tracked from the driver clip)")
    asked = parser.parse_args(arguments)
    folder = asked.folder or ROOT / "out" / ("soak" if asked.real is None else "soak-real")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if asked.real is None:
            faces = asked.faces or folder / "faces.npz"
            if not faces.is_file():
                subprocess.run(
                    [sys.executable, "-m", "benchmarks.endurance.soaking", "0", "--track", str(faces)],
                    cwd=ROOT,
                    check=True,
                )
            found = play(["--faces", str(faces.resolve())], asked.ticks, "ticks", folder, asked.processes)
        else:
            found = play(["--real"], round(60 * asked.real), "at", folder, 1)
    except LiveAvatarError as error:
        print(error, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, subprocess.CalledProcessError) as error:
        print(f"\nstopped{'' if isinstance(error, KeyboardInterrupt) else f': {error}'}; {folder} keeps what was measured",
              file=sys.stderr)  # fmt: skip
        return 130
    write_whole(folder / "report.json", (json.dumps(found, indent=1) + "\n").encode())
    try:
        from benchmarks.suite import charts
    except ImportError:
        print("no picture: matplotlib is missing", file=sys.stderr)
    else:
        charts.draw_soak(found, by_process(read(folder / "samples.jsonl")), folder / "soak.png")
    print()
    for fault in found["faults"]:
        print(fault)
    print(json.dumps(found))
    return int(not found["ok"])


if __name__ == "__main__":
    sys.exit(main())
