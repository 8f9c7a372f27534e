/**
 * A menu that opens beside a button: arrow keys, Home and End move, Escape and a click elsewhere close it.
 *
 * Made when it is opened and gone when it is closed; the focus then goes back to the button.
 */

import { html, nothing, render } from "lit-html";
import { icon } from "../core/icons.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} icon
 * @property {() => void} run
 * @property {boolean} [checked] for a choice among several
 * @property {boolean} [danger]
 * @property {string} [keys] the keys that do the same, as in `aria-keyshortcuts`
 * @property {boolean} [apart] begins another group
 */

/** Space between the menu and the edges of the page. */
const MARGIN = 8;

/**
 * @param {HTMLElement} button
 * @param {string} label
 * @param {readonly MenuItem[]} items
 * @param {"start" | "end"} [edge] of the button, at which the menu begins or ends
 */
export function openMenu(button, label, items, edge = "end") {
  const menu = document.createElement("div");
  menu.className = "menu";
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", label);
  const close = () => menu.hidePopover();
  render(
    items.map((item) => itemView(item, close)),
    menu,
  );
  menu.addEventListener("keydown", (event) => moveFocus(menu, event));
  // A click into a frame closes it too, though the page does not see that click.
  addEventListener("blur", close);
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    removeEventListener("blur", close);
    button.setAttribute("aria-expanded", "false");
    const hadFocus = menu.contains(document.activeElement) || document.activeElement === document.body;
    menu.remove();
    if (hadFocus) button.focus();
  });
  (button.closest("aside, header, main") ?? document.body).append(menu);
  menu.showPopover();
  place(menu, button, edge);
  button.setAttribute("aria-expanded", "true");
  entriesOf(menu)[0]?.focus();
}

/**
 * @param {MenuItem} item
 * @param {() => void} close
 */
function itemView(item, close) {
  const isChoice = item.checked !== undefined;
  return html`<button
    type="button"
    class="menu-item ${item.danger ? "danger" : ""} ${item.apart ? "apart" : ""}"
    role=${isChoice ? "menuitemradio" : "menuitem"}
    aria-checked=${isChoice ? String(item.checked) : nothing}
    aria-keyshortcuts=${item.keys ?? nothing}
    tabindex="-1"
    @click=${() => {
      close();
      item.run();
    }}
  >
    ${icon(item.icon)}<span>${item.label}</span>${item.checked ? icon("check") : nothing}
    ${item.keys ? html`<kbd aria-hidden="true">${keysInWords(item.keys)}</kbd>` : nothing}
  </button>`;
}

/** How keys are written on keyboards. @type {Readonly<Record<string, string>>} */
const KEY_SIGNS = Object.freeze({
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Control: "Ctrl",
  Delete: "Del",
});

/** @param {string} keys */
function keysInWords(keys) {
  return keys
    .split("+")
    .map((key) => KEY_SIGNS[key] ?? key)
    .join("+");
}

/**
 * @param {HTMLElement} menu
 * @returns {HTMLElement[]}
 */
function entriesOf(menu) {
  return [...menu.querySelectorAll("button")];
}

/**
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function moveFocus(menu, event) {
  const entries = entriesOf(menu);
  const now = entries.findIndex((entry) => entry === document.activeElement);
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: entries.length - 1 }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  // The browser closes the menu; what lies around it stays.
  if (event.key === "Escape") event.stopPropagation();
  if (next === undefined) return;
  event.preventDefault();
  entries[(next + entries.length) % entries.length]?.focus();
}

/**
 * Below the button, or above where there is no room.
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 * @param {"start" | "end"} edge
 */
function place(menu, button, edge) {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.min(edge === "start" ? anchor.left : anchor.right - width, innerWidth - width - MARGIN);
  const below = anchor.bottom + 4;
  const top = below + height + MARGIN > innerHeight ? anchor.top - height - 4 : below;
  menu.style.left = `${Math.max(MARGIN, left)}px`;
  menu.style.top = `${Math.max(MARGIN, top)}px`;
}
