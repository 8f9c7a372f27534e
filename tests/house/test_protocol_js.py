"""The JavaScript copy of the wire's table is the table."""

from pathlib import Path

from imjoy_offline.site.protocol import protocol_module

ROOT = Path(__file__).resolve().parents[2]


def test_the_module_is_what_the_table_gives() -> None:
    table = (ROOT / "imjoy" / "rpc" / "protocol.json").read_text(encoding="utf-8")
    module = (ROOT / "site_src" / "js" / "rpc" / "protocol.js").read_text(encoding="utf-8")
    assert module == protocol_module(table), "run python scripts/protocol.py"
