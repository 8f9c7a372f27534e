/**
 * What is entered in the form of a plugin: entries, what is wrong with them, and the values that the plugin gets.
 *
 * Pure. While it is being typed a number is a text, so that half a number stays as it was typed; it becomes a number
 * when the plugin runs. Shown by shell/form.js.
 */

import { formValues } from "../plugins/ui.js";

/** @import {FormField, FormPart} from "../plugins/ui.js" */

/**
 * What stands in the fields, by key: of a number field the text as it was typed, of others the value.
 * @typedef {Record<string, unknown>} Entries
 */

/**
 * What stands in a form: its defaults, and over them what was entered.
 * @param {readonly FormPart[]} form
 * @param {Entries} [entered]
 * @returns {Entries}
 */
export function entriesOf(form, entered = {}) {
  return { ...formValues([...form]), ...entered };
}

/**
 * The values as the plugin gets them in `ctx.config`; only for a form without faults.
 * @param {readonly FormPart[]} form
 * @param {Entries} entries
 * @returns {Record<string, unknown>}
 */
export function configOf(form, entries) {
  return Object.fromEntries(
    fieldsOf(form).map(({ key, type }) => [key, type === "number" ? Number(entries[key]) : entries[key]]),
  );
}

/**
 * What is wrong with a field's entry, in a sentence; null where it is good.
 * @param {FormField} field
 * @param {unknown} entry
 * @returns {string | null}
 */
export function findFault(field, entry) {
  if (field.type !== "number") return null;
  const text = String(entry ?? "").trim();
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return "Give a number";
  const { min, max } = field;
  const isOut = number < (min ?? -Infinity) || number > (max ?? Infinity);
  if (!isOut) return null;
  if (min === undefined) return `Give a number of at most ${max}`;
  return max === undefined ? `Give a number of at least ${min}` : `Give a number from ${min} to ${max}`;
}

/**
 * The fields that keep a form from being used.
 * @param {readonly FormPart[]} form
 * @param {Entries} entries
 * @returns {FormField[]}
 */
export function findFaults(form, entries) {
  return fieldsOf(form).filter((field) => findFault(field, entries[field.key]) !== null);
}

/**
 * @param {readonly FormPart[]} form
 * @returns {FormField[]}
 */
function fieldsOf(form) {
  return form.filter((part) => part.kind === "field");
}

/**
 * The entry of a field from what was typed, or from the index of what was chosen.
 * @param {FormField} field
 * @param {string} text
 * @returns {unknown}
 */
export function readEntry(field, text) {
  if (field.type === "choose") return field.options?.[Number(text)]?.value;
  return text.replaceAll("\u00a0", " ");
}
