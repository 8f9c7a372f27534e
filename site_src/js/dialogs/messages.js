/**
 * The two short dialogs: something to read, and a question.
 */

import { html } from "lit-html";
import { Dialog } from "./dialog.js";
import { plainText } from "./plain_text.js";

/**
 * Shows a text until it is dismissed.
 * @param {{title: string, content: string, isHtml?: boolean, confirm?: string}} message
 * @returns {Promise<void>}
 */
export async function showAlert({ title, content, isHtml = false, confirm = "OK" }) {
  const dialog = new Dialog({ title, kind: "small" });
  const text = isHtml ? plainText(content) : content;
  dialog.draw(
    html`<div class="dialog-body"><p class="dialog-text">${text}</p></div>
      <div class="dialog-actions">
        <button type="button" class="primary" autofocus @click=${() => dialog.close("ok")}>${confirm}</button>
      </div>`,
  );
  await dialog.closed;
}

/**
 * Asks for a yes or no.
 * @param {{title: string, content: string, confirm: string}} question
 * @returns {Promise<boolean>}
 */
export async function askConfirmation({ title, content, confirm }) {
  const dialog = new Dialog({ title, kind: "small" });
  dialog.draw(
    html`<div class="dialog-body"><p class="dialog-text">${content}</p></div>
      <div class="dialog-actions">
        <button type="button" autofocus @click=${() => dialog.close()}>Cancel</button>
        <button type="button" class="danger" @click=${() => dialog.close("yes")}>${confirm}</button>
      </div>`,
  );
  return (await dialog.closed) === "yes";
}
