"""What a report must name so that its figures can be judged: machine, versions, commit."""

import os
import platform
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import liveavatar
from liveavatar.base.files import PACKAGE

PACKAGES = (
    "numpy",
    "opencv-contrib-python",
    "mediapipe",
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "av",
    "moderngl",
)


def machine() -> dict[str, Any]:
    """CPU model, the cores this process may use, memory in GB (None where unknown), system."""
    return {"cpu": _cpu(), "cores": _cores(), "memory_gb": _memory_gb(), "system": platform.platform()}


def versions() -> dict[str, str]:
    """liveavatar, Python and the packages that decide the figures, where installed."""
    result = {"liveavatar": liveavatar.__version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            result[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return result


def commit() -> str:
    """The checkout's commit, with "+" when tracked files differ; outside a checkout "v" and the version."""
    root = PACKAGE.parent
    if not (root / ".git").exists():
        return f"v{liveavatar.__version__}"
    try:
        head = _git(root, "rev-parse", "--short=12", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return f"v{liveavatar.__version__}"
    return head + ("+" if changed else "")


def peak_rss_mb() -> float | None:
    """The most memory this process has held, MB; None on Windows, which has no resource module."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)  # bytes on macOS, else KB


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gb() -> float | None:
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)


RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml")
"""Distributions that bring the module onnxruntime; at most one may be installed."""


def runtimes() -> dict[str, str]:
    """{distribution: version} of the installed builds of ONNX Runtime, without loading one."""
    versions = {}
    for name in RUNTIMES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions
