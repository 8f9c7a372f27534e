"""Versions and ranges as npm packages use them: which of the published versions a range takes. Pure.

Known: exact versions, ``^``, ``~``, x-ranges and partial versions, comparators, hyphen ranges, ``||``. Tags are the
caller's (they need the registry's table).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

_VERSION = re.compile(
    r"[v=\s]*(\d{1,16})\.(\d{1,16})\.(\d{1,16})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)
_PART = r"(\d{1,16}|[xX*])"
_COMPARATOR = re.compile(
    rf"(\^|~>?|>=|<=|>|<|=|)\s*v?(?:{_PART}(?:\.{_PART}(?:\.{_PART}(?:-?([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+\S+)?)?)?)"
)
_HYPHEN = re.compile(r"\s*(\S+)\s+-\s+(\S+)\s*")


@total_ordering
@dataclass(frozen=True)
class Version:
    """One version, ordered as semantic versioning says; build metadata does not count."""

    numbers: tuple[int, int, int]
    pre: tuple[str, ...] = ()

    def __lt__(self, other: "Version") -> bool:
        if self.numbers != other.numbers:
            return self.numbers < other.numbers
        if not self.pre or not other.pre:
            return bool(self.pre) and not other.pre
        return [_pre_key(part) for part in self.pre] < [_pre_key(part) for part in other.pre]


def _pre_key(part: str) -> tuple[bool, int, str]:
    return (False, int(part), "") if part.isdigit() else (True, 0, part)


def parse_version(text: str) -> Version | None:
    """The version in ``text``, or None."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return None
    pre = tuple(match[4].split(".")) if match[4] else ()
    return Version((int(match[1]), int(match[2]), int(match[3])), pre)


@dataclass(frozen=True)
class _Limit:
    """One comparison against a version."""

    sign: str
    version: Version

    def holds(self, version: Version) -> bool:
        if self.sign == ">=":
            return version >= self.version
        if self.sign == ">":
            return version > self.version
        if self.sign == "<":
            return version < self.version
        if self.sign == "<=":
            return version <= self.version
        return version == self.version


_Limits = tuple[_Limit, ...]


@dataclass(frozen=True)
class Range:
    """A range: any of the alternatives, each a set of limits that hold together."""

    alternatives: tuple[_Limits, ...]

    def allows(self, version: Version) -> bool:
        """Whether the range takes ``version``; a pre-release only where the range names one of the same numbers."""
        return any(_allowed(limits, version) for limits in self.alternatives)

    def best(self, published: Iterable[str]) -> str | None:
        """The highest of the published versions that the range takes."""
        fitting = [
            (version, text)
            for text in published
            if (version := parse_version(text)) is not None and self.allows(version)
        ]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _allowed(limits: _Limits, version: Version) -> bool:
    if not all(limit.holds(version) for limit in limits):
        return False
    return not version.pre or any(limit.version.pre and limit.version.numbers == version.numbers for limit in limits)


def parse_range(text: str) -> Range | None:
    """The range in ``text``, or None where it is none (then it may be a tag)."""
    alternatives: list[_Limits] = []
    for alternative in text.split("||"):
        limits = _alternative(alternative)
        if limits is None:
            return None
        alternatives.append(limits)
    return Range(tuple(alternatives))


def _alternative(text: str) -> _Limits | None:
    hyphen = _HYPHEN.fullmatch(text)
    if hyphen is not None:
        low, high = _comparator(f">={hyphen[1]}"), _comparator(f"<={hyphen[2]}")
        return None if low is None or high is None else low + high
    # "> 1.2" is written as often as ">1.2"
    joined = re.sub(r"(\^|~>?|>=|<=|>|<|=)\s+", r"\1", text)
    limits: _Limits = ()
    for word in joined.split():
        found = _comparator(word)
        if found is None:
            return None
        limits += found
    return limits


def _comparator(word: str) -> _Limits | None:
    match = _COMPARATOR.fullmatch(word)
    if match is None:
        return None
    sign, *parts = match.groups()
    numbers: list[int] = []
    for part in parts[:3]:
        if part is None or not part.isdigit():
            break
        numbers.append(int(part))
    pre = tuple(parts[3].split(".")) if parts[3] and len(numbers) == 3 else ()
    return _limits(sign, numbers, pre)


def _limits(sign: str, numbers: list[int], pre: tuple[str, ...]) -> _Limits:
    known = len(numbers)
    low = Version(_filled(numbers), pre)
    if sign in (">=", ">", "<", "<="):
        return _one_sided(sign, numbers, low)
    if known == 0:
        return ()
    if sign == "^":
        changing = next((index for index, number in enumerate(numbers) if number), known - 1)
    elif sign in ("~", "~>"):
        changing = min(known, 2) - 1
    elif known == 3:
        return (_Limit("=", low),)
    else:
        changing = known - 1
    return (_Limit(">=", low), _Limit("<", _next(numbers, changing)))


def _one_sided(sign: str, numbers: list[int], low: Version) -> _Limits:
    known = len(numbers)
    if known == 0:
        # ">*" and "<*" can take nothing
        return () if "=" in sign else (_Limit("<", Version((0, 0, 0), ("0",))),)
    if known == 3 or sign in (">=", "<"):
        return (_Limit(sign, low),)
    beyond = _next(numbers, known - 1)
    return (_Limit(">=", Version(beyond.numbers)) if sign == ">" else _Limit("<", beyond),)


def _filled(numbers: list[int]) -> tuple[int, int, int]:
    filled = [*numbers, 0, 0, 0]
    return (filled[0], filled[1], filled[2])


def _next(numbers: list[int], index: int) -> Version:
    """The lowest version in which the number at ``index`` is one higher (before its pre-releases)."""
    return Version(_filled([*numbers[:index], numbers[index] + 1]), ("0",))
