/**
 * Messages to bytes and back: a length, a JSON header, and the binary values raw and aligned behind it. Pure.
 * The twin of imjoy/rpc/wire.py, held to the same by tests/vectors/rpc_wire.json. Everything that a header announces is
 * checked against what is there before anything of that size is made; binary values come back as views, not copies.
 */

/** @import { Message } from "../types.js" */
import { EncodeError, ProtocolError } from "../core/errors.js";
import { putMember } from "./objects.js";
import { protocol } from "./protocol.js";

const ALIGNMENT = protocol.frame.alignment;
const LENGTH_BYTES = protocol.frame.header_length_bytes;
const MAX_DEPTH = protocol.limits.depth;
const SPACE = 0x20;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @typedef {(string | number)[]} Path */
/** @typedef {{ path: Path, bytes: Uint8Array }} Buffered */

/** @param {number} size */
function padded(size) {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

/**
 * @param {Message} message whose values are JSON's own or binary
 * @param {number} [limit] on the frame's bytes
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {EncodeError} for another value, a top-level member `buffers`, too deep a nesting, or too large a frame
 */
export function encodeFrame(message, limit = protocol.limits.message_bytes) {
  if (typeof message.type !== "string") throw new EncodeError("A message needs a text as its 'type'.");
  if (Object.hasOwn(message, "buffers")) {
    throw new EncodeError("The member 'buffers' of a message is reserved for its binary values.");
  }
  /** @type {Buffered[]} */
  const buffers = [];
  const header = /** @type {Record<string, unknown>} */ (takeContainer(message, [], buffers));
  if (buffers.length > 0) header.buffers = buffers.map(({ path, bytes }) => [bytes.byteLength, path]);
  const text = encoder.encode(JSON.stringify(header));
  const start = padded(LENGTH_BYTES + text.length);
  const size = buffers.reduce((sum, { bytes }) => sum + padded(bytes.byteLength), start);
  if (size > limit) throw new EncodeError(`The message has ${size} bytes; at most ${limit} can be sent at once.`);
  const frame = new Uint8Array(size);
  new DataView(frame.buffer).setUint32(0, start - LENGTH_BYTES, true);
  frame.set(text, LENGTH_BYTES);
  frame.fill(SPACE, LENGTH_BYTES + text.length, start);
  let at = start;
  for (const { bytes } of buffers) {
    frame.set(bytes, at);
    at += padded(bytes.byteLength);
  }
  return frame;
}

/**
 * The value with null for every binary value, which is appended to `buffers`.
 * @param {unknown} value @param {Path} path @param {Buffered[]} buffers
 * @returns {unknown}
 */
function take(value, path, buffers) {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new EncodeError(`${where(path)} is ${value}, which JSON cannot write.`);
  }
  const bytes = bytesOf(value);
  if (bytes) {
    buffers.push({ path, bytes });
    return null;
  }
  if (typeof value === "object" && (Array.isArray(value) || isRecord(value)))
    return takeContainer(value, path, buffers);
  throw new EncodeError(`${where(path)} is ${kindOf(value)}, which the wire does not know.`);
}

/** @param {object} container @param {Path} path @param {Buffered[]} buffers */
function takeContainer(container, path, buffers) {
  // The message itself is level 1, so a container at a path of one name is level 2.
  if (path.length >= MAX_DEPTH) throw new EncodeError(`The message is nested deeper than ${MAX_DEPTH} levels.`);
  if (Array.isArray(container)) {
    return Array.from(container, (item, index) => (item === undefined ? null : take(item, [...path, index], buffers)));
  }
  /** @type {Record<string, unknown>} */
  const members = {};
  for (const [name, member] of Object.entries(container)) {
    // As in JSON, a member that is undefined is left out.
    if (member !== undefined) putMember(members, name, take(member, [...path, name], buffers));
  }
  return members;
}

