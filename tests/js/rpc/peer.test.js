/** Sessions, against the vectors that every implementation follows, and two peers that talk over real ports. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { EncodeError, RemoteError } from "../../../site_src/js/core/errors.js";
import { Peer } from "../../../site_src/js/rpc/peer.js";
import { protocol } from "../../../site_src/js/rpc/protocol.js";
import { TRANSITIONS } from "../../../site_src/js/rpc/transitions.js";
import { pair } from "./pair.js";

const vectors = JSON.parse(readFileSync(new URL("../../vectors/rpc_session.json", import.meta.url), "utf-8"));

/** @type {Record<string, (...args: any[]) => unknown>} */
const FUNCTIONS = {
  add: (a, b) => a + b,
  fail: () => {
    throw new Error("boom");
  },
  echo: (x) => x,
  call_back: (fn) => fn("hello"),
};

test("the transitions are those of the vectors, and cover every kind of the protocol's table", () => {
  for (const [state, kinds] of Object.entries(vectors.transitions)) {
    const rows = Object.entries(TRANSITIONS[/** @type {"waiting"} */ (state)]);
    assert.deepEqual(Object.fromEntries(rows.map(([kind, [, next]]) => [kind, next])), kinds);
  }
  assert.deepEqual(Object.keys(TRANSITIONS), Object.keys(vectors.transitions));
  assert.deepEqual(Object.keys(TRANSITIONS.ready).sort(), Object.keys(protocol.peer_kinds).sort());
});

/** @param {any} actual @param {any} expected @param {string} where */
function assertMatches(actual, expected, where) {
  if (typeof expected !== "object" || expected === null) return assert.deepEqual(actual ?? null, expected, where);
  if (expected.$error) {
    assert.equal(actual._rtype, "error", where);
    return assert.ok(actual._rmessage.includes(expected.$error), `${where}: ${actual._rmessage}`);
  }
  if (Array.isArray(expected)) assert.equal(actual?.length, expected.length, where);
  else if (!expected.$more) assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), where);
  for (const name of Object.keys(expected)) {
    if (name !== "$more") assertMatches(actual[name], expected[name], `${where}.${name}`);
  }
}

/** What an interface has, for comparing. @param {any} value @returns {any} */
function shapeOf(value) {
  if (typeof value !== "object" || value === null) return typeof value === "function" ? "function" : value;
  return Object.fromEntries(Object.keys(value).map((name) => [name, shapeOf(value[name])]));
}

/** @param {any} value @returns {any} */
function withFunctions(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withFunctions);
  if (value.$function) {
    const fn = FUNCTIONS[value.$function];
    return fn;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withFunctions(member)]));
}

/** One peer that follows a scenario. */
class Actor {
  /** @type {any[]} */
  sent = [];
  /** @type {string[]} */
  events = [];
  /** @type {Record<string, { value?: any, error?: any, settled: boolean }>} */
  outcomes = {};
  #count = 0;
  peer = new Peer({
    name: "Other",
    send: (message) => void this.sent.push(message),
    makeId: () => `o${++this.#count}`,
    execute: ({ content }) => {
      if (content === "broken") throw new Error("code is broken");
    },
  });

  constructor() {
    for (const name of /** @type {const} */ (["interface", "log", "error", "closed"])) {
      this.peer.on(name, () => void this.events.push(name));
    }
  }

  /** @param {any} step */
  act(step) {
    const offered = () =>
      Object.fromEntries(step.functions.map((/** @type {string} */ name) => [name, FUNCTIONS[name]]));
    switch (step.do) {
      case undefined:
        return this.peer.receive(step.receive);
      case "set_interface":
        return this.#watch(step.as, this.peer.setInterface(offered()));
      case "export":
        return this.peer.exportInterface(offered());
      case "get_interface":
        return this.#watch(step.as, this.peer.getInterface());
      case "execute":
        return this.#watch(step.as, this.peer.execute(step.code));
      case "close":
        return this.peer.close(step.reason);
      case "disconnect":
        return this.peer.disconnect();
      case "call": {
        const fn = step.path
          .split(".")
          .reduce((/** @type {any} */ at, /** @type {string} */ name) => at[name], this.peer.remote);
        return this.#watch(step.as, fn(...withFunctions(step.args)));
      }
      default:
        return assert.fail(`unknown step ${step.do}`);
    }
  }

  /** @param {string} name @param {Promise<any>} promise */
  #watch(name, promise) {
    const outcome = (this.outcomes[name] = /** @type {any} */ ({ settled: false }));
    promise.then(
      (value) => Object.assign(outcome, { settled: true, value }),
      (error) => Object.assign(outcome, { settled: true, error }),
    );
  }
}

