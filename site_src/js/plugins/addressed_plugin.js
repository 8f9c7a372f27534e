/**
 * A plugin of which the address alone is known: looked for in this folder, and brought by the server where it is not.
 *
 * A model without a page; dialogs/install.js shows it. Installing is not its business.
 */

import { Emitter } from "../core/events.js";
import { wordsOf } from "../core/errors.js";

/** @import {FoundPlugin} from "./addressed.js" */
/** @import {MirrorClient, MirrorEvent, MirrorRun} from "./mirror_client.js" */

/**
 * `looking`: whether this folder holds it; `found`; `absent`: it does not; `bringing`: a mirror run is at work; `failed`:
 * looking or bringing has, with a problem.
 * @typedef {"looking" | "found" | "absent" | "bringing" | "failed"} Stage
 */

/** The most lines of what a run says that are kept. */
const KEPT_NOTES = 5;

/**
 * Emits `changed`, and `brought` when a run that was followed has ended, with what is to be said where nobody looks.
 * @extends {Emitter<{changed: undefined, brought: string}>}
 */
export class AddressedPlugin extends Emitter {
  #find;
  #mirror;
  /** @type {MirrorRun | null} */
  #run = null;

  /** @type {Stage} */
  stage = "looking";
  /** @type {FoundPlugin | null} */
  found = null;
  problem = { message: "", hint: "" };
  /** Whether the server brings plugins, and where there is more to say than that it does not, why not. */
  mayBring = false;
  whyNot = "";
  /** How far the run has come. */
  step = "";
  /** What was done last, or is being done. @type {MirrorEvent | null} */
  item = null;
  /** @type {readonly string[]} */
  notes = [];
  isCancelling = false;

  /**
   * @param {object} parts
   * @param {string} parts.url
   * @param {(url: string) => Promise<FoundPlugin | null>} parts.find null where this folder does not hold the plugin
   * @param {MirrorClient} parts.mirror
   */
  constructor({ url, find, mirror }) {
    super();
    this.url = url;
    this.#find = find;
    this.#mirror = mirror;
  }

  /** Looks whether this folder holds it, and else whether the server would bring it. */
  async look() {
    this.#turn("looking");
    this.problem = { message: "", hint: "" };
    try {
      this.found = await this.#find(this.url);
      if (this.found) this.#turn("found");
      else await this.#askServer();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #askServer() {
    this.whyNot = "";
    this.mayBring = false;
    let running = null;
    try {
      const { allowed, run } = await this.#mirror.ask();
      this.mayBring = allowed;
      // The page was loaded anew while its run went on.
      if (run?.state === "running" && run.plugin === this.url) running = run;
    } catch (error) {
      this.whyNot = told(error).message;
    }
    if (running) await this.#follow(running);
    else this.#turn("absent");
  }

  /** Has the server bring it; resolves when that has ended, well or not. */
  async bring() {
    this.step = "Starting the download";
    this.#turn("bringing");
    try {
      await this.#follow(await this.#mirror.begin(this.url));
    } catch (error) {
      this.#fail(error);
    }
  }

  async cancel() {
    if (this.#run === null || this.isCancelling) return;
    this.isCancelling = true;
    this.emit("changed", undefined);
    try {
      await this.#mirror.cancel(this.#run);
    } catch (error) {
      this.isCancelling = false;
      this.#note(told(error).message);
    }
  }

  /** @param {MirrorRun} run */
  async #follow(run) {
    this.#run = run;
    [this.item, this.notes, this.isCancelling] = [null, [], false];
    this.#turn("bringing");
    try {
      for await (const event of this.#mirror.follow(run)) {
        if (event.kind === "end") return await this.#ended(event);
        this.#hear(event);
      }
      this.#fail(new Error("The server of this app has stopped telling how the download goes on."));
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#run = null;
    }
  }

  /** @param {MirrorEvent} event */
  #hear(event) {
    const { kind, text = "" } = event;
    if (kind === "item" || kind === "working") this.item = event;
    else if (kind === "step") [this.step, this.item] = [text, null];
    else return this.#note(text);
    this.emit("changed", undefined);
  }

  /** @param {string} text */
  #note(text) {
    this.notes = [...this.notes, text].slice(-KEPT_NOTES);
    this.emit("changed", undefined);
  }

  /** @param {MirrorEvent} end */
  async #ended({ state, message = "", hint = "" }) {
    if (state === "done") {
      await this.look();
      this.emit("brought", `The plugin from ${this.url} is in this folder now; it can be installed from the catalogue.`);
      return;
    }
    this.problem = { message, hint };
    this.#turn("failed");
    if (state === "failed") this.emit("brought", `The plugin from ${this.url} could not be downloaded: ${message}`);
  }

  /** @param {unknown} error */
  #fail(error) {
    this.problem = told(error);
    this.#turn("failed");
  }

  /** @param {Stage} stage */
  #turn(stage) {
    this.stage = stage;
    this.emit("changed", undefined);
  }
}

/** @param {unknown} error */
function told(error) {
  const { hint } = /** @type {{hint?: unknown}} */ (Object(error));
  return { message: wordsOf(error), hint: typeof hint === "string" ? hint : "" };
}
