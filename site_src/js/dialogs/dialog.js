/**
 * A modal dialog of the browser's own kind: Escape closes it, and the focus goes back to where it was.
 *
 * The other modules of this folder fill it. Each dialog is made when it is opened and gone when it is closed.
 */

import { html, nothing, render } from "lit-html";
import { icon } from "../core/icons.js";

/** @import {TemplateResult} from "lit-html" */

let count = 0;

/**
 * @typedef {object} DialogOptions
 * @property {string} title
 * @property {"small" | "medium" | "large"} kind
 * @property {string | undefined} [asker] the plugin that opens it, where the title is that plugin's own words
 * @property {AbortSignal | undefined} [signal] closes it, since whoever opened it is gone
 */

/** An open dialog; `closed` resolves with the value that it was closed with, `""` for Escape. */
export class Dialog {
  #element = document.createElement("dialog");
  #title;
  #titleId;
  #asker;
  #signal;

  /** @param {DialogOptions} options */
  constructor({ title, kind, asker = "", signal }) {
    count += 1;
    this.#title = title;
    this.#asker = asker;
    this.#signal = signal;
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
    element.addEventListener("keydown", (event) => {
      if (!isEscapeInEmptySearch(event)) return;
      event.preventDefault();
      this.close();
    });
    /** @type {Promise<string>} */
    this.closed = new Promise((resolve) => {
      element.addEventListener("close", () => {
        element.remove();
        resolve(element.returnValue);
      });
    });
    const giveUp = () => (element.open ? this.close() : element.dispatchEvent(new Event("close")));
    if (signal?.aborted) queueMicrotask(giveUp);
    else signal?.addEventListener("abort", giveUp);
  }

  /**
   * Draws the dialog anew and shows it, the first time.
   * @param {TemplateResult} body
   */
  draw(body) {
    render(
      html`<div class="dialog-bar">
          <div class="dialog-title">
            <h2 id=${this.#titleId}>${this.#title}</h2>
            ${this.#asker ? html`<p class="soft">From the plugin ${this.#asker}</p>` : nothing}
          </div>
          <button type="button" class="quiet" aria-label="Close dialog" title="Close" @click=${() => this.close()}>
            ${icon("close")}
          </button>
        </div>
        ${body}`,
      this.#element,
    );
    if (this.#element.isConnected || this.#signal?.aborted) return;
    document.body.append(this.#element);
    this.#element.showModal();
  }

  /**
   * An element of the dialog; null where it has none.
   * @param {string} selector
   */
  find(selector) {
    return this.#element.querySelector(selector);
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
 * True where a browser may clear a search field instead of closing its dialog: WebKit does so with an empty one too,
 * so that Escape would never close it.
 * @param {KeyboardEvent} event
 * @returns {boolean}
 */
function isEscapeInEmptySearch({ key, target, isComposing }) {
  if (key !== "Escape" || isComposing || !(target instanceof HTMLInputElement)) return false;
  return target.type === "search" && target.value === "";
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
