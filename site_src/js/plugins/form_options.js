/**
 * The options of a field, in every shape in which plugins write them.
 *
 * Called by `form_fields.js`.
 */

import { isObject } from "./literals.js";

/** @import { JsonObject, JsonValue } from "./literals.js" */

/**
 * `category` is the heading under which the option stands.
 * @typedef {{label: string, value: JsonValue, category?: string}} Option
 */

/** More cannot be chosen from; a plugin with such a list asks in a window of its own. */
export const OPTION_LIMIT = 5_000;

/**
 * From a list of values or of `{label, value}`, an object of labels and values, or a text with commas.
 * @param {JsonValue | undefined} given
 * @returns {Option[]}
 */
export function readOptions(given) {
  /** @type {Option[]} */
  const options = [];
  for (const one of listOf(given)) {
    if (isObject(one)) {
      const value = one["value"] ?? one["label"];
      if (value !== undefined && value !== null) {
        const category = one["category"];
        options.push({
          label: scalarText(one["label"] ?? value),
          value,
          ...(typeof category === "string" && category.trim() ? { category: category.trim() } : {}),
        });
      }
    } else if (!Array.isArray(one)) {
      options.push({ label: scalarText(one), value: one });
    }
  }
  return options.slice(0, OPTION_LIMIT);
}

/**
 * @param {JsonValue | undefined} given
 * @returns {JsonValue[]}
 */
function listOf(given) {
  if (Array.isArray(given)) {
    return given;
  }
  if (isObject(given)) {
    return Object.entries(given).map(([label, value]) => ({ label, value }));
  }
  if (typeof given === "string") {
    return given
      .split(",")
      .map((text) => text.trim())
      .filter(Boolean);
  }
  return [];
}

/**
 * The option that a plugin means by a value: the same value, else one that reads the same.
 * @param {readonly Option[]} options
 * @param {JsonValue} wanted
 * @returns {Option | null}
 */
export function findOption(options, wanted) {
  return (
    options.find(({ value }) => value === wanted) ??
    options.find(({ value, label }) => label === wanted || String(value) === String(wanted)) ??
    null
  );
}

/**
 * @param {JsonValue} value
 * @returns {string}
 */
function scalarText(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
