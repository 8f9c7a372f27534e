/**
 * Progress as plugins tell it, in percent. Pure.
 */

/**
 * Percent from what plugins give: `0.5` and `50` are the same, and `1` is 1 %; null for what is no number.
 * @param {unknown} given
 * @returns {number | null}
 */
export function percentOf(given) {
  const value = Number(given);
  if (given === null || given === "" || !Number.isFinite(value)) return null;
  return Math.min(100, Math.max(0, value < 1 ? value * 100 : value));
}
