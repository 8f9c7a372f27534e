/**
 * The fields of a config block, one by one: the active tag's value selected, wrong shapes noted and left out.
 *
 * Called by `config.js`, which knows what the fields mean.
 */

import { isObject } from "./literals.js";

/** @import { Block } from "./file.js" */
/** @import { JsonObject, JsonValue } from "./literals.js" */

const TAGGED_FIELDS = (
  "env requirements dependencies icon ui type flags labels cover " +
  "base_frame base_worker passive"
).split(" ");

/** A config block that cannot be used; `line` counts from 1 in the file, `hint` says what to do. */
export class ConfigError extends Error {
  /**
   * @param {string} problem
   * @param {{line: number, hint: string}} place
   */
  constructor(problem, { line, hint }) {
    super(`${problem} ${hint}`.trim());
    this.name = "ConfigError";
    this.code = "config";
    this.line = line;
    this.hint = hint;
  }
}

/** The values of a config while they are read; what has the wrong shape is noted and left out. */
export class Fields {
  #block;

  /**
   * @param {JsonObject} values
   * @param {Block} block
   * @param {string[]} notes
   */
  constructor(values, block, notes) {
    /** @type {JsonObject} */
    this.values = { ...values };
    this.notes = notes;
    this.#block = block;
  }

  /**
   * The error about a field, at the line that names it.
   * @param {string} problem
   * @param {string} hint
   * @param {string} field
   * @returns {ConfigError}
   */
  error(problem, hint, field) {
    const { content, contentLine } = this.#block;
    const found = new RegExp(`(^|[\\s{,"'])${field}["']?[ \\t]*:`).exec(content);
    const line = found
      ? contentLine + (content.slice(0, found.index + found[0].length).match(/\n/g)?.length ?? 0)
      : this.#block.line;
    return new ConfigError(`${problem} (line ${line}).`, { line, hint });
  }

  /**
   * Puts the active tag's value in place of every tag map; the answer is the active tag.
   * @param {string[]} tags
   * @param {string | null} wanted
   * @returns {string | null}
   */
  selectTag(tags, wanted) {
    const active = wanted || (tags[0] ?? null);
    if (wanted && !tags.includes(wanted)) {
      this.notes.push(`The tag "${wanted}" is not among the tags of this plugin.`);
    }
    for (const field of TAGGED_FIELDS) {
      const value = this.values[field];
      if (!isObject(value)) {
        continue;
      }
      if (active === null) {
        throw this.error(
          `The field "${field}" gives one value for each tag, but the plugin has no tags`,
          'Add "tags", or write one value.',
          field,
        );
      }
      const known = Object.hasOwn(value, active);
      if (!known) {
        this.notes.push(
          `The field "${field}" has nothing for the tag "${active}", so it is not set.`,
        );
      }
      this.values[field] = (known ? value[active] : null) ?? null;
    }
    return active;
  }

  /**
   * The field's text; null where there is none.
   * @param {string} field
   * @returns {string | null}
   */
  text(field) {
    const value = this.values[field];
    if (typeof value === "string") {
      return value;
    }
    if (isUnset(value)) {
      return null;
    }
    if (typeof value === "number") {
      this.notes.push(`The field "${field}" is a number; write it in quotes.`);
      return String(value);
    }
    this.notes.push(`The field "${field}" is not a text, so it is ignored.`);
    return null;
  }

  /**
   * The field's list of texts; a single text counts as a list of one, empty ones are left out.
   * @param {string} field
   * @returns {string[]}
   */
  texts(field) {
    const value = this.values[field];
    if (isUnset(value)) {
      return [];
    }
    const entries = typeof value === "string" ? [value] : value;
    if (!Array.isArray(entries)) {
      this.notes.push(`The field "${field}" is not a list, so it is ignored.`);
      return [];
    }
    /** @type {string[]} */
    const texts = [];
    for (const [index, entry] of entries.entries()) {
      if (typeof entry !== "string") {
        this.notes.push(`Entry ${index + 1} of the field "${field}" is not a text, so it is ignored.`);
      } else if (/[^ \t\r\n]/.test(entry)) {
        texts.push(entry);
      }
    }
    return texts;
  }

  /**
   * The field's object; empty where there is none.
   * @param {string} field
   * @returns {JsonObject}
   */
  mapping(field) {
    const value = this.values[field];
    if (isObject(value)) {
      return value;
    }
    if (!isUnset(value)) {
      this.notes.push(`The field "${field}" is not an object, so it is ignored.`);
    }
    return {};
  }

  /**
   * The field's object or list; null where there is none.
   * @param {string} field
   * @returns {JsonValue}
   */
  schema(field) {
    const value = this.values[field];
    return isObject(value) || Array.isArray(value) ? value : null;
  }
}

/**
 * @param {JsonValue | undefined} value
 * @returns {boolean}
 */
export function isUnset(value) {
  return value === undefined || value === null || value === false || value === "";
}
