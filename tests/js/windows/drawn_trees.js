/**
 * Arrangements as text: `a b` side by side, `a / b` one above the other, `[a b*]` tabs with the seen one marked, brackets
 * around parts, and a number of percent behind a part where it has not an equal share: `a:25 (b / c):75`.
 */

import { groupOf, isGroup, makeSplit } from "../../../site_src/js/windows/tree.js";

/** @import { Tree } from "../../../site_src/js/windows/tree.js" */

/**
 * @param {string} text
 * @returns {Tree}
 */
export function tree(text) {
  const signs = text.match(/[()[\]/]|:\d+(?:\.\d+)?|[\w*]+/gu) ?? [];
  let at = 0;

  /** @returns {Tree} */
  function readParts() {
    const parts = [];
    const shares = [];
    let isColumn = false;
    while (at < signs.length && signs[at] !== ")") {
      if (signs[at] === "/") {
        isColumn = true;
        at += 1;
      }
      parts.push(readPart());
      shares.push(signs[at]?.startsWith(":") ? Number(signs[at++]?.slice(1)) : 0);
    }
    const isEqual = shares.every((share) => share === 0);
    return makeSplit(isColumn ? "column" : "row", parts, isEqual ? shares.map(() => 1) : shares);
  }

  /** @returns {Tree} */
  function readPart() {
    const sign = /** @type {string} */ (signs[at++]);
    if (sign === "(") {
      const inner = readParts();
      at += 1;
      return inner;
    }
    if (sign !== "[") return groupOf(sign);
    const tabs = [];
    while (signs[at] !== "]") tabs.push(/** @type {string} */ (signs[at++]));
    at += 1;
    const names = tabs.map((one) => one.replace("*", ""));
    const shown = tabs.find((one) => one.endsWith("*"))?.replace("*", "") ?? names[0];
    return { tabs: names, shown: /** @type {string} */ (shown) };
  }

  return readParts();
}

/**
 * @param {Tree | null} drawn
 * @returns {string}
 */
export function draw(drawn) {
  if (drawn === null) return "nothing";
  if (isGroup(drawn)) {
    const { tabs, shown } = drawn;
    return tabs.length === 1 ? shown : `[${tabs.map((one) => (one === shown ? `${one}*` : one)).join(" ")}]`;
  }
  const { direction, parts, shares } = drawn;
  const isEqual = shares.every((share) => Math.abs(share - 1 / parts.length) < 0.005);
  return parts
    .map((part, i) => {
      const text = isGroup(part) ? draw(part) : `(${draw(part)})`;
      return isEqual ? text : `${text}:${Math.round((shares[i] ?? 0) * 100)}`;
    })
    .join(direction === "row" ? " " : " / ");
}

/**
 * Every arrangement that can be made of so many steps, for properties that hold for all of them; the same ones each time.
 * @param {number} count
 * @param {(random: (limit: number) => number) => void} check
 */
export function withRandomNumbers(count, check) {
  let state = 20_180_913;
  const random = (/** @type {number} */ limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let i = 0; i < count; i += 1) check(random);
}

/**
 * @param {(limit: number) => number} random
 * @param {number} count
 * @returns {Tree} with slots a, b, c …
 */
export function randomTree(random, count) {
  /** @type {Tree[]} */
  let parts = Array.from({ length: count }, (_, i) => groupOf(String.fromCharCode(97 + i)));
  while (parts.length > 1) {
    const at = random(parts.length - 1);
    const [a, b] = /** @type {[Tree, Tree]} */ (parts.slice(at, at + 2));
    const joined =
      isGroup(a) && isGroup(b) && random(3) === 0
        ? { tabs: [...a.tabs, ...b.tabs], shown: random(2) ? a.shown : b.shown }
        : makeSplit(random(2) ? "row" : "column", [a, b], [1 + random(4), 1 + random(4)]);
    parts = [...parts.slice(0, at), joined, ...parts.slice(at + 2)];
  }
  return /** @type {Tree} */ (parts[0]);
}
