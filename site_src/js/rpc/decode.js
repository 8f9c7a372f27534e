/**
 * What travelled back to values. Everything that comes is checked: a peer may send anything.
 * Pure but for the context, which makes functions that call the other side. Used through codec.js.
 */

/** @import { DecodeContext } from "../types.js" */
import { DecodeError } from "../core/errors.js";
import { arrayOver, constructorOf } from "./dtypes.js";
import { isPlainObject, markRemote, putMember, tagOf } from "./objects.js";
import { protocol } from "./protocol.js";

/** Room for a message and its arguments around the value, as when it was sent. */
const MAX_DEPTH = protocol.limits.depth;

/** @typedef {Record<string, unknown>} Tagged */

/** One decoding. */
export class Decoder {
  #context;
  #depth = 0;

  /** @type {Map<string, (tagged: Tagged) => unknown>} */
  #readers = new Map([
    ["callback", (tagged) => this.#callback(tagged)],
    ["interface", (tagged) => this.#method(tagged)],
    ["error", readError],
    ["file", readFile],
    ["blob", readBlob],
    ["typedarray", readTypedArray],
    ["memoryview", readMemoryView],
    ["set", (tagged) => new Set(this.#list(listIn(tagged)))],
    ["orderedmap", (tagged) => this.#map(tagged)],
    ["escaped", (tagged) => this.#escaped(tagged)],
  ]);

  /** @param {DecodeContext} context */
  constructor(context) {
    this.#context = context;
  }

  /**
   * @param {unknown} encoded
   * @returns {unknown}
   * @throws {DecodeError}
   */
  value(encoded) {
    if (typeof encoded !== "object" || encoded === null) return encoded;
    if (!Array.isArray(encoded) && !isPlainObject(encoded)) return encoded;
    if (this.#depth >= MAX_DEPTH) throw new DecodeError(`a value is nested deeper than ${MAX_DEPTH} levels`);
    this.#depth += 1;
    try {
      return Array.isArray(encoded) ? this.#list(encoded) : this.#object(/** @type {Tagged} */ (encoded));
    } finally {
      this.#depth -= 1;
    }
  }

  /** @param {Tagged} object */
  #object(object) {
    const tag = Object.hasOwn(object, "_rtype") ? object._rtype : undefined;
    if (typeof tag !== "string") return this.#members(object);
    const read = this.#readers.get(tag);
    if (read) return read(object);
    return Object.hasOwn(object, "_rintf") && object._rintf ? this.#members(object) : object;
  }

  /** @param {unknown[]} list */
  #list(list) {
    return Array.from(list, (item) => this.value(item));
  }

  /** @param {Tagged} object */
  #members(object) {
    /** @type {Record<string, unknown>} */
    const members = {};
    for (const name of Object.keys(object)) {
      const member = this.value(object[name]);
      // Such an object would be taken for a promise, and whoever awaits it would wait for ever.
      if (name === "then" && typeof member === "function") continue;
      putMember(members, name, member);
    }
    if (typeof members._rintf === "string" && Object.hasOwn(members, "_rintf")) {
      const objectId = members._rintf;
      delete members._rintf;
      markRemote(members, objectId);
      this.#context.noteObject(members, objectId);
    }
    return members;
  }

  /** @param {Tagged} tagged */
  #callback(tagged) {
    const { _rvalue: id, _rname: name } = tagged;
    if (typeof id !== "number" && typeof id !== "string") throw new DecodeError("a callback came without its id");
    return this.#context.callback(id, typeof name === "string" ? name : "function", targetOf(tagged));
  }

  /** @param {Tagged} tagged */
  #method(tagged) {
    const { _rintf: objectId, _rvalue: path } = tagged;
    if (typeof objectId !== "string" || typeof path !== "string") {
      throw new DecodeError("a function came without the object or the path that it belongs to");
    }
    return this.#context.method(objectId, path, targetOf(tagged));
  }

