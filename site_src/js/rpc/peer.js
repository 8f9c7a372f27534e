/**
 * One side of a classic imjoy-rpc session, without any input or output of its own: messages are handed to `receive`,
 * and leave through the `send` it was given. Both sides are the same class. The table in transitions.js says what every
 * message does; values go through caller.js and codec.js; what the other side may call is kept in store.js.
 */

/** @import { CallbackId, CodeItem, LogEntry, Message, PeerEvents, PeerOptions, RemoteObject } from "../types.js" */
/** @import { PeerAction, PeerState } from "./transitions.js" */
import { DecodeError, EncodeError, NoSuchObjectError, wordsOf } from "../core/errors.js";
import { Emitter } from "../core/events.js";
import { Caller } from "./caller.js";
import { encodeError } from "./codec.js";
import { protocol } from "./protocol.js";
import { toRemoteError } from "./remote_error.js";
import { ObjectStore } from "./store.js";
import { TRANSITIONS } from "./transitions.js";

/** @type {Readonly<Record<string, readonly string[]>>} */
const MEMBERS = protocol.peer_kinds;

/** @typedef {{ resolve: (value?: any) => void, reject: (error: Error) => void, label: string }} Waiter */
/** @typedef {readonly [CallbackId, CallbackId] | undefined} Answer the callbacks that take the result and the error */

