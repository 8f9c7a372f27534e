/**
 * The first thing that the tabulator comes to: ways past the top bar. Seen while they have the focus.
 */

import { html } from "lit-html";
import { focusOn } from "./focus.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {App} from "./app.js" */

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function skipLinksView(app) {
  return html`<nav class="skip-links" aria-label="Skip to">
    <button
      type="button"
      @click=${() => {
        app.setPanel(true);
        // It is drawn by then.
        queueMicrotask(() => enter("plugins"));
      }}
    >
      Skip to the plugins
    </button>
    <button type="button" @click=${() => enter("windows")}>Skip to the windows</button>
    <button type="button" @click=${() => app.showPalette()}>Search all commands</button>
  </nav>`;
}

/** @param {string} name of a region, see regions.js */
function enter(name) {
  const region = document.querySelector(`[data-region="${name}"]`);
  if (region instanceof HTMLElement) focusOn(region);
}
