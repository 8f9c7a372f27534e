/**
 * One element of a form read into a field: its limits, options and default.
 *
 * Called by `ui.js`, which knows where the element stands and what it is called.
 */

import { isObject } from "./literals.js";

/** @import { JsonObject, JsonValue } from "./literals.js" */

/** @typedef {{label: string, value: JsonValue}} Option */

/**
 * A field: `id` is unique in the form, `key` is the name of its value in `ctx.config` (`dataID`, else the id).
 * `label` is the accessible name: the element's own, else the text right before it on its line, else the id. Only a
 * `choose` field has `options`, and its default is the value of one of them.
 * @typedef {object} FormField
 * @property {"field"} kind
 * @property {string} id
 * @property {string} key
 * @property {"number" | "string" | "choose"} type
 * @property {string} label
 * @property {JsonValue} default
 * @property {JsonValue} [placeholder]
 * @property {Option[]} [options]
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step]
 * @property {string} [prefix]
 * @property {string} [suffix]
 */

/**
 * @param {string} type
 * @returns {type is FormField["type"]}
 */
export function isFieldType(type) {
  return type === "number" || type === "string" || type === "choose";
}

/**
 * @param {JsonValue | undefined} value
 * @returns {string}
 */
export function identifier(value) {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/**
 * @param {FormField["type"]} type
 * @param {JsonObject} element
 * @param {{id: string, label: string}} names
 * @returns {FormField}
 */
export function readField(type, element, { id, label }) {
  const placeholder = element["placeholder"] ?? null;
  /** @type {FormField} */
  const field = {
    kind: "field",
    id,
    key: identifier(element["dataID"]) || id,
    type,
    label,
    default: null,
  };
  if (placeholder !== null) {
    field.placeholder = placeholder;
  }
  for (const name of /** @type {const} */ (["prefix", "suffix"])) {
    const value = element[name];
    if (typeof value === "string") {
      field[name] = value;
    }
  }
  if (type === "number") {
    readNumberField(field, element);
  } else if (type === "string") {
    field.default = placeholder === null || typeof placeholder === "object" ? "" : String(placeholder);
  } else {
    readChooseField(field, readOptions(element["options"]));
  }
  return field;
}

/**
 * @param {FormField} field
 * @param {JsonObject} element
 */
function readNumberField(field, element) {
  for (const name of /** @type {const} */ (["min", "max", "step"])) {
    const value = readNumber(element[name]);
    if (value !== null && (name !== "step" || value > 0)) {
      field[name] = value;
    }
  }
  const usual = Math.max(field.min ?? -Infinity, Math.min(field.max ?? Infinity, 3));
  field.default = readNumber(field.placeholder) ?? usual;
}

/**
 * A placeholder that is no option becomes the first one, since it is what the plugin expects at the beginning.
 * @param {FormField} field
 * @param {Option[]} options
 */
function readChooseField(field, options) {
  const { placeholder } = field;
  if (placeholder === undefined || typeof placeholder === "object") {
    field.default = options[0]?.value ?? null;
  } else {
    const chosen =
      options.find(({ value }) => value === placeholder) ??
      options.find(({ value, label }) => label === placeholder || String(value) === String(placeholder));
    if (!chosen) {
      options = [{ label: String(placeholder), value: placeholder }, ...options];
    }
    field.default = chosen ? chosen.value : placeholder;
  }
  field.options = options;
}

/**
 * @param {JsonValue | undefined} given
 * @returns {Option[]}
 */
export function readOptions(given) {
  /** @type {Option[]} */
  const options = [];
  for (const option of Array.isArray(given) ? given : []) {
    if (isObject(option)) {
      const value = option["value"] ?? option["label"];
      if (value !== undefined && value !== null) {
        options.push({ label: scalarText(option["label"] ?? value), value });
      }
    } else if (!Array.isArray(option)) {
      options.push({ label: scalarText(option), value: option });
    }
  }
  return options;
}

/**
 * @param {JsonValue} value
 * @returns {string}
 */
function scalarText(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * @param {JsonValue | undefined} value
 * @returns {number | null}
 */
function readNumber(value) {
  const number = typeof value === "string" && value.trim() ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
