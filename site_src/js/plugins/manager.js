/**
 * The installed plugins: installs, starts, runs, reloads and removes them.
 *
 * Each plugin is on its own: one that fails is listed with its sentence and disturbs no other. What a plugin may ask
 * of the app is in api.js, where windows come from in window_plugins.js.
 */

import { Emitter } from "../core/events.js";
import { ImJoyError, isCancelled, wordsOf } from "../core/errors.js";
import { findDamage } from "../workspace/records.js";
import { createPluginApi } from "./api.js";
import { isOptions, textOf } from "./arguments.js";
import { withOperations } from "./form_operations.js";
import { Installer } from "./installer.js";
import { Launcher } from "./launcher.js";
import { contextOf, findOperation, updateOf } from "./operations.js";
import { Plugin } from "./plugin.js";
import { fromRecord, readPlugin } from "./reading.js";
import { Reporter } from "./reporter.js";
import { WindowPlugins } from "./window_plugins.js";
import { isWindow, needsEngine, whyNotHere } from "./words.js";

/** @import {RemoteFunction, RemoteObject} from "../types.js" */
/** @import {Notices} from "../shell/notices.js" */
/** @import {WindowManager} from "../windows/manager.js" */
/** @import {WorkspaceStore} from "../workspace/persistence.js" */
/** @import {PluginRecord} from "../workspace/records.js" */
/** @import {EnginePluginHost} from "../engine/plugins.js" */
/** @import {SandboxHost} from "../sandbox/host.js" */
/** @import {Services} from "./api.js" */
/** @import {Options} from "./arguments.js" */
/** @import {Catalogue, CatalogueEntry} from "./catalogue.js" */
/** @import {PluginSession} from "./launcher.js" */
/** @import {Operation} from "./plugin.js" */
/** @import {FormPart} from "./ui.js" */

/**
 * @typedef {object} ManagerParts
 * @property {WorkspaceStore} store
 * @property {Catalogue} catalogue
 * @property {WindowManager} windows
 * @property {Notices} notices
 * @property {() => Promise<SandboxHost>} loadHost
 * @property {() => Promise<EnginePluginHost>} loadEngineHost
 * @property {() => string | null} engineProblem why there is no engine now, in sentences; null where there is one
 * @property {Services["dialogs"]} dialogs
 * @property {(record: PluginRecord) => Plugin["entries"]} rememberedEntries what was entered in its forms before
 * @property {(plugin: Plugin) => void} showLog
 */

/** Also for those who wait for it. */
const START_STOPPED = "Its start was stopped. Start it when you need it.";

/**
 * Emits `changed` when the list or the state of a plugin changes.
 * @extends {Emitter<{changed: undefined}>}
 */
export class PluginManager extends Emitter {
  #parts;
  #installer;
  #launcher;
  #reporter;
  #windowPlugins;
  /** @type {Map<string, Plugin>} */
  #plugins = new Map();

