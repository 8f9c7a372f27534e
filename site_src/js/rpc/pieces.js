/**
 * Frames too large for one go: cut into pieces by the sender, joined by the receiver, with flow control. Pure, as the
 * wire is; the twin of imjoy/rpc/pieces.py. `FrameSender` puts the cutters of one connection to use: small frames go at
 * once, between the pieces of large ones.
 */

/** @import { Message } from "../types.js" */
/** @import { Credit, Piece } from "./messages.js" */
import { ProtocolError } from "../core/errors.js";
import { protocol } from "./protocol.js";
import { encodeFrame } from "./wire.js";

/** @typedef {{ piece_bytes: number, window_bytes: number }} PieceLimits */

/** One encoded frame on its way out, piece by piece; never more than the window without credit. */
export class Cutter {
  #stream;
  #frame;
  #to;
  #limits;
  #offset = 0;
  #credit;

  /**
   * @param {number} stream
   * @param {Uint8Array} frame
   * @param {{ to?: string, limits?: PieceLimits }} [options]
   */
  constructor(stream, frame, { to, limits = protocol.limits } = {}) {
    this.#stream = stream;
    this.#frame = frame;
    this.#to = to;
    this.#limits = limits;
    this.#credit = limits.window_bytes;
  }

  /** Whether every byte has been given out. */
  get done() {
    return this.#offset >= this.#frame.length;
  }

  /** @returns {Piece | undefined} undefined while the window is full, and when nothing is left */
  nextPiece() {
    const count = Math.min(this.#limits.piece_bytes, this.#frame.length - this.#offset);
    if (this.done || count > this.#credit) return undefined;
    const data = this.#frame.subarray(this.#offset, this.#offset + count);
    const to = this.#to === undefined ? {} : { to: this.#to };
    /** @type {Piece} */
    const piece = { type: "piece", stream: this.#stream, offset: this.#offset, size: this.#frame.length, ...to, data };
    this.#offset += count;
    this.#credit -= count;
    return piece;
  }

  /**
   * @param {Credit} credit
   * @throws {ProtocolError} where it gives back more than was sent
   */
  addCredit({ stream, bytes }) {
    if (stream !== this.#stream || this.#credit + bytes > this.#limits.window_bytes) {
      throw new ProtocolError(`Credit of ${bytes} bytes came for stream ${stream}, which had not sent them.`);
    }
    this.#credit += bytes;
  }
}

/** @typedef {{ size: number, parts: Uint8Array[], have: number, uncredited: number }} Growing */

/** All large frames that are on their way in over one connection. */
export class Joiner {
  #totalBytes;
  #limits;
  /** @type {Map<number, Growing>} */
  #streams = new Map();

  /**
   * @param {object} options
   * @param {number} options.totalBytes what the streams that are open together may announce
   * @param {PieceLimits} [options.limits]
   */
  constructor({ totalBytes, limits = protocol.limits }) {
    this.#totalBytes = totalBytes;
    this.#limits = limits;
  }

  /**
   * @param {Piece} piece
   * @returns {Uint8Array | undefined} the whole frame when this was its last piece
   * @throws {ProtocolError} for a piece that is empty, too large, out of order, or beyond what is allowed
   */
  accept(piece) {
    const growing = this.#streams.get(piece.stream) ?? this.#open(piece);
    const count = piece.data.length;
    if (piece.size !== growing.size || piece.offset !== growing.have) {
      throw new ProtocolError(`A piece of stream ${piece.stream} is out of order.`);
    }
    if (count === 0 || count > this.#limits.piece_bytes || piece.offset + count > growing.size) {
      throw new ProtocolError(`A piece of stream ${piece.stream} has ${count} bytes, which is not allowed.`);
    }
    growing.uncredited += count;
    if (growing.uncredited > this.#limits.window_bytes) {
      throw new ProtocolError(`Stream ${piece.stream} sends more than it has credit for.`);
    }
    growing.parts.push(piece.data);
    growing.have += count;
    if (growing.have < growing.size) return undefined;
    this.#streams.delete(piece.stream);
    return joined(growing);
  }

  /** @param {Piece} piece */
  #open({ stream, offset, size }) {
    const announced = [...this.#streams.values()].reduce((sum, one) => sum + one.size, size);
    if (announced > this.#totalBytes) {
      const words = `Streams of ${announced} bytes together were announced; at most ${this.#totalBytes} are allowed.`;
      throw new ProtocolError(words, { tooLarge: true });
    }
    if (offset !== 0 || size === 0) throw new ProtocolError(`Stream ${stream} does not begin at its beginning.`);
    /** @type {Growing} */
    const growing = { size, parts: [], have: 0, uncredited: 0 };
    this.#streams.set(stream, growing);
    return growing;
  }

  /**
   * The credit to send after so many bytes of a stream were put to use.
   * @param {number} stream
   * @param {number} bytes
   * @returns {Credit}
   */
  consumed(stream, bytes) {
    const growing = this.#streams.get(stream);
    if (growing) growing.uncredited = Math.max(0, growing.uncredited - bytes);
    return { type: "credit", stream, bytes };
  }

  /** Forget a stream whose sender has gone. @param {number} stream */
  drop(stream) {
    this.#streams.delete(stream);
  }
}

/** @param {Growing} growing */
function joined({ size, parts }) {
  const frame = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** Sends messages of any size over one connection; large ones share it piece by piece, in turn. */
export class FrameSender {
  #sendBytes;
  #limits;
  #atOnce;
  #nextStream = 0;
  /** @type {Map<number, Cutter>} */
  #cutters = new Map();

  /**
   * @param {object} options
   * @param {(frame: Uint8Array<ArrayBuffer>) => void} options.sendBytes
   * @param {PieceLimits} [options.limits] as the other side has announced them
   * @param {number} [options.atOnce] so many large messages share the connection, the others wait: a receiver that is
   *   busy has to keep a window of each
   */
  constructor({ sendBytes, limits = protocol.limits, atOnce = 8 }) {
    this.#sendBytes = sendBytes;
    this.#limits = limits;
    this.#atOnce = atOnce;
  }

  /**
   * @param {Message} message
   * @param {{ to?: string }} [options] where the pieces go, if the message is cut
   * @throws {import("../core/errors.js").EncodeError}
   */
  send(message, { to } = {}) {
    const frame = encodeFrame(message, Infinity);
    if (frame.length <= this.#limits.piece_bytes) return this.#sendBytes(frame);
    const stream = this.#nextStream++;
    const target = to === undefined ? {} : { to };
    this.#cutters.set(stream, new Cutter(stream, frame, { limits: this.#limits, ...target }));
    this.#pump();
  }

  /**
   * Take the receiver's credit and go on. Credit that comes after the last piece is of no use any more.
   * @param {Credit} credit
   * @throws {ProtocolError}
   */
  addCredit(credit) {
    this.#cutters.get(credit.stream)?.addCredit(credit);
    this.#pump();
  }

  /** Forget what is on its way to a receiver that has gone. */
  drop() {
    this.#cutters.clear();
  }

  /** Whether large messages are still on their way. */
  get busy() {
    return this.#cutters.size > 0;
  }

  #pump() {
    let sent = true;
    while (sent) {
      sent = false;
      for (const [stream, cutter] of [...this.#cutters].slice(0, this.#atOnce)) {
        const piece = cutter.nextPiece();
        if (piece) this.#sendBytes(encodeFrame({ ...piece }));
        if (cutter.done) this.#cutters.delete(stream);
        sent ||= piece !== undefined;
      }
    }
  }
}
