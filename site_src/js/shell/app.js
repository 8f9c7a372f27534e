/**
 * The app: what the page shows at once, and drawing it anew when something has changed.
 *
 * The views are functions of what is here; what a person can do is a method. Everything that needs plugins is in
 * workbench.js, which is loaded when the page has been drawn.
 */

import { render } from "lit-html";
import { wordsOf } from "../core/errors.js";
import { OwnServer } from "../core/own_server.js";
import { chooseEngine, chosenEngine } from "../engine/choice.js";
import { WindowManager } from "../windows/manager.js";
import { readSetting, writeSetting } from "../workspace/settings.js";
import { appView } from "./app_view.js";
import { CommandRegistry } from "./commands.js";
import { keepFocus } from "./focus.js";
import { listenToKeys } from "./key_presses.js";
import { showInAddress } from "./link_actions.js";
import { Notices } from "./notices.js";
import { chooseTheme, currentTheme } from "./theme.js";

/** @import {EngineClient} from "../engine/client.js" */
/** @import {EngineState} from "../engine/words.js" */
/** @import {Plugin} from "../plugins/plugin.js" */
/** @import {WorkspaceStore} from "../workspace/persistence.js" */
/** @import {Workspaces} from "../workspace/workspaces.js" */
/** @import {EngineActions} from "./engine_actions.js" */
/** @import {EnginePanel} from "./engine_panel.js" */
/** @import {LogPanel} from "./log_panel.js" */
/** @import {Regions} from "./regions.js" */
/** @import {togglePalette} from "./palette.js" */
/** @import {Theme} from "./theme.js" */
/** @import {Workbench} from "./workbench.js" */
/** @import {WorkspaceActions} from "./workspace_actions.js" */

/** Below this width the list of plugins lies over the workspace; the same number is in css/shell.css. */
const NARROW = matchMedia("(max-width: 820px)");

/** All of the page. */
export class App {
  #root;
  #drawing = false;
  /** @type {string | null} */
  #token = null;
  /** The token before, until the new one has been found good. @type {string | null} */
  #tokenBefore = null;
  /** @type {EngineClient | null} */
  #engine = null;
  /** @type {Promise<Workbench | null> | null} */
  #opening = null;
  /** @type {WorkspaceStore | null} */
  #store = null;
  #chosen = chosenEngine();
  /** @type {Promise<Regions | null> | null} */
  #keyboard = null;
  /** @type {typeof togglePalette | null} */
  #togglePalette = null;

  /**
   * @param {HTMLElement} root
   * @param {Workspaces} workspaces with the one opened that is to be shown
   */
  constructor(root, workspaces) {
    this.#root = root;
    this.workspaces = workspaces;
    this.server = new OwnServer(() => this.#token);
    this.notices = new Notices();
    this.windows = new WindowManager({ workspace: workspaces.current.key, load: (load) => this.load(load) });
    /** Everything that can be done; any part of the app may add to it. */
    this.commands = new CommandRegistry();
    /** Null until it has been loaded. @type {Workbench | null} */
    this.workbench = null;
    /** True where it is known that no plugin is installed, which is seen before the workbench is there. */
    this.isBlank = false;
    this.panelOpen = !NARROW.matches && readSetting("panel") !== "closed";
    /** Null until a log was looked at. @type {LogPanel | null} */
    this.log = null;
    /** What the engine is doing; null until somebody has looked. @type {EnginePanel | null} */
    this.enginePanel = null;
    this.workspaces.on("changed", () => this.#workspacesChanged());
    this.commands.register({
      id: "app.commands",
      title: "Commands: everything that can be done",
      group: "Everywhere",
      shortcuts: ["Mod+Shift+P", "F1"],
      inDialogs: true,
      unlisted: true,
      run: () => this.showPalette(),
    });
    listenToKeys(this.commands);
    this.notices.on("changed", () => this.draw());
    this.windows.on("changed", () => this.draw());
    NARROW.addEventListener("change", () => this.draw());
    addEventListener("online", () => this.retryEngine());
    addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.retryEngine();
    });
    this.draw();
  }

  get theme() {
    return currentTheme();
  }

  get isNarrow() {
    return NARROW.matches;
  }

  /** The origin of another engine, where one is used; null for that of the page's own server. */
  get other() {
    return this.#chosen?.origin ?? null;
  }

