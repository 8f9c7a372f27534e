/**
 * The parts of the dialog that asks whether a plugin is to be installed, as functions of what they show.
 */

import { html, nothing } from "lit-html";
import { icon, pluginIcon } from "../core/icons.js";
import { sizeWords } from "../core/quantities.js";
import { describeEntry } from "../plugins/catalogue.js";
import { typeWords } from "../plugins/words.js";

/** @import {FoundPlugin} from "../plugins/addressed.js" */
/** @import {AddressedPlugin} from "../plugins/addressed_plugin.js" */
/** @import {RunWords} from "../plugins/what_runs.js" */

const SIGNS = Object.freeze({ computer: "warning", sandbox: "check", nothing: "info" });

/** @param {string} url */
export function sourceView(url) {
  return html`<p class="install-source"><span class="soft">From</span> <code>${url}</code></p>`;
}

/**
 * What would be installed.
 * @param {object} parts
 * @param {FoundPlugin} parts.found
 * @param {RunWords} parts.words
 * @param {string | null} parts.tag
 * @param {(tag: string) => void} parts.chooseTag
 * @param {{version: string, isSame: boolean, workspace: string} | null} parts.before what is installed of this name
 * @param {string} parts.failure
 */
export function contentView({ found, words, tag, chooseTag, before, failure }) {
  const { entry, text } = found;
  const { missing } = describeEntry(entry);
  return html`<div class="install-head">
      ${pluginIcon(entry)}
      <div>
        <h3>${entry.name}</h3>
        <p class="soft">Version ${entry.version} · ${typeWords(entry.type)} (${entry.type})</p>
      </div>
    </div>
    ${entry.description ? html`<p>${entry.description}</p>` : nothing}
    ${entry.tags.length > 0 ? tagView(entry.tags, tag, chooseTag) : nothing}
    <section class="runs ${words.where}" aria-label="What will run">
      <h4>${icon(SIGNS[words.where])} What will run</h4>
      <p>${words.sentence}</p>
      <dl>
        ${words.details.map(
          ({ label, lines }) =>
            html`<div>
              <dt>${label}</dt>
              ${lines.map((line) => html`<dd>${line}</dd>`)}
            </div>`,
        )}
      </dl>
    </section>
    ${
      missing.length > 0
        ? html`<section class="runs absent" aria-label="Not in this folder">
          <h4>${icon("warning")} Not in this folder</h4>
          <ul>
            ${missing.map((one) => html`<li>${one}</li>`)}
          </ul>
        </section>`
        : nothing
    }
    ${before ? html`<p class="soft">${beforeWords(before)}</p>` : nothing}
    <details class="source">
      <summary>Show its source</summary>
      <pre tabindex="0"><code>${text}</code></pre>
    </details>
    ${failure ? failureView({ message: failure, hint: "" }) : nothing}`;
}

/** @param {{version: string, isSame: boolean, workspace: string}} before */
function beforeWords({ version, isSame, workspace }) {
  return isSame
    ? `It is installed in the workspace “${workspace}” already, letter by letter the same.`
    : `It takes the place of version ${version}, which is installed in the workspace “${workspace}” now.`;
}

/**
 * @param {readonly string[]} tags
 * @param {string | null} chosen null for the first
 * @param {(tag: string) => void} choose
 */
function tagView(tags, chosen, choose) {
  return html`<div class="field">
    <label for="install-tag">Variant</label>
    <select id="install-tag" @change=${(/** @type {Event} */ event) => choose(/** @type {HTMLSelectElement} */ (event.target).value)}>
      ${tags.map((tag, at) => html`<option value=${tag} ?selected=${chosen === null ? at === 0 : tag === chosen}>${tag}</option>`)}
    </select>
  </div>`;
}

/**
 * How far the download has come.
 * @param {AddressedPlugin} plugin
 */
export function bringingView({ item, step, notes, isCancelling }) {
  const { done = 0, total = 0, bytes = 0, total_bytes: all = 0, text = "" } = item ?? {};
  // Bytes tell more than things: one may be a hundred times as large as another.
  const share = all > 0 ? Math.round((100 * bytes) / all) : total > 0 ? Math.round((100 * done) / total) : null;
  return html`<div class="bringing">
    <p role="status">${isCancelling ? "Cancelling" : step}…</p>
    <div
      class="bringing-bar"
      role="progressbar"
      aria-label="Download"
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${share ?? nothing}
    >
      <div class=${share === null ? "unknown" : ""} style="width: ${share ?? 100}%"></div>
    </div>
    <p class="soft bringing-item">${
      share === null
        ? html`&nbsp;`
        : html`<span>${done} of ${total}</span>${bytes > 0 ? html`<span>${sizeWords(bytes)}${all > 0 ? ` of ${sizeWords(all)}` : ""}</span>` : nothing}<span class="what">${text}</span>`
    }</p>
    <ul class="soft">
      ${notes.map((note) => html`<li>${note}</li>`)}
    </ul>
  </div>`;
}

/** @param {{message: string, hint: string}} problem */
export function failureView({ message, hint }) {
  return html`<div class="card-failure" role="alert">
    ${icon("warning")}
    <div>
      <p>${message}</p>
      ${hint ? html`<p class="hint">${hint}</p>` : nothing}
    </div>
  </div>`;
}

/**
 * A command for a terminal.
 * @param {string} command
 * @param {boolean} isCopied
 * @param {() => void} copy
 */
export function commandView(command, isCopied, copy) {
  return html`<div class="command">
    <code tabindex="0">${command}</code>
    <button type="button" aria-label="Copy the command" @click=${copy}>
      ${icon(isCopied ? "check" : "copy")} ${isCopied ? "Copied" : "Copy"}
    </button>
  </div>`;
}
