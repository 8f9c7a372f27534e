/** Installed plugins from their installation to their removal, with a sandbox that is only played. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { Emitter } from "../../../site_src/js/core/events.js";
import { Catalogue } from "../../../site_src/js/plugins/catalogue.js";
import { PluginManager } from "../../../site_src/js/plugins/manager.js";
import { Notices } from "../../../site_src/js/shell/notices.js";
import { sha256 } from "../../../site_src/js/workspace/records.js";

/** @import { CatalogueEntry } from "../../../site_src/js/plugins/catalogue.js" */
/** @import { StartOptions } from "../../../site_src/js/types.js" */

/** @typedef {Record<string, (...values: any[]) => any>} Exports */

/**
 * The text of a plugin.
 * @param {string} name
 * @param {Record<string, unknown>} [config]
 */
function text(name, config = {}) {
  const whole = { name, type: "web-worker", version: "1.0.0", api_version: "0.1.8", ...config };
  return `<config lang="json">${JSON.stringify(whole)}</config>\n<script lang="javascript">run()</script>\n`;
}

/**
 * @param {string} code
 * @returns {Promise<CatalogueEntry>}
 */
async function entryOf(code) {
  const config = JSON.parse(code.slice(code.indexOf(">") + 1, code.indexOf("</config>")));
  const hash = await sha256(code);
  return {
    ...{ description: "", icon: "", cover: [], tags: [], labels: [], url: null, repository: "Lab" },
    size: code.length,
    ...{ engine: false, missing: [], problem: null },
    ...{
      name: config.name,
      type: config.type,
      version: config.version,
      config,
      sha256: hash,
      path: `/plugins/${hash}`,
    },
  };
}

/**
 * One session that is only played; what waits for it is rejected at its end, as ever.
 * @extends {Emitter<{closed: {reason: string}}>}
 */
class FakeSession extends Emitter {
  /** @type {string | null} */
  ended = null;

  /** @param {StartOptions} options @param {Exports} api */
  constructor(options, api) {
    super();
    this.options = options;
    this.id = options.id;
    const over = new Promise((_, reject) =>
      this.on("closed", ({ reason }) => reject(new Error(`${options.name} gets no answer: ${reason}`))),
    );
    over.catch(() => undefined);
    const call = (/** @type {Exports[string]} */ fn) => async (/** @type {unknown[]} */ ...values) =>
      Promise.race([fn(...values), over]);
    /** @type {Exports} */
    this.api = Object.fromEntries(Object.entries(api).map(([name, fn]) => [name, call(fn)]));
  }

  /** @param {string} reason */
  async close(reason) {
    if (this.ended !== null) return;
    this.ended = reason;
    await this.api.exit?.();
    this.emit("closed", { reason });
  }

  /** @param {string} reason */
  stop(reason) {
    return this.close(reason);
  }
}

/**
 * One window that is only played.
 * @extends {Emitter<{closed: undefined}>}
 */
class FakeWindow extends Emitter {
  id = "window-1";
  content = /** @type {any} */ ({});
  closed = false;
  problem = "";
  shown = false;

  /** @param {{title: string}} options */
  constructor({ title }) {
    super();
    this.title = title;
  }

  /** @param {() => Promise<void>} work */
  beforeRemoval(work) {
    this.on("closed", () => void work());
  }

  setShown() {
    this.shown = true;
  }

  /** @param {string} problem */
  setFailed(problem) {
    this.problem = problem;
  }
}

/**
 * A manager with played surroundings. `plugins` gives, by name, what each plugin exports, or throws instead.
 * @param {Record<string, (api: any) => Exports>} plugins
 */
