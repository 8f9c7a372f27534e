/** Progress as plugins tell it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { percentOf } from "../../../site_src/js/core/percent.js";

test("progress: a share and a percentage are the same, and it stays within its bounds", () => {
  assert.equal(percentOf(0.5), 50);
  assert.equal(percentOf(50), 50);
  assert.equal(percentOf(1), 1);
  assert.equal(percentOf("70"), 70);
  assert.equal(percentOf(250), 100);
  assert.equal(percentOf(-3), 0);
  assert.equal(percentOf(null), null);
  assert.equal(percentOf("half"), null);
  assert.equal(percentOf(NaN), null);
});
