/** What sandboxed plugins may do: the promises that the rest of the app relies on. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CODE_KINDS, FRAME_ATTRIBUTES, placeOf } from "../../../site_src/js/sandbox/policy.js";

test("frames may run scripts, but share no origin, open nothing and move nothing but themselves", () => {
  const granted = FRAME_ATTRIBUTES.sandbox.split(" ").sort();
  assert.deepEqual(granted, ["allow-downloads", "allow-forms", "allow-modals", "allow-pointer-lock", "allow-scripts"]);
  assert.equal(FRAME_ATTRIBUTES.allow, "cross-origin-isolated; fullscreen; clipboard-write");
});

test("each type has its place, and types of engines have none", () => {
  const types = ["window", "iframe", "web-worker", "native-python", "web-python", "toString", ""];
  assert.deepEqual(types.map(placeOf), ["page", "page", "worker", undefined, undefined, undefined, undefined]);
});

test("a worker has requirements and scripts only", () => {
  assert.deepEqual(CODE_KINDS.worker, ["requirements", "script"]);
  assert.deepEqual([...CODE_KINDS.page].sort(), ["html", "link", "requirements", "script", "style"]);
});
