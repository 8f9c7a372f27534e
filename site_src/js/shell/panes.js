/**
 * F6 goes round the parts of the page: top bar, list of plugins, each place of windows, log; Shift goes back. With Ctrl it
 * goes from window to window. In the frame of a plugin the same keys are passed on by the frame.
 */

/** @import {App} from "./app.js" */

/** @typedef {{holds: (element: Element) => boolean, focus: () => void}} Pane */

/** The parts that are always where they are, by their place relative to the windows. */
const BEFORE = [".top-bar", "#plugin-panel"];
const AFTER = [".log"];
const FOCUSABLE = "button:not([disabled]), input, select, textarea, a[href], summary, [tabindex='0']";

/**
 * @param {App} app
 */
export function listenToPaneKeys({ windows }) {
  addEventListener("keydown", (event) => {
    if (event.key !== "F6" || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    const step = event.shiftKey ? -1 : 1;
    if (event.ctrlKey) windows.enterNext(null, step);
    else focusNext([...panesAt(BEFORE), ...windows.panes, ...panesAt(AFTER)], step);
  });
}

/**
 * @param {readonly Pane[]} panes
 * @param {1 | -1} step
 */
function focusNext(panes, step) {
  const focused = document.activeElement;
  const now = panes.findIndex(({ holds }) => focused !== null && holds(focused));
  const from = now < 0 && step < 0 ? 0 : now;
  panes[(from + step + panes.length) % panes.length]?.focus();
}

/**
 * @param {readonly string[]} selectors
 * @returns {Pane[]} of those that are there and can take the focus
 */
function panesAt(selectors) {
  return selectors.flatMap((selector) => {
    const part = document.querySelector(selector);
    const first = [...(part?.querySelectorAll(FOCUSABLE) ?? [])].find((one) => one.checkVisibility());
    if (!part || !(first instanceof HTMLElement)) return [];
    return [{ holds: (/** @type {Element} */ element) => part.contains(element), focus: () => first.focus() }];
  });
}
