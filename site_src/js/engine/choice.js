/**
 * Which engine this browser uses: that of the app's own server, or another one that the person has confirmed.
 *
 * Every token is kept with the origin that it belongs to and goes to no other. The token of the own engine is a setting
 * of its own (`token`), since the app's server asks for it too.
 */

import { readSetting, writeSetting } from "../workspace/settings.js";

/**
 * @typedef {object} OtherEngine
 * @property {string} origin
 * @property {string | null} token
 */

const ORIGIN = /^https?:\/\/[a-z0-9.-]+(?::\d+)?$/u;

/**
 * The other engine that is chosen; null for the own one.
 * @returns {OtherEngine | null}
 */
export function chosenEngine() {
  const { chosen, tokens } = read();
  return chosen === null ? null : { origin: chosen, token: tokens[chosen] ?? null };
}

/**
 * @param {string} origin
 * @returns {string | null}
 */
export function tokenOf(origin) {
  return read().tokens[origin] ?? null;
}

/**
 * Uses another engine from the next loading of the page on; null is the own one again.
 * @param {string | null} origin
 * @param {string | null} [token] left away, the one that is known
 */
export function chooseEngine(origin, token = null) {
  const { tokens } = read();
  if (origin !== null && token !== null) tokens[origin] = token;
  write(origin, tokens);
}

/**
 * Forgets the token of another engine, and that it was chosen.
 * @param {string} origin
 */
export function forgetEngine(origin) {
  const { chosen, tokens } = read();
  delete tokens[origin];
  write(chosen === origin ? null : chosen, tokens);
}

/** @returns {{chosen: string | null, tokens: Record<string, string>}} */
function read() {
  let stored;
  try {
    stored = JSON.parse(readSetting("engine") ?? "{}");
  } catch {
    stored = {};
  }
  const { chosen, tokens } = Object(stored);
  const sound = Object.entries(Object(tokens)).filter(([origin, token]) => isOrigin(origin) && typeof token === "string");
  return { chosen: isOrigin(chosen) ? chosen : null, tokens: Object.fromEntries(sound) };
}

/**
 * @param {string | null} chosen
 * @param {Record<string, string>} tokens
 */
function write(chosen, tokens) {
  const isEmpty = chosen === null && Object.keys(tokens).length === 0;
  writeSetting("engine", isEmpty ? null : JSON.stringify({ chosen, tokens }));
}

/**
 * @param {unknown} text
 * @returns {text is string}
 */
function isOrigin(text) {
  return typeof text === "string" && ORIGIN.test(text);
}
