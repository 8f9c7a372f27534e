/**
 * Colours as plugins write them and as they get them: `rgb(r,g,b)`.
 *
 * Called by `form_fields.js` and by what shows a colour.
 */

/** @import { JsonValue } from "./literals.js" */

const HEX = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}))(?:[0-9a-f]{2})?$/i;
const RGB = /^rgba?\(\s*(\d{1,3})\s*[,\s]\s*(\d{1,3})\s*[,\s]\s*(\d{1,3})\s*(?:[,/][^)]*)?\)$/i;
/** @type {Record<string, string>} */
const NAMES = {
  black: "000000",
  white: "ffffff",
  gray: "808080",
  grey: "808080",
  silver: "c0c0c0",
  red: "ff0000",
  maroon: "800000",
  orange: "ffa500",
  yellow: "ffff00",
  olive: "808000",
  lime: "00ff00",
  green: "008000",
  teal: "008080",
  cyan: "00ffff",
  aqua: "00ffff",
  blue: "0000ff",
  navy: "000080",
  purple: "800080",
  magenta: "ff00ff",
  fuchsia: "ff00ff",
  pink: "ffc0cb",
  brown: "a52a2a",
};
/** So that neighbours never look alike, however many there are. */
const GOLDEN_ANGLE = 137.508;

/**
 * From `[hue 0-360, saturation 0-1, value 0-1]`, a CSS colour by numbers, or a common name; null for anything else.
 * @param {JsonValue | undefined} given
 * @returns {string | null}
 */
export function readColor(given) {
  if (Array.isArray(given)) {
    const [hue, saturation, value] = given;
    return typeof hue === "number" && typeof saturation === "number" && typeof value === "number"
      ? fromHsv(hue, saturation, value)
      : null;
  }
  if (typeof given !== "string") {
    return null;
  }
  const text = given.trim();
  const named = Object.hasOwn(NAMES, text.toLowerCase()) ? `#${NAMES[text.toLowerCase()]}` : text;
  const [, short, long] = HEX.exec(named) ?? [];
  const digits = long ?? short?.replace(/./g, "$&$&");
  if (digits) {
    return write([0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)));
  }
  const parts = RGB.exec(text)?.slice(1, 4).map(Number);
  return parts?.every((part) => part <= 255) ? write(parts) : null;
}

/**
 * The colour of the field with this number when its plugin names none.
 * @param {number} count
 * @returns {string}
 */
export function usualColor(count) {
  return fromHsv((count * GOLDEN_ANGLE) % 360, 0.8, 1);
}

/**
 * `#rrggbb` for the browser's own field; black for what is no colour.
 * @param {unknown} color
 * @returns {string}
 */
export function hexOf(color) {
  const parts = RGB.exec(String(color))?.slice(1, 4).map(Number) ?? [0, 0, 0];
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {number} hue
 * @param {number} saturation
 * @param {number} value
 * @returns {string}
 */
function fromHsv(hue, saturation, value) {
  const within = (/** @type {number} */ share) => Math.max(0, Math.min(1, share));
  const [share, bright] = [within(saturation), within(value)];
  const part = (/** @type {number} */ offset) => {
    const k = (offset + (((hue % 360) + 360) % 360) / 60) % 6;
    return Math.round(255 * (bright - bright * share * within(Math.min(k, 4 - k))));
  };
  return write([part(5), part(3), part(1)]);
}

/**
 * @param {number[]} parts
 * @returns {string}
 */
function write(parts) {
  return `rgb(${parts.join(",")})`;
}
