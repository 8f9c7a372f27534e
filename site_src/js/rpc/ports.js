/**
 * A peer over a MessagePort. What comes is taken in turns, so that a side that sends without end leaves room for
 * everything else; the session ends when too much waits, when the port ends, and when something comes that this browser
 * cannot read.
 */

/** @import { Message } from "../types.js" */
/** @import { Peer } from "./peer.js" */

/** @typedef {{ backlog: number, slice: number, budget: number }} Turns */

/**
 * How much may wait, and how many milliseconds of each slice of time are spent on one port's messages.
 * @type {Readonly<Turns>}
 */
export const TURNS = Object.freeze({ backlog: 50_000, slice: 16, budget: 8 });

/**
 * @param {MessagePort} port
 * @returns {(message: Message, transfer: Transferable[]) => void} for the peer's options
 */
export function portSender(port) {
  return (message, transfer) => port.postMessage(message, transfer);
}

/**
 * @param {MessagePort} port
 * @param {Peer} peer
 * @param {Turns} [turns]
 */
export function connectPort(port, peer, turns = TURNS) {
  const queue = new TurnQueue((data) => peer.receive(data), turns);
  const end = (/** @type {string} */ reason) => {
    port.close();
    queue.clear();
    peer.close(reason);
  };
  port.addEventListener("message", (event) => {
    if (queue.length >= turns.backlog) end(`it sends faster than can be read: ${turns.backlog} messages wait`);
    else queue.take(() => event.data);
  });
  port.addEventListener("messageerror", () => end("it sent a value that this browser cannot read"));
  port.addEventListener("close", () => end("it has gone"));
  peer.on("closed", () => {
    queue.clear();
    port.close();
  });
  port.start();
}

/** Hands messages on in their order: at once while there is time in this slice, else a little later. */
class TurnQueue {
  #handle;
  #turns;
  /** @type {(() => unknown)[]} */
  #waiting = [];
  #next = 0;
  #since = 0;
  #spent = 0;

  /** @param {(data: unknown) => void} handle @param {Turns} turns */
  constructor(handle, turns) {
    this.#handle = handle;
    this.#turns = turns;
  }

  get length() {
    return this.#waiting.length - this.#next;
  }

  /** @param {() => unknown} read a message's data, which costs time for large ones */
  take(read) {
    if (this.length === 0 && this.#hasTime()) return this.#run(read);
    this.#waiting.push(read);
    if (this.length === 1) setTimeout(() => this.#drain(), 0);
  }

  clear() {
    this.#waiting = [];
    this.#next = 0;
  }

  #drain() {
    // A turn of its own is a new slice, however long the last one was.
    this.#since = performance.now();
    this.#spent = 0;
    while (this.length > 0) {
      this.#run(this.#waiting[this.#next++]);
      if (!this.#hasTime()) break;
    }
    if (this.length === 0) this.clear();
    else setTimeout(() => this.#drain(), 0);
  }

  #hasTime() {
    const now = performance.now();
    if (now - this.#since >= this.#turns.slice) {
      this.#since = now;
      this.#spent = 0;
    }
    return this.#spent < this.#turns.budget;
  }

  /** @param {() => unknown} read */
  #run(read) {
    const start = performance.now();
    this.#handle(read());
    this.#spent += performance.now() - start;
  }
}
