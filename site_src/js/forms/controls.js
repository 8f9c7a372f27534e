/**
 * The control of one field, by its kind: what the person types, moves or ticks.
 *
 * Called by form.js, which puts label, hint and fault around it.
 */

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { hexOf, readColor } from "../plugins/form_colors.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Option} from "../plugins/form_options.js" */
/** @import {FormField} from "../plugins/ui.js" */

/**
 * What a control needs to know.
 * @typedef {object} ControlParts
 * @property {string} id of the control; unique in the page
 * @property {FormField} field
 * @property {unknown} entry
 * @property {boolean} invalid
 * @property {string | typeof nothing} describedBy the ids of what is said about it
 * @property {(entry: unknown) => void} change
 */

/** @type {Partial<Record<FormField["type"], string>>} */
const INPUT_TYPES = { number: "number", password: "password", date: "date", time: "time", datetime: "datetime-local" };

/**
 * Whether a control is a group of several, which no single `label` can name.
 * @param {FormField} field
 * @returns {boolean}
 */
export function isGroupOfControls({ type }) {
  return type === "radio" || type === "multichoose";
}

/**
 * @param {ControlParts} parts
 * @returns {TemplateResult}
 */
export function controlView(parts) {
  switch (parts.field.type) {
    case "choose":
      return withAffixes(parts, chooseView(parts));
    case "radio":
      return radioView(parts);
    case "multichoose":
      return multichooseView(parts);
    case "checkbox":
      return checkboxView(parts);
    case "slider":
      return withAffixes(parts, sliderView(parts));
    case "color":
      return colorView(parts);
    case "textarea":
      return textareaView(parts);
    default:
      return withAffixes(parts, inputView(parts));
  }
}

/**
 * Prefix and unit at the sides of a control.
 * @param {ControlParts} parts
 * @param {TemplateResult} control
 */
function withAffixes({ id, field: { prefix = "", suffix = "" } }, control) {
  const [before, behind] = [prefix.trim(), suffix.trim()];
  if (!before && !behind) return control;
  return html`<span class="affixed">
    ${before ? html`<span>${before}</span>` : nothing}${control}${behind ? html`<span id="${id}-unit">${behind}</span>` : nothing}
  </span>`;
}

/** @param {ControlParts} parts */
function inputView({ id, field, entry, invalid, describedBy, change }) {
  const { type, min, max, step, readonly, required, placeholder, maxLength } = field;
  const isNumber = type === "number";
  return html`<input
    id=${id}
    type=${INPUT_TYPES[type] ?? "text"}
    step=${isNumber ? (step ?? (field.whole ? 1 : "any")) : nothing}
    min=${min ?? nothing}
    max=${max ?? nothing}
    maxlength=${maxLength ?? nothing}
    placeholder=${placeholder ?? nothing}
    autocomplete=${type === "password" ? "new-password" : "off"}
    spellcheck="false"
    ?readonly=${readonly}
    aria-required=${required ? "true" : nothing}
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
    .value=${live(String(entry ?? ""))}
    @input=${(/** @type {Event} */ event) => change(plain(valueOf(event)))}
  />`;
}

/** @param {ControlParts} parts */
function textareaView({ id, field, entry, invalid, describedBy, change }) {
  return html`<textarea
    id=${id}
    rows=${field.rows ?? 3}
    maxlength=${field.maxLength ?? nothing}
    placeholder=${field.placeholder ?? nothing}
    spellcheck="false"
    ?readonly=${field.readonly}
    aria-required=${field.required ? "true" : nothing}
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
    .value=${live(String(entry ?? ""))}
    @input=${(/** @type {Event} */ event) => change(plain(valueOf(event)))}
  ></textarea>`;
}

/**
 * The hand moves the slider, and the exact number can be typed beside it.
 * @param {ControlParts} parts
 */
function sliderView({ id, field, entry, invalid, describedBy, change }) {
  const { label, min, max, step, readonly, suffix = "" } = field;
  const number = Number(entry);
  const shown = Number.isFinite(number) ? number : Number(field.default);
  return html`<input
      id=${id}
      type="range"
      min=${min ?? nothing}
      max=${max ?? nothing}
      step=${step ?? nothing}
      ?disabled=${readonly}
      aria-valuetext=${`${shown} ${suffix}`.trim()}
      aria-describedby=${describedBy}
      .value=${live(String(shown))}
      @input=${(/** @type {Event} */ event) => change(Number(valueOf(event)))}
    /><input
      class="slider-number"
      type="number"
      aria-label="${label}: number"
      min=${min ?? nothing}
      max=${max ?? nothing}
      step=${step ?? nothing}
      ?readonly=${readonly}
      aria-invalid=${invalid}
      aria-describedby=${describedBy}
      .value=${live(String(entry ?? ""))}
      @input=${(/** @type {Event} */ event) => change(valueOf(event))}
    />`;
}