  /** Which engine it is about, for those who put that into words. */
  get engineWhere() {
    return { other: this.other, page: location.origin };
  }

  /** @returns {EngineState} */
  get engineState() {
    return this.#engine?.state ?? { name: this.#engineToken === null ? "unpaired" : "connecting", reason: "" };
  }

  /** The token of the engine that is used; no other engine ever gets it. */
  get #engineToken() {
    return this.#chosen === null ? this.#token : this.#chosen.token;
  }

  /** The connection, where there has been one. */
  get client() {
    return this.#engine;
  }

  /** The connection to the engine; asked for only once there has been one. */
  get engine() {
    if (this.#engine === null) throw new Error("the page was never connected to the engine");
    return this.#engine;
  }

  /** Opens the workspace and starts what is installed in it. */
  async start() {
    await this.#open();
  }

  /**
   * Uses this token for the page's own server; null ends the pairing. A link with a wrong token must not end a good
   * pairing, so the token `before` is taken again where the new one is refused.
   * @param {string | null} token
   * @param {string | null} [before]
   */
  async pair(token, before = null) {
    this.#token = token;
    this.#tokenBefore = before === token ? null : before;
    this.draw();
    if (this.#engineToken === null && this.#engine === null) return;
    if (this.#engine === null) {
      // The plugins are what people wait for.
      await this.#opening;
      const module = await this.load(() => import("../engine/connection.js"));
      if (module === null || !(await this.#isOtherAllowed()) || this.#engine !== null) return;
      this.#engine = module.makeEngineClient(this.other);
      this.#engine.on("changed", (state) => this.#engineChanged(state));
    }
    this.#engine?.pair(this.#engineToken);
  }

  /**
   * Whether the page may connect to the other engine that is chosen; where it may not any more, the own one is used, and
   * it is said. Trying would bring nothing but a complaint of the browser.
   */
  async #isOtherAllowed() {
    const { other } = this;
    if (other === null || !this.server.isPaired) return true;
    let engines;
    try {
      engines = (await this.server.get("/api/engines")).engines;
    } catch {
      // Who cannot be asked says no either way.
      return true;
    }
    if (engines.includes(other)) return true;
    chooseEngine(null);
    this.#chosen = null;
    this.notices.showError(`This page is no longer allowed to connect to the engine at ${other}, so it uses its own.`, {
      actions: [{ label: "Connect again…", run: () => void this.connectEngine(other) }],
    });
    this.draw();
    return true;
  }

  /** @param {string} [address] */
  async connectEngine(address = "") {
    await (await this.engineActions())?.connect({ engine: address });
  }

  /** @returns {Promise<EngineActions | null>} */
  async engineActions() {
    const module = await this.load(() => import("./engine_actions.js"));
    return module && new module.EngineActions(this);
  }

  /** @returns {Promise<WorkspaceActions | null>} */
  async workspaceActions() {
    const module = await this.load(() => import("./workspace_actions.js"));
    return module && new module.WorkspaceActions(this);
  }

  /** @param {boolean} open */
  async watchEngine(open) {
    if (open && this.enginePanel === null) {
      const [panel, actions] = await Promise.all([this.load(() => import("./engine_panel.js")), this.engineActions()]);
      if (panel && actions) this.enginePanel ??= new panel.EnginePanel(this, actions);
    }
    if (open) this.enginePanel?.open();
    else this.enginePanel?.close();
    this.draw();
  }

  retryEngine() {
    this.#engine?.retry();
  }

  /** Draws the page with the next microtask, once for all changes until then. */
  draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      keepFocus(() => render(appView(this), this.#root));
      this.commands.emit("changed", undefined);
    });
  }

  /** @param {boolean} open */
  setPanel(open) {
    this.panelOpen = open;
    if (!this.isNarrow) writeSetting("panel", open ? null : "closed");
    this.draw();
  }

  /** Where the list lies over the workspace, it is shown by itself as long as there is nothing else to see. */
  offerPlugins() {
    const plugins = this.workbench?.manager.plugins.length ?? 0;
    if (this.isNarrow && this.windows.windows.length === 0 && plugins > 0) this.setPanel(true);
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    chooseTheme(theme);
    this.draw();
  }

  /** @param {{search?: string, tag?: string | null}} [wanted] */
  async showCatalogue(wanted = {}) {
    const workbench = await this.#open();
    await workbench?.showCatalogue(wanted);
  }

  /**
   * Asks whether the plugin at an address is to be installed.
   * @param {string} url
   * @param {string | null} tag
   */
  async showInstall(url, tag) {
    const workbench = await this.#open();
    await workbench?.showInstall(url, tag);
  }

  /** @param {Plugin | null} plugin null for all plugins */
  async showLog(plugin) {
    await this.#open();
    const module = await this.load(() => import("./log_panel.js"));
    if (!module) return;
    this.log ??= new module.LogPanel(this);
    this.log.open(plugin?.name ?? null);
    if (this.isNarrow) this.panelOpen = false;
    this.draw();
    // It is drawn by then.
    queueMicrotask(() => this.log?.enter());
  }

  closeLog() {
    this.log?.close();
    this.draw();
  }

  async toggleLog() {
    if (this.log?.isOpen) this.closeLog();
    else await this.showLog(null);
  }

  /** Commands and their keys, which are loaded when the page has been drawn. */
  async useKeyboard() {
    this.#keyboard ??= this.load(async () => (await import("./keyboard.js")).installKeyboard(this));
    const regions = await this.#keyboard;
    if (regions === null) this.#keyboard = null;
    return regions;
  }

  async showPalette() {
    // At once where it can be: what is typed next is meant for it.
    if (this.#togglePalette) return this.#togglePalette(this.commands);
    if (!(await this.useKeyboard())) return;
    const module = await this.load(() => import("./palette.js"));
    this.#togglePalette = module?.togglePalette ?? null;
    module?.togglePalette(this.commands);
  }

  async showShortcuts() {
    const module = await this.load(() => import("./shortcut_list.js"));
    await module?.showShortcuts(this.commands);
  }

  /** @param {string} text */
  async showWholeStatus(text) {
    const dialogs = await this.load(() => import("../dialogs/messages.js"));
    await dialogs?.showAlert({ title: "Status", content: text });
  }

  /**
   * A part of the app that is loaded when it is first needed; says so where the server is gone by then or it fails.
   * @template Module
   * @param {() => Promise<Module>} load
   * @returns {Promise<Module | null>}
   */
  async load(load) {
    try {
      return await load();
    } catch (error) {
      // Browsers word it differently, but each names the import that failed.
      const isGone = error instanceof TypeError && /import/iu.test(error.message);
      this.notices.showError(
        isGone
          ? "This part of the app could not be loaded: its server does not answer. Run “python -m imjoy” in its folder, then reload this page."
          : `This part of the app has failed: ${wordsOf(error)}. Reload this page; what is installed stays.`,
      );
      return null;
    }
  }

  /** @param {EngineState} state */
  #engineChanged(state) {
    const before = this.#tokenBefore;
    if (state.name === "connected") this.#tokenBefore = null;
    if (state.name === "refused" && before !== null && this.other === null) {
      writeSetting("token", before);
      this.notices.showError("The link held a token that the engine does not know. The pairing from before stays.");
      void this.pair(before);
    }
    this.workbench?.manager.engineChanged();
    this.draw();
  }

  #workspacesChanged() {
    // Another tab has deleted it: what would still be stored would come to light in one that is made later.
    if (this.workspaces.isGone) {
      this.#store?.close();
      void this.workspaceActions().then((actions) => actions?.tellGone());
    } else showInAddress(this.workspaces);
    this.draw();
  }

  /** @returns {Promise<Workbench | null>} */
  async #open() {
    this.#opening ??= this.load(async () => {
      const { openWorkspace } = await import("../workspace/persistence.js");
      const loading = import("./workbench.js");
      // It is waited for below; should it fail before, nobody would listen yet.
      loading.catch(() => undefined);
      const store = await openWorkspace(this.workspaces.current.key);
      this.#store = store;
      this.isBlank = await store.isEmpty();
      this.draw();
      return (await loading).openWorkbench(this, store);
    });
    this.workbench = await this.#opening;
    this.workbench?.manager.engineChanged();
    if (this.workbench === null) this.#opening = null;
    this.draw();
    return this.workbench;
  }
}
