/**
 * Keeping the places of windows that are not open: when a person arranges those that are, the others' places stay beside
 * what they were beside.
 *
 * Pure. The arrangement that is stored holds both; what is on the page is the part of it whose windows are open.
 */

import { addTab, findGroup, groupOf, isGroup, makeSplit, putBeside, replacePart, slotsIn } from "./tree.js";

/** @import {Direction, Group, Split, Tree} from "./tree.js" */

/** How large a place is against its neighbour, and against all that are in its row. @typedef {{ofPart: number, ofRow: number}} Size */

/** More places than that are not kept for windows that are not open; the rest opens where there is room. */
const MOST = 40;

/**
 * The arrangement that a person has made, with the places of the windows that were not there put back into it.
 * @param {Tree | null} before with the places of all windows
 * @param {Tree} shown the arrangement now of those that are open
 * @returns {Tree}
 */
export function remember(before, shown) {
  if (before === null) return shown;
  const open = new Set(slotsIn(shown));
  const absent = slotsIn(before).filter((slot) => !open.has(slot));
  return absent.slice(0, MOST).reduce((tree, slot) => putBack(tree, before, slot), shown);
}

/**
 * @param {Tree} tree
 * @param {Tree} before
 * @param {string} slot that is in `before` but not in `tree`
 * @returns {Tree}
 */
function putBack(tree, before, slot) {
  const there = new Set(slotsIn(tree));
  const path = pathTo(before, slot);
  const group = /** @type {Group} */ (path.pop());
  const mate = group.tabs.find((one) => there.has(one));
  if (mate !== undefined) return addTab(tree, mate, slot);
  let inner = /** @type {Tree} */ (group);
  while (path.length > 0) {
    const split = /** @type {Split} */ (path.pop());
    const neighbour = nearestPart(split, inner, there);
    if (neighbour !== null) {
      const { part, isBefore, ...size } = neighbour;
      const anchor = smallestWith(tree, slotsIn(part).filter((one) => there.has(one)), isBefore);
      return squeezeIn(tree, anchor, slot, split.direction, !isBefore, size);
    }
    inner = split;
  }
  return tree;
}

/**
 * The parts of a tree that hold a slot, from the whole down to the group.
 * @param {Tree} tree
 * @param {string} slot
 * @returns {Tree[]}
 */
function pathTo(tree, slot) {
  if (isGroup(tree)) return [tree];
  const part = tree.parts.find((one) => findGroup(one, slot) !== undefined);
  return part ? [tree, ...pathTo(part, slot)] : [tree];
}

/**
 * The part of a split that lies nearest to one of its parts and has windows that are there.
 * @param {Split} split
 * @param {Tree} inner
 * @param {ReadonlySet<string>} there
 * @returns {({part: Tree, isBefore: boolean} & Size) | null}
 */
function nearestPart({ parts, shares }, inner, there) {
  const at = parts.indexOf(inner);
  const places = parts.map((_, i) => i).filter((i) => i !== at);
  places.sort((a, b) => Math.abs(a - at) - Math.abs(b - at));
  const present = places.filter((i) => slotsIn(/** @type {Tree} */ (parts[i])).some((slot) => there.has(slot)));
  const [nearest] = present;
  if (nearest === undefined) return null;
  const own = shares[at] ?? 0;
  const ofRow = own / present.reduce((sum, i) => sum + (shares[i] ?? 0), 0);
  return {
    part: /** @type {Tree} */ (parts[nearest]),
    isBefore: nearest < at,
    ofPart: own / (shares[nearest] || 1),
    ofRow,
  };
}

/**
 * The tree with a slot as a group beside one of its parts. What is beside it gives way all together, so that it has its
 * old proportions when the slot is left out again.
 * @param {Tree} tree
 * @param {Tree} part
 * @param {string} slot
 * @param {Direction} direction
 * @param {boolean} isBefore
 * @param {Size} size
 * @returns {Tree}
 */
function squeezeIn(tree, part, slot, direction, isBefore, { ofPart, ofRow }) {
  const row = isGroup(tree) ? null : parentOf(tree, part);
  if (row?.direction !== direction) return putBeside(tree, part, slot, direction, isBefore, ofPart / (1 + ofPart));
  const at = row.parts.indexOf(part) + (isBefore ? 0 : 1);
  const parts = [...row.parts.slice(0, at), groupOf(slot), ...row.parts.slice(at)];
  const shares = [...row.shares.slice(0, at), ofRow, ...row.shares.slice(at)];
  return replacePart(tree, row, makeSplit(direction, parts, shares));
}

/**
 * @param {Split} split
 * @param {Tree} part
 * @returns {Split | null}
 */
function parentOf(split, part) {
  if (split.parts.includes(part)) return split;
  for (const inner of split.parts) {
    const found = isGroup(inner) ? null : parentOf(inner, part);
    if (found) return found;
  }
  return null;
}

/**
 * The part of the tree that holds these slots and no others, or the group of the one that lies on the wanted side.
 * @param {Tree} tree
 * @param {readonly string[]} slots at least one, all in the tree
 * @param {boolean} last
 * @returns {Tree}
 */
function smallestWith(tree, slots, last) {
  let found = tree;
  while (!isGroup(found)) {
    const inner = found.parts.find((part) => slots.every((slot) => findGroup(part, slot) !== undefined));
    if (inner === undefined) break;
    found = inner;
  }
  if (slotsIn(found).every((slot) => slots.includes(slot))) return found;
  const nearest = /** @type {string} */ (last ? slots.at(-1) : slots[0]);
  return /** @type {Group} */ (findGroup(tree, nearest));
}
