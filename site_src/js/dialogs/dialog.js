/**
 * A modal dialog of the browser's own kind: Escape closes it, and the focus goes back to where it was.
 *
 * The other modules of this folder fill it. Each dialog is made when it is opened and gone when it is closed.
 */

import { html, render } from "lit-html";
import { icon } from "../core/icons.js";

/** @import {TemplateResult} from "lit-html" */

let count = 0;

/** An open dialog; `closed` resolves with the value that it was closed with, `""` for Escape. */
export class Dialog {
  #element = document.createElement("dialog");
  #title;
  #titleId;

  /**
   * @param {{title: string, kind: "small" | "medium" | "large"}} options
   */
  constructor({ title, kind }) {
    count += 1;
    this.#title = title;
    this.#titleId = `dialog-title-${count}`;
    const element = this.#element;
    element.className = `dialog ${kind}`;
    // The browser's role is the same; written out for those who look for it in the page.
    element.setAttribute("role", "dialog");
    element.setAttribute("aria-modal", "true");
    element.setAttribute("aria-labelledby", this.#titleId);
    element.addEventListener("pointerdown", (event) => {
      if (event.target === element && isOutside(element, event)) this.close();
    });
    /** @type {Promise<string>} */
    this.closed = new Promise((resolve) => {
      element.addEventListener("close", () => {
        element.remove();
        resolve(element.returnValue);
      });
    });
  }

  /**
   * Draws the dialog anew and shows it, the first time.
   * @param {TemplateResult} body
   */
  draw(body) {
    render(
      html`<div class="dialog-bar">
          <h2 id=${this.#titleId}>${this.#title}</h2>
          <button type="button" class="quiet" aria-label="Close dialog" title="Close" @click=${() => this.close()}>
            ${icon("close")}
          </button>
        </div>
        ${body}`,
      this.#element,
    );
    if (this.#element.isConnected) return;
    document.body.append(this.#element);
    this.#element.showModal();
  }

  get isOpen() {
    return this.#element.open;
  }

  /** @param {string} [value] */
  close(value = "") {
    this.#element.close(value);
  }
}

/**
 * True for the dimmed page around a dialog, which counts as the dialog itself.
 * @param {HTMLElement} element
 * @param {PointerEvent} event
 * @returns {boolean}
 */
function isOutside(element, { clientX, clientY }) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
