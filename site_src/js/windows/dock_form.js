/**
 * An arrangement in the form in which dockview takes and gives it: sizes in pixels, and every level of its tree going the
 * other way than the one above.
 *
 * Pure. Called by windows/dock.js.
 */

import { LEAST } from "./layout.js";
import { findGroup, groupsIn, isGroup, makeSplit, slotsIn } from "./tree.js";

/** @import {Orientation, SerializedDockview} from "dockview-core" */
/** @import {Room} from "./layout.js" */
/** @import {Direction, Group, Tree} from "./tree.js" */

/** @typedef {SerializedDockview["grid"]["root"]} Node */

const ORIENTATION = Object.freeze({ row: "HORIZONTAL", column: "VERTICAL" });

/**
 * @param {Tree} tree
 * @param {string | null} active the slot of the active window
 * @param {Room} room
 * @returns {SerializedDockview}
 */
export function toDock(tree, active, room) {
  const groups = groupsIn(tree);
  const direction = isGroup(tree) ? "row" : tree.direction;
  const parts = isGroup(tree) ? [tree] : tree.parts;
  const shares = isGroup(tree) ? [1] : tree.shares;
  const nameOf = (/** @type {Group} */ group) => `group-${groups.indexOf(group)}`;
  const along = direction === "row" ? room.width : room.height;
  const across = direction === "row" ? room.height : room.width;
  /** @type {Node} */
  const root = {
    type: "branch",
    size: across,
    data: parts.map((part, i) => toNode(part, along * (shares[i] ?? 0), across, nameOf)),
  };
  const activeGroup = active === null ? undefined : findGroup(tree, active);
  return {
    grid: { root, ...room, orientation: /** @type {Orientation} */ (ORIENTATION[direction]) },
    panels: Object.fromEntries(
      slotsIn(tree).map((id) => [
        id,
        {
          id,
          contentComponent: "window",
          tabComponent: "window",
          title: id,
          minimumWidth: LEAST.width,
          minimumHeight: LEAST.height,
        },
      ]),
    ),
    ...(activeGroup ? { activeGroup: nameOf(activeGroup) } : {}),
  };
}

/**
 * @param {Tree} tree
 * @param {number} size along the split in which it is
 * @param {number} across
 * @param {(group: Group) => string} nameOf
 * @returns {Node}
 */
function toNode(tree, size, across, nameOf) {
  if (isGroup(tree)) {
    return { type: "leaf", size, data: { id: nameOf(tree), views: [...tree.tabs], activeView: tree.shown } };
  }
  return {
    type: "branch",
    size,
    data: tree.parts.map((part, i) => toNode(part, across * (tree.shares[i] ?? 0), size, nameOf)),
  };
}

/**
 * @param {SerializedDockview} dock
 * @returns {{tree: Tree, active: string | null} | null} null where it is empty
 */
export function fromDock({ grid, activeGroup }) {
  const direction = String(grid.orientation) === ORIENTATION.row ? "row" : "column";
  const tree = fromNode(grid.root, direction);
  if (tree === null) return null;
  const active = findLeaf(grid.root, activeGroup)?.activeView ?? null;
  return { tree, active };
}

/**
 * @param {Node} node
 * @param {Direction} direction of its parts
 * @returns {Tree | null}
 */
function fromNode(node, direction) {
  if (!Array.isArray(node.data)) {
    const { views, activeView } = node.data;
    const [first] = views;
    return first === undefined ? null : { tabs: [...views], shown: activeView ?? first };
  }
  const inner = direction === "row" ? "column" : "row";
  const found = node.data.flatMap((one) => {
    const part = fromNode(one, inner);
    return part ? [{ part, size: one.size ?? 0 }] : [];
  });
  if (found.length === 0) return null;
  return makeSplit(
    direction,
    found.map(({ part }) => part),
    found.map(({ size }) => size),
  );
}

/**
 * @param {Node} node
 * @param {string | undefined} id
 * @returns {{activeView?: string} | undefined}
 */
function findLeaf(node, id) {
  if (!Array.isArray(node.data)) return node.data.id === id ? node.data : undefined;
  return node.data.map((one) => findLeaf(one, id)).find((one) => one !== undefined);
}
