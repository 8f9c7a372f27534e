/**
 * Starts Python plugins in the engine and hands out a session for each, as sandbox/host.js does for JavaScript ones.
 *
 * A worker of the engine is reached by its address, which every message to and from it bears. What is too large for one
 * message travels in pieces, with credit from one end to the other. When the connection is lost, all sessions end.
 */

/** @import { CodeItem, HostEvents, Message, StartOptions } from "../types.js" */
/** @import { EngineClient } from "./client.js" */
import { PluginStartError, wordsOf } from "../core/errors.js";
import { Emitter } from "../core/events.js";
import { encodeFrame } from "../rpc/wire.js";
import { EngineSession } from "./session.js";

/** Until a start that still goes on is called slow, in milliseconds. */
const SLOW = 180_000;
const LOST = "the connection to the engine was lost";

/** @typedef {HostEvents & { progress: { id: string, name: string, text: string } }} EngineHostEvents */

export class EnginePluginHost {
  #client;
  #workspace;
  /** @type {Emitter<EngineHostEvents>} */
  #events = new Emitter();
  #count = 0;
  /** By the number under which the engine knows the start. @type {Map<number, Start>} */
  #starts = new Map();
  /** By the address of the worker. @type {Map<string, EngineSession>} */
  #sessions = new Map();

