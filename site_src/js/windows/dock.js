/**
 * The dock: dockview with nothing in it. It draws bars, tabs and dividers, and lets a person drag them; the windows
 * themselves are never given to it, but lie under its empty panels, so that whatever it does moves no frame in the page.
 *
 * The only module that knows dockview. Dockview brings its own style sheet, which css/windows.css overrules. Called by
 * windows/desk.js.
 */

import { createDockview } from "dockview-core/dist/package/main.esm.min.mjs";
import { Emitter } from "../core/events.js";
import { fromDock, toDock } from "./dock_form.js";
import { Dragging } from "./dragging.js";
import { GAP } from "./layout.js";
import { groupsIn, isGroup } from "./tree.js";

/** @import {DockviewApi, IDockviewGroupPanel, IDockviewPanel} from "dockview-core" */
/** @import {Rectangle, Room} from "./layout.js" */
/** @import {Tree} from "./tree.js" */

/**
 * @typedef {object} DockParts what a window has in the dock, by its slot
 * @property {(slot: string) => HTMLElement} tabOf
 * @property {(slot: string) => HTMLElement} buttonsOf
 */

/**
 * @typedef {object} DockEvents
 * @property {{tree: Tree, active: string | null}} arranged
 * @property {string} chosen
 * @property {string} emptySpace
 * @property {undefined} moving
 * @property {undefined} idle
 */

/**
 * Emits what the person has done: `arranged` for another order or other sizes, `chosen` for another window, `emptySpace`
 * for a double click beside the tabs; `moving` while a divider is dragged, and `idle` when any dragging has ended.
 * @extends {Emitter<DockEvents>}
 */
export class Dock extends Emitter {
  #parts;
  /** @type {DockviewApi} */
  #api;
  #dragging;
  /** The structure that it was told to show. */
  #wanted = "null";
  /** The one that it has made of that, with whole pixels and its own limits. */
  #held = "null";
  /** The slot of the window that it takes for the active one. @type {string | null} */
  #active = null;
  #looking = false;
  #isMovable = true;
  /** @type {Map<string, HTMLElement>} by the group's id */
  #holders = new Map();