async function setting(plugins) {
  /** @type {Map<string, any>} */
  const stored = new Map();
  /** @type {Map<string, string>} */
  const texts = new Map();
  /** @type {FakeSession[]} */
  const sessions = [];
  /** @type {FakeWindow[]} */
  const windows = [];
  const notices = new Notices();
  const windowManager = {
    create: (/** @type {{title: string}} */ options) => windows[windows.push(new FakeWindow(options)) - 1],
    close: (/** @type {FakeWindow} */ one) => {
      one.closed = true;
      one.emit("closed", undefined);
    },
    focus: () => undefined,
  };
  const host = {
    on: () => () => undefined,
    start: async (/** @type {StartOptions} */ options) => {
      const make = plugins[options.name];
      if (!make) throw new Error(`${options.name}: its script failed`);
      return sessions[sessions.push(new FakeSession(options, make(options.api))) - 1];
    },
  };
  /** @type {{problem: string | null}} */
  const engine = { problem: "It is not there: start it." };
  /** @type {((entry: any) => void)[]} */
  const progress = [];
  const engineHost = {
    ...host,
    on: (/** @type {string} */ name, /** @type {any} */ listener) => name === "progress" && progress.push(listener),
    start: async (/** @type {StartOptions} */ options) => {
      for (const listener of progress) listener({ id: options.id, text: "Installing numpy" });
      return host.start({ ...options, container: /** @type {any} */ ("engine") });
    },
  };
  /** What the person answers, and what they were asked. @type {any} */
  const answers = {
    asked: /** @type {any[]} */ ([]),
    next: /** @type {any} */ (null),
  };
  for (const kind of ["alert", "prompt", "confirm", "form"]) {
    answers[kind] = async (/** @type {any} */ plugin, /** @type {any} */ question) => {
      answers.asked.push([kind, plugin.name, question]);
      return answers.next;
    };
  }
  /** @type {Map<string, Map<string, any>>} */
  const remembered = new Map();
  const parts = {
    store: {
      workspace: "default",
      kept: true,
      list: async () => [...stored.values()],
      put: async (/** @type {any} */ record) => void stored.set(record._id, record),
      remove: async (/** @type {string} */ id) => void stored.delete(id),
    },
    catalogue: new Catalogue(
      async (address) => new Response(texts.get(address) ?? "", { status: texts.has(address) ? 200 : 404 }),
    ),
    windows: windowManager,
    notices,
    loadHost: async () => host,
    loadEngineHost: async () => engineHost,
    engineProblem: () => engine.problem,
    dialogs: answers,
    rememberedEntries: (/** @type {any} */ record) => remembered.get(record._id) ?? new Map(),
    showLog: () => undefined,
  };
  const makeManager = () => new PluginManager(/** @type {any} */ (parts));
  const offer = async (/** @type {string[]} */ ...codes) => {
    const entries = await Promise.all(codes.map(entryOf));
    entries.forEach((entry, i) => texts.set(entry.path, /** @type {string} */ (codes[i])));
    return entries;
  };
  return { manager: makeManager(), makeManager, stored, sessions, windows, notices, offer, engine, answers, remembered };
}

/** @param {Notices} notices */
const messages = (notices) => notices.messages.map((message) => message.text);

/** @param {CatalogueEntry[]} entries @param {number} [i] */
const at = (entries, i = 0) => /** @type {CatalogueEntry} */ (entries[i]);

test("installing stores the text, starts the plugin and calls setup once", async () => {
  let setups = 0;
  const { manager, stored, sessions, offer } = await setting({
    A: () => ({ setup: () => (setups += 1), run: () => 1 }),
  });
  const entries = await offer(text("A", { requirements: ["js:x.js"], tags: ["small", "big"] }));
  const plugin = await manager.install(at(entries), entries);
  assert.equal(plugin.state, "ready");
  assert.equal(setups, 1);
  assert.equal(stored.get("A").code, text("A", { requirements: ["js:x.js"], tags: ["small", "big"] }));
  assert.equal(stored.get("A").hash, at(entries).sha256);
  const [session] = sessions;
  assert.deepEqual(
    session?.options.code.map(({ type }) => type),
    ["requirements", "script"],
  );
  assert.deepEqual(session?.options.code[0]?.requirements, ["js:x.js"]);
  const { config } = /** @type {any} */ (session?.options.api);
  assert.deepEqual([config.name, config.tag, config.workspace], ["A", "small", "default"]);
});

test("what is installed starts with the next start of the app", async () => {
  const { manager, makeManager, sessions, offer } = await setting({ A: () => ({ setup() {}, run() {} }) });
  const entries = await offer(text("A"));
  await manager.install(at(entries), entries);
  const next = makeManager();
  await next.start();
  await Promise.all(next.plugins.map(({ started }) => started));
  assert.equal(next.find("A")?.state, "ready");
  assert.equal(sessions.length, 2);
});

test("a plugin that throws in setup is listed with its sentence, and disturbs no other", async () => {
  const { manager, notices, sessions, offer } = await setting({
    Bad: () => ({
      setup: () => {
        throw new Error("no lens");
      },
    }),
    Good: () => ({ setup() {}, run: () => "fine" }),
  });
  const entries = await offer(text("Bad"), text("Good"));
  const bad = await manager.install(at(entries, 0), entries);
  await manager.install(at(entries, 1), entries);
  assert.equal(bad.state, "failed");
  assert.match(bad.problem, /no lens/);
  assert.deepEqual(messages(notices).length, 1);
  assert.match(/** @type {string} */ (messages(notices)[0]), /^Bad: .*no lens/);
  assert.ok(bad.log.some(({ level, text: line }) => level === "error" && line.includes("no lens")));
  assert.equal(sessions[0]?.ended, "its setup has failed");
  assert.equal(await manager.run("Good", {}), "fine");
  await assert.rejects(manager.run("Bad", {}), /Bad is not running.*no lens/);
});

