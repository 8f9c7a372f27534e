/**
 * The workspace: the windows, the log, and what to do where there is none.
 */

import { html, nothing } from "lit-html";
import { icon } from "../core/icons.js";
import { messageBarView } from "./message_bar.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {App} from "./app.js" */

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function workspaceView(app) {
  const { windows } = app;
  const isEmpty = windows.windows.length === 0;
  return html`<main class="workspace" aria-label="Workspace">
    <div class="stage" data-region="windows">
      ${windows.element} ${isEmpty && (app.workbench || app.isBlank) ? emptyView(app) : nothing} ${messageBarView(app.notices)}
    </div>
    ${app.log?.isOpen ? app.log.element : nothing}
  </main>`;
}

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
function emptyView(app) {
  const plugins = app.workbench?.manager.plugins ?? [];
  if (plugins.length > 0) {
    return html`<div class="empty">
      <div class="empty-mark">${icon("run")}</div>
      <h2>No window is open</h2>
      <p>Press ${icon("run")} in the list of plugins. What a plugin shows opens here.</p>
    </div>`;
  }
  return html`<div class="empty">
    <img class="empty-logo" src="/app/static/icon.svg" alt="" width="72" height="72" />
    <h2>Welcome to ImJoy Offline</h2>
    <p>Everything here runs on this computer. Nothing is asked from the internet.</p>
    <ol class="steps">
      <li>
        <h3>Choose</h3>
        <p>Open the catalogue and install the plugins that you need.</p>
      </li>
      <li>
        <h3>Run</h3>
        <p>Set their values in the list at the side and press ${icon("run")}.</p>
      </li>
      <li>
        <h3>See</h3>
        <p>Images and results open as windows in this place.</p>
      </li>
    </ol>
    <button type="button" class="primary large" @click=${() => app.showCatalogue()}>Open the catalogue</button>
  </div>`;
}
