/**
 * Where a window opens, and where it goes when a person moves it: from one arrangement to the next.
 *
 * Pure. A window opens where the person last had it, else where it takes its place from the largest; only where no place
 * is large enough to be divided does it become a tab. Called by windows/desk.js.
 */

import { LEAST, SMALLEST, TIGHTEST } from "./layout.js";
import { remember } from "./memory.js";
import {
  addTab,
  findGroup,
  groupOf,
  groupsIn,
  isGroup,
  makeSplit,
  prune,
  putBeside,
  rectanglesOf,
  replacePart,
  showSlot,
  without,
} from "./tree.js";

/** @import {Rectangle, Room} from "./layout.js" */
/** @import {Direction, Group, Split, Tree} from "./tree.js" */

/** @typedef {"left" | "right" | "up" | "down"} Side */

/** The size that a window asks for, in pixels, and where in the room. @typedef {Partial<Rectangle>} Wish */

/** A little wider than high: most windows have bars above and below what they show. */
const WANTED_RATIO = 1.1;
/** By how much of the two together a window grows or shrinks at a time. */
const STEP = 0.05;
/** Sides are looked for in a room of this size, since only the order of places counts. */
const UNIT = Object.freeze({ width: 1000, height: 1000 });

/** @type {Readonly<Record<Side, {direction: Direction, isBefore: boolean}>>} */
const SIDES = Object.freeze({
  left: { direction: "row", isBefore: true },
  right: { direction: "row", isBefore: false },
  up: { direction: "column", isBefore: true },
  down: { direction: "column", isBefore: false },
});

/**
 * The arrangement with one window more, which is seen.
 * @param {Tree | null} tree with the places of windows that are not open too
 * @param {ReadonlySet<string>} open the slots of the other open windows
 * @param {string} slot
 * @param {{room: Room, wish?: Wish, near?: string | null}} where `near` is the active window's slot
 * @returns {Tree}
 */
export function place(tree, open, slot, { room, wish = {}, near = null }) {
  if (tree === null) return groupOf(slot);
  if (findGroup(tree, slot)) {
    const known = prune(tree, (one) => one === slot || open.has(one));
    if (known && rectanglesOf(known, room).every(isUsable)) return showSlot(tree, slot);
  }
  const shown = prune(tree, (one) => open.has(one));
  const placed = shown ? settle(shown, slot, room, wish, near) : groupOf(slot);
  return remember(without(tree, slot), placed);
}

/** @param {Rectangle} rectangle */
function isUsable({ width, height }) {
  return Math.ceil(width) >= TIGHTEST.width && Math.ceil(height) >= TIGHTEST.height;
}

/**
 * @param {Tree} tree
 * @param {string} slot
 * @param {Room} room
 * @param {Wish} wish
 * @param {string | null} near
 * @returns {Tree}
 */
function settle(tree, slot, room, wish, near) {
  const places = rectanglesOf(tree, room).sort(
    (a, b) => Number(holds(b, wish)) - Number(holds(a, wish)) || b.width * b.height - a.width * a.height,
  );
  for (const { group, width, height } of places) {
    const division = divide({ width, height }, wish);
    if (division) return putBeside(tree, group, slot, division.direction, false, division.share);
  }
  const emptiest = groupsIn(tree).reduce((found, group) => {
    const fewer = group.tabs.length - found.tabs.length;
    return fewer < 0 || (fewer === 0 && near !== null && group.tabs.includes(near)) ? group : found;
  });
  return showSlot(addTab(tree, emptiest.shown, slot), slot);
}

/**
 * @param {Rectangle} place
 * @param {Wish} wish
 */
function holds({ left, top, width, height }, { left: x, top: y }) {
  return x !== undefined && y !== undefined && x >= left && x < left + width && y >= top && y < top + height;
}

/**
 * How a place is divided for another window: into halves that come nearest to the wanted shape, but a window that asks
 * for less gets less; null where the place is too small for two.
 * @param {Room} place
 * @param {Wish} wish
 * @returns {{direction: Direction, share: number} | null} `share` for the new one
 */
function divide({ width, height }, wish) {
  const ratio = wish.width && wish.height ? wish.width / wish.height : WANTED_RATIO;
  const difference = (/** @type {number} */ w, /** @type {number} */ h) => Math.abs(Math.log(w / h / ratio));
  /** @type {{direction: Direction, share: number, difference: number}[]} */
  const ways = [];
  if (width >= 2 * SMALLEST.width) {
    const own = Math.min(width / 2, Math.max(SMALLEST.width, wish.width ?? Infinity));
    ways.push({ direction: "row", share: own / width, difference: difference(width / 2, height) });
  }
  if (height >= 2 * SMALLEST.height) {
    const own = Math.min(height / 2, Math.max(SMALLEST.height, wish.height ?? Infinity));
    ways.push({ direction: "column", share: own / height, difference: difference(width, height / 2) });
  }
  ways.sort((a, b) => a.difference - b.difference);
  return ways[0] ?? null;
}

