/**
 * What windows need of room, and where a window is seen as long as the dock has not come.
 *
 * Pure geometry in CSS pixels. Called by windows/manager.js with the page's measures and by the modules of the dock.
 */

/**
 * @typedef {object} Rectangle
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/** @typedef {{width: number, height: number}} Room */

/** What a window gets at least where it opens by itself, its bar included. */
export const SMALLEST = Object.freeze({ width: 340, height: 300 });
/** What a person may make of it, and what is left of it in a page that has become small. */
export const LEAST = Object.freeze({ width: 240, height: 160 });
/** The space around and between windows. */
export const GAP = 8;
/** What is left of the least when the space to a neighbour is taken from it, as dividers do. */
export const TIGHTEST = Object.freeze({ width: LEAST.width - GAP, height: LEAST.height - GAP });
/** The height of a window's bar with its line; the same number is in css/windows.css. */
export const BAR = 39;

/**
 * True where there is only room for one window at a time.
 * @param {{width: number}} room
 * @returns {boolean}
 */
export function isNarrow({ width }) {
  return width < 2 * SMALLEST.width + 3 * GAP;
}

/**
 * Where the content of the only window is: the whole room but for the space around it and the window's bar.
 * @param {Room} room
 * @returns {Rectangle}
 */
export function whole({ width, height }) {
  return {
    left: GAP,
    top: GAP + BAR,
    width: Math.max(0, width - 2 * GAP),
    height: Math.max(0, height - 2 * GAP - BAR),
  };
}
