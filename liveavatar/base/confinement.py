"""Limits that a process puts on itself, for good: memory, time, files. What the system offers differs:

Linux    memory (RLIMIT_DATA, over what is in use), CPU seconds, no file written, no core dump
macOS    CPU seconds, no file written, no core dump; memory is watched 20 times a second, for the system keeps no limit
Windows  memory and CPU seconds, by a job object that ends with the process
"""

import contextlib
import os
import sys
import threading

OUT_OF_MEMORY = 77
"""Exit status where memory is watched."""


def confine(memory: int, seconds: int) -> None:
    """From now on this process may use so many bytes more than it does, and so many CPU seconds more. What goes beyond fails with
    MemoryError, or ends it. Raises OSError where the system refuses to set a limit it has."""
    if sys.platform == "win32":
        _enter_job(memory, seconds)
    else:
        _set_limits(memory, seconds)


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _BasicLimits(ctypes.Structure):
        """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

        _fields_ = [
            ("PerProcessUserTimeLimit", ctypes.c_int64), ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", wintypes.DWORD), ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t), ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t), ("PriorityClass", wintypes.DWORD), ("SchedulingClass", wintypes.DWORD),
        ]  # fmt: skip

    class _Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

        _fields_ = [
            ("Basic", _BasicLimits), ("IoInfo", ctypes.c_uint64 * 6), ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t), ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        ]  # fmt: skip

    class _Memory(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS."""

        _fields_ = [
            ("cb", wintypes.DWORD), ("PageFaultCount", wintypes.DWORD), ("PeakWorkingSetSize", ctypes.c_size_t),
            ("WorkingSetSize", ctypes.c_size_t), ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
            ("QuotaPagedPoolUsage", ctypes.c_size_t), ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
            ("QuotaNonPagedPoolUsage", ctypes.c_size_t), ("PagefileUsage", ctypes.c_size_t),
            ("PeakPagefileUsage", ctypes.c_size_t),
        ]  # fmt: skip

    _PROCESS_TIME, _ACTIVE_PROCESS, _PROCESS_MEMORY = 0x2, 0x8, 0x100
    _DIE_ON_UNHANDLED_EXCEPTION, _KILL_ON_JOB_CLOSE = 0x400, 0x2000
    _EXTENDED_LIMITS = 9

    def _enter_job(memory: int, seconds: int) -> None:
        """Put this process into a job of its own; its handle stays open until the process ends."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.CreateJobObjectW.argtypes = [ctypes.c_void_p, wintypes.LPCWSTR]
        kernel.SetInformationJobObject.argtypes = [
            wintypes.HANDLE,
            ctypes.c_int,
            ctypes.c_void_p,
            wintypes.DWORD,
        ]
        kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
        kernel.K32GetProcessMemoryInfo.argtypes = [wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD]
        process = kernel.GetCurrentProcess()
        used = _Memory(cb=ctypes.sizeof(_Memory))
        if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(used), used.cb):
            raise ctypes.WinError(ctypes.get_last_error())
        limits = _Limits(ProcessMemoryLimit=used.PagefileUsage + memory)
        limits.Basic.LimitFlags = (
            _PROCESS_TIME
            | _ACTIVE_PROCESS
            | _PROCESS_MEMORY
            | _DIE_ON_UNHANDLED_EXCEPTION
            | _KILL_ON_JOB_CLOSE
        )
        limits.Basic.ActiveProcessLimit = 1
        spent = sum(os.times()[:2])
        limits.Basic.PerProcessUserTimeLimit = int((spent + seconds) * 10_000_000)  # in 100 ns
        job = kernel.CreateJobObjectW(None, None)
        if (
            not job
            or not kernel.SetInformationJobObject(
                job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
            )
            or not kernel.AssignProcessToJobObject(job, process)
        ):
            raise ctypes.WinError(ctypes.get_last_error())

else:
    import resource

    def _set_limits(memory: int, seconds: int) -> None:
        os.nice(5)  # a show may be running
        spent = sum(os.times()[:2])
        _lower(resource.RLIMIT_CPU, int(spent) + seconds)
        _lower(resource.RLIMIT_FSIZE, 0)
        _lower(resource.RLIMIT_CORE, 0)
        if (used := _private_memory()) is not None:
            _lower(resource.RLIMIT_DATA, used + memory)
        else:
            threading.Thread(target=_watch, args=(memory,), daemon=True).start()

    def _lower(what: int, most: int) -> None:
        hard = resource.getrlimit(what)[1]
        # At the soft limit of time a process gets SIGXCPU, at the hard one SIGKILL, which would not say why.
        above = most + (what == resource.RLIMIT_CPU)
        if hard != resource.RLIM_INFINITY:  # which nobody may raise
            above = min(above, hard)
        resource.setrlimit(what, (min(most, above), above))

    def _private_memory() -> int | None:
        """Bytes that RLIMIT_DATA counts, None where the system does not say."""
        with contextlib.suppress(OSError, ValueError), open("/proc/self/status", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
            return int(lines["VmData"].split()[0]) << 10
        return None

    def _watch(memory: int) -> None:
        """End this process where its peak grows by more than `memory` bytes."""
        unit = 1 if sys.platform == "darwin" else 1 << 10
        first, pause = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, threading.Event()
        while (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first) * unit <= memory:
            pause.wait(0.05)
        os._exit(OUT_OF_MEMORY)
