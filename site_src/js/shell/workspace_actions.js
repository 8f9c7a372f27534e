/**
 * What a person can do with workspaces. Another one is shown by loading the page anew, with its name in the address.
 */

import { wordsOf } from "../core/errors.js";
import { SERVER_GONE, serverAnswers } from "../core/server.js";
import { DEFAULT_WORKSPACE } from "../workspace/names.js";
import { counted } from "../plugins/words.js";
import { withWorkspace } from "./link.js";
import { showInAddress } from "./link_actions.js";

/** @import {Workspace} from "../workspace/names.js" */
/** @import {App} from "./app.js" */
/** @import {AddressParts} from "./link.js" */

/** Actions of one app. */
export class WorkspaceActions {
  #app;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /** @param {Workspace} workspace */
  async switchWorkspace(workspace) {
    const app = this.#app;
    if (workspace.key === app.workspaces.current.key) return;
    if (await this.#mayLeave(`Switch to “${workspace.name}”?`, "Switch")) await this.#show(workspace);
  }

  async createWorkspace() {
    const app = this.#app;
    const { workspaces } = app;
    const name = await this.#askName({
      title: "New workspace",
      label: "Name",
      value: "",
      confirm: "Create",
      words: "It begins empty: plugins, their settings and windows are apart from those of other workspaces.",
      problemOf: (text) => workspaces.problemOf(text),
    });
    if (name === null || !(await this.#mayLeave(`Go to the new workspace “${name}”?`, "Create"))) return;
    await this.#show(workspaces.create(name));
  }

  /** @param {Workspace} workspace */
  async renameWorkspace(workspace) {
    const { workspaces } = this.#app;
    const name = await this.#askName({
      title: `Rename “${workspace.name}”`,
      label: "New name",
      value: workspace.name,
      confirm: "Rename",
      words: `Files that its Python plugins write stay in the folder workspace/${workspace.key}.`,
      problemOf: (text) => workspaces.problemOf(text, workspace),
    });
    if (name === null || name === workspace.name) return;
    workspaces.rename(workspace, name);
    showInAddress(workspaces);
  }

  /** @param {Workspace} workspace */
  async deleteWorkspace(workspace) {
    const app = this.#app;
    const dialogs = await app.load(() => import("../dialogs/messages.js"));
    const plugins = app.workbench?.manager.plugins.length ?? 0;
    const isSure = await dialogs?.askConfirmation({
      title: `Delete the workspace “${workspace.name}”?`,
      content:
        `${plugins > 0 ? `Its ${counted(plugins, "plugin", "plugins")} and their settings are` : "It is"} deleted from ` +
        "this browser. What its Python plugins wrote to the disk, in the folder " +
        `workspace/${workspace.key}, stays there.`,
      confirm: "Delete",
    });
    if (!isSure) return;
    try {
      if (!(await this.#serverAnswers())) return;
      await app.workspaces.remove(workspace);
      await this.#show(DEFAULT_WORKSPACE);
    } catch (error) {
      app.notices.showError(`The workspace “${workspace.name}” could not be deleted: ${wordsOf(error)}`);
    }
  }

  /**
   * Follows a link to another workspace, which the page was led to but has not followed yet.
   * @param {AddressParts} address
   * @param {string} name of the workspace that it asks for
   */
  async goTo(address, name) {
    if ((await this.#mayLeave(`Go to the workspace “${name}”?`, "Go there")) && (await this.#serverAnswers())) {
      go("replaceState", address);
      location.reload();
    } else showInAddress(this.#app.workspaces);
  }

  /** Another tab has deleted what this page shows. */
  tellGone() {
    const { notices } = this.#app;
    notices.showError("This workspace was deleted in another tab. What you do here from now on is not kept.", {
      actions: [{ label: "Go to “default”", run: () => void this.#show(DEFAULT_WORKSPACE) }],
    });
  }

  /** @param {Workspace} workspace */
  async #show(workspace) {
    if (!(await this.#serverAnswers())) return;
    // The way back leads to the workspace that is shown now, which the address need not have said.
    go("replaceState", withWorkspace(location, this.#app.workspaces.current.name));
    go("pushState", withWorkspace(location, workspace.name));
    location.reload();
  }

  /** A page that is loaded anew without its server would be gone. */
  async #serverAnswers() {
    if (await serverAnswers()) return true;
    this.#app.notices.showError(`The workspace was not changed, since ${SERVER_GONE}.`);
    return false;
  }

  /**
   * Windows and running plugins end with the page; a person is asked before.
   * @param {string} title
   * @param {string} confirm
   */
  async #mayLeave(title, confirm) {
    const app = this.#app;
    const windows = app.windows.windows.length;
    const busy = (app.workbench?.manager.plugins ?? []).filter(({ state }) => state === "busy");
    if (windows === 0 && busy.length === 0) return true;
    const things = [
      ...(windows > 0 ? [counted(windows, "window", "windows")] : []),
      ...(busy.length > 0 ? [counted(busy.length, "plugin that runs", "plugins that run")] : []),
    ];
    const verb = windows + busy.length === 1 ? "is" : "are";
    const dialogs = await app.load(() => import("../dialogs/messages.js"));
    return dialogs?.askConfirmation({
      title,
      content: `${things.join(" and ")} ${verb} closed with “${app.workspaces.current.name}”; what they have not saved is lost. What is installed stays.`,
      confirm,
    });
  }

  /** @param {import("../dialogs/name.js").NameQuestion} question */
  async #askName(question) {
    const dialogs = await this.#app.load(() => import("../dialogs/name.js"));
    return (await dialogs?.askName(question)) ?? null;
  }
}

/**
 * @param {"pushState" | "replaceState"} how
 * @param {AddressParts} address
 */
function go(how, { search, hash }) {
  history[how](null, "", location.pathname + search + hash);
}
