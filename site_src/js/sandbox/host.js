/**
 * Starts plugins in sandboxed frames on the other port of the server, and hands out a session for each. The plugin gets
 * a private port in the frame's first message; nothing that a frame sends to the app's window is ever listened to.
 */

/** @import { CodeItem, HostEvents, StartOptions } from "../types.js" */
/** @import { Place } from "./policy.js" */
import { within } from "../core/deadline.js";
import { PluginStartError, RemoteError, wordsOf } from "../core/errors.js";
import { Emitter } from "../core/events.js";
import { SERVER_GONE, serverAnswers } from "../core/server.js";
import { Peer } from "../rpc/peer.js";
import { connectPort, portSender } from "../rpc/ports.js";
import { CODE_KINDS, FRAME_ATTRIBUTES, PATIENCE, placeOf } from "./policy.js";
import { SandboxSession } from "./session.js";

export { SandboxSession } from "./session.js";

export class SandboxHost {
  #origin;
  #container;
  /** @type {HTMLElement | undefined} */
  #hidden;
  /** @type {Emitter<HostEvents>} */
  #events = new Emitter();
  /** @type {Map<string, SandboxSession>} */
  #sessions = new Map();

  /**
   * @param {object} options
   * @param {string} options.sandboxOrigin of the server's sandbox port
   * @param {HTMLElement} [options.container] for the frames of plugins that are not seen; the page's body otherwise
   */
  constructor({ sandboxOrigin, container }) {
    this.#origin = new URL(sandboxOrigin).origin;
    this.#container = container;
  }

  /** The running sessions, by id. @returns {ReadonlyMap<string, SandboxSession>} */
  get sessions() {
    return this.#sessions;
  }

  /**
   * Listens to all sessions, from the first moment of their start on.
   * @template {keyof HostEvents} Name
   * @param {Name} name
   * @param {(detail: HostEvents[Name]) => void} listener
   */
  on(name, listener) {
    return this.#events.on(name, listener);
  }

