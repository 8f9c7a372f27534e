"""Windows: a job, which ends every process in it when the engine lets go of it, in whatever way the engine ends.

The counterpart of ``engine/guardian``, which needs a system that forks. Elsewhere there is no job.
"""

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _EXTENDED_LIMITS = 9
    _KILL_ON_CLOSE = 0x2000
    _SET_QUOTA_AND_TERMINATE = 0x0100 | 0x0001

    class _Limits(ctypes.Structure):
        _fields_ = (
            ("times", ctypes.c_int64 * 2),
            ("flags", wintypes.DWORD),
            ("sizes", ctypes.c_size_t * 2),
            ("processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("classes", wintypes.DWORD * 2),
            ("counters", ctypes.c_uint64 * 6),
            ("memory", ctypes.c_size_t * 4),
        )

    class Job:
        """Holds the process and all that it starts; ``kill`` ends them."""

        def __init__(self, process: int) -> None:
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            for name in ("CreateJobObjectW", "OpenProcess"):
                getattr(self._kernel, name).restype = wintypes.HANDLE
            self._handle = wintypes.HANDLE(self._kernel.CreateJobObjectW(None, None))
            limits = _Limits(flags=_KILL_ON_CLOSE)
            self._kernel.SetInformationJobObject(
                self._handle, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
            )
            opened = wintypes.HANDLE(self._kernel.OpenProcess(_SET_QUOTA_AND_TERMINATE, False, process))
            self._kernel.AssignProcessToJobObject(self._handle, opened)
            self._kernel.CloseHandle(opened)

        def kill(self) -> None:
            """End every process in it."""
            self._kernel.TerminateJobObject(self._handle, 1)

        def close(self) -> None:
            """Let go of it, which ends what is still in it."""
            self._kernel.CloseHandle(self._handle)

else:

    class Job:
        """Does nothing: the guardian does it."""

        def __init__(self, process: int) -> None:
            self._process = process

        def kill(self) -> None:
            """Nobody is in it."""

        def close(self) -> None:
            """Nobody is in it."""
