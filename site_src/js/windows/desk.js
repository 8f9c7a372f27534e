/**
 * The desk: where each window is, kept over the life of windows and pages, and shown by the dock.
 *
 * Loaded with the first window, since nothing of it is needed before. The windows stay where they are in the page; this
 * only says where they are seen. Called by windows/manager.js.
 */

import { readSetting, writeSetting } from "../workspace/settings.js";
import { Dock } from "./dock.js";
import { GAP, TIGHTEST } from "./layout.js";
import { remember } from "./memory.js";
import { hasNeighbours, move, place, resize, shiftTab } from "./places.js";
import { fromText, toText } from "./stored_form.js";
import { findGroup, fitInto, groupsIn, isGroup, joinAll, prune, showSlot, slotsIn } from "./tree.js";
import { WindowBar } from "./window_bar.js";

/** @import {Room} from "./layout.js" */
/** @import {Side} from "./places.js" */
/** @import {Tree} from "./tree.js" */
/** @import {AppWindow} from "./window.js" */

/** As long as only one window is seen, the places of the others are chosen for a page of this size. */
const USUAL = Object.freeze({ width: 1200, height: 800 });
/** How soon after a change it is stored. */
const PATIENCE = 300;

/**
 * @typedef {object} Freedom what can be done with a window where it is
 * @property {readonly Side[]} sides to which it can be moved
 * @property {readonly (1 | -1)[]} steps that it can make among the tabs of its place
 * @property {boolean} wide it has neighbours from which it can get width
 * @property {boolean} high
 */

/** @type {Freedom} */
const NO_FREEDOM = Object.freeze({ sides: [], steps: [], wide: false, high: false });
/** @type {readonly Side[]} */
const SIDES = Object.freeze(["left", "right", "up", "down"]);
/** @type {readonly (1 | -1)[]} */
const STEPS = Object.freeze([-1, 1]);

/**
 * @typedef {object} Scene what there is to be shown
 * @property {readonly AppWindow[]} windows
 * @property {AppWindow | null} active
 * @property {boolean} maximised
 * @property {boolean} narrow
 * @property {Room} room
 */

