/**
 * Words that stand behind a field on its line: its unit, its label, or a hint.
 *
 * Called by `ui.js`.
 */

/** @import { FieldType } from "./form_kinds.js" */
/** @import { FormField } from "./form_fields.js" */

/** @type {ReadonlySet<FieldType>} */
const WITH_SUFFIX = new Set(["number", "slider", "string", "choose", "date", "time", "datetime"]);
const UNIT =
  /^(?:px|pixels?|voxels?|nm|[u\u00b5\u03bc]m|mm|cm|m|ns|[u\u00b5\u03bc]s|ms|s|sec|secs|seconds?|min|minutes?|h|hours?|%|\u00b0|\u00b0C|deg|degrees?|rad|k?Hz|MHz|GHz|fps|[kMG]?B|m?V|mW|W|x|times|frames?)(?=$|[\s.,;:)])/;
/** What is still short enough to stand at the side of a field. */
const SUFFIX_LENGTH = 16;

/**
 * The unit of a field and what comes behind it, where the next field of the line has its label.
 * @param {FormField} field
 * @param {string} line
 * @returns {{words: string, rest: string}}
 */
export function splitUnit(field, line) {
  if (field.type === "checkbox" && field.label === field.id) {
    return { words: line, rest: "" };
  }
  const unit = WITH_SUFFIX.has(field.type) && field.suffix === undefined ? (UNIT.exec(line)?.[0] ?? "") : "";
  // A unit alone is more likely the label of the next field.
  const rest = line.slice(unit.length).replace(/^[\s.,;]+/, "");
  return rest ? { words: unit, rest } : { words: "", rest: line };
}

/**
 * Gives a field the words behind it; returns those that find no place there.
 * @param {FormField} field
 * @param {string} words
 * @returns {string}
 */
export function attachWords(field, words) {
  const text = words.replace(/^[\s.,;:]+/, "").replace(/[\s,;:]+$/, "");
  if (text === "" || /^[.!?)]+$/.test(text)) {
    return "";
  }
  if (field.type === "checkbox" && field.label === field.id) {
    field.label = text;
  } else if (WITH_SUFFIX.has(field.type) && field.suffix === undefined && text.length <= SUFFIX_LENGTH) {
    field.suffix = text.replace(/\.$/, "");
  } else if (field.hint === undefined) {
    field.hint = text;
  } else {
    return text;
  }
  return "";
}
