"""What pages measure, run in a real headless browser: ours on the app's own page, limits on a bare one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.benchmark.bare import bare_server
from tests.benchmark.figures import Figure, in_turn
from tests.helpers.browser import Browser, open_browser
from tests.helpers.processes import AppProcess, app_process, bare_environment, free_port

CALLS = 400
SIZE = 64 * 2**20

ECHO_PLUGIN = """
from imjoy import api
api.export({"echo": lambda value: value, "size": lambda value: len(value)})
"""
# The app's own modules, as the app itself uses them.
START_PYTHON = """async (script) => {
  const { makeEngineClient } = await import("/app/js/engine/connection.js");
  const { EnginePluginHost } = await import("/app/js/engine/plugins.js");
  const { readSetting } = await import("/app/js/workspace/settings.js");
  const client = makeEngineClient();
  const connected = new Promise((resolve) => client.on("changed", (state) => state.name === "connected" && resolve()));
  client.pair(readSetting("token"));
  await connected;
  const host = new EnginePluginHost({ client, workspace: "default" });
  const code = [{ type: "script", content: script, lang: "python", line: 1 }];
  const config = { name: "Echo", type: "native-python" };
  globalThis.echo = await host.start({ id: "echo", name: "Echo", type: "native-python", config, code, api: {} });
}"""
CALL_PYTHON = """async (calls) => {
  const times = [];
  for (let number = 0; number < calls; number += 1) {
    const begun = performance.now();
    await globalThis.echo.api.echo(number);
    times.push(performance.now() - begun);
  }
  return times.sort((one, two) => one - two)[calls >> 1];
}"""
SEND_PYTHON = """async (size) => {
  const value = new Uint8Array(size).fill(7);
  const begun = performance.now();
  const said = await globalThis.echo.api.size(value);
  if (said !== size) throw new Error(`${said} bytes came`);
  return performance.now() - begun;
}"""
CONNECT = """async (address) => {
  globalThis.socket = new WebSocket(address);
  globalThis.socket.binaryType = "arraybuffer";
  await new Promise((resolve) => (globalThis.socket.onopen = resolve));
}"""
CALL_SOCKET = """async (calls) => {
  const { socket } = globalThis;
  const message = new Uint8Array(160).fill(7);
  const times = [];
  for (let number = 0; number < calls; number += 1) {
    const begun = performance.now();
    await new Promise((resolve) => { socket.onmessage = resolve; socket.send(message); });
    times.push(performance.now() - begun);
  }
  return times.sort((one, two) => one - two)[calls >> 1];
}"""
SEND_SOCKET = """async (size) => {
  const { socket } = globalThis;
  const value = new Uint8Array(size).fill(7);
  const begun = performance.now();
  await new Promise((resolve) => {
    socket.onmessage = resolve;
    for (let at = 0; at < size; at += 2 ** 20) socket.send(value.subarray(at, at + 2 ** 20));
  });
  return performance.now() - begun;
}"""
START_FRAME = """async () => {
  const { SandboxHost } = await import("/app/js/sandbox/host.js");
  const sandboxOrigin = document.querySelector("meta[name=imjoy-sandbox]").content;
  const host = new SandboxHost({ sandboxOrigin });
  const content = `api.export({ setup() {}, make(size) {
    const _rvalue = new Uint8Array(size).fill(7);
    return { _rtype: "ndarray", _rvalue, _rshape: [size], _rdtype: "uint8", _transfer: true };
  } });`;
  const code = [{ type: "script", content, lang: "javascript", line: 1 }];
  const config = { name: "Maker", type: "window" };
  globalThis.maker = await host.start({ id: "maker", name: "Maker", type: "window", config, code, api: {} });
}"""
FROM_FRAME = """async (size) => {
  const begun = performance.now();
  const array = await globalThis.maker.api.make(size);
  if (array._rvalue.length !== size) throw new Error("not all came");
  return performance.now() - begun;
}"""
START_BARE_FRAME = """async () => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.srcdoc = `<script>onmessage = ({ data, ports: [port] }) => {
    port.onmessage = ({ data: size }) => {
      const { buffer } = new Uint8Array(size).fill(7);
      port.postMessage(buffer, [buffer]);
    };
    port.postMessage("ready");
  }<\\/script>`;
  document.body.append(frame);
  await new Promise((resolve) => (frame.onload = resolve));
  const { port1, port2 } = new MessageChannel();
  const ready = new Promise((resolve) => (port1.onmessage = resolve));
  frame.contentWindow.postMessage("port", "*", [port2]);
  await ready;
  globalThis.port = port1;
}"""
FROM_BARE_FRAME = """async (size) => {
  const begun = performance.now();
  const { data } = await new Promise((resolve) => {
    globalThis.port.onmessage = resolve;
    globalThis.port.postMessage(size);
  });
  if (new Uint8Array(data).length !== size) throw new Error("not all came");
  return performance.now() - begun;
}"""
# Runs before the page's own scripts: notes when what a person needs is there.
WATCH = """(() => {
  const look = () => {
    const usable = document.querySelector("#usable")
      ?? [...document.querySelectorAll("button")].find((one) => /add plugins/iu.test(one.textContent) && !one.disabled);
    if (usable) globalThis.usableAt = performance.now();
    else requestAnimationFrame(look);
  };
  look();
})()"""


@contextmanager
def served(folder: Path, home: Path) -> Iterator[AppProcess]:
    """The app over a mirrored folder."""
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with app_process(folder, ("--no-open", *ports), environment=bare_environment(home)) as app:
        yield app


def measure(page: Page, script: str, argument: Any = None) -> float:
    """Seconds that a script in the page has measured in milliseconds."""
    return float(page.evaluate(script, argument)) / 1000


def rpc_figures(folder: Path, scratch: Path) -> Iterator[Figure]:
    """Calls and arrays from a page to a Python plugin, and from a sandboxed frame to the page."""
    with (
        served(folder, scratch / "home") as app,
        bare_server("relay") as relay,
        bare_server("sink") as sink,
        open_browser(scratch / "profile") as browser,
    ):
        ours, bare, other = browser.open(app.wait_for_link()), browser.open(relay), browser.open(sink)
        ours.evaluate(START_PYTHON, ECHO_PLUGIN)
        bare.evaluate(CONNECT, relay.replace("http", "ws"))
        other.evaluate(CONNECT, sink.replace("http", "ws"))
        pair = in_turn(lambda: measure(ours, CALL_PYTHON, CALLS), lambda: measure(bare, CALL_SOCKET, CALLS), runs=5)
        yield Figure("small call, page to Python plugin", *pair, "bare relay to a child process", "1.5")
        pair = in_turn(lambda: measure(ours, SEND_PYTHON, SIZE), lambda: measure(other, SEND_SOCKET, SIZE), runs=5)
        yield Figure("64 MB array, page to Python plugin", *pair, "bare websocket, to the server alone", "1.2")
        ours.evaluate(START_FRAME)
        bare.evaluate(START_BARE_FRAME)
        pair = in_turn(lambda: measure(ours, FROM_FRAME, SIZE), lambda: measure(bare, FROM_BARE_FRAME, SIZE), runs=7)
        yield Figure("64 MB array, sandbox frame to page", *pair, "bare transfer from a frame", "1.2")


def usable_figures(folder: Path, scratch: Path) -> Iterator[Figure]:
    """Time until a person can do something, each time in a browser with an empty profile."""
    count = 0

    def cold(url: str) -> float:
        nonlocal count
        count += 1
        with open_browser(scratch / f"profile {count}") as browser:
            return _usable(browser, url)

    with served(folder, scratch / "home 2") as app, bare_server("starlette") as bare:
        link = app.wait_for_link()
        pair = in_turn(lambda: cold(link), lambda: cold(bare), runs=7)
        yield Figure("time to usable app, cold profile", *pair, "bare page", "400 ms")


def _usable(browser: Browser, url: str) -> float:
    page = browser.context.new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_function("globalThis.usableAt !== undefined")
    return float(page.evaluate("globalThis.usableAt")) / 1000