  /** @param {Tagged} tagged */
  #map(tagged) {
    const pairs = listIn(tagged).map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw new DecodeError("an entry of a map is no pair");
      return /** @type {[unknown, unknown]} */ ([this.value(pair[0]), this.value(pair[1])]);
    });
    return new Map(pairs);
  }

  /** @param {Tagged} tagged */
  #escaped(tagged) {
    const { _rvalue: members } = tagged;
    if (tagOf(members) !== "Object") throw new DecodeError("an escaped object came without its members");
    const { _rintf, ...others } = /** @type {Tagged} */ (members);
    const decoded = this.#members(others);
    if (_rintf !== undefined) putMember(decoded, "_rintf", this.value(_rintf));
    return decoded;
  }
}

/** @param {Tagged} tagged */
function targetOf({ _rtarget_id: target }) {
  return typeof target === "string" ? target : undefined;
}

/** @param {Tagged} tagged */
function listIn({ _rtype, _rvalue }) {
  if (!Array.isArray(_rvalue)) throw new DecodeError(`a ${_rtype} came without its items`);
  return /** @type {unknown[]} */ (_rvalue);
}

/** @param {Tagged} tagged @returns {ArrayBuffer | Uint8Array} */
function bytesIn({ _rtype, _rvalue }) {
  if (tagOf(_rvalue) === "ArrayBuffer") return /** @type {ArrayBuffer} */ (_rvalue);
  if (tagOf(_rvalue) === "Uint8Array") return /** @type {Uint8Array} */ (_rvalue);
  throw new DecodeError(`a ${_rtype} came without its bytes`);
}

/** @param {unknown} value @returns {string} */
function text(value) {
  return typeof value === "string" ? value : "";
}

/**
 * Errors of ours bring their parts along; of others the text is all there is.
 * @param {Tagged} tagged
 */
function readError(tagged) {
  const error = new Error(text(tagged._rmessage) || text(tagged._rvalue));
  if (typeof tagged._rname === "string") error.name = tagged._rname;
  const { _rstack, _rcode, _rplugin, _rfunction } = tagged;
  const extras = { remoteStack: _rstack, code: _rcode, plugin: _rplugin, functionName: _rfunction };
  for (const [name, value] of Object.entries(extras)) if (typeof value === "string") putMember(error, name, value);
  if (typeof tagged._rline === "number") putMember(error, "line", tagged._rline);
  return error;
}

/** @param {Tagged} tagged */
function readTypedArray(tagged) {
  const bytes = bytesIn(tagged);
  if (tagged._rclamped === true) return arrayOver(Uint8ClampedArray, bytes);
  const constructor = constructorOf(text(tagged._rdtype));
  if (!constructor) throw new DecodeError(`an array came with the unknown dtype ${JSON.stringify(tagged._rdtype)}`);
  try {
    return arrayOver(constructor, bytes);
  } catch (error) {
    throw new DecodeError(`an array of ${tagged._rdtype} came broken: ${/** @type {Error} */ (error).message}`, error);
  }
}

/** @param {Tagged} tagged */
function readMemoryView(tagged) {
  const bytes = bytesIn(tagged);
  return ArrayBuffer.isView(bytes)
    ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new DataView(bytes);
}

/** @param {Tagged} tagged */
function readBlob(tagged) {
  const { _rvalue } = tagged;
  if (tagOf(_rvalue) === "Blob" || tagOf(_rvalue) === "File") return _rvalue;
  const content = typeof _rvalue === "string" ? _rvalue : bytesIn(tagged);
  return new Blob([/** @type {BlobPart} */ (content)], { type: text(tagged._rmime) });
}

/** @param {Tagged} tagged */
function readFile(tagged) {
  const path = text(tagged._rpath);
  const file =
    tagOf(tagged._rvalue) === "File"
      ? /** @type {File} */ (tagged._rvalue)
      : new File([/** @type {BlobPart} */ (bytesIn(tagged))], text(tagged._rname) || path.split("/").pop() || "file", {
          type: text(tagged._rmime),
        });
  if (path) putMember(file, "_path", path);
  return file;
}