/** @param {ControlParts} parts */
function colorView({ id, field, entry, describedBy, change }) {
  const hex = hexOf(entry);
  return html`<span class="affixed">
    <input
      id=${id}
      type="color"
      ?disabled=${field.readonly}
      aria-describedby=${describedBy}
      .value=${live(hex)}
      @input=${(/** @type {Event} */ event) => change(readColor(valueOf(event)))}
    />
    <code>${hex}</code>
  </span>`;
}

/** @param {ControlParts} parts */
function chooseView({ id, field, entry, invalid, describedBy, change }) {
  const { options = [] } = field;
  const chosen = options.findIndex(({ value }) => value === entry);
  return html`<select
    id=${id}
    ?disabled=${field.readonly}
    aria-required=${field.required ? "true" : nothing}
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
    .value=${live(String(chosen))}
    @change=${(/** @type {Event} */ event) => change(options[Number(valueOf(event))]?.value)}
  >
    ${byCategory(options).map(({ category, members }) => {
      const shown = members.map(
        ([i, label]) => html`<option value=${i} ?selected=${i === chosen}>${label}</option>`,
      );
      return category ? html`<optgroup label=${category}>${shown}</optgroup>` : shown;
    })}
  </select>`;
}

/**
 * Options that follow each other in one category, with their places in the whole list.
 * @param {readonly Option[]} options
 */
function byCategory(options) {
  /** @type {{category: string, members: [number, string][]}[]} */
  const groups = [];
  for (const [i, { label, category = "" }] of options.entries()) {
    const last = groups.at(-1);
    if (last?.category === category) last.members.push([i, label]);
    else groups.push({ category, members: [[i, label]] });
  }
  return groups;
}

/** @param {ControlParts} parts */
function radioView({ id, field, entry, invalid, describedBy, change }) {
  return html`<div
    id=${id}
    class="ticks"
    role="radiogroup"
    aria-labelledby="${id}-label"
    aria-required=${field.required ? "true" : nothing}
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
  >
    ${field.options?.map(
      ({ label, value }) => html`<label class="tick">
        <input type="radio" name=${id} ?disabled=${field.readonly} .checked=${live(value === entry)} @change=${() => change(value)} />
        <span>${label}</span>
      </label>`,
    )}
  </div>`;
}

/** @param {ControlParts} parts */
function multichooseView({ id, field, entry, invalid, describedBy, change }) {
  const { options = [] } = field;
  const chosen = new Set(Array.isArray(entry) ? entry : []);
  const toggle = (/** @type {Option["value"]} */ toggled) => {
    const isChosen = (/** @type {Option["value"]} */ value) => chosen.has(value) !== (value === toggled);
    change(options.map(({ value }) => value).filter(isChosen));
  };
  return html`<div id=${id} class="ticks" role="group" aria-labelledby="${id}-label" aria-describedby=${describedBy}>
    ${options.map(
      ({ label, value }) => html`<label class="tick">
        <input
          type="checkbox"
          ?disabled=${field.readonly}
          aria-invalid=${invalid}
          .checked=${live(chosen.has(value))}
          @change=${() => toggle(value)}
        />
        <span>${label}</span>
      </label>`,
    )}
  </div>`;
}

/** @param {ControlParts} parts */
function checkboxView({ id, field, entry, invalid, describedBy, change }) {
  return html`<label class="tick">
    <input
      id=${id}
      type="checkbox"
      ?disabled=${field.readonly}
      aria-required=${field.required ? "true" : nothing}
      aria-invalid=${invalid}
      aria-describedby=${describedBy}
      .checked=${live(entry === true)}
      @change=${(/** @type {Event} */ event) => change(/** @type {HTMLInputElement} */ (event.target).checked)}
    />
    <span>${field.label}</span>
  </label>`;
}

/** @param {Event} event */
function valueOf(event) {
  return /** @type {HTMLInputElement} */ (event.target).value;
}

/** @param {string} text */
function plain(text) {
  return text.replaceAll("\u00a0", " ");
}
