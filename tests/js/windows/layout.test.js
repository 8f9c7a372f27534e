/** What windows need of room. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BAR, GAP, LEAST, SMALLEST, isNarrow, whole } from "../../../site_src/js/windows/layout.js";

test("a room for less than two windows is narrow", () => {
  assert.ok(isNarrow({ width: 600 }));
  assert.ok(!isNarrow({ width: 960 }));
  assert.ok(LEAST.width < SMALLEST.width && LEAST.height < SMALLEST.height);
});

test("the only window has all the room but for its bar", () => {
  assert.deepEqual(whole({ width: 1000, height: 700 }), {
    left: GAP,
    top: GAP + BAR,
    width: 1000 - 2 * GAP,
    height: 700 - 2 * GAP - BAR,
  });
});

test("a room that is not there yet gives no negative sizes", () => {
  const { width, height } = whole({ width: 3, height: 3 });
  assert.ok(width >= 0 && height >= 0);
});
