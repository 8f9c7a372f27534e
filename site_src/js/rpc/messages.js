/**
 * The messages that the two ends of an engine socket exchange about the socket itself, checked member by member when
 * they come in. The twin of imjoy/rpc/messages.py. Every other kind is the business of the peers.
 */

/** @import { Message } from "../types.js" */
import { ProtocolError } from "../core/errors.js";
import { protocol } from "./protocol.js";

const MAX_TEXT = 1024;

/** @typedef {{ type: "hello", version: number, token: string, client: string }} Hello */
/** @typedef {{ type: "welcome", version: number, session: string, limits: Record<string, number> }} Welcome */
/** @typedef {{ type: "ping" | "pong", id: number | string }} Beat */
/** @typedef {{ type: "piece", stream: number, offset: number, size: number, data: Uint8Array, to?: string }} Piece */
/** @typedef {{ type: "credit", stream: number, bytes: number, to?: string }} Credit */
/** @typedef {Hello | Welcome | Beat | Piece | Credit} SocketMessage */

/** @typedef {readonly [(value: unknown) => boolean, string]} Check */

const isCount = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (/** @type {unknown} */ value) => typeof value === "string" && value.length <= MAX_TEXT;
const isLimits = (/** @type {unknown} */ value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isCount);

/** @type {Check} */
const COUNT = [isCount, "a whole number from 0 to 2^53 - 1"];
/** @type {Check} */
const TEXT = [isText, `a text of at most ${MAX_TEXT} characters`];
/** @type {Check} */
const ID = [(value) => isCount(value) || isText(value), "a whole number or a text"];
/** @type {Check} */
const BINARY = [(value) => value instanceof Uint8Array, "a binary value"];
/** @type {Check} */
const OPTIONAL_TEXT = [(value) => value === undefined || value === null || isText(value), TEXT[1]];

/** @type {Readonly<Record<string, Readonly<Record<string, Check>>>>} */
const KINDS = Object.freeze({
  hello: { version: COUNT, token: TEXT, client: TEXT },
  welcome: { version: COUNT, session: TEXT, limits: [isLimits, "an object of whole numbers"] },
  ping: { id: ID },
  pong: { id: ID },
  piece: { stream: COUNT, offset: COUNT, size: COUNT, data: BINARY, to: OPTIONAL_TEXT },
  credit: { stream: COUNT, bytes: COUNT, to: OPTIONAL_TEXT },
});

/** @param {string} type whether messages of this kind are about the socket itself */
export function isSocketKind(type) {
  return Object.hasOwn(KINDS, type);
}

/**
 * The message with the members of its kind; members that nobody knows are passed over.
 * @param {Message} message
 * @returns {SocketMessage}
 * @throws {ProtocolError} for another kind, and for a member that is missing or of a wrong type
 */
export function readSocketMessage(message) {
  if (!isSocketKind(message.type)) {
    throw new ProtocolError(`A message of the kind '${message.type}' says nothing about the socket.`);
  }
  /** @type {Record<string, unknown>} */
  const read = { type: message.type };
  for (const [name, [accepts, wanted]] of Object.entries(KINDS[message.type])) {
    if (!accepts(message[name]))
      throw new ProtocolError(`In a '${message.type}' message, '${name}' must be ${wanted}.`);
    if (message[name] !== undefined && message[name] !== null) read[name] = message[name];
  }
  return /** @type {SocketMessage} */ (/** @type {unknown} */ (read));
}

/**
 * @param {string} token
 * @param {string} client
 * @returns {Hello}
 */
export function makeHello(token, client) {
  return { type: "hello", version: protocol.version, token, client };
}
