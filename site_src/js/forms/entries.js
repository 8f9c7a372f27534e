/**
 * What is entered in a form: entries, what is wrong with them, and the values that the plugin gets.
 *
 * Pure. While it is being typed a number is a text, so that half a number stays as it was typed; it becomes a number
 * when the plugin gets it. What somebody entered before counts only as long as the field still takes it. Shown by form.js.
 */

import { findOption } from "../plugins/form_options.js";
import { formValues } from "../plugins/ui.js";

/** @import {FormField, FormGroup, FormPart} from "../plugins/ui.js" */

/**
 * What stands in the fields, by key: of a number field the text as it was typed, of others the value, and of a group
 * with a key the entries of its fields.
 * @typedef {{[key: string]: unknown}} Entries
 */
/** The keys that lead to a field: those of the groups around it, and its own. @typedef {readonly string[]} Path */
/** @typedef {{field: FormField, path: Path, fault: string}} Fault */

/**
 * What stands in a form: its defaults, and over them what was entered.
 * @param {readonly FormPart[]} form
 * @param {Entries} [entered]
 * @returns {Entries}
 */
export function entriesOf(form, entered = {}) {
  const entries = formValues(form);
  for (const { field, path } of fieldsOf(form)) {
    const entry = entryAt(entered, path);
    if (field.readonly || field.hidden || entry === undefined) continue;
    const fitting = fit(field, entry);
    if (fitting !== undefined) setEntry(entries, path, fitting);
  }
  return entries;
}

/**
 * The values as the plugin gets them in `ctx.config`; only for a form without faults.
 * @param {readonly FormPart[]} form
 * @param {Entries} entries as entriesOf() gives them
 * @returns {Record<string, unknown>}
 */
export function configOf(form, entries) {
  /** @type {Entries} */
  const config = {};
  for (const { field, path } of fieldsOf(form)) {
    const entry = entryAt(entries, path);
    setEntry(config, path, isNumeric(field) ? Number(entry) : entry);
  }
  return config;
}

/**
 * What is wrong with a field's entry, in a sentence; null where it is good.
 * @param {FormField} field
 * @param {unknown} entry
 * @returns {string | null}
 */
export function findFault(field, entry) {
  if (field.readonly || field.hidden) return null;
  if (isNumeric(field)) return numberFault(field, String(entry ?? "").trim());
  if (field.required && isMissing(entry)) return MISSING[field.type] ?? "Fill this in";
  const { maxLength } = field;
  if (maxLength !== undefined && String(entry).length > maxLength) return `Give at most ${maxLength} characters`;
  return null;
}

/** @type {Partial<Record<FormField["type"], string>>} */
const MISSING = {
  checkbox: "Tick this to go on",
  multichoose: "Choose at least one",
  choose: "Choose one",
  radio: "Choose one",
  date: "Give a date",
  time: "Give a time",
  datetime: "Give a date and time",
};

/**
 * The faults that keep a form from being used, in the order of their fields.
 * @param {readonly FormPart[]} form
 * @param {Entries} entries as entriesOf() gives them
 * @returns {Fault[]}
 */
export function findFaults(form, entries) {
  /** @type {Fault[]} */
  const faults = [];
  for (const { field, path } of fieldsOf(form)) {
    const fault = findFault(field, entryAt(entries, path));
    if (fault !== null) faults.push({ field, path, fault });
  }
  return faults;
}

/**
 * The same entries with another one at a path.
 * @param {Entries | undefined} entered
 * @param {Path} path
 * @param {unknown} entry
 * @returns {Entries}
 */
export function withEntry(entered, path, entry) {
  const [key = "", ...rest] = path;
  const before = entered !== undefined && Object.hasOwn(entered, key) ? entered[key] : undefined;
  const value = rest.length === 0 ? entry : withEntry(isEntries(before) ? before : undefined, rest, entry);
  return Object.fromEntries([...Object.entries(entered ?? {}), [key, value]]);
}

/**
 * What was entered at a path; undefined where nothing was.
 * @param {Entries} entries
 * @param {Path} path
 * @returns {unknown}
 */
