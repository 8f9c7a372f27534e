/**
 * Starting plugins, with a made-up frame at the other end of real ports: the order of a start, its errors by name, and
 * its end. What real frames do is for the browser tests.
 */

/** @import { CodeItem, LogEntry, StartOptions } from "../../../site_src/js/types.js" */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Peer } from "../../../site_src/js/rpc/peer.js";
import { connectPort, portSender } from "../../../site_src/js/rpc/ports.js";
import { SandboxHost } from "../../../site_src/js/sandbox/host.js";

const ORIGIN = "http://127.0.0.1:8081";

/** A frame as far as the host looks at it; `behave` is the page in it. */
class FakeFrame {
  /** @type {FakeFrame[]} */
  static made = [];
  /** @type {(frame: FakeFrame, message: any, ports: MessagePort[]) => void} */
  static behave = () => undefined;

  /** @type {Record<string, string>} */
  attributes = {};
  style = { cssText: "" };
  dataset = {};
  title = "";
  src = "";
  removed = false;
  /** @type {any[]} */
  children = [];
  /** @type {(() => void)[]} */
  #listeners = [];
  contentWindow = {
    postMessage: (/** @type {any} */ message, /** @type {string} */ target, /** @type {MessagePort[]} */ ports) => {
      assert.equal(target, "*");
      FakeFrame.behave(this, message, ports);
    },
  };

  /** @param {string} name */
  constructor(name) {
    if (name === "iframe") FakeFrame.made.push(this);
  }

  /** @type {any[]} */
  events = [];

  dispatchEvent(/** @type {any} */ event) {
    this.events.push(event);
  }

  setAttribute(/** @type {string} */ name, /** @type {string} */ value) {
    this.attributes[name] = value;
  }

  addEventListener(/** @type {string} */ _name, /** @type {() => void} */ listener) {
    this.#listeners.push(listener);
  }

  append(/** @type {any} */ child) {
    this.children.push(child);
    if (child.src) queueMicrotask(() => child.load());
  }

