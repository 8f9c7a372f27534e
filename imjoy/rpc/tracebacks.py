"""Tracebacks as the author of a plugin wants to see them: without our frames, and with the line that is his."""

import os
import traceback
from typing import Optional

PLUGIN_SUFFIX = ".imjoy.html"
# By os.path, since pathlib takes longer to load than all of this package.
_PACKAGE = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120
_OURS = tuple(os.path.join(_PACKAGE, room, "") for room in ("rpc", "runtime"))  # noqa: PTH118


def format_error(error: BaseException) -> str:
    """The traceback in text; our own frames are shown only where there are no others."""
    shown = traceback.TracebackException(type(error), error, error.__traceback__)
    _leave_ours_out(shown)
    return "".join(shown.format()).rstrip("\n")


def _leave_ours_out(shown: Optional[traceback.TracebackException]) -> None:
    """In the whole chain of errors that led to another."""
    while shown is not None:
        others = [frame for frame in shown.stack if not frame.filename.startswith(_OURS)]
        if others or issubclass(shown.exc_type or Exception, SyntaxError):
            # Of an error of syntax the place in the text is all that matters.
            shown.stack[:] = others
        _leave_ours_out(shown.__context__)
        shown = shown.__cause__


def plugin_line(error: BaseException) -> Optional[int]:
    """The line of the plugin file at which the error arose, seen from the plugin; None where it was not in one."""
    if isinstance(error, SyntaxError) and str(error.filename).endswith(PLUGIN_SUFFIX):
        return error.lineno
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(PLUGIN_SUFFIX):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
