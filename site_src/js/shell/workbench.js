/**
 * The workspace at work: the installed plugins and all that a person can do with them.
 *
 * Joins the plugin manager with the app's windows, notices and dialogs. Loaded by app.js when the page has been drawn.
 */

import { wordsOf } from "../core/errors.js";
import { engineProblem } from "../engine/words.js";
import { Catalogue } from "../plugins/catalogue.js";
import { PluginManager } from "../plugins/manager.js";
import { FormMemory } from "../workspace/form_memory.js";
import { readSetting, writeSetting } from "../workspace/settings.js";
import { listenToPaneKeys } from "./panes.js";
import { PluginDialogs } from "./plugin_dialogs.js";
import { pluginEntryView } from "./plugin_entry.js";
import { PluginForms } from "./plugin_forms.js";
import { offerWindowMenus } from "./window_menu.js";

/** @import {Operation, Plugin} from "../plugins/plugin.js" */
/** @import {WorkspaceStore} from "../workspace/persistence.js" */
/** @import {App} from "./app.js" */

/** When nothing else is to be done, the dialogs are fetched, so that they open even when the server has gone. */
const SPARE_TIME = 1_000;
/** How often it is looked who works for whom. */
const LOOK = 1_000;

/**
 * Lists what is installed in a workspace; the plugins go on starting.
 * @param {App} app
 * @param {WorkspaceStore} store
 * @returns {Promise<Workbench>}
 */
export async function openWorkbench(app, store) {
  const workbench = new Workbench(app, store);
  if (!store.kept) {
    app.notices.showError(
      "This browser window keeps nothing: installed plugins are gone when it is closed. Use a normal window to keep them.",
    );
  }
  try {
    await workbench.manager.start();
  } catch (error) {
    app.notices.showError(
      `The installed plugins could not be read from this browser: ${wordsOf(error)}. Reload this page to try again.`,
    );
  }
  queueMicrotask(() => app.offerPlugins());
  setTimeout(() => void workbench.fetchDialogs(), SPARE_TIME);
  setInterval(() => workbench.manager.plugins.forEach((plugin) => plugin.noteCalls()), LOOK);
  return workbench;
}

/** What can be done with plugins. */
export class Workbench {
  #app;
  /** @type {Set<string>} */
  #openForms = new Set(readNames(readSetting("open_forms")));
  #dialogs;