  load() {
    for (const listener of this.#listeners) listener();
  }

  remove() {
    this.removed = true;
  }
}

/** @type {Peer[]} */
let open = [];
/** The app's own server, as far as the host asks it. */
let server = { lives: true, asked: 0 };

beforeEach(() => {
  FakeFrame.made = [];
  open = [];
  server = { lives: true, asked: 0 };
  Object.assign(globalThis, {
    document: { createElement: (/** @type {string} */ name) => new FakeFrame(name), body: new FakeFrame("body") },
    fetch: async () => {
      server.asked += 1;
      if (!server.lives) throw new TypeError("Failed to fetch");
      return new Response();
    },
  });
});

afterEach(() => {
  for (const peer of open) peer.close("the test is over");
});

/**
 * A plugin that runs every code object it is sent through `execute`, and exports when it is told to.
 * @param {{ api?: object, execute?: (code: CodeItem, peer: Peer) => void | Promise<void>, seen?: any[] }} [options]
 */
function plugin({ api, execute = () => undefined, seen = [] } = {}) {
  FakeFrame.behave = (_frame, message, ports) => {
    seen.push(message);
    const port = /** @type {MessagePort} */ (ports[message.mode === "worker" ? 1 : 0]);
    const peer = new Peer({ name: "ImJoy", send: portSender(port), execute: (code) => execute(code, peer) });
    connectPort(port, peer);
    open.push(peer);
    peer.announceInitialized({});
    if (api) peer.exportInterface(api);
  };
}

/** @param {Partial<StartOptions>} [more] @returns {StartOptions} */
function options(more) {
  return {
    id: "1",
    name: "Viewer",
    type: "window",
    config: { name: "Viewer" },
    code: [{ type: "script", content: "x" }],
    api: {},
    ...more,
  };
}

test("a start makes a sandboxed frame, runs the code in its order, and hands out what was exported", async () => {
  /** @type {string[]} */
  const ran = [];
  /** @type {any[]} */
  const seen = [];
  plugin({ seen, api: { run: () => "ran" }, execute: ({ type }) => void ran.push(type) });
  const host = new SandboxHost({ sandboxOrigin: `${ORIGIN}/` });
  const code = /** @type {CodeItem[]} */ ([
    { type: "requirements" },
    { type: "style" },
    { type: "html" },
    { type: "script" },
  ]);
  const session = await host.start(options({ code }));
  const [frame] = FakeFrame.made;
  assert.equal(frame.src, `${ORIGIN}/sandbox/frame.html`);
  assert.ok(!frame.attributes.sandbox.includes("same-origin"));
  assert.equal(frame.title, "Viewer");
  assert.deepEqual(seen, [{ type: "imjoy-connect", mode: "page", name: "Viewer", config: { name: "Viewer" } }]);
  assert.deepEqual(ran, ["requirements", "style", "html", "script"]);
  assert.equal(await session.api.run(), "ran");
  assert.equal(host.sessions.get("1"), session);

  const closed = session.close("enough");
  assert.deepEqual(await closed, { reason: "enough" });
  assert.equal(frame.removed, true);
  assert.equal(host.sessions.size, 0);
  await assert.rejects(session.api.run(), /Viewer: run\(\) gets no answer: enough/);
});

test("a web-worker plugin talks over a port of its own", async () => {
  /** @type {any[]} */
  const seen = [];
  plugin({ seen, api: { run: () => 1 } });
  const session = await new SandboxHost({ sandboxOrigin: ORIGIN }).start(options({ type: "web-worker" }));
  assert.equal(seen[0].mode, "worker");
  assert.equal(await session.api.run(), 1);
  await session.close();
});

test("code that fails rejects the start with plugin, step and line, and leaves nothing running", async () => {
  plugin({
    execute: () => {
      throw Object.assign(new Error("line 12: SyntaxError: Unexpected token"), { line: 12 });
    },
  });
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  await assert.rejects(host.start(options()), (/** @type {any} */ error) => {
    assert.equal(error.name, "PluginStartError");
    assert.equal(error.message, "Viewer: line 12: SyntaxError: Unexpected token");
    assert.deepEqual([error.plugin, error.step, error.line], ["Viewer", "script", 12]);
    assert.match(error.remoteStack, /host\.test\.js/);
    return true;
  });
  assert.equal(FakeFrame.made[0].removed, true);
  assert.equal(host.sessions.size, 0);
});

test("types and code that have no place are refused before anything is made", async () => {
  plugin();
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  await assert.rejects(
    host.start(options({ type: "native-python" })),
    /Viewer: plugins of the type "native-python" do not run in the browser/,
  );
  assert.equal(FakeFrame.made.length, 0);
  await assert.rejects(
    host.start(options({ type: "web-worker", code: [{ type: "html" }] })),
    /Viewer: a plugin of the type "web-worker" cannot have code of the type "html"/,
  );
});

test("an id is taken once", async () => {
  plugin({ api: {} });
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  const session = await host.start(options());
  await assert.rejects(host.start(options()), /a session with the id "1" runs already/);
  await session.close();
});

test("a plugin without a script, and a passive one, need not export", async () => {
  plugin();
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  const pure = await host.start(options({ code: [{ type: "html", content: "<p>" }] }));
  const passive = await host.start(options({ id: "2", config: { passive: true } }));
  assert.deepEqual([pure.api, passive.api], [{}, {}]);
  await Promise.all([pure.close(), passive.close()]);
});

test("a script that never exports is told so", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  plugin();
  const starting = new SandboxHost({ sandboxOrigin: ORIGIN }).start(options());
  const failed = assert.rejects(
    starting,
    /Viewer: its scripts have run, but api\.export\(\.\.\.\) was not called within 10 seconds/,
  );
  await tickUntil(context, failed);
});

test("a sandbox that does not answer is given up, and before that its server is asked whether it lives", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  FakeFrame.behave = () => undefined;
  const starting = new SandboxHost({ sandboxOrigin: ORIGIN }).start(options());
  await tickUntil(context, assert.rejects(starting, /Viewer: its sandbox did not answer within 20 seconds/));
  assert.equal(server.asked, 1);
});

test("where the server is gone that is said at once, and nobody asks where the frame is there", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  server.lives = false;
  FakeFrame.behave = () => undefined;
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  const errors = /** @type {unknown[]} */ ([]);
  host.on("error", (error) => void errors.push(error));
  await tickUntil(context, assert.rejects(host.start(options()), /Viewer: the server of this folder does not answer/));
  assert.deepEqual([server.asked, errors.length, host.sessions.size], [1, 0, 0]);
  plugin({ api: {} });
  const session = await host.start(options());
  context.mock.timers.tick(30_000);
  assert.equal(server.asked, 1);
  await session.close();
});

test("a start that takes three minutes is noted and goes on", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {() => void} */
  let finish = () => undefined;
  plugin({ api: {}, execute: () => new Promise((resolve) => (finish = () => resolve(undefined))) });
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  const noted = new Promise((resolve) => host.on("log", resolve));
  const starting = host.start(options());
  await tickUntil(context, noted);
  assert.deepEqual(await noted, {
    id: "1",
    name: "Viewer",
    level: "warning",
    message: "still starting after 3 minutes",
  });
  finish();
  const session = await starting;
  await session.close();
});

