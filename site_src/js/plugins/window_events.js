/**
 * The events of one window between the plugin in it and whoever opened it: `close`, `resize`, and their own.
 *
 * Unlike core/events.js the listeners are functions of other plugins: asynchronous, possibly failing, and awaited.
 * Called by plugins/window_plugins.js.
 */

/** @typedef {(data?: unknown) => unknown} Listener */

/** Named events with awaited listeners. */
export class WindowEvents {
  /** @type {Map<string, Listener[]>} */
  #listeners = new Map();
  /** What was emitted while nobody listened. @type {Map<string, unknown>} */
  #unheard = new Map();

  /**
   * @param {string} name
   * @param {Listener} listener
   * @param {boolean} [fireIfEmitted] call it at once with what was emitted before anybody listened
   */
  async on(name, listener, fireIfEmitted = false) {
    if (typeof listener !== "function") throw new TypeError(`on("${name}") needs a function`);
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    if (!fireIfEmitted || !this.#unheard.has(name)) return;
    const data = this.#unheard.get(name);
    this.#unheard.delete(name);
    await listener(data);
  }

  /**
   * @param {string} name
   * @param {Listener} [listener] without it all listeners of the event go
   */
  off(name, listener) {
    const kept = listener ? (this.#listeners.get(name) ?? []).filter((one) => one !== listener) : [];
    this.#listeners.set(name, kept);
  }

  /**
   * Calls the listeners one after the other; rejects with what they failed with, after all were called.
   * @param {string} name
   * @param {unknown} [data]
   */
  async emit(name, data) {
    const listeners = this.#listeners.get(name) ?? [];
    if (listeners.length === 0) {
      this.#unheard.set(name, data);
      return;
    }
    const problems = [];
    for (const listener of listeners) {
      try {
        await listener(data);
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0)
      throw new AggregateError(problems, `${problems.length} of the listeners of “${name}” failed`);
  }
}
