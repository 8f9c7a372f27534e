/**
 * One running Python plugin as the app sees it: the interface it exported, its log, and its end. Made by plugins.js.
 * It has the same face as the session of a sandbox.
 */

/** @import { LogEntry, Message, RemoteObject, SessionEvents } from "../types.js" */
import { ClosedError, wordsOf } from "../core/errors.js";
import { Emitter } from "../core/events.js";
import { readSocketMessage } from "../rpc/messages.js";
import { Peer } from "../rpc/peer.js";
import { FrameSender, Joiner } from "../rpc/pieces.js";
import { decodeFrame, encodeFrame } from "../rpc/wire.js";

/** What the large messages that come at the same time may announce together: about what a browser can hold. */
const INCOMING_BYTES = 2 ** 31;
/** In milliseconds: for the plugin's own `exit`, also when a person waits, and then for its process to be gone. */
const PATIENCE = Object.freeze({ exit: 5_000, stop: 1_000, end: 12_000 });

/** @typedef {import("../rpc/messages.js").Piece} Piece */
/** @typedef {import("../rpc/messages.js").Credit} Credit */

export class EngineSession {
  #address;
  #peer;
  #sender;
  #joiner = new Joiner({ totalBytes: INCOMING_BYTES });
  #sendFrame;
  #sendMessage;
  /** @type {Emitter<SessionEvents>} */
  #events = new Emitter();
  #ending = "";
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
   * @param {string} parts.peer the address of its worker
   * @param {(frame: Uint8Array<ArrayBuffer>) => void} parts.sendFrame
   * @param {(message: Message) => void} parts.sendMessage to the engine itself
   */
  constructor({ id, name, peer, sendFrame, sendMessage }) {
    this.id = id;
    this.name = name;
    this.#address = peer;
    this.#sendFrame = sendFrame;
    this.#sendMessage = sendMessage;
    this.#sender = new FrameSender({ sendBytes: sendFrame });
    this.#peer = new Peer({ name, send: (message) => this.#send(message) });
    this.#peer.on("log", (entry) => this.#events.emit("log", entry));
    this.#peer.on("error", (error) => this.#events.emit("log", { level: "error", message: wordsOf(error) }));
  }

  /**
   * @template {keyof SessionEvents} Name
   * @param {Name} name
   * @param {(detail: SessionEvents[Name]) => void} listener
   * @returns {() => void} takes the listener away
   */
  on(name, listener) {
    return this.#events.on(name, listener);
  }

  /** How many calls wait for an answer of the plugin. */
  get pendingCalls() {
    return this.#peer.pendingCalls;
  }

  /** Whether the session has ended, or is about to. */
  get ended() {
    return this.#ending !== "" || this.#over;
  }

  /**
   * The plugin's `api`, at once: its scripts may call it while they are loaded.
   * @param {Record<string, unknown>} api
   */
  offer(api) {
    this.#peer.setInterface(api).catch((error) => {
      if (!this.#over) this.#events.emit("log", { level: "error", message: wordsOf(error) });
    });
  }

  /** Waits for what the plugin has exported. */
  async fetchInterface() {
    this.api = await this.#peer.getInterface();
  }

  /**
   * End the plugin: its `exit` is called and given a moment, then its process is ended with all that it has started.
   * Whatever still waits for the plugin is rejected by name, with the reason.
   * @param {string} [reason]
   * @returns {Promise<{ reason: string }>}
   */
  async close(reason = "it was closed") {
    return this.#close(reason, PATIENCE.exit, {});
  }

  /**
   * As `close`, for a person who does not want to wait: `exit` has a second, then the process is ended in the midst of
   * whatever it does.
   * @param {string} reason
   */
  async stop(reason) {
    return this.#close(reason, PATIENCE.stop, { now: true });
  }

  /**
   * @param {string} reason
   * @param {number} patience
   * @param {{ now?: boolean }} how
   */
  async #close(reason, patience, how) {
    if (this.ended) return this.closed;
    this.#ending = reason;
    const { exit } = this.api;
    if (typeof exit === "function") {
      const exited = exit().catch((/** @type {unknown} */ error) => {
        if (!this.#over) this.#events.emit("log", { level: "warning", message: wordsOf(error) });
      });
      await atMost(patience, Promise.race([exited, this.closed]));
    }
    this.#sendMessage({ type: "stop", peer: this.#address, ...how });
    await atMost(PATIENCE.end, this.closed);
    this.#finish(reason);
    return this.closed;
  }

  /** It has ended by itself, or with its connection. @param {string} reason */
  end(reason) {
    if (this.#over) return;
    if (this.#ending === "") this.#events.emit("error", new ClosedError(`${this.name} has ended: ${reason}`));
    this.#finish(this.#ending || reason);
  }

  /** A message of the worker. @param {Message} message */
  receive(message) {
    if (this.#over) return;
    try {
      if (message.type === "piece") this.#join(/** @type {Piece} */ (readSocketMessage(message)));
      else if (message.type === "credit") this.#sender.addCredit(/** @type {Credit} */ (readSocketMessage(message)));
      else this.#peer.receive(message);
    } catch (error) {
      this.#sendMessage({ type: "stop", peer: this.#address });
      this.end(`it sent what cannot be understood: ${wordsOf(error)}`);
    }
  }

  /** @param {Piece} piece */
  #join(piece) {
    const { stream, data } = piece;
    const frame = this.#joiner.accept(piece);
    const credit = this.#joiner.consumed(stream, data.length);
    this.#sendFrame(encodeFrame({ to: this.#address, ...credit }));
    if (frame) this.#peer.receive(decodeFrame(frame, Infinity));
  }

  /** @param {Message} message */
  #send(message) {
    this.#sender.send({ to: this.#address, ...message }, { to: this.#address });
  }

  /** @param {string} reason */
  #finish(reason) {
    if (this.#over) return;
    this.#over = true;
    this.#sender.drop();
    this.#peer.close(reason);
    this.#events.emit("closed", { reason });
    this.#resolveClosed({ reason });
  }
}

/**
 * Until the promise is fulfilled, or the time is over.
 * @param {number} milliseconds
 * @param {Promise<unknown>} promise
 */
async function atMost(milliseconds, promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
