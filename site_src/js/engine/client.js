/**
 * The connection of this page to the engine: opens it, says hello, keeps it alive, and tries again when it breaks.
 *
 * Before each socket the server is asked whether there is an engine and whether the token is right, since a browser
 * does not tell a page why a socket was refused. What travels beside hello and heartbeat is the business of plugins.js.
 */

import { Emitter } from "../core/events.js";
import { protocol } from "../rpc/protocol.js";
import { decodeFrame, encodeFrame } from "../rpc/wire.js";
import { wordsOf } from "../core/errors.js";

/** @import {Message} from "../types.js" */
/** @import {EngineState} from "./words.js" */

/** The times in milliseconds; tests use others. */
const TIMES = { firstRetry: 500, longestRetry: 30_000, ping: 20_000, patience: 60_000 };

/**
 * What the client needs of the page, so that it can be tried without one.
 * @typedef {object} EngineParts
 * @property {string} address of the websocket
 * @property {string} [status] where the server is asked how it stands; that of the page's own where none is given
 * @property {string} client the name of this browser
 * @property {(address: string) => WebSocket} openSocket
 * @property {(address: string, options: RequestInit) => Promise<Response>} fetch
 * @property {Partial<typeof TIMES>} [times]
 */

/**
 * Emits `changed` with each new state, and `message` with every message that is not about the socket itself.
 * @extends {Emitter<{changed: EngineState, message: Message}>}
 */
export class EngineClient extends Emitter {
  #parts;
  #times;
  /** @type {EngineState} */
  #state = { name: "unpaired", reason: "" };
  /** @type {string | null} */
  #token = null;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  #failures = 0;
  #heard = 0;
  #pings = 0;
  /** Counts the attempts, so that what comes late of an old one is known. */
  #attempt = 0;

  /** @param {EngineParts} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
    this.#times = { ...TIMES, ...parts.times };
  }

  get state() {
    return this.#state;
  }

  /**
   * Uses a token from now on; null ends the pairing.
   * @param {string | null} token
   */
  pair(token) {
    if (token === this.#token && this.#state.name !== "refused") return;
    this.#token = token;
    this.#drop();
    if (token) void this.#connect();
    else this.#setState("unpaired");
  }

  /** Tries again now instead of later. */
  retry() {
    if (!this.#token || this.#state.name === "connected" || this.#state.name === "connecting") return;
    this.#drop();
    void this.#connect();
  }

  /**
   * Sends a frame while there is a connection; one that was meant for a connection that is gone is of no use any more.
   * @param {Uint8Array<ArrayBuffer>} frame
   */
  sendFrame(frame) {
    if (this.#state.name === "connected" && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Ends the connection for good. */
  close() {
    this.#token = null;
    this.#drop();
  }

  async #connect() {
    const attempt = (this.#attempt += 1);
    if (this.#state.name !== "gone") this.#setState("connecting");
    const verdict = await this.#ask();
    if (attempt !== this.#attempt) return;
    if (verdict) {
      this.#setState(verdict.name, verdict.reason);
      if (verdict.name === "gone") this.#retryLater();
      return;
    }
    this.#setState("connecting");
    this.#open(attempt);
  }

  /**
   * Asks the server how it stands; null where the socket can be opened.
   * @returns {Promise<EngineState | null>}
   */
  async #ask() {
    let response;
    try {
      const headers = { Authorization: `Bearer ${this.#token}` };
      response = await this.#parts.fetch(this.#parts.status ?? "/api/status", { headers, cache: "no-store" });
    } catch {
      return { name: "gone", reason: "" };
    }
    if (response.status === 401) {
      return { name: "refused", reason: "the token that this browser remembers is not, or no longer, the right one." };
    }
    const status = await response.json().catch(() => null);
    if (response.ok && status?.engine === false) {
      return { name: "refused", reason: "it is switched off, since the server was started with --no-engine." };
    }
    return response.ok ? null : { name: "refused", reason: `the server answered with the status ${response.status}.` };
  }

  /** @param {number} attempt */
  #open(attempt) {
    const socket = this.#parts.openSocket(this.#parts.address);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => {
      const hello = { type: "hello", version: protocol.version, token: this.#token, client: this.#parts.client };
      socket.send(encodeFrame(hello));
    });
    socket.addEventListener("message", ({ data }) => {
      if (attempt === this.#attempt) this.#receive(data);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (attempt === this.#attempt) this.#closed(code, reason);
    });
  }

  /** @param {unknown} data */
  #receive(data) {
    this.#heard = Date.now();
    let message;
    try {
      if (!(data instanceof ArrayBuffer)) throw new TypeError("a text message came");
      message = decodeFrame(new Uint8Array(data));
    } catch (error) {
      this.#socket?.close(protocol.close_codes.protocol_error, wordsOf(error).slice(0, 100));
      return;
    }
    this.#answer(message);
  }

  /** @param {Message} message */
  #answer(message) {
    if (message.type === "ping") this.#send({ type: "pong", id: message.id });
    else if (message.type === "welcome") {
      this.#failures = 0;
      this.#setState("connected");
      this.#beat();
    } else if (message.type !== "pong") this.emit("message", message);
  }

  /** Asks a silent server, and takes one for gone that does not answer. */
  #beat() {
    this.#stopTimer();
    this.#timer = setTimeout(() => {
      if (Date.now() - this.#heard > this.#times.patience) {
        const socket = this.#socket;
        this.#closed(1006, "");
        socket?.close();
        return;
      }
      this.#pings += 1;
      this.#send({ type: "ping", id: this.#pings });
      this.#beat();
    }, this.#times.ping);
  }

  /** @param {Message} message */
  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encodeFrame(message));
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #closed(code, reason) {
    this.#stopTimer();
    this.#socket = null;
    this.#attempt += 1;
    if (code === protocol.close_codes.refused) this.#setState("refused", reason || "no reason was given.");
    else {
      this.#setState("connecting");
      this.#retryLater();
    }
  }

  #retryLater() {
    const { firstRetry, longestRetry } = this.#times;
    const wait = Math.min(longestRetry, firstRetry * 2 ** this.#failures);
    this.#failures += 1;
    this.#stopTimer();
    // Not all pages at once when a server comes back.
    this.#timer = setTimeout(() => void this.#connect(), wait * (0.75 + Math.random() / 2));
  }

  #drop() {
    this.#stopTimer();
    this.#attempt += 1;
    this.#failures = 0;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #stopTimer() {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /**
   * @param {EngineState["name"]} name
   * @param {string} [reason]
   */
  #setState(name, reason = "") {
    if (this.#state.name === name && this.#state.reason === reason) return;
    this.#state = { name, reason };
    this.emit("changed", this.#state);
  }
}
