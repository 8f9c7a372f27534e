/** Where a window opens, and where it goes when it is moved. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LEAST, SMALLEST } from "../../../site_src/js/windows/layout.js";
import { hasNeighbours, move, place, resize, shiftTab } from "../../../site_src/js/windows/places.js";
import { groupsIn, prune, rectanglesOf, slotsIn } from "../../../site_src/js/windows/tree.js";
import { draw, randomTree, tree, withRandomNumbers } from "./drawn_trees.js";

/** @import { Side } from "../../../site_src/js/windows/places.js" */
/** @import { Tree } from "../../../site_src/js/windows/tree.js" */

const ROOM = { width: 1600, height: 900 };
/** @type {readonly Side[]} */
const SIDES = ["left", "right", "up", "down"];

/**
 * @param {string} slots
 * @param {{width: number, height: number}} room
 * @returns {Tree}
 */
function openAll(slots, room) {
  /** @type {Tree | null} */
  let whole = null;
  const open = new Set();
  for (const slot of slots) {
    whole = place(whole, open, slot, { room, near: [...open].at(-1) ?? null });
    open.add(slot);
  }
  return /** @type {Tree} */ (whole);
}

test("windows share the room evenly, and none gets too small", () => {
  assert.equal(draw(openAll("a", ROOM)), "a");
  assert.equal(draw(openAll("ab", ROOM)), "a b");
  assert.equal(draw(openAll("abc", ROOM)), "(a / c) b");
  assert.equal(draw(openAll("abcd", ROOM)), "(a / c) (b / d)");
  assert.equal(draw(openAll("abc", { width: 3700, height: 700 })), "a:25 c:25 b:50");
  assert.equal(draw(openAll("ab", { width: 700, height: 1200 })), "a / b");
  for (let count = 1; count <= 20; count += 1) {
    const slots = "abcdefghijklmnopqrst".slice(0, count);
    for (const room of [{ width: 928, height: 736 }, ROOM, { width: 3800, height: 2000 }]) {
      const whole = openAll(slots, room);
      assert.equal(slotsIn(whole).length, count);
      for (const { width, height } of rectanglesOf(whole, room)) {
        assert.ok(width >= SMALLEST.width && height >= SMALLEST.height, draw(whole));
      }
    }
  }
});

test("where there is no more room, a window becomes a tab of the place with the fewest", () => {
  const room = { width: 928, height: 736 };
  const sixteen = openAll("abcdefghijklmnop", room);
  assert.deepEqual(groupsIn(sixteen).map(({ tabs }) => tabs.length), [4, 4, 4, 4]);
  assert.equal(draw(place(tree("a b"), new Set("ab"), "c", { room: { width: 700, height: 500 }, near: "b" })), "a [b c*]");
});

test("a window that asks for less than half gets it, one that asks for more gets half", () => {
  const put = (/** @type {object} */ wish) => draw(place(tree("a"), new Set("a"), "b", { room: ROOM, wish }));
  assert.equal(put({ width: 400, height: 330 }), "a:75 b:25");
  assert.equal(put({ width: 100, height: 90 }), "a:79 b:21", "but never less than is of use");
  assert.equal(put({ width: 3000, height: 2000 }), "a b");
  assert.equal(put({ width: 1500, height: 330 }), "a:63 / b:37", "by its shape it belongs below");
});

test("a window that asks for a place divides the one that is there", () => {
  const put = (/** @type {object} */ wish) => draw(place(tree("a b"), new Set("ab"), "c", { room: ROOM, wish }));
  assert.equal(put({ left: 900, top: 30 }), "a (b / c)");
  assert.equal(put({ left: 30, top: 30 }), "(a / c) b");
  assert.equal(put({ left: 9000, top: 30 }), "(a / c) b", "a place that is not there is none");
});

test("a window opens where it was, beside whatever is open", () => {
  const before = tree("(a:30 / b:70):60 [c d*]:40");
  const open = (/** @type {string} */ slots, /** @type {string} */ slot) => {
    const all = new Set([...slots, slot]);
    return draw(prune(place(before, new Set(slots), slot, { room: ROOM }), (one) => all.has(one)));
  };
  assert.equal(open("", "c"), "c");
  assert.equal(open("c", "b"), "b:60 c:40");
  assert.equal(open("bc", "a"), "(a:30 / b:70):60 c:40");
  assert.equal(open("abc", "d"), "(a:30 / b:70):60 [c d*]:40");
  assert.equal(open("abd", "c"), "(a:30 / b:70):60 [c* d]:40");
  assert.equal(draw(place(before, new Set("a"), "z", { room: ROOM })).includes("d"), true, "places of others are kept");
});