  /**
   * @param {object} parts
   * @param {EngineClient} parts.client
   * @param {string} parts.workspace
   */
  constructor({ client, workspace }) {
    this.#client = client;
    this.#workspace = workspace;
    client.on("message", (message) => this.#receive(message));
    client.on("changed", ({ name }) => {
      if (name !== "connected") this.#lose();
    });
  }

  /** The sessions that run, or are being started, by the address of their worker. */
  get sessions() {
    return /** @type {ReadonlyMap<string, EngineSession>} */ (this.#sessions);
  }

  /**
   * Listens to all sessions, from the first moment of their start on.
   * @template {keyof EngineHostEvents} Name
   * @param {Name} name
   * @param {(detail: EngineHostEvents[Name]) => void} listener
   */
  on(name, listener) {
    return this.#events.on(name, listener);
  }

  /**
   * Starts a plugin: its environment, its process, its scripts, until it has exported its interface. `setup` is not
   * called. There is no limit in time for the code itself; a start of three minutes is noted in the log.
   * @param {StartOptions} options
   * @returns {Promise<EngineSession>}
   * @throws {PluginStartError} that names the plugin, the step and the cause; nothing is left running then
   */
  async start(options) {
    const { id, name, signal } = options;
    if (this.#client.state.name !== "connected") {
      throw new PluginStartError(name, "engine", "this page is not connected to the Python engine");
    }
    if (signal?.aborted) throw new PluginStartError(name, "start", "its start was given up");
    const number = (this.#count += 1);
    const start = new Start(options);
    this.#starts.set(number, start);
    const giveUp = () => {
      this.#send({ type: "stop", id: number });
      // Too late for that: its scripts have run.
      if (start.isStarted) void start.session?.stop("its start was given up");
    };
    signal?.addEventListener("abort", giveUp);
    const slow = setTimeout(() => this.#noteSlow(id, name), SLOW);
    try {
      this.#send({ type: "start", id: number, plugin: pluginOf(options, this.#workspace) });
      return await start.done;
    } finally {
      clearTimeout(slow);
      signal?.removeEventListener("abort", giveUp);
      this.#starts.delete(number);
    }
  }

  /** @param {string} id @param {string} name */
  #noteSlow(id, name) {
    const message = `still starting after ${SLOW / 60_000} minutes`;
    this.#events.emit("log", { id, name, level: "warning", message });
  }

  /** @param {Message} message */
  #receive(message) {
    const { type, id, from, peer } = message;
    if (typeof from === "string") this.#sessions.get(from)?.receive(message);
    else if (type === "ended") this.#sessions.get(String(peer))?.end(String(message.reason));
    else if (type === "progress" || type === "started" || type === "failed") {
      const start = this.#starts.get(Number(id));
      if (start) this.#go(start, message);
      // Nobody waits for it any more.
      else if (type === "started") this.#send({ type: "stop", peer });
    }
  }

  /**
   * One step of a start.
   * @param {Start} start
   * @param {Message} message
   */
  #go(start, message) {
    const { id, name, api } = start.options;
    if (message.type === "failed") return start.fail(/** @type {EngineFailure} */ (message.error));
    if (message.type === "started") return void start.finish();
    if (typeof message.peer === "string") {
      start.session = this.#open(message.peer, { id, name });
      start.session.offer(api);
    }
    this.#events.emit("progress", { id, name, text: String(message.text ?? "") });
  }

  /**
   * @param {string} peer
   * @param {{ id: string, name: string }} plugin
   */
  #open(peer, { id, name }) {
    const session = new EngineSession({
      id,
      name,
      peer,
      sendFrame: (frame) => this.#client.sendFrame(frame),
      sendMessage: (message) => this.#send(message),
    });
    this.#sessions.set(peer, session);
    session.on("log", (entry) => this.#events.emit("log", { id, name, ...entry }));
    session.on("error", (error) => this.#events.emit("error", { id, name, error }));
    session.on("closed", ({ reason }) => {
      this.#sessions.delete(peer);
      this.#events.emit("closed", { id, name, reason });
    });
    return session;
  }

  #lose() {
    for (const start of this.#starts.values()) start.fail({ message: `${start.options.name}: ${LOST}` });
    for (const session of [...this.#sessions.values()]) session.end(LOST);
  }

  /** @param {Message} message */
  #send(message) {
    this.#client.sendFrame(encodeFrame(message));
  }
}

/** @typedef {{ message: string, hint?: string, detail?: string }} EngineFailure */

/** One start, until it has succeeded or failed. */
class Start {
  /** @type {EngineSession | null} */
  session = null;
  isStarted = false;
  /** @type {(session: EngineSession) => void} */
  #resolve = () => undefined;
  /** @type {(error: Error) => void} */
  #reject = () => undefined;

  /** @type {Promise<EngineSession>} */
  done = new Promise((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  /** @param {StartOptions} options */
  constructor(options) {
    this.options = options;
  }

  /** The scripts have run; what is lacking is the interface that they have exported. */
  async finish() {
    this.isStarted = true;
    const session = /** @type {EngineSession} */ (this.session);
    try {
      await session.fetchInterface();
      this.#resolve(session);
    } catch (error) {
      const { name } = this.options;
      const reason = session.ended ? (await session.closed).reason : wordsOf(error);
      this.#reject(new PluginStartError(name, "export", `it could not be started: ${reason}`, { cause: error }));
      await session.close("its interface could not be read");
    }
  }

  /** @param {EngineFailure} failure */
  fail({ message, hint = "", detail = "" }) {
    const { name } = this.options;
    const words = `${message} ${hint}`.trim();
    const problem = words.startsWith(`${name}: `) ? words.slice(name.length + 2) : words;
    this.#reject(new PluginStartError(name, "engine", problem, { remoteStack: detail }));
    this.session?.end("it could not be started");
  }
}

/**
 * The plugin as the engine gets it.
 * @param {StartOptions} options
 * @param {string} workspace
 */
function pluginOf({ id, name, config, code }, workspace) {
  const requirements = code.flatMap((item) => (item.type === "requirements" ? (item.requirements ?? []) : []));
  const scripts = code.filter(({ type }) => type === "script").map(scriptOf);
  return { name, id, tag: config.tag ?? null, workspace, config, scripts, requirements };
}

/** @param {CodeItem} item */
function scriptOf({ content = "", lang, src, attrs = {}, line = 1 }) {
  return { content, attrs, line, ...(lang === undefined ? {} : { lang }), ...(src === undefined ? {} : { src }) };
}
