/** Named events of our own classes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Emitter } from "../../../site_src/js/core/events.js";

/** @typedef {{ changed: number }} Changes */

test("listeners are told in their order, until they are taken away", () => {
  /** @type {Emitter<Changes>} */
  const emitter = new Emitter();
  /** @type {string[]} */
  const heard = [];
  const off = emitter.on("changed", (value) => void heard.push(`first ${value}`));
  emitter.on("changed", (value) => void heard.push(`second ${value}`));
  emitter.emit("changed", 1);
  off();
  emitter.emit("changed", 2);
  emitter.clear();
  emitter.emit("changed", 3);
  assert.deepEqual(heard, ["first 1", "second 1", "second 2"]);
});

test("a listener that throws stops neither the others nor the one who emits, and is not hidden", async (context) => {
  /** @type {Emitter<Changes>} */
  const emitter = new Emitter();
  /** @type {(() => void)[]} */
  const later = [];
  const { queueMicrotask: original } = globalThis;
  globalThis.queueMicrotask = (work) => void later.push(work);
  context.after(() => void (globalThis.queueMicrotask = original));
  const heard = new Promise((resolve) => {
    emitter.on("changed", () => {
      throw new Error("a bad listener");
    });
    emitter.on("changed", resolve);
  });
  emitter.emit("changed", 5);
  assert.equal(await heard, 5);
  assert.equal(later.length, 1);
  assert.throws(later[0], /a bad listener/);
});

test("a listener that takes itself away does not disturb the round", () => {
  /** @type {Emitter<Changes>} */
  const emitter = new Emitter();
  let count = 0;
  const off = emitter.on("changed", () => off());
  emitter.on("changed", () => (count += 1));
  emitter.emit("changed", 1);
  assert.equal(count, 1);
});
