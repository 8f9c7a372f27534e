/**
 * One installed plugin as the app sees it: what it is, how it is doing, what it has logged, what its form holds.
 *
 * State only. It starts and calls nothing: launcher.js starts it, manager.js runs it, shell/plugin_entry.js shows it.
 */

import { Emitter } from "../core/events.js";
import { percentOf } from "../core/percent.js";
import { Logbook } from "./logbook.js";

/** @import {PluginConfig} from "./config.js" */
/** @import {LogLevel, LogLine} from "./logbook.js" */
/** @import {FormPart} from "./ui.js" */
/** @import {PluginRecord} from "../workspace/records.js" */
/** @import {RemoteFunction} from "../types.js" */
/** @import {PluginSession} from "./launcher.js" */

/**
 * `starting`: being loaded; `ready`; `busy`: runs; `stopping`: is being ended, since the person wants that; `stopped`:
 * its start was given up for the same reason; `failed`: could not be started or has ended; `waiting`: needs what this
 * version does not have.
 * @typedef {"starting" | "ready" | "busy" | "stopping" | "stopped" | "failed" | "waiting"} PluginState
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

/**
 * Emits `changed` for all but its log, which tells of its lines itself.
 * @extends {Emitter<{changed: undefined}>}
 */
export class Plugin extends Emitter {
  /** @type {PluginState} */
  #state = "starting";
  #problem = "";
  #activity = "";
  #running = 0;
  /** @type {number | null} */
  #progress = null;
  /** @type {Logbook} */
  #logbook;
  #unseenErrors = 0;
  #stops = 0;
  /** How often in a row it was found at work for others. */
  #callsSeen = 0;

  /**
   * @param {PluginRecord} record
   * @param {PluginConfig} config
   * @param {readonly FormPart[]} form
   */
  constructor(record, config, form) {
    super();
    this.record = record;
    this.config = config;
    this.#logbook = new Logbook(config.name);
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
    /** Gives up the start. */
    this.startAbort = new AbortController();
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

  /** What it does, in the words of its start or its own. */
  get activity() {
    return this.#activity;
  }

  /** Of this plugin's present run, in percent. */
  get progress() {
    return this.#progress;
  }

  get logbook() {
    return this.#logbook;
  }

  /** @returns {readonly LogLine[]} */
  get log() {
    return this.#logbook.lines;
  }

  /** Whether there is something that can be stopped. */
  get canStop() {
    return this.state === "starting" || this.state === "busy" || this.isCalled;
  }

  /** Whether it works for another plugin, and has for a while. */
  get isCalled() {
    return this.state === "ready" && this.#callsSeen > 1;
  }

  /** How often the person has stopped it: a run that has ended meanwhile is no failure. */
  get stops() {
    return this.#stops;
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
    if (text === this.#activity) return;
    this.#activity = text;
    this.emit("changed", undefined);
  }

  /** @param {unknown} given null takes the bar away */
  setProgress(given) {
    const whole = () => (this.#progress === null ? null : Math.round(this.#progress));
    const before = whole();
    this.#progress = percentOf(given);
    // Some plugins tell it thousands of times a second.
    if (whole() !== before) this.emit("changed", undefined);
  }

  /** Looks whether others wait for it. Called from time to time, since calls themselves are too many to be told of. */
  noteCalls() {
    const before = this.isCalled;
    const isWaitedFor = (this.session?.pendingCalls ?? 0) > this.#running;
    this.#callsSeen = isWaitedFor ? this.#callsSeen + 1 : 0;
    if (this.isCalled !== before) this.emit("changed", undefined);
  }

  noteStop() {
    this.#stops += 1;
  }

  /**
   * Counts as busy until the work is done.
   * @template Value
   * @param {() => Promise<Value>} work
   * @returns {Promise<Value>}
   */
  async during(work) {
    if (this.#running === 0) this.#activity = "";
    this.#running += 1;
    this.emit("changed", undefined);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) {
        this.#progress = null;
        this.#activity = "";
      }
      this.emit("changed", undefined);
    }
  }

  /**
   * @param {LogLevel} level
   * @param {string} text
   * @param {string | null} [image]
   */
  write(level, text, image = null) {
    if (level === "error") this.#unseenErrors += 1;
    this.#logbook.write(level, text, image);
    if (level === "error") this.emit("changed", undefined);
  }

  /**
   * Goes on where the same plugin was before it was loaded anew.
   * @param {Plugin} before
   */
  takeOver(before) {
    this.#logbook = before.#logbook;
    this.entries = new Map(before.entries);
  }

  clearLog() {
    this.#logbook.empty();
    this.markLogSeen();
  }

  markLogSeen() {
    if (this.#unseenErrors === 0) return;
    this.#unseenErrors = 0;
    this.emit("changed", undefined);
  }
}
