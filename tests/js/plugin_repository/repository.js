/** Runs the scripts of our own plugins outside a browser. */

import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

import { readPlugin } from "../../../site_src/js/plugins/reading.js";

/**
 * A plugin of the repository as the app reads it.
 * @param {string} name
 */
export function readOwnPlugin(name) {
  const address = new URL(`../../../plugin_repository/${encodeURIComponent(name)}.imjoy.html`, import.meta.url);
  return readPlugin(readFileSync(address, "utf-8"), null, null);
}

/**
 * Runs its script; gives what it exported and what the expression at its end is.
 * @param {string} name
 * @param {{api?: Record<string, unknown>, expression?: string}} [options]
 * @returns {{exported: any, value: any}}
 */
export function runOwnPlugin(name, { api = {}, expression = "undefined" } = {}) {
  const { config } = readOwnPlugin(name);
  /** @type {{exported: any, value: any}} */
  const result = { exported: null, value: null };
  const surroundings = createContext({
    performance,
    api: { ...api, export: (/** @type {any} */ given) => (result.exported = given) },
  });
  result.value = runInContext(`${config.script}\n;${expression}`, surroundings, { filename: name });
  return result;
}
