/**
 * One plugin in the list: how it is doing, its run button, its forms and its menu.
 */

import { html, nothing } from "lit-html";
import { counted } from "../plugins/words.js";
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
  // The plugin's own operation is run with the button beside its name; it is shown below for its form only.
  const operations = [...plugin.operations.values()].filter((one) => one.name !== name || one.form.length > 0);
  const hasMore = operations.length > 0;
  const isOpen =
    hasMore && workbench.isFormOpen(plugin) && (state === "ready" || state === "busy" || state === "starting");
  return html`<li class="plugin ${state}" data-plugin=${name} data-state=${state} aria-busy=${state === "busy"}>
    <div class="plugin-row">
      ${pluginIcon({ name, icon: config.icon })}
      <h3>${name}</h3>
      <div class="plugin-buttons">
        ${mainButtonView(workbench, plugin)}
        ${
          hasMore && state !== "failed" && state !== "waiting"
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
      ${stateView(plugin)}
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
 * @param {Plugin} plugin
 * @returns {TemplateResult}
 */
function stateView({ state, problem, activity, config, progress, name }) {
  // The name stands right above; in a log or message the sentence needs it.
  const cause = problem.startsWith(name) ? problem.slice(name.length).replace(/^: /u, "") : problem;
  if (state === "failed") return html`<p class="plugin-state problem">${cause}</p>`;
  if (state === "waiting") return html`<p class="plugin-state">${problem}</p>`;
  if (state === "starting") return html`<p class="plugin-state"><span class="spinner"></span> ${activity || "Starting"}…</p>`;
  if (state === "busy") {
    return html`<p class="plugin-state">Running…${progress === null ? "" : ` ${Math.round(progress)} %`}</p>`;
  }
  return html`<p class="plugin-state" title=${config.description}>${config.description}</p>`;
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
    { label: "Reload", icon: "reload", run: () => void workbench.reload(plugin) },
    { label: "Remove…", icon: "remove", danger: true, run: () => void workbench.remove(plugin) },
  ];
}
