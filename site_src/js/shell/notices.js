/**
 * What the app tells the person: the status line, the progress bar and the messages.
 *
 * A model without a page: it holds what is to be shown and for how long, shell/top_bar.js and shell/message_bar.js show
 * it. Errors stay until they are dismissed; a message that is being read does not go away.
 */

import { Emitter } from "../core/events.js";
import { percentOf } from "../core/percent.js";

/**
 * @typedef {object} Action something that a message offers to do
 * @property {string} label
 * @property {() => void} run
 */

/**
 * @typedef {object} Message
 * @property {number} id
 * @property {"info" | "success" | "error"} kind
 * @property {string} text
 * @property {readonly Action[]} actions
 * @property {string} source the plugin that it is about; empty for the app's own
 */

/** The number of messages on the screen at a time; the oldest give way. */
const MOST_MESSAGES = 4;
const MOST_SECONDS = 600;
const USUAL_SECONDS = 10;

/**
 * True where a status text tells of a failure, by the same words as ever.
 * @param {string} text
 * @returns {boolean}
 */
export function soundsLikeError(text) {
  return /rror|Traceback|Fail/u.test(text);
}

/**
 * The status line, the progress and the messages; emits `changed`.
 * @extends {Emitter<{changed: undefined}>}
 */
export class Notices extends Emitter {
  #status = "";
  /** @type {number | null} */
  #progress = null;
  /** @type {Message[]} */
  #messages = [];
  #nextId = 1;
  /** @type {Map<number, {seconds: number, timer: ReturnType<typeof setTimeout> | null}>} */
  #clocks = new Map();

  get status() {
    return this.#status;
  }

  /** 0 to 100, or null where nothing is going on. */
  get progress() {
    return this.#progress;
  }

  /** @returns {readonly Message[]} */
  get messages() {
    return this.#messages;
  }

  /** @param {string} text */
  setStatus(text) {
    this.#status = text;
    this.emit("changed", undefined);
  }

  /** @param {unknown} given a share or a percentage; what is no number clears the bar */
  setProgress(given) {
    this.#progress = percentOf(given);
    this.emit("changed", undefined);
  }

  /**
   * Shows a message; the same text twice is shown once, anew.
   * @param {string} text
   * @param {{kind?: Message["kind"], seconds?: number, actions?: readonly Action[], source?: string}} [options]
   * @returns {number} for dismiss()
   */
  show(text, { kind = "info", seconds, actions = [], source = "" } = {}) {
    for (const same of this.#messages.filter((message) => message.text === text)) this.#drop(same.id);
    const id = this.#nextId;
    this.#nextId += 1;
    this.#messages = [...this.#messages, { id, kind, text, actions, source }];
    while (this.#messages.length > MOST_MESSAGES) this.#drop(/** @type {Message} */ (this.#messages[0]).id);
    if (kind !== "error") this.#startClock(id, seconds);
    this.emit("changed", undefined);
    return id;
  }

  /**
   * @param {string} text
   * @param {{actions?: readonly Action[], source?: string}} [options]
   */
  showError(text, options = {}) {
    return this.show(text, { ...options, kind: "error" });
  }

  /**
   * Takes the errors of a plugin away, since it is run again or its log is being read.
   * @param {string} source
   */
  dismissErrorsOf(source) {
    for (const message of this.#messages) {
      if (message.kind === "error" && message.source === source) this.#drop(message.id);
    }
    this.emit("changed", undefined);
  }

  /** @param {number} id */
  dismiss(id) {
    this.#drop(id);
    this.emit("changed", undefined);
  }

  /** While a message is pointed at or has the focus, its time stands still. @param {number} id */
  hold(id) {
    const clock = this.#clocks.get(id);
    if (clock?.timer) clearTimeout(clock.timer);
  }

  /** @param {number} id */
  release(id) {
    const clock = this.#clocks.get(id);
    if (clock) this.#startClock(id, clock.seconds);
  }

  /** @param {number} id @param {number | undefined} seconds */
  #startClock(id, seconds) {
    const wanted = Number(seconds ?? USUAL_SECONDS);
    const time = wanted > 0 ? Math.min(wanted, MOST_SECONDS) : USUAL_SECONDS;
    this.#stopClock(id);
    this.#clocks.set(id, { seconds: time, timer: setTimeout(() => this.dismiss(id), time * 1000) });
  }

  /** @param {number} id */
  #stopClock(id) {
    const clock = this.#clocks.get(id);
    if (clock?.timer) clearTimeout(clock.timer);
    this.#clocks.delete(id);
  }

  /** @param {number} id */
  #drop(id) {
    this.#stopClock(id);
    this.#messages = this.#messages.filter((message) => message.id !== id);
  }
}
