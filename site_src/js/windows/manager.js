/**
 * The windows of the workspace: makes them, knows which one is active and whether it takes all the room.
 *
 * Knows nothing of plugins. Windows are added to the page in the order of their making and stay where they are in the
 * page; where they are seen is decided by desk.js, which comes with the first window. Called by
 * plugins/window_plugins.js, and by the shell for what a person does.
 */

import { Emitter } from "../core/events.js";
import { isNarrow, whole } from "./layout.js";
import { AppWindow } from "./window.js";

/** @import {Desk, Freedom} from "./desk.js" */
/** @import {Side, Wish} from "./places.js" */
/** @import {Leave} from "./window.js" */

/**
 * Emits `changed` when windows come, go, are renamed, or another one becomes active; `menu` and `list` when the person
 * asks what can be done with a window, or which windows share its place.
 * @extends {Emitter<{changed: undefined, menu: MenuRequest, list: MenuRequest}>}
 */
export class WindowManager extends Emitter {
  /** @typedef {{window: AppWindow, anchor: HTMLElement}} MenuRequest */

  #load;
  #workspace;
  /** @type {AppWindow[]} */
  #windows = [];
  /** @type {AppWindow | null} */
  #active = null;
  #maximised = false;
  #narrow = false;
  #count = 0;
  /** @type {Desk | null} */
  #desk = null;
  #isOpening = false;

