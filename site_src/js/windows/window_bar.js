/**
 * What a window has in the bar above it: its tab, and the buttons for what can be done with it.
 *
 * Both are made once for each window and go with it from place to place, so that neither loses the focus for good. What
 * is done is told by the window's events. Called by windows/desk.js.
 */

import { html, nothing, render } from "lit-html";
import { icon, pluginIcon } from "../core/icons.js";

/** @import {Side} from "./places.js" */
/** @import {AppWindow} from "./window.js" */

/** More windows than that in one place have a list, since their tabs cannot all be read. */
const FEW = 3;

/** @type {Readonly<Record<string, Side>>} */
const SIDES = Object.freeze({ ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" });

/**
 * @typedef {object} BarState
 * @property {boolean} active this is the active window
 * @property {boolean} shown it is the one that is seen of its place
 * @property {boolean} maximised
 * @property {boolean} narrow there is room for one window only
 * @property {number} count how many windows share the place
 */

/** Tab and buttons of one window. */
export class WindowBar {
  #window;
  /** @type {BarState} */
  #state = { active: false, shown: true, maximised: false, narrow: false, count: 1 };

  /** @param {AppWindow} shown */
  constructor(shown) {
    this.#window = shown;
    /** For the row of tabs. */
    this.holder = document.createElement("div");
    this.holder.className = "window-tab";
    this.tab = document.createElement("div");
    this.tab.className = "window-title";
    this.tab.id = `tab-${shown.id}`;
    this.tab.setAttribute("role", "tab");
    this.tab.setAttribute("aria-controls", shown.id);
    this.tab.setAttribute("aria-haspopup", "menu");
    this.cross = document.createElement("span");
    this.cross.className = "tab-close";
    // For the mouse alone: the same is done by a button, by a key on the tab and by the menu, which all can be named.
    this.cross.ariaHidden = "true";
    this.cross.title = "Close";
    this.holder.append(this.tab, this.cross);
    /** For the other end of the bar. */
    this.buttons = document.createElement("div");
    this.buttons.className = "window-buttons";
    this.#listen();
    shown.on("changed", () => this.#draw());
    this.#draw();
  }

  /** @param {BarState} state */
  update(state) {
    const before = this.#state;
    this.#state = state;
    if (/** @type {(keyof BarState)[]} */ (Object.keys(state)).some((key) => state[key] !== before[key])) this.#draw();
  }

  #listen() {
    const { holder, tab, cross, buttons } = this;
    const shown = this.#window;
    // The dock would take it for a click on the tab, and show what is about to go.
    cross.addEventListener("pointerdown", (event) => event.stopPropagation());
    cross.addEventListener("click", () => shown.emit("close", undefined));
    holder.addEventListener("mousedown", (event) => {
      // Otherwise the browser begins to scroll.
      if (event.button === 1) event.preventDefault();
    });
    holder.addEventListener("auxclick", (event) => {
      if (event.button === 1) shown.emit("close", undefined);
    });
    holder.addEventListener("dblclick", () => shown.emit("maximise", undefined));
    holder.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      shown.emit("menu", { anchor: tab });
    });
    tab.addEventListener("keydown", (event) => this.#press(event));
    buttons.addEventListener("pointerdown", () => shown.emit("focus", undefined));
  }

  /**
   * The keys of a tab. Those that go from one tab to the next are the dock's.
   * @param {KeyboardEvent} event
   */
  #press(event) {
    if (event.altKey || event.metaKey) return;
    const shown = this.#window;
    const side = SIDES[event.key];
    const { ctrlKey, shiftKey } = event;
    if ((side === "left" || side === "right") && shiftKey && ctrlKey) shown.emit("shift", side === "left" ? -1 : 1);
    else if (side && shiftKey && !ctrlKey) shown.emit("move", side);
    else if (side && ctrlKey && !shiftKey) shown.emit("stretch", side);
    else if (event.key === "Enter" && shiftKey) shown.emit("maximise", undefined);
    else if (event.key === "Enter" || event.key === " ") shown.emit("enter", undefined);
    else if (event.key === "Delete") shown.emit("close", undefined);
    else if (event.key === "ContextMenu" || (event.key === "F10" && shiftKey))
      shown.emit("menu", { anchor: this.tab });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #draw() {
    const { title, plugin, state } = this.#window;
    const { active, shown, maximised, narrow, count } = this.#state;
    const { tab, holder, cross, buttons } = this;
    holder.classList.toggle("active", active);
    holder.classList.toggle("only", count === 1);
    tab.title = title;
    tab.ariaSelected = String(shown);
    tab.tabIndex = shown ? 0 : -1;
    render(
      html`${
        state === "failed" ? html`<span class="tab-sign problem">${icon("warning")}</span>` : pluginIcon(plugin)
      }<span class="tab-text">${title}</span>`,
      tab,
    );
    render(icon("close"), cross);
    const size = maximised ? "Restore" : "Maximise";
    render(
      html`${
        count > FEW
          ? this.#buttonView("list", `All ${count} windows in this place`, "list", String(count))
          : nothing
      }
      ${this.#buttonView("menu", `Window menu of ${title}`, "more")}
      ${
        narrow
          ? nothing
          : html`<button type="button" class="quiet" aria-label="${size} ${title}" title=${size}
              @click=${() => this.#window.emit("maximise", undefined)}>
              ${icon(maximised ? "restore" : "maximise")}
            </button>`
      }
      <button type="button" class="quiet" aria-label="Close ${title}" title="Close"
        @click=${() => this.#window.emit("close", undefined)}>
        ${icon("close")}
      </button>`,
      buttons,
    );
  }

  /**
   * A button that opens a menu.
   * @param {"menu" | "list"} event
   * @param {string} label
   * @param {string} drawing
   * @param {string} [text]
   */
  #buttonView(event, label, drawing, text = "") {
    return html`<button type="button" class="quiet" aria-label=${label} title=${event === "menu" ? "Window menu" : label}
      aria-haspopup="menu" aria-expanded="false"
      @click=${(/** @type {Event} */ { currentTarget }) =>
        this.#window.emit(event, { anchor: /** @type {HTMLElement} */ (currentTarget) })}>
      ${icon(drawing)}${text}
    </button>`;
  }
}
