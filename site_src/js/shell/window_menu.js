/**
 * The menus of windows: what can be done with one, and which windows share a place. Everything that the mouse can do is
 * here too, with the keys that do it on the window's tab.
 */

import { openMenu } from "./menu.js";

/** @import {Side} from "../windows/places.js" */
/** @import {WindowManager} from "../windows/manager.js" */
/** @import {AppWindow} from "../windows/window.js" */
/** @import {MenuItem} from "./menu.js" */

/** @type {readonly {side: Side, key: string}[]} */
const SIDES = [
  { side: "left", key: "ArrowLeft" },
  { side: "right", key: "ArrowRight" },
  { side: "up", key: "ArrowUp" },
  { side: "down", key: "ArrowDown" },
];

/** @type {readonly {side: Side, label: string, key: string, of: "wide" | "high"}[]} */
const SIZES = [
  { side: "right", label: "Wider", key: "ArrowRight", of: "wide" },
  { side: "left", label: "Narrower", key: "ArrowLeft", of: "wide" },
  { side: "down", label: "Taller", key: "ArrowDown", of: "high" },
  { side: "up", label: "Shorter", key: "ArrowUp", of: "high" },
];

/** What is wider than a button with an icon has its menu below its beginning, in pixels. */
const WIDE = 60;

/**
 * Opens the menus when they are asked for.
 * @param {WindowManager} windows
 */
export function offerWindowMenus(windows) {
  windows.on("menu", ({ window: shown, anchor }) => {
    openMenu(anchor, `Window menu of ${shown.title}`, windowItems(windows, shown), edgeOf(anchor));
  });
  windows.on("list", ({ window: shown, anchor }) => {
    openMenu(anchor, "Windows in this place", mateItems(windows, shown), edgeOf(anchor));
  });
}

/** @param {HTMLElement} anchor */
function edgeOf(anchor) {
  return anchor.offsetWidth > WIDE ? "start" : "end";
}

/**
 * @param {WindowManager} windows
 * @param {AppWindow} shown
 * @returns {MenuItem[]}
 */
export function windowItems(windows, shown) {
  const freedom = windows.freedom(shown);
  if (!freedom) return [];
  const { sides, steps, maximise } = freedom;
  /** @type {MenuItem[]} */
  const items = [];
  if (maximise) {
    const [label, icon] = windows.maximised ? ["Restore", "restore"] : ["Maximise", "maximise"];
    items.push({ label, icon, keys: "Shift+Enter", run: () => windows.maximise(shown) });
  }
  for (const { side, key } of SIDES) {
    if (!sides.includes(side)) continue;
    items.push({ label: `Move ${side}`, icon: `move_${side}`, keys: `Shift+${key}`, run: () => windows.move(shown, side) });
  }
  for (const step of steps) {
    const [side, key] = step < 0 ? ["left", "ArrowLeft"] : ["right", "ArrowRight"];
    const keys = `Control+Shift+${key}`;
    items.push({ label: `Tab to the ${side}`, icon: `tab_${side}`, keys, run: () => windows.shift(shown, step) });
  }
  for (const { side, label, key, of } of SIZES) {
    if (!freedom[of]) continue;
    items.push({ label, icon: label.toLowerCase(), keys: `Control+${key}`, run: () => windows.stretch(shown, side) });
  }
  if (windows.windows.length > 1) {
    items.push(
      { label: "Next window", icon: "next", keys: "Control+F6", run: () => windows.enterNext(shown, 1) },
      { label: "Previous window", icon: "previous", keys: "Control+Shift+F6", run: () => windows.enterNext(shown, -1) },
    );
  }
  items.push({ label: "Close", icon: "close", keys: "Delete", run: () => shown.emit("close", undefined) });
  return items;
}

/**
 * @param {WindowManager} windows
 * @param {AppWindow} shown
 * @returns {MenuItem[]}
 */
function mateItems(windows, shown) {
  return (windows.freedom(shown)?.mates ?? []).map((mate) => ({
    label: mate.title,
    icon: "window",
    checked: mate === shown,
    run: () => windows.focusTab(mate),
  }));
}
