"""What kind of thing a Python value is when it is to be sent, and the members of an instance that others may see.

Pure; used by ``encode``. Properties are not read: what they do is nobody's wish who only sends an object.
"""

import array
import collections
import enum
import functools
import inspect
import io
import sys
import types
from collections.abc import Iterator
from typing import Any

from imjoy.rpc.arrays import is_numpy

FILE_METHODS = (
    *("fileno", "seek", "truncate", "detach", "write", "read", "read1", "readall", "close", "closed", "__enter__"),
    *("__exit__", "flush", "isatty", "__iter__", "__next__", "readable", "readline", "readlines", "seekable", "tell"),
    *("writable", "writelines"),
)
CONTEXT_METHODS = ("__enter__", "__exit__")

# Values that travel as a text, by the module that must have been imported for one to exist.
_TEXTS = {"datetime": ("date", "time"), "pathlib": ("PurePath",), "uuid": ("UUID",)}
# Classes that were made by a class statement have the first of these flags and not the second.
_HEAP_TYPE = 1 << 9
_IMMUTABLE_TYPE = 1 << 8
_NEVER_SENT = (
    types.ModuleType,
    types.GeneratorType,
    types.CoroutineType,
    types.AsyncGeneratorType,
    types.FrameType,
    types.TracebackType,
)
_KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("object", (dict,)),
    ("list", (list, tuple, range, collections.deque)),
    ("set", (set, frozenset)),
    ("error", (BaseException,)),
    ("array", (array.array,)),
    ("enum", (enum.Enum,)),
    ("refused", _NEVER_SENT),
)


def kind_of(value: object) -> str:
    """One of the kinds of ``_KINDS``, or numpy, text, function, file, instance or refused.

    JSON's scalars and binary values are not asked about.
    """
    for kind, types_of_kind in _KINDS:
        if isinstance(value, types_of_kind):
            return kind
    if is_numpy(value):
        return "numpy"
    if _is_text(value):
        return "text"
    if callable(value):
        return "function"
    if isinstance(value, io.IOBase):
        return "file"
    return "instance" if _is_written_in_python(type(value)) or isinstance(value, types.SimpleNamespace) else "refused"


def _is_written_in_python(kind: type) -> bool:
    return bool(kind.__flags__ & _HEAP_TYPE) and not kind.__flags__ & _IMMUTABLE_TYPE


def _is_text(value: object) -> bool:
    for module, names in _TEXTS.items():
        loaded = sys.modules.get(module)
        if loaded is not None and isinstance(value, tuple(getattr(loaded, name, ()) for name in names)):
            return True
    return False


def text_of(value: Any) -> str:
    """Dates and times as ISO 8601 has it; paths and ids as they are written."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def function_name(function: Any) -> str:
    """The name of a function, however it is wrapped; ``function`` where it has none."""
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", "")
    return name if isinstance(name, str) and name and name != "<lambda>" else "function"


def function_key(function: Any) -> tuple[int, ...]:
    """What is equal for the same function: bound methods are made anew each time that they are asked for."""
    if isinstance(function, types.MethodType):
        return id(function.__self__), id(function.__func__)
    return (id(function),)


def instance_members(value: object) -> Iterator[tuple[str, Any]]:
    """The public attributes and methods of an instance, and those that make it a context manager."""
    seen: set[str] = set()
    own = getattr(value, "__dict__", {})
    for scope in (own, *(vars(one) for one in type(value).__mro__ if one is not object)):
        for name in list(scope):
            if name in seen or (name.startswith("_") and name not in CONTEXT_METHODS):
                continue
            seen.add(name)
            if scope is own:
                yield name, own[name]
            elif not _is_computed(inspect.getattr_static(value, name, None)):
                try:
                    yield name, getattr(value, name)
                except AttributeError:  # a slot that is not filled
                    continue


def _is_computed(static: object) -> bool:
    """Whether reading such a class attribute may run the author's code."""
    if isinstance(static, (types.FunctionType, staticmethod, classmethod, types.MemberDescriptorType)):
        return False
    return hasattr(type(static), "__get__") and not callable(static)
