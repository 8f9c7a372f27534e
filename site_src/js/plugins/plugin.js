/**
 * One installed plugin as the app sees it: what it is, how it is doing, what it has logged, what its form holds.
 *
 * State only. It starts and calls nothing: launcher.js starts it, manager.js runs it, shell/plugin_entry.js shows it.
 */

import { Emitter } from "../core/events.js";
import { percentOf } from "../core/percent.js";

/** @import {PluginConfig} from "./config.js" */
/** @import {FormPart} from "./ui.js" */
/** @import {PluginRecord} from "../workspace/records.js" */
/** @import {RemoteFunction} from "../types.js" */
/** @import {PluginSession} from "./launcher.js" */

/**
 * `starting`: being loaded; `ready`; `busy`: runs; `failed`: could not be started or has ended; `waiting`: needs what
 * this version does not have.
 * @typedef {"starting" | "ready" | "busy" | "failed" | "waiting"} PluginState
 */

/**
 * @typedef {object} LogLine
 * @property {Date} time
 * @property {"info" | "warning" | "error"} level
 * @property {string} text
 * @property {string | null} image
 */

/**
 * Something of a plugin that can be run: the plugin itself, or what it has registered.
 * @typedef {object} Operation
 * @property {string} name
 * @property {readonly FormPart[]} form
 * @property {RemoteFunction | null} run null: the plugin's own
 * @property {RemoteFunction | null} update called when its form was changed; null: the plugin's own, if it has one
 * @property {boolean} registered the plugin has registered it since it was started
 */

/** The most lines of a log that are kept; a plugin that logs in a loop must not fill the memory. */
const LONGEST_LOG = 2000;

/**
 * Emits `changed` for all but its log, and `logged` with each line.
 * @extends {Emitter<{changed: undefined, logged: LogLine}>}
 */
export class Plugin extends Emitter {
  /** @type {PluginState} */
  #state = "starting";
  #problem = "";
  #activity = "";
  #running = 0;
  /** @type {number | null} */
  #progress = null;
  /** @type {LogLine[]} */
  #log = [];
  #unseenErrors = 0;

  /**
   * @param {PluginRecord} record
   * @param {PluginConfig} config
   * @param {readonly FormPart[]} form
   */
  constructor(record, config, form) {
    super();
    this.record = record;
    this.config = config;
    /** The plugin's own operation comes first and bears its name. @type {Map<string, Operation>} */
    this.operations = new Map([
      [config.name, { name: config.name, form, run: null, update: null, registered: false }],
    ]);
    /** What was entered in the forms, by operation and key of the field. @type {Map<string, Record<string, unknown>>} */
    this.entries = new Map();
    /** Of plugins that are started once. @type {PluginSession | null} */
    this.session = null;
    /** Settles when the start has ended, well or not; never rejects. @type {Promise<void>} */
    this.started = Promise.resolve();
  }

  get name() {
    return this.config.name;
  }

  get type() {
    return this.config.type;
  }

  /** @returns {PluginState} */
  get state() {
    return this.#state === "ready" && this.#running > 0 ? "busy" : this.#state;
  }

  /** Why it has failed or waits, in a sentence. */
  get problem() {
    return this.#problem;
  }

  /** What is being done to start it, where that takes long enough to be told. */
  get activity() {
    return this.#activity;
  }

  /** Of this plugin's present run, in percent. */
  get progress() {
    return this.#progress;
  }

  /** @returns {readonly LogLine[]} */
  get log() {
    return this.#log;
  }

  /** Errors since the log was last looked at. */
  get unseenErrors() {
    return this.#unseenErrors;
  }

  /**
   * @param {PluginState} state
   * @param {string} [problem]
   */
  setState(state, problem = "") {
    this.#state = state;
    this.#problem = problem;
    this.#activity = "";
    this.emit("changed", undefined);
  }

  /** @param {string} text */
  setActivity(text) {
    this.#activity = text;
    this.emit("changed", undefined);
  }

  /** @param {unknown} given null takes the bar away */
  setProgress(given) {
    this.#progress = percentOf(given);
    this.emit("changed", undefined);
  }

  /**
   * Counts as busy until the work is done.
   * @template Value
   * @param {() => Promise<Value>} work
   * @returns {Promise<Value>}
   */
  async during(work) {
    this.#running += 1;
    this.emit("changed", undefined);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#progress = null;
      this.emit("changed", undefined);
    }
  }

  /**
   * @param {LogLine["level"]} level
   * @param {string} text
   * @param {string | null} [image]
   */
  write(level, text, image = null) {
    const line = { time: new Date(), level, text, image };
    this.#log.push(line);
    if (this.#log.length > LONGEST_LOG) this.#log.splice(0, this.#log.length - LONGEST_LOG);
    if (level === "error") this.#unseenErrors += 1;
    this.emit("logged", line);
    if (level === "error") this.emit("changed", undefined);
  }

  /**
   * Goes on where the same plugin was before it was loaded anew.
   * @param {Plugin} before
   */
  takeOver(before) {
    this.#log = [...before.#log];
    this.entries = new Map(before.entries);
  }

  clearLog() {
    this.#log = [];
    this.markLogSeen();
  }

  markLogSeen() {
    this.#unseenErrors = 0;
    this.emit("changed", undefined);
  }
}
