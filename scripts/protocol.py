"""Write site_src/js/rpc/protocol.js anew from imjoy/rpc/protocol.json: ``python scripts/protocol.py`` in the clone."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from imjoy_offline.site.protocol import protocol_module  # noqa: E402 - the clone's own package comes first


def main() -> None:
    """Write the module."""
    table = (ROOT / "imjoy" / "rpc" / "protocol.json").read_text(encoding="utf-8")
    target = ROOT / "site_src" / "js" / "rpc" / "protocol.js"
    target.write_text(protocol_module(table), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
