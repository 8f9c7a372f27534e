/**
 * Where windows lie: pure geometry, from a number of windows and the room there is to rectangles.
 *
 * Windows are tiled, so that none hides another; what does not fit at a useful size is reached by scrolling, and in a
 * narrow room only the active window is shown. Called by windows/manager.js, which alone touches the page.
 */

/**
 * @typedef {object} Rectangle
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/** The smallest tile in which a plugin is of use, and the room below which tiles make no sense. */
export const SMALLEST = Object.freeze({ width: 340, height: 300 });
/** The space around and between windows. */
export const GAP = 8;
/** A little wider than high: most windows have bars above and below what they show. */
const WANTED_RATIO = 1.1;

/**
 * True where there is only room for one window at a time.
 * @param {{width: number}} room
 * @returns {boolean}
 */
export function isNarrow({ width }) {
  return width < 2 * SMALLEST.width + 3 * GAP;
}

/**
 * The whole room but for the space around it.
 * @param {{width: number, height: number}} room
 * @returns {Rectangle}
 */
export function whole({ width, height }) {
  return { left: GAP, top: GAP, width: Math.max(0, width - 2 * GAP), height: Math.max(0, height - 2 * GAP) };
}

/**
 * Tiles for `count` windows in rows; the windows of the last row share its whole width.
 * @param {number} count
 * @param {{width: number, height: number}} room
 * @returns {Rectangle[]}
 */
export function tile(count, room) {
  if (count === 0) return [];
  const columns = chooseColumns(count, room);
  const rows = Math.ceil(count / columns);
  const height = Math.max(SMALLEST.height, share(room.height, rows));
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const width = share(room.width, inRow);
    return {
      left: GAP + (i - row * columns) * (width + GAP),
      top: GAP + row * (height + GAP),
      width,
      height,
    };
  });
}

/**
 * The number of columns whose tiles come closest to the wanted shape.
 * @param {number} count
 * @param {{width: number, height: number}} room
 * @returns {number}
 */
function chooseColumns(count, room) {
  let best = 1;
  let smallestDifference = Infinity;
  for (let columns = 1; columns <= count; columns += 1) {
    const width = share(room.width, columns);
    if (columns > 1 && width < SMALLEST.width) break;
    const height = Math.max(SMALLEST.height, share(room.height, Math.ceil(count / columns)));
    const difference = Math.abs(Math.log(width / height / WANTED_RATIO));
    if (difference < smallestDifference) {
      smallestDifference = difference;
      best = columns;
    }
  }
  return best;
}

/**
 * @param {number} size
 * @param {number} parts
 * @returns {number}
 */
function share(size, parts) {
  return Math.max(0, Math.floor((size - GAP * (parts + 1)) / parts));
}
