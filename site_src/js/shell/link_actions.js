/**
 * Does what a link to the app asks for, in an order that does not depend on that of the link: workspace, engine, plugin.
 *
 * A workspace is shown at once, since that does nothing to anybody. Another engine and a plugin are asked about first.
 * Secrets leave the address bar before anything else happens, the questions when they have been answered.
 */

import { readSetting, writeSetting } from "../workspace/settings.js";
import { DEFAULT_WORKSPACE } from "../workspace/names.js";
import { readLink, withWorkspace, withoutKeys } from "./link.js";

/** @import {Workspaces} from "../workspace/workspaces.js" */
/** @import {App} from "./app.js" */
/** @import {AddressParts, AppLink, LinkKey} from "./link.js" */
/** @import {PluginLink} from "./link_values.js" */

/**
 * The link that the page was opened with, or has been led to. Token and engine are taken out of the address: the page may
 * be loaded anew, and must not ask twice.
 * @returns {AppLink}
 */
export function takeLink() {
  const link = readLink(location);
  takeOut(["token", "engine"]);
  return link;
}

/** @param {readonly LinkKey[]} keys */
function takeOut(keys) {
  replaceAddress(withoutKeys(location, keys));
}

/**
 * Lets the address say which workspace is shown, so that it can be kept and passed on; the default needs no saying.
 * @param {Workspaces} workspaces
 */
export function showInAddress({ current }) {
  if (current.key === DEFAULT_WORKSPACE.key) takeOut(["w"]);
  else replaceAddress(withWorkspace(location, current.name));
}

/** @param {AddressParts} address */
function replaceAddress({ search, hash }) {
  if (search === location.search && hash === location.hash) return;
  history.replaceState(null, "", location.pathname + search + hash);
}

/** Follows the links of one page, one after the other. */
export class LinkActions {
  #app;
  #following = Promise.resolve();

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /**
   * A token alone is that of the page's own server and is used at once; whatever needs an answer comes after what was
   * asked before.
   * @param {AppLink} link
   */
  follow({ engine, token, plugin }) {
    const before = readSetting("token");
    if (token !== null && engine === null) {
      writeSetting("token", token);
      void this.#app.pair(token, before);
    }
    this.#following = this.#following.then(async () => {
      if (engine !== null) await this.#followEngine(engine, token, before);
      if (plugin !== null) await this.#followPlugin(plugin);
    });
    return this.#following;
  }

  /**
   * @param {string} engine
   * @param {string | null} token
   * @param {string | null} before
   */
  async #followEngine(engine, token, before) {
    const app = this.#app;
    const actions = await app.engineActions();
    if (!actions) return;
    if (actions.judge(engine).reach !== "own") return actions.connect({ engine, token, fromLink: true });
    if (token !== null) {
      writeSetting("token", token);
      void app.pair(token, before);
    }
    if (app.other !== null) {
      app.notices.show(`The link asks for the engine of this page's own server; the page uses the one at ${app.other}.`, {
        seconds: 60,
        actions: [{ label: "Use the own one", run: () => void actions.useOwn() }],
      });
    }
  }

  /** @param {PluginLink} plugin */
  async #followPlugin(plugin) {
    const app = this.#app;
    if (plugin.kind === "unreadable") {
      app.notices.showError(`The link asks for a plugin, but ${plugin.reason}: ${plugin.text.slice(0, 200)}`);
    } else if (plugin.kind === "name") {
      await app.showCatalogue({ search: plugin.name, tag: plugin.tag });
    } else {
      await app.showInstall(plugin.url, plugin.tag);
    }
    // The page may have been led on meanwhile, to a plugin that nobody has been asked about yet.
    if (JSON.stringify(readLink(location).plugin) === JSON.stringify(plugin)) takeOut(["plugin"]);
  }
}
