/** The events of a window, whose listeners are functions of other plugins. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { WindowEvents } from "../../../site_src/js/plugins/window_events.js";

test("listeners are called in order, each after the one before has ended", async () => {
  const events = new WindowEvents();
  /** @type {string[]} */
  const calls = [];
  await events.on("x", async (data) => {
    await Promise.resolve();
    calls.push(`first ${data}`);
  });
  await events.on("x", (data) => calls.push(`second ${data}`));
  await events.emit("x", 1);
  assert.deepEqual(calls, ["first 1", "second 1"]);
});

test("one that fails does not keep the next from being called, and the failure is told", async () => {
  const events = new WindowEvents();
  let called = false;
  await events.on("x", () => {
    throw new Error("bad");
  });
  await events.on("x", () => {
    called = true;
  });
  await assert.rejects(events.emit("x"), (/** @type {AggregateError} */ error) => error.errors[0].message === "bad");
  assert.ok(called);
});

test("what nobody heard is given to the one who asks for it, once", async () => {
  const events = new WindowEvents();
  await events.emit("ready", 7);
  /** @type {unknown[]} */
  const heard = [];
  await events.on("ready", (data) => heard.push(data));
  assert.deepEqual(heard, []);
  await events.on("ready", (data) => heard.push(data), true);
  await events.on("ready", (data) => heard.push(data), true);
  assert.deepEqual(heard, [7]);
});

test("off takes one listener or all away", async () => {
  const events = new WindowEvents();
  let count = 0;
  const listener = () => (count += 1);
  await events.on("x", listener);
  await events.on("x", () => (count += 10));
  events.off("x", listener);
  await events.emit("x");
  assert.equal(count, 10);
  events.off("x");
  await events.emit("x");
  assert.equal(count, 10);
});

test("a listener must be a function", async () => {
  await assert.rejects(new WindowEvents().on("x", /** @type {any} */ ("no")), /needs a function/);
});
