/**
 * The list of installed plugins at the side, and the way to more.
 */

import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { icon } from "../core/icons.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {App} from "./app.js" */

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function pluginListView(app) {
  const plugins = app.workbench?.manager.plugins ?? [];
  return html`<aside
    id="plugin-panel"
    class="panel"
    data-region="plugins"
    aria-label="Plugins"
    ?hidden=${!app.panelOpen}
    @keydown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && app.isNarrow) app.setPanel(false);
    }}
  >
    <div class="panel-head">
      <h2>Plugins</h2>
      <button type="button" class="primary" @click=${() => app.showCatalogue()}>
        ${icon("add")} Add plugins
      </button>
    </div>
    ${
      (app.workbench !== null || app.isBlank) && plugins.length === 0
        ? html`<p class="panel-empty soft">No plugin is installed yet. Choose some from the catalogue of this folder.</p>`
        : nothing
    }
    <ul class="plugins">
      ${repeat(
        plugins,
        ({ name }) => name,
        (plugin) => app.workbench?.entryView(plugin),
      )}
    </ul>
  </aside>`;
}
