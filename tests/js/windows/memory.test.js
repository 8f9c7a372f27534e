/** The places of windows that are not open. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { remember } from "../../../site_src/js/windows/memory.js";
import { prune, slotsIn } from "../../../site_src/js/windows/tree.js";
import { draw, randomTree, tree, withRandomNumbers } from "./drawn_trees.js";

test("where nothing was before, and where nothing is absent, it is what is shown", () => {
  assert.equal(draw(remember(null, tree("a b"))), "a b");
  assert.equal(draw(remember(tree("a / b"), tree("a b"))), "a b");
});

test("an absent window stays beside what it was beside, with its share", () => {
  assert.equal(draw(remember(tree("a:60 x:40"), tree("a"))), "a:60 x:40");
  assert.equal(draw(remember(tree("x:25 a:75"), tree("a / b"))), "(x:25 a:75) / b");
  assert.equal(draw(remember(tree("(a / b) x"), tree("a b"))), "a:25 b:25 x:50", "beside both");
  assert.equal(draw(remember(tree("(a / b) x"), tree("a [c* b]"))), "a:25 [c* b]:25 x:50");
  assert.equal(draw(remember(tree("(a / b) x"), tree("(a / b) c"))), "(a / b):25 x:50 c:25");
  assert.equal(draw(remember(tree("a:20 x:40 b:40"), tree("a:75 b:25"))), "a:45 x:40 b:15", "as large in its row");
});

test("an absent tab stays with its mates, unseen", () => {
  assert.equal(draw(remember(tree("[a x* y] b"), tree("b [a]"))), "b [a* x y]");
  assert.equal(draw(remember(tree("a [x y*]"), tree("a"))), "a [x* y]");
});

test("an absent place deep within others stays near the closest of them", () => {
  assert.equal(draw(remember(tree("(x / y) b"), tree("b"))), "(x / y) b");
});

test("what was shown is shown as before, and every place is kept, whatever was there", () => {
  withRandomNumbers(300, (random) => {
    const before = randomTree(random, 2 + random(8));
    const open = slotsIn(before).filter(() => random(2) === 1);
    if (open.length === 0) return;
    const shown = /** @type {import("../../../site_src/js/windows/tree.js").Tree} */ (prune(before, (slot) => open.includes(slot)));
    const all = remember(before, shown);
    assert.deepEqual(slotsIn(all).sort(), slotsIn(before).sort());
    assert.equal(draw(prune(all, (slot) => open.includes(slot))), draw(shown));
  });
});

test("no more than a bounded number of absent places is kept", () => {
  const many = Array.from({ length: 120 }, (_, i) => `w${i}`).join(" ");
  assert.equal(slotsIn(remember(tree(`a ${many}`), tree("a"))).length, 41);
});
