/**
 * One element of a form read into a field: its words, limits, options and default, and what its plugin got wrong there.
 *
 * Called by `ui.js`, which knows where the element stands and what it is called. A mistake in one attribute becomes a
 * note at the field; the field works without that attribute.
 */

import { readColor, usualColor } from "./form_colors.js";
import { plainText } from "./form_markup.js";
import { OPTION_LIMIT, findOption, readOptions } from "./form_options.js";

/** @import { FieldType } from "./form_kinds.js" */
/** @import { Option } from "./form_options.js" */
/** @import { JsonObject, JsonValue } from "./literals.js" */

/**
 * A field: `id` is unique in the form, `key` is the name of its value in `ctx.config` (`dataID`, else the id).
 * `label` is the accessible name: the element's own, else the text at its side, else the id. Only fields of choice have
 * `options`; the default of `choose` and `radio` is the value of one of them, that of `multichoose` a list of such.
 * @typedef {object} FormField
 * @property {"field"} kind
 * @property {string} id
 * @property {string} key
 * @property {FieldType} type
 * @property {string} label
 * @property {JsonValue} default
 * @property {string} [placeholder] what an empty field shows
 * @property {string} [hint] what it is about, in a sentence
 * @property {string[]} [notes] what its plugin got wrong, in sentences
 * @property {Option[]} [options]
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step]
 * @property {true} [whole] only whole numbers
 * @property {string} [prefix]
 * @property {string} [suffix]
 * @property {true} [required]
 * @property {true} [readonly]
 * @property {true} [hidden] has a value, and is not shown
 * @property {number} [maxLength] in characters
 * @property {number} [rows]
 */

/**
 * @typedef {object} FieldNames
 * @property {string} id
 * @property {string} label
 * @property {string} written the kind as the plugin spells it
 * @property {number} count how many fields come before it
 */

const USUAL_NUMBER = 3;
const YES = new Set(["true", "yes", "on", "1"]);
const NO = new Set(["false", "no", "off", "0", ""]);
/** @type {Partial<Record<FieldType, RegExp>>} */
const DATES = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  time: /^\d{2}:\d{2}(?::\d{2})?$/,
  datetime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/,
};

/**
 * @param {JsonValue | undefined} value
 * @returns {string}
 */
