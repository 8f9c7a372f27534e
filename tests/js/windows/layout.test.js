/** Where windows lie. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { GAP, SMALLEST, isNarrow, tile, whole } from "../../../site_src/js/windows/layout.js";

/** @import { Rectangle } from "../../../site_src/js/windows/layout.js" */

/** @param {Rectangle} a @param {Rectangle} b */
function overlap(a, b) {
  const apart = (/** @type {"left" | "top"} */ from, /** @type {"width" | "height"} */ size) =>
    a[from] + a[size] <= b[from] || b[from] + b[size] <= a[from];
  return !apart("left", "width") && !apart("top", "height");
}

test("one window has all the room", () => {
  assert.deepEqual(tile(1, { width: 1000, height: 700 }), [whole({ width: 1000, height: 700 })]);
});

test("no windows, no tiles", () => {
  assert.deepEqual(tile(0, { width: 1000, height: 700 }), []);
});

test("tiles never overlap, never leave the width, and are of a useful size", () => {
  for (const room of [
    { width: 700, height: 500 },
    { width: 960, height: 750 },
    { width: 2240, height: 1390 },
    { width: 3700, height: 900 },
  ]) {
    for (let count = 1; count <= 12; count += 1) {
      const tiles = tile(count, room);
      assert.equal(tiles.length, count);
      for (const [i, one] of tiles.entries()) {
        assert.ok(one.left >= GAP && one.left + one.width <= room.width - GAP + 1, `${count} in ${room.width}: ${i}`);
        assert.ok(one.height >= SMALLEST.height, `${count} in ${room.width}: ${i} is ${one.height} high`);
        assert.ok(one.width >= SMALLEST.width || count === 1, `${count} in ${room.width}: ${i} is ${one.width} wide`);
        for (const other of tiles.slice(i + 1)) assert.ok(!overlap(one, other), `${count} in ${room.width}`);
      }
    }
  }
});

test("two windows lie side by side in a wide room, and the last row is filled", () => {
  const [first, second] = /** @type {[Rectangle, Rectangle]} */ (tile(2, { width: 1600, height: 800 }));
  assert.equal(first.top, second.top);
  const three = tile(3, { width: 1200, height: 900 });
  assert.equal(/** @type {Rectangle} */ (three[2]).width, whole({ width: 1200, height: 900 }).width);
});

test("a room for less than two tiles is narrow", () => {
  assert.ok(isNarrow({ width: 600 }));
  assert.ok(!isNarrow({ width: 960 }));
});

test("a room that is not there yet gives no negative sizes", () => {
  for (const one of tile(3, { width: 0, height: 0 })) assert.ok(one.width >= 0 && one.height >= 0);
  assert.ok(whole({ width: 3, height: 3 }).width >= 0);
});
