/**
 * The arrangement of windows as a value: rows and columns of groups, where a group is one place that its windows share
 * as tabs.
 *
 * Pure; nothing is ever changed in place. Windows are named by their slots: the name of a plugin and which of its
 * windows it is, so that an arrangement outlives the windows in it.
 */

/** @import {Rectangle, Room} from "./layout.js" */

/** @typedef {"row" | "column"} Direction of parts: side by side, or one above the other */

/**
 * @typedef {object} Group
 * @property {readonly string[]} tabs slots; at least one
 * @property {string} shown the one that is seen
 */

/**
 * @typedef {object} Split
 * @property {Direction} direction
 * @property {readonly Tree[]} parts at least two, none of them a split of the same direction
 * @property {readonly number[]} shares how much of the whole each part has; together 1
 */

/** @typedef {Group | Split} Tree */

/**
 * @param {Tree} tree
 * @returns {tree is Group}
 */
export function isGroup(tree) {
  return "tabs" in tree;
}

/**
 * @param {string} slot
 * @returns {Group}
 */
export function groupOf(slot) {
  return { tabs: [slot], shown: slot };
}

/**
 * The groups from left to right and from top to bottom.
 * @param {Tree} tree
 * @returns {Group[]}
 */
export function groupsIn(tree) {
  return isGroup(tree) ? [tree] : tree.parts.flatMap(groupsIn);
}

/**
 * @param {Tree} tree
 * @returns {string[]}
 */
export function slotsIn(tree) {
  return groupsIn(tree).flatMap(({ tabs }) => tabs);
}

/**
 * @param {Tree} tree
 * @param {string} slot
 * @returns {Group | undefined}
 */
export function findGroup(tree, slot) {
  return groupsIn(tree).find(({ tabs }) => tabs.includes(slot));
}

/**
 * A split of these parts: those of the same direction are taken apart into it, and a single part is that part.
 * @param {Direction} direction
 * @param {readonly Tree[]} parts at least one
 * @param {readonly number[]} shares in any unit
 * @returns {Tree}
 */
export function makeSplit(direction, parts, shares) {
  /** @type {Tree[]} */
  const flat = [];
  /** @type {number[]} */
  const measures = [];
  for (const [i, part] of parts.entries()) {
    const share = shares[i] ?? 0;
    if (isGroup(part) || part.direction !== direction) {
      flat.push(part);
      measures.push(share);
    } else {
      flat.push(...part.parts);
      measures.push(...part.shares.map((inner) => inner * share));
    }
  }
  if (flat.length === 1) return /** @type {Tree} */ (flat[0]);
  const sum = measures.reduce((total, one) => total + one, 0);
  return { direction, parts: flat, shares: measures.map((one) => (sum > 0 ? one / sum : 1 / flat.length)) };
}

/**
 * The tree with `change` done to each of its groups; null takes a group away, and its neighbours share the space. Where
 * nothing changes it is the same tree.
 * @param {Tree} tree
 * @param {(group: Group) => Tree | null} change
 * @returns {Tree | null}
 */
export function changeGroups(tree, change) {
  if (isGroup(tree)) return change(tree);
  /** @type {Tree[]} */
  const parts = [];
  /** @type {number[]} */
  const shares = [];
  for (const [i, part] of tree.parts.entries()) {
    const changed = changeGroups(part, change);
    if (changed === null) continue;
    parts.push(changed);
    shares.push(tree.shares[i] ?? 0);
  }
  if (parts.length === 0) return null;
  const isSame = parts.length === tree.parts.length && parts.every((part, i) => part === tree.parts[i]);
  return isSame ? tree : makeSplit(tree.direction, parts, shares);
}

/**
 * The tree with another one in the place of a part of it, which is told by its identity.
 * @param {Tree} tree
 * @param {Tree} part
 * @param {Tree} by
 * @returns {Tree}
 */
export function replacePart(tree, part, by) {
  if (tree === part) return by;
  if (isGroup(tree)) return tree;
  const parts = tree.parts.map((one) => replacePart(one, part, by));
  return makeSplit(tree.direction, parts, tree.shares);
}

/**
 * The tree with only those slots for which `isKept` holds; null where none is left.
 * @param {Tree} tree
 * @param {(slot: string) => boolean} isKept
 * @returns {Tree | null}
 */
export function prune(tree, isKept) {
  return changeGroups(tree, (group) => {
    const tabs = group.tabs.filter(isKept);
    if (tabs.length === group.tabs.length) return group;
    if (tabs.length === 0) return null;
    return { tabs, shown: nextShown(group, tabs) };
  });
}

/**
 * The tab that is seen when others have gone: the same one, else the one that follows it, else the one before.
 * @param {Group} group
 * @param {readonly string[]} tabs at least one
 * @returns {string}
 */
