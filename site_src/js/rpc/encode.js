/**
 * Values to what travels: classic imjoy-rpc tags around what a structured clone (or the wire) cannot carry by itself.
 * Pure but for the context, which keeps the functions and objects that the other side may call afterwards.
 * Used through codec.js.
 */

/** @import { EncodeContext } from "../types.js" */
import { ClosedError, EncodeError, ImJoyError, RemoteError, isErrorLike } from "../core/errors.js";
import { dtypeOf, isClamped, isShared, viewedBytes } from "./dtypes.js";
import { hasRemoteId, isPlainObject, methodNames, nativeClassOf, putMember, tagOf } from "./objects.js";
import { protocol } from "./protocol.js";

/** The message and its list of arguments are two levels around every value. */
const MAX_DEPTH = protocol.limits.depth - 2;
const ACTIVE_TAGS = new Set(/** @type {readonly string[]} */ (protocol.value_tags.active));

/** What a structured clone carries as it is. */
const CLONED = new Set(["Date", "RegExp", "Boolean", "Number", "String", "ImageData", "FileList", "ImageBitmap"]);
/** What can only be handed over. */
const HANDED_OVER = new Set(["MessagePort", "OffscreenCanvas", "ReadableStream", "WritableStream", "TransformStream"]);

/**
 * @typedef {object} Offer the object whose functions are being offered under their paths
 * @property {string} objectId
 * @property {string} path
 */

/** One encoding: where we are, which objects are around us, and what is handed over. */
export class Encoder {
  #context;
  /** @type {(string | number)[]} */
  #path = [];
  /** @type {object[]} */
  #around = [];
  #depth = 0;
  #handOver = false;

  /** @param {EncodeContext} context */
  constructor(context) {
    this.#context = context;
  }

  /**
   * @param {unknown} value
   * @returns {unknown}
   */
  value(value) {
    return this.#encode(value, null);
  }

  /**
   * The value as an interface: its functions, and those of the plain objects in it, can be called again and again.
   * @param {object} object
   * @returns {unknown}
   */
  interface(object) {
    return this.#inside(object, () => this.#interface(object));
  }

