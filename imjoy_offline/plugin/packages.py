"""The Python packages that a native plugin's requirements name, sorted out from what no wheel can bring.

Pure. ``mirror`` resolves the packages, ``engine`` makes environments of them; both see the same requirements in the
same spelling, so that one finds what the other has brought.
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Specifier
from packaging.utils import canonicalize_name

from imjoy_offline.errors import RequirementError
from imjoy_offline.plugin.requirements import Requirement, parse_requirement

NATIVE = "native-python"
# The runtime brings these names itself, ahead of everything that is installed.
_OURS = frozenset(("imjoy", "imjoy-rpc"))
# Options that plugins give to pip and that say nothing about what is wanted.
_IDLE_OPTIONS = frozenset(("-U", "--upgrade", "-q", "--quiet", "-I", "--user", "--no-cache-dir", "--force-reinstall"))
_REASONS = {
    "conda": "This version brings no conda packages yet.",
    "repo": "This version brings no repositories of code yet.",
    "cmd": "Commands of plugins are not run.",
}


@dataclass(frozen=True, order=True)
class Unmet:
    """A requirement, as the plugin writes it, that wheels cannot meet, and why."""

    asked: str
    reason: str


@dataclass(frozen=True)
class PythonNeeds:
    """``packages`` in canonical spelling, sorted, each once; ``unmet`` in the plugin's order.

    ``written`` tells as which requirement of the plugin a package was written.
    """

    packages: tuple[str, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    written: tuple[tuple[str, str], ...] = ()

    def written_as(self, package: str) -> str:
        """The plugin's own words for a package."""
        return dict(self.written).get(package, package)


def python_needs(requirements: Iterable[str], plugin_type: str = NATIVE) -> PythonNeeds:
    """What these requirements need in a Python environment; never raises."""
    written: dict[str, str] = {}
    unmet: list[Unmet] = []
    for text in requirements:
        try:
            requirement = parse_requirement(text, plugin_type)
        except RequirementError as error:
            unmet.append(Unmet(text, error.message))
            continue
        if requirement.installer != "pip":
            unmet.append(Unmet(text, _REASONS.get(requirement.installer, "It names no Python package.")))
            continue
        for found in _packages(requirement):
            if isinstance(found, Unmet):
                unmet.append(found)
            elif canonicalize_name(Specifier(found).name) not in _OURS:
                written.setdefault(found, text)
    return PythonNeeds(tuple(sorted(written)), tuple(unmet), tuple(sorted(written.items())))


def _packages(requirement: Requirement) -> Iterator[str | Unmet]:
    """The packages of one line, which may name several, with options of pip between them."""
    whole = _canonical(requirement.target)
    if whole is not None:
        yield whole
        return
    try:
        words = shlex.split(requirement.target)
    except ValueError:
        words = [requirement.target]
    for word in words:
        package = _canonical(word)
        if package is not None:
            yield package
        elif word not in _IDLE_OPTIONS:
            yield Unmet(requirement.text, _why_not(word))


def _canonical(text: str) -> str | None:
    """One spelling for every way to write the same package; None for what is not a name with its versions."""
    try:
        found = Specifier(text)
    except InvalidRequirement:
        return None
    if found.url is not None:
        return None
    extras = f"[{','.join(sorted(canonicalize_name(extra) for extra in found.extras))}]" if found.extras else ""
    marker = f"; {found.marker}" if found.marker is not None else ""
    return f"{canonicalize_name(found.name)}{extras}{found.specifier}{marker}"


def _why_not(word: str) -> str:
    if word.startswith("-"):
        return f"The option {word} of pip is not followed here."
    if re.match(r"(?:\w+\+)?\w+://|git@|.* @ ", word):
        return "Packages from addresses and repositories of code are not brought yet; name a released version."
    return f"{word!r} is no name of a package."
