/**
 * Mirror runs of the app's own server, as the app asks for them and follows them.
 *
 * The server allows them only in a session of `--serve`. Called by dialogs/install.js by way of shell/link_actions.js.
 */

/** @import {OwnServer} from "../core/own_server.js" */

/**
 * @typedef {object} MirrorRun
 * @property {string} id
 * @property {string} plugin the address that it brings
 * @property {"running" | "done" | "failed" | "cancelled"} state
 */
/**
 * Something that a run says; the last one is of the kind `end`, with its state.
 * @typedef {object} MirrorEvent
 * @property {"plan" | "step" | "item" | "working" | "note" | "warning" | "done" | "result" | "end"} kind
 * @property {string} [text]
 * @property {number} [done]
 * @property {number} [total]
 * @property {number} [bytes]
 * @property {number} [total_bytes]
 * @property {MirrorRun["state"]} [state]
 * @property {string} [message]
 * @property {string} [hint]
 */

/** Talks to one server. */
export class MirrorClient {
  #server;

  /** @param {OwnServer} server */
  constructor(server) {
    this.#server = server;
  }

  /**
   * Whether the server may start runs, and the last one. Rejects with words for people.
   * @returns {Promise<{allowed: boolean, run: MirrorRun | null}>}
   */
  async ask() {
    return this.#server.get("/api/mirror");
  }

  /**
   * Starts a run; rejects with words for people, with the code `mirror-busy` where another one is at work.
   * @param {string} url
   * @returns {Promise<MirrorRun>}
   */
  async begin(url) {
    return (await this.#server.post("/api/mirror/start", { plugin: url })).run;
  }

  /**
   * @param {MirrorRun} run
   * @returns {AsyncGenerator<MirrorEvent, void>}
   */
  follow(run) {
    return this.#server.lines(`/api/mirror/events?run=${encodeURIComponent(run.id)}`);
  }

  /** @param {MirrorRun} run */
  async cancel(run) {
    await this.#server.post("/api/mirror/cancel", { run: run.id });
  }
}

/**
 * The command that does the same by hand; what a shell would understand in the address is written with percent signs.
 * @param {string} url
 * @returns {string}
 */
export function mirrorCommand(url) {
  const safe = url.replace(/["$`\\!^]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `python -m imjoy mirror --plugin "${safe}"`;
}