export function entryAt(entries, path) {
  /** @type {unknown} */
  let at = entries;
  for (const key of path) {
    at = isEntries(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

/**
 * Whether something in the form is not as its plugin wants it at first.
 * @param {readonly FormPart[]} form
 * @param {Entries} entries as entriesOf() gives them
 * @returns {boolean}
 */
export function isChanged(form, entries) {
  return fieldsOf(form).some(({ field, path }) => {
    const entry = entryAt(entries, path);
    const value = isNumeric(field) && String(entry).trim() !== "" ? Number(entry) : entry;
    return JSON.stringify(value) !== JSON.stringify(field.default);
  });
}

/**
 * What may be kept of what was entered: no secrets.
 * @param {readonly FormPart[]} form
 * @param {Entries} entered
 * @returns {Entries}
 */
export function keptEntries(form, entered) {
  /** @type {Entries} */
  const kept = {};
  for (const { field, path } of fieldsOf(form)) {
    const entry = entryAt(entered, path);
    if (entry !== undefined && field.type !== "password") setEntry(kept, path, entry);
  }
  return kept;
}

/**
 * The fields of a form with those in its groups.
 * @param {readonly FormPart[]} form
 * @param {Path} [around]
 * @returns {{field: FormField, path: Path}[]}
 */
export function fieldsOf(form, around = []) {
  return form.flatMap((part) => {
    if (part.kind === "field") return [{ field: part, path: [...around, part.key] }];
    return part.kind === "group" ? fieldsOf(part.parts, pathInto(part, around)) : [];
  });
}

/**
 * @param {FormGroup} group
 * @param {Path} around
 * @returns {Path}
 */
export function pathInto({ key }, around) {
  return key === undefined ? around : [...around, key];
}

/**
 * @param {FormField} field
 * @returns {boolean}
 */
export function isNumeric({ type }) {
  return type === "number" || type === "slider";
}

/**
 * @param {FormField} field
 * @param {string} text
 * @returns {string | null}
 */
function numberFault({ min, max, whole }, text) {
  const kind = whole ? "a whole number" : "a number";
  const number = Number(text);
  if (text === "" || !Number.isFinite(number) || (whole && !Number.isInteger(number))) return `Give ${kind}`;
  const isOut = number < (min ?? -Infinity) || number > (max ?? Infinity);
  if (!isOut) return null;
  if (min === undefined) return `Give ${kind} of at most ${max}`;
  return max === undefined ? `Give ${kind} of at least ${min}` : `Give ${kind} from ${min} to ${max}`;
}

/** @param {unknown} entry */
function isMissing(entry) {
  return entry === false || (Array.isArray(entry) && entry.length === 0) || String(entry ?? "").trim() === "";
}

/**
 * An entry as the field takes it; undefined where it does not, since the form is another one by now.
 * @param {FormField} field
 * @param {unknown} entry
 * @returns {unknown}
 */
function fit(field, entry) {
  switch (field.type) {
    case "number":
    case "slider":
      return typeof entry === "string" || typeof entry === "number" ? entry : undefined;
    case "checkbox":
      return typeof entry === "boolean" ? entry : undefined;
    case "choose":
    case "radio":
      return optionLike(field, entry)?.value;
    case "multichoose": {
      if (!Array.isArray(entry)) return undefined;
      const chosen = new Set(entry.map((value) => optionLike(field, value)));
      return field.options?.filter((option) => chosen.has(option)).map(({ value }) => value);
    }
    case "color":
      return typeof entry === "string" && /^rgb\(\d+,\d+,\d+\)$/u.test(entry) ? entry : undefined;
    default:
      return typeof entry === "string" ? entry : undefined;
  }
}

/**
 * The option of this value; values that are lists or objects are the same when they read the same.
 * @param {FormField} field
 * @param {any} entry
 */
function optionLike({ options = [] }, entry) {
  const found = typeof entry === "object" ? null : findOption(options, entry);
  if (found && found.value === entry) return found;
  return options.find(({ value }) => JSON.stringify(value) === JSON.stringify(entry));
}

/**
 * @param {Entries} entries changed in place
 * @param {Path} path
 * @param {unknown} entry
 */
function setEntry(entries, path, entry) {
  const [key = "", ...rest] = path;
  if (rest.length > 0) {
    const inner = Object.hasOwn(entries, key) ? entries[key] : undefined;
    const next = isEntries(inner) ? inner : {};
    setEntry(next, rest, entry);
    entry = next;
  }
  // A key may be named like a part of every object.
  Object.defineProperty(entries, key, { value: entry, writable: true, enumerable: true, configurable: true });
}

/**
 * @param {unknown} value
 * @returns {value is Entries}
 */
function isEntries(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
