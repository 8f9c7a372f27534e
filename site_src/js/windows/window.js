/**
 * One window of the workspace: title bar, content, and what is said in place of the content.
 *
 * The content element is made once and never moved, since moving a frame in the page loads it anew; everything that a
 * window does (tiles, maximising, hiding) is done by style. What the window shows is the business of its creator.
 */

import { html, nothing, render } from "lit-html";
import { Emitter } from "../core/events.js";
import { icon, pluginIcon } from "../core/icons.js";

/** @import {Rectangle} from "./layout.js" */

/** The longest title that a title bar shows in full. */
const TITLE_LENGTH = 60;

/**
 * @typedef {object} WindowOptions
 * @property {string} id
 * @property {string} title
 * @property {{name: string, icon?: string | null}} plugin whose icon and name the window carries
 */

/**
 * Emits what the person does (`close`, `focus`, `maximise`), what becomes of it (`resize`, `changed`), and `closed` at its
 * end.
 * @extends {Emitter<{close: undefined, closed: undefined, focus: undefined, maximise: undefined, changed: undefined, resize: DOMRect}>}
 */
export class AppWindow extends Emitter {
  #options;
  #header = document.createElement("header");
  #note = document.createElement("div");
  /** @type {"loading" | "shown" | "failed"} */
  #state = "loading";
  #problem = "";
  #maximised = false;
  #active = false;
  #closed = false;
  /** @type {(() => Promise<unknown>)[]} */
  #farewells = [];

  /** @param {WindowOptions} options */
  constructor(options) {
    super();
    this.#options = { ...options };
    this.element = document.createElement("section");
    this.element.className = "window";
    this.element.dataset.window = options.id;
    this.element.tabIndex = -1;
    this.#header.className = "window-bar";
    this.#note.className = "window-note";
    /** Where the plugin's frame is put. */
    this.content = document.createElement("div");
    this.content.className = "window-content";
    this.element.append(this.#header, this.content, this.#note);
    this.element.addEventListener("pointerdown", () => this.emit("focus", undefined));
    this.element.addEventListener("focusin", () => this.emit("focus", undefined));
    this.#header.addEventListener("dblclick", () => this.emit("maximise", undefined));
    this.#draw();
  }

  get id() {
    return this.#options.id;
  }

  get title() {
    return this.#options.title;
  }

  get plugin() {
    return this.#options.plugin;
  }

  get closed() {
    return this.#closed;
  }

  /** @param {string} title */
  setTitle(title) {
    this.#options.title = title;
    this.#draw();
    this.emit("changed", undefined);
  }

  /** The content can be seen; the note that it is being opened goes. */
  setShown() {
    if (this.#state === "loading") this.#setState("shown");
  }

  /**
   * The plugin has failed: says so where its content would be.
   * @param {string} problem
   */
  setFailed(problem) {
    this.#problem = problem;
    this.#setState("failed");
  }

  /**
   * Called by the manager alone.
   * @param {{rectangle: Rectangle, visible: boolean, active: boolean, maximised: boolean}} place
   */
  place({ rectangle, visible, active, maximised }) {
    const { style } = this.element;
    style.left = `${rectangle.left}px`;
    style.top = `${rectangle.top}px`;
    style.width = `${rectangle.width}px`;
    style.height = `${rectangle.height}px`;
    // Not `display: none`: a frame that is not laid out has no size, and plugins draw by their size.
    style.visibility = visible ? "visible" : "hidden";
    this.element.classList.toggle("active", active);
    this.element.classList.toggle("maximised", maximised);
    if (this.#maximised !== maximised || this.#active !== active) {
      this.#maximised = maximised;
      this.#active = active;
      this.#draw();
    }
    this.emit("resize", this.content.getBoundingClientRect());
  }

  /**
   * Work to be done when the window is closed, while its content is still in the page.
   * @param {() => Promise<unknown>} work
   */
  beforeRemoval(work) {
    this.#farewells.push(work);
  }

  /** Hides the window at once and takes it off the page when its content has ended. Called by the manager alone. */
  async dispose() {
    this.#closed = true;
    this.element.hidden = true;
    await Promise.allSettled(this.#farewells.map((work) => work()));
    this.element.remove();
  }

  /** @param {"loading" | "shown" | "failed"} state */
  #setState(state) {
    this.#state = state;
    this.#draw();
  }

  #draw() {
    const { title, plugin, id } = this.#options;
    const shown = title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH - 1)}…` : title;
    this.element.setAttribute("aria-label", title);
    const size = this.#maximised ? "Restore" : "Maximise";
    render(
      html`${pluginIcon(plugin)}
        <h2 title=${title}>${shown}</h2>
        <button type="button" class="quiet size" aria-label="${size} ${title}" title=${size} @click=${() => this.emit("maximise", undefined)}>
          ${icon(this.#maximised ? "restore" : "maximise")}
        </button>
        <button type="button" class="quiet" aria-label="Close ${title}" title="Close" @click=${() => this.emit("close", undefined)}>
          ${icon("close")}
        </button>`,
      this.#header,
    );
    this.#note.hidden = this.#state === "shown";
    render(
      this.#state === "failed"
        ? html`<div class="window-problem" role="group" aria-label="Problem">
            ${icon("warning")}
            <p>${this.#problem}</p>
            <button type="button" @click=${() => this.emit("close", undefined)}>Close this window</button>
          </div>`
        : this.#state === "loading"
          ? html`<p class="window-loading" id="loading-${id}"><span class="spinner"></span> Opening ${plugin.name}…</p>`
          : nothing,
      this.#note,
    );
  }
}
