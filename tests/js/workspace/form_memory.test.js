/** What the browser keeps of forms, with a storage that is only played. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FormMemory } from "../../../site_src/js/workspace/form_memory.js";

/** @type {Map<string, string>} */
const stored = new Map();

beforeEach(() => {
  stored.clear();
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    value: {
      getItem: (/** @type {string} */ key) => stored.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => void stored.set(key, value),
      removeItem: (/** @type {string} */ key) => void stored.delete(key),
    },
  });
});

test("what was entered comes back in its workspace and plugin only", () => {
  const memory = new FormMemory("lab");
  const entries = new Map([["A", { n: "5", tick: true }], ["empty", {}]]);
  memory.keep("A", () => entries);
  memory.write();
  assert.deepEqual(new FormMemory("lab").read("A"), new Map([["A", { n: "5", tick: true }]]));
  assert.deepEqual(new FormMemory("lab").read("B"), new Map());
  assert.deepEqual(new FormMemory("other").read("A"), new Map());
});

test("it is written when nobody has typed for a moment, as it is then", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const memory = new FormMemory("lab");
  let entered = "1";
  memory.keep("A", () => new Map([["A", { n: entered }]]));
  context.mock.timers.tick(300);
  assert.equal(stored.size, 0);
  entered = "12";
  memory.keep("A", () => new Map([["A", { n: entered }]]));
  context.mock.timers.tick(400);
  assert.deepEqual(memory.read("A").get("A"), { n: "12" });
});

test("forgetting takes it away, and what was still to be written", () => {
  const memory = new FormMemory("lab");
  memory.keep("A", () => new Map([["A", { n: "1" }]]));
  memory.write();
  memory.keep("A", () => new Map([["A", { n: "2" }]]));
  memory.forget("A");
  memory.write();
  assert.equal(stored.size, 0);
});

test("what is too large, damaged or refused keeps nothing and disturbs nothing", () => {
  const memory = new FormMemory("lab");
  memory.keep("A", () => new Map([["A", { text: "x".repeat(100_001) }]]));
  memory.write();
  assert.equal(stored.size, 0);
  for (const damage of ["{", "null", '"text"', "[1]", '{"A": 5}']) {
    stored.set("imjoy_form:lab/A", damage);
    assert.deepEqual(memory.read("A"), new Map(), damage);
  }
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new Error("not allowed");
    },
  });
  memory.keep("A", () => new Map([["A", { n: "1" }]]));
  memory.write();
  assert.deepEqual(memory.read("A"), new Map());
});
