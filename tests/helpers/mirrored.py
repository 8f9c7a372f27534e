"""Running the mirror in a folder of a test against the stand-in, and looking at what it left."""

import hashlib
from pathlib import Path

from imjoy_offline.cache.store import Store
from imjoy_offline.cache.vendor import Vendor, VendorPackage
from imjoy_offline.mirror.plan import Plan, plan
from imjoy_offline.mirror.report import SyncReport
from imjoy_offline.mirror.settings import Settings
from imjoy_offline.mirror.sync import sync
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import Progress, RecordingProgress
from tests.helpers.upstream import Published, integrity


class MirroredFolder:
    """A working folder and the last run's events."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.folder = WorkingFolder(root)
        self.store = Store(self.folder.objects)
        self.progress = RecordingProgress()

    def run(
        self,
        settings: Settings,
        vendor: Vendor | None = None,
        *,
        retry_missing: bool = False,
        progress: Progress | None = None,
    ) -> SyncReport:
        """One mirror run that knows no registry but that of the settings."""
        self.progress = RecordingProgress()
        made = self.plan(settings, vendor)
        environ = {"PATH": "", "HOME": str(self.folder.root / "no home")}
        return sync(
            self.folder, made, settings, progress or self.progress, retry_missing=retry_missing, environ=environ
        )

    def plan(self, settings: Settings, vendor: Vendor | None = None) -> Plan:
        """What would be wanted: ``extra`` and the vendor's files."""
        return plan(settings, vendor or Vendor(), [])

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