test("a reload starts a failed plugin again and keeps its log", async () => {
  let isBroken = true;
  const { manager, offer } = await setting({
    A: () => ({
      setup: () => {
        if (isBroken) throw new Error("broken");
      },
      run: () => 5,
    }),
  });
  const entries = await offer(text("A"));
  const before = await manager.install(at(entries), entries);
  assert.equal(before.state, "failed");
  isBroken = false;
  await manager.reload(before);
  const after = manager.find("A");
  assert.equal(after?.state, "ready");
  assert.ok(after?.log.some(({ text: line }) => line.includes("broken")));
});

test("a stored text that was changed is not started", async () => {
  const { manager, makeManager, stored, sessions, offer } = await setting({ A: () => ({ setup() {}, run() {} }) });
  const entries = await offer(text("A"));
  await manager.install(at(entries), entries);
  stored.set("A", { ...stored.get("A"), code: `${stored.get("A").code}evil()` });
  const next = makeManager();
  await next.start();
  await Promise.all(next.plugins.map(({ started }) => started));
  assert.equal(next.find("A")?.state, "failed");
  assert.match(next.find("A")?.problem ?? "", /SHA-256 differs/);
  assert.equal(sessions.length, 1);
});

test("a text that is not the catalogue's is not installed, and what was there goes on", async () => {
  const { manager, offer } = await setting({ A: () => ({ setup() {}, run: () => "old" }) });
  const entries = await offer(text("A"));
  await manager.install(at(entries), entries);
  const forged = { ...at(entries), sha256: "0".repeat(64), version: "2.0.0" };
  await assert.rejects(manager.install(forged, [forged]), /not the one that the catalogue names/);
  assert.equal(await manager.run("A", {}), "old");
});

test("another version takes the place of the first, which is told to exit", async () => {
  let exits = 0;
  const { manager, sessions, stored, offer } = await setting({
    A: () => ({ setup() {}, run: () => sessions.length, exit: async () => (exits += 1) }),
  });
  const entries = await offer(text("A"), text("A", { version: "2.0.0" }));
  await manager.install(at(entries, 0), entries);
  await manager.install(at(entries, 1), entries);
  assert.equal(exits, 1);
  assert.equal(sessions[0]?.ended, "another version was installed");
  assert.equal(stored.get("A").version, "2.0.0");
  assert.equal(manager.plugins.length, 1);
});

test("dependencies are installed first, whatever their circles; one that is not there is named", async () => {
  const plugin = () => ({ setup() {}, run() {} });
  const { manager, sessions, offer } = await setting({ A: plugin, B: plugin, C: plugin });
  const entries = await offer(
    text("A", { dependencies: ["owner/repo:B@x", "C"] }),
    text("B", { dependencies: ["A", "C"] }),
    text("C"),
    text("D", { dependencies: ["Nowhere"] }),
  );
  await manager.install(at(entries), entries);
  assert.deepEqual(
    sessions.map(({ options }) => options.name),
    ["C", "B", "A"],
  );
  await assert.rejects(
    manager.install(at(entries, 3), entries),
    /D depends on “Nowhere”, which is not in the catalogue/,
  );
  assert.equal(manager.find("D"), null);
});

test("a Python plugin is listed and says what it needs, and starts in the engine when that is there", async () => {
  const { manager, sessions, notices, offer, engine } = await setting({ P: () => ({ setup() {}, run: () => 5 }) });
  const entries = await offer(text("P", { type: "native-python", requirements: ["numpy"] }));
  const plugin = await manager.install(at(entries), entries);
  assert.equal(plugin.state, "waiting");
  assert.equal(plugin.problem, "Needs the Python engine with numpy. It is not there: start it.");
  engine.problem = "It is coming.";
  manager.engineChanged();
  assert.match(plugin.problem, /It is coming\.$/);
  await assert.rejects(manager.run("P", {}), /P is not running\. Needs the Python engine/);
  assert.equal(sessions.length, 0);
  assert.deepEqual(messages(notices), []);
  /** @type {string[]} */
  const activities = [];
  plugin.on("changed", () => activities.push(plugin.activity));
  engine.problem = null;
  manager.engineChanged();
  manager.engineChanged();
  assert.equal(await manager.run("P", {}), 5);
  assert.equal(plugin.state, "ready");
  assert.equal(sessions.length, 1);
  assert.equal(sessions[0]?.options.container, "engine");
  assert.ok(activities.includes("Installing numpy"));
  assert.equal(plugin.activity, "");
});

test("a Python plugin that ends says why, and waits again when it is reloaded without an engine", async () => {
  const { manager, sessions, offer, engine } = await setting({ P: () => ({ setup() {}, run: () => 5 }) });
  engine.problem = null;
  const entries = await offer(text("P", { type: "native-python" }));
  await manager.install(at(entries), entries);
  sessions[0]?.emit("closed", { reason: "the connection to the engine was lost" });
  const plugin = manager.find("P");
  assert.ok(plugin);
  assert.equal(plugin.state, "failed");
  assert.match(plugin.problem, /P has ended: the connection to the engine was lost/);
  engine.problem = "It is not there.";
  manager.engineChanged();
  assert.equal(plugin.state, "failed");
  await manager.reload(plugin);
  assert.equal(manager.find("P")?.state, "waiting");
});

