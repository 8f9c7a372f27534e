/**
 * Keyboard shortcuts: how they are written in the app, which key press one means, and how it is shown.
 *
 * Pure. Written as `Mod+Shift+P`, with `Mod` for the key that is Command on computers of Apple and Ctrl on all others,
 * and the last part as in `KeyboardEvent.key`.
 */

/** @typedef {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">} KeyPress */

/** @type {Readonly<Record<string, string>>} */
const APPLE_SIGNS = Object.freeze({ Mod: "⌘", Ctrl: "⌃", Shift: "⇧", Alt: "⌥" });
/** @type {Readonly<Record<string, string>>} */
const SIGNS = Object.freeze({
  Mod: "Ctrl",
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
});

/**
 * @param {string} platform as the browser tells it
 * @returns {boolean}
 */
export function isApple(platform) {
  return /mac|iphone|ipad/iu.test(platform);
}

/**
 * @param {string} shortcut
 * @param {KeyPress} press
 * @param {boolean} apple
 * @returns {boolean}
 */
export function isPressed(shortcut, press, apple) {
  const parts = shortcut.split("+");
  const key = /** @type {string} */ (parts.pop());
  const wanted = new Set(parts.map((part) => (part === "Mod" ? (apple ? "Meta" : "Ctrl") : part)));
  return (
    press.key.toLowerCase() === key.toLowerCase() &&
    press.ctrlKey === wanted.has("Ctrl") &&
    press.metaKey === wanted.has("Meta") &&
    press.shiftKey === wanted.has("Shift") &&
    press.altKey === wanted.has("Alt")
  );
}

/**
 * The keys by the names that they bear.
 * @param {string} shortcut
 * @param {boolean} apple
 * @returns {string[]}
 */
export function keysOf(shortcut, apple) {
  return shortcut.split("+").map((part) => (apple ? APPLE_SIGNS[part] : undefined) ?? SIGNS[part] ?? part);
}

/**
 * For `aria-keyshortcuts`.
 * @param {readonly string[]} shortcuts
 * @param {boolean} apple
 * @returns {string}
 */
export function ariaShortcuts(shortcuts, apple) {
  const name = (/** @type {string} */ part) =>
    part === "Mod" ? (apple ? "Meta" : "Control") : part === "Ctrl" ? "Control" : part;
  return shortcuts.map((shortcut) => shortcut.split("+").map(name).join("+")).join(" ");
}
