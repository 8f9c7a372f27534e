/**
 * The workspaces of this browser and the one that this page shows.
 *
 * A page shows one workspace from its beginning to its end: to show another, it is loaded anew, so that nothing of the
 * one is left in the other. What is in a workspace is in persistence.js (plugins) and settings.js (how it looks).
 */

import { Emitter } from "../core/events.js";
import { DEFAULT_WORKSPACE, findByName, makeKey, nameProblem, readWorkspaces, writeWorkspaces } from "./names.js";
import { forgetForms } from "./form_memory.js";
import { forgetSettings, readSetting, scopeSettings, watchSetting, writeSetting } from "./settings.js";

/** @import {Workspace} from "./names.js" */

/** What a tab remembers beside its address, so that it shows the same after it is loaded anew. */
const TAB = "imjoy_workspace";

/**
 * Emits `changed` when the list, or a name in it, is another.
 * @extends {Emitter<{changed: undefined}>}
 */
export class Workspaces extends Emitter {
  #list = readWorkspaces(readSetting("workspaces"));
  /** @type {Workspace} */
  #current = DEFAULT_WORKSPACE;

  constructor() {
    super();
    watchSetting("workspaces", (text) => {
      this.#list = readWorkspaces(text);
      this.emit("changed", undefined);
    });
  }

  get list() {
    return /** @type {readonly Workspace[]} */ (this.#list);
  }

  /** The one that this page shows, by its present name. */
  get current() {
    return this.#list.find(({ key }) => key === this.#current.key) ?? this.#current;
  }

  /** True where another tab has deleted what this page shows. */
  get isGone() {
    return !this.#list.some(({ key }) => key === this.#current.key);
  }

  /**
   * Chooses what this page shows: what its address asks for, which is made where there is none of that name; else what
   * this tab has shown before; else what was used last in this browser.
   * @param {string | null} asked
   * @returns {string | null} why what was asked for cannot be shown, in a sentence
   */
  open(asked) {
    const known = (/** @type {string | null} */ key) => this.#list.find((one) => one.key === key);
    let chosen = asked === null ? undefined : (this.find(asked) ?? undefined);
    const problem = asked === null || chosen ? null : nameProblem(asked, []);
    if (asked !== null && !chosen && !problem) chosen = this.#add(asked);
    chosen ??= known(readTab()) ?? known(readSetting("workspace")) ?? DEFAULT_WORKSPACE;
    this.#current = chosen;
    writeTab(chosen.key);
    writeSetting("workspace", chosen.key === DEFAULT_WORKSPACE.key ? null : chosen.key);
    scopeSettings(chosen.key);
    return problem;
  }

  /** @param {string} name */
  find(name) {
    return findByName(this.#list, name);
  }

  /**
   * @param {string} name
   * @param {Workspace} [self] the one that is to be renamed
   * @returns {string | null} why it cannot be had, in a sentence
   */
  problemOf(name, self) {
    return nameProblem(
      name,
      this.#list.filter(({ key }) => key !== self?.key),
    );
  }

  /**
   * @param {string} name one without a problem
   * @returns {Workspace}
   */
  create(name) {
    return this.#add(name);
  }

  /**
   * @param {Workspace} workspace
   * @param {string} name one without a problem
   */
  rename(workspace, name) {
    this.#change((list) => list.map((one) => (one.key === workspace.key ? { ...one, name } : one)));
  }

  /**
   * Deletes a workspace with all that this browser keeps of it; what its plugins wrote to the disk stays. Rejects where
   * the browser refuses, and nothing is deleted then.
   * @param {Workspace} workspace not the default
   */
  async remove(workspace) {
    const { openWorkspace } = await import("./persistence.js");
    const store = await openWorkspace(workspace.key);
    await store.clear();
    forgetSettings(workspace.key);
    forgetForms(workspace.key);
    this.#change((list) => list.filter(({ key }) => key !== workspace.key));
    if (readSetting("workspace") === workspace.key) writeSetting("workspace", null);
  }

  /** @param {string} name */
  #add(name) {
    const taken = this.#list.map(({ key }) => key);
    const workspace = { name, key: makeKey(name, taken) };
    this.#change((list) => [...list, workspace]);
    return workspace;
  }

  /**
   * Another tab may have changed the list a moment ago, so it is changed as it is now.
   * @param {(list: Workspace[]) => Workspace[]} change
   */
  #change(change) {
    this.#list = change(readWorkspaces(readSetting("workspaces")));
    writeSetting("workspaces", this.#list.length > 1 ? writeWorkspaces(this.#list) : null);
    this.emit("changed", undefined);
  }
}

/** @returns {string | null} */
function readTab() {
  try {
    return sessionStorage.getItem(TAB);
  } catch {
    return null;
  }
}

/** @param {string} key */
function writeTab(key) {
  try {
    sessionStorage.setItem(TAB, key);
  } catch {
    // The address of the page says it too.
  }
}
