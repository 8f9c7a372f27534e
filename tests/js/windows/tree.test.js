/** Arrangements as values. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  addTab,
  findGroup,
  fitInto,
  groupsIn,
  isGroup,
  joinAll,
  makeSplit,
  prune,
  putBeside,
  rectanglesOf,
  showSlot,
  slotsIn,
  without,
} from "../../../site_src/js/windows/tree.js";
import { draw, randomTree, tree, withRandomNumbers } from "./drawn_trees.js";

/** @import { Tree } from "../../../site_src/js/windows/tree.js" */

/** @param {Tree} whole */
function assertWhole(whole) {
  const slots = slotsIn(whole);
  assert.equal(new Set(slots).size, slots.length, `a slot is there twice: ${draw(whole)}`);
  const check = (/** @type {Tree} */ part) => {
    if (isGroup(part)) return assert.ok(part.tabs.includes(part.shown), draw(whole));
    assert.ok(part.parts.length > 1 && part.parts.length === part.shares.length, draw(whole));
    assert.ok(Math.abs(part.shares.reduce((sum, one) => sum + one) - 1) < 1e-9, draw(whole));
    for (const inner of part.parts) {
      assert.ok(isGroup(inner) || inner.direction !== part.direction, draw(whole));
      check(inner);
    }
  };
  check(whole);
}

test("what is drawn is what was written", () => {
  for (const text of ["a", "a b", "a / b", "[a* b]", "a:25 (b / [c d*]):75", "(a b) / c"]) {
    assert.equal(draw(tree(text)), text);
  }
});

test("splits of one direction become one, with their shares", () => {
  const inner = makeSplit("row", [tree("b"), tree("c")], [1, 3]);
  assert.equal(draw(makeSplit("row", [tree("a"), inner], [1, 1])), "a:50 b:13 c:38");
  assert.equal(draw(makeSplit("column", [inner], [7])), "b:25 c:75");
});

test("windows that go leave their place to their neighbours", () => {
  const whole = tree("a:50 (b / c):25 d:25");
  assert.equal(draw(without(whole, "b")), "a:50 c:25 d:25");
  assert.equal(draw(without(whole, "a")), "(b / c) d");
  assert.equal(draw(prune(whole, (slot) => "bc".includes(slot))), "b / c");
  assert.equal(prune(whole, () => false), null);
  assert.equal(prune(whole, () => true), whole, "nothing is made anew where nothing goes");
});

test("the tab behind the one that goes is seen, at the end the one before", () => {
  assert.equal(draw(without(tree("[a b* c]"), "b")), "[a c*]");
  assert.equal(draw(without(tree("[a b c*]"), "c")), "[a b*]");
  assert.equal(draw(without(tree("[a b c*]"), "a")), "[b c*]");
});

test("a window becomes a tab, is put beside a part, and is shown", () => {
  const whole = tree("a (b / c)");
  assert.equal(draw(addTab(whole, "b", "x")), "a ([b* x] / c)");
  assert.equal(draw(showSlot(addTab(whole, "b", "x"), "x")), "a ([b x*] / c)");
  const column = /** @type {any} */ (whole).parts[1];
  assert.equal(draw(putBeside(whole, column, "x", "row", true, 0.5)), "a:50 x:25 (b / c):25");
  assert.equal(draw(putBeside(whole, findGroup(whole, "a") ?? whole, "x", "column", false, 0.25)), "(a:75 / x:25) (b / c)");
  assert.equal(draw(putBeside(whole, whole, "x", "column", true, 0.5)), "x / (a (b / c))");
  assert.equal(showSlot(whole, "a"), whole);
});

test("all in one place, in their order", () => {
  assert.equal(draw(joinAll(tree("a ([b c*] / d)"), "d")), "[a b c d*]");
  assert.equal(draw(joinAll(tree("a b"), null)), "[a* b]");
});

test("rectangles fill the room and never overlap, whatever the arrangement", () => {
  withRandomNumbers(200, (random) => {
    const whole = randomTree(random, 1 + random(8));
    assertWhole(whole);
    const places = rectanglesOf(whole, { width: 1000, height: 600 });
    assert.equal(places.length, groupsIn(whole).length);
    const area = places.reduce((sum, { width, height }) => sum + width * height, 0);
    assert.ok(Math.abs(area - 600_000) < 1, draw(whole));
    for (const [i, a] of places.entries()) {
      for (const b of places.slice(i + 1)) {
        const wide = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
        const high = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
        assert.ok(wide < 0.001 || high < 0.001, draw(whole));
      }
    }
  });
});

test("in a room that has become small, neighbours share a place, and in a large one nothing changes", () => {
  const least = { width: 240, height: 160 };
  const whole = tree("a b c (d / e)");
  assert.equal(draw(fitInto(whole, { width: 2000, height: 900 }, least, "a")), draw(whole));
  assert.equal(draw(fitInto(whole, { width: 760, height: 900 }, least, "b")), "[a b*] [c* d e]");
  assert.equal(draw(fitInto(whole, { width: 400, height: 900 }, least, "e")), "[a b c d e*]");
  assert.equal(draw(fitInto(tree("a:80 b:20"), { width: 1000, height: 900 }, least, null)), "[a* b]");
  assert.equal(draw(fitInto(tree("a:20 b:80"), { width: 1000, height: 900 }, least, null)), "[a b*]");
});

test("nothing is lost in any room, and what fits is not touched", () => {
  withRandomNumbers(200, (random) => {
    const whole = randomTree(random, 1 + random(9));
    const room = { width: 200 + random(3000), height: 200 + random(1500) };
    const least = { width: 240, height: 160 };
    const fitted = fitInto(whole, room, least, "a");
    assertWhole(fitted);
    assert.deepEqual(slotsIn(fitted).sort(), slotsIn(whole).sort());
    if (!isGroup(fitted)) {
      for (const { width, height } of rectanglesOf(fitted, room)) {
        assert.ok(width >= Math.min(240, room.width) - 0.001 && height >= Math.min(160, room.height) - 0.001, draw(fitted));
      }
    }
  });
});