test("running for the person: config and names reach the plugin, a failure is told and logged once", async () => {
  /** @type {any} */
  let context;
  const { manager, notices, offer } = await setting({
    A: () => ({
      setup() {},
      run: (/** @type {any} */ given) => {
        context = given;
        if (given.config.n === 0) throw new Error("n is 0");
      },
    }),
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  const [operation] = [...plugin.operations.values()];
  assert.ok(operation);
  await manager.runForPerson(plugin, operation, { n: 4 });
  assert.deepEqual([context.config, context.data, context._op], [{ n: 4 }, {}, "A"]);
  await manager.runForPerson(plugin, operation, { n: 0 });
  assert.equal(messages(notices).filter((message) => message.includes("n is 0")).length, 1);
  await manager.runForPerson(plugin, operation, { n: 1 });
  assert.deepEqual(messages(notices), [], "what failed before is no news any more");
  assert.equal(plugin.log.filter(({ text: line }) => line.includes("n is 0")).length, 1);
  assert.equal(plugin.state, "ready");
});

test("a plugin is busy while it runs", async () => {
  /** @type {(value?: unknown) => void} */
  let finish = () => undefined;
  const { manager, offer } = await setting({
    A: () => ({ setup() {}, run: () => new Promise((resolve) => (finish = resolve)) }),
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  const done = manager.run("A", {});
  while (plugin.state !== "busy") await turn();
  finish("x");
  assert.equal(await done, "x");
  assert.equal(plugin.state, "ready");
});

test("a plugin that ends by itself is listed as failed", async () => {
  const { manager, sessions, offer } = await setting({ A: () => ({ setup() {}, run() {} }) });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  await sessions[0]?.close("its page went away");
  assert.equal(plugin.state, "failed");
  assert.match(plugin.problem, /its page went away/);
});

test("createWindow through the api: a new window with the data, and its functions over the plugin's own", async () => {
  /** @type {any[]} */
  const contexts = [];
  const { manager, sessions, windows, offer } = await setting({
    V: () => ({
      setup() {},
      run: (/** @type {any} */ given) => void contexts.push(given),
      close: () => "mine",
      setImage: () => "set",
    }),
    A: (api) => ({ setup() {}, run: () => api.createWindow({ type: "V", name: "cells", data: { image: 1 } }) }),
  });
  const entries = await offer(text("V", { type: "window" }), text("A"));
  await manager.install(at(entries, 0), entries);
  assert.equal(sessions.length, 0, "a window plugin is not started before it is opened");
  await manager.install(at(entries, 1), entries);
  const face = /** @type {any} */ (await manager.run("A", {}));
  assert.equal(windows[0]?.title, "cells");
  assert.ok(windows[0]?.shown);
  assert.deepEqual(contexts[0].data, { image: 1 });
  assert.equal(await face.setImage(), "set");
  let closed = 0;
  await face.on("close", () => (closed += 1));
  await face.close();
  await turn();
  assert.ok(windows[0]?.closed);
  assert.equal(closed, 1);
  assert.equal(sessions.at(-1)?.ended, "the window was closed");
});

test("createWindow fails with a sentence: unknown type, wrong type, built-in type, source", async () => {
  const { manager, offer } = await setting({ A: () => ({ setup() {}, run() {} }) });
  const entries = await offer(text("A"));
  await manager.install(at(entries), entries);
  await assert.rejects(
    manager.createWindow({ type: "Nothing" }),
    /No plugin is registered for the window type “Nothing”/,
  );
  await assert.rejects(manager.createWindow({ type: "A" }), /“A” is a plugin of the type web-worker/);
  await assert.rejects(manager.createWindow({ type: "imjoy/image" }), /built-in type “imjoy\/image”/);
  await assert.rejects(manager.createWindow({ src: "https://x" }), /not part of this version/);
  await assert.rejects(manager.createWindow({}), /needs the name of a window plugin/);
});

test("a window whose plugin fails says so, and the caller is told", async () => {
  const { manager, windows, notices, offer } = await setting({
    V: () => ({
      setup() {},
      run: () => {
        throw new Error("V: run() failed: no image");
      },
    }),
  });
  const entries = await offer(text("V", { type: "window" }));
  const plugin = await manager.install(at(entries), entries);
  const [operation] = [...plugin.operations.values()];
  assert.ok(operation);
  await manager.runForPerson(plugin, operation, {});
  assert.match(windows[0]?.problem ?? "", /no image/);
  assert.deepEqual(messages(notices), ["V: run() failed: no image"]);
});

test("what a run returns: a typed result opens its window, anything else goes to the log", async () => {
  /** @type {unknown} */
  let result;
  const { manager, windows, offer } = await setting({
    V: () => ({ setup() {}, run() {} }),
    A: () => ({ setup() {}, run: () => result }),
  });
  const entries = await offer(text("V", { type: "window" }), text("A"));
  for (const entry of entries) await manager.install(entry, entries);
  const plugin = manager.find("A");
  const [operation] = [...(plugin?.operations.values() ?? [])];
  assert.ok(plugin && operation);
  for (result of [undefined, null, {}, { _rintf: "x", close() {} }, 42])
    await manager.runForPerson(plugin, operation, {});
  assert.equal(windows.length, 0);
  assert.deepEqual(
    plugin.log.filter(({ level }) => level === "info").map(({ text: line }) => line),
    ["Result: 42"],
  );
  result = { type: "V", data: { image: 1 }, name: "out" };
  await manager.runForPerson(plugin, operation, {});
  assert.equal(windows[0]?.title, "out");
});

test("plugins find each other: getPlugin, call, run, and what is not there by name", async () => {
  /** @type {any} */
  let api;
  const { manager, offer } = await setting({
    A: (given) => {
      api = given;
      return { setup() {}, run() {} };
    },
    B: () => ({
      setup() {},
      run: (/** @type {any} */ context) => context.data + 1,
      add: (/** @type {number} */ a, /** @type {number} */ b) => a + b,
    }),
  });
  const entries = await offer(text("A"), text("B"));
  for (const entry of entries) await manager.install(entry, entries);
  assert.equal(await (await api.getPlugin("B")).add(2, 3), 5);
  assert.equal((await api.getPlugin({ name: "B" })).config.name, "B");
  assert.equal(await api.call("B", "add", 1, 1), 2);
  assert.equal(await api.run("B", { data: 9 }), 10);
  await assert.rejects(api.getPlugin("C"), /There is no plugin “C” here/);
  await assert.rejects(api.call("B", "subtract"), /B has no function “subtract”. It has setup, run, add/);
  await assert.rejects(api.getPlugin("https://x/y.imjoy.html"), /cannot be loaded in this version/);
  assert.ok(
    manager.find("A")?.log.some(({ text: line }) => line.startsWith("api.getPlugin failed. There is no plugin “C”")),
  );
});

test("the api speaks to the person: status, messages, progress, log, alert", async () => {
  /** @type {any} */
  let api;
  const { manager, notices, offer } = await setting({
    A: (given) => {
      api = given;
      return { setup() {}, run() {} };
    },
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  await api.showStatus("working");
  assert.equal(notices.status, "working");
  await api.showMessage("done", 3);
  assert.deepEqual(messages(notices), ["done"]);
  assert.equal(notices.status, "done");
  await api.showProgress(0.4);
  assert.equal(notices.progress, 40);
  await api.log("a", 1);
  await api.error("bad");
  assert.deepEqual(
    plugin.log.map(({ level, text: line }) => [level, line]),
    [
      ["info", "a 1"],
      ["error", "bad"],
    ],
  );
  assert.equal(plugin.unseenErrors, 1);
});

test("register adds an operation with its form, or changes the plugin's own", async () => {
  /** @type {any} */
  let api;
  const { manager, offer } = await setting({
    A: (given) => {
      api = given;
      return { setup() {}, run: () => "own" };
    },
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  assert.equal(
    await api.register({ name: "sharpen", ui: "Radius: {id: 'r', type: 'number'}", run: async () => "sharp" }),
    "sharpen",
  );
  await api.register({ ui: "N: {id: 'n', type: 'number'}" });
  assert.deepEqual([...plugin.operations.keys()], ["A", "sharpen"]);
  assert.equal(plugin.operations.get("A")?.form.length, 1);
  assert.equal(await plugin.operations.get("sharpen")?.run?.(), "sharp");
  await assert.rejects(api.register({ name: "x", run: "text" }), /needs a function as run/);
  await assert.rejects(api.register({ name: "x", update: "text" }), /needs a function as update/);
});

test("what was entered before fills the first form of an operation, not another one that its plugin gives later", async () => {
  /** @type {any} */
  let api;
  const { manager, remembered, offer } = await setting({
    A: (given) => {
      api = given;
      return { setup: () => given.register({ name: "more", ui: "{id: 'n', type: 'number'}" }), run() {} };
    },
  });
  remembered.set("A", new Map([["more", { n: "8" }]]));
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  assert.deepEqual(plugin.entries.get("more"), { n: "8" });
  await api.register({ name: "more", ui: "{id: 'n', type: 'number', placeholder: 5}" });
  assert.equal(plugin.entries.get("more"), undefined);
});

test("a change in a form is told to the operation, else to the plugin; what fails goes to the log", async () => {
  /** @type {any[]} */
  const told = [];
  const { manager, notices, offer } = await setting({
    A: (api) => ({
      setup: () => api.register({ name: "own", ui: "{id: 'n', type: 'number'}", update: (/** @type {any} */ c) => told.push(["own", c]) }),
      run() {},
      update: (/** @type {any} */ context) => {
        told.push(["plugin", context]);
        throw new Error("no preview");
      },
    }),
    B: () => ({ setup() {}, run() {} }),
  });
  const entries = await offer(text("A", { ui: "{id: 'm', type: 'number'}" }), text("B", { ui: "x" }));
  const plugin = await manager.install(at(entries, 0), entries);
  const silent = await manager.install(at(entries, 1), entries);
  const [main, own] = [...plugin.operations.values()];
  const [none] = [...silent.operations.values()];
  assert.ok(main && own && none);
  assert.ok(manager.hasUpdate(plugin, main) && manager.hasUpdate(plugin, own) && !manager.hasUpdate(silent, none));
  await manager.updateForPerson(plugin, own, { n: 1 });
  await manager.updateForPerson(plugin, main, { m: 2 });
  await manager.updateForPerson(silent, none, {});
  assert.deepEqual(
    told.map(([who, { config, _op }]) => [who, config, _op]),
    [
      ["own", { n: 1 }, "own"],
      ["plugin", { m: 2 }, "A"],
    ],
  );
  assert.match(plugin.log.at(-1)?.text ?? "", /no preview/);
  assert.equal(plugin.state, "ready");
  // It is told with the next task.
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(messages(notices).join(), /no preview/);
});

test("the form of another plugin's operation is in the form, as long as it is there", async () => {
  const { manager, offer } = await setting({
    A: () => ({ setup() {}, run() {} }),
    B: (api) => ({ setup: () => api.register({ name: "x/y", ui: "S: {id: 's', type: 'number'}" }), run() {} }),
  });
  const entries = await offer(text("A", { ui: "{id: 'o', type: 'B/x/y'}" }), text("B"));
  const plugin = await manager.install(at(entries, 0), entries);
  const [operation] = [...plugin.operations.values()];
  assert.ok(operation);
  assert.deepEqual(
    manager.formOf(operation).map(({ kind }) => kind),
    ["problem"],
  );
  await manager.install(at(entries, 1), entries);
  const [group] = manager.formOf(operation);
  assert.ok(group?.kind === "group");
  assert.deepEqual([group.key, group.parts.map(({ kind }) => kind)], ["o", ["field"]]);
});

test("what a plugin asks comes back: prompt, confirm, a form", async () => {
  /** @type {any} */
  let api;
  const { manager, answers, offer } = await setting({
    A: (given) => {
      api = given;
      return { setup() {}, run() {} };
    },
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  answers.next = "cells";
  assert.equal(await api.prompt("Name?", "x"), "cells");
  answers.next = "";
  assert.equal(await api.prompt("Name?", "x"), "x", "without an answer it is what was there");
  answers.next = true;
  assert.equal(await api.confirm("Sure?"), true);
  answers.next = { n: 4 };
  assert.deepEqual(await api.showDialog({ name: "Size", ui: "N {id: 'n', type: 'number'}" }), { n: 4 });
  assert.equal(await api.alert("Hello"), undefined);
  assert.deepEqual(
    answers.asked.map((/** @type {any[]} */ asked) => asked.slice(0, 2)),
    ["prompt", "prompt", "confirm", "form", "alert"].map((kind) => [kind, "A"]),
  );
  const [, , dialog] = answers.asked[3];
  assert.equal(dialog.title, "Size");
  assert.equal(dialog.form[0].key, "n");
  await assert.rejects(api.prompt(7), /arguments are not supported/);
  assert.match(plugin.log.at(-1)?.text ?? "", /^api.prompt failed/);
});

test("what is cancelled is no failure: nothing for newer plugins, a rejection for older ones and for prompt", async () => {
  /** @type {Record<string, any>} */
  const apis = {};
  const plugin = (/** @type {string} */ name) => (/** @type {any} */ given) => {
    apis[name] = given;
    return { setup() {}, run: () => given.prompt("Name?") };
  };
  const { manager, notices, offer } = await setting({ Old: plugin("Old"), New: plugin("New") });
  const entries = await offer(text("Old", { api_version: "0.1.7" }), text("New"));
  const old = await manager.install(at(entries, 0), entries);
  await manager.install(at(entries, 1), entries);
  assert.equal(await apis.New.showDialog({ ui: "x" }), undefined);
  await assert.rejects(apis.Old.showDialog({ ui: "x" }), { code: "cancelled" });
  await assert.rejects(apis.New.prompt("Name?"), { code: "cancelled" });
  const [operation] = [...old.operations.values()];
  assert.ok(operation);
  await manager.runForPerson(old, operation, {});
  assert.equal(notices.status, "Old was cancelled");
  assert.deepEqual(messages(notices), []);
  assert.deepEqual(
    old.log.filter(({ level }) => level === "error"),
    [],
  );
});

test("showDialog with a window plugin opens its window", async () => {
  /** @type {any} */
  let api;
  const { manager, windows, offer } = await setting({
    V: () => ({ setup() {}, run() {}, show: () => "shown" }),
    A: (given) => {
      api = given;
      return { setup() {}, run() {} };
    },
  });
  const entries = await offer(text("V", { type: "window" }), text("A"));
  for (const entry of entries) await manager.install(entry, entries);
  const face = await api.showDialog({ type: "V", name: "pick", data: [1] });
  assert.equal(windows[0]?.title, "pick");
  await face.close();
  assert.ok(windows[0]?.closed);
  await assert.rejects(api.showDialog("Nothing"), /No plugin is registered/);
});

test("removing ends the plugin, closes its windows and forgets it", async () => {
  const { manager, stored, sessions, windows, offer } = await setting({ V: () => ({ setup() {}, run() {} }) });
  const entries = await offer(text("V", { type: "window" }));
  const plugin = await manager.install(at(entries), entries);
  await manager.createWindow({ type: "V" });
  await manager.remove(plugin);
  assert.equal(manager.find("V"), null);
  assert.equal(stored.size, 0);
  assert.ok(windows[0]?.closed);
  assert.ok(sessions[0]?.ended);
});

test("the list: what can be run first, each part by name", async () => {
  const plugin = () => ({ setup() {}, run() {} });
  const { manager, offer } = await setting({ B: plugin, A: plugin, Z: plugin });
  const entries = await offer(text("B"), text("A", { runnable: false }), text("Z"));
  for (const entry of entries) await manager.install(entry, entries);
  assert.deepEqual(
    manager.plugins.map(({ name }) => name),
    ["B", "Z", "A"],
  );
});

test("two names that differ in spaces alone cannot both be there", async () => {
  const plugin = () => ({ setup() {}, run() {} });
  const { manager, offer } = await setting({ "A B": plugin, A_B: plugin });
  const entries = await offer(text("A B"), text("A_B"));
  await manager.install(at(entries, 0), entries);
  await assert.rejects(manager.install(at(entries, 1), entries), /A_B cannot be installed beside A B/);
});

test("a plugin is installed under the tag that was asked for, and remembers its address", async () => {
  const { manager, stored, offer } = await setting({ A: () => ({ run: () => 1 }) });
  const [entry] = await offer(text("A", { tags: ["small", "big"] }));
  const added = { .../** @type {CatalogueEntry} */ (entry), url: "https://example.org/a.imjoy.html" };
  const plugin = await manager.install(added, [added], "big");
  assert.equal(plugin.config.tag, "big");
  assert.deepEqual([stored.get("A").tag, stored.get("A").origin], ["big", "https://example.org/a.imjoy.html"]);
});

/** A promise that is settled from outside. */
function later() {
  /** @type {(value?: unknown) => void} */
  let resolve = () => undefined;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

test("a run that is stopped ends, is no failure, and the plugin can be run again", async () => {
  let isFirst = true;
  const { manager, sessions, notices, offer } = await setting({
    A: () => ({ setup() {}, run: () => (isFirst ? new Promise(() => undefined) : "again") }),
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  const [operation] = [...plugin.operations.values()];
  assert.ok(operation);
  plugin.entries.set("A", { n: 3 });
  const done = manager.runForPerson(plugin, operation, {});
  const other = assert.rejects(manager.run("A", {}), /A gets no answer: it was stopped/);
  while (plugin.state !== "busy") await turn();
  const stopping = manager.stop(plugin);
  assert.deepEqual([plugin.state, plugin.canStop], ["stopping", false]);
  await Promise.all([stopping, manager.stop(plugin), done, other]);
  const after = manager.find("A");
  assert.ok(after && after !== plugin);
  assert.deepEqual([sessions[0]?.ended, sessions.length, after.state], ["it was stopped", 2, "ready"]);
  assert.deepEqual(messages(notices), ["A was stopped"]);
  assert.deepEqual(after.entries.get("A"), { n: 3 });
  assert.deepEqual(
    after.log.map(({ level, text: line }) => [level, line]),
    [["info", "A was stopped"]],
  );
  isFirst = false;
  assert.equal(await manager.run("A", {}), "again");
});

test("who wants something of a plugin that is being stopped waits for the one that is started anew", async () => {
  const exit = later();
  const { manager, sessions, offer } = await setting({
    A: () => ({
      setup() {},
      run: () => new Promise(() => undefined),
      count: () => sessions.length,
      exit: () => exit.promise,
    }),
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  const running = assert.rejects(manager.run("A", {}));
  while (plugin.state !== "busy") await turn();
  const stopping = manager.stop(plugin);
  const asking = manager.getApi("A");
  await turn();
  exit.resolve();
  await Promise.all([stopping, running]);
  assert.equal(await (await asking).count(), 2);
});

test("a plugin that is removed while it is being stopped does not come back", async () => {
  const exit = later();
  const { manager, sessions, offer } = await setting({
    A: () => ({ setup() {}, run: () => new Promise(() => undefined), exit: () => exit.promise }),
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  const running = assert.rejects(manager.run("A", {}));
  while (plugin.state !== "busy") await turn();
  const stopping = manager.stop(plugin);
  await manager.remove(plugin);
  exit.resolve();
  await Promise.all([stopping, running]);
  assert.equal(manager.find("A"), null);
  assert.equal(sessions.length, 1);
});

test("a start that is stopped is given up, and begins again when the person wants it", async () => {
  let isSlow = true;
  const { manager, sessions, notices, offer } = await setting({
    A: () => ({ setup: () => (isSlow ? new Promise(() => undefined) : undefined), run: () => 5 }),
  });
  const entries = await offer(text("A"));
  const installing = manager.install(at(entries), entries);
  while (sessions.length === 0) await turn();
  const plugin = manager.find("A");
  assert.ok(plugin);
  assert.equal(plugin.state, "starting");
  const waiting = assert.rejects(manager.run("A", {}), /A is not running\. Its start was stopped/);
  await manager.stop(plugin);
  await Promise.all([installing, waiting]);
  assert.equal(sessions[0]?.ended, "its start was given up");
  assert.deepEqual([plugin.state, plugin.session], ["stopped", null]);
  assert.deepEqual(messages(notices), ["The start of A was stopped"]);
  manager.engineChanged();
  assert.equal(sessions.length, 1);
  isSlow = false;
  await manager.reload(plugin);
  assert.equal(await manager.run("A", {}), 5);
});

test("a start that has succeeded by the time it is given up leaves nothing running", async () => {
  const started = later();
  const { manager, sessions, offer } = await setting({ A: () => ({ setup: () => started.promise, run() {} }) });
  const entries = await offer(text("A"));
  const installing = manager.install(at(entries), entries);
  while (sessions.length === 0) await turn();
  const plugin = manager.find("A");
  assert.ok(plugin);
  started.resolve();
  await manager.stop(plugin);
  await installing;
  assert.ok(sessions[0]?.ended);
  assert.deepEqual([plugin.state, plugin.session], ["stopped", null]);
});

test("a plugin that is removed or reloaded while it starts is given up without a word of failure", async () => {
  const { manager, sessions, notices, offer } = await setting({
    A: () => ({ setup: () => new Promise(() => undefined), run() {} }),
  });
  const entries = await offer(text("A"));
  void manager.install(at(entries), entries);
  while (sessions.length < 1) await turn();
  void manager.reload(/** @type {any} */ (manager.find("A")));
  while (sessions.length < 2) await turn();
  await manager.remove(/** @type {any} */ (manager.find("A")));
  await turn();
  assert.deepEqual(
    sessions.map(({ ended }) => ended),
    ["its start was given up", "its start was given up"],
  );
  assert.deepEqual(messages(notices), []);
  assert.deepEqual(manager.plugins, []);
});

test("stopping a window plugin closes the windows that it is not done with, and no other", async () => {
  let isSlow = false;
  const { manager, windows, notices, offer } = await setting({
    V: () => ({ setup() {}, run: () => (isSlow ? new Promise(() => undefined) : undefined) }),
  });
  const entries = await offer(text("V", { type: "window" }));
  const plugin = await manager.install(at(entries), entries);
  const [operation] = [...plugin.operations.values()];
  assert.ok(operation);
  await manager.runForPerson(plugin, operation, {});
  isSlow = true;
  const opening = manager.runForPerson(plugin, operation, {});
  while (!windows[1]?.shown) await turn();
  await manager.stop(plugin);
  await opening;
  assert.deepEqual(
    windows.map(({ closed }) => closed),
    [false, true],
  );
  assert.equal(plugin.state, "ready");
  assert.equal(manager.find("V"), plugin);
  assert.deepEqual(messages(notices), ["V was stopped"]);
});

test("what a plugin says of its run is told with its name", async () => {
  /** @type {any} */
  let api;
  const { manager, offer } = await setting({
    A: (given) => {
      api = given;
      return { setup() {}, run: () => new Promise(() => undefined) };
    },
  });
  const entries = await offer(text("A"));
  const plugin = await manager.install(at(entries), entries);
  const running = assert.rejects(manager.run("A", {}));
  while (plugin.state !== "busy") await turn();
  await api.showStatus("counting cells");
  await api.showProgress(40);
  assert.deepEqual([plugin.activity, plugin.progress], ["counting cells", 40]);
  await manager.stop(plugin);
  await running;
  assert.deepEqual([manager.find("A")?.activity, manager.find("A")?.progress], ["", null]);
});
