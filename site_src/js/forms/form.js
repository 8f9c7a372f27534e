/**
 * A form as it is seen: its fields with labels and hints, what is wrong with an entry, and the texts between.
 *
 * What an entry means is in entries.js. Loaded when the first form is opened; called by the shell and the form dialog.
 */

import { html, nothing } from "lit-html";
import { icon } from "../core/icons.js";
import { spansView } from "../core/spans.js";
import { controlView, isGroupOfControls } from "./controls.js";
import { entriesOf, entryAt, findFault, pathInto } from "./entries.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {FormField, FormGroup, FormPart} from "../plugins/ui.js" */
/** @import {Entries, Path} from "./entries.js" */

/** What stands side by side with others; in this many letters it still does. */
const SHORT_LABEL = 26;
const SHORT_OPTION = 16;
const SHORT_AFFIXES = 8;

/**
 * @typedef {object} FormParts
 * @property {string} id for the ids of the fields; unique in the page
 * @property {readonly FormPart[]} form
 * @property {Entries} entered what the person has changed
 * @property {number} level of headings in it
 * @property {boolean} attempted somebody wanted to use the form, so that it says what is still missing
 * @property {(path: Path, entry: unknown) => void} change
 * @property {((id: string) => void) | null} press what a button does; null where buttons have nothing to do
 */

/**
 * @param {FormParts} parts
 * @returns {TemplateResult}
 */
export function formView(parts) {
  return html`<div class="form">${partsView(parts, parts.form, [], entriesOf(parts.form, parts.entered))}</div>`;
}

/**
 * The focus goes to the first field that has a wrong entry; parts that are folded over it are opened.
 * @param {Element} container
 * @returns {boolean} whether there was one
 */
export function focusFault(container) {
  const wrong = container.querySelector('[aria-invalid="true"]');
  const control = wrong?.matches("input, select, textarea") ? wrong : wrong?.querySelector("input");
  if (!(control instanceof HTMLElement)) return false;
  for (let around = control.closest("details"); around; around = around.parentElement?.closest("details") ?? null) {
    around.open = true;
  }
  control.focus();
  return true;
}

/**
 * @param {FormParts} parts
 * @param {readonly FormPart[]} form
 * @param {Path} around
 * @param {Entries} entries
 * @returns {TemplateResult}
 */
function partsView(parts, form, around, entries) {
  return html`<div class="fields">${form.map((part) => partView(parts, part, around, entries))}</div>`;
}

/**
 * @param {FormParts} parts
 * @param {FormPart} part
 * @param {Path} around
 * @param {Entries} entries
 */
function partView(parts, part, around, entries) {
  switch (part.kind) {
    case "field":
      return part.hidden ? nothing : fieldView(parts, part, [...around, part.key], entries);
    case "text":
      return html`<p class="form-text">${part.spans ? spansView(part.spans) : part.text}</p>`;
    case "heading":
      return html`<p class="form-heading" role="heading" aria-level=${parts.level}>${part.text}</p>`;
    case "rule":
      return html`<hr />`;
    case "image":
      return html`<img class="form-image" src=${part.address} alt=${part.label} />`;
    case "button":
      return buttonView(parts, part);
    case "group":
      return groupView(parts, part, around, entries);
    case "unsupported":
      return noteView(`${part.label}: “${part.type}” belongs to workflows, which this version does not have yet.`);
    case "operation":
      return noteView(`The form of “${part.operation}” cannot be shown here.`);
    default:
      return noteView(part.text);
  }
}

/** @param {string} text */
function noteView(text) {
  return html`<p class="form-note">${icon("warning")} <span>${text}</span></p>`;
}

/**
 * @param {FormParts} parts
 * @param {{id: string, label: string}} button
 */
function buttonView({ press }, { id, label }) {
  if (press === null) return noteView(`The button “${label}” has nothing to do here: its plugin has no function “update”.`);
  return html`<p class="form-button"><button type="button" @click=${() => press(id)}>${label}</button></p>`;
}

/**
 * @param {FormParts} parts
 * @param {FormGroup} group
 * @param {Path} around
 * @param {Entries} entries
 */
function groupView(parts, group, around, entries) {
  return html`<details class="form-group" ?open=${group.open}>
    <summary>${group.label}</summary>
    ${partsView(parts, group.parts, pathInto(group, around), entries)}
  </details>`;
}

/**
 * @param {FormParts} parts
 * @param {FormField} field
 * @param {Path} path
 * @param {Entries} entries
 * @returns {TemplateResult}
 */
function fieldView(parts, field, path, entries) {
  const entry = entryAt(entries, path);
  // The keys around a field make its id unique; letters that no id should have become others.
  const id = [parts.id, ...path.slice(0, -1), field.id].join("-").replaceAll(/[^\w-]/gu, (one) => `_${one.codePointAt(0)}`);
  const isTouched = parts.attempted || entryAt(parts.entered, path) !== undefined;
  const fault = isTouched ? findFault(field, entry) : null;
  const { hint, notes = [], suffix, type } = field;
  const said = [
    suffix?.trim() && type !== "slider" ? `${id}-unit` : "",
    hint ? `${id}-hint` : "",
    ...notes.map((_, i) => `${id}-note-${i}`),
    fault === null ? "" : `${id}-fault`,
  ].filter(Boolean);
  const control = controlView({
    id,
    field,
    entry,
    invalid: fault !== null,
    describedBy: said.length > 0 ? said.join(" ") : nothing,
    change: (changed) => parts.change(path, changed),
  });
  return html`<div class="field ${isShort(field) ? "short" : "long"} ${type}">
    ${labelView(id, field)}
    <div class="control">${control}</div>
    <div class="said">
      ${hint ? html`<p class="field-hint" id="${id}-hint">${hint}</p>` : nothing}
      ${notes.map((note, i) => html`<p class="field-hint mistake" id="${id}-note-${i}">${icon("warning")} ${note}</p>`)}
      ${fault === null ? nothing : html`<p class="field-fault" id="${id}-fault">${fault}</p>`}
    </div>
  </div>`;
}

/**
 * @param {string} id
 * @param {FormField} field
 */
function labelView(id, field) {
  const star = field.required ? html`<span class="required" aria-hidden="true" title="Must be filled"> *</span>` : nothing;
  // A tick box has its label at its side.
  if (field.type === "checkbox") return html`<div class="label"></div>`;
  if (isGroupOfControls(field)) return html`<div class="label"><span id="${id}-label">${field.label}</span>${star}</div>`;
  return html`<div class="label"><label for=${id}>${field.label}</label>${star}</div>`;
}

/**
 * Whether a field may stand beside another one.
 * @param {FormField} field
 * @returns {boolean}
 */
function isShort({ type, label, hint, notes, prefix = "", suffix = "", options = [] }) {
  if (hint || notes || label.length > SHORT_LABEL || (prefix + suffix).length > SHORT_AFFIXES) return false;
  if (type === "choose") return options.every((option) => option.label.length <= SHORT_OPTION);
  return type === "number" || type === "color" || type === "date" || type === "time" || type === "checkbox";
}
