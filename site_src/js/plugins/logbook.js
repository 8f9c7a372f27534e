/**
 * What one plugin has logged, oldest first, and how many lines of each level there are.
 *
 * It goes on when the plugin is loaded anew. Held by plugin.js, read by shell/log_lines.js for one plugin or for all.
 */

import { Emitter } from "../core/events.js";

/** @typedef {"info" | "warning" | "error"} LogLevel */

/**
 * @typedef {object} LogLine
 * @property {number} order counts the lines of all plugins, so that those of several can be put in one order
 * @property {string} plugin
 * @property {Date} time
 * @property {LogLevel} level
 * @property {string} text
 * @property {string | null} image
 */

/** @type {readonly LogLevel[]} */
export const LOG_LEVELS = Object.freeze(["info", "warning", "error"]);

/** The most lines that are kept; a plugin that logs in a loop must not fill the memory. */
const LONGEST_LOG = 10_000;
/** So many more may be there, since taking them away one by one is slow. */
const SLACK = 500;

let written = 0;

/**
 * Emits `added` with each line, and `emptied`.
 * @extends {Emitter<{added: LogLine, emptied: undefined}>}
 */
export class Logbook extends Emitter {
  #plugin;
  #most;
  /** @type {LogLine[]} */
  #lines = [];
  #dropped = 0;
  /** @type {Record<LogLevel, number>} */
  #counts = { info: 0, warning: 0, error: 0 };

  /**
   * @param {string} plugin its name
   * @param {{most?: number}} [options]
   */
  constructor(plugin, { most = LONGEST_LOG } = {}) {
    super();
    this.#plugin = plugin;
    this.#most = most;
  }

  /** @returns {readonly LogLine[]} */
  get lines() {
    return this.#lines;
  }

  /** How many older lines are not kept any more. */
  get dropped() {
    return this.#dropped;
  }

  /** Of the lines that are kept. @returns {Readonly<Record<LogLevel, number>>} */
  get counts() {
    return this.#counts;
  }

  /**
   * @param {LogLevel} level
   * @param {string} text
   * @param {string | null} [image]
   */
  write(level, text, image = null) {
    written += 1;
    const line = { order: written, plugin: this.#plugin, time: new Date(), level, text, image };
    this.#lines.push(line);
    this.#counts[level] += 1;
    if (this.#lines.length >= this.#most + SLACK) this.#dropOldest();
    this.emit("added", line);
  }

  empty() {
    this.#lines = [];
    this.#dropped = 0;
    this.#counts = { info: 0, warning: 0, error: 0 };
    this.emit("emptied", undefined);
  }

  #dropOldest() {
    const gone = this.#lines.splice(0, this.#lines.length - this.#most);
    for (const { level } of gone) this.#counts[level] -= 1;
    this.#dropped += gone.length;
  }
}
