/**
 * One running plugin as the app sees it: the interface it exported, its log, and its end. Made by host.js.
 */

/** @import { LogEntry, RemoteObject, SessionEvents } from "../types.js" */
/** @import { Peer } from "../rpc/peer.js" */
import { Emitter } from "../core/events.js";
import { ClosedError, wordsOf } from "../core/errors.js";
import { LogGate } from "./log_gate.js";
import { PATIENCE } from "./policy.js";

/** Entries of the start, kept for the one who could not listen yet. */
const KEPT_ENTRIES = 200;

export class SandboxSession {
  #peer;
  #holder;
  /** @type {Emitter<SessionEvents>} */
  #events = new Emitter();
  #gate = new LogGate((entry) => this.#emitLog(entry));
  /** @type {LogEntry[] | null} */
  #kept = [];
  #ending = false;
  #over = false;
  /** @type {(end: { reason: string }) => void} */
  #resolveClosed = () => undefined;

  /** What the plugin exported; empty until it is started. @type {RemoteObject} */
  api = {};
  /** Fulfilled with the reason when the session has ended. @type {Promise<{ reason: string }>} */
  closed = new Promise((resolve) => {
    this.#resolveClosed = resolve;
  });

  /**
   * @param {object} parts
   * @param {string} parts.id
   * @param {string} parts.name
   * @param {HTMLIFrameElement} parts.iframe
   * @param {Peer} parts.peer of the plugin
   * @param {Peer} parts.holder of the frame, which for a worker is another one
   */
  constructor({ id, name, iframe, peer, holder }) {
    this.id = id;
    this.name = name;
    this.iframe = iframe;
    this.#peer = peer;
    this.#holder = holder;
    for (const side of new Set([peer, holder])) {
      side.on("log", (entry) => this.#take(entry));
      side.on("error", (error) => this.#take({ level: "error", message: wordsOf(error) }));
      side.on("closed", ({ reason }) => this.fail(reason));
    }
  }

  /**
   * @template {keyof SessionEvents} Name
   * @param {Name} name
   * @param {(detail: SessionEvents[Name]) => void} listener the first one for `log` is told of what was logged so far
   * @returns {() => void} takes the listener away
   */
  on(name, listener) {
    const off = this.#events.on(name, listener);
    if (name === "log" && this.#kept) {
      const kept = this.#kept;
      this.#kept = null;
      for (const entry of kept) this.#events.emit("log", entry);
    }
    return off;
  }

  /**
   * As `on`, for host.js, which is there from the beginning and needs nothing kept for it.
   * @template {keyof SessionEvents} Name
   * @param {Name} name
   * @param {(detail: SessionEvents[Name]) => void} listener
   */
  watch(name, listener) {
    return this.#events.on(name, listener);
  }

  /** How many calls wait for an answer of the plugin. */
  get pendingCalls() {
    return this.#peer.pendingCalls;
  }

  /** Whether the session has ended, or is about to. */
  get ended() {
    return this.#ending || this.#over;
  }

  /**
   * End the plugin: its `exit` is called (by nobody else, please) and given a second, then the frame goes. Whatever
   * still waits for the plugin is rejected by name, with the reason.
   * @param {string} [reason]
   * @returns {Promise<{ reason: string }>}
   */
  async close(reason = "it was closed") {
    if (this.ended) return this.closed;
    this.#ending = true;
    const { exit } = this.api;
    if (typeof exit === "function") {
      await Promise.race([
        exit().catch((/** @type {unknown} */ error) => this.#take({ level: "warning", message: wordsOf(error) })),
        new Promise((resolve) => setTimeout(resolve, PATIENCE.exit)),
      ]);
    }
    this.#finish(reason);
    return this.closed;
  }

  /**
   * End it for a person who does not want to wait; its `exit` never has more than a moment.
   * @param {string} reason
   */
  stop(reason) {
    return this.close(reason);
  }

  /** End at once because something went wrong. @param {string} reason */
  fail(reason) {
    if (this.#over) return;
    // While it is ending anyway, a plugin that goes by itself is no fault.
    if (!this.#ending) {
      this.#take({ level: "error", message: `The session has ended: ${reason}` });
      this.#events.emit("error", new ClosedError(`${this.name} has ended: ${reason}`));
    }
    this.#finish(reason);
  }

  /** For host.js. @param {LogEntry} entry */
  note(entry) {
    this.#take(entry);
  }

  /** @param {string} reason */
  #finish(reason) {
    if (this.#over) return;
    this.#over = true;
    this.#gate.flush();
    for (const side of new Set([this.#peer, this.#holder])) side.disconnect(reason);
    this.iframe.remove();
    this.#events.emit("closed", { reason });
    this.#resolveClosed({ reason });
  }

  /** @param {LogEntry} entry */
  #take(entry) {
    this.#gate.accept(entry);
    if (entry.fatal) this.fail(entry.message);
  }

  /** @param {LogEntry} entry */
  #emitLog(entry) {
    if (this.#kept && this.#kept.length < KEPT_ENTRIES) this.#kept.push(entry);
    this.#events.emit("log", entry);
  }
}