test("a page that is replaced ends the session", async () => {
  plugin({ api: { hang: () => new Promise(() => undefined) } });
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  const session = await host.start(options());
  const errors = /** @type {string[]} */ ([]);
  host.on("error", ({ error }) => void errors.push(error.message));
  const call = session.api.hang();
  FakeFrame.made[0].load();
  await assert.rejects(call, /Viewer: hang\(\) gets no answer: its page was replaced/);
  assert.match((await session.closed).reason, /its page was replaced/);
  assert.match(errors[0], /Viewer has ended: its page was replaced/);
});

test("a start can be given up, before and while it goes on", async () => {
  plugin({ execute: () => new Promise(() => undefined) });
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  await assert.rejects(host.start(options({ signal: AbortSignal.abort() })), /Viewer: its start was given up/);
  const controller = new AbortController();
  const starting = host.start(options({ signal: controller.signal }));
  setTimeout(() => controller.abort(), 0);
  await assert.rejects(starting, /Viewer: its start was given up/);
  assert.equal(host.sessions.size, 0);
});

test("exit is called once and given a second", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let exits = 0;
  plugin({
    api: {
      exit: () => {
        exits += 1;
        return new Promise(() => undefined);
      },
    },
  });
  const session = await new SandboxHost({ sandboxOrigin: ORIGIN }).start(options());
  const closed = Promise.all([session.close("first"), session.close("second")]);
  await tickUntil(context, closed);
  assert.deepEqual(await closed, [{ reason: "first" }, { reason: "first" }]);
  assert.equal(exits, 1);
});

test("what is logged during the start reaches the first listener, and the host's at once", async () => {
  plugin({
    api: {},
    execute: (_code, peer) => peer.log({ level: "error", message: "not mirrored", missing: "https://x.example/" }),
  });
  const host = new SandboxHost({ sandboxOrigin: ORIGIN });
  /** @type {string[]} */
  const all = [];
  host.on("log", ({ name, message }) => void all.push(`${name} ${message}`));
  const session = await host.start(options());
  assert.deepEqual(all, ["Viewer not mirrored"]);
  /** @type {LogEntry[]} */
  const entries = [];
  session.on("log", (entry) => void entries.push(entry));
  assert.deepEqual(entries, [{ level: "error", message: "not mirrored", missing: "https://x.example/" }]);
  await session.close();
});

test("a worker that cannot start rejects the start with its words", async () => {
  FakeFrame.behave = (_frame, _message, [port]) => {
    const holder = new Peer({ name: "ImJoy", send: portSender(port) });
    connectPort(port, holder);
    open.push(holder);
    holder.log({ level: "error", message: "the worker is broken", fatal: true });
  };
  const starting = new SandboxHost({ sandboxOrigin: ORIGIN }).start(options({ type: "web-worker" }));
  await assert.rejects(starting, /Viewer: it could not be started: the worker is broken/);
});

/**
 * Lets made-up time pass until something has happened, with real messages in between.
 * @param {import("node:test").TestContext} context
 * @param {Promise<unknown>} promise
 */
async function tickUntil(context, promise) {
  let settled = false;
  const settle = () => void (settled = true);
  promise.then(settle, settle);
  while (!settled) {
    await new Promise((resolve) => setImmediate(resolve));
    context.mock.timers.tick(100);
  }
}

test("keys that lead out of a frame become an event of its element, and nothing else that comes by their port does", async () => {
  /** @type {MessagePort | undefined} */
  let keys;
  plugin({ api: {} });
  const behave = FakeFrame.behave;
  FakeFrame.behave = (frame, message, ports) => {
    keys = ports[1];
    behave(frame, message, ports);
  };
  const session = await new SandboxHost({ sandboxOrigin: ORIGIN }).start(options());
  const frame = /** @type {FakeFrame} */ (FakeFrame.made[0]);
  for (const message of [{ ctrl: true, shift: false }, { ctrl: "yes" }, null]) keys?.postMessage(message);
  while (frame.events.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(
    frame.events.map(({ type, bubbles, detail }) => [type, bubbles, detail]),
    [
      ["leaveframe", true, { ctrl: true, shift: false }],
      ["leaveframe", true, { ctrl: false, shift: false }],
      ["leaveframe", true, { ctrl: false, shift: false }],
    ],
  );
  await session.close();
});