/** Places for windows, and the dock that shows them. */
export class Desk {
  #host;
  #workspace;
  #dock;
  /** The places of all windows, open or not. @type {Tree | null} */
  #tree;
  /** The places of those that are open, as they are on the page. @type {Tree | null} */
  #view = null;
  /** @type {Map<string, {window: AppWindow, bar: WindowBar}>} */
  #open = new Map();
  /** @type {Room} */
  #room = { width: 0, height: 0 };
  #single = false;
  /** The slot of the window that was active last. @type {string | null} */
  #near = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #storing;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.host that holds the windows
   * @param {string} parts.workspace whose layout is kept
   * @param {(active: AppWindow | null) => void} parts.changed called when the windows are to be arranged anew, with the
   *   window that the person has taken
   */
  constructor({ host, workspace, changed }) {
    this.#host = host;
    this.#workspace = workspace;
    this.#tree = fromText(readSetting("layout", workspace));
    this.#dock = new Dock(host, {
      tabOf: (slot) => this.#barOf(slot).holder,
      buttonsOf: (slot) => this.#barOf(slot).buttons,
    });
    const windowAt = (/** @type {string | null} */ slot) => this.#open.get(slot ?? "")?.window ?? null;
    this.#dock.on("arranged", ({ tree, active }) => {
      // In a single place there is no order but the one that the places had before.
      if (!this.#single) this.#tree = remember(this.#tree, tree);
      changed(windowAt(active));
    });
    this.#dock.on("chosen", (slot) => changed(windowAt(slot)));
    this.#dock.on("emptySpace", (slot) => windowAt(slot)?.emit("maximise", undefined));
    this.#dock.on("moving", () => changed(null));
    this.#dock.on("idle", () => changed(null));
    addEventListener("pagehide", () => this.#store());
  }

  /**
   * Gives every window its place; while the person drags something, windows that have one keep it and the others wait.
   * @param {Scene} scene
   */
  arrange({ windows, active, maximised, narrow, room }) {
    const single = maximised || narrow;
    const inner = { width: Math.max(0, room.width - 2 * GAP), height: Math.max(0, room.height - 2 * GAP) };
    if (!this.#dock.isBusy) {
      this.#admit(windows, narrow ? USUAL : inner);
      const slot = this.#slotOf(active);
      this.#near = slot;
      if (slot !== null && this.#tree) this.#tree = showSlot(this.#tree, slot);
      const open = this.#tree && prune(this.#tree, (one) => this.#open.has(one));
      this.#view = open && (single ? joinAll(open, slot) : fitInto(open, inner, TIGHTEST, slot));
      this.#room = inner;
      this.#single = single;
      this.#dock.show(this.#view, slot, inner, { movable: !single });
      this.#storing ??= setTimeout(() => this.#store(), PATIENCE);
    }
    this.#position(active, maximised, narrow);
  }

  /**
   * Takes in windows that are new, and lets those go that are closed.
   * @param {readonly AppWindow[]} windows
   * @param {Room} room
   */
  #admit(windows, room) {
    for (const [slot, { window: one }] of this.#open) if (!windows.includes(one)) this.#open.delete(slot);
    const known = new Set([...this.#open.values()].map(({ window: one }) => one));
    for (const one of windows) {
      if (known.has(one)) continue;
      const slot = this.#freeSlot(one.plugin.name);
      const open = new Set(this.#open.keys());
      this.#tree = place(this.#tree, open, slot, { room, wish: one.wish, near: this.#near });
      this.#open.set(slot, { window: one, bar: new WindowBar(one) });
    }
  }

  /**
   * The first place of a plugin in which no window is.
   * @param {string} name
   * @returns {string}
   */
  #freeSlot(name) {
    let number = 1;
    while (this.#open.has(`${number} ${name}`)) number += 1;
    return `${number} ${name}`;
  }

  /**
   * Lays the windows under the panels of the dock.
   * @param {AppWindow | null} active
   * @param {boolean} maximised
   * @param {boolean} narrow
   */
  #position(active, maximised, narrow) {
    const places = this.#dock.places(this.#host.getBoundingClientRect());
    for (const [slot, { window: one, bar }] of this.#open) {
      const found = places.get(slot);
      if (!found) continue;
      const { shown, count, ...rectangle } = found;
      one.place({ rectangle, visible: shown, active: one === active });
      bar.update({ active: one === active, shown, maximised, narrow, count });
    }
  }

  /**
   * The window that is seen in a window's place when that is closed; null where it was the only one there.
   * @param {AppWindow} closed
   * @returns {AppWindow | null}
   */
  successor(closed) {
    const slot = this.#slotOf(closed);
    const group = slot === null || this.#view === null ? undefined : findGroup(this.#view, slot);
    const rest = group && prune(group, (one) => one !== slot);
    return rest && isGroup(rest) ? (this.#open.get(rest.shown)?.window ?? null) : null;
  }

  /**
   * The windows that share the place of this one, and itself, in the order of their tabs.
   * @param {AppWindow} shown
   * @returns {AppWindow[]}
   */
  mates(shown) {
    const slot = this.#slotOf(shown);
    const group = slot === null || this.#view === null ? undefined : findGroup(this.#view, slot);
    return group ? this.#windowsIn(group) : [];
  }

  /** The windows in the order in which they lie on the page. @returns {AppWindow[]} */
  inOrder() {
    return this.#view ? this.#windowsIn(this.#view) : [];
  }

  /**
   * @param {Tree} tree
   * @returns {AppWindow[]}
   */
  #windowsIn(tree) {
    return slotsIn(tree).flatMap((slot) => this.#open.get(slot)?.window ?? []);
  }

  /**
   * @param {AppWindow} moved
   * @param {Side} side
   */
  move(moved, side) {
    this.#rearrange(moved, (view, slot) => move(view, slot, side));
  }

  /**
   * @param {AppWindow} shifted
   * @param {1 | -1} step
   */
  shift(shifted, step) {
    this.#rearrange(shifted, (view, slot) => shiftTab(view, slot, step));
  }

  /**
   * @param {AppWindow} stretched
   * @param {Side} side to the right or down makes it larger
   */
  stretch(stretched, side) {
    const direction = side === "left" || side === "right" ? "row" : "column";
    const sign = side === "right" || side === "down" ? 1 : -1;
    this.#rearrange(stretched, (view, slot) => resize(view, slot, direction, sign, this.#room));
  }

  /**
   * @param {AppWindow} shown
   * @returns {Freedom}
   */
  freedom(shown) {
    const slot = this.#slotOf(shown);
    const view = this.#view;
    if (slot === null || view === null || this.#single) return NO_FREEDOM;
    return {
      sides: SIDES.filter((side) => move(view, slot, side) !== view),
      steps: STEPS.filter((step) => shiftTab(view, slot, step) !== view),
      wide: hasNeighbours(view, slot, "row"),
      high: hasNeighbours(view, slot, "column"),
    };
  }

  /**
   * @param {AppWindow} shown
   * @param {(view: Tree, slot: string) => Tree} change
   */
  #rearrange(shown, change) {
    const slot = this.#slotOf(shown);
    if (slot === null || this.#view === null || this.#single || this.#dock.isBusy) return;
    const changed = change(this.#view, slot);
    if (changed !== this.#view) this.#tree = remember(this.#tree, changed);
  }

  /**
   * Gives the focus to a window's tab, from where its buttons are the next that are reached.
   * @param {AppWindow} shown
   */
  focusTab(shown) {
    const slot = this.#slotOf(shown);
    if (slot !== null) this.#barOf(slot).tab.focus();
  }

  /**
   * True where the tab or a button of a window has the focus.
   * @param {AppWindow} shown
   */
  hasFocus(shown) {
    const slot = this.#slotOf(shown);
    if (slot === null) return false;
    const { tab, buttons } = this.#barOf(slot);
    return [tab, buttons].some((part) => part.contains(document.activeElement));
  }

  /**
   * The places from left to right and from top to bottom, for the key that goes round the page.
   * @returns {{holds: (element: Element) => boolean, focus: () => void}[]}
   */
  get panes() {
    return (this.#view ? groupsIn(this.#view) : []).flatMap(({ shown }) => {
      const open = this.#open.get(shown);
      const group = this.#dock.groupOf(shown);
      if (!open || !group) return [];
      const holds = (/** @type {Element} */ element) => group.contains(element) || open.window.element.contains(element);
      return [{ holds, focus: () => open.bar.tab.focus() }];
    });
  }

  /**
   * @param {AppWindow | null} shown
   * @returns {string | null}
   */
  #slotOf(shown) {
    return [...this.#open].find(([, { window: one }]) => one === shown)?.[0] ?? null;
  }

  /** @param {string} slot */
  #barOf(slot) {
    const open = this.#open.get(slot);
    if (!open) throw new Error(`the dock asks for a window that is not there: ${slot}`);
    return open.bar;
  }

  #store() {
    clearTimeout(this.#storing);
    this.#storing = undefined;
    writeSetting("layout", this.#tree && toText(this.#tree), this.#workspace);
  }
}
