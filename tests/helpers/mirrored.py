"""Running the mirror in a folder of a test against the stand-in, and looking at what it left."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline.cache.store import Store
from imjoy_offline.cache.vendor import Vendor, VendorPackage
from imjoy_offline.cache.wheelhouse import Wheelhouse
from imjoy_offline.mirror.plan import Plan, plan
from imjoy_offline.mirror.report import SyncReport
from imjoy_offline.mirror.settings import Settings
from imjoy_offline.mirror.sync import sync
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.plugin.manifest import RepositoryEntry, scan_repository
from imjoy_offline.progress import Progress, RecordingProgress
from tests.helpers.upstream import Published, integrity


@dataclass(frozen=True)
class OwnRepository:
    """The plugins of the working folder itself."""

    entries: tuple[RepositoryEntry, ...]

    @classmethod
    def of(cls, folder: WorkingFolder) -> "OwnRepository":
        """Those of this folder, which may have none."""
        return cls(scan_repository(folder.own_repository) if folder.own_repository.is_dir() else ())


class MirroredFolder:
    """A working folder and the last run's events."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.folder = WorkingFolder(root)
        self.store = Store(self.folder.objects)
        self.house = Wheelhouse(self.folder)
        self.progress = RecordingProgress()
        self.environ = {"PATH": "", "HOME": str(root / "no home")}

    def run(
        self,
        settings: Settings,
        vendor: Vendor | None = None,
        *,
        retry_missing: bool = False,
        thorough: bool = False,
        progress: Progress | None = None,
    ) -> SyncReport:
        """One mirror run that knows no registry but that of the settings, and no package index but ``environ``'s."""
        self.progress = RecordingProgress()
        return sync(
            self.folder,
            self.plan(settings, vendor),
            settings,
            progress or self.progress,
            retry_missing=retry_missing,
            thorough=thorough,
            environ=self.environ,
        )

    def plan(self, settings: Settings, vendor: Vendor | None = None) -> Plan:
        """What would be wanted: ``extra``, the vendor's files and what the folder's own plugins name."""
        return plan(settings, vendor or Vendor(), [OwnRepository.of(self.folder)])

    def python_plugin(self, name: str, *requirements: str, tags: Mapping[str, Sequence[str]] | None = None) -> None:
        """Write a native Python plugin, with these requirements or with those of each tag, one a line."""
        wanted: object = list(requirements) if tags is None else {tag: list(texts) for tag, texts in tags.items()}
        config = {
            "name": name,
            "type": "native-python",
            "version": "0.1.0",
            "api_version": "0.1.8",
            **({} if tags is None else {"tags": list(tags)}),
            "requirements": wanted,
        }
        text = (
            f'<config lang="json">\n{json.dumps(config, indent=1)}\n</config>\n<script lang="python">x = 1</script>\n'
        )
        self.folder.own_repository.mkdir(exist_ok=True)
        (self.folder.own_repository / f"{name}.imjoy.html").write_text(text, encoding="utf-8")

    @property
    def lock_bytes(self) -> bytes:
        """The lock file."""
        return self.folder.lock_file.read_bytes()

    def every_file(self) -> dict[str, bytes]:
        """Everything in the folder, by path."""
        root = self.folder.root
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    def objects(self) -> list[str]:
        """Every object's digest."""
        return list(self.store.digests())

    def told(self, kind: str) -> list[str]:
        """The texts of the last run's events of one kind."""
        return [event.text for event in self.progress.events if event.kind == kind]


def vendor_of(name: str, version: str, published: Published, *files: str) -> Vendor:
    """What vendor.toml would pin of a published package."""
    digests = {path: hashlib.sha256(published.files[path]).hexdigest() for path in files}
    return Vendor((VendorPackage(name, version, integrity(published.tarball), digests),))
