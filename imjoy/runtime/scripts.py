"""A plugin's scripts, run one after the other in one module, with the name and the lines of the plugin's file."""

import linecache
import sys
import types
from collections.abc import Sequence
from typing import Any, Optional

from imjoy.rpc.call_errors import words_of
from imjoy.rpc.tracebacks import PLUGIN_SUFFIX, format_error, plugin_line
from imjoy.runtime.handover import Script

MODULE = "imjoy_plugin"
_PYTHON = ("", "python", "text/python", "text/x-python", "python3")


class ScriptError(Exception):
    """A script has failed: the words for people, the traceback, and the line of the plugin file."""

    def __init__(self, message: str, detail: str = "", line: Optional[int] = None) -> None:
        super().__init__(message)
        self.detail = detail
        self.line = line


def plugin_module(file_name: str, api: Any) -> types.ModuleType:
    """The module that a plugin's scripts run in, with ``api`` in it; the one that its classes name as theirs."""
    module = types.ModuleType(MODULE)
    module.__file__ = file_name
    module.__dict__["api"] = api
    # Dataclasses, pickle and others look for the module of a class by its name.
    sys.modules[MODULE] = module
    return module


def file_name_of(plugin: str) -> str:
    """The name that tracebacks give the plugin's file."""
    return f"{plugin}{PLUGIN_SUFFIX}"


def register_lines(file_name: str, scripts: Sequence[Script]) -> None:
    """Let tracebacks show the lines of the scripts, each where it lies in the plugin file."""
    lines: list[str] = []
    for script in scripts:
        lines.extend("\n" for _ in range(len(lines), script.line - 1))
        lines[script.line - 1 :] = [f"{line}\n" for line in script.content.split("\n")]
    # Without a time, so that nobody looks for a file of this name.
    linecache.cache[file_name] = (sum(map(len, lines)), None, lines, file_name)


def run_scripts(scripts: Sequence[Script], module: types.ModuleType) -> list[str]:
    """Run them in their order; sentences about those that were left out.

    Raises ScriptError for the first that fails.
    """
    file_name = str(module.__file__)
    notes = []
    kept = []
    for script in scripts:
        if script.lang.lower() not in _PYTHON:
            notes.append(f"A script in the language {script.lang!r} was left out: this is a Python plugin.")
        elif script.src:
            notes.append(f"The script {script.src!r} was left out: a Python plugin's code must be in its file.")
        else:
            kept.append(script)
    register_lines(file_name, sorted(kept, key=lambda script: script.line))
    for script in kept:
        _run(script, file_name, module)
    return notes


def _run(script: Script, file_name: str, module: types.ModuleType) -> None:
    try:
        # Empty lines before it give the code the line numbers of the file.
        code = compile("\n" * (script.line - 1) + script.content, file_name, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - running the plugin is what this process is for
    except SystemExit as error:
        raise ScriptError("the script has called sys.exit()", format_error(error), plugin_line(error)) from error
    except Exception as error:
        line = plugin_line(error)
        where = "" if line is None else f" (line {line})"
        # The text of a SyntaxError says the line by itself, in other words.
        words = f"{type(error).__name__}: {error.msg}" if isinstance(error, SyntaxError) else words_of(error)
        raise ScriptError(f"{words}{where}", format_error(error), line) from error
