"""What a process holds at the moment: memory, threads, handles. None where the system does not tell."""

import os
import subprocess
import sys
import threading
from pathlib import Path


def resident_mb() -> float | None:
    """Memory of this process that lies in RAM, MB."""
    if sys.platform == "win32":
        return None
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 2)
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True)
    return round(int(said.stdout) * 1024 / 1e6, 2) if said.stdout.strip() else None


def threads() -> int:
    """Threads of this process; where the system does not tell, those of Python."""
    tasks = Path("/proc/self/task")
    return len(os.listdir(tasks)) if tasks.is_dir() else threading.active_count()


def handles() -> int | None:
    """Files, sockets and the like that this process has open."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        if os.path.isdir(folder):
            return len(os.listdir(folder)) - 1  # but the one that listed them
    return None
