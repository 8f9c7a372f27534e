/** Python plugins as the page sees them, with an engine and workers that are only played: frames are the real ones. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";

import { Emitter } from "../../../site_src/js/core/events.js";
import { EnginePluginHost } from "../../../site_src/js/engine/plugins.js";
import { readSocketMessage } from "../../../site_src/js/rpc/messages.js";
import { Peer } from "../../../site_src/js/rpc/peer.js";
import { FrameSender, Joiner } from "../../../site_src/js/rpc/pieces.js";
import { protocol } from "../../../site_src/js/rpc/protocol.js";
import { decodeFrame, encodeFrame } from "../../../site_src/js/rpc/wire.js";

/** @import { CodeItem, Message, RemoteObject } from "../../../site_src/js/types.js" */

/** What one worker does. @typedef {{ api?: Record<string, unknown>, onStart?: (engine: FakeEngine, id: number) => boolean }} Deeds */

/**
 * The engine, and in it workers whose peers are in this process.
 * @extends {Emitter<{ message: Message, changed: { name: string, reason: string } }>}
 */
class FakeEngine extends Emitter {
  state = { name: "connected", reason: "" };
  /** What the page has sent, without the values of pieces. @type {Message[]} */
  sent = [];
  bytes = 0;
  /** @type {Map<string, { peer: Peer, sender: FrameSender, joiner: Joiner }>} */
  workers = new Map();

  /** @param {Deeds} deeds */
  constructor({ api = {}, onStart } = {}) {
    super();
    this.deeds = { api, onStart };
  }

  /** @param {Uint8Array} frame */
  sendFrame(frame) {
    this.bytes += frame.length;
    const message = decodeFrame(frame.slice());
    this.sent.push(message);
    setImmediate(() => this.#take(message));
  }

  /** @param {Message} message */
  tell(message) {
    this.emit("message", decodeFrame(encodeFrame(message)));
  }

  /** @param {Message} message */
  #take(message) {
    const { type, to } = message;
    if (type === "start") this.#start(Number(message.id));
    else if (type === "stop" && message.peer) this.end(String(message.peer), "it was stopped");
    const worker = this.workers.get(String(to));
    if (!worker) return;
    if (type === "credit") worker.sender.addCredit(/** @type {any} */ (readSocketMessage(message)));
    else if (type !== "piece") worker.peer.receive(message);
    else {
      const piece = /** @type {any} */ (readSocketMessage(message));
      const whole = worker.joiner.accept(piece);
      this.tell({ from: to, ...worker.joiner.consumed(piece.stream, piece.data.length) });
      if (whole) worker.peer.receive(decodeFrame(whole, Infinity));
    }
  }

  /** @param {number} id */
  #start(id) {
    if (this.deeds.onStart?.(this, id)) return;
    const address = `w${id}`;
    const sender = new FrameSender({ sendBytes: (frame) => this.emit("message", { ...decodeFrame(frame.slice()), from: address }) });
    const peer = new Peer({ name: "ImJoy", send: (message) => sender.send(message) });
    this.workers.set(address, { peer, sender, joiner: new Joiner({ totalBytes: 2 ** 31 }) });
    this.tell({ type: "progress", id, stage: "environment", text: "Installing numpy" });
    this.tell({ type: "progress", id, stage: "worker", text: "Starting its process", peer: address });
    peer.exportInterface(this.deeds.api);
    peer.getInterface().then(() => this.tell({ type: "started", id, peer: address }));
  }

  /** @param {string} address @param {string} reason */
  end(address, reason) {
    if (!this.workers.delete(address)) return;
    this.tell({ type: "ended", peer: address, reason, code: null });
  }

  lose() {
    this.state = { name: "connecting", reason: "" };
    this.emit("changed", this.state);
  }
}

/** @type {CodeItem[]} */
const CODE = [
  { type: "requirements", requirements: ["numpy", "scipy"] },
  { type: "script", content: "api.export(...)", lang: "python", attrs: { lang: "python" }, line: 12 },
];

/** @param {FakeEngine} engine @param {Record<string, unknown>} [api] @param {AbortSignal} [signal] */
async function begin(engine, api = {}, signal) {
  const host = new EnginePluginHost({ client: /** @type {any} */ (engine), workspace: "default" });
  const config = { name: "Filter", type: "native-python", tag: "gpu" };
  const options = { id: "Filter-1", name: "Filter", type: "native-python", config, code: [...CODE], api };
  return { host, starting: host.start({ ...options, ...(signal ? { signal } : {}) }) };
}