function nextShown({ tabs: before, shown }, tabs) {
  const at = before.indexOf(shown);
  const inOrder = [...before.slice(at), ...before.slice(0, at).reverse()];
  return inOrder.find((slot) => tabs.includes(slot)) ?? /** @type {string} */ (tabs[0]);
}

/**
 * The tree with a slot as another tab of the group in which `mate` is; the tab that is seen stays.
 * @param {Tree} tree
 * @param {string} mate
 * @param {string} slot
 * @returns {Tree}
 */
export function addTab(tree, mate, slot) {
  const group = findGroup(tree, mate);
  return group ? replacePart(tree, group, { ...group, tabs: [...group.tabs, slot] }) : tree;
}

/**
 * The tree with a slot as a group of its own beside one of its parts.
 * @param {Tree} tree
 * @param {Tree} part
 * @param {string} slot
 * @param {Direction} direction
 * @param {boolean} isBefore left of it or above it
 * @param {number} share what it takes of the part's place
 * @returns {Tree}
 */
export function putBeside(tree, part, slot, direction, isBefore, share) {
  const group = groupOf(slot);
  const both = isBefore
    ? makeSplit(direction, [group, part], [share, 1 - share])
    : makeSplit(direction, [part, group], [1 - share, share]);
  return replacePart(tree, part, both);
}

/**
 * The tree without a slot; null where it was the only one.
 * @param {Tree} tree
 * @param {string} slot
 * @returns {Tree | null}
 */
export function without(tree, slot) {
  return prune(tree, (one) => one !== slot);
}

/**
 * The tree in which this slot is the one seen of its group.
 * @param {Tree} tree
 * @param {string} slot
 * @returns {Tree}
 */
export function showSlot(tree, slot) {
  const group = findGroup(tree, slot);
  return group && group.shown !== slot ? replacePart(tree, group, { ...group, shown: slot }) : tree;
}

/**
 * The tree as one group.
 * @param {Tree} tree
 * @param {string | null} shown which is seen, if it is in the tree
 * @returns {Group}
 */
export function joinAll(tree, shown) {
  const tabs = slotsIn(tree);
  const first = /** @type {Group} */ (groupsIn(tree)[0]);
  return { tabs, shown: shown !== null && tabs.includes(shown) ? shown : first.shown };
}

/**
 * Where each group is in a room, without the space between them.
 * @param {Tree} tree
 * @param {Room} room
 * @param {number} [left]
 * @param {number} [top]
 * @returns {(Rectangle & {group: Group})[]}
 */
export function rectanglesOf(tree, { width, height }, left = 0, top = 0) {
  if (isGroup(tree)) return [{ group: tree, left, top, width, height }];
  let before = 0;
  return tree.parts.flatMap((part, i) => {
    const share = tree.shares[i] ?? 0;
    const found =
      tree.direction === "row"
        ? rectanglesOf(part, { width: width * share, height }, left + width * before, top)
        : rectanglesOf(part, { width, height: height * share }, left, top + height * before);
    before += share;
    return found;
  });
}

/**
 * The tree as it can be shown in a room: parts that would be smaller than `least` are joined with a neighbour as tabs.
 * @param {Tree} tree
 * @param {Room} room
 * @param {Room} least
 * @param {string | null} active seen wherever its group is joined
 * @returns {Tree}
 */
export function fitInto(tree, room, least, active) {
  if (isGroup(tree)) return tree;
  const isRow = tree.direction === "row";
  const whole = isRow ? room.width : room.height;
  const needed = isRow ? least.width : least.height;
  const parts = tree.parts.map((part, i) => ({ part, share: tree.shares[i] ?? 0 }));
  while (parts.length > 1) {
    const smallest = parts.reduce((found, { share }, i) => (share < (parts[found]?.share ?? 0) ? i : found), 0);
    if ((parts[smallest]?.share ?? 0) * whole >= needed) break;
    const [before, after] = [parts[smallest - 1]?.share ?? Infinity, parts[smallest + 1]?.share ?? Infinity];
    const first = before <= after ? smallest - 1 : smallest;
    const pair = parts.slice(first, first + 2);
    const joined = makeSplit(
      tree.direction,
      pair.map(({ part }) => part),
      pair.map(({ share }) => share),
    );
    const share = pair.reduce((sum, one) => sum + one.share, 0);
    const larger = pair.reduce((found, one) => (one.share > found.share ? one : found));
    const [seen] = active !== null && findGroup(joined, active) ? [active] : groupsIn(larger.part).map(({ shown }) => shown);
    parts.splice(first, 2, { part: joinAll(joined, seen ?? null), share });
  }
  const fitted = parts.map(({ part, share }) =>
    fitInto(
      part,
      isRow ? { width: room.width * share, height: room.height } : { width: room.width, height: room.height * share },
      least,
      active,
    ),
  );
  return makeSplit(
    tree.direction,
    fitted,
    parts.map(({ share }) => share),
  );
}
