/**
 * Asks for a name; what is wrong with it is said below the field while it is typed.
 */

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { Dialog } from "./dialog.js";

/**
 * @typedef {object} NameQuestion
 * @property {string} title
 * @property {string} label
 * @property {string} value what stands in the field at first
 * @property {string} confirm what the button is called
 * @property {string} [words] more about it
 * @property {(name: string) => string | null} problemOf why it cannot be had, in a sentence
 */

/**
 * @param {NameQuestion} question
 * @returns {Promise<string | null>} null where the dialog was closed
 */
export async function askName({ title, label, value, confirm, words = "", problemOf }) {
  const dialog = new Dialog({ title, kind: "small" });
  let name = value;
  // An empty field is no mistake yet, and neither is a name that nobody has touched.
  let touched = false;
  const draw = () => {
    const problem = problemOf(name.trim());
    const shown = touched && name.trim() !== "" ? problem : null;
    dialog.draw(
      html`<form
        novalidate
        @submit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          touched = true;
          if (problem === null) dialog.close("named");
          else draw();
        }}
      >
        <div class="dialog-body">
          <div class="field">
            <label for="asked-name">${label}</label>
            <input
              id="asked-name"
              type="text"
              autocomplete="off"
              autofocus
              maxlength="80"
              aria-invalid=${shown === null ? "false" : "true"}
              aria-describedby="asked-name-fault"
              .value=${live(name)}
              @input=${(/** @type {Event} */ event) => {
                name = /** @type {HTMLInputElement} */ (event.target).value;
                touched = true;
                draw();
              }}
            />
            <p id="asked-name-fault" class="field-fault" role="status">${shown ?? nothing}</p>
          </div>
          ${words ? html`<p class="soft">${words}</p>` : nothing}
        </div>
        <div class="dialog-actions">
          <button type="button" @click=${() => dialog.close()}>Cancel</button>
          <button type="submit" class="primary" aria-disabled=${problem !== null}>${confirm}</button>
        </div>
      </form>`,
    );
  };
  draw();
  /** @type {HTMLInputElement} */ (dialog.find("input")).select();
  return (await dialog.closed) === "named" ? name.trim() : null;
}