test("a start sends what the engine needs, tells how it goes, and hands out what the plugin exports", async () => {
  const engine = new FakeEngine({ api: { add: (/** @type {number} */ a, /** @type {number} */ b) => a + b } });
  /** @type {string[]} */
  const said = [];
  const { host, starting } = await begin(engine);
  host.on("progress", ({ id, text }) => said.push(`${id}: ${text}`));
  const session = await starting;
  assert.deepEqual(engine.sent[0], {
    type: "start",
    id: 1,
    plugin: {
      name: "Filter",
      id: "Filter-1",
      tag: "gpu",
      workspace: "default",
      config: { name: "Filter", type: "native-python", tag: "gpu" },
      scripts: [{ content: "api.export(...)", lang: "python", attrs: { lang: "python" }, line: 12 }],
      requirements: ["numpy", "scipy"],
    },
  });
  assert.deepEqual(said, ["Filter-1: Installing numpy", "Filter-1: Starting its process"]);
  assert.equal(await session.api.add(2, 3), 5);
  assert.equal(host.sessions.size, 1);
});

test("the plugin calls the app's functions, also while it is being started", async () => {
  /** @type {string[]} */
  const shown = [];
  const engine = new FakeEngine({
    api: {
      run: async () => {
        const worker = engine.workers.get("w1");
        const api = /** @type {RemoteObject} */ (await worker?.peer.getInterface());
        return api.showMessage("hello");
      },
    },
  });
  const { starting } = await begin(engine, { showMessage: (/** @type {string} */ text) => shown.push(text) });
  const session = await starting;
  assert.equal(await session.api.run(), 1);
  assert.deepEqual(shown, ["hello"]);
});

test("what the engine says of a failed start is the error, with the traceback", async () => {
  const engine = new FakeEngine({
    onStart: ({ tell }, id) => {
      tell.call(engine, {
        ...{ type: "failed", id },
        error: { message: "Filter: line 3: no module x", hint: "Run python -m imjoy mirror.", detail: "Traceback" },
      });
      return true;
    },
  });
  const { starting } = await begin(engine);
  await assert.rejects(starting, (/** @type {any} */ error) => {
    assert.equal(error.name, "PluginStartError");
    assert.equal(error.message, "Filter: line 3: no module x Run python -m imjoy mirror.");
    assert.equal(error.remoteStack, "Traceback");
    return true;
  });
});

test("an end settles what waits, by plugin and function, with the reason", async () => {
  const engine = new FakeEngine({ api: { f: () => new Promise(() => undefined) } });
  const { host, starting } = await begin(engine);
  const session = await starting;
  /** @type {string[]} */
  const ends = [];
  host.on("closed", ({ id, reason }) => ends.push(`${id}: ${reason}`));
  const call = session.api.f();
  await turn();
  engine.end("w1", "its process ended (exit code 7)");
  await assert.rejects(call, /^ClosedError: Filter: f\(\) gets no answer: its process ended \(exit code 7\)$/);
  assert.deepEqual(await session.closed, { reason: "its process ended (exit code 7)" });
  assert.deepEqual(ends, ["Filter-1: its process ended (exit code 7)"]);
  await assert.rejects(session.api.f(), /its process ended \(exit code 7\)/);
  assert.equal(host.sessions.size, 0);
});

test("a connection that is lost ends sessions and starts", async () => {
  const engine = new FakeEngine();
  const { host, starting } = await begin(engine);
  const session = await starting;
  engine.deeds.onStart = () => true;
  const second = host.start({ id: "B-1", name: "B", type: "native-python", config: {}, code: [], api: {} });
  engine.lose();
  await assert.rejects(second, /^PluginStartError: B: the connection to the engine was lost$/);
  assert.deepEqual(await session.closed, { reason: "the connection to the engine was lost" });
  const third = host.start({ id: "C-1", name: "C", type: "native-python", config: {}, code: [], api: {} });
  await assert.rejects(third, /C: this page is not connected to the Python engine/);
});

test("close calls exit, stops the worker, and resolves when it has gone", async () => {
  let exits = 0;
  const engine = new FakeEngine({ api: { exit: () => (exits += 1) } });
  const { starting } = await begin(engine);
  const session = await starting;
  const [first, second] = await Promise.all([session.close("it was removed"), session.close("again")]);
  assert.deepEqual([first, second, exits], [{ reason: "it was removed" }, { reason: "it was removed" }, 1]);
  assert.deepEqual(engine.sent.at(-1), { type: "stop", peer: "w1" });
  assert.equal(engine.workers.size, 0);
});

