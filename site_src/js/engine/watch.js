/**
 * Looks again and again how the engine stands, as long as somebody watches, and ends workers at a person's word.
 */

import { encodeFrame } from "../rpc/wire.js";

/** @import { Message } from "../types.js" */
/** @import { EngineClient } from "./client.js" */

/** How often the engine is asked, in milliseconds. */
const EVERY = 1_500;

/**
 * @typedef {object} WorkerNote
 * @property {string} peer
 * @property {string} name
 * @property {string | null} tag
 * @property {string} workspace the name of its folder
 * @property {number} pid
 * @property {"starting" | "running" | "ending"} state
 * @property {number} seconds since it was started
 * @property {number | null} memory in bytes
 * @property {boolean} mine whether it was started from this page
 */
/**
 * @typedef {object} StartingNote
 * @property {string} name
 * @property {string | null} tag
 * @property {string} text
 * @property {number} seconds
 */
/**
 * @typedef {object} EngineReport
 * @property {readonly WorkerNote[]} workers
 * @property {readonly StartingNote[]} starting
 * @property {{pid: number, memory: number | null}} engine
 */

/** One watch over one engine. */
export class EngineWatch {
  #client;
  #changed;
  /** @type {(() => void)[]} */
  #stops = [];
  /** @type {ReturnType<typeof setInterval> | null} */
  #timer = null;
  #asked = 0;
  /** @type {EngineReport | null} */
  #report = null;
  /** Those that have been told to end. @type {Set<string>} */
  #ending = new Set();

  /**
   * @param {EngineClient} client
   * @param {() => void} changed
   */
  constructor(client, changed) {
    this.#client = client;
    this.#changed = changed;
  }

  /** What the engine has said last; null where it has said nothing yet, or is not connected. */
  get report() {
    return this.#report;
  }

  /** @param {string} peer */
  isEnding(peer) {
    return this.#ending.has(peer);
  }

  start() {
    if (this.#timer !== null) return;
    this.#stops = [
      this.#client.on("message", (message) => this.#receive(message)),
      this.#client.on("changed", () => this.#look()),
    ];
    this.#timer = setInterval(() => this.#look(), EVERY);
    this.#look();
  }

  stop() {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const stop of this.#stops) stop();
    this.#report = null;
    this.#ending.clear();
  }

  /**
   * Ends a worker, whichever page it was started from.
   * @param {WorkerNote} worker
   */
  end({ peer }) {
    this.#ending.add(peer);
    this.#client.sendFrame(encodeFrame({ type: "stop", peer, anywhere: true }));
    this.#changed();
  }

  #look() {
    if (this.#client.state.name !== "connected") {
      if (this.#report !== null) {
        this.#report = null;
        this.#changed();
      }
      return;
    }
    this.#asked += 1;
    this.#client.sendFrame(encodeFrame({ type: "status", id: this.#asked }));
  }

  /** @param {Message} message */
  #receive(message) {
    if (message.type === "ended") this.#look();
    if (message.type !== "status") return;
    this.#report = /** @type {EngineReport} */ (/** @type {unknown} */ (message));
    const there = new Set(this.#report.workers.map(({ peer }) => peer));
    for (const peer of this.#ending) if (!there.has(peer)) this.#ending.delete(peer);
    this.#changed();
  }
}
