/**
 * One window of the workspace: its content, and what is said in place of the content. Its bar is made by window_bar.js.
 *
 * The element is put into the page once and never moved there, since moving a frame in the page loads it anew; everything
 * that a window does (splitting, tabs, maximising, hiding) is done by style. What the window shows is the business of its
 * creator.
 */

import { html, nothing, render } from "lit-html";
import { Emitter } from "../core/events.js";
import { icon } from "../core/icons.js";

/** @import {Rectangle} from "./layout.js" */
/** @import {Side, Wish} from "./places.js" */

/**
 * @typedef {object} WindowOptions
 * @property {string} id
 * @property {string} title
 * @property {{name: string, icon?: string | null}} plugin whose icon and name the window carries
 * @property {Wish} [wish] the size and place that its plugin asks for
 */

/** @typedef {"loading" | "shown" | "failed"} WindowState */

/** With `ctrl` to another window, with `shift` back. @typedef {{ctrl: boolean, shift: boolean}} Leave */

/**
 * @typedef {object} WindowEvents
 * @property {undefined} close
 * @property {undefined} closed
 * @property {undefined} focus
 * @property {undefined} enter the keyboard is to go into the window
 * @property {Leave} leave the keyboard is to go out of it
 * @property {undefined} maximise
 * @property {Side} move one step to this side
 * @property {1 | -1} shift one step to the right or left among the tabs of its place
 * @property {Side} stretch larger to the right or down, smaller to the left or up
 * @property {{anchor: HTMLElement}} menu what can be done with it
 * @property {{anchor: HTMLElement}} list of the windows that share its place
 * @property {undefined} changed
 * @property {DOMRect} resize
 */

/**
 * Emits what the person wants of it, what becomes of it (`resize`, `changed`), and `closed` at its end.
 * @extends {Emitter<WindowEvents>}
 */
export class AppWindow extends Emitter {
  #options;
  #note = document.createElement("div");
  /** @type {WindowState} */
  #state = "loading";
  #problem = "";
  #closed = false;
  /** The size of which the plugin was told. */
  #size = "";
  /** @type {(() => Promise<unknown>)[]} */
  #farewells = [];

  /** @param {WindowOptions} options */
  constructor(options) {
    super();
    this.#options = { ...options };
    this.element = document.createElement("section");
    this.element.className = "window";
    this.element.id = options.id;
    this.element.dataset.window = options.id;
    this.element.tabIndex = -1;
    this.#note.className = "window-note";
    /** Where the plugin's frame is put. */
    this.content = document.createElement("div");
    this.content.className = "window-content";
    this.element.append(this.content, this.#note);
    this.element.addEventListener("pointerdown", () => this.emit("focus", undefined));
    this.element.addEventListener("focusin", () => this.emit("focus", undefined));
    this.element.addEventListener("leaveframe", (event) => {
      this.emit("leave", /** @type {CustomEvent<Leave>} */ (event).detail);
    });
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

  get wish() {
    return this.#options.wish ?? {};
  }

  get state() {
    return this.#state;
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
   * Lays it at this place of the windows' element. One that is not seen keeps the size that it had, so that what it shows
   * is drawn anew once, when it is seen again. Called by the manager and the desk alone.
   * @param {{rectangle: Rectangle, visible: boolean, active: boolean}} place
   */
  place({ rectangle, visible, active }) {
    const { style } = this.element;
    // Not `display: none`: a frame that is not laid out has no size, and plugins draw by their size.
    style.visibility = visible ? "visible" : "hidden";
    this.element.classList.toggle("active", active);
    if (!visible && this.#size !== "") return;
    style.left = `${rectangle.left}px`;
    style.top = `${rectangle.top}px`;
    style.width = `${rectangle.width}px`;
    style.height = `${rectangle.height}px`;
    const size = `${rectangle.width} ${rectangle.height}`;
    if (size === this.#size) return;
    this.#size = size;
    this.emit("resize", this.content.getBoundingClientRect());
  }

  /** Gives the keyboard to what the window shows. */
  enter() {
    const inner = this.content.querySelector("iframe");
    (inner ?? this.element).focus({ preventScroll: true });
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

  /** @param {WindowState} state */
  #setState(state) {
    this.#state = state;
    this.#draw();
    this.emit("changed", undefined);
  }

  #draw() {
    const { title, plugin, id } = this.#options;
    this.element.setAttribute("aria-label", title);
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
