/**
 * The calls that one side makes of the other: every one is settled, by an answer or by the end of the session, and
 * every failure names the other side and the function. Owns the contexts through which values are encoded and decoded.
 */

/** @import { DecodeContext, EncodeContext, Message, RemoteFunction } from "../types.js" */
/** @import { Call, ObjectStore } from "./store.js" */
import { ClosedError, DecodeError, EncodeError, wordsOf } from "../core/errors.js";
import { decode, encode, encodeInterface } from "./codec.js";
import { isPlainObject } from "./objects.js";
import { toRemoteError } from "./remote_error.js";

/** Arguments of these live on: they are offered as an interface instead of as callbacks. */
const LONG_LIVED = new Set(["register", "registerService", "register_service", "export", "on"]);

/**
 * @typedef {object} CallerOptions
 * @property {string} name of the other side
 * @property {string | undefined} id our own address
 * @property {boolean} escape
 * @property {ObjectStore} store
 * @property {(message: Message, transfer: Iterable<Transferable>) => void} post
 */

export class Caller {
  #name;
  #id;
  #escape;
  #store;
  #post;
  /** Why nothing can be called any more. */
  #ended = "";
  /** @type {WeakMap<object, string>} */
  #remoteIds = new WeakMap();

  /** @param {CallerOptions} options */
  constructor({ name, id, escape, store, post }) {
    this.#name = name;
    this.#id = id;
    this.#escape = escape;
    this.#store = store;
    this.#post = post;
  }

  /** Reject every call that waits, and every later one. @param {string} reason */
  end(reason) {
    this.#ended = reason;
    for (const call of this.#store.takeAllCalls()) call.abandon(this.closedError(call.label));
  }

  /** @param {string} label a function's name, or words for what is waited for */
  closedError(label) {
    const what = label.includes(" ") ? label : `${label}()`;
    const about = { plugin: this.#name, functionName: label };
    return new ClosedError(`${this.#name}: ${what} gets no answer: ${this.#ended}`, about);
  }

  /** @param {object} object @returns {string | undefined} the id under which the other side keeps it */
  remoteIdOf(object) {
    return this.#remoteIds.get(object);
  }

  /** @param {unknown} encoded */
  decode(encoded) {
    return decode(encoded, this.#decodeContext);
  }

  /**
   * @param {unknown} value
   * @param {{ asInterface?: boolean }} [options]
   * @returns {{ encoded: unknown, transfer: Set<Transferable> }}
   */
  encode(value, { asInterface = false } = {}) {
    const context = this.#encodeContext();
    const encoded = asInterface ? encodeInterface(/** @type {object} */ (value), context) : encode(value, context);
    return { encoded, transfer: context.transfer };
  }

  /** @returns {EncodeContext} */
  #encodeContext() {
    const store = this.#store;
    return {
      escape: this.#escape,
      ...(this.#id === undefined ? {} : { targetId: this.#id }),
      transfer: new Set(),
      addCallback: (fn) => store.addCallback(fn),
      offeredAs: (fn) => store.offeredAs(fn),
      addObject: (object, wantedId) => store.addObject(object, wantedId),
      offer: (objectId, path, fn) => store.offer(objectId, path, fn),
    };
  }

  /** @type {DecodeContext} */
  #decodeContext = {
    callback: (id, name, target) => this.#remoteFunction(name, { type: "callback", ...targeted(target), id }),
    method: (objectId, path, target) =>
      this.#remoteFunction(path, { type: "method", ...targeted(target), object_id: objectId, name: path }),
    noteObject: (object, objectId) => void this.#remoteIds.set(object, objectId),
  };

  /** @param {string} label @param {Message} address @returns {RemoteFunction} */
  #remoteFunction(label, address) {
    const fn = (/** @type {unknown[]} */ ...args) => this.#call(label, address, args);
    return Object.defineProperty(fn, "name", { value: label.split(".").pop(), configurable: true });
  }

  /** @param {string} label @param {Message} address @param {unknown[]} args @returns {Promise<unknown>} */
  #call(label, address, args) {
    if (this.#ended) return Promise.reject(this.closedError(label));
    return new Promise((resolve, reject) => {
      const [resolveId, rejectId] = this.#store.addCall(this.#waiting(label, resolve, reject));
      try {
        const { list, keywords } = splitKeywords(args);
        const asInterface = address.type === "method" && LONG_LIVED.has(label);
        const { encoded, transfer } = this.encode(list, { asInterface });
        const promise = [this.#half("resolve", resolveId), this.#half("reject", rejectId)];
        this.#post({ ...address, args: encoded, promise, ...(keywords ? { with_kwargs: true } : {}) }, transfer);
      } catch (error) {
        this.#store.takeCall(resolveId);
        reject(new EncodeError(`${this.#name}: ${label}() was not called: ${wordsOf(error)}`, error));
      }
    });
  }

  /**
   * @param {string} label @param {(value: unknown) => void} resolve @param {(error: Error) => void} reject
   * @returns {Call}
   */
  #waiting(label, resolve, reject) {
    const about = { plugin: this.#name, functionName: label };
    /** @param {(decoded: unknown) => void} settle */
    const reading = (settle) => (/** @type {unknown} */ encoded) => {
      try {
        settle(this.decode(encoded));
      } catch (error) {
        reject(new DecodeError(`${this.#name}: the answer of ${label}() cannot be read: ${wordsOf(error)}`, error));
      }
    };
    return {
      label,
      resolve: reading(resolve),
      reject: reading((thrown) => reject(toRemoteError(thrown, about))),
      abandon: reject,
    };
  }

  /** @param {string} name @param {number} id */
  #half(name, id) {
    return {
      _rtype: "callback",
      ...(this.#id === undefined ? {} : { _rtarget_id: this.#id }),
      _rname: name,
      _rvalue: id,
    };
  }
}

/** @param {string | undefined} target */
function targeted(target) {
  return target === undefined ? {} : { target_id: target };
}

/**
 * A last argument that is marked as keyword arguments says so beside the arguments instead.
 * @param {unknown[]} args
 */
function splitKeywords(args) {
  const last = /** @type {any} */ (args.at(-1));
  if (typeof last !== "object" || last === null || !isPlainObject(last) || !last._rkwargs) {
    return { list: args, keywords: false };
  }
  const { _rkwargs, ...keywords } = last;
  return { list: [...args.slice(0, -1), keywords], keywords: true };
}