  /** @param {ManagerParts} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
    /** @type {Services} */
    const services = {
      workspace: parts.store.workspace,
      notices: parts.notices,
      getPlugin: (name) => this.getApi(name),
      run: (name, context) => this.run(name, context),
      createWindow: (options) => this.createWindow(options),
      fillForm: (form) => this.#fillForm(form),
      dialogs: parts.dialogs,
    };
    this.#installer = new Installer({
      store: parts.store,
      catalogue: parts.catalogue,
      installed: () => [...this.#plugins.values()].map(({ record }) => record),
    });
    this.#reporter = new Reporter({ notices: parts.notices, showLog: parts.showLog });
    this.#launcher = new Launcher({
      loadHost: parts.loadHost,
      loadEngineHost: parts.loadEngineHost,
      makeApi: (plugin) => createPluginApi(plugin, services),
      tellUncaught: (plugin, problem) => this.#reporter.tellUncaught(plugin, problem),
    });
    this.#windowPlugins = new WindowPlugins({ windows: parts.windows, launcher: this.#launcher });
  }

  /** All plugins: those that can be run first, each part by name. */
  get plugins() {
    const order = (/** @type {Plugin} */ plugin) => (plugin.config.runnable ? 0 : 1);
    return [...this.#plugins.values()].sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
  }

  /** @param {string} name */
  find(name) {
    return this.#plugins.get(name) ?? null;
  }

  /** Lists everything that is installed and starts it, all at once; each plugin tells when it has started. */
  async start() {
    const records = await this.#parts.store.list();
    await Promise.all(records.map(async (record) => this.#add(record, await findDamage(record))));
  }

  /**
   * Installs an entry of the catalogue in the place of a plugin of the same name, and what it depends on before it;
   * resolves when it has started or failed to. Rejects with words for people; what was installed before goes on then.
   * @param {CatalogueEntry} entry
   * @param {readonly CatalogueEntry[]} all where its dependencies are looked for
   * @param {string | null} [tag] of the entry itself; null for its first one
   * @returns {Promise<Plugin>}
   */
  async install(entry, all, tag = null) {
    const records = await this.#installer.install(entry, all, tag);
    const added = [];
    for (const record of records) {
      const before = this.#plugins.get(record.name);
      if (before) await this.#end(before, "another version was installed");
      added.push(this.#add(record, null, before));
    }
    await Promise.all(added.map((plugin) => plugin.started));
    return /** @type {Plugin} */ (added.at(-1));
  }

  /**
   * Removes a plugin with all its windows.
   * @param {Plugin} plugin
   */
  async remove(plugin) {
    await this.#parts.store.remove(plugin.record._id);
    this.#plugins.delete(plugin.name);
    this.#parts.notices.dismissErrorsOf(plugin.name);
    this.emit("changed", undefined);
    await this.#end(plugin, "the plugin was removed");
  }

  /**
   * Ends a plugin and starts it again from its stored text.
   * @param {Plugin} plugin
   */
  async reload(plugin) {
    this.#parts.notices.dismissErrorsOf(plugin.name);
    await this.#restart(plugin, () => this.#end(plugin, "the plugin was reloaded"));
  }

  /**
   * Ends what a plugin does because the person wants that, with all that it has started. After a run it starts anew; a
   * start that was given up is not begun again before the person asks for it, nor are windows opened again.
   * @param {Plugin} plugin
   */
  async stop(plugin) {
    if (this.#plugins.get(plugin.name) !== plugin || !plugin.canStop) return;
    const isStart = plugin.state === "starting";
    plugin.noteStop();
    if (isWindow(plugin.type)) {
      this.#windowPlugins.closeBusy(plugin);
      this.#reporter.tellStop(plugin, "run");
      return;
    }
    plugin.setState("stopping", isStart ? START_STOPPED : "");
    if (!isStart) {
      await this.#restart(plugin, async () => {
        await this.#end(plugin, "it was stopped", "stop");
        this.#reporter.tellStop(plugin, "run");
      });
      return;
    }
    plugin.startAbort.abort();
    await plugin.started;
    plugin.setState("stopped", START_STOPPED);
    this.#reporter.tellStop(plugin, "start");
  }

  /**
   * Runs an operation because the person asked for it: shows what fails and what comes back.
   * @param {Plugin} plugin
   * @param {Operation} operation
   * @param {Record<string, unknown>} config the values of its form
   */
  async runForPerson(plugin, operation, config) {
    const { notices } = this.#parts;
    notices.setStatus("");
    notices.setProgress(null);
    notices.dismissErrorsOf(plugin.name);
    const { stops } = plugin;
    try {
      const result = await this.#call(plugin, operation, contextOf(operation, config));
      await this.#showResult(plugin, result);
    } catch (error) {
      // Whoever has stopped it knows why it has ended.
      if (plugin.stops !== stops) return;
      if (isCancelled(error)) notices.setStatus(`${plugin.name} was cancelled`);
      else this.#reporter.tellFailure(plugin, wordsOf(error));
    } finally {
      notices.setProgress(null);
    }
  }

  /**
   * The form of an operation, with those of other operations in it.
   * @param {Operation} operation
   * @returns {readonly FormPart[]}
   */
  formOf(operation) {
    return this.#fillForm(operation.form);
  }

  /**
   * Whether an operation wants to know of changes in its form.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  hasUpdate(plugin, operation) {
    return updateOf(plugin, operation) !== null;
  }

  /**
   * Tells an operation that its form was changed; what fails is in the plugin's log.
   * @param {Plugin} plugin
   * @param {Operation} operation
   * @param {Record<string, unknown>} config the values of its form
   */
  async updateForPerson(plugin, operation, config) {
    const update = updateOf(plugin, operation);
    if (update === null) return;
    try {
      await update(contextOf(operation, config));
    } catch (error) {
      if (isCancelled(error)) return;
      const problem = wordsOf(error);
      plugin.write("error", problem);
      this.#reporter.tellUncaught(plugin, problem);
    }
  }

  /** @param {readonly FormPart[]} form */
  #fillForm(form) {
    return withOperations(form, (path) => findOperation(this.#plugins, path)?.form ?? null);
  }

  /**
   * Runs a plugin because another one asked for it. Rejects where there is none or where it fails.
   * @param {string} name
   * @param {Options} context
   */
  async run(name, context) {
    const plugin = this.#need(name);
    const own = /** @type {Operation} */ (plugin.operations.get(plugin.name));
    return this.#call(plugin, own, context);
  }

  /**
   * What a plugin exports, once it has started. Rejects where there is none or where it could not be started.
   * @param {string} name
   * @returns {Promise<RemoteObject>}
   */
  async getApi(name) {
    const plugin = this.#need(name);
    const config = {
      id: plugin.record._id,
      name,
      type: plugin.type,
      workspace: plugin.record.workspace,
      tag: plugin.config.tag,
    };
    if (isWindow(plugin.type)) {
      const run = (/** @type {unknown} */ context) => this.run(name, isOptions(context) ? context : {});
      return { setup: async () => undefined, run, config, _rintf: true };
    }
    const session = await this.#sessionOf(plugin);
    return { ...session.api, config, _rintf: true };
  }

  /**
   * Opens a window of a window plugin; resolves with the window's functions once it shows its data.
   * @param {Options} options
   * @returns {Promise<RemoteObject>}
   */
  async createWindow(options) {
    if (options.src !== undefined) {
      throw new ImJoyError(
        "Windows from an address or a source text are not part of this version; give the name of a window plugin as type",
      );
    }
    const type = options.type;
    if (typeof type !== "string" || type === "")
      throw new TypeError("createWindow needs the name of a window plugin as type");
    if (type.startsWith("imjoy/"))
      throw new ImJoyError(`Windows of the built-in type “${type}” are not part of this version`);
    const plugin = this.#plugins.get(type);
    if (!plugin) {
      throw new ImJoyError(
        `No plugin is registered for the window type “${type}”. Install “${type}” with the button “Add plugins”, then run this again.`,
      );
    }
    if (!isWindow(plugin.type)) {
      throw new ImJoyError(
        `“${type}” is a plugin of the type ${plugin.type}; only plugins of the type window can be opened in a window`,
      );
    }
    if (plugin.state === "failed") throw new ImJoyError(`${type} cannot be opened: ${plugin.problem}`);
    return this.#windowPlugins.open(plugin, options);
  }

  /**
   * @param {Plugin} plugin
   * @param {Operation} operation
   * @param {Options} context
   */
  async #call(plugin, operation, context) {
    if (isWindow(plugin.type)) {
      const { run } = operation; // registered by one of its windows, and belongs to that one
      if (run) return plugin.during(() => run(context));
      return this.createWindow({ type: plugin.name, data: context.data, config: context.config });
    }
    const session = await this.#sessionOf(plugin);
    const run = operation.run ?? /** @type {RemoteFunction | undefined} */ (session.api?.run);
    if (typeof run !== "function") throw new ImJoyError(`${plugin.name} cannot be run: it exports no function “run”`);
    return plugin.during(() => run(context));
  }

  /**
   * @param {Plugin} plugin
   * @returns {Promise<PluginSession>}
   */
  async #sessionOf(plugin) {
    await plugin.started;
    const now = this.#plugins.get(plugin.name);
    // It was loaded anew meanwhile.
    if (now && now !== plugin) return this.#sessionOf(now);
    if (!plugin.session) throw new ImJoyError(`${plugin.name} is not running. ${plugin.problem}`);
    return plugin.session;
  }

  /** @param {string} name */
  #need(name) {
    const plugin = this.#plugins.get(name);
    if (plugin) return plugin;
    throw new ImJoyError(
      `There is no plugin “${name}” here. Install it with the button “Add plugins”, then run this again.`,
    );
  }

  /**
   * Lists a plugin and starts it. Its log and what was entered in its forms go on.
   * @param {PluginRecord} record
   * @param {string | null} damage
   * @param {Plugin} [before]
   * @returns {Plugin}
   */
  #add(record, damage, before) {
    const { plugin, problem } = makePlugin(record, damage);
    if (before) plugin.takeOver(before);
    else plugin.entries = this.#parts.rememberedEntries(record);
    plugin.on("changed", () => this.emit("changed", undefined));
    this.#plugins.set(record.name, plugin);
    for (const text of plugin.config.notes ?? []) plugin.write("warning", text);
    if (problem) this.#fail(plugin, problem);
    else this.#begin(plugin);
    this.emit("changed", undefined);
    return plugin;
  }

  /**
   * Starts a plugin, unless it has to wait for what is not there.
   * @param {Plugin} plugin
   */
  #begin(plugin) {
    const waits = whyNotHere(plugin.config, this.#parts.engineProblem());
    if (waits) plugin.setState("waiting", waits);
    else if (isWindow(plugin.type)) plugin.setState("ready");
    else {
      plugin.setState("starting");
      plugin.startAbort = new AbortController();
      plugin.started = this.#launch(plugin);
    }
  }

  /** The engine came, went, or stands differently: what waits for it is started, or told why it still waits. */
  engineChanged() {
    for (const plugin of this.#plugins.values()) {
      if (plugin.state === "waiting" && needsEngine(plugin.type)) this.#begin(plugin);
    }
  }

  /** @param {Plugin} plugin */
  async #launch(plugin) {
    const { signal } = plugin.startAbort;
    try {
      const session = await this.#launcher.start(plugin, { signal });
      if (signal.aborted || this.#plugins.get(plugin.name) !== plugin) {
        await session.close(signal.aborted ? "its start was given up" : "the plugin was removed");
        return;
      }
      plugin.session = session;
      session.on("closed", ({ reason }) => {
        if (plugin.session !== session) return;
        plugin.session = null;
        this.#fail(plugin, `${plugin.name} has ended: ${reason}`);
      });
      plugin.setState("ready");
    } catch (error) {
      // Whoever has given it up says so.
      if (!signal.aborted) this.#fail(plugin, wordsOf(error));
    }
  }

  /**
   * @param {Plugin} plugin
   * @param {string} reason
   * @param {"close" | "stop"} [how]
   */
  async #end(plugin, reason, how = "close") {
    plugin.startAbort.abort();
    this.#windowPlugins.closeAll(plugin);
    const session = plugin.session;
    plugin.session = null;
    await session?.[how](reason);
  }

  /**
   * Ends a plugin and starts it again from its stored text, unless it is removed meanwhile. Who wants something of it in
   * the meantime waits for that.
   * @param {Plugin} plugin
   * @param {() => Promise<void>} end
   */
  async #restart(plugin, end) {
    plugin.started = (async () => {
      await end();
      const damage = await findDamage(plugin.record);
      if (this.#plugins.get(plugin.name) === plugin) await this.#add(plugin.record, damage, plugin).started;
    })();
    await plugin.started;
  }

  /**
   * @param {Plugin} plugin
   * @param {string} problem
   */
  #fail(plugin, problem) {
    plugin.setState("failed", problem);
    this.#reporter.tellFailure(plugin, problem);
  }

  /**
   * What `run` returned: a window where it names a type with data, else a line in the log.
   * @param {Plugin} plugin
   * @param {unknown} result
   */
  async #showResult(plugin, result) {
    if (
      result === null ||
      result === undefined ||
      (isOptions(result) && (result._rintf || Object.keys(result).length === 0))
    )
      return;
    if (isOptions(result) && typeof result.type === "string" && result.type !== "" && result.data !== undefined) {
      await this.createWindow({ type: result.type, data: result.data, config: result.config, name: result.name });
      return;
    }
    plugin.write("info", `Result: ${shortly(result)}`);
  }
}

/**
 * @param {PluginRecord} record
 * @param {string | null} damage
 * @returns {{plugin: Plugin, problem: string | null}}
 */
function makePlugin(record, damage) {
  if (damage) return { plugin: new Plugin(record, fromRecord(record), []), problem: damage };
  try {
    const { config, form } = readPlugin(record.code, record.tag, record.config);
    return { plugin: new Plugin(record, config, form), problem: null };
  } catch (error) {
    return { plugin: new Plugin(record, fromRecord(record), []), problem: wordsOf(error) };
  }
}

/**
 * A value in few words, for the log.
 * @param {unknown} value
 * @returns {string}
 */
function shortly(value) {
  const text = textOf(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
