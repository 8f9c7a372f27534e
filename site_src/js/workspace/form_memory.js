/**
 * What was entered in the forms of plugins, kept in this browser for each workspace.
 *
 * Kept in localStorage of the app's own origin, which no plugin shares. Where the browser keeps nothing, the entries live
 * as long as the page: they are in the plugins themselves. Called by the workbench.
 */

/** @typedef {Map<string, Record<string, unknown>>} FormEntries what was entered, by operation */

const PREFIX = "imjoy_form:";
/** In characters; a form that holds more than that has data in it, which is not ours to keep. */
const MOST = 100_000;
/** Until what was typed is written, in milliseconds. */
const PAUSE = 400;

/**
 * Forgets what was entered in a workspace that is deleted.
 * @param {string} workspace
 */
export function forgetForms(workspace) {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${workspace}/`));
    for (const key of keys) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

/** The memory of one workspace. */
export class FormMemory {
  #workspace;
  /** What has not been written yet, by plugin. @type {Map<string, () => FormEntries>} */
  #waiting = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} workspace */
  constructor(workspace) {
    this.#workspace = workspace;
  }

  /**
   * What was entered; nothing where it cannot be read.
   * @param {string} pluginId
   * @returns {FormEntries}
   */
  read(pluginId) {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key(pluginId)) ?? "{}");
      return new Map(Object.entries(kept).filter(([, entries]) => typeof entries === "object" && entries !== null));
    } catch {
      return new Map();
    }
  }

  /**
   * Writes what is entered when nobody has typed for a moment.
   * @param {string} pluginId
   * @param {() => FormEntries} entries asked then
   */
  keep(pluginId, entries) {
    this.#waiting.set(pluginId, entries);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.write(), PAUSE);
  }

  /** Writes what waits, since the page goes. */
  write() {
    clearTimeout(this.#timer);
    for (const [pluginId, entries] of this.#waiting) this.#put(pluginId, entries());
    this.#waiting.clear();
  }

  /** @param {string} pluginId */
  forget(pluginId) {
    this.#waiting.delete(pluginId);
    this.#put(pluginId, new Map());
  }

  /**
   * @param {string} pluginId
   * @param {FormEntries} entries
   */
  #put(pluginId, entries) {
    const filled = [...entries].filter(([, one]) => Object.keys(one).length > 0);
    const text = JSON.stringify(Object.fromEntries(filled));
    try {
      if (filled.length === 0 || text.length > MOST) localStorage.removeItem(this.#key(pluginId));
      else localStorage.setItem(this.#key(pluginId), text);
    } catch {
      // Nothing can be kept: what was entered serves until the page is closed.
    }
  }

  /** @param {string} pluginId */
  #key(pluginId) {
    return `${PREFIX}${this.#workspace}/${pluginId}`;
  }
}
