/**
 * An operation of a plugin in the list: its form, and the button that runs it.
 *
 * Called by plugin_entry.js.
 */

import { html, nothing } from "lit-html";
import { icon } from "../core/icons.js";
import { entriesOf, fieldsOf, isChanged } from "../forms/entries.js";
import { isWindow } from "../plugins/words.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Operation, Plugin} from "../plugins/plugin.js" */
/** @import {FormPart} from "../plugins/ui.js" */
/** @import {Workbench} from "./workbench.js" */

/**
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 * @param {Operation} operation
 * @param {string} label
 * @returns {TemplateResult}
 */
export function runButtonView(workbench, plugin, operation, label) {
  const isOff = isRunOff(plugin);
  return html`<button
    type="button"
    class="run"
    aria-label=${label}
    title=${label}
    aria-disabled=${isOff}
    @click=${() => {
      if (!isOff) void workbench.run(plugin, operation);
    }}
  >
    ${icon("run")}
  </button>`;
}

/**
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 * @param {Operation} operation
 * @param {string} id
 * @returns {TemplateResult}
 */
export function operationView(workbench, plugin, operation, id) {
  const isMain = operation.name === plugin.name;
  const form = workbench.manager.formOf(operation);
  return html`<form
    class="operation"
    aria-label=${isMain ? `Settings of ${plugin.name}` : `Settings of ${plugin.name}: ${operation.name}`}
    data-operation=${operation.name}
    novalidate
    @submit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (!isRunOff(plugin)) void workbench.run(plugin, operation);
    }}
  >
    ${
      isMain
        ? nothing
        : html`<div class="operation-head">
          <h4>${operation.name}</h4>
          ${fieldsOf(form).length > 0 ? nothing : runButtonView(workbench, plugin, operation, submitLabel(plugin, operation))}
        </div>`
    }
    ${form.length > 0 ? formPartView(workbench, plugin, operation, { form, id }) : nothing}
  </form>`;
}

/**
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 * @param {Operation} operation
 * @param {{form: readonly FormPart[], id: string}} parts
 * @returns {TemplateResult}
 */
function formPartView(workbench, plugin, operation, { form, id }) {
  const view = workbench.forms.view;
  if (view === null) return html`<p class="soft"><span class="spinner"></span> Opening…</p>`;
  const entered = plugin.entries.get(operation.name) ?? {};
  const press = () => workbench.forms.press(plugin, operation);
  const isMain = operation.name === plugin.name;
  // The heading before the form is the plugin's name, or that of the operation below it.
  const level = isMain ? 4 : 5;
  return html`${view.formView({
      ...{ id, form, entered, level },
      attempted: workbench.forms.isAttempted(operation),
      change: (path, entry) => workbench.forms.enter(plugin, operation, path, entry),
      press: workbench.manager.hasUpdate(plugin, operation) ? press : null,
    })}
    ${
      fieldsOf(form).length > 0
        ? html`<div class="operation-actions">
            <button
              type="button"
              class="link"
              aria-label="Reset the settings of ${isMain ? plugin.name : `${plugin.name}: ${operation.name}`}"
              ?hidden=${!isChanged(form, entriesOf(form, entered))}
              @click=${(/** @type {Event} */ event) => {
                workbench.forms.reset(plugin, operation);
                keepFocus(/** @type {HTMLElement} */ (event.currentTarget));
              }}
            >
              Reset to defaults
            </button>
            ${
              isMain && !plugin.config.runnable
                ? nothing
                : html`<button type="submit" aria-label=${submitLabel(plugin, operation)} aria-disabled=${isRunOff(plugin)}>
                  ${icon("run")} Run
                </button>`
            }
          </div>`
        : nothing
    }`;
}

/**
 * The button that was pressed goes: the focus stays in its form.
 * @param {HTMLElement} button
 */
function keepFocus(button) {
  const fields = button.closest("form")?.querySelector("input, select, textarea");
  /** @type {HTMLElement | null | undefined} */ (fields)?.focus();
}

/**
 * The plugin's own operation has a button in the list already, with the shorter name.
 * @param {Plugin} plugin
 * @param {Operation} operation
 */
function submitLabel({ name }, operation) {
  return operation.name === name ? `Run ${name} with these settings` : `Run ${name}: ${operation.name}`;
}

/**
 * A window plugin opens another window with every run; others do one thing at a time.
 * @param {Plugin} plugin
 */
function isRunOff(plugin) {
  const { state } = plugin;
  return state === "starting" || state === "stopping" || (state === "busy" && !isWindow(plugin.type));
}
