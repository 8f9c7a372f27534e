/**
 * What sandboxed plugins may do and how long they may take, as tables: nothing else in this room decides such things.
 */

/** @import { CodeItem } from "../types.js" */

/**
 * The attributes of a plugin's frame. Without `allow-same-origin` every frame has an origin of its own, so that plugins
 * reach neither the app nor each other; without `allow-popups` they cannot open addresses, which would carry data out.
 */
export const FRAME_ATTRIBUTES = Object.freeze({
  sandbox: "allow-scripts allow-forms allow-modals allow-downloads allow-pointer-lock",
  allow: "cross-origin-isolated; fullscreen; clipboard-write",
});

/** @typedef {"page" | "worker"} Place where a plugin's script runs */

/** @type {Readonly<Record<string, Place>>} */
const PLACES = Object.freeze({
  window: "page",
  "rpc-window": "page",
  iframe: "page",
  "web-worker": "worker",
  "rpc-worker": "worker",
});

/** @type {Readonly<Record<Place, readonly CodeItem["type"][]>>} */
export const CODE_KINDS = Object.freeze({
  page: Object.freeze(/** @type {const} */ (["requirements", "script", "style", "link", "html"])),
  worker: Object.freeze(/** @type {const} */ (["requirements", "script"])),
});

/** In milliseconds. */
export const PATIENCE = Object.freeze({
  /** For a frame, and the worker in it, to be there and to answer. */
  frame: 20_000,
  /** For a frame to be there, before its server is asked whether it still lives. */
  doubt: 1_500,
  /** For `api.export`, once every script has run. */
  exporting: 10_000,
  /** Until a start that still goes on is called slow. */
  slow: 180_000,
  /** For the plugin's own `exit`. */
  exit: 1_000,
});

/** More log lines a second are dropped, and counted. */
export const LOG_LINES = Object.freeze({ lines: 200, milliseconds: 1_000 });

/**
 * @param {string} type of a plugin
 * @returns {Place | undefined} undefined for a type that does not run in the browser
 */
export function placeOf(type) {
  return Object.hasOwn(PLACES, type) ? PLACES[type] : undefined;
}
