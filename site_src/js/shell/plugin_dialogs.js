/**
 * The dialogs that plugins open: one after the other, each with the name of its plugin, gone when its plugin has gone.
 *
 * Called by the api of plugins; opened by workbench.js.
 */

import { ClosedError, ImJoyError } from "../core/errors.js";

/** @import {PluginDialogs as Dialogs} from "../plugins/api.js" */
/** @import {Message} from "../plugins/arguments.js" */
/** @import {Plugin} from "../plugins/plugin.js" */
/** @import {FormPart} from "../plugins/ui.js" */
/** @import {App} from "./app.js" */

/** A plugin that asks without end must not take the app away from its person. */
const MOST_WAITING = 20;

/** @implements {Dialogs} */
export class PluginDialogs {
  #load;
  #isHere;
  /** How many dialogs of each plugin are open or wait. @type {Map<Plugin, number>} */
  #counts = new Map();
  /** The dialog that was asked for last. @type {Promise<unknown>} */
  #last = Promise.resolve();
  /** @type {{plugin: Plugin, gone: AbortController} | null} */
  #shown = null;

  /**
   * @param {object} parts
   * @param {App["load"]} parts.load
   * @param {(plugin: Plugin) => boolean} parts.isHere whether a plugin is still there to get the answer
   */
  constructor({ load, isHere }) {
    this.#load = load;
    this.#isHere = isHere;
  }

  /** Closes the dialog of a plugin that has gone. */
  dropGone() {
    if (this.#shown && !this.#isHere(this.#shown.plugin)) this.#shown.gone.abort();
  }

  /** @param {Plugin} plugin @param {Message} message */
  alert(plugin, message) {
    return this.#inTurn(plugin, async (signal) => {
      const dialogs = await this.#messages();
      await dialogs.showAlert({ ...message, ...titleOf(plugin, message.title, "Message of"), signal });
    });
  }

  /** @param {Plugin} plugin @param {Message} message */
  confirm(plugin, message) {
    return this.#inTurn(plugin, async (signal) => {
      const dialogs = await this.#messages();
      const title = titleOf(plugin, message.title, "Question of");
      return dialogs.askConfirmation({ ...message, ...title, danger: false, signal });
    });
  }

  /** @param {Plugin} plugin @param {Message & {start: string}} message */
  prompt(plugin, message) {
    return this.#inTurn(plugin, async (signal) => {
      const dialogs = await this.#messages();
      return dialogs.askText({ ...message, ...titleOf(plugin, message.title, "Question of"), signal });
    });
  }

  /** @param {Plugin} plugin @param {{title: string | null, form: readonly FormPart[]}} dialog */
  form(plugin, { title, form }) {
    return this.#inTurn(plugin, async (signal) => {
      const dialogs = needed(await this.#load(() => import("../dialogs/form.js")));
      return dialogs.askForm({ ...titleOf(plugin, title, "Settings of"), form, signal });
    });
  }

  async #messages() {
    return needed(await this.#load(() => import("../dialogs/messages.js")));
  }

  /**
   * Shows a dialog when those before it are closed.
   * @template Answer
   * @param {Plugin} plugin
   * @param {(gone: AbortSignal) => Promise<Answer>} show
   * @returns {Promise<Answer>}
   */
  async #inTurn(plugin, show) {
    const count = this.#counts.get(plugin) ?? 0;
    if (count >= MOST_WAITING) {
      throw new ImJoyError(`${plugin.name} has ${count} dialogs that nobody has answered yet, so this one is not shown`);
    }
    this.#counts.set(plugin, count + 1);
    const answer = this.#last.then(async () => {
      const gone = new AbortController();
      this.#shown = { plugin, gone };
      this.dropGone();
      try {
        throwIfGone(gone.signal, plugin);
        const shown = await show(gone.signal);
        throwIfGone(gone.signal, plugin);
        return shown;
      } finally {
        this.#shown = null;
        this.#counts.set(plugin, (this.#counts.get(plugin) ?? 1) - 1);
        if (this.#counts.get(plugin) === 0) this.#counts.delete(plugin);
      }
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}

/**
 * A title of the plugin's own is shown with its name; otherwise the name is in the title.
 * @param {Plugin} plugin
 * @param {string | null} title
 * @param {string} words
 */
function titleOf({ name }, title, words) {
  return title && title !== name ? { title, asker: name } : { title: `${words} ${name}` };
}

/**
 * @param {AbortSignal} gone
 * @param {Plugin} plugin
 */
function throwIfGone(gone, plugin) {
  if (gone.aborted) throw new ClosedError(`${plugin.name} has ended before its dialog was answered`);
}

/**
 * @template Module
 * @param {Module | null} module
 * @returns {Module}
 */
function needed(module) {
  if (module === null) throw new ClosedError("the dialog could not be loaded, since the server does not answer");
  return module;
}
