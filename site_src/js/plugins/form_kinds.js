/**
 * The kinds of elements that a form may have, in every spelling that is taken for one.
 *
 * Called by `ui.js` and `form_fields.js`. The first names are those of the classic form language; the rest is ours.
 */

/**
 * The kinds of fields. `choose` takes one of its options, `radio` too, `multichoose` any of them.
 * @typedef {"number" | "slider" | "string" | "textarea" | "password" | "choose" | "radio" | "multichoose" | "checkbox"
 *   | "color" | "date" | "time" | "datetime"} FieldType
 */

/** @type {Record<FieldType, string>} */
const SPELLINGS = {
  number: "int integer float decimal scrubber number_raw",
  string: "text input variableName",
  choose: "choice select dropdown combobox",
  color: "colour",
  slider: "range",
  textarea: "multiline instructions/comment",
  password: "secret",
  radio: "radios",
  multichoose: "multichoice multiselect multi-select checkboxes",
  checkbox: "boolean bool check switch toggle",
  date: "",
  time: "",
  datetime: "datetime-local",
};
const GROUPS = new Set(["group", "section", "fieldset"]);
/** What belongs to workflows, with all kinds below these names. */
const WORKFLOW = /^(?:ops|actions|save|(?:instructions|math|random)\/.*)$/;

/** @type {Map<string, FieldType>} */
const FIELD_TYPES = new Map();
for (const [type, others] of /** @type {[FieldType, string][]} */ (Object.entries(SPELLINGS))) {
  for (const spelling of [type, ...others.split(" ")]) {
    FIELD_TYPES.set(spelling.toLowerCase(), type);
  }
}
FIELD_TYPES.delete("");

/**
 * The kind of field that is meant; null for what is no field.
 * @param {string} written
 * @returns {FieldType | null}
 */
export function fieldType(written) {
  return FIELD_TYPES.get(written.toLowerCase()) ?? null;
}

/**
 * @param {string} written
 * @returns {boolean}
 */
export function isGroup(written) {
  return GROUPS.has(written.toLowerCase());
}

/**
 * @param {string} written
 * @returns {boolean}
 */
export function isButton(written) {
  return written.toLowerCase() === "button";
}

/**
 * Whether an element belongs to a workflow, of which a form is only a step.
 * @param {string} written
 * @returns {boolean}
 */
export function belongsToWorkflow(written) {
  return WORKFLOW.test(written) && fieldType(written) === null;
}

/**
 * The kind whose name is nearly the same; null where there is none.
 * @param {string} written
 * @returns {string | null}
 */
export function similarKind(written) {
  const wanted = written.toLowerCase();
  if (wanted.length > 20) {
    return null;
  }
  const known = [...FIELD_TYPES.keys(), ...GROUPS, "button"];
  const found = known.find((name) => name.length > 3 && distance(wanted, name) <= (name.length > 5 ? 2 : 1));
  return found ?? null;
}

/**
 * The number of letters to add, leave out or change to come from one word to the other.
 * @param {string} from
 * @param {string} to
 * @returns {number}
 */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