  /**
   * @param {object} options
   * @param {string} options.workspace whose layout is kept
   * @param {<Module>(load: () => Promise<Module>) => Promise<Module | null>} options.load loads a part of the app, and
   *   says so where it cannot be had
   */
  constructor({ workspace, load }) {
    super();
    this.#workspace = workspace;
    this.#load = load;
    /** The element that holds all windows; put into the page once. */
    this.element = document.createElement("div");
    this.element.className = "windows";
    this.element.tabIndex = -1;
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

  get maximised() {
    return this.#maximised;
  }

  /**
   * A new window, in front of all others.
   * @param {{title: string, plugin: {name: string, icon?: string | null}, maximised?: boolean, wish?: Wish}} options
   * @returns {AppWindow}
   */
  create({ title, plugin, maximised = false, wish = {} }) {
    this.#count += 1;
    const made = new AppWindow({ id: `window-${this.#count}`, title: this.#distinct(title), plugin, wish });
    made.on("close", () => this.close(made));
    made.on("focus", () => this.#activate(made));
    made.on("enter", () => made.enter());
    made.on("leave", (key) => this.leave(made, key));
    made.on("changed", () => this.emit("changed", undefined));
    made.on("maximise", () => this.maximise(made));
    made.on("move", (side) => this.move(made, side));
    made.on("shift", (step) => this.shift(made, step));
    made.on("stretch", (side) => this.stretch(made, side));
    made.on("menu", ({ anchor }) => this.emit("menu", { window: made, anchor }));
    made.on("list", ({ anchor }) => this.emit("list", { window: made, anchor }));
    this.#windows.push(made);
    this.#active = made;
    this.#maximised ||= maximised;
    this.element.append(made.element);
    this.#arrange();
    void this.#openDesk();
    return made;
  }

  /**
   * Brings a window to the front and gives it the focus.
   * @param {AppWindow} shown
   */
  focus(shown) {
    this.#activate(shown);
    shown.element.focus({ preventScroll: true });
  }

  /**
   * Brings a window to the front and gives its tab the focus.
   * @param {AppWindow} shown
   */
  focusTab(shown) {
    this.#activate(shown);
    this.#desk?.focusTab(shown);
  }

  /**
   * Brings the window after this one, or the one before it, to the front and gives it the keyboard.
   * @param {AppWindow | null} shown null for the active one
   * @param {1 | -1} step
   */
  enterNext(shown, step) {
    const windows = this.#desk?.inOrder() ?? [];
    const from = shown ?? this.#active;
    const next = windows[(windows.findIndex((one) => one === from) + step + windows.length) % windows.length];
    if (!next) return;
    this.#activate(next);
    next.enter();
  }

  /**
   * The person wants to leave the frame of a window, which has the keyboard to itself until then.
   * @param {AppWindow} left
   * @param {Leave} key
   */
  leave(left, { ctrl, shift }) {
    // Whoever has not the keyboard cannot give it away.
    if (!left.element.contains(document.activeElement)) return;
    if (ctrl) this.enterNext(left, shift ? -1 : 1);
    else this.focusTab(left);
  }

  /**
   * Gives a window all the room, or takes it back.
   * @param {AppWindow} shown
   */
  maximise(shown) {
    this.#maximised = !this.#maximised;
    this.#active = shown;
    this.#arrange();
  }

  /**
   * Moves a window one step: out of its place, into the next one, or to the edge.
   * @param {AppWindow} moved
   * @param {Side} side
   */
  move(moved, side) {
    this.#desk?.move(moved, side);
    this.#active = moved;
    this.#arrange();
  }

  /**
   * Moves a window among the tabs of its place, to the left or the right.
   * @param {AppWindow} shifted
   * @param {1 | -1} step
   */
  shift(shifted, step) {
    this.#desk?.shift(shifted, step);
    this.#active = shifted;
    this.#arrange();
  }

  /**
   * Makes a window wider or higher (to the right or down), narrower or lower (to the left or up), by one step.
   * @param {AppWindow} stretched
   * @param {Side} side
   */
  stretch(stretched, side) {
    this.#desk?.stretch(stretched, side);
    this.#arrange();
  }

  /**
   * @param {AppWindow} shown
   * @returns {(Freedom & {maximise: boolean, mates: AppWindow[]}) | null} null before the dock has come
   */
  freedom(shown) {
    if (!this.#desk) return null;
    return { ...this.#desk.freedom(shown), maximise: !this.#narrow, mates: this.#desk.mates(shown) };
  }

  /** The places of windows, for the key that goes round the page. */
  get panes() {
    return this.#desk?.panes ?? [];
  }

  /** @param {AppWindow} closed */
  close(closed) {
    const index = this.#windows.indexOf(closed);
    if (index < 0) return;
    const hadFocus = closed.element.contains(document.activeElement);
    const barHadFocus = !hadFocus && this.#desk?.hasFocus(closed);
    const mate = this.#desk?.successor(closed) ?? null;
    this.#windows.splice(index, 1);
    void closed.dispose();
    closed.emit("closed", undefined);
    if (this.#windows.length === 0) this.#maximised = false;
    const next = mate ?? this.#windows[Math.min(index, this.#windows.length - 1)] ?? null;
    if (this.#active === closed) this.#active = next;
    this.#arrange();
    if (!hadFocus && !barHadFocus) return;
    if (next === null) this.element.focus({ preventScroll: true });
    else if (hadFocus) this.focus(next);
    else this.focusTab(next);
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

  /** What is not loaded with the first window is tried again with the next. */
  async #openDesk() {
    if (this.#desk || this.#isOpening) return;
    this.#isOpening = true;
    const module = await this.#load(() => import("./desk.js"));
    this.#isOpening = false;
    if (!module) return;
    this.#desk = new module.Desk({
      host: this.element,
      workspace: this.#workspace,
      changed: (active) => {
        if (active && !active.closed) this.#active = active;
        this.#arrange();
      },
    });
    this.#arrange();
  }

  #arrange() {
    const room = { width: this.element.clientWidth, height: this.element.clientHeight };
    // Not in the page yet.
    if (room.width === 0 || room.height === 0) return;
    this.#narrow = isNarrow(room);
    const [windows, active, maximised, narrow] = [this.#windows, this.#active, this.#maximised, this.#narrow];
    if (this.#desk) this.#desk.arrange({ windows, active, maximised, narrow, room });
    else for (const one of windows) one.place({ rectangle: whole(room), visible: one === active, active: one === active });
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
