/** A peer over a port: its end, and what a side that floods us cannot do. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ClosedError } from "../../../site_src/js/core/errors.js";
import { pair } from "./pair.js";

test("a port that ends rejects what waits, by name", async (context) => {
  const { host, plugin, port2 } = pair(context);
  plugin.exportInterface({ hang: () => new Promise(() => undefined) });
  const api = await host.getInterface();
  const call = api.hang();
  port2.close();
  await assert.rejects(
    call,
    (/** @type {any} */ error) =>
      error instanceof ClosedError && /Viewer: hang\(\) gets no answer: it has gone/.test(error.message),
  );
});

test("a side that floods us is cut off with a reason", async (context) => {
  const { host, plugin, port2 } = pair(context, { backlog: 50, slice: 16, budget: 0 });
  plugin.exportInterface({});
  await host.getInterface();
  const closed = new Promise((resolve) => host.on("closed", resolve));
  for (let count = 0; count < 60; count += 1) port2.postMessage({ type: "log", message: "x" });
  assert.deepEqual(await closed, { reason: "it sends faster than can be read: 50 messages wait" });
});

test("a burst is taken in turns, in its order, and the rest of the page goes on in between", async (context) => {
  const { host, plugin, port2 } = pair(context, { backlog: 5_000, slice: 16, budget: 0 });
  plugin.exportInterface({ run: () => 1 });
  const api = await host.getInterface();
  /** @type {string[]} */
  const lines = [];
  host.on("log", ({ message }) => void lines.push(message));
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  for (let count = 0; count < 200; count += 1) port2.postMessage({ type: "log", message: String(count) });
  assert.equal(await api.run(), 1);
  clearInterval(timer);
  assert.deepEqual(
    lines,
    Array.from({ length: 200 }, (_, index) => String(index)),
  );
  assert.ok(turns > 10, `other work had ${turns} turns`);
});
