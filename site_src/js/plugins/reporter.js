/**
 * Tells the person what goes wrong in plugins: in a message, with the way to the plugin's log.
 *
 * Called by manager.js.
 */

import { fold } from "../core/fold.js";

/** @import {Notices} from "../shell/notices.js" */
/** @import {Plugin} from "./plugin.js" */

/** A plugin that fails without end is not told of without end; its log has it all. */
const SILENCE = 5_000;

/** Puts failures where the person is looking. */
export class Reporter {
  #notices;
  #showLog;
  /** When a plugin was last told of, by its name. @type {Map<string, number>} */
  #told = new Map();
  /** What was shown of what nobody waited for, by the plugin's name. @type {Map<string, {id: number, problem: string}>} */
  #uncaught = new Map();

  /** @param {{notices: Notices, showLog: (plugin: Plugin) => void}} parts */
  constructor({ notices, showLog }) {
    this.#notices = notices;
    this.#showLog = showLog;
  }

  /**
   * Something that was asked for has failed.
   * @param {Plugin} plugin
   * @param {string} problem
   */
  tellFailure(plugin, problem) {
    plugin.write("error", problem);
    const before = this.#uncaught.get(plugin.name);
    if (before && problem.includes(lastLine(before.problem))) this.#notices.dismiss(before.id);
    this.#show(plugin, problem);
  }

  /**
   * The person has stopped it.
   * @param {Plugin} plugin
   * @param {"run" | "start"} what has ended with that
   */
  tellStop(plugin, what) {
    const text = what === "run" ? `${plugin.name} was stopped` : `The start of ${plugin.name} was stopped`;
    plugin.write("info", text);
    this.#notices.show(text);
  }

  /**
   * Something has failed in a plugin that nobody waited for. It is in the log already.
   * @param {Plugin} plugin
   * @param {string} problem
   */
  tellUncaught(plugin, problem) {
    const last = this.#told.get(plugin.name) ?? -Infinity;
    if (performance.now() - last < SILENCE) return;
    this.#told.set(plugin.name, performance.now());
    // Where it has ended the plugin, that is told with the next task, and says the same. A traceback may come before or
    // after the error that is its last line.
    setTimeout(() => {
      const isTold = this.#notices.messages.some(
        ({ source, text }) => source === plugin.name && text.includes(lastLine(problem)),
      );
      if (plugin.state === "failed" || isTold) return;
      this.#uncaught.set(plugin.name, { id: this.#show(plugin, problem), problem });
    });
  }

  /**
   * The plugin's name once and in front; of a traceback what it is about.
   * @param {Plugin} plugin
   * @param {string} problem
   * @returns {number} the id of the message
   */
  #show(plugin, problem) {
    const { head } = fold(problem);
    const text = head.startsWith(plugin.name) ? head : `${plugin.name}: ${head}`;
    const actions = [{ label: "Show log", run: () => this.#showLog(plugin) }];
    return this.#notices.showError(text, { actions, source: plugin.name });
  }
}

/** @param {string} text */
function lastLine(text) {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