/** Everything that the step set going comes to rest. */
async function rest() {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** @param {{ value?: any, error?: any, settled: boolean }} outcome @param {any} expected @param {string} where */
function assertOutcome(outcome, expected, where) {
  assert.ok(outcome.settled, `${where} is not settled`);
  if ("error" in expected) {
    assert.ok(outcome.error instanceof Error, where);
    assert.ok(outcome.error.message.includes(expected.error), `${where}: ${outcome.error.message}`);
    if (expected.remote_stack) assert.equal(/** @type {any} */ (outcome.error).remoteStack, expected.remote_stack);
  } else if (expected.remote) {
    assert.deepEqual(shapeOf(outcome.value), expected.remote, where);
  } else {
    assert.deepEqual(outcome.value ?? null, expected.value, where);
  }
}

for (const { name, steps } of vectors.scenarios) {
  test(`session: ${name}`, async () => {
    const actor = new Actor();
    for (const [index, step] of steps.entries()) {
      const where = `step ${index + 1}`;
      actor.sent.length = 0;
      actor.events.length = 0;
      const before = new Set(
        Object.entries(actor.outcomes)
          .filter(([, { settled }]) => settled)
          .map(([key]) => key),
      );
      actor.act(step);
      await rest();
      if (step.sends) assertMatches(actor.sent, step.sends, where);
      if (step.state) assert.equal(actor.peer.state, step.state, where);
      assert.deepEqual(actor.events, step.events ?? [], where);
      for (const [key, expected] of Object.entries(step.settles ?? {}))
        assertOutcome(actor.outcomes[key], expected, `${where} ${key}`);
      const settled = Object.entries(actor.outcomes).filter(([key, outcome]) => outcome.settled && !before.has(key));
      assert.deepEqual(settled.map(([key]) => key).sort(), Object.keys(step.settles ?? {}).sort(), where);
      if (step.remote) assert.deepEqual(shapeOf(actor.peer.remote), step.remote, where);
      if (step.same_remote_as) assert.equal(actor.peer.remote, actor.outcomes[step.same_remote_as].value, where);
    }
  });
}

test("two peers over a channel: calls, errors with their stack, and instances with their this", async (context) => {
  const { host, plugin } = pair(context);
  class Counter {
    count = 1;
    add(/** @type {number} */ by) {
      return (this.count += by);
    }
    async failing() {
      throw new TypeError("wrong kind");
    }
  }
  plugin.exportInterface(new Counter());
  const api = await host.getInterface();
  assert.equal(api.count, 1);
  assert.equal(await api.add(2), 3);
  assert.equal(await api.add(2), 5);
  await assert.rejects(api.failing(), (/** @type {any} */ error) => {
    assert.ok(error instanceof RemoteError);
    assert.equal(error.message, "Viewer: failing() failed: TypeError: wrong kind");
    assert.match(error.remoteStack, /peer\.test\.js/);
    assert.deepEqual([error.plugin, error.functionName], ["Viewer", "failing"]);
    return true;
  });
});

test("with _transfer the sender's buffer is gone, and without it stays", async (context) => {
  const { host, plugin } = pair(context);
  plugin.exportInterface({ sum: (/** @type {Uint8Array} */ data) => data.reduce((one, other) => one + other, 0) });
  const api = await host.getInterface();
  const kept = new Uint8Array([1, 2, 3]);
  assert.equal(await api.sum(kept), 6);
  assert.equal(kept.byteLength, 3);
  const given = Object.assign(new Uint8Array([4, 5]), { _transfer: true });
  assert.equal(await api.sum(given), 9);
  assert.equal(given.byteLength, 0);
});

test("an argument that cannot be sent rejects the call by name, and nothing is sent", async (context) => {
  const { host, plugin } = pair(context);
  plugin.exportInterface({ run: () => 1 });
  const api = await host.getInterface();
  await assert.rejects(api.run({ a: Symbol("x") }), (/** @type {any} */ error) => {
    assert.ok(error instanceof EncodeError);
    assert.equal(error.message, "Viewer: run() was not called: value 1.a is a symbol, which cannot be sent");
    return true;
  });
  await assert.rejects(
    api.run({ _rtype: "strange", fn() {} }),
    /Viewer: run\(\) was not called: .*could not be cloned/,
  );
  assert.equal(await api.run(), 1);
});

test("a result that cannot be sent rejects the call by name", async (context) => {
  const { host, plugin } = pair(context);
  plugin.exportInterface({ symbol: () => Symbol("x"), strange: () => ({ _rtype: "strange", fn() {} }) });
  const api = await host.getInterface();
  await assert.rejects(api.symbol(), /Viewer: symbol\(\) failed: the result cannot be sent: the value is a symbol/);
  await assert.rejects(api.strange(), /Viewer: strange\(\) failed: the result cannot be sent/);
});

test("an object relayed by a host between two plugins works through it, and dies with its owner", async (context) => {
  const one = pair(context);
  const two = pair(context);
  one.plugin.exportInterface({ make: () => ({ _rintf: true, value: 5, double: (/** @type {number} */ x) => 2 * x }) });
  const owner = await one.host.getInterface();
  void two.host.setInterface({ get: () => owner.make() });
  const api = await two.plugin.getInterface();
  const object = await api.get();
  assert.equal(object.value, 5);
  assert.equal(await object.double(21), 42);
  one.host.close("its window was closed");
  await assert.rejects(object.double(1), (/** @type {any} */ error) => {
    assert.equal(error.message, "Viewer: double() gets no answer: its window was closed", "not who has passed it on");
    assert.deepEqual([error.plugin, error.functionName, error.code], ["Viewer", "double", "closed"]);
    return true;
  });
});

test("an object that was disposed cannot be called any more", async (context) => {
  const { host, plugin } = pair(context);
  plugin.exportInterface({ make: () => ({ _rintf: true, run: () => 1 }) });
  const object = await (await host.getInterface()).make();
  assert.equal(await object.run(), 1);
  await host.disposeObject(object);
  await assert.rejects(object.run(), /not kept here any more/);
  await assert.rejects(host.disposeObject({}), /only an object that came from the other side/);
});

test("an interface that would pass for a promise does not catch whoever awaits it", async (context) => {
  const { host, plugin } = pair(context);
  plugin.exportInterface({ then: () => undefined, run: () => [{ then: () => undefined, n: 1 }] });
  const api = await host.getInterface();
  const [inner] = await api.run();
  assert.deepEqual(await inner, { n: 1 });
});
