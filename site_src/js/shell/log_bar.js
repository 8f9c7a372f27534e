/**
 * What stands around the lines of a log: whose it is, its levels with their counts, the search, what can be done with
 * it, and what is left out. Called by log_panel.js.
 */

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../core/icons.js";
import { LOG_LEVELS } from "../plugins/logbook.js";
import { counted } from "../plugins/words.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {LogLevel} from "../plugins/logbook.js" */

/** @type {Readonly<Record<LogLevel, {icon: string, one: string, many: string}>>} */
const LEVELS = Object.freeze({
  info: { icon: "info", one: "info", many: "infos" },
  warning: { icon: "warning", one: "warning", many: "warnings" },
  error: { icon: "failure", one: "error", many: "errors" },
});

/**
 * @typedef {object} LogBar
 * @property {readonly string[]} plugins the names of all
 * @property {string | null} plugin whose log it is; null for all together
 * @property {Readonly<Record<LogLevel, number>>} counts
 * @property {ReadonlySet<LogLevel>} levels that are shown
 * @property {string} search
 * @property {boolean} isEmpty no line is shown
 * @property {(plugin: string | null) => void} choose
 * @property {(level: LogLevel) => void} toggle
 * @property {(search: string) => void} find
 * @property {() => void} copy
 * @property {() => void} save
 * @property {() => void} clear
 * @property {() => void} close
 */

/**
 * @param {LogBar} bar
 * @returns {TemplateResult}
 */
export function logBarView(bar) {
  const { counts, isEmpty } = bar;
  const isBlank = counts.info + counts.warning + counts.error === 0;
  return html`${icon("log")}
    <h2>Log of</h2>
    ${choiceView(bar)}
    <div class="log-levels" role="group" aria-label="Levels">${LOG_LEVELS.map((level) => levelView(bar, level))}</div>
    <input
      type="search"
      aria-label="Search in the log"
      placeholder="Search"
      autocomplete="off"
      .value=${live(bar.search)}
      @input=${(/** @type {Event} */ event) => bar.find(/** @type {HTMLInputElement} */ (event.target).value)}
    />
    <div class="log-actions">
      ${actionView("Copy", "copy", bar.copy, isEmpty)} ${actionView("Save as text", "download", bar.save, isEmpty)}
      ${actionView("Clear", "remove", bar.clear, isBlank)} ${actionView("Close log", "close", bar.close)}
    </div>`;
}

/**
 * @param {string} label
 * @param {string} drawing
 * @param {() => void} run
 * @param {boolean} [isOff]
 */
function actionView(label, drawing, run, isOff = false) {
  return html`<button type="button" class="quiet" aria-label=${label} title=${label} ?disabled=${isOff} @click=${run}>
    ${icon(drawing)}
  </button>`;
}

/** @param {LogBar} bar */
function choiceView({ plugins, plugin, choose }) {
  return html`<select
    aria-label="Log of"
    .value=${live(plugin ?? "")}
    @change=${(/** @type {Event} */ event) => choose(/** @type {HTMLSelectElement} */ (event.target).value || null)}
  >
    <option value="">All plugins</option>
    ${plugins.map((name) => html`<option value=${name} ?selected=${name === plugin}>${name}</option>`)}
  </select>`;
}

/**
 * @param {LogBar} bar
 * @param {LogLevel} level
 */
function levelView({ counts, levels, toggle }, level) {
  const { icon: drawing, one, many } = LEVELS[level];
  const count = counts[level];
  const words = count === 1 ? one : many;
  const isOn = levels.has(level);
  return html`<button
    type="button"
    class="level ${level}"
    aria-pressed=${isOn}
    aria-label="${count} ${words}"
    title=${isOn ? `Hide ${many}` : `Show ${many}`}
    @click=${() => toggle(level)}
  >
    ${icon(drawing)}<span>${count} <span class="level-words">${words}</span></span>
  </button>`;
}

/**
 * What is not to be seen above the first line.
 * @param {{hidden: number, dropped: number, show: () => void}} older
 */
export function olderView({ hidden, dropped, show }) {
  const gone = counted(dropped, "oldest line is", "oldest lines are");
  return html`${
    hidden > 0
      ? html`<span>${counted(hidden, "older line is", "older lines are")} not shown.</span>
          <button type="button" class="link" @click=${show}>Show older lines</button>`
      : nothing
  }
  ${dropped > 0 ? html`<span>The ${gone} not kept any more.</span>` : nothing}`;
}

/**
 * Why there is nothing, or the way back to the end.
 * @param {{shown: number, total: number, following: boolean, unread: number, goToEnd: () => void}} foot
 */
export function logFootView({ shown, total, following, unread, goToEnd }) {
  if (shown === 0) {
    const why = total === 0 ? "Nothing has been logged." : "No line passes the filter.";
    return html`<p class="log-empty soft">${why}</p>`;
  }
  if (following) return nothing;
  return html`<button type="button" class="log-end" @click=${goToEnd}>
    ${icon("down")} ${unread > 0 ? counted(unread, "new line", "new lines") : "To the end"}
  </button>`;
}
