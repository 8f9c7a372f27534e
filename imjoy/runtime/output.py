"""What a plugin writes, as lines for its log: print, sys.stderr, logging, warnings, and errors that nobody caught.

The descriptors 1 and 2 stay as whoever started this process has set them, and are read there: what C libraries, child
processes and a crash write goes to them. They are no pipes into this very process, because a library that writes a lot
without letting go of the interpreter would wait for ever, and because the last words of a crash would be lost.
"""

import io
import logging
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any, Optional, TextIO, Union

from imjoy.rpc.tracebacks import format_error
from imjoy.runtime.log_gate import LogGate

# A line that is written over and over, as progress bars do it, is shown so often.
REWRITE_SECONDS = 1.0


class LineStream(io.TextIOBase):
    """A stand-in for ``sys.stdout`` or ``sys.stderr`` that hands whole lines on."""

    def __init__(self, write_line: Callable[[str], None], original: Optional[TextIO]) -> None:
        super().__init__()
        self._write_line = write_line
        self._original = original
        self._lock = threading.RLock()
        self._begun = ""
        self._shown = float("-inf")

    def write(self, text: str) -> int:
        """Take text; what follows the last end of a line waits for the rest of its own."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
            finished = [_last_version(line) for line in lines]
            if "\r" in self._begun:
                finished += self._rewritten()
        for line in finished:
            self._write_line(line)
        return len(text)

    def _rewritten(self) -> list[str]:
        """A line that is begun anew by a carriage return: shown now and then, since its end may be far."""
        done, _, self._begun = self._begun.rpartition("\r")
        now = time.monotonic()
        line = _last_version(done)
        if not line or now - self._shown < REWRITE_SECONDS:
            return []
        self._shown = now
        return [line]

    def finish(self) -> None:
        """Hand on a line that has no end, before the process ends."""
        with self._lock:
            line, self._begun = _last_version(self._begun), ""
        if line:
            self._write_line(line)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """As if it were a file."""
        return "utf-8"

    @property
    def buffer(self) -> Any:
        """For bytes: the descriptor's own stream."""
        if self._original is None:
            raise io.UnsupportedOperation("buffer")
        return self._original.buffer

    def fileno(self) -> int:
        """The descriptor, for child processes that are to write to the same place."""
        if self._original is None:
            raise io.UnsupportedOperation("fileno")
        return self._original.fileno()

    def writable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """It stays open: a plugin that closes it would silence itself."""


def _last_version(line: str) -> str:
    """What is seen of a line in which carriage returns begin it anew."""
    return line.rstrip("\r").rpartition("\r")[2]


class _LogHandler(logging.Handler):
    """Leads what is logged to the plugin's log, with its level."""

    def __init__(self, gate: LogGate, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._gate = gate

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        if record.levelno < logging.WARNING:
            level = "info"
        self._gate.traceback(self.format(record)) if record.exc_info else self._gate.write(level, self.format(record))


class Capture:
    """Everything that a plugin writes, led to its log; ``release`` leads it back, in a process that was forked."""

    def __init__(self, gate: LogGate) -> None:
        self._gate = gate
        self._saved = (sys.stdout, sys.stderr, logging.lastResort, logging.basicConfig)
        self._out = LineStream(lambda line: gate.write("info", line), sys.__stdout__)
        # Not a sign of an error: progress bars and the log lines of libraries are written there too.
        self._err = LineStream(lambda line: gate.write("warning", line), sys.__stderr__)

    def begin(self) -> None:
        """From now on."""
        sys.stdout, sys.stderr = self._out, self._err
        logging.lastResort = _LogHandler(self._gate, logging.WARNING)
        logging.basicConfig = self._basic_config
        warnings.showwarning = self._show_warning
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        sys.unraisablehook = self._unraisable

    def release(self) -> None:
        """Back to the descriptors; takes no lock, since another thread may have held it when the process was forked."""
        sys.stdout, sys.stderr, logging.lastResort, logging.basicConfig = self._saved
        logging.root.handlers[:] = [one for one in logging.root.handlers if not isinstance(one, _LogHandler)]
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__

    def finish(self) -> None:
        """Hand on lines that have no end, and the number of those that were left out."""
        for stream in (self._out, self._err):
            stream.finish()
        self._gate.flush()

    def _basic_config(self, **settings: Any) -> None:
        """``logging.basicConfig``, which ``logging.error`` and the like call too where nothing was set up before.

        What would go to stderr goes to the log with its level instead, in the plugin's own format if it gives one.
        """
        basic_config = self._saved[3]
        if not {"stream", "filename", "handlers"} & settings.keys():
            handler = _LogHandler(self._gate)
            if "format" not in settings:
                handler.setFormatter(logging.Formatter("%(message)s"))
            settings["handlers"] = [handler]
        basic_config(**settings)

    def _show_warning(
        self,
        message: Union[Warning, str],
        category: type[Warning],
        filename: str,
        lineno: int,
        file: Optional[TextIO] = None,
        line: Optional[str] = None,
    ) -> None:
        text = warnings.formatwarning(message, category, filename, lineno, line)
        if file is not None:
            file.write(text)
        else:
            self._gate.write("warning", text.rstrip("\n"))

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
        self._gate.traceback(format_error(error.with_traceback(trace)))

    def _uncaught_in_thread(self, failure: "threading.ExceptHookArgs") -> None:
        if failure.exc_type is SystemExit or failure.exc_value is None:
            return
        name = failure.thread.name if failure.thread is not None else "a thread"
        self._gate.traceback(f"Uncaught in {name}:\n{format_error(failure.exc_value)}")

    def _unraisable(self, failure: "sys.UnraisableHookArgs") -> None:
        words = failure.err_msg or "Exception ignored in"
        text = "".join(traceback.format_exception_only(failure.exc_type, failure.exc_value)).rstrip("\n")
        self._gate.traceback(f"{words}: {failure.object!r}\n{text}")
