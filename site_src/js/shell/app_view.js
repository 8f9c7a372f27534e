/**
 * The page as a whole: top bar, progress, list of plugins, workspace, status bar.
 */

import { html, nothing } from "lit-html";
import { pluginListView } from "./plugin_list.js";
import { skipLinksView } from "./skip_links.js";
import { statusBarView } from "./status_bar.js";
import { topBarView } from "./top_bar.js";
import { workspaceView } from "./workspace_view.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {App} from "./app.js" */

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function appView(app) {
  const { panelOpen } = app;
  return html`<div class="app ${panelOpen ? "panel-open" : ""}">
    ${skipLinksView(app)} ${topBarView(app)}
    <div class="body">
      ${pluginListView(app)}
      ${app.isNarrow && panelOpen ? html`<div class="panel-shade" @click=${() => app.setPanel(false)}></div>` : nothing}
      ${workspaceView(app)}
    </div>
    ${statusBarView(app)}
  </div>`;
}