  /** @param {unknown} value @param {Offer | null} offer @returns {unknown} */
  #encode(value, offer) {
    if (typeof value === "function") return this.#function(value, offer);
    if (typeof value === "symbol") throw this.#refusal("is a symbol, which cannot be sent");
    if (typeof value !== "object" || value === null) return value;
    return this.#inside(value, () => this.#object(value, offer));
  }

  /**
   * Keeps track of nesting, and of `_transfer`, while `work` goes through `object`.
   * @template Result
   * @param {object} object @param {() => Result} work
   */
  #inside(object, work) {
    if (this.#around.includes(object)) throw this.#refusal("refers back to an object around it (a cycle)");
    const handOver = this.#handOver;
    this.#handOver ||= Boolean(/** @type {any} */ (object)._transfer);
    this.#around.push(object);
    try {
      return this.#nested(1, work);
    } finally {
      this.#around.pop();
      this.#handOver = handOver;
    }
  }

  /**
   * @template Result
   * @param {number} levels @param {() => Result} work
   */
  #nested(levels, work) {
    if (this.#depth + levels > MAX_DEPTH) throw this.#refusal(`is nested deeper than ${MAX_DEPTH} levels`);
    this.#depth += levels;
    try {
      return work();
    } finally {
      this.#depth -= levels;
    }
  }

  /** @param {string | number} step @param {unknown} value @param {Offer | null} offer */
  #member(step, value, offer) {
    this.#path.push(step);
    const encoded = this.#encode(value, offer);
    this.#path.pop();
    return encoded;
  }

  /** @param {Function} fn @param {Offer | null} offer */
  #function(fn, offer) {
    const target = this.#context.targetId === undefined ? {} : { _rtarget_id: this.#context.targetId };
    if (offer && offer.path && !offer.path.split(".").includes("")) {
      this.#context.offer(offer.objectId, offer.path, fn);
      return { _rtype: "interface", ...target, _rintf: offer.objectId, _rvalue: offer.path };
    }
    const known = offer ? undefined : this.#context.offeredAs(fn);
    if (known) return { _rtype: "interface", ...target, _rintf: known.objectId, _rvalue: known.path };
    return { _rtype: "callback", ...target, _rname: fn.name || "function", _rvalue: this.#context.addCallback(fn) };
  }

  /** @param {object} object @param {Offer | null} offer */
  #object(object, offer) {
    if (Array.isArray(object)) return this.#list(object, offer);
    const tag = tagOf(object);
    if (tag === "Arguments") return this.#list(Array.from(/** @type {ArrayLike<unknown>} */ (object)), offer);
    if (isPlainObject(object)) return this.#plain(/** @type {Record<string, unknown>} */ (object), offer);
    if (ArrayBuffer.isView(object)) return this.#view(object);
    if (isErrorLike(object)) return encodeError(object);
    const builtIn = this.#builtIn(tag, /** @type {any} */ (object));
    if (builtIn !== undefined) return builtIn;
    const native = nativeClassOf(object);
    if (native) throw this.#refusal(`is a ${native}, which cannot be sent`);
    return this.#interface(object);
  }

  /** @param {string} tag @param {any} object */
  #builtIn(tag, object) {
    if (tag === "ArrayBuffer") return this.#buffer(object);
    if (tag === "Set") return { _rtype: "set", _rvalue: this.#nested(1, () => this.#list([...object], null)) };
    if (tag === "Map") return { _rtype: "orderedmap", _rvalue: this.#nested(1, () => this.#list([...object], null)) };
    if (tag === "File")
      return { _rtype: "file", _rvalue: object, _rpath: object._path || object.webkitRelativePath || "" };
    if (tag === "Blob") return { _rtype: "blob", _rvalue: object, _rmime: object.type };
    if (HANDED_OVER.has(tag)) this.#context.transfer.add(object);
    else if (!CLONED.has(tag)) return undefined;
    return object;
  }

  /** @param {unknown[]} list @param {Offer | null} offer */
  #list(list, offer) {
    return Array.from(list, (item, index) => this.#member(index, item, step(offer, String(index))));
  }

  /** @param {Record<string, unknown>} object @param {Offer | null} offer */
  #plain(object, offer) {
    const tag = object._rtype;
    if (typeof tag === "string" && this.#context.escape && ACTIVE_TAGS.has(tag)) {
      return { _rtype: "escaped", _rvalue: this.#nested(1, () => this.#members(object, null)) };
    }
    if (typeof tag === "string" && !object._rintf) return this.#tagged(object);
    // What came as an interface, or asks for it by itself, is offered as a whole.
    if (!offer && object._rintf) return this.#interface(object);
    const members = this.#members(object, offer);
    if (offer && Object.values(object).some((member) => typeof member === "function")) {
      putMember(members, "_rintf", offer.objectId);
    }
    return members;
  }

  /** @param {Record<string, unknown>} object @param {Offer | null} offer */
  #members(object, offer) {
    /** @type {Record<string, unknown>} */
    const members = {};
    for (const name of Object.keys(object)) {
      if (name === "_transfer" && object[name] === true) continue;
      if (offer && (name.startsWith("_") || name === "constructor") && name !== "_rtype") continue;
      putMember(members, name, this.#member(name, object[name], step(offer, name)));
    }
    return members;
  }

  /**
   * Tags that we do not know pass as they are, for the peers that do.
   * @param {Record<string, unknown>} object
   */
  #tagged(object) {
    const { _transfer, ...passed } = object;
    const value = passed._rvalue;
    if (ArrayBuffer.isView(value)) passed._rvalue = this.#compact(value);
    // Shared memory cannot cross to another origin.
    else if (isShared(value)) passed._rvalue = this.#ownBytes(new Uint8Array(/** @type {SharedArrayBuffer} */ (value)));
    else if (tagOf(value) === "ArrayBuffer") passed._rvalue = this.#buffer(/** @type {ArrayBuffer} */ (value));
    return passed;
  }

  /** @param {object} object a class instance, or a plain object that is to be an interface of its own */
  #interface(object) {
    const wanted = hasRemoteId(object) ? undefined : /** @type {any} */ (object)._rintf;
    const objectId = this.#context.addObject(object, typeof wanted === "string" ? wanted : undefined);
    const offer = { objectId, path: "" };
    if (Array.isArray(object)) return this.#list(object, offer);
    const members = this.#members(/** @type {any} */ (object), offer);
    for (const name of methodNames(object)) {
      if (!Object.hasOwn(members, name)) {
        putMember(members, name, this.#member(name, /** @type {any} */ (object)[name], step(offer, name)));
      }
    }
    putMember(members, "_rintf", objectId);
    return members;
  }

  /** @param {ArrayBufferView} view */
  #view(view) {
    const bytes = this.#buffer(this.#ownBytes(view));
    if (tagOf(view) === "DataView") return { _rtype: "memoryview", _rvalue: bytes };
    const dtype = dtypeOf(view);
    if (!dtype) throw this.#refusal(`is a ${tagOf(view)}, a kind of array that cannot be sent`);
    const encoded = { _rtype: "typedarray", _rvalue: bytes, _rdtype: dtype };
    return isClamped(view) ? { ...encoded, _rclamped: true } : encoded;
  }

  /**
   * The same kind of array over its own bytes only: a clone would carry the whole buffer behind it.
   * @param {ArrayBufferView} view
   */
  #compact(view) {
    const bytes = this.#buffer(this.#ownBytes(view));
    if (bytes === view.buffer) return view;
    return new /** @type {any} */ (view.constructor)(bytes);
  }

  /** @param {ArrayBufferView} view */
  #ownBytes(view) {
    const bytes = viewedBytes(view);
    // A copy made for the sending is nobody else's, so it need not be copied again.
    if (bytes !== view.buffer) this.#context.transfer.add(bytes);
    return bytes;
  }

  /** @param {ArrayBuffer} buffer */
  #buffer(buffer) {
    if (this.#handOver || /** @type {any} */ (buffer)._transfer) this.#context.transfer.add(buffer);
    return buffer;
  }

  /** @param {string} problem */
  #refusal(problem) {
    const [first, ...rest] = this.#path;
    const steps = rest.map((name) => (typeof name === "number" ? `[${name}]` : `.${name}`)).join("");
    const where =
      first === undefined ? "the value" : `${typeof first === "number" ? `value ${first + 1}` : first}${steps}`;
    return new EncodeError(`${where} ${problem}`);
  }
}

