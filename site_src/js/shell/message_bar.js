/**
 * The messages at the lower edge of the workspace: news on the polite side, errors on the side that is read at once.
 */

import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { icon } from "../core/icons.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Message, Notices} from "./notices.js" */

const ICONS = Object.freeze({ info: "info", success: "check", error: "warning" });

/**
 * @param {Notices} notices
 * @returns {TemplateResult}
 */
export function messageBarView(notices) {
  const errors = notices.messages.filter(({ kind }) => kind === "error");
  const others = notices.messages.filter(({ kind }) => kind !== "error");
  // Both are there from the start: a live region that comes with its text is not read.
  return html`<div class="messages">
    <div role="status" aria-label="Messages">${list(notices, others)}</div>
    <div role="alert" aria-label="Errors">${list(notices, errors)}</div>
  </div>`;
}

/**
 * @param {Notices} notices
 * @param {readonly Message[]} messages
 */
function list(notices, messages) {
  return repeat(
    messages,
    ({ id }) => id,
    (message) => messageView(notices, message),
  );
}

/**
 * @param {Notices} notices
 * @param {Message} message
 * @returns {TemplateResult}
 */
function messageView(notices, { id, kind, text, actions }) {
  return html`<div
    class="message ${kind}"
    @pointerenter=${() => notices.hold(id)}
    @pointerleave=${() => notices.release(id)}
    @focusin=${() => notices.hold(id)}
    @focusout=${() => notices.release(id)}
    @keydown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      notices.dismiss(id);
    }}
  >
    ${icon(ICONS[kind])}
    <p>${text}</p>
    ${actions.map(
      (action) => html`<button
        type="button"
        class="link"
        @click=${() => {
          notices.dismiss(id);
          action.run();
        }}
      >
        ${action.label}
      </button>`,
    )}
    <button type="button" class="quiet small" aria-label="Dismiss message" title="Dismiss" @click=${() => notices.dismiss(id)}>
      ${icon("close")}
    </button>
  </div>`;
}
