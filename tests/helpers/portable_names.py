"""Whether names can lie on every disk that a folder may be carried on: Windows, exFAT, and both ignoring case."""

from collections.abc import Iterable
from pathlib import PurePosixPath

_FORBIDDEN = frozenset('<>:"\\|?*') | {chr(code) for code in range(32)}
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{number}" for kind in ("COM", "LPT") for number in range(10))}
LONGEST_NAME = 255
LONGEST_PATH = 200  # of Windows' 260, what a folder's own place leaves


def _problem(part: str) -> str | None:
    if bad := _FORBIDDEN & set(part):
        return f"has the character {min(bad)!r}"
    if part.endswith((".", " ")):
        return "ends with a dot or a space"
    if part.split(".")[0].upper() in _DEVICES:
        return "is a device on Windows"
    if len(part.encode("utf-16-le")) // 2 > LONGEST_NAME:
        return "is too long"
    return None


def name_problems(names: Iterable[PurePosixPath]) -> list[str]:
    """A sentence for each relative path that some disk cannot hold, and for each pair that differs by case alone."""
    found: list[str] = []
    seen: dict[str, PurePosixPath] = {}
    for name in names:
        found += [f"{name}: {part!r} {problem}" for part in name.parts if (problem := _problem(part))]
        if len(str(name)) > LONGEST_PATH:
            found.append(f"{name}: the path is longer than {LONGEST_PATH}")
        for path in (name, *name.parents):
            other = seen.setdefault(str(path).casefold(), path)
            if other != path:
                found.append(f"{path}: differs from {other} by case alone")
    return sorted(set(found))