/** @param {unknown} value @returns {Uint8Array | undefined} */
function bytesOf(value) {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

/** @param {object} value */
function isRecord(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @param {unknown} value */
function kindOf(value) {
  return typeof value === "object" ? `a ${Object.prototype.toString.call(value).slice(8, -1)}` : `a ${typeof value}`;
}

/** @param {Path} path */
function where(path) {
  return `The value at ${path.join("/")}`;
}

/**
 * @param {ArrayBuffer | Uint8Array} data one frame
 * @param {number} [limit] on its bytes
 * @returns {Message} binary values are views into `data`
 * @throws {ProtocolError} where it is no frame; `tooLarge` where it is larger than the limit
 */
export function decodeFrame(data, limit = protocol.limits.message_bytes) {
  const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (frame.length > limit) {
    throw new ProtocolError(`A message of ${frame.length} bytes came; at most ${limit} are allowed.`, {
      tooLarge: true,
    });
  }
  const { header, end } = readHeader(frame);
  const { buffers: listed = [], ...message } = header;
  if (!Array.isArray(listed)) throw new ProtocolError("The header's 'buffers' must be a list.");
  let start = end;
  for (const entry of listed) {
    const { size, path } = readEntry(entry);
    const following = start + padded(size);
    if (following > frame.length) throw new ProtocolError("The header announces more binary bytes than the frame has.");
    if (frame.subarray(start + size, following).some((byte) => byte !== 0)) {
      throw new ProtocolError("The padding behind a binary value is not zero.");
    }
    place(message, path, frame.subarray(start, start + size));
    start = following;
  }
  if (start !== frame.length) {
    throw new ProtocolError(`The frame has ${frame.length - start} bytes that its header does not announce.`);
  }
  return /** @type {Message} */ (message);
}

/** @param {Uint8Array} frame @returns {{ header: Record<string, unknown>, end: number }} */
function readHeader(frame) {
  if (frame.length < LENGTH_BYTES) throw new ProtocolError("A frame is cut off before its header's length.");
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const end = LENGTH_BYTES + view.getUint32(0, true);
  if (end > frame.length) throw new ProtocolError("A frame is shorter than the header that it announces.");
  if (end % ALIGNMENT) throw new ProtocolError(`A header does not end at a multiple of ${ALIGNMENT}.`);
  let header;
  try {
    header = JSON.parse(decoder.decode(frame.subarray(LENGTH_BYTES, end)));
  } catch (error) {
    throw new ProtocolError("A header is not JSON in UTF-8.", { cause: error });
  }
  if (typeof header !== "object" || header === null || Array.isArray(header) || typeof header.type !== "string") {
    throw new ProtocolError("A header must be an object with a text as its 'type'.");
  }
  checkDepth(header);
  return { header, end };
}

/** Level by level, so that a hostile nesting cannot exhaust the stack. @param {object} header */
function checkDepth(header) {
  let level = [header];
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    level = level.flatMap((outer) =>
      Object.values(outer).filter((inner) => typeof inner === "object" && inner !== null),
    );
    if (level.length === 0) return;
  }
  throw new ProtocolError(`A header is nested deeper than ${MAX_DEPTH} levels.`);
}

/** @param {unknown} entry @returns {{ size: number, path: Path }} */
function readEntry(entry) {
  if (!Array.isArray(entry) || entry.length !== 2) {
    throw new ProtocolError("An entry of 'buffers' must be a size and a path.");
  }
  const [size, path] = entry;
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new ProtocolError("The size of a binary value must be a whole number from 0.");
  }
  if (!Array.isArray(path) || path.length === 0) {
    throw new ProtocolError("The path of a binary value must be a list of at least one step.");
  }
  return { size, path };
}

/** @param {Record<string, unknown>} message @param {Path} path @param {Uint8Array} value */
function place(message, path, value) {
  /** @type {any} */
  let inside = message;
  for (const step of path.slice(0, -1)) inside = inside[checkedStep(inside, step)];
  const last = checkedStep(inside, path[path.length - 1]);
  if (inside[last] !== null) throw new ProtocolError("The path of a binary value must lead to a null.");
  putMember(inside, String(last), value);
}

/** @param {unknown} inside @param {unknown} step @returns {string | number} */
function checkedStep(inside, step) {
  if (Array.isArray(inside)) {
    if (typeof step === "number" && Number.isInteger(step) && step >= 0 && step < inside.length) return step;
  } else if (typeof inside === "object" && inside !== null && !ArrayBuffer.isView(inside)) {
    if (typeof step === "string" && Object.hasOwn(inside, step)) return step;
  }
  throw new ProtocolError("The path of a binary value leads to nothing.");
}
