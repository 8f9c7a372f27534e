"""What axe-core finds on a page: known barriers for people who cannot see it, or see it badly, or have no mouse."""

from playwright.sync_api import Page

from tests.helpers.source_tree import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def barriers(page: Page) -> list[str]:
    """What axe finds on the page itself, in words; what plugins show in their frames is theirs."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document, { iframes: false })).violations")
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
    ]
