"""The site that a real mirror run built: whole, self-contained, and everything that it refers to is there."""

import json
import re
from pathlib import Path
from urllib.parse import urljoin

from imjoy_offline.cache.store import Store
from imjoy_offline.links import find_references
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.site.build import site_fault


def _built(folder: Path) -> Path:
    built = WorkingFolder(folder).current_site()
    assert built is not None
    return built


def _import_map(page: Path) -> dict[str, str]:
    text = page.read_text(encoding="utf-8")
    maps = re.findall(r'<script type="importmap"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert len(maps) == 1
    imports = json.loads(maps[0])["imports"]
    assert isinstance(imports, dict)
    return imports


def test_it_is_whole_and_the_only_one(mirrored_folder: Path) -> None:
    built = _built(mirrored_folder)
    assert site_fault(built) is None
    assert {path.name for path in built.parent.iterdir()} == {built.name, "current", "inputs"}


def test_every_module_leads_to_stored_bytes(mirrored_folder: Path) -> None:
    built = _built(mirrored_folder)
    vendor = json.loads((built / "server.json").read_bytes())["vendor"]
    store = Store(WorkingFolder(mirrored_folder).objects)
    imports = _import_map(built / "app/index.html")
    assert imports["lit"].startswith("/cdn/npm/lit@")
    assert set(imports.values()) <= set(vendor)
    for address, entry in vendor.items():
        content = store.read(entry["sha256"])
        assert len(content) == entry["size"]
        if address.endswith(".js"):
            for reference in find_references(content.decode("utf-8"), "js"):
                assert reference.url.startswith(("./", "../")) or reference.url in imports, (address, reference)


def test_the_page_tells_all_modules_that_it_loads_at_once_and_no_others(mirrored_folder: Path) -> None:
    built = _built(mirrored_folder)
    page = (built / "app/index.html").read_text(encoding="utf-8")
    told = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    assert len(told) == len(set(told)) > 10
    imports = _import_map(built / "app/index.html")
    needed = {"/app/js/main.js"}
    for address in ["/app/js/main.js", *told]:
        if address.startswith("/app/"):
            for reference in find_references((built / address.removeprefix("/")).read_text(encoding="utf-8"), "js"):
                if reference.use == "import":
                    needed.add(imports.get(reference.url) or urljoin(address, reference.url))
    assert set(told) | {"/app/js/main.js"} == needed


def test_the_pages_refer_to_nothing_outside_and_to_nothing_absent(mirrored_folder: Path) -> None:
    built = _built(mirrored_folder)
    vendor = json.loads((built / "server.json").read_bytes())["vendor"]
    for page in ("app/index.html", "sandbox/frame.html"):
        references = find_references((built / page).read_text(encoding="utf-8"), "html")
        assert references
        for reference in references:
            if page.startswith("app/") and reference.url in vendor:
                continue
            assert reference.url.startswith(f"/{page.split('/')[0]}/"), reference
            assert (built / reference.url.removeprefix("/")).is_file(), reference


def test_the_sandbox_sends_outside_addresses_to_the_local_cdn(mirrored_folder: Path) -> None:
    imports = _import_map(_built(mirrored_folder) / "sandbox/frame.html")
    assert imports["https://cdn.jsdelivr.net/"] == "/cdn/x/https/cdn.jsdelivr.net/"
    assert all(target == "/cdn/x/" + address.replace("://", "/") for address, target in imports.items())


def test_the_shipped_plugins_are_in_the_catalogue_without_problems(mirrored_folder: Path) -> None:
    built = _built(mirrored_folder)
    catalogue = json.loads((built / "catalogue.json").read_bytes())
    plugins = {plugin["name"]: plugin for plugin in catalogue["plugins"]}
    assert {"Image Viewer", "Test Image Generator", "Chart", "Filter Chain", "Image Filters"} <= set(plugins)
    for plugin in plugins.values():
        assert plugin["problem"] is None and plugin["missing"] == []
        assert (built / plugin["path"].removeprefix("/")).stat().st_size == plugin["size"]
