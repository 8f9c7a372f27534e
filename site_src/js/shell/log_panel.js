/**
 * The log of one plugin, below the windows. Loaded when a log is first looked at.
 */

import { html } from "lit-html";
import { icon } from "../core/icons.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {LogLine, Plugin} from "../plugins/plugin.js" */
/** @import {App} from "./app.js" */

/** The lines that are shown; all are in the exported text. */
const SHOWN_LINES = 500;

/** The plugin whose lines already draw the page anew. @type {WeakSet<Plugin>} */
const followed = new WeakSet();

/**
 * @param {App} app
 * @param {Plugin} plugin
 * @returns {TemplateResult}
 */
export function logView(app, plugin) {
  follow(app, plugin);
  const lines = plugin.log.slice(-SHOWN_LINES).reverse();
  const hidden = plugin.log.length - lines.length;
  return html`<section class="log" aria-label="Log of ${plugin.name}">
    <header class="log-bar">
      ${icon("log")}
      <h2>Log of ${plugin.name}</h2>
      <button type="button" ?disabled=${lines.length === 0} @click=${() => save(plugin)}>${icon("download")} Save as text</button>
      <button type="button" ?disabled=${lines.length === 0} @click=${() => plugin.clearLog()}>Clear</button>
      <button type="button" class="quiet" aria-label="Close log" title="Close" @click=${() => app.closeLog()}>${icon("close")}</button>
    </header>
    <div class="log-lines" role="log" aria-label="Lines, the newest first" tabindex="0">
      ${lines.length === 0 ? html`<p class="soft">Nothing has been logged.</p>` : lines.map(lineView)}
      ${hidden > 0 ? html`<p class="soft">${hidden} older lines are in the saved text.</p>` : ""}
    </div>
  </section>`;
}

/**
 * @param {LogLine} line
 * @returns {TemplateResult}
 */
function lineView({ time, level, text, image }) {
  const words = { info: "", warning: "Warning", error: "Error" }[level];
  return html`<div class="log-line ${level}">
    <time datetime=${time.toISOString()}>${time.toLocaleTimeString()}</time>
    <div class="log-text">${words ? html`<strong>${words}</strong> ` : ""}${image ? html`<img src=${image} alt="Picture logged by the plugin" />` : text}</div>
  </div>`;
}

/**
 * @param {App} app
 * @param {Plugin} plugin
 */
function follow(app, plugin) {
  if (followed.has(plugin)) return;
  followed.add(plugin);
  plugin.on("logged", () => {
    if (app.log?.plugin.name === plugin.name) plugin.markLogSeen();
    app.draw();
  });
}

/** @param {Plugin} plugin */
function save(plugin) {
  const text = plugin.log
    .map(
      ({ time, level, text: words, image }) =>
        `${time.toISOString()} ${level.padEnd(7)} ${image ? "(picture)" : words}`,
    )
    .join("\n");
  const address = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${plugin.name} log.txt`;
  link.click();
  // The browser reads the address after this task.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
