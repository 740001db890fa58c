"""All hostile cases, by kind, with a report.

    python -m tests.hostile [--cases 20000] [--only card,zip] [--folder build/hostile] [--report FILE]

Prints a table and writes report.json into the folder: for each kind how many were refused, accepted (really used: drawn, decoded,
retargeted, answered) and anything else, which must be 0, with the case's number and the smallest input found for each such; the
peak memory beyond what valid input takes; the seconds. What is done stays in the folder: run again, it goes on. Exit status 1
where anything else than refused and accepted came out, or memory was above 500 MB.
"""

import argparse
import contextlib
import json
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .driving import ROOT, results, smallest
from .worker import SEED, case, registry

MEMORY_MB = 500


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=20_000, help="of all kinds together")
    parser.add_argument("--only", default="", help="kinds, with commas between them")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "hostile")
    parser.add_argument("--report", type=Path, help="where the report goes, besides")
    asked = parser.parse_args()
    kinds = registry()
    shares = sum(kind.share for kind in kinds.values())
    wanted = {name: -(-kind.share * asked.cases // shares) for name, kind in kinds.items()}
    chosen = asked.only.split(",") if asked.only else list(kinds)
    asked.folder.mkdir(parents=True, exist_ok=True)
    try:
        for name in chosen:
            _run(name, wanted[name], asked.folder)
    except KeyboardInterrupt:
        print("\nstopped; run again to go on", file=sys.stderr)
        return 130
    report = _report({name: wanted[name] for name in chosen}, asked.folder)
    text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
    for path in filter(None, (asked.folder / "report.json", asked.report)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _print(report)
    return 1 if report["total"]["else"] or report["total"]["peak_mb"] > MEMORY_MB else 0


def _lines(folder: Path, name: str) -> list[dict[str, Any]]:
    """What is known of a kind's cases; a last line that was cut off is left out."""
    path = folder / f"{name}.jsonl"
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def _run(name: str, stop: int, folder: Path) -> None:
    known = _lines(folder, name)
    first = max((line["number"] for line in known), default=-1) + 1
    if first >= stop:
        return
    with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as log:
        for line in known:
            log.write(json.dumps(line) + "\n")
        count: Counter[str] = Counter()
        commit = _commit()
        for line in results(name, first, stop):
            log.write(json.dumps(line | {"commit": commit}) + "\n")
            log.flush()
            count[line["result"]] += 1
            if sys.stderr.isatty() and line["number"] % 20 == 0:
                print(f"\r{name}: {line['number'] + 1} of {stop} {dict(count)}   ", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def _report(wanted: dict[str, int], folder: Path) -> dict[str, Any]:
    kinds = registry()
    rows: dict[str, Any] = {}
    for name in wanted:
        lines = _lines(folder, name)
        faults = [line for line in lines if line["result"] not in ("refused", "accepted")]
        rows[name] = {
            "about": kinds[name].about,
            "cases": len(lines),
            "refused": sum(line["result"] == "refused" for line in lines),
            "accepted": sum(line["result"] == "accepted" for line in lines),
            "else": len(faults),
            "peak_mb": max((line["peak"] for line in lines), default=0),
            "seconds": round(sum(line["seconds"] for line in lines), 1),
            "slowest_s": max((line["seconds"] for line in lines), default=0),
            "commits": sorted({line.get("commit", "") for line in lines}),
            "faults": _keep(name, kinds[name], faults, folder),
        }
    total = {
        key: sum(row[key] for row in rows.values())
        for key in ("cases", "refused", "accepted", "else", "seconds")
    }
    total["peak_mb"] = max(row["peak_mb"] for row in rows.values())
    total["seconds"] = round(sum(row["seconds"] for row in rows.values()))
    packages = ("liveavatar", "numpy", "opencv-contrib-python", "onnxruntime", "pillow", "av", "websockets")
    versions = {}
    for package in packages:
        with contextlib.suppress(Exception):
            versions[package] = version(package)
    return {
        "command": "python -m tests.hostile", "seed": SEED, "commit": _commit(), "system": platform.platform(),
        "python": platform.python_version(), "versions": versions, "total": total, "kinds": rows,
    }  # fmt: skip


def _keep(name: str, kind: Any, faults: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """The faults with their inputs saved; of those of one sort the first is made small."""
    seen: set[str] = set()
    kept = []
    for line in faults:
        place = folder / "faults" / f"{name}-{line['number']}"
        place.parent.mkdir(exist_ok=True)
        if line["number"] >= 0:
            data = case(kind, name, line["number"])
            place.write_bytes(data)
            sort = line["result"] + line["why"][-30:]
            if sort not in seen and len(seen) < 5:
                seen.add(sort)
                with tempfile.TemporaryDirectory() as work:
                    Path(f"{place}.small").write_bytes(smallest(name, data, line["result"], Path(work)))
        kept.append({key: line[key] for key in ("number", "result", "why")})
    return kept


def _print(report: dict[str, Any]) -> None:
    print("| Kind | Cases | Refused | Accepted | Anything else | Peak, MB | Seconds |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, row in [*report["kinds"].items(), ("all", {"about": "", **report["total"]})]:
        cells = (row[key] for key in ("cases", "refused", "accepted", "else", "peak_mb", "seconds"))
        print(
            f"| {name}{': ' if row['about'] else ''}{row['about']} | "
            + " | ".join(f"{v:,}" for v in cells)
            + " |"
        )
    for name, row in report["kinds"].items():
        for fault in row["faults"]:
            print(f"{name} {fault['number']}: {fault['result']}: {fault['why']}")


if __name__ == "__main__":
    sys.exit(main())