test("stop gives exit a moment and then ends the process at once; what waits is rejected by name", async () => {
  const never = () => new Promise(() => undefined);
  const engine = new FakeEngine({ api: { exit: never, f: never } });
  const { starting } = await begin(engine);
  const session = await starting;
  const call = session.api.f();
  const begun = performance.now();
  const [end] = await Promise.all([
    session.stop("it was stopped"),
    assert.rejects(call, /^ClosedError: Filter: f\(\) gets no answer: it was stopped$/),
  ]);
  assert.deepEqual(end, { reason: "it was stopped" });
  assert.ok(performance.now() - begun < 4_000, "it waits for exit as long as a person does");
  assert.deepEqual(engine.sent.at(-1), { type: "stop", peer: "w1", now: true });
});

test("a start that is given up when its scripts have run ends its worker", async () => {
  const engine = new FakeEngine({
    onStart: (_, id) => {
      engine.tell({ type: "progress", id, stage: "worker", text: "Starting its process", peer: "w1" });
      engine.workers.set("w1", /** @type {any} */ ({ peer: { receive: () => undefined } }));
      engine.tell({ type: "started", id, peer: "w1" });
      return true;
    },
  });
  const abort = new AbortController();
  const { host, starting } = await begin(engine, {}, abort.signal);
  await turn();
  abort.abort();
  await assert.rejects(starting, /Filter: it could not be started: its start was given up/);
  assert.ok(engine.sent.some(({ type, peer, now }) => type === "stop" && peer === "w1" && now === true));
  assert.equal(host.sessions.size, 0);
});

test("a start that is given up is stopped in the engine", async () => {
  const engine = new FakeEngine({ onStart: () => true });
  const abort = new AbortController();
  const { starting } = await begin(engine, {}, abort.signal);
  abort.abort();
  assert.deepEqual(engine.sent.at(-1), { type: "stop", id: 1 });
  engine.tell({ type: "failed", id: 1, error: { message: "The start was given up.", hint: "", detail: "" } });
  await assert.rejects(starting, /The start was given up/);
  engine.tell({ type: "started", id: 1, peer: "w9" });
  assert.deepEqual(engine.sent.at(-1), { type: "stop", peer: "w9" });
});

test("log lines reach the listener under the plugin's id", async () => {
  const engine = new FakeEngine();
  const { host, starting } = await begin(engine);
  /** @type {string[]} */
  const lines = [];
  host.on("log", ({ id, level, message }) => lines.push(`${id} ${level} ${message}`));
  await starting;
  engine.tell({ type: "log", from: "w1", level: "warning", message: "careful" });
  engine.tell({ type: "log", from: "w7", level: "info", message: "of nobody" });
  assert.deepEqual(lines, ["Filter-1 warning careful"]);
});

test("64 MB travel in pieces both ways with at most one percent more, and small calls go between", async () => {
  const engine = new FakeEngine({
    api: { twice: (/** @type {Uint8Array} */ data) => data.map((value) => value * 2), quick: () => "quick" },
  });
  const { starting } = await begin(engine);
  const session = await starting;
  const data = new Uint8Array(64 * 2 ** 20).fill(21);
  engine.bytes = 0;
  const large = session.api.twice(data);
  /** @type {string[]} */
  const order = [];
  const both = [large.then(() => order.push("large")), session.api.quick().then(() => order.push("quick"))];
  await Promise.all(both);
  assert.deepEqual(order, ["quick", "large"]);
  const result = await large;
  assert.equal(result.length, data.length);
  assert.ok(result.every((/** @type {number} */ value) => value === 42));
  assert.ok(engine.bytes <= data.length * 1.01, `${engine.bytes}`);
});

test("never more than a window of a message, nor of more than eight, is on its way without credit", async () => {
  const engine = new FakeEngine({ api: { take: () => null } });
  const { starting } = await begin(engine);
  const session = await starting;
  const worker = engine.workers.get("w1");
  assert.ok(worker);
  engine.workers.delete("w1");
  engine.bytes = 0;
  const calls = Array.from({ length: 12 }, () => session.api.take(new Uint8Array(20 * 2 ** 20)));
  await pause(20);
  const most = 8 * protocol.limits.window_bytes;
  assert.ok(engine.bytes > most && engine.bytes < most * 1.01, `${engine.bytes}`);
  session.end("it is over");
  await Promise.all(calls.map((call) => assert.rejects(call, /it is over/)));
});

test("a worker that sends what is no piece is stopped, and no other session with it", async () => {
  const engine = new FakeEngine({ api: { f: () => 1 } });
  const { host, starting } = await begin(engine);
  const session = await starting;
  const other = await host.start({ id: "B-1", name: "B", type: "native-python", config: {}, code: [], api: {} });
  engine.tell({ type: "piece", from: "w1", stream: 0, offset: 9, size: 10, data: new Uint8Array(1) });
  assert.match((await session.closed).reason, /it sent what cannot be understood/);
  assert.deepEqual(engine.sent.at(-1), { type: "stop", peer: "w1" });
  assert.equal(await other.api.f(), 1);
});
