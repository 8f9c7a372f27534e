/**
 * Forms of other operations put into a form, where its plugin asks for them.
 *
 * Pure. Called by the plugin manager when a form is shown or used, since operations come and go.
 */

/** @import { FormOperation, FormPart, FormProblem } from "./ui.js" */

/** An operation is `Plugin` or `Plugin/operation`; null where there is none. @typedef {(operation: string) => readonly FormPart[] | null} FindForm */

/**
 * The form with the forms of other operations in it. One that is not there, or that contains itself, is a problem part.
 * @param {readonly FormPart[]} form
 * @param {FindForm} find
 * @param {readonly string[]} [around] the operations whose forms are being filled
 * @returns {readonly FormPart[]} the same list where nothing is to be filled in
 */
export function withOperations(form, find, around = []) {
  if (!form.some(({ kind }) => kind === "operation" || kind === "group")) {
    return form;
  }
  return form.map((part) => {
    if (part.kind === "group") {
      return { ...part, parts: [...withOperations(part.parts, find, around)] };
    }
    return part.kind === "operation" ? fill(part, find, around) : part;
  });
}

/**
 * @param {FormOperation} place
 * @param {FindForm} find
 * @param {readonly string[]} around
 * @returns {FormPart}
 */
function fill({ operation, key, label, similar }, find, around) {
  if (around.includes(operation)) {
    return problem(`The form of “${operation}” is left out here, since it would contain itself.`);
  }
  const inner = find(operation);
  if (inner) {
    const parts = [...withOperations(inner, find, [...around, operation])];
    return { kind: "group", label, open: true, key, parts };
  }
  const advice = similar ? ` Did its plugin mean “${similar}”?` : "";
  return problem(`“${operation}” is no kind of field, and there is no plugin or operation of that name here.${advice}`);
}

/**
 * @param {string} text
 * @returns {FormProblem}
 */
function problem(text) {
  return { kind: "problem", text };
}
