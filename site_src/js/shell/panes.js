/**
 * Ctrl+F6 goes from window to window, with Shift back. In the frame of a plugin the same keys are passed on by the frame.
 * F6 alone goes round the parts of the page: see regions.js.
 */

/** @import {App} from "./app.js" */

/**
 * @param {App} app
 */
export function listenToPaneKeys({ windows }) {
  addEventListener("keydown", (event) => {
    if (event.key !== "F6" || !event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    windows.enterNext(null, event.shiftKey ? -1 : 1);
  });
}
