"""What plugins want of Python, by plugin and tag, and what is lacking, told in the plugins' own words. Pure.

Plugins that ask for the same packages, however they write them, share one set.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from imjoy_offline.cache.lockfile import MissingItem
from imjoy_offline.mirror.environments import PackageMiss, named_in
from imjoy_offline.plugin.config import PluginConfig
from imjoy_offline.plugin.file import PluginFile
from imjoy_offline.plugin.packages import python_needs


@dataclass(frozen=True, order=True)
class PythonWant:
    """The packages (in canonical spelling, sorted) that a plugin needs together under one tag.

    ``places`` has for each package how the plugin writes it and on which line. ``unmet`` are requirements of the same
    plugin that no wheel can meet.
    """

    plugin: str
    tag: str
    packages: tuple[str, ...]
    places: tuple[tuple[str, str, int], ...] = ()
    unmet: tuple[MissingItem, ...] = ()

    def missing(self, misses: Iterable[PackageMiss]) -> Iterator[MissingItem]:
        """What is lacking of the packages, as the plugin writes it."""
        written = {package: (asked, line) for package, asked, line in self.places}
        for miss in misses:
            asked, line = written.get(miss.package, (miss.package, 0))
            yield MissingItem(asked, self.plugin, line, miss.reason, miss.passing)

    def misses(self, missing: Iterable[MissingItem]) -> tuple[PackageMiss, ...]:
        """What of ``missing`` is about packages of this plugin: the way back from ``missing``."""
        found = []
        for item in missing:
            if item.plugin == self.plugin:
                packages = [package for package, asked, line in self.places if (asked, line) == (item.asked, item.line)]
                # Where one requirement names several packages, the reason tells which of them is meant.
                found += [PackageMiss(one, item.reason, item.passing) for one in named_in(packages, item.reason)]
        return tuple(found)


def python_want(config: PluginConfig, file: PluginFile) -> PythonWant:
    """The wants of a plugin that runs in a Python environment, under the tag of ``config``."""
    needs = python_needs(config.requirements, config.type)
    places = ((package, asked, file.line_of(asked)) for package, asked in needs.written)
    unmet = (MissingItem(one.asked, config.name, file.line_of(one.asked), one.reason) for one in needs.unmet)
    return PythonWant(config.name, config.tag or "", needs.packages, tuple(places), tuple(unmet))
