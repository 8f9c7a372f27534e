/**
 * The forms of the installed plugins: what is entered in them, what is kept of it, and who is told.
 *
 * The view of forms is loaded with the first one that is opened. Called by workbench.js and operation_view.js.
 */

import { configOf, entriesOf, findFaults, keptEntries, withEntry } from "../forms/entries.js";
import { FormUpdates } from "./form_updates.js";

/** @import * as FormView from "../forms/form.js" */
/** @import {Entries, Path} from "../forms/entries.js" */
/** @import {PluginManager} from "../plugins/manager.js" */
/** @import {Operation, Plugin} from "../plugins/plugin.js" */
/** @import {FormMemory} from "../workspace/form_memory.js" */
/** @import {App} from "./app.js" */

/** What a person can do in the forms of the list. */
export class PluginForms {
  #app;
  #manager;
  #memory;
  #updates = new FormUpdates((plugin, operation) => this.#update(plugin, operation));
  /** The operations that somebody wanted to run while something was wrong in their forms. @type {WeakSet<Operation>} */
  #attempted = new WeakSet();
  /** @type {typeof FormView | null} */
  #view = null;
  /** @type {Promise<void> | null} */
  #loading = null;

  /** @param {{app: App, manager: PluginManager, memory: FormMemory}} parts */
  constructor({ app, manager, memory }) {
    this.#app = app;
    this.#manager = manager;
    this.#memory = memory;
    addEventListener("pagehide", () => memory.write());
  }

  /** What shows forms; null until it is here, which is drawn then. */
  get view() {
    if (this.#view === null) void this.#load();
    return this.#view;
  }

  /** Until there is something that shows forms. */
  ready() {
    return this.#load();
  }

  /**
   * The values of a form; null where something is wrong in it, which is shown from then on.
   * @param {Plugin} plugin
   * @param {Operation} operation
   * @returns {Record<string, unknown> | null}
   */
  configOf(plugin, operation) {
    const { form, entries, faults } = this.#stateOf(plugin, operation);
    if (faults.length === 0) {
      this.#attempted.delete(operation);
      return configOf(form, entries);
    }
    this.#attempted.add(operation);
    return null;
  }

  /**
   * The label of the first field that has a wrong entry; empty where there is none.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  firstFault(plugin, operation) {
    return this.#stateOf(plugin, operation).faults[0]?.field.label ?? "";
  }

  /**
   * Whether the form of an operation says what is still missing in it.
   * @param {Operation} operation
   */
  isAttempted(operation) {
    return this.#attempted.has(operation);
  }

  /**
   * Something was entered.
   * @param {Plugin} plugin
   * @param {Operation} operation
   * @param {Path} path
   * @param {unknown} entry
   */
  enter(plugin, operation, path, entry) {
    this.#setEntries(plugin, operation, withEntry(plugin.entries.get(operation.name), path, entry));
  }

  /**
   * Everything is again as the plugin wants it at first.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  reset(plugin, operation) {
    this.#attempted.delete(operation);
    this.#setEntries(plugin, operation, {});
    this.#app.notices.setStatus(`The settings of ${plugin.name} are as at first`);
  }

  /**
   * A button of the form was pressed.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  press(plugin, operation) {
    if (this.configOf(plugin, operation) !== null) {
      void this.#updates.now(plugin, operation);
      return;
    }
    this.#app.draw();
    void this.showFault(plugin, operation);
  }

  /**
   * The focus goes to the first field that has a wrong entry, once the form is drawn.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  async showFault(plugin, operation) {
    await this.#load();
    setTimeout(() => {
      const entry = document.querySelector(`[data-plugin="${CSS.escape(plugin.name)}"]`);
      const form = entry?.querySelector(`[data-operation="${CSS.escape(operation.name)}"]`);
      if (form) this.#view?.focusFault(form);
    });
  }

  /**
   * The plugin is removed, and so is what was entered.
   * @param {Plugin} plugin
   */
  forget(plugin) {
    this.#memory.forget(plugin.record._id);
  }

  /** Where it cannot be had, that is said; the next one who needs it tries again. */
  async #load() {
    if (this.#view !== null) return;
    this.#loading ??= this.#app
      .load(() => import("../forms/form.js"))
      .then((view) => {
        this.#view = view;
        this.#loading = null;
        if (view !== null) this.#app.draw();
      });
    await this.#loading;
  }

  /**
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  #stateOf(plugin, operation) {
    const form = this.#manager.formOf(operation);
    const entries = entriesOf(form, plugin.entries.get(operation.name));
    return { form, entries, faults: findFaults(form, entries) };
  }

  /**
   * @param {Plugin} plugin
   * @param {Operation} operation
   * @param {Entries} entries
   */
  #setEntries(plugin, operation, entries) {
    plugin.entries.set(operation.name, entries);
    this.#memory.keep(plugin.record._id, () => this.#kept(plugin));
    if (this.#manager.hasUpdate(plugin, operation)) this.#updates.changed(plugin, operation);
    this.#app.draw();
  }

  /**
   * What is kept of a plugin's entries. Of an operation that is not registered now, what was kept before stays.
   * @param {Plugin} plugin
   */
  #kept(plugin) {
    return new Map(
      [...plugin.entries].map(([name, entered]) => {
        const operation = plugin.operations.get(name);
        return [name, operation ? keptEntries(this.#manager.formOf(operation), entered) : entered];
      }),
    );
  }

  /**
   * Half a number is not told.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  async #update(plugin, operation) {
    const { form, entries, faults } = this.#stateOf(plugin, operation);
    if (faults.length > 0) return;
    await this.#manager.updateForPerson(plugin, operation, configOf(form, entries));
  }
}
