/**
 * Runs the text of a plugin's script in the page or worker that this is loaded in, and says where it failed.
 * Inline scripts run as strict code whose declarations stay their own, as plugins were always run.
 */

import { ScriptError, wordsOf } from "../core/errors.js";

/** How long to wait for the line of a syntax error. */
const LOOKING = 2_000;

/**
 * @typedef {object} Source where a script comes from
 * @property {string} plugin
 * @property {number} number of the script in the plugin, from 1
 * @property {number} [line] of the plugin file at which the script begins
 */

/** @param {Source} source the name under which the browser's tools and stacks show a script */
function sourceUrl({ plugin, number }) {
  return `${encodeURIComponent(plugin)}/script-${number}.js`;
}

/**
 * @param {string} content
 * @param {Source} source
 * @throws {ScriptError}
 */
export async function runScript(content, source) {
  const script = `"use strict";${globalThis.__imjoyBoot.mapImports(content)}\n//# sourceURL=${sourceUrl(source)}`;
  try {
    // Indirect, so that the script sees globals only and nothing of this module.
    (0, eval)(script);
  } catch (error) {
    const line = isSyntaxError(error) ? await lineOfSyntaxError(script) : lineInStack(error, source);
    throw scriptError(error, line, source);
  }
}

/**
 * @param {string} content
 * @param {Source} source
 * @throws {ScriptError}
 */
export async function runModule(content, source) {
  const script = `${globalThis.__imjoyBoot.mapImports(content, true)}\n//# sourceURL=${sourceUrl(source)}`;
  try {
    // Opaque origins may import data, but not every browser lets them import blobs.
    await import(`data:text/javascript;charset=utf-8,${encodeURIComponent(script)}`);
  } catch (error) {
    throw scriptError(error, lineInStack(error, source), source);
  }
}

/**
 * The error of a script, with the line of the plugin file where that is known.
 * @param {unknown} error
 * @param {number | undefined} line within the script, from 1
 * @param {Source} source
 */
export function scriptError(error, line, { number, line: first }) {
  const inFile = line !== undefined && first !== undefined ? first + line - 1 : undefined;
  const where =
    inFile !== undefined
      ? `line ${inFile}`
      : line !== undefined
        ? `script ${number}, line ${line}`
        : `script ${number}`;
  return new ScriptError(`${where}: ${wordsOf(error)}`, { cause: error, line: inFile ?? line });
}

/** @param {unknown} error */
function isSyntaxError(error) {
  // One that is thrown by running code, as JSON.parse does, has that code in its stack.
  return error instanceof SyntaxError && !/\/script-\d+\.js:\d+/.test(String(error.stack));
}

/** @param {unknown} error @param {Source} source @returns {number | undefined} */
function lineInStack(error, source) {
  const stack = error instanceof Error ? String(error.stack) : "";
  const at = stack.indexOf(`${sourceUrl(source)}:`);
  const found = at < 0 ? null : /:(\d+)/.exec(stack.slice(at + sourceUrl(source).length));
  return found ? Number(found[1]) : undefined;
}

/**
 * Browsers tell the line of a syntax error to whoever started a worker, but not to whoever called `eval`; so a worker
 * is given the script inside a function that is never called.
 * @param {string} script
 * @returns {Promise<number | undefined>}
 */
function lineOfSyntaxError(script) {
  const url = URL.createObjectURL(new Blob([`(function () {${script}\n});`], { type: "text/javascript" }));
  const worker = new globalThis.__imjoyBoot.NativeWorker(url);
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  return new Promise((/** @type {(line: number | undefined) => void} */ resolve) => {
    timer = setTimeout(() => resolve(undefined), LOOKING);
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      resolve(event.lineno || undefined);
    });
  }).finally(() => {
    clearTimeout(timer);
    worker.terminate();
    URL.revokeObjectURL(url);
  });
}
