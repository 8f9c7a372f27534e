"""A site source of a few lines, with one third-party module, for tests of the builder."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline.cache.lockfile import LockedArtifact, Lockfile, MissingItem
from imjoy_offline.cache.store import Store
from imjoy_offline.cache.vendor import Vendor, VendorPackage
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.plugin.manifest import scan_repository
from imjoy_offline.site.build import BuiltSite, build_site
from imjoy_offline.site.catalogue import Repository

APP = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="imjoy-sandbox" content="@SANDBOX_ORIGIN@">
<script type="importmap">{{ import_map }}</script>
{% for sheet in stylesheets %}<link rel="stylesheet" href="{{ sheet }}">{% endfor %}
<script type="module" src="/app/js/main.js"></script></head><body data-version="{{ version }}"></body></html>
"""
FRAME = """<!doctype html><script src="/sandbox/js/sandbox/boot.js"></script>
<script type="importmap">{{ import_map }}</script><script type="module" src="/sandbox/js/sandbox/frame.js"></script>
"""
SOURCES: Mapping[str, str] = {
    "vendor.toml": '[entries]\ntiny = ["tiny"]\n',
    "templates/app.html": APP,
    "templates/frame.html": FRAME,
    "js/main.js": 'import { one } from "tiny";\nimport { two } from "./core/two.js";\nimport "./sandbox/host.js";\n',
    "js/core/two.js": "export const two = 2;\n",
    "js/rpc/peer.js": 'import "../core/two.js";\n',
    "js/sandbox/boot.js": "/* first */\n",
    "js/sandbox/frame.js": 'import "../rpc/peer.js";\n',
    "js/sandbox/host.js": 'import "../shell/words.js";\n',
    "js/shell/words.js": "export const words = [];\n",
    "css/base.css": "body { margin: 0 }\n",
    "css/parts/list.css": "ul { margin: 0 }\n",
    "static/icon.svg": "<svg/>\n",
    "static/.hidden": "no",
    "js/types.d.ts": "export type Nothing = null;",
}
PACKAGE: Mapping[str, bytes] = {
    "package.json": b'{"name": "tiny", "exports": {".": {"node": "./no.js", "browser": "./index.js"}}}',
    "index.js": b'export * from "./one.js";',
    "one.js": b"export const one = 1;",
}
PLUGIN = """<config lang="json">
{"name": "Viewer", "type": "window", "version": "0.1.0", "api_version": "0.1.8", "description": "Shows.",
 "tags": [], "ui": "", "cover": "", "icon": "eye", "inputs": null, "outputs": null, "flags": [], "env": "",
 "permissions": [], "dependencies": [],
 "requirements": ["https://cdn.jsdelivr.net/npm/here@1.2.3/here.js", "https://cdn.jsdelivr.net/npm/gone@1/gone.js"]}
</config>
<script lang="javascript">api.export({ setup() {}, run() {} })</script>
<window lang="html"><div></div></window>
"""
HERE = "https://cdn.jsdelivr.net/npm/here@1.2.3/here.js"
GONE = "https://cdn.jsdelivr.net/npm/gone@1/gone.js"


@dataclass
class TinySite:
    """Everything that ``build_site`` takes, in one folder."""

    root: Path
    lock: Lockfile
    vendor: Vendor

    @property
    def folder(self) -> WorkingFolder:
        return WorkingFolder(self.root / "folder")

    @property
    def store(self) -> Store:
        return Store(self.folder.objects)

    @property
    def source(self) -> Path:
        return self.root / "site_src"

    @property
    def plugins(self) -> Path:
        return self.root / "plugins"

    def repositories(self) -> Sequence[Repository]:
        return (Repository("Shipped", "Ours.", self.plugins, scan_repository(self.plugins)),)

    def build(self) -> BuiltSite:
        return build_site(self.folder, self.store, self.lock, self.vendor, self.repositories(), self.source)


def make_tiny_site(root: Path) -> TinySite:
    """A fresh one below ``root``, never built."""
    for name, text in SOURCES.items():
        write(root / "site_src" / name, text)
    write(root / "plugins" / "viewer.imjoy.html", PLUGIN)
    store = Store(WorkingFolder(root / "folder").objects)
    files = {path: store.put(content).digest for path, content in PACKAGE.items()}
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(b"tiny").digest()).decode()
    vendor = Vendor((VendorPackage("tiny", "1.0.0", integrity, files),))
    artifacts = [LockedArtifact(f"npm:tiny@1.0.0/{path}", len(PACKAGE[path]), files[path]) for path in PACKAGE]
    here = store.put(b"here()")
    artifacts.append(LockedArtifact("npm:here@1.2.3/here.js", here.size, here.digest, (HERE,)))
    missing = [MissingItem(GONE, "Viewer", 6, "The package gone does not exist.")]
    return TinySite(root, Lockfile.of(artifacts, [], [], missing), vendor)


def write(path: Path, text: str) -> None:
    """Write a text file, its folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