  /**
   * @param {HTMLElement} host
   * @param {DockParts} parts
   */
  constructor(host, parts) {
    super();
    this.#parts = parts;
    this.element = document.createElement("div");
    this.element.className = "dock";
    host.append(this.element);
    this.#api = createDockview(this.element, {
      theme: { name: "imjoy", className: "dock-theme", gap: GAP, dndOverlayMounting: "absolute", dndPanelOverlay: "group" },
      createComponent: () => ({ element: makePanel(), init: () => undefined }),
      createTabComponent: ({ id }) => ({ element: parts.tabOf(id), init: () => undefined }),
      createRightHeaderActionComponent: ({ id }) => this.#makeHolder(id),
      createWatermarkComponent: () => ({ element: document.createElement("div"), init: () => undefined }),
      disableAutoResizing: true,
      // A frame that is moved to another document, as for a window of its own, loads anew.
      disableFloatingGroups: true,
      // Its list can be neither named nor reached by keys; the window's own buttons have one.
      disableTabsOverflowList: true,
    });
    this.#api.onDidLayoutChange(() => this.#look());
    this.#api.onDidActivePanelChange(() => this.#look());
    this.#api.onWillDragGroup(({ nativeEvent, group }) => {
      const bar = group.element.firstElementChild;
      if (bar) nativeEvent.dataTransfer?.setDragImage(bar, 30, 20);
    });
    this.#dragging = new Dragging(host, this.element);
    this.#dragging.on("moving", () => this.emit("moving"));
    this.#dragging.on("ended", (what) => {
      this.emit("idle");
      if (what === "tab") this.#focusActive();
    });
    this.element.addEventListener("keydown", (event) => this.#press(event));
    this.element.addEventListener("dblclick", ({ target }) => {
      const group = this.#api.groups.find(({ element }) => element.contains(/** @type {Node} */ (target)));
      const isSpace = target instanceof Element && target.classList.contains("dv-void-container");
      if (isSpace && group?.activePanel) this.emit("emptySpace", group.activePanel.id);
    });
  }

  /** True while the person drags a tab or a divider: nothing must be arranged under their hand. */
  get isBusy() {
    return this.#dragging.isBusy;
  }

  /**
   * Shows this arrangement and makes one window the active one.
   * @param {Tree | null} tree
   * @param {string | null} active
   * @param {Room} room
   * @param {{movable: boolean}} options
   */
  show(tree, active, room, { movable }) {
    const api = this.#api;
    const focused = document.activeElement;
    const wanted = JSON.stringify(structureOf(tree));
    // Ahead of what it is to show, which it would fit into the room that it knows.
    if (api.width !== room.width || api.height !== room.height) api.layout(room.width, room.height);
    if (wanted !== this.#wanted) {
      if (tree === null) api.clear();
      else api.fromJSON(toDock(tree, active, room));
      this.#wanted = wanted;
    }
    const panel = active === null ? undefined : api.getPanel(active);
    if (panel && (api.activePanel !== panel || panel.group.activePanel !== panel)) panel.api.setActive();
    if (this.#isMovable !== movable) {
      this.#isMovable = movable;
      api.updateOptions({ disableDnd: !movable });
    }
    this.#read();
    // Taken off the page and put back, what had the focus has lost it.
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.element.contains(focused)) {
      focused.focus();
    }
  }

  /** Notes what dockview holds, by which the next change is told. */
  #read() {
    const read = fromDock(this.#api.toJSON());
    this.#held = JSON.stringify(structureOf(read?.tree ?? null));
    this.#active = read?.active ?? null;
    this.#decorate(read?.tree ?? null);
    return read;
  }

  /** With the next microtask, when dockview has done all that it does for one event. */
  #look() {
    if (this.#looking) return;
    this.#looking = true;
    queueMicrotask(() => {
      this.#looking = false;
      const [held, active] = [this.#held, this.#active];
      const read = this.#read();
      if (read === null) return;
      if (this.#held !== held) {
        this.#wanted = this.#held;
        this.emit("arranged", read);
      } else if (read.active !== null && read.active !== active) {
        this.emit("chosen", read.active);
      }
    });
  }

  /**
   * Where the content of each window belongs, seen or not; relative to `origin`.
   * @param {DOMRect} origin
   * @returns {Map<string, Rectangle & {shown: boolean, count: number}>} by slot; `count` windows share the place
   */
  places(origin) {
    const found = new Map();
    for (const group of this.#api.groups) {
      const panel = group.activePanel;
      if (!panel) continue;
      const { x, y, right, bottom } = panel.view.content.element.getBoundingClientRect();
      // Between pixels, what plugins draw would be blurred.
      const [left, top] = [Math.round(x - origin.x), Math.round(y - origin.y)];
      const [width, height] = [Math.round(right - origin.x) - left, Math.round(bottom - origin.y) - top];
      const place = { left, top, width, height, count: group.panels.length };
      for (const one of group.panels) found.set(one.id, { ...place, shown: one === panel });
    }
    return found;
  }

  /**
   * The group that a window is in: its bar and the space for its content.
   * @param {string} slot
   * @returns {HTMLElement | null}
   */
  groupOf(slot) {
    return this.#api.getPanel(slot)?.group.element ?? null;
  }

  /** Gives the focus to the tab that was dragged, unless something else has it. */
  #focusActive() {
    const slot = this.#api.activePanel?.id;
    if (slot !== undefined && document.activeElement === document.body) this.#focusTab(slot);
  }

  /** @param {string} slot */
  #focusTab(slot) {
    /** @type {HTMLElement | null} */ (this.#parts.tabOf(slot).querySelector("[role=tab]"))?.focus();
  }

  /** @param {string} id of a group */
  #makeHolder(id) {
    const element = document.createElement("div");
    element.className = "window-buttons-holder";
    this.#holders.set(id, element);
    return { element, init: () => undefined, dispose: () => void this.#holders.delete(id) };
  }

  /**
   * Puts the buttons of the window that is seen into each bar, and gives the tabs their names and roles.
   * @param {Tree | null} tree
   */
  #decorate(tree) {
    const groups = tree ? groupsIn(tree) : [];
    for (const [i, { shown }] of groups.entries()) {
      const group = this.#api.getPanel(shown)?.group;
      if (!group) continue;
      const holder = this.#holders.get(group.id);
      const buttons = this.#parts.buttonsOf(shown);
      if (holder && holder.firstChild !== buttons) holder.replaceChildren(buttons);
      const list = group.element.querySelector(".dv-tabs-container");
      list?.setAttribute("role", "tablist");
      list?.setAttribute("aria-label", groups.length === 1 ? "Windows" : `Windows, place ${i + 1} of ${groups.length}`);
      // Our own element in it is the tab.
      for (const outer of list?.children ?? []) outer.removeAttribute("tabindex");
      if (list) scrollTo(list, this.#parts.tabOf(shown));
    }
  }

  /**
   * The keys that go from tab to tab.
   * @param {KeyboardEvent} event
   */
  #press(event) {
    const { key, target, shiftKey, ctrlKey, altKey, metaKey } = event;
    if (!(target instanceof HTMLElement) || target.role !== "tab" || shiftKey || ctrlKey || altKey || metaKey) return;
    const group = this.#groupWith(target);
    if (!group) return;
    const { panels } = group;
    const at = panels.findIndex(({ id }) => this.#parts.tabOf(id).contains(target));
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: panels.length - 1 }[key];
    if (next === undefined) return;
    event.preventDefault();
    const panel = /** @type {IDockviewPanel} */ (panels[(next + panels.length) % panels.length]);
    panel.api.setActive();
    this.#focusTab(panel.id);
  }

  /**
   * @param {HTMLElement} inside
   * @returns {IDockviewGroupPanel | undefined}
   */
  #groupWith(inside) {
    return this.#api.groups.find(({ element }) => element.contains(inside));
  }
}

/**
 * Scrolls a row of tabs until one of them is seen whole.
 * @param {Element} list
 * @param {Element} tab
 */
function scrollTo(list, tab) {
  const [seen, wanted] = [list.getBoundingClientRect(), tab.getBoundingClientRect()];
  if (wanted.left < seen.left) list.scrollLeft -= seen.left - wanted.left;
  else if (wanted.right > seen.right) list.scrollLeft += wanted.right - seen.right;
}

function makePanel() {
  const element = document.createElement("div");
  element.className = "dock-panel";
  return element;
}

/**
 * What an arrangement is but for which window of a place is seen.
 * @param {Tree | null} tree
 * @returns {unknown}
 */
function structureOf(tree) {
  if (tree === null) return null;
  if (isGroup(tree)) return tree.tabs;
  const { direction, parts, shares } = tree;
  return { direction, parts: parts.map(structureOf), shares: shares.map((share) => Math.round(share * 1e3)) };
}
