/** Texts put together at random from given units; the seed is fixed, so that a failure comes again. */

/**
 * @param {string[]} units
 * @param {number} count
 * @returns {string[]}
 */
export function samples(units, count) {
  let state = 20181018;
  /** @param {number} below */
  const pick = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: pick(30) }, () => units[pick(units.length)]).join(""),
  );
}