test("a place that has become too small for the room is not taken again", () => {
  const before = tree("a:90 b:10");
  assert.equal(draw(place(before, new Set("a"), "b", { room: { width: 3000, height: 900 } })), "a:90 b:10");
  assert.equal(draw(place(before, new Set("a"), "b", { room: ROOM })), "a b");
});

test("a tab is split off, a single window becomes a tab of its neighbour, at the end it gets the edge", () => {
  const steps = (/** @type {string} */ from, /** @type {string} */ slot, /** @type {Side[]} */ ...sides) =>
    draw(sides.reduce((whole, side) => move(whole, slot, side), tree(from)));
  assert.equal(steps("[a b*] c", "b", "left"), "b:25 a:25 c:50");
  assert.equal(steps("[a b*] c", "b", "down"), "(a / b) c");
  assert.equal(steps("a b", "a", "right"), "[b a*]");
  assert.equal(steps("a b", "a", "right", "right"), "b a");
  assert.equal(steps("a b", "a", "up"), "a / b");
  assert.equal(steps("a (b / c)", "c", "left"), "[a c*] b");
  assert.equal(steps("(a / b) c", "a", "left"), "(a / b) c", "where it cannot go further, nothing changes");
  assert.equal(steps("(a / b) / c", "c", "right"), "(a / b) c");
});

test("wherever a window is moved, all are there, and it is seen", () => {
  withRandomNumbers(400, (random) => {
    const whole = randomTree(random, 1 + random(7));
    const slots = slotsIn(whole);
    const slot = /** @type {string} */ (slots[random(slots.length)]);
    const moved = move(whole, slot, /** @type {Side} */ (SIDES[random(4)]));
    assert.deepEqual(slotsIn(moved).sort(), [...slots].sort());
    if (moved !== whole) assert.ok(groupsIn(moved).some(({ shown }) => shown === slot), draw(moved));
  });
});

test("from any place a window reaches every edge of the page by going on to one side", () => {
  withRandomNumbers(200, (random) => {
    const whole = randomTree(random, 2 + random(6));
    for (const side of SIDES) {
      let now = whole;
      for (let step = 0; step < 30; step += 1) {
        const next = move(now, "a", side);
        if (next === now) break;
        now = next;
      }
      assert.equal(move(now, "a", side), now, "it comes to an end");
      const { left, top, width, height } = /** @type {any} */ (
        rectanglesOf(now, { width: 1000, height: 1000 }).find(({ group }) => group.tabs.includes("a"))
      );
      const distance = { left, top, right: 1000 - left - width, down: 1000 - top - height, up: top }[side];
      assert.ok(Math.abs(distance) < 0.01, `${side} of ${draw(whole)} became ${draw(now)}`);
    }
  });
});

test("a window grows and shrinks at the cost of its neighbours, down to what is of use", () => {
  const room = { width: 1000, height: 1000 };
  assert.equal(draw(resize(tree("a b"), "a", "row", 1, room)), "a:55 b:45");
  assert.equal(draw(resize(tree("a b"), "b", "row", -1, room)), "a:55 b:45");
  assert.equal(draw(resize(tree("a (b / c)"), "b", "column", 1, room)), "a (b:55 / c:45)");
  assert.equal(draw(resize(tree("a (b / c)"), "b", "row", 1, room)), "a:45 (b / c):55");
  const alone = tree("a / b");
  assert.equal(resize(alone, "a", "row", 1, room), alone);
  let whole = tree("a b c");
  for (let i = 0; i < 30; i += 1) whole = resize(whole, "a", "row", 1, room);
  for (const { width } of rectanglesOf(whole, room)) assert.ok(width >= LEAST.width - 0.01, draw(whole));
  for (let i = 0; i < 30; i += 1) whole = resize(whole, "a", "row", -1, room);
  assert.ok(Math.abs((rectanglesOf(whole, room)[0]?.width ?? 0) - LEAST.width) < 0.01, draw(whole));
});

test("a tab goes to the left and to the right among those of its place", () => {
  const whole = tree("[a b* c] d");
  assert.equal(draw(shiftTab(whole, "b", -1)), "[b* a c] d");
  assert.equal(draw(shiftTab(whole, "b", 1)), "[a c b*] d");
  assert.equal(draw(shiftTab(whole, "c", -1)), "[a c* b] d");
  assert.equal(shiftTab(whole, "a", -1), whole);
  assert.equal(shiftTab(whole, "d", 1), whole);
});

test("it is known in which direction a window can grow", () => {
  const whole = tree("a (b / c)");
  assert.deepEqual([hasNeighbours(whole, "a", "row"), hasNeighbours(whole, "a", "column")], [true, false]);
  assert.deepEqual([hasNeighbours(whole, "b", "row"), hasNeighbours(whole, "b", "column")], [true, true]);
  assert.equal(hasNeighbours(tree("[a b]"), "a", "row"), false);
});
