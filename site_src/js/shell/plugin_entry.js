/**
 * One plugin in the list: how it is doing, its run button, its forms and its menu.
 */

import { html, nothing } from "lit-html";
import { counted } from "../plugins/words.js";
import { activityText } from "./activities.js";
import { icon, pluginIcon } from "../core/icons.js";
import { openMenu } from "./menu.js";
import { operationView, runButtonView } from "./operation_view.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Plugin} from "../plugins/plugin.js" */
/** @import {MenuItem} from "./menu.js" */
/** @import {Workbench} from "./workbench.js" */

/**
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 * @returns {TemplateResult}
 */
export function pluginEntryView(workbench, plugin) {
  const { name, config, state } = plugin;
  const id = `plugin-${plugin.record._id.replaceAll(/[^\w-]/gu, "-")}`;
  const operations = shownOperations(plugin);
  const hasMore = hasSettings(plugin);
  const isOpen = hasMore && workbench.isFormOpen(plugin);
  return html`<li class="plugin ${state}" data-plugin=${name} data-state=${state} aria-busy=${state === "busy"}>
    <div class="plugin-row">
      ${pluginIcon({ name, icon: config.icon })}
      <h3>${name}</h3>
      <div class="plugin-buttons">
        ${mainButtonView(workbench, plugin)}
        ${
          hasMore
            ? html`<button
              type="button"
              class="quiet ${isOpen ? "on" : ""}"
              aria-label="Settings of ${name}"
              title="Settings"
              aria-expanded=${isOpen}
              aria-controls="${id}-more"
              @click=${() => workbench.setForm(plugin, !isOpen)}
            >
              ${icon("settings")}
            </button>`
            : nothing
        }
        <button
          type="button"
          class="quiet"
          aria-label="Menu of ${name}"
          title="More"
          aria-haspopup="menu"
          aria-expanded="false"
          @click=${(/** @type {Event} */ event) =>
            openMenu(/** @type {HTMLElement} */ (event.currentTarget), `Menu of ${name}`, menuItems(workbench, plugin))}
        >
          ${icon("more")}
        </button>
      </div>
      ${stateView(workbench, plugin)}
    </div>
    ${
      plugin.unseenErrors > 0
        ? html`<button type="button" class="link error-badge" aria-label="${errors(plugin)} in the log of ${name}" @click=${() => workbench.showLog(plugin)}>
          ${icon("log")} ${errors(plugin)} in the log
        </button>`
        : nothing
    }
    <div
      class="plugin-progress"
      role="progressbar"
      aria-label="Progress of ${name}"
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${plugin.progress === null ? nothing : Math.round(plugin.progress)}
      ?hidden=${state !== "busy"}
    >
      <div class=${plugin.progress === null ? "unknown" : ""} style="width: ${plugin.progress ?? 100}%"></div>
    </div>
    <div id="${id}-more" class="plugin-more" ?hidden=${!isOpen}>
      ${isOpen ? operations.map((operation, i) => operationView(workbench, plugin, operation, `${id}-${i}`)) : nothing}
    </div>
  </li>`;
}

/** @param {Plugin} plugin */
function errors(plugin) {
  return counted(plugin.unseenErrors, "error", "errors");
}

/**
 * Whether there is something to be set: not where it cannot be run anyway.
 * @param {Plugin} plugin
 */
export function hasSettings(plugin) {
  return plugin.state !== "failed" && plugin.state !== "waiting" && shownOperations(plugin).length > 0;
}

/**
 * The plugin's own operation is run with the button beside its name; it is shown below for its form only.
 * @param {Plugin} plugin
 */
function shownOperations({ name, operations }) {
  return [...operations.values()].filter((one) => one.name !== name || one.form.length > 0);
}

/**
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 * @returns {TemplateResult}
 */
function stateView(workbench, plugin) {
  const { state, problem, config, name } = plugin;
  // The name stands right above; in a log or message the sentence needs it.
  const cause = problem.startsWith(name) ? problem.slice(name.length).replace(/^: /u, "") : problem;
  if (state === "failed") return html`<p class="plugin-state problem">${cause}</p>`;
  if (state === "waiting" || state === "stopped") return html`<p class="plugin-state">${problem}</p>`;
  const doing = activityText(plugin);
  if (doing === null) return html`<p class="plugin-state" title=${config.description}>${config.description}</p>`;
  return html`<div class="plugin-doing">
    <p class="plugin-state">${state === "busy" ? nothing : html`<span class="spinner"></span> `}${doing}</p>
    ${
      plugin.canStop
        ? html`<button type="button" class="stop" aria-label="Stop ${name}" title="Stop ${name}" @click=${() => workbench.stop(plugin)}>
          ${icon("stop")} Stop
        </button>`
        : nothing
    }
  </div>`;
}

/**
 * Run, or what takes its place where it cannot be run.
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 */
function mainButtonView(workbench, plugin) {
  const { name, state } = plugin;
  if (state === "failed") {
    return html`<button type="button" class="quiet" aria-label="Reload ${name}" title="Reload" @click=${() => workbench.reload(plugin)}>
      ${icon("reload")}
    </button>`;
  }
  if (state === "stopped") {
    return html`<button type="button" class="quiet" aria-label="Start ${name}" title="Start" @click=${() => workbench.reload(plugin)}>
      ${icon("reload")}
    </button>`;
  }
  if (state === "waiting" || !plugin.config.runnable) return nothing;
  const operation = plugin.operations.get(name);
  return operation ? runButtonView(workbench, plugin, operation, `Run ${name}`) : nothing;
}

/**
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 * @returns {MenuItem[]}
 */
function menuItems(workbench, plugin) {
  return [
    { label: "Show log", icon: "log", run: () => void workbench.showLog(plugin) },
    { label: "Documentation", icon: "docs", run: () => void workbench.showDocs(plugin) },
    ...(plugin.canStop ? [{ label: "Stop", icon: "stop", run: () => void workbench.stop(plugin) }] : []),
    { label: "Reload", icon: "reload", run: () => void workbench.reload(plugin) },
    { label: "Remove…", icon: "remove", danger: true, run: () => void workbench.remove(plugin) },
  ];
}