/** @param {Offer | null} offer @param {string} name @returns {Offer | null} */
function step(offer, name) {
  if (!offer) return null;
  // A dot in a name would be read as two steps, so such a member is sent as a function of its own.
  if (name.includes(".") || name === "") return { ...offer, path: `${offer.path}..` };
  return { ...offer, path: offer.path ? `${offer.path}.${name}` : name };
}

/**
 * The classic tag, and beside it what a reader of ours makes more of.
 * @param {Error} error
 */
export function encodeError(error) {
  /** @type {Record<string, unknown>} */
  const encoded = {
    _rtype: "error",
    _rvalue: String(error),
    // Our own classes say what they are by their code; their names mean nothing to a person.
    _rname: error instanceof ImJoyError ? "Error" : String(error.name),
    _rmessage: String(error.message),
    _rstack: error instanceof RemoteError ? error.remoteStack : String(error.stack ?? ""),
  };
  if (error instanceof RemoteError) {
    Object.assign(encoded, { _rname: error.remoteName, _rplugin: error.plugin, _rfunction: error.functionName });
  }
  // Whoever gets it learns what has ended, not who has passed it on.
  if (error instanceof ClosedError && error.plugin) {
    Object.assign(encoded, { _rplugin: error.plugin, _rfunction: error.functionName });
  }
  const { code, line } = /** @type {{ code?: unknown, line?: unknown }} */ (error);
  if (typeof code === "string") encoded._rcode = code;
  if (typeof line === "number") encoded._rline = line;
  return encoded;
}
