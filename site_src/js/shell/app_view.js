/**
 * The page as a whole: top bar, progress, list of plugins, workspace.
 */

import { html, nothing } from "lit-html";
import { pluginListView } from "./plugin_list.js";
import { topBarView } from "./top_bar.js";
import { workspaceView } from "./workspace_view.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {App} from "./app.js" */

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function appView(app) {
  const { notices, panelOpen } = app;
  return html`<div class="app ${panelOpen ? "panel-open" : ""}">
    ${topBarView(app)} ${progressView(notices.progress)}
    <div class="body">
      ${pluginListView(app)}
      ${app.isNarrow && panelOpen ? html`<div class="panel-shade" @click=${() => app.setPanel(false)}></div>` : nothing}
      ${workspaceView(app)}
    </div>
  </div>`;
}

/**
 * @param {number | null} progress
 * @returns {TemplateResult}
 */
function progressView(progress) {
  return html`<div
    class="progress"
    role="progressbar"
    aria-label="Progress"
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${progress === null ? nothing : Math.round(progress)}
    ?hidden=${progress === null}
  >
    <div style="width: ${progress ?? 0}%"></div>
  </div>`;
}
