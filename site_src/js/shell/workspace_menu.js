/**
 * The workspace in the top bar: its name, and the menu by which it is changed for another, made, renamed and deleted.
 */

import { html } from "lit-html";
import { icon } from "../core/icons.js";
import { DEFAULT_WORKSPACE } from "../workspace/names.js";
import { openMenu } from "./menu.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {App} from "./app.js" */
/** @import {MenuItem} from "./menu.js" */
/** @import {WorkspaceActions} from "./workspace_actions.js" */

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function workspaceMenuView(app) {
  const { current } = app.workspaces;
  return html`<button
    type="button"
    class="workspace-button"
    aria-label="Workspace: ${current.name}"
    title="Workspace: ${current.name}"
    aria-haspopup="menu"
    aria-expanded="false"
    @click=${(/** @type {Event} */ event) =>
      openMenu(/** @type {HTMLElement} */ (event.currentTarget), "Workspaces", itemsOf(app), "start")}
  >
    ${icon("workspace")}<span class="workspace-name">${current.name}</span>${icon("down")}
  </button>`;
}

/**
 * @param {App} app
 * @returns {MenuItem[]}
 */
function itemsOf(app) {
  const { current, list } = app.workspaces;
  /** @param {(actions: WorkspaceActions) => void} run */
  const act = (run) => void app.workspaceActions().then((actions) => actions && run(actions));
  /** @type {MenuItem[]} */
  const items = list.map((one) => ({
    label: one.name,
    icon: "workspace",
    checked: one.key === current.key,
    run: () => act((actions) => void actions.switchWorkspace(one)),
  }));
  items.push({ label: "New workspace…", icon: "add", apart: true, run: () => act((actions) => void actions.createWorkspace()) });
  if (current.key !== DEFAULT_WORKSPACE.key) {
    items.push(
      { label: `Rename “${current.name}”…`, icon: "rename", run: () => act((actions) => void actions.renameWorkspace(current)) },
      { label: `Delete “${current.name}”…`, icon: "remove", danger: true, run: () => act((actions) => void actions.deleteWorkspace(current)) },
    );
  }
  return items;
}
