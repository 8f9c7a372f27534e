/** When plugins are told of changes in their forms. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FormUpdates } from "../../../site_src/js/shell/form_updates.js";

const PLUGIN = /** @type {any} */ ({ name: "A" });
const [FIRST, SECOND] = /** @type {any[]} */ ([{ name: "first" }, { name: "second" }]);

/** Lets promises go on. */
const settle = async () => {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
};

test("a change is told after 300 ms of quiet, once, and each operation for itself", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {string[]} */
  const told = [];
  const updates = new FormUpdates(async (_plugin, { name }) => void told.push(name));
  updates.changed(PLUGIN, FIRST);
  context.mock.timers.tick(200);
  updates.changed(PLUGIN, FIRST);
  updates.changed(PLUGIN, SECOND);
  context.mock.timers.tick(299);
  assert.deepEqual(told, []);
  context.mock.timers.tick(1);
  await settle();
  assert.deepEqual(told.sort(), ["first", "second"]);
  context.mock.timers.tick(1000);
  await settle();
  assert.equal(told.length, 2);
});

test("while a plugin is being told it is not told again, but once more at the end", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {(() => void)[]} */
  const ends = [];
  const updates = new FormUpdates(() => new Promise((resolve) => ends.push(() => resolve(undefined))));
  void updates.now(PLUGIN, FIRST);
  void updates.now(PLUGIN, FIRST);
  updates.changed(PLUGIN, FIRST);
  context.mock.timers.tick(300);
  await settle();
  assert.equal(ends.length, 1);
  ends[0]?.();
  await settle();
  assert.equal(ends.length, 2);
  ends[1]?.();
  await settle();
  assert.equal(ends.length, 2);
  void updates.now(PLUGIN, FIRST);
  await settle();
  assert.equal(ends.length, 3);
});
