/**
 * The windows of the workspace: makes them, lays them out as tiles, and knows which one is active.
 *
 * Knows nothing of plugins. Windows are added to the page in the order of their making and stay where they are in the
 * page; layout.js says where they are seen. Called by plugins/window_plugins.js and drawn by shell/workspace_view.js.
 */

import { Emitter } from "../core/events.js";
import { isNarrow, tile, whole } from "./layout.js";
import { AppWindow } from "./window.js";

/**
 * Emits `changed` when windows come, go, are renamed, or another one becomes active.
 * @extends {Emitter<{changed: undefined}>}
 */
export class WindowManager extends Emitter {
  /** @type {AppWindow[]} */
  #windows = [];
  /** @type {AppWindow | null} */
  #active = null;
  #maximised = false;
  #narrow = false;
  #count = 0;

  constructor() {
    super();
    /** The element that holds all windows; put into the page once. */
    this.element = document.createElement("div");
    this.element.className = "windows";
    new ResizeObserver(() => this.#arrange()).observe(this.element);
    addEventListener("blur", () => this.#followFrame());
  }

  /** @returns {readonly AppWindow[]} */
  get windows() {
    return this.#windows;
  }

  get active() {
    return this.#active;
  }

  /** True while one window takes the whole room, so that the others are reached by their buttons alone. */
  get single() {
    return this.#maximised || this.#narrow;
  }

  /**
   * A new window, in front of all others.
   * @param {{title: string, plugin: {name: string, icon?: string | null}, maximised?: boolean}} options
   * @returns {AppWindow}
   */
  create({ title, plugin, maximised = false }) {
    this.#count += 1;
    const made = new AppWindow({ id: `window-${this.#count}`, title: this.#distinct(title), plugin });
    made.on("close", () => this.close(made));
    made.on("focus", () => this.#activate(made));
    made.on("changed", () => this.emit("changed", undefined));
    made.on("maximise", () => {
      this.#maximised = !this.#maximised;
      this.#active = made;
      this.#arrange();
    });
    this.#windows.push(made);
    this.#active = made;
    this.#maximised ||= maximised;
    this.element.append(made.element);
    this.#arrange();
    return made;
  }

  /**
   * Brings a window to the front and gives it the focus.
   * @param {AppWindow} shown
   */
  focus(shown) {
    this.#activate(shown);
    shown.element.scrollIntoView({ block: "nearest" });
    shown.element.focus({ preventScroll: true });
  }

  /** @param {AppWindow} closed */
  close(closed) {
    const index = this.#windows.indexOf(closed);
    if (index < 0) return;
    const hadFocus = closed.element.contains(document.activeElement);
    this.#windows.splice(index, 1);
    void closed.dispose();
    closed.emit("closed", undefined);
    if (this.#windows.length === 0) this.#maximised = false;
    const next = this.#windows[Math.min(index, this.#windows.length - 1)] ?? null;
    if (this.#active === closed) this.#active = next;
    this.#arrange();
    if (hadFocus && next) this.focus(next);
  }

  /** @param {AppWindow} chosen */
  #activate(chosen) {
    if (this.#active === chosen || chosen.closed) return;
    this.#active = chosen;
    this.#arrange();
  }

  /** A click into a frame is not seen by the page; that the frame has taken the focus is. */
  #followFrame() {
    const frame = document.activeElement;
    const owner = this.#windows.find((one) => frame instanceof HTMLIFrameElement && one.content.contains(frame));
    if (owner) this.#activate(owner);
  }

  #arrange() {
    const room = { width: this.element.clientWidth, height: this.element.clientHeight };
    this.#narrow = isNarrow(room);
    this.element.classList.toggle("narrow", this.#narrow);
    const single = this.single;
    const tiles = single ? [] : tile(this.#windows.length, room);
    for (const [i, one] of this.#windows.entries()) {
      one.place({
        rectangle: tiles[i] ?? whole(room),
        visible: !single || one === this.#active,
        active: one === this.#active,
        maximised: this.#maximised && one === this.#active,
      });
    }
    this.emit("changed", undefined);
  }

  /**
   * The title, with a number behind it where another window has it.
   * @param {string} title
   * @returns {string}
   */
  #distinct(title) {
    const taken = new Set(this.#windows.map((one) => one.title));
    let name = title;
    for (let i = 2; taken.has(name); i += 1) name = `${title} (#${i})`;
    return name;
  }
}
