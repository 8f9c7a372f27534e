/**
 * Starts a plugin, in its sandbox or in the engine, and sees it through until `setup` is done.
 *
 * The code for either is fetched with the first plugin that is started there, so that the app is usable before. Called by
 * manager.js for plugins that run once and by window_plugins.js for each window.
 */

import { ImJoyError, PluginStartError, wordsOf } from "../core/errors.js";
import { SERVER_GONE, serverAnswers } from "../core/server.js";
import { codeOf, sandboxConfig } from "./reading.js";
import { needsEngine } from "./words.js";

/** @import {RemoteFunction} from "../types.js" */
/** @import {Plugin} from "./plugin.js" */
/** @import {EnginePluginHost} from "../engine/plugins.js" */
/** @import {EngineSession} from "../engine/session.js" */
/** @import {SandboxHost, SandboxSession} from "../sandbox/host.js" */

/** What runs, wherever it does. @typedef {SandboxSession | EngineSession} PluginSession */

/** Starts sessions, and leads what they log to their plugins. */
export class Launcher {
  #loadHost;
  #loadEngineHost;
  #makeApi;
  #tellUncaught;
  /** @type {Promise<SandboxHost> | null} */
  #host = null;
  /** @type {Promise<EnginePluginHost> | null} */
  #engineHost = null;
  /** By the id of the session. @type {Map<string, Plugin>} */
  #plugins = new Map();
  #count = 0;

  /**
   * @param {object} parts
   * @param {() => Promise<SandboxHost>} parts.loadHost
   * @param {() => Promise<EnginePluginHost>} parts.loadEngineHost
   * @param {(plugin: Plugin) => Record<string, unknown>} parts.makeApi
   * @param {(plugin: Plugin, problem: string) => void} parts.tellUncaught
   */
  constructor({ loadHost, loadEngineHost, makeApi, tellUncaught }) {
    this.#loadHost = loadHost;
    this.#loadEngineHost = loadEngineHost;
    this.#makeApi = makeApi;
    this.#tellUncaught = tellUncaught;
  }

  /**
   * Starts the plugin, in `container` where it is to be seen. Rejects with an error that names the plugin and what
   * failed; nothing is left running then.
   * @param {Plugin} plugin
   * @param {{container?: HTMLElement, signal?: AbortSignal}} [options]
   * @returns {Promise<PluginSession>}
   */
  async start(plugin, { container, signal } = {}) {
    const host = await (needsEngine(plugin.type) ? this.#getEngineHost() : this.#getHost());
    this.#count += 1;
    const id = `${plugin.record._id}-${this.#count}`;
    this.#plugins.set(id, plugin);
    const session = await host.start({
      id,
      name: plugin.name,
      type: plugin.type,
      config: sandboxConfig(plugin.config),
      code: codeOf(plugin.config),
      api: this.#makeApi(plugin),
      ...(container ? { container } : {}),
      ...(signal ? { signal } : {}),
    });
    const giveUp = () => void session.stop("its start was given up");
    signal?.addEventListener("abort", giveUp);
    try {
      if (signal?.aborted) throw new PluginStartError(plugin.name, "start", "its start was given up");
      await setUp(plugin, session);
      return session;
    } catch (error) {
      await session.close("its setup has failed");
      throw error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** @param {import("../types.js").HostEvents["log"]} entry */
  #note({ id, level, message }) {
    const plugin = this.#plugins.get(id);
    plugin?.write(level, message);
    if (plugin && level === "error") this.#tellUncaught(plugin, message);
  }

  #getHost() {
    // A failed load is tried again with the next plugin.
    this.#host ??= this.#loadHost().then(
      (host) => {
        host.on("log", (entry) => this.#note(entry));
        host.on("closed", ({ id }) => this.#plugins.delete(id));
        return host;
      },
      async (error) => {
        this.#host = null;
        throw await notLoaded(error);
      },
    );
    return this.#host;
  }

  #getEngineHost() {
    this.#engineHost ??= this.#loadEngineHost().then(
      (host) => {
        // What fails there is told to who has called it; a traceback beside it is for whoever opens the log.
        host.on("log", ({ id, level, message }) => this.#plugins.get(id)?.write(level, message));
        host.on("progress", ({ id, text }) => this.#plugins.get(id)?.setActivity(text));
        host.on("closed", ({ id }) => this.#plugins.delete(id));
        return host;
      },
      async (error) => {
        this.#engineHost = null;
        throw await notLoaded(error);
      },
    );
    return this.#engineHost;
  }
}

/**
 * What to say where a module of the app's own could not be loaded.
 * @param {unknown} error
 */
async function notLoaded(error) {
  const why = (await serverAnswers()) ? `${wordsOf(error)}. Reload this page, then try it again` : SERVER_GONE;
  return new ImJoyError(`A part of ImJoy Offline could not be loaded: ${why}.`, { cause: error });
}

/**
 * @param {Plugin} plugin
 * @param {PluginSession} session
 */
async function setUp(plugin, session) {
  const setup = /** @type {RemoteFunction | undefined} */ (session.api.setup);
  if (typeof setup === "function") await setup();
  else if (hasScript(plugin)) plugin.write("warning", "The plugin has no setup function");
}

/**
 * True for plugins that export functions; a window may also be HTML alone.
 * @param {Plugin} plugin
 */
export function hasScript({ config }) {
  return config.scripts.length > 0 && !config.passive;
}
