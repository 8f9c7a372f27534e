/**
 * Icons as they are seen: decoration, never read aloud. What is drawn is in drawings.js.
 */

import { html, svg } from "lit-html";
import { PATHS, chooseIcon } from "./drawings.js";

/** @import {TemplateResult} from "lit-html" */

/**
 * One of the drawings by name; decoration only, so never read aloud.
 * @param {string} name
 * @returns {TemplateResult}
 */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    ${svg`<path d=${PATHS[name] ?? ""}></path>`}
  </svg>`;
}

/**
 * A plugin's icon on its coloured ground; the colour comes from the name and stays the same everywhere.
 * @param {{name: string, icon?: string | null}} plugin
 * @returns {TemplateResult}
 */
export function pluginIcon(plugin) {
  const { kind, value } = chooseIcon(plugin);
  const hue = [...plugin.name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  const content = kind === "drawing" ? icon(value) : kind === "picture" ? html`<img src=${value} alt="" />` : value;
  return html`<span class="plugin-icon" style="--hue: ${hue}" aria-hidden="true">${content}</span>`;
}
