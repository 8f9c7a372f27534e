/**
 * Window plugins: every run opens a new window with an instance of its own in it.
 *
 * Joins windows/manager.js (where a window is) and launcher.js (what runs in it), and makes the object by which other
 * plugins hold a window. Called by manager.js.
 */

import { ClosedError, PluginStartError, wordsOf } from "../core/errors.js";
import { WindowEvents } from "./window_events.js";
import { isOptions } from "./arguments.js";
import { hasScript } from "./launcher.js";

/** @import {RemoteFunction, RemoteObject} from "../types.js" */
/** @import {AppWindow} from "../windows/window.js" */
/** @import {WindowManager} from "../windows/manager.js" */
/** @import {Wish} from "../windows/places.js" */
/** @import {PluginSession} from "./launcher.js" */
/** @import {Listener} from "./window_events.js" */
/** @import {Launcher} from "./launcher.js" */
/** @import {Plugin} from "./plugin.js" */

/** The unit in which plugins give sizes and places, in pixels. */
const GRID = 30;
/** How soon the note that a window is being opened goes, whatever the plugin does. */
const LONGEST_NOTE = 10_000;

/**
 * @typedef {object} WindowRequest
 * @property {string} [name] the title
 * @property {unknown} [data]
 * @property {unknown} [config]
 * @property {unknown} [fullscreen]
 * @property {unknown} [standalone]
 * @property {unknown} [w] the width that it would like, in units of the grid
 * @property {unknown} [h]
 * @property {unknown} [x] where it would like to be
 * @property {unknown} [y]
 */

/** Opens windows, and closes those of a plugin that goes. */
export class WindowPlugins {
  #windows;
  #launcher;
  /** @type {Map<Plugin, Set<AppWindow>>} */
  #open = new Map();
  /** Those whose plugin is not done with showing what it was given. @type {Set<AppWindow>} */
  #busy = new Set();

  /**
   * @param {{windows: WindowManager, launcher: Launcher}} parts
   */
  constructor({ windows, launcher }) {
    this.#windows = windows;
    this.#launcher = launcher;
  }

