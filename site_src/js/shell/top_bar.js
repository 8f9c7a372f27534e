/**
 * The bar at the top: list of plugins on and off, logo, workspace, status line, engine, light or dark.
 */

import { html, nothing } from "lit-html";
import { engineChipView } from "./engine_chip.js";
import { icon } from "../core/icons.js";
import { openMenu } from "./menu.js";
import { soundsLikeError } from "./notices.js";
import { workspaceMenuView } from "./workspace_menu.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {App} from "./app.js" */
/** @import {Theme} from "./theme.js" */

/** A longer status text is cut, and shown whole by its button. */
const STATUS_LENGTH = 80;

/** @type {readonly {theme: Theme, label: string, icon: string}[]} */
const THEMES = [
  { theme: "system", label: "As the system", icon: "system" },
  { theme: "light", label: "Light", icon: "sun" },
  { theme: "dark", label: "Dark", icon: "moon" },
];

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function topBarView(app) {
  const { panelOpen, notices, theme } = app;
  const shown = THEMES.find((one) => one.theme === theme) ?? THEMES[0];
  return html`<header class="top-bar" data-region="top">
    <button
      type="button"
      class="quiet"
      aria-label="Plugins"
      title=${panelOpen ? "Hide the list of plugins" : "Show the list of plugins"}
      aria-expanded=${panelOpen}
      aria-controls="plugin-panel"
      @click=${() => app.setPanel(!panelOpen)}
    >
      ${icon("panel")}
    </button>
    <h1 class="brand"><img src="/app/static/icon.svg" alt="" width="26" height="26" /><span>ImJoy <span class="soft">Offline</span></span></h1>
    ${workspaceMenuView(app)} ${statusView(app, notices.status)} ${engineChipView(app)}
    <button
      type="button"
      class="quiet"
      aria-label="Colours: ${shown?.label}"
      title="Light or dark"
      aria-haspopup="menu"
      aria-expanded="false"
      @click=${(/** @type {Event} */ event) =>
        openMenu(
          /** @type {HTMLElement} */ (event.currentTarget),
          "Colours",
          THEMES.map((one) => ({
            label: one.label,
            icon: one.icon,
            checked: one.theme === theme,
            run: () => app.setTheme(one.theme),
          })),
        )}
    >
      ${icon(shown?.icon ?? "system")}
    </button>
  </header>`;
}

/**
 * @param {App} app
 * @param {string} status
 * @returns {TemplateResult}
 */
function statusView(app, status) {
  const isLong = status.length > STATUS_LENGTH || status.includes("\n");
  const text = isLong ? `${status.slice(0, STATUS_LENGTH).replaceAll("\n", " ")}…` : status;
  return html`<div class="status-area ${status === "" ? "silent" : ""}">
    <div class="status ${soundsLikeError(status) ? "problem" : ""}" role="status" aria-label="Status">${text}</div>
    ${
      isLong
        ? html`<button type="button" class="link" @click=${() => app.showWholeStatus(status)}>Show all</button>`
        : nothing
    }
  </div>`;
}
