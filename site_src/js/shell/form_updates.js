/**
 * Tells plugins of changes in their forms: when nobody has typed for a moment, and never twice at a time.
 *
 * Called by workbench.js.
 */

/** @import {Operation, Plugin} from "../plugins/plugin.js" */

/** In milliseconds. */
const PAUSE = 300;

/** Which operations have a change to be told, and which are being told of one. */
export class FormUpdates {
  #tell;
  /** @type {Map<Operation, {timer: ReturnType<typeof setTimeout> | undefined, running: boolean, again: boolean}>} */
  #states = new Map();

  /** @param {(plugin: Plugin, operation: Operation) => Promise<void>} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /**
   * Something was changed: tells it after a pause.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  changed(plugin, operation) {
    const state = this.#stateOf(operation);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => void this.now(plugin, operation), PAUSE);
  }

  /**
   * Tells it at once, or as soon as the last time is over.
   * @param {Plugin} plugin
   * @param {Operation} operation
   */
  async now(plugin, operation) {
    const state = this.#stateOf(operation);
    clearTimeout(state.timer);
    state.again = true;
    if (state.running) return;
    state.running = true;
    try {
      while (state.again) {
        state.again = false;
        await this.#tell(plugin, operation);
      }
    } finally {
      this.#states.delete(operation);
    }
  }

  /** @param {Operation} operation */
  #stateOf(operation) {
    const state = this.#states.get(operation) ?? { timer: undefined, running: false, again: false };
    this.#states.set(operation, state);
    return state;
  }
}