  /**
   * Opens a window and resolves with what its plugin exports and the functions of the window, once its `run` is done.
   * Rejects where plugin or window end before; the window stays and says why.
   * @param {Plugin} plugin
   * @param {WindowRequest} request
   * @returns {Promise<RemoteObject>}
   */
  async open(plugin, request) {
    const defaults = isOptions(plugin.config.defaults) ? plugin.config.defaults : {};
    const options = { ...defaults, ...request };
    const shown = this.#windows.create({
      title: typeof options.name === "string" && options.name !== "" ? options.name : plugin.name,
      plugin: { name: plugin.name, icon: plugin.config.icon },
      maximised: Boolean(options.fullscreen || options.standalone),
      wish: wishOf(options),
    });
    const instance = new Instance(plugin, shown, this.#windows, this.#launcher);
    this.#remember(plugin, shown);
    this.#busy.add(shown);
    try {
      return await plugin.during(() => instance.start(options));
    } finally {
      this.#busy.delete(shown);
    }
  }

  /**
   * Closes those windows of a plugin that it is not done with.
   * @param {Plugin} plugin
   */
  closeBusy(plugin) {
    for (const shown of [...(this.#open.get(plugin) ?? [])]) {
      if (this.#busy.has(shown)) this.#windows.close(shown);
    }
  }

  /**
   * Closes every window of a plugin that is removed or loaded anew.
   * @param {Plugin} plugin
   */
  closeAll(plugin) {
    for (const shown of [...(this.#open.get(plugin) ?? [])]) this.#windows.close(shown);
  }

  /**
   * @param {Plugin} plugin
   * @param {AppWindow} shown
   */
  #remember(plugin, shown) {
    const all = this.#open.get(plugin) ?? new Set();
    this.#open.set(plugin, all.add(shown));
    shown.on("closed", () => all.delete(shown));
  }
}

/**
 * What a plugin asks for, in pixels; what is no number is passed over.
 * @param {WindowRequest} request
 * @returns {Wish}
 */
function wishOf({ w, h, x, y }) {
  const wanted = Object.entries({ width: w, height: h, left: x, top: y });
  const given = wanted.filter(([, units]) => typeof units === "number" && Number.isFinite(units) && units >= 0);
  return Object.fromEntries(given.map(([side, units]) => [side, Number(units) * GRID]));
}

/** One window with its plugin in it. */
class Instance {
  #plugin;
  #window;
  #windows;
  #launcher;
  #events = new WindowEvents();
  #abort = new AbortController();
  /** @type {PluginSession | null} */
  #session = null;

  /**
   * @param {Plugin} plugin
   * @param {AppWindow} shown
   * @param {WindowManager} windows
   * @param {Launcher} launcher
   */
  constructor(plugin, shown, windows, launcher) {
    this.#plugin = plugin;
    this.#window = shown;
    this.#windows = windows;
    this.#launcher = launcher;
    shown.beforeRemoval(() => this.#end());
    shown.on("resize", (rectangle) => this.#tell("resize", rectangle.toJSON()));
  }

  /**
   * @param {WindowRequest} options
   * @returns {Promise<RemoteObject>}
   */
  async start({ data, config }) {
    const shown = this.#window;
    const patience = setTimeout(() => shown.setShown(), LONGEST_NOTE);
    try {
      const session = await this.#launcher.start(this.#plugin, {
        container: shown.content,
        signal: this.#abort.signal,
      });
      if (shown.closed) {
        await session.close("the window was closed");
        throw new ClosedError("the window was closed");
      }
      this.#session = session;
      session.on("closed", ({ reason }) => this.#lost(reason));
      shown.setShown();
      await this.#run(session, { data: data ?? {}, config: config ?? {} });
      return this.#face(session);
    } catch (error) {
      if (shown.closed) {
        throw new ClosedError(`${this.#plugin.name}: the window “${shown.title}” was closed before it was ready`);
      }
      shown.setFailed(wordsOf(error));
      throw error;
    } finally {
      clearTimeout(patience);
    }
  }

  /**
   * @param {PluginSession} session
   * @param {{data: unknown, config: unknown}} given
   */
  async #run(session, given) {
    const run = /** @type {RemoteFunction | undefined} */ (session.api.run);
    if (typeof run !== "function") {
      if (!hasScript(this.#plugin)) return;
      throw new PluginStartError(this.#plugin.name, "run", "the plugin has no run function, so nothing can be shown");
    }
    const context = {
      _variables: null,
      _op: this.#plugin.name,
      _source_op: null,
      _transfer: false,
      _workflow_id: null,
    };
    await run({ ...context, ...given });
  }

  /**
   * What others get of the window: the plugin's functions, and over them the window's own.
   * @param {PluginSession} session
   * @returns {RemoteObject}
   */
  #face(session) {
    const shown = this.#window;
    const on = (/** @type {string} */ name, /** @type {Listener} */ listener, /** @type {boolean} */ again) =>
      this.#events.on(name, listener, again);
    return {
      ...session.api,
      close: async () => this.#windows.close(shown),
      focus: async () => this.#windows.focus(shown),
      show: async () => this.#windows.focus(shown),
      on,
      off: async (/** @type {string} */ name, /** @type {Listener | undefined} */ listener) =>
        this.#events.off(name, listener),
      emit: (/** @type {string} */ name, /** @type {unknown} */ data) => this.#events.emit(name, data),
      onClose: (/** @type {Listener} */ listener) => on("close", listener, false),
      config: { id: session.id, name: this.#plugin.name, type: this.#plugin.type, window_id: shown.id },
      _rintf: true,
    };
  }

  /** @param {string} reason */
  #lost(reason) {
    if (!this.#window.closed) this.#window.setFailed(`${this.#plugin.name} has ended: ${reason}`);
  }

  async #end() {
    this.#abort.abort();
    const session = this.#session;
    this.#session = null;
    this.#tell("close");
    await session?.close("the window was closed");
  }

  /**
   * Listeners are other plugins' functions: what they fail with is theirs, and goes to this plugin's log.
   * @param {string} name
   * @param {unknown} [data]
   */
  #tell(name, data) {
    this.#events.emit(name, data).catch((error) => this.#plugin.write("warning", wordsOf(error)));
  }
}
