/**
 * The bar at the bottom: what runs or starts, each with its stop, the log, and the way to all commands.
 */

import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { icon, pluginIcon } from "../core/icons.js";
import { counted } from "../plugins/words.js";
import { activitiesOf } from "./activities.js";
import { ariaShortcuts, isApple, keysOf } from "./shortcuts.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Activity} from "./activities.js" */
/** @import {App} from "./app.js" */
/** @import {Workbench} from "./workbench.js" */

/** So many are in the bar itself, where it is wide enough; all are in the list that it opens. */
const SHOWN = 3;

/**
 * @param {App} app
 * @returns {TemplateResult}
 */
export function statusBarView(app) {
  const { workbench, log } = app;
  const plugins = workbench?.manager.plugins ?? [];
  const activities = activitiesOf(plugins);
  const errors = plugins.reduce((sum, { unseenErrors }) => sum + unseenErrors, 0);
  const apple = isApple(navigator.platform);
  return html`<footer class="status-bar" data-region="status" aria-label="What is running">
    ${progressView(app.notices.progress)}
    <div class="activities">
      ${
        workbench === null
          ? nothing
          : activities.length === 0
            ? html`<span class="soft">Nothing is running</span>`
            : repeat(
                activities.slice(0, SHOWN),
                ({ plugin }) => plugin.name,
                (activity) => activityView(workbench, activity),
              )
      }
      ${workbench ? allView(workbench, activities) : nothing}
    </div>
    <button
      type="button"
      class="quiet status-button ${errors > 0 ? "problem" : ""}"
      title="Log of all plugins"
      aria-expanded=${log?.isOpen ?? false}
      aria-keyshortcuts="F8"
      @click=${() => app.toggleLog()}
    >
      ${icon("log")}<span>Log${errors > 0 ? `: ${counted(errors, "error", "errors")}` : ""}</span>
    </button>
    <button
      type="button"
      class="quiet status-button"
      title="Everything that can be done (${keysOf("Mod+Shift+P", apple).join("+")})"
      aria-haspopup="dialog"
      aria-keyshortcuts=${ariaShortcuts(["Mod+Shift+P", "F1"], apple)}
      @click=${() => app.showPalette()}
    >
      ${icon("commands")}<span>Commands</span><kbd aria-hidden="true">F1</kbd>
    </button>
  </footer>`;
}

/**
 * What plugins tell of their progress, as a line below the top bar.
 * @param {number | null} progress
 */
function progressView(progress) {
  return html`<div
    class="progress"
    role="progressbar"
    aria-label="Progress"
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${progress === null ? nothing : Math.round(progress)}
    ?hidden=${progress === null}
  >
    <div style="width: ${progress ?? 0}%"></div>
  </div>`;
}

/**
 * @param {Workbench} workbench
 * @param {Activity} activity
 */
function activityView(workbench, { plugin, text, progress, canStop }) {
  return html`<div class="activity" role="group" aria-label=${plugin.name}>
    ${
      progress === null
        ? html`<span class="spinner"></span>`
        : html`<span class="activity-share" style="--share: ${progress}%"></span>`
    }
    <span class="activity-text" title="${plugin.name}: ${text}"><strong>${plugin.name}:</strong> ${text}</span>
    <button
      type="button"
      class="quiet"
      aria-label="Stop ${plugin.name}"
      title="Stop ${plugin.name}"
      aria-disabled=${!canStop}
      @click=${() => workbench.stop(plugin)}
    >
      ${icon("stop")}
    </button>
  </div>`;
}

/**
 * The list of all that runs, for where the bar has no room for it.
 * @param {Workbench} workbench
 * @param {readonly Activity[]} activities
 */
function allView(workbench, activities) {
  return html`<button
      type="button"
      class="link all-activities ${activities.length > SHOWN ? "needed" : ""}"
      popovertarget="activity-list"
      ?hidden=${activities.length < 2}
    >
      All ${activities.length}
    </button>
    <div id="activity-list" class="activity-list" popover role="dialog" aria-label="All that is running">
      <div class="activity-list-head">
        <h2>${activities.length === 0 ? "Nothing is running any more" : "All that is running"}</h2>
        ${
          activities.some(({ canStop }) => canStop)
            ? html`<button type="button" @click=${() => void workbench.stopAll()}>Stop all</button>`
            : nothing
        }
      </div>
      <ul>
        ${repeat(
          activities,
          ({ plugin }) => plugin.name,
          (activity) => rowView(workbench, activity),
        )}
      </ul>
    </div>`;
}

/**
 * @param {Workbench} workbench
 * @param {Activity} activity
 */
function rowView(workbench, { plugin, text, progress, canStop }) {
  const { name, config } = plugin;
  return html`<li>
    ${pluginIcon({ name, icon: config.icon })}
    <div>
      <p><strong>${name}</strong></p>
      <p class="soft">${text}</p>
      <div class="plugin-progress">
        <div class=${progress === null ? "unknown" : ""} style="width: ${progress ?? 100}%"></div>
      </div>
    </div>
    <button type="button" aria-label="Stop ${name}" aria-disabled=${!canStop} @click=${() => workbench.stop(plugin)}>
      ${icon("stop")} Stop
    </button>
  </li>`;
}
