/**
 * An arrangement in the form in which the browser keeps it.
 *
 * Pure. What comes back from there may have been changed by anybody, or by another version of the app, and so is read
 * with care: what makes no sense is left out.
 */

import { makeSplit } from "./tree.js";

/** @import {Tree} from "./tree.js" */

const VERSION = 1;
/** Deeper than any arrangement that can be made on a page. */
const DEPTH = 12;
const MOST_SLOTS = 200;

/**
 * @param {Tree} tree
 * @returns {string}
 */
export function toText(tree) {
  return JSON.stringify({ version: VERSION, tree }, (key, value) =>
    key === "shares" ? value.map((/** @type {number} */ share) => Math.round(share * 1e4) / 1e4) : value,
  );
}

/**
 * The arrangement that was stored, or null where the text is none.
 * @param {string | null} text
 * @returns {Tree | null}
 */
export function fromText(text) {
  try {
    const stored = JSON.parse(text ?? "null");
    return stored?.version === VERSION ? readTree(stored.tree, new Set(), 0) : null;
  } catch {
    return null;
  }
}

/**
 * @param {any} value
 * @param {Set<string>} seen
 * @param {number} depth
 * @returns {Tree | null}
 */
function readTree(value, seen, depth) {
  if (typeof value !== "object" || value === null || depth > DEPTH) return null;
  if (Array.isArray(value.tabs)) {
    const tabs = value.tabs.filter((/** @type {unknown} */ slot) => {
      if (typeof slot !== "string" || seen.has(slot) || seen.size >= MOST_SLOTS) return false;
      seen.add(slot);
      return true;
    });
    return tabs.length === 0 ? null : { tabs, shown: tabs.includes(value.shown) ? value.shown : tabs[0] };
  }
  const { direction, parts, shares } = value;
  if ((direction !== "row" && direction !== "column") || !Array.isArray(parts) || !Array.isArray(shares)) return null;
  const found = parts.flatMap((one, i) => {
    const part = readTree(one, seen, depth + 1);
    const share = Number(shares[i]);
    return part ? [{ part, share: share > 0 && share <= 1 ? share : 1 / parts.length }] : [];
  });
  if (found.length === 0) return null;
  return makeSplit(
    direction,
    found.map(({ part }) => part),
    found.map(({ share }) => share),
  );
}