  /**
   * Starts a plugin: its frame, its code in the given order, and waits until it has exported its interface. `setup` is
   * not called. There is no limit in time for the code itself; a start of three minutes is noted in the log.
   * @param {StartOptions} options
   * @returns {Promise<SandboxSession>}
   * @throws {PluginStartError} that names the plugin, the step, and the cause; nothing is left running then
   */
  async start(options) {
    const { id, name, type, signal } = options;
    const place = placeOf(type);
    if (!place) throw new PluginStartError(name, "type", `plugins of the type "${type}" do not run in the browser`);
    if (this.#sessions.has(id)) throw new PluginStartError(name, "id", `a session with the id "${id}" runs already`);
    if (signal?.aborted) throw givenUp(name);
    const launch = new Launch(options, place, this.#origin, options.container ?? this.#holder());
    this.#watch(launch.session);
    const giveUp = () => launch.session.close("its start was given up");
    signal?.addEventListener("abort", giveUp);
    try {
      await launch.run();
      return launch.session;
    } catch (error) {
      const failure = signal?.aborted ? givenUp(name) : error;
      await launch.session.close(wordsOf(failure));
      throw failure;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** @param {SandboxSession} session */
  #watch(session) {
    const { id, name } = session;
    this.#sessions.set(id, session);
    session.watch("log", (entry) => this.#events.emit("log", { id, name, ...entry }));
    session.watch("error", (error) => this.#events.emit("error", { id, name, error }));
    session.watch("closed", ({ reason }) => {
      this.#sessions.delete(id);
      this.#events.emit("closed", { id, name, reason });
    });
  }

  /** Where unseen frames are: not displayed at all they would get no animation frames. */
  #holder() {
    if (!this.#hidden) {
      this.#hidden = document.createElement("div");
      this.#hidden.dataset.sandbox = "hidden";
      this.#hidden.inert = true;
      this.#hidden.ariaHidden = "true";
      this.#hidden.style.cssText =
        "position:fixed;left:0;bottom:0;width:1px;height:1px;overflow:hidden;opacity:0;pointer-events:none";
      (this.#container ?? document.body).append(this.#hidden);
    }
    return this.#hidden;
  }
}

/** @param {string} name */
function givenUp(name) {
  return new PluginStartError(name, "start", "its start was given up");
}

/** One start, from the frame to the exported interface. */
class Launch {
  #options;
  #place;
  #peer;
  #holder;
  /** @type {MessagePort[]} */
  #farPorts = [];
  #loads = 0;

  /**
   * @param {StartOptions} options
   * @param {Place} place
   * @param {string} origin
   * @param {HTMLElement} container
   */
  constructor(options, place, origin, container) {
    const { id, name } = options;
    this.#options = options;
    this.#place = place;
    this.#holder = this.#openPeer();
    this.#peer = place === "worker" ? this.#openPeer() : this.#holder;
    const iframe = makeFrame(name, origin);
    this.session = new SandboxSession({ id, name, iframe, peer: this.#peer, holder: this.#holder });
    if (place === "page") this.#listenToKeys(iframe);
    iframe.addEventListener("load", () => this.#loaded(iframe));
    container.append(iframe);
  }

  #openPeer() {
    const { port1, port2 } = new MessageChannel();
    const peer = new Peer({ name: this.#options.name, send: portSender(port1) });
    connectPort(port1, peer);
    this.#farPorts.push(port2);
    return peer;
  }

  /**
   * Keys by which a person leaves the frame become an event of the frame's element, for whoever has put it somewhere.
   * @param {HTMLIFrameElement} iframe
   */
  #listenToKeys(iframe) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      const detail = { ctrl: data?.ctrl === true, shift: data?.shift === true };
      iframe.dispatchEvent(new CustomEvent("leaveframe", { bubbles: true, detail }));
    };
    void this.session.closed.then(() => port1.close());
    this.#farPorts.push(port2);
  }

  /** @param {HTMLIFrameElement} iframe */
  #loaded(iframe) {
    this.#loads += 1;
    if (this.#loads > 1) {
      this.session.fail("its page was replaced by another one, which is not trusted with its session");
      return;
    }
    const { name, config } = this.#options;
    const message = { type: "imjoy-connect", mode: this.#place, name, config };
    // The frame's origin is opaque, so that no target origin could be named; this window is the one we made.
    iframe.contentWindow?.postMessage(message, "*", this.#farPorts);
  }

  async run() {
    const slow = setTimeout(() => this.#noteSlow(), PATIENCE.slow);
    try {
      await this.#orEnded(this.#connect());
      for (const item of this.#options.code) await this.#orEnded(this.#runCode(item));
      this.session.api = await this.#orEnded(this.#exported());
    } finally {
      clearTimeout(slow);
    }
  }

  /** @template Result @param {Promise<Result>} step */
  #orEnded(step) {
    const ended = this.session.closed.then(({ reason }) => {
      throw new PluginStartError(this.#options.name, "start", `it could not be started: ${reason}`);
    });
    return Promise.race([step, ended]);
  }

  async #connect() {
    const { name, api } = this.#options;
    const there = new Promise((resolve) => this.#peer.on("initialized", resolve));
    const late = () =>
      new PluginStartError(name, "frame", `its sandbox did not answer within ${PATIENCE.frame / 1000} seconds`);
    await within(Promise.race([this.#orEnded(there), this.#serverGone(there)]), PATIENCE.frame, late);
    await this.#step("api", () => within(this.#peer.setInterface(api), PATIENCE.frame, late));
  }

  /**
   * Rejects where the frame is late and its server does not answer any more: a frame that could not be loaded says
   * nothing itself.
   * @param {Promise<unknown>} there
   * @returns {Promise<never>}
   */
  #serverGone(there) {
    return new Promise((_, reject) => {
      const doubt = setTimeout(async () => {
        if (!(await serverAnswers())) reject(new PluginStartError(this.#options.name, "frame", SERVER_GONE));
      }, PATIENCE.doubt);
      void there.then(() => clearTimeout(doubt));
    });
  }

  /** @param {CodeItem} item */
  async #runCode(item) {
    const { name, type } = this.#options;
    if (!CODE_KINDS[this.#place].includes(item.type)) {
      throw new PluginStartError(
        name,
        item.type,
        `a plugin of the type "${type}" cannot have code of the type "${item.type}"`,
      );
    }
    await this.#step(item.type, () => this.#peer.execute(item));
  }

  async #exported() {
    const { code, config, name } = this.#options;
    if (config.passive === true || !code.some(({ type }) => type === "script")) return {};
    const late = () =>
      new PluginStartError(
        name,
        "export",
        `its scripts have run, but api.export(...) was not called within ${PATIENCE.exporting / 1000} seconds. ` +
          "A plugin has to hand its functions over with api.export({ setup() {}, run(ctx) {} })",
      );
    return this.#step("export", () => within(this.#peer.getInterface(), PATIENCE.exporting, late));
  }

  /** @template Result @param {string} step @param {() => Promise<Result>} work */
  async #step(step, work) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PluginStartError) throw error;
      if (!(error instanceof RemoteError))
        throw new PluginStartError(this.#options.name, step, wordsOf(error), { cause: error });
      const { remoteMessage, remoteStack, line } = error;
      throw new PluginStartError(this.#options.name, step, remoteMessage, {
        cause: error,
        remoteStack,
        ...(line === undefined ? {} : { line }),
      });
    }
  }

  #noteSlow() {
    const message = `still starting after ${PATIENCE.slow / 60_000} minutes`;
    this.session.note({ level: "warning", message });
  }
}

/** @param {string} name @param {string} origin */
function makeFrame(name, origin) {
  const iframe = document.createElement("iframe");
  iframe.setAttribute("sandbox", FRAME_ATTRIBUTES.sandbox);
  iframe.setAttribute("allow", FRAME_ATTRIBUTES.allow);
  iframe.title = name;
  iframe.style.cssText = "border:0;width:100%;height:100%;display:block";
  iframe.src = `${origin}/sandbox/frame.html`;
  return iframe;
}