export function identifier(value) {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/**
 * @param {FieldType} type
 * @param {JsonObject} element
 * @param {FieldNames} names
 * @returns {FormField}
 */
export function readField(type, element, { id, label, written, count }) {
  /** @type {FormField} */
  const field = { kind: "field", id, key: identifier(element["dataID"]) || id, type, label, default: null };
  const reading = new Reading(field, element);
  reading.words();
  switch (type) {
    case "number":
    case "slider":
      reading.number(/^int(?:eger)?$/i.test(written) || element["integer"] === true);
      break;
    case "choose":
    case "radio":
      reading.choice();
      break;
    case "multichoose":
      reading.choices();
      break;
    case "checkbox":
      reading.yesOrNo();
      break;
    case "color":
      reading.color(count);
      break;
    case "date":
    case "time":
    case "datetime":
      reading.date();
      break;
    default:
      reading.text(written === "variableName" ? "variable" : "");
  }
  return reading.finish();
}

/** Reads the attributes of one element into its field. */
class Reading {
  #field;
  #element;
  /** @type {string[]} */
  #notes = [];

  /**
   * @param {FormField} field
   * @param {JsonObject} element
   */
  constructor(field, element) {
    this.#field = field;
    this.#element = element;
  }

  words() {
    const [field, element] = [this.#field, this.#element];
    const suffix = element["suffix"] ?? element["unit"] ?? element["units"];
    const hint = element["description"] ?? element["hint"] ?? element["help"] ?? element["tooltip"];
    for (const [name, value] of /** @type {const} */ ([
      ["prefix", element["prefix"]],
      ["suffix", suffix],
      ["hint", typeof hint === "string" ? plainText(hint) : null],
    ])) {
      if (typeof value === "string" && value !== "") {
        field[name] = value;
      }
    }
    if (element["required"] === true) {
      field.required = true;
    }
    if (element["readonly"] === true || element["disabled"] === true) {
      field.readonly = true;
    }
    if (element["hide"] === true || element["hidden"] === true) {
      field.hidden = true;
    }
    const own = element["default"] ?? element["value"];
    const placeholder = element["placeholder"];
    if (own !== undefined && own !== null && typeof placeholder === "string") {
      field.placeholder = placeholder;
    }
  }

  /** What the field holds at first, by whatever name; undefined where nothing is said. */
  get #start() {
    const { default: first, value, placeholder } = this.#element;
    return first ?? value ?? placeholder ?? undefined;
  }

  /** @param {boolean} isWhole */
  number(isWhole) {
    const field = this.#field;
    for (const name of /** @type {const} */ (["min", "max", "step"])) {
      const given = this.#element[name];
      const value = readNumber(given);
      if (value !== null && (name !== "step" || value > 0)) {
        field[name] = value;
      } else if (given !== undefined && given !== null && given !== "") {
        this.#notes.push(`Its plugin gives a ${name} that cannot be used: ${show(given)}.`);
      }
    }
    if (field.min !== undefined && field.max !== undefined && field.min > field.max) {
      this.#notes.push(`Its plugin gives a min (${field.min}) that is greater than its max (${field.max}).`);
      delete field.min;
      delete field.max;
    }
    if (isWhole) {
      field.whole = true;
    }
    if (field.type === "slider") {
      field.min ??= (field.max ?? 100) > 0 ? 0 : (field.max ?? 0) - 100;
      field.max ??= Math.max(100, field.min + 100);
      field.step ??= isWhole ? 1 : niceStep(field.max - field.min);
    }
    field.default = this.#startNumber(field.type === "slider" ? (field.min ?? 0) : USUAL_NUMBER);
  }

  /**
   * @param {number} usual
   * @returns {number}
   */
  #startNumber(usual) {
    const { min = -Infinity, max = Infinity, whole } = this.#field;
    const start = this.#start;
    const given = readNumber(start);
    if (given === null && start !== undefined && start !== "") {
      this.#notes.push(`Its plugin gives a value to begin with that is no number: ${show(start)}.`);
    }
    const within = Math.max(min, Math.min(max, given ?? usual));
    if (given !== null && within !== given) {
      this.#notes.push(`Its plugin gives a value to begin with that is not allowed here: ${given}.`);
    }
    return whole ? Math.round(within) : within;
  }

  /** @param {string} usual */
  text(usual) {
    const start = this.#start ?? usual;
    const field = this.#field;
    field.default = typeof start === "object" ? "" : String(start);
    const [longest, rows] = [
      readNumber(this.#element["maxlength"] ?? this.#element["maxLength"]),
      readNumber(this.#element["rows"]),
    ];
    if (longest !== null && longest >= 1) {
      field.maxLength = Math.floor(longest);
    }
    if (field.type === "textarea") {
      field.rows = Math.max(2, Math.min(30, Math.floor(rows ?? 3)));
    }
  }

  /** A value that is no option becomes the first one, since it is what the plugin expects at the beginning. */
  choice() {
    let options = this.#options();
    const start = this.#start;
    if (start === undefined || typeof start === "object") {
      this.#field.default = options[0]?.value ?? null;
    } else {
      const chosen = findOption(options, start);
      if (!chosen) {
        options = [{ label: String(start), value: start }, ...options];
      }
      this.#field.default = chosen ? chosen.value : start;
    }
    this.#field.options = options;
  }

  choices() {
    const options = this.#options();
    const start = this.#start;
    /** @type {JsonValue[]} */
    const wanted = Array.isArray(start) ? start : start === undefined ? [] : [start];
    const chosen = new Set(wanted.map((value) => findOption(options, value)?.value));
    for (const value of wanted.filter((one) => one !== "" && !findOption(options, one))) {
      this.#notes.push(`Its plugin gives a value to begin with that is no option: ${show(value)}.`);
    }
    this.#field.default = options.filter(({ value }) => chosen.has(value)).map(({ value }) => value);
    this.#field.options = options;
  }

  #options() {
    const given = this.#element["options"];
    const options = readOptions(given);
    if (Array.isArray(given) && given.length > OPTION_LIMIT) {
      this.#notes.push(`Its plugin gives ${given.length} options; only the first ${OPTION_LIMIT} can be chosen.`);
    }
    return options;
  }

  yesOrNo() {
    const start = this.#start;
    const word = String(start ?? "").toLowerCase();
    if (!YES.has(word) && !NO.has(word)) {
      this.#notes.push(`Its plugin gives a value to begin with that is neither yes nor no: ${show(start ?? null)}.`);
    }
    this.#field.default = YES.has(word);
  }

  /** @param {number} count */
  color(count) {
    const start = this.#start;
    const color = readColor(start);
    if (color === null && start !== undefined && start !== "") {
      this.#notes.push(`Its plugin gives a colour that cannot be read: ${show(start)}.`);
    }
    this.#field.default = color ?? usualColor(count);
  }

  date() {
    const start = this.#start ?? "";
    const isGood = typeof start === "string" && (DATES[this.#field.type]?.test(start) ?? false);
    if (!isGood && start !== "") {
      this.#notes.push(`Its plugin gives a ${this.#field.type} that cannot be read: ${show(start)}.`);
    }
    this.#field.default = isGood ? start : "";
  }

  finish() {
    if (this.#notes.length > 0) {
      this.#field.notes = this.#notes;
    }
    return this.#field;
  }
}

/**
 * The step of a slider over this range: fine enough for a hand, and a number without many digits.
 * @param {number} range
 * @returns {number}
 */
function niceStep(range) {
  return range > 0 ? 10 ** Math.floor(Math.log10(range / 50)) : 1;
}

/**
 * @param {JsonValue | undefined} value
 * @returns {number | null}
 */
function readNumber(value) {
  const number = typeof value === "string" && value.trim() ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/**
 * @param {JsonValue} value
 * @returns {string}
 */
function show(value) {
  const text = typeof value === "string" ? `“${value}”` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