  /**
   * @param {App} app
   * @param {WorkspaceStore} store
   */
  constructor(app, store) {
    this.#app = app;
    this.catalogue = new Catalogue();
    const memory = new FormMemory(store.workspace);
    this.#dialogs = new PluginDialogs({
      load: (load) => app.load(load),
      isHere: (plugin) => this.manager.find(plugin.name) === plugin && plugin.state !== "failed",
    });
    this.manager = new PluginManager({
      store,
      catalogue: this.catalogue,
      windows: app.windows,
      notices: app.notices,
      loadHost: async () => {
        const { SandboxHost } = await import("../sandbox/host.js");
        return new SandboxHost({ sandboxOrigin: sandboxOrigin() });
      },
      loadEngineHost: async () => {
        const { EnginePluginHost } = await import("../engine/plugins.js");
        return new EnginePluginHost({ client: app.engine, workspace: store.workspace });
      },
      engineProblem: () => engineProblem(app.engineState, app.engineWhere),
      dialogs: this.#dialogs,
      rememberedEntries: (record) => memory.read(record._id),
      showLog: (plugin) => void this.showLog(plugin),
    });
    this.forms = new PluginForms({ app, manager: this.manager, memory });
    this.manager.on("changed", () => {
      this.#dialogs.dropGone();
      app.draw();
    });
    offerWindowMenus(app.windows);
    listenToPaneKeys(app);
  }

  /** @param {Plugin} plugin */
  entryView(plugin) {
    return pluginEntryView(this, plugin);
  }

  draw() {
    this.#app.draw();
  }

  /** @param {Plugin} plugin */
  isFormOpen(plugin) {
    return this.#openForms.has(plugin.name);
  }

  /**
   * @param {Plugin} plugin
   * @param {boolean} open
   */
  setForm(plugin, open) {
    if (open) this.#openForms.add(plugin.name);
    else this.#openForms.delete(plugin.name);
    writeSetting("open_forms", this.#openForms.size > 0 ? JSON.stringify([...this.#openForms]) : null);
    this.draw();
  }

  /**
   * Runs an operation with what stands in its form, or shows what is wrong there.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  async run(plugin, operation) {
    const app = this.#app;
    const config = this.forms.configOf(plugin, operation);
    if (config === null) {
      const label = this.forms.firstFault(plugin, operation);
      app.notices.setStatus(`${plugin.name} was not run: check “${label}” in its settings`);
      this.setForm(plugin, true);
      await this.forms.showFault(plugin, operation);
      return;
    }
    const before = app.windows.windows.length;
    await this.manager.runForPerson(plugin, operation, config);
    if (app.isNarrow && app.windows.windows.length > before) app.setPanel(false);
  }

  /** @param {Plugin} plugin */
  async reload(plugin) {
    await this.manager.reload(plugin);
  }

  /** @param {Plugin} plugin */
  async stop(plugin) {
    await this.manager.stop(plugin);
  }

  async stopAll() {
    await Promise.all(this.manager.plugins.map((plugin) => this.manager.stop(plugin)));
  }

  /** @param {Plugin} plugin */
  async remove(plugin) {
    const app = this.#app;
    const dialogs = await app.load(() => import("../dialogs/messages.js"));
    const isSure = await dialogs?.askConfirmation({
      title: `Remove ${plugin.name}?`,
      content:
        "Its windows are closed, and its text and settings are deleted from this browser. " +
        "It can be installed again from the catalogue.",
      confirm: "Remove",
    });
    if (!isSure) return;
    if (app.log?.isOpen && app.log.plugin === plugin.name) app.closeLog();
    try {
      await this.manager.remove(plugin);
      this.forms.forget(plugin);
      app.notices.show(`${plugin.name} was removed`);
    } catch (error) {
      app.notices.showError(`${plugin.name} could not be removed: ${wordsOf(error)}`);
    }
  }

  /** @param {{search?: string, tag?: string | null}} [wanted] */
  async showCatalogue(wanted = {}) {
    const { manager, catalogue } = this;
    const dialogs = await this.#app.load(() => import("../dialogs/catalogue.js"));
    await dialogs?.showCatalogue({ manager, catalogue, notices: this.#app.notices, ...wanted });
    this.#app.offerPlugins();
  }

  /**
   * Asks whether the plugin at an address is to be installed.
   * @param {string} url
   * @param {string | null} tag
   */
  async showInstall(url, tag) {
    const app = this.#app;
    const module = await app.load(() => import("./install_by_link.js"));
    await module?.installByLink({ app, manager: this.manager, catalogue: this.catalogue, url, tag });
    app.offerPlugins();
  }

  /** @param {Plugin} plugin */
  async showDocs(plugin) {
    const dialogs = await this.#app.load(() => import("../dialogs/docs.js"));
    dialogs?.showDocs(plugin);
  }

  /** @param {Plugin} plugin */
  async showLog(plugin) {
    await this.#app.showLog(this.manager.find(plugin.name) ?? plugin);
  }

  async fetchDialogs() {
    try {
      await Promise.all([
        import("../dialogs/catalogue.js"),
        import("../dialogs/messages.js"),
        import("../dialogs/docs.js"),
        import("./log_panel.js"),
        import("../dialogs/form.js"),
        import("./palette.js"),
        import("./shortcut_list.js"),
      ]);
    } catch {
      // Whoever needs one of them is told then.
    }
  }
}

/**
 * @param {string | null} text
 * @returns {string[]}
 */
function readNames(text) {
  try {
    const names = JSON.parse(text ?? "[]");
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

/** Where the server has written the address of the sandbox. */
function sandboxOrigin() {
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="imjoy-sandbox"]'));
  return meta?.content ?? "";
}
