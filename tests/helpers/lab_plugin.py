"""A lab's plugins that lie outside, each with a library of its own: on the stand-in's content delivery network, and at
plain addresses of another host.
"""

import json
from pathlib import Path

from tests.helpers.upstream import StandIn

PLUGIN_NAME = "Lab Counter"
PLUGIN_URL = "https://cdn.jsdelivr.net/npm/lab-plugin@1.0.0/Counter.imjoy.html"
BROKEN_URL = "https://cdn.jsdelivr.net/npm/lab-plugin@1.0.0/Broken.imjoy.html"
LIBRARY_URL = "https://cdn.jsdelivr.net/npm/lab-plugin@1.0.0/lib/add.js"
PLAIN_NAME = "Lab Adder"
PLAIN_URL = "https://files.lab.example/plugins/Adder.imjoy.html?version=2&raw=true"
PLAIN_LIBRARY_URL = "https://files.lab.example/lib/add"
LIBRARY = "globalThis.labAdd = (a, b) => a + b;\n"


def plugin_text(name: str = PLUGIN_NAME, *requirements: str, version: str = "1.2.0") -> str:
    """A plugin that adds 20 and 22 by its library and says so, by default and under its tag GPU differently."""
    config = {
        "name": name,
        "type": "web-worker",
        "version": version,
        "tags": ["CPU", "GPU"],
        "description": "Adds two numbers.",
        "api_version": "0.1.8",
        "requirements": list(requirements or (LIBRARY_URL,)),
        "icon": "bar_chart",
    }
    return (
        f'<docs lang="markdown">\nAdds.\n</docs>\n<config lang="json">\n{json.dumps(config, indent=1)}\n</config>\n'
        '<script lang="javascript">\n'
        "api.export({\n"
        "  setup() {},\n"
        "  run() { api.showMessage(`The sum is ${labAdd(20, 22)}, tag ${api.config.tag}`); },\n"
        "});\n</script>\n"
    )


def publish_lab_plugin(stand_in: StandIn) -> None:
    """Put them there."""
    files = {"Counter.imjoy.html": plugin_text(), "lib/add.js": LIBRARY, "Broken.imjoy.html": "<config>{</config>"}
    stand_in.publish("lab-plugin", "1.0.0", files)
    stand_in.place(PLAIN_URL, plugin_text(PLAIN_NAME, PLAIN_LIBRARY_URL), "text/html; charset=utf-8")
    stand_in.place(PLAIN_LIBRARY_URL, LIBRARY, "application/javascript")


def use_stand_in(folder: Path, stand_in: StandIn) -> None:
    """Let mirror runs in ``folder`` ask the stand-in instead of the world."""
    hosts = "".join(f"    {host}: {address}\n" for host, address in stand_in.hosts.items())
    text = f"upstream:\n  npm: {stand_in.registry}\n  hosts:\n{hosts}"
    (folder / "imjoy.yaml").write_text(text, encoding="utf-8")