export class Peer {
  #send;
  #name;
  #execute;
  #store;
  #caller;
  /** @type {Emitter<PeerEvents>} */
  #events = new Emitter();
  /** @type {PeerState} */
  #state = "waiting";
  /** @type {object | undefined} */
  #local;
  #asked = false;
  #announced = false;
  /** @type {RemoteObject | undefined} */
  #remote;
  /** @type {Waiter[]} */
  #interfaceWaiters = [];
  /** In the order of what they wait for, since these answers carry no id. @type {Record<string, Waiter[]>} */
  #confirmations = { interface: [], code: [], disposal: [] };
  /** @type {Record<PeerAction, (message: Message) => void>} */
  #actions = {
    noteInitialized: ({ config }) => this.#events.emit("initialized", /** @type {Record<string, unknown>} */ (config)),
    installInterface: (message) => this.#installInterface(message),
    announceInterface: () => this.#announceWhenThere(),
    confirmInterface: () => this.#confirm("interface", undefined),
    runCode: (message) => void this.#runCode(message),
    confirmCode: (message) => this.#confirm("code", message),
    callMethod: (message) => this.#callMethod(message),
    callCallback: (message) => this.#callCallback(message),
    forgetObject: (message) => this.#forgetObject(message),
    confirmForgotten: (message) => this.#confirm("disposal", message),
    end: () => this.#end("the other side has ended the session"),
    noteLog: (message) => this.#noteLog(message, "info"),
    noteError: (message) => this.#noteLog(message, "error"),
  };

  /** @param {PeerOptions} options */
  constructor({ send, name, escape = true, id, execute, makeId }) {
    this.#send = send;
    this.#name = name;
    this.#execute = execute;
    this.#store = new ObjectStore(makeId);
    const post = (/** @type {Message} */ message, /** @type {Iterable<Transferable>} */ transfer) =>
      this.#post(message, transfer);
    this.#caller = new Caller({ name, id, escape, store: this.#store, post });
  }

  /** The name of the other side. */
  get name() {
    return this.#name;
  }

  get state() {
    return this.#state;
  }

  /** How many calls wait for an answer of the other side. */
  get pendingCalls() {
    return this.#store.callCount;
  }

  /** The other side's interface, once it is known: one object that stays the same when the interface comes anew. */
  get remote() {
    return this.#remote;
  }

  /**
   * @template {keyof PeerEvents} Name
   * @param {Name} name
   * @param {(detail: PeerEvents[Name]) => void} listener
   */
  on(name, listener) {
    return this.#events.on(name, listener);
  }

  /**
   * Take one message of the other side. Never throws: what is wrong with it is answered, or told as `error`.
   * @param {unknown} data
   */
  receive(data) {
    if (typeof data !== "object" || data === null) return;
    const message = /** @type {Message} */ (data);
    const transition = TRANSITIONS[this.#state][String(message.type)];
    if (!transition || !Object.hasOwn(TRANSITIONS[this.#state], String(message.type))) return;
    const lacking = MEMBERS[message.type].find((member) => !(member in message));
    if (lacking) return this.#refuse(message, new DecodeError(`a ${message.type} message came without its ${lacking}`));
    const [action, next] = transition;
    try {
      this.#actions[action](message);
      if (this.#state !== "closed") this.#state = next;
    } catch (error) {
      this.#refuse(message, /** @type {Error} */ (error));
    }
  }

  /**
   * Offer an interface now; fulfilled when the other side has it.
   * @param {object} api
   * @returns {Promise<void>}
   */
  setInterface(api) {
    this.#local = api;
    return this.#announce();
  }

  /**
   * Offer an interface to a side that asks for it when it is ready: at once if it has asked, else when it asks.
   * @param {object} api
   */
  exportInterface(api) {
    if (typeof api !== "object" || api === null) throw new TypeError("an interface must be an object");
    this.#local = api;
    if (this.#asked || this.#announced) this.#announce().catch((error) => this.#events.emit("error", error));
  }

  /** @returns {Promise<RemoteObject>} the other side's interface, when it has one */
  getInterface() {
    if (this.#remote) return Promise.resolve(this.#remote);
    return this.#wait("getInterface", this.#interfaceWaiters, () => {
      if (this.#interfaceWaiters.length === 1) this.#post({ type: "getInterface" });
    });
  }

  /**
   * Have the other side run a code object; rejected with a RemoteError when that fails.
   * @param {CodeItem} code
   * @returns {Promise<void>}
   */
  execute(code) {
    return this.#wait(`the ${code.type} of the plugin`, this.#confirmations.code, () => {
      this.#post({ type: "execute", code });
    });
  }

  /**
   * Let the other side forget an object that it keeps for us.
   * @param {object} object one that came from there
   * @returns {Promise<void>}
   */
  disposeObject(object) {
    const objectId = this.#caller.remoteIdOf(object);
    if (!objectId)
      return Promise.reject(new NoSuchObjectError("only an object that came from the other side can be disposed"));
    return this.#wait("disposeObject", this.#confirmations.disposal, () => {
      this.#post({ type: "disposeObject", object_id: objectId });
    });
  }

  /**
   * A line for the other side's log.
   * @param {LogEntry} entry
   */
  log({ level, message, ...more }) {
    this.#postQuietly({ type: level === "info" ? "log" : "error", level, message, ...more });
  }

  /** @param {Record<string, unknown>} config */
  announceInitialized(config) {
    this.#postQuietly({ type: "initialized", config });
  }

  /** Tell the other side that this is the end, and end. @param {string} [reason] */
  disconnect(reason = "the session was ended") {
    this.#postQuietly({ type: "disconnect" });
    this.close(reason);
  }

  /**
   * End without a word to the other side: whatever still waits is rejected, by name, with the reason.
   * @param {string} reason
   */
  close(reason) {
    if (this.#state !== "closed") this.#end(reason);
  }

  /** @param {string} reason */
  #end(reason) {
    this.#state = "closed";
    this.#caller.end(reason);
    const waiters = [this.#interfaceWaiters, ...Object.values(this.#confirmations)].flatMap((list) => list.splice(0));
    for (const { reject, label } of waiters) reject(this.#caller.closedError(label));
    this.#store.clear();
    this.#events.emit("closed", { reason });
  }

  // --- interfaces -----------------------------------------------------------------------------------------------

  #announce() {
    return this.#wait("setInterface", this.#confirmations.interface, () => {
      const { encoded, transfer } = this.#caller.encode(this.#local, { asInterface: true });
      this.#announced = true;
      this.#post({ type: "setInterface", api: encoded }, transfer);
    });
  }

  #announceWhenThere() {
    this.#asked = true;
    if (this.#local) this.#announce().catch((error) => this.#events.emit("error", error));
  }

  /** @param {Message} message */
  #installInterface({ api }) {
    const decoded = this.#readInterface(api);
    if (this.#remote) refill(this.#remote, decoded);
    else this.#remote = decoded;
    this.#post({ type: "interfaceSetAsRemote" });
    for (const { resolve } of this.#interfaceWaiters.splice(0)) resolve(this.#remote);
    this.#events.emit("interface", this.#remote);
  }

  /** @param {unknown} api @returns {RemoteObject} */
  #readInterface(api) {
    try {
      const decoded = this.#caller.decode(api);
      if (typeof decoded === "object" && decoded !== null && !Array.isArray(decoded)) return decoded;
      throw new DecodeError("it is no object");
    } catch (error) {
      const failure = new DecodeError(`${this.#name}: its interface cannot be read: ${wordsOf(error)}`, error);
      for (const { reject } of this.#interfaceWaiters.splice(0)) reject(failure);
      throw failure;
    }
  }

  // --- code, disposal, log --------------------------------------------------------------------------------------

  /** @param {Message} message */
  async #runCode({ code }) {
    /** @type {Message} */
    const answer = { type: "executed" };
    try {
      if (!this.#execute) throw new EncodeError("this side runs no code for the other");
      await this.#execute(/** @type {CodeItem} */ (code));
    } catch (error) {
      answer.error = wordsOf(error);
      if (error instanceof Error) answer.detail = encodeError(error);
    }
    this.#postQuietly(answer);
  }

  /** @param {Message} message */
  #forgetObject({ object_id: objectId }) {
    /** @type {Message} */
    const answer = { type: "disposed" };
    try {
      this.#store.dispose(String(objectId));
    } catch (error) {
      answer.error = wordsOf(error);
    }
    this.#post(answer);
  }

  /** @param {string} what @param {Message | undefined} message */
  #confirm(what, message) {
    // An answer that nobody waits for is not ours: some peers acknowledge twice.
    const waiter = this.#confirmations[what].shift();
    if (!waiter) return;
    if (!message?.error) return waiter.resolve();
    const detail = message.detail ? this.#caller.decode(message.detail) : message.error;
    waiter.reject(toRemoteError(detail, { plugin: this.#name, functionName: waiter.label }));
  }

  /** @param {Message} message @param {LogEntry["level"]} fallback */
  #noteLog({ message, level, missing, fatal }, fallback) {
    const known = level === "info" || level === "warning" || level === "error" ? level : fallback;
    /** @type {LogEntry} */
    const entry = { level: known, message: typeof message === "string" ? message : (JSON.stringify(message) ?? "") };
    if (typeof missing === "string") entry.missing = missing;
    if (fatal === true) entry.fatal = true;
    this.#events.emit("log", entry);
  }

  // --- calls that come ------------------------------------------------------------------------------------------

  /** @param {Message} message */
  #callMethod(message) {
    const { object_id: objectId, name } = message;
    const answer = readAnswer(message);
    if (isCloseListener(message) && !this.#offers(String(objectId), "on")) return this.#reply(answer, 0, undefined);
    const { fn, self } = this.#store.resolve(String(objectId), String(name));
    void this.#run(answer, fn, self, this.#readArguments(message));
  }

  /** @param {Message} message */
  #callCallback(message) {
    const id = /** @type {CallbackId} */ (message.id);
    const waiting = this.#store.takeCall(id);
    if (waiting) return waiting.call[waiting.settle](/** @type {unknown[]} */ (message.args)?.[0]);
    const fn = this.#store.callback(id);
    if (!fn) throw new NoSuchObjectError("a function was called that is not kept here any more");
    void this.#run(readAnswer(message), fn, undefined, this.#readArguments(message));
  }

  /** @param {string} objectId @param {string} path */
  #offers(objectId, path) {
    try {
      return Boolean(this.#store.resolve(objectId, path));
    } catch {
      return false;
    }
  }

  /** @param {Message} message */
  #readArguments({ args }) {
    const list = this.#caller.decode(args);
    if (!Array.isArray(list)) throw new DecodeError("the arguments of a call are no list");
    return list;
  }

  /** @param {Answer} answer @param {Function} fn @param {unknown} self @param {unknown[]} args */
  async #run(answer, fn, self, args) {
    try {
      this.#reply(answer, 0, await fn.apply(self, args));
    } catch (error) {
      if (answer) this.#reply(answer, 1, error);
      else this.#events.emit("error", asError(error));
    }
  }

  /** @param {Answer} answer @param {0 | 1} half @param {unknown} value */
  #reply(answer, half, value) {
    if (!answer || this.#state === "closed") return;
    try {
      const { encoded, transfer } = this.#caller.encode(value);
      this.#post({ type: "callback", id: answer[half], args: [encoded] }, transfer);
    } catch (error) {
      const failure = new EncodeError(`the ${half ? "error" : "result"} cannot be sent: ${wordsOf(error)}`, error);
      this.#postQuietly({ type: "callback", id: answer[1], args: [encodeError(failure)] });
    }
  }

  /**
   * What cannot be done is the answer, or, where nobody waits for one, told here.
   * @param {Message} message @param {Error} error
   */
  #refuse(message, error) {
    const answer = readAnswer(message);
    if (answer) this.#reply(answer, 1, error);
    else this.#events.emit("error", error);
  }

  // --- sending --------------------------------------------------------------------------------------------------

  /**
   * @param {string} label @param {Waiter[]} list @param {() => void} start
   * @returns {Promise<any>}
   */
  #wait(label, list, start) {
    if (this.#state === "closed") return Promise.reject(this.#caller.closedError(label));
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject, label };
      list.push(waiter);
      try {
        start();
      } catch (error) {
        list.splice(list.indexOf(waiter), 1);
        reject(new EncodeError(`${this.#name}: ${label} was not sent: ${wordsOf(error)}`, error));
      }
    });
  }

  /** @param {Message} message @param {Iterable<Transferable>} [transfer] */
  #post(message, transfer = []) {
    if (this.#state !== "closed") this.#send(message, [...transfer]);
  }

  /** @param {Message} message */
  #postQuietly(message) {
    try {
      this.#post(message);
    } catch (error) {
      this.#events.emit("error", asError(error));
    }
  }
}

/** @param {Message} message @returns {Answer} */
function readAnswer({ promise }) {
  if (!Array.isArray(promise) || promise.length !== 2) return undefined;
  const ids = promise.map((half) => half?._rvalue);
  const known = ids.every((id) => typeof id === "number" || typeof id === "string");
  return known ? /** @type {[CallbackId, CallbackId]} */ (ids) : undefined;
}

/** Peers ask every interface to be told of its end, also those that have no `on`. @param {Message} message */
function isCloseListener({ name, args }) {
  return name === "on" && Array.isArray(args) && args[0] === "close";
}

/** The same object with the members of another. @param {object} target @param {object} source */
function refill(target, source) {
  for (const name of Reflect.ownKeys(target)) Reflect.deleteProperty(target, name);
  Object.defineProperties(target, Object.getOwnPropertyDescriptors(source));
}

/** @param {unknown} thrown @returns {Error} */
function asError(thrown) {
  return thrown instanceof Error ? thrown : new Error(wordsOf(thrown), { cause: thrown });
}
