/** Arrangements as dockview has them, and as they are stored. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fromDock, toDock } from "../../../site_src/js/windows/dock_form.js";
import { fromText, toText } from "../../../site_src/js/windows/stored_form.js";
import { slotsIn } from "../../../site_src/js/windows/tree.js";
import { draw, randomTree, tree, withRandomNumbers } from "./drawn_trees.js";

const ROOM = { width: 1000, height: 600 };

test("dockview is told pixels, each level across the one above", () => {
  const { grid, panels, activeGroup } = toDock(tree("a:30 (b / [c d*]):70"), "b", ROOM);
  assert.deepEqual(JSON.parse(JSON.stringify(grid)), {
    orientation: "HORIZONTAL",
    width: 1000,
    height: 600,
    root: {
      type: "branch",
      size: 600,
      data: [
        { type: "leaf", size: 300, data: { id: "group-0", views: ["a"], activeView: "a" } },
        {
          type: "branch",
          size: 700,
          data: [
            { type: "leaf", size: 300, data: { id: "group-1", views: ["b"], activeView: "b" } },
            { type: "leaf", size: 300, data: { id: "group-2", views: ["c", "d"], activeView: "d" } },
          ],
        },
      ],
    },
  });
  assert.deepEqual(Object.keys(panels), ["a", "b", "c", "d"]);
  assert.equal(activeGroup, "group-1");
});

test("what dockview is told comes back, with the active window", () => {
  withRandomNumbers(200, (random) => {
    const whole = randomTree(random, 1 + random(8));
    const back = fromDock(toDock(whole, "a", ROOM));
    assert.equal(draw(back?.tree ?? null), draw(whole));
    assert.equal(back?.active !== null && slotsIn(whole).includes(back?.active ?? ""), true);
  });
});

test("an empty dock is nothing, and empty groups in it are not there", () => {
  const empty = toDock(tree("a"), null, ROOM);
  const root = /** @type {any} */ (empty.grid.root);
  root.data[0].data.views = [];
  assert.equal(fromDock(empty), null);
  root.data.push({ type: "leaf", size: 10, data: { id: "g", views: ["b"], activeView: "b" } });
  assert.equal(draw(fromDock(empty)?.tree ?? null), "b");
});

test("what is stored comes back", () => {
  withRandomNumbers(100, (random) => {
    const whole = randomTree(random, 1 + random(8));
    assert.equal(draw(fromText(toText(whole))), draw(whole));
  });
});

test("of what makes no sense only the rest is read", () => {
  const stored = (/** @type {unknown} */ value) => draw(fromText(JSON.stringify({ version: 1, tree: value })));
  const a = { tabs: ["a"], shown: "a" };
  const b = { tabs: ["b"], shown: "b" };
  for (const text of [null, "", "{", "[]", "7", "null", '{"version":2,"tree":{"tabs":["a"],"shown":"a"}}']) {
    assert.equal(fromText(text), null);
  }
  for (const value of [null, 7, "a", {}, [], { tabs: [] }, { tabs: [7, null] }, { direction: "row", parts: [], shares: [] }]) {
    assert.equal(stored(value), "nothing");
  }
  assert.equal(stored({ tabs: ["a", "a", 5, "b"], shown: "z" }), "[a* b]");
  assert.equal(stored({ direction: "diagonal", parts: [a, b], shares: [1, 1] }), "nothing");
  assert.equal(stored({ direction: "row", parts: [a, a, b], shares: [0.5, 0.25, 0.25] }), "a:67 b:33");
  assert.equal(stored({ direction: "row", parts: [a, 5, b], shares: [-1, 0, "x"] }), "a b");
  let deep = /** @type {any} */ (a);
  for (let i = 0; i < 500; i += 1) deep = { direction: i % 2 ? "row" : "column", parts: [deep, { tabs: [`w${i}`] }], shares: [0.5, 0.5] };
  assert.ok(slotsIn(fromText(JSON.stringify({ version: 1, tree: deep })) ?? tree("a")).length <= 13);
});
