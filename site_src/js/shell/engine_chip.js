/**
 * How the engine stands: a chip in the top bar, and in words what that means and what to do.
 */

import { html, nothing } from "lit-html";
import { engineWords } from "../engine/words.js";
import { icon } from "../core/icons.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {App} from "./app.js" */

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function engineChipView(app) {
  const { label, sentence, advice, tone, canRetry } = engineWords(app.engineState, app.engineWhere);
  return html`<button
      type="button"
      class="chip ${tone}"
      popovertarget="engine-panel"
      aria-label="Engine: ${label}"
      title="Engine: ${label}"
    >
      ${icon("engine")}<span class="chip-label">Engine: ${label.toLowerCase()}</span>
    </button>
    <div
      id="engine-panel"
      class="engine-panel"
      popover
      role="dialog"
      aria-label="Engine"
      @toggle=${(/** @type {ToggleEvent} */ event) => void app.watchEngine(event.newState === "open")}
    >
      <h2>Engine: ${label}</h2>
      <p>${sentence}</p>
      ${advice ? html`<p class="soft">${advice}</p>` : nothing}
      ${canRetry ? html`<button type="button" @click=${() => app.retryEngine()}>Try again</button>` : nothing}
      ${app.enginePanel?.view() ?? nothing}
    </div>`;
}
