/**
 * Tells the person what goes wrong in plugins: in a message, with the way to the plugin's log.
 *
 * Called by manager.js.
 */

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
    this.#show(plugin, problem);
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
    // Where it has ended the plugin, that is told with the next task, and says the same.
    setTimeout(() => {
      if (plugin.state !== "failed") this.#show(plugin, problem);
    });
  }

  /**
   * The plugin's name once and in front.
   * @param {Plugin} plugin
   * @param {string} problem
   */
  #show(plugin, problem) {
    const text = problem.startsWith(plugin.name) ? problem : `${plugin.name}: ${problem}`;
    const actions = [{ label: "Show log", run: () => this.#showLog(plugin) }];
    this.#notices.showError(text, { actions, source: plugin.name });
  }
}
