/**
 * Lets so many log lines pass in a time and counts the rest, so that a plugin that logs without end stops neither the
 * app nor the reader. Pure but for the clock.
 */

/** @import { LogEntry } from "../types.js" */
import { LOG_LINES } from "./policy.js";

export class LogGate {
  #pass;
  #limit;
  #now;
  #since = -Infinity;
  #count = 0;
  #dropped = 0;

  /**
   * @param {(entry: LogEntry) => void} pass
   * @param {{ limit?: { lines: number, milliseconds: number }, now?: () => number }} [options]
   */
  constructor(pass, { limit = LOG_LINES, now = () => performance.now() } = {}) {
    this.#pass = pass;
    this.#limit = limit;
    this.#now = now;
  }

  /** @param {LogEntry} entry */
  accept(entry) {
    const now = this.#now();
    if (now - this.#since >= this.#limit.milliseconds) {
      this.flush();
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count > this.#limit.lines && !entry.fatal) this.#dropped += 1;
    else this.#pass(entry);
  }

  /** Say how many were left out, if any. */
  flush() {
    if (this.#dropped === 0) return;
    const message = `${this.#dropped} more lines were left out, since they came too fast`;
    this.#dropped = 0;
    this.#pass({ level: "warning", message });
  }
}
