/**
 * The short dialogs: something to read, a question for yes or no, and one for a text.
 */

import { html } from "lit-html";
import { Dialog } from "./dialog.js";
import { plainText } from "./plain_text.js";

/**
 * @typedef {object} MessageParts
 * @property {string} title
 * @property {string} content
 * @property {boolean} [isHtml]
 * @property {string} [confirm] the words of the button
 * @property {string} [asker] see dialog.js
 * @property {AbortSignal} [signal]
 */

/**
 * Shows a text until it is dismissed.
 * @param {MessageParts} message
 * @returns {Promise<void>}
 */
export async function showAlert({ title, content, isHtml = false, confirm = "OK", asker, signal }) {
  const dialog = new Dialog({ title, kind: "small", asker, signal });
  dialog.draw(
    html`<div class="dialog-body"><p class="dialog-text">${isHtml ? plainText(content) : content}</p></div>
      <div class="dialog-actions">
        <button type="button" class="primary" autofocus @click=${() => dialog.close("ok")}>${confirm}</button>
      </div>`,
  );
  await dialog.closed;
}

/**
 * Asks for a yes or no. With `danger` the way back is offered first.
 * @param {MessageParts & {cancel?: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export async function askConfirmation(question) {
  const { title, content, isHtml = false, confirm = "OK", cancel = "Cancel", danger = true, asker, signal } = question;
  const dialog = new Dialog({ title, kind: "small", asker, signal });
  dialog.draw(
    html`<div class="dialog-body"><p class="dialog-text">${isHtml ? plainText(content) : content}</p></div>
      <div class="dialog-actions">
        <button type="button" ?autofocus=${danger} @click=${() => dialog.close()}>${cancel}</button>
        <button type="button" class=${danger ? "danger" : "primary"} ?autofocus=${!danger} @click=${() => dialog.close("yes")}>
          ${confirm}
        </button>
      </div>`,
  );
  return (await dialog.closed) === "yes";
}

/**
 * Asks for a text of one line; null where that was cancelled.
 * @param {MessageParts & {start: string, cancel?: string}} question
 * @returns {Promise<string | null>}
 */
export async function askText({ title, content, isHtml, start, confirm = "OK", cancel = "Cancel", asker, signal }) {
  const dialog = new Dialog({ title, kind: "small", asker, signal });
  dialog.draw(
    html`<form
      class="dialog-form"
      novalidate
      @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        dialog.close("ok");
      }}
    >
      <div class="dialog-body">
        <label class="dialog-text" for="dialog-answer">${isHtml ? plainText(content) : content}</label>
        <input id="dialog-answer" type="text" autocomplete="off" spellcheck="false" autofocus .value=${start} />
      </div>
      <div class="dialog-actions">
        <button type="button" @click=${() => dialog.close()}>${cancel}</button>
        <button type="submit" class="primary">${confirm}</button>
      </div>
    </form>`,
  );
  const field = /** @type {HTMLInputElement} */ (dialog.find("input"));
  field.select();
  return (await dialog.closed) === "ok" ? field.value : null;
}
