/**
 * The upper edge of the log, by which it is made higher or lower with the pointer or the arrow keys; what was chosen is
 * remembered in this browser.
 */

import { readSetting, writeSetting } from "../workspace/settings.js";

/** In shares of a hundred of the page's height. */
const LIMITS = Object.freeze({ least: 14, most: 80, usual: 32, step: 4 });

/**
 * @param {HTMLElement} panel whose height it is
 * @returns {HTMLElement}
 */
export function makeLogEdge(panel) {
  const edge = document.createElement("div");
  edge.className = "log-edge";
  edge.tabIndex = 0;
  edge.setAttribute("role", "separator");
  edge.setAttribute("aria-orientation", "horizontal");
  edge.setAttribute("aria-label", "Height of the log");
  edge.setAttribute("aria-valuemin", String(LIMITS.least));
  edge.setAttribute("aria-valuemax", String(LIMITS.most));
  let height = Number(readSetting("log_height") ?? LIMITS.usual) || LIMITS.usual;
  const set = (/** @type {number} */ share) => {
    height = Math.round(Math.min(LIMITS.most, Math.max(LIMITS.least, share)));
    panel.style.setProperty("--log-height", `${height}vh`);
    edge.setAttribute("aria-valuenow", String(height));
  };
  const keep = () => writeSetting("log_height", height === LIMITS.usual ? null : String(height));
  edge.addEventListener("keydown", (event) => {
    const next = {
      ArrowUp: height + LIMITS.step,
      ArrowDown: height - LIMITS.step,
      Home: LIMITS.most,
      End: LIMITS.least,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    set(next);
    keep();
  });
  edge.addEventListener("pointerdown", (event) => {
    // The frames of windows would swallow the pointer.
    edge.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  edge.addEventListener("pointermove", (event) => {
    if (!edge.hasPointerCapture(event.pointerId)) return;
    const { bottom } = panel.getBoundingClientRect();
    set((100 * (bottom - event.clientY)) / innerHeight);
  });
  edge.addEventListener("pointerup", keep);
  edge.addEventListener("dblclick", () => {
    set(LIMITS.usual);
    keep();
  });
  set(height);
  return edge;
}
