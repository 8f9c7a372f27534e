/**
 * What one side keeps for the other to call: callbacks, halves of promises, and offered objects with the paths of their
 * functions. Only what was offered can be reached: a path is never walked beyond what the encoding has shown.
 */

/** @import { CallbackId } from "../types.js" */
import { NoSuchObjectError } from "../core/errors.js";
import { randomId } from "./ids.js";

/** @typedef {{ object: object, paths: Set<string> }} Kept */

/**
 * @typedef {object} Call one that waits for its answer
 * @property {string} label the function, as errors are to name it
 * @property {(encoded: unknown) => void} resolve
 * @property {(encoded: unknown) => void} reject
 * @property {(error: Error) => void} abandon rejects without an answer having come
 */

export class ObjectStore {
  #makeId;
  #nextId = 0;
  /** @type {Map<CallbackId, Function>} */
  #callbacks = new Map();
  /** @type {Map<Function, number>} */
  #callbackIds = new Map();
  /** @type {Map<CallbackId, { call: Call, settle: "resolve" | "reject", other: number }>} */
  #halves = new Map();
  /** @type {Map<string, Kept>} */
  #objects = new Map();
  /** @type {WeakMap<object, string>} */
  #objectIds = new WeakMap();
  /** @type {WeakMap<Function, { objectId: string, path: string }>} */
  #offered = new WeakMap();

  /** @param {() => string} [makeId] */
  constructor(makeId = randomId) {
    this.#makeId = makeId;
  }

  /**
   * Callbacks are kept for the whole session: plugins call them more than once, and the same function has one id.
   * @param {Function} fn
   * @returns {number}
   */
  addCallback(fn) {
    const known = this.#callbackIds.get(fn);
    if (known !== undefined) return known;
    const id = this.#nextId++;
    this.#callbacks.set(id, fn);
    this.#callbackIds.set(fn, id);
    return id;
  }

  /** @param {CallbackId} id */
  callback(id) {
    return this.#callbacks.get(id);
  }

  /**
   * @param {Call} call
   * @returns {[number, number]} the ids of its two halves
   */
  addCall(call) {
    const [resolve, reject] = [this.#nextId++, this.#nextId++];
    this.#halves.set(resolve, { call, settle: "resolve", other: reject });
    this.#halves.set(reject, { call, settle: "reject", other: resolve });
    return [resolve, reject];
  }

  /**
   * The call that a half belongs to; both halves are forgotten, since a promise settles once.
   * @param {CallbackId} id
   */
  takeCall(id) {
    const half = this.#halves.get(id);
    if (!half) return undefined;
    this.#halves.delete(id);
    this.#halves.delete(half.other);
    return { call: half.call, settle: half.settle };
  }

  /** How many calls wait. */
  get callCount() {
    return this.#halves.size / 2;
  }

  /** Every call that waits, forgotten here. */
  takeAllCalls() {
    const calls = new Set([...this.#halves.values()].map((half) => half.call));
    this.#halves.clear();
    return calls;
  }

  /**
   * @param {object} object
   * @param {string} [wantedId] used unless another object has it
   */
  addObject(object, wantedId) {
    const known = this.#objectIds.get(object);
    if (known !== undefined && this.#objects.has(known)) return known;
    const objectId = wantedId && !this.#objects.has(wantedId) ? wantedId : this.#makeId();
    this.#objects.set(objectId, { object, paths: new Set() });
    this.#objectIds.set(object, objectId);
    return objectId;
  }

  /** @param {string} objectId @param {string} path @param {Function} fn */
  offer(objectId, path, fn) {
    this.#objects.get(objectId)?.paths.add(path);
    this.#offered.set(fn, { objectId, path });
  }

  /** @param {Function} fn */
  offeredAs(fn) {
    const reference = this.#offered.get(fn);
    return reference && this.#objects.has(reference.objectId) ? reference : undefined;
  }

  /**
   * The function at a path as it is now, and what it is a method of.
   * @param {string} objectId @param {string} path
   * @returns {{ fn: Function, self: unknown }}
   * @throws {NoSuchObjectError}
   */
  resolve(objectId, path) {
    const kept = this.#objects.get(objectId);
    if (!kept) throw new NoSuchObjectError(`${path}() belongs to an object that is not kept here any more`);
    if (!kept.paths.has(path)) throw new NoSuchObjectError(`there is no function ${path}()`);
    let self = /** @type {any} */ (undefined);
    let at = /** @type {any} */ (kept.object);
    for (const name of path.split(".")) {
      self = at;
      at = at?.[name];
    }
    if (typeof at !== "function") throw new NoSuchObjectError(`${path} is not a function any more`);
    return { fn: at, self };
  }

  /**
   * @param {string} objectId
   * @throws {NoSuchObjectError}
   */
  dispose(objectId) {
    if (!this.#objects.delete(objectId)) throw new NoSuchObjectError("there is no such object to forget");
  }

  /** Forget everything. */
  clear() {
    this.#callbacks.clear();
    this.#callbackIds.clear();
    this.#objects.clear();
  }
}
