/**
 * The form of a plugin's operation as it is seen: labels, fields, and what is wrong with an entry.
 *
 * What an entry means is in form_entries.js. Called by shell/plugin_entry.js.
 */

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { findFault, readEntry } from "./form_entries.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {FormField, FormPart} from "../plugins/ui.js" */
/** @import {Entries} from "./form_entries.js" */

/**
 * @param {object} parts
 * @param {string} parts.id for the ids of the fields; unique in the page
 * @param {readonly FormPart[]} parts.form
 * @param {Entries} parts.entries
 * @param {(key: string, entry: unknown) => void} parts.change
 * @returns {TemplateResult}
 */
export function formView({ id, form, entries, change }) {
  return html`<div class="fields">
    ${form.map((part) => {
      if (part.kind === "field") return fieldView(id, part, entries[part.key], change);
      if (part.kind === "text") return html`<p class="field-text">${part.text}</p>`;
      if (part.kind === "problem") return html`<p class="field-text problem">${part.text}</p>`;
      return html`<p class="field-text soft">${part.label}: fields of the kind “${part.type}” cannot be shown yet.</p>`;
    })}
  </div>`;
}

/**
 * @param {string} formId
 * @param {FormField} field
 * @param {unknown} entry
 * @param {(key: string, entry: unknown) => void} change
 * @returns {TemplateResult}
 */
function fieldView(formId, field, entry, change) {
  const id = `${formId}-${field.id.replaceAll(/[^\w-]/gu, "_")}`;
  const fault = findFault(field, entry);
  const onInput = (/** @type {Event} */ event) => {
    change(field.key, readEntry(field, /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value));
  };
  const short = field.type === "number" || field.type === "choose";
  return html`<div class="field ${short ? "short" : "long"}">
    <label for=${id}>${field.label}</label>
    ${field.type === "choose" ? chooseView(id, field, entry, onInput) : inputView(id, field, String(entry ?? ""), fault, onInput)}
    ${fault === null ? nothing : html`<p class="field-fault" id="${id}-fault">${fault}</p>`}
  </div>`;
}

/**
 * @param {string} id
 * @param {FormField} field
 * @param {string} text
 * @param {string | null} fault
 * @param {(event: Event) => void} onInput
 * @returns {TemplateResult}
 */
function inputView(id, field, text, fault, onInput) {
  const isNumber = field.type === "number";
  const input = html`<input
    id=${id}
    type=${isNumber ? "number" : "text"}
    step=${isNumber ? (field.step ?? "any") : nothing}
    min=${field.min ?? nothing}
    max=${field.max ?? nothing}
    autocomplete="off"
    spellcheck="false"
    aria-invalid=${fault === null ? "false" : "true"}
    aria-describedby=${fault === null ? nothing : `${id}-fault`}
    .value=${live(text)}
    @input=${onInput}
  />`;
  if (!field.prefix && !field.suffix) return input;
  return html`<span class="affixed">${field.prefix ?? ""} ${input} ${field.suffix ?? ""}</span>`;
}

/**
 * @param {string} id
 * @param {FormField} field
 * @param {unknown} entry
 * @param {(event: Event) => void} onInput
 * @returns {TemplateResult}
 */
function chooseView(id, field, entry, onInput) {
  const chosen = field.options?.findIndex((option) => option.value === entry) ?? -1;
  return html`<select id=${id} .value=${live(String(chosen))} @change=${onInput}>
    ${field.options?.map(({ label }, i) => html`<option value=${i} ?selected=${i === chosen}>${label}</option>`)}
  </select>`;
}
