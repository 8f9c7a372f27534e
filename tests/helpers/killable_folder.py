"""A working folder in which mirror runs are started as processes and killed, and everything that a run leaves in it.

What stands in for the product's own folders is small: ``tiny_site`` and one plugin, whose packages a stand-in upstream
has.
"""

import contextlib
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import Lockfile, read_lockfile
from imjoy_offline.cache.store import Store
from imjoy_offline.cli.console import Console
from imjoy_offline.cli.mirror import supply
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.site.build import SUMS, site_fault
from tests.helpers.dying_mirror import run_mirror, started_mirror, steps_of_run, use_shipped
from tests.helpers.processes import bare_environment
from tests.helpers.tiny_site import PACKAGE, PLUGIN, SOURCES, write
from tests.helpers.upstream import StandIn, integrity

CDN = "https://cdn.jsdelivr.net/npm/"
WANTED = (
    f"{CDN}vega@5/build/vega.js",
    f"{CDN}chart",
    "https://unpkg.com/maps@^1.2/dist/maps.css",
    f"{CDN}vega@5.1.0/none.js",
    f"{CDN}nothing@1/x.js",
    "https://lab.example/direct.js",
)
PACKAGES = 5
"""The number of npm packages that a run fetches, that of the app itself included."""
BIG = os.urandom(400_000)


@dataclass(frozen=True)
class Outcome:
    """What a mirror run leaves: the lock, the names of all objects, the list of the site that is served, the rest."""

    lock: bytes
    objects: tuple[str, ...]
    site: bytes
    others: tuple[str, ...]


def outcome_of(root: Path) -> Outcome:
    """What lies in a folder; fails where the served site is not whole, or an unfinished one lies beside it."""
    folder = WorkingFolder(root)
    served = folder.current_site()
    assert served is not None, "The pointer `current` names no site."
    for built in (item for item in folder.site.iterdir() if item.is_dir()):
        assert site_fault(built) is None, f"The site {built.name} is not whole."
    names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    names -= {path.relative_to(root).as_posix() for path in folder.objects.glob("sha256/*/*")}
    names -= {path.relative_to(root).as_posix() for path in folder.site.glob("*/**/*")}
    objects = tuple(Store(folder.objects).digests())
    return Outcome(folder.lock_file.read_bytes(), objects, (served / SUMS).read_bytes(), tuple(sorted(names)))


@dataclass
class Product:
    """The folders ``site_src`` and ``plugin_repository`` below ``root``, and where their packages come from."""

    root: Path
    upstream: StandIn

    @classmethod
    def published(cls, root: Path, upstream: StandIn) -> "Product":
        """The folders written and the packages published."""
        upstream.publish("vega", "5.1.0", {"build/vega.js": "import './more.js'", "build/more.js": BIG})
        upstream.publish(
            "chart",
            "2.0.0",
            {"main.js": "import('./a.js'); import('./b.js')", "a.js": "a", "b.js": "b"},
            manifest={"main": "main.js"},
        )
        upstream.publish("maps", "1.2.9", {"dist/maps.css": "a{b:url(i.png)}", "dist/i.png": BIG[::-1]})
        upstream.place("https://lab.example/direct.js", "import './lib/more'")
        upstream.place("https://lab.example/lib/more", BIG, "text/javascript")
        upstream.publish("here", "1.2.3", {"here.js": "here()"})
        tiny = upstream.publish("tiny", "1.0.0", PACKAGE)
        product = cls(root, upstream)
        for name, text in SOURCES.items():
            write(product.site_src / name, text)
        (product.site_src / "vendor.toml").write_text(_vendor_text(integrity(tiny.tarball)), encoding="utf-8")
        write(root / "plugin_repository" / "viewer.imjoy.html", PLUGIN)
        return product

    @property
    def site_src(self) -> Path:
        return self.root / "site_src"

    def renew(self) -> None:
        """Another version: a changed page and a changed plugin."""
        write(self.site_src / "static/icon.svg", "<svg id='new'/>\n")
        write(self.root / "plugin_repository/viewer.imjoy.html", PLUGIN.replace("Shows.", "Shows more."))


def _vendor_text(integrity_of_tarball: str) -> str:
    files = "".join(f'"{path}" = "{hashlib.sha256(content).hexdigest()}"\n' for path, content in PACKAGE.items())
    head = f'[[package]]\nname = "tiny"\nversion = "1.0.0"\nintegrity = "{integrity_of_tarball}"\n'
    return f"{SOURCES['vendor.toml']}\n{head}[package.files]\n{files}"


class KillableFolder:
    """A folder in which mirror runs are started as processes."""

    def __init__(self, root: Path, product: Product) -> None:
        root.mkdir(parents=True)
        self.folder = WorkingFolder(root)
        self._product = product
        self._environment = bare_environment(root.parent / "home", NO_PROXY="127.0.0.1")
        self.want(*WANTED)

    def want(self, *extra: str) -> None:
        """Write imjoy.yaml."""
        upstream = {"npm": self._product.upstream.registry, "hosts": self._product.upstream.hosts}
        self.folder.settings_file.write_text(json.dumps({"extra": extra, "upstream": upstream}), encoding="utf-8")

    def started(self, point: str = "none") -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
        """The run as a process, killed at the end of the block if it lives that long."""
        return started_mirror(self.folder.root, point, environment=self._environment, shipped=self._product.root)

    def run(self, point: str = "none", *arguments: str) -> tuple[int, str, str]:
        """Status, output and errors of a run that ends by itself."""
        root, shipped = self.folder.root, self._product.root
        return run_mirror(root, point, *arguments, environment=self._environment, shipped=shipped)

    def steps(self) -> list[str]:
        """The steps of a run that nobody kills."""
        return steps_of_run(self.folder.root, environment=self._environment, shipped=self._product.root)

    def finish(self) -> int:
        """A run that must end well, in this process; how often upstream was asked. Raises what the run raises."""
        before = len(self._product.upstream.seen)
        with pytest.MonkeyPatch.context() as product:
            product.setattr("imjoy_offline.cli.mirror.shipped_folder", use_shipped(self._product.root))
            assert supply(self.folder, Console(), strict=False) == 0
        return len(self._product.upstream.seen) - before

    @property
    def lock(self) -> Lockfile:
        """The lock file."""
        return read_lockfile(self.folder.lock_file)

    @property
    def outcome(self) -> Outcome:
        """What the last run left."""
        return outcome_of(self.folder.root)