/**
 * One step of a window to a side. Out of a group of several it gets a place of its own there; alone it becomes a tab of
 * its neighbour; without a neighbour it gets the whole edge.
 * @param {Tree} tree of the open windows
 * @param {string} slot
 * @param {Side} side
 * @returns {Tree} the same one where the window cannot go further
 */
export function move(tree, slot, side) {
  const { direction, isBefore } = SIDES[side];
  const group = findGroup(tree, slot);
  if (group === undefined) return tree;
  if (group.tabs.length > 1) {
    const tabs = group.tabs.filter((one) => one !== slot);
    const rest = /** @type {Group} */ (prune(group, (one) => one !== slot) ?? { ...group, tabs });
    return putBeside(replacePart(tree, group, rest), rest, slot, direction, isBefore, 0.5);
  }
  const others = without(tree, slot);
  if (others === null) return tree;
  const neighbour = findNeighbour(tree, group, side);
  if (neighbour) return showSlot(addTab(others, neighbour.shown, slot), slot);
  if (!isGroup(tree) && tree.direction === direction) return tree;
  return isBefore
    ? makeSplit(direction, [groupOf(slot), others], [1, 1])
    : makeSplit(direction, [others, groupOf(slot)], [1, 1]);
}

/**
 * The group that has the longest border with another one on this side.
 * @param {Tree} tree
 * @param {Group} group
 * @param {Side} side
 * @returns {Group | null}
 */
function findNeighbour(tree, group, side) {
  const places = rectanglesOf(tree, UNIT);
  const own = /** @type {Rectangle} */ (places.find((one) => one.group === group));
  /** @type {{group: Group, border: number} | null} */
  let best = null;
  for (const other of places) {
    if (other.group === group || !adjoins(own, other, side)) continue;
    const border =
      SIDES[side].direction === "row"
        ? Math.min(own.top + own.height, other.top + other.height) - Math.max(own.top, other.top)
        : Math.min(own.left + own.width, other.left + other.width) - Math.max(own.left, other.left);
    if (border > 1 && (best === null || border > best.border + 1)) best = { group: other.group, border };
  }
  return best?.group ?? null;
}

/**
 * @param {Rectangle} own
 * @param {Rectangle} other
 * @param {Side} side
 */
function adjoins(own, other, side) {
  const distance = {
    left: other.left + other.width - own.left,
    right: own.left + own.width - other.left,
    up: other.top + other.height - own.top,
    down: own.top + own.height - other.top,
  }[side];
  return Math.abs(distance) < 1;
}

/**
 * One step of a window among the tabs of its place.
 * @param {Tree} tree of the open windows
 * @param {string} slot
 * @param {1 | -1} step
 * @returns {Tree} the same one at the end of the row
 */
export function shiftTab(tree, slot, step) {
  const group = findGroup(tree, slot);
  if (group === undefined) return tree;
  const to = group.tabs.indexOf(slot) + step;
  if (to < 0 || to >= group.tabs.length) return tree;
  const tabs = group.tabs.filter((one) => one !== slot);
  tabs.splice(to, 0, slot);
  return replacePart(tree, group, { tabs, shown: slot });
}

/**
 * A window made larger or smaller by a step, at the cost of its neighbours in a row or column.
 * @param {Tree} tree of the open windows
 * @param {string} slot
 * @param {Direction} direction `row` for its width, `column` for its height
 * @param {1 | -1} sign
 * @param {Room} room
 * @returns {Tree} the same one where nothing can be had
 */
export function resize(tree, slot, direction, sign, room) {
  const split = splitOf(tree, slot, direction);
  if (split === null) return tree;
  const at = split.parts.findIndex((part) => findGroup(part, slot) !== undefined);
  const own = split.shares[at] ?? 0;
  const least = direction === "row" ? LEAST.width / room.width : LEAST.height / room.height;
  const rest = 1 - own;
  const smallest = Math.min(...split.shares.filter((_, i) => i !== at));
  const most = smallest > least ? 1 - (rest * least) / smallest : own;
  const wanted = Math.min(Math.max(own + sign * STEP, Math.min(own, least)), Math.max(own, most));
  if (Math.abs(wanted - own) < 0.001) return tree;
  const shares = split.shares.map((share, i) => (i === at ? wanted : (share / rest) * (1 - wanted)));
  return replacePart(tree, split, { ...split, shares });
}

/**
 * True where a window has neighbours from which it can get width (in a row) or height (in a column).
 * @param {Tree} tree of the open windows
 * @param {string} slot
 * @param {Direction} direction
 */
export function hasNeighbours(tree, slot, direction) {
  return splitOf(tree, slot, direction) !== null;
}

/**
 * The innermost split of this direction around a window.
 * @param {Tree} tree
 * @param {string} slot
 * @param {Direction} direction
 * @returns {Split | null}
 */
function splitOf(tree, slot, direction) {
  if (isGroup(tree)) return null;
  const part = tree.parts.find((one) => findGroup(one, slot) !== undefined);
  if (part === undefined) return null;
  return splitOf(part, slot, direction) ?? (tree.direction === direction ? tree : null);
}
