/**
 * The catalogue: what lies in the folder that is served, what each plugin needs, and installing it.
 */

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { wordsOf } from "../core/errors.js";
import { describeEntry, findEntries, installLabel } from "../plugins/catalogue.js";
import { typeWords } from "../plugins/words.js";
import { icon, pluginIcon } from "../core/icons.js";
import { Dialog } from "./dialog.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Catalogue, CatalogueContent, CatalogueEntry} from "../plugins/catalogue.js" */
/** @import {PluginManager} from "../plugins/manager.js" */
/** @import {Notices} from "../shell/notices.js" */

const STATE_ICONS = Object.freeze({ complete: "check", incomplete: "warning", waiting: "info", broken: "warning" });

/**
 * @typedef {object} CatalogueParts
 * @property {PluginManager} manager
 * @property {Catalogue} catalogue
 * @property {Notices} notices
 * @property {string} [search] what stands in the search at first
 * @property {string | null} [tag] under which the plugin of exactly that name is installed
 */

/**
 * Shows the catalogue until it is closed.
 * @param {CatalogueParts} parts
 */
export async function showCatalogue(parts) {
  await new CatalogueDialog(parts).open();
}

/** The dialog, from opening to closing. */
class CatalogueDialog {
  #manager;
  #catalogue;
  #notices;
  #dialog = new Dialog({ title: "Catalogue", kind: "large" });
  /** @type {CatalogueContent | null} */
  #content = null;
  #problem = "";
  #search;
  #wanted;
  #closed = false;
  /** What is being installed, and what went wrong with whom. @type {Set<string>} */
  #installing = new Set();
  /** @type {Map<string, string>} */
  #failures = new Map();

  /** @param {CatalogueParts} parts */
  constructor({ manager, catalogue, notices, search = "", tag = null }) {
    this.#search = search;
    this.#wanted = { name: search, tag };
    this.#manager = manager;
    this.#catalogue = catalogue;
    this.#notices = notices;
  }

  async open() {
    this.#draw();
    const stop = this.#manager.on("changed", () => this.#draw());
    void this.#load();
    await this.#dialog.closed;
    this.#closed = true;
    stop();
  }

  async #load() {
    this.#problem = "";
    this.#draw();
    try {
      this.#content = await this.#catalogue.load();
    } catch (error) {
      this.#problem = wordsOf(error);
    }
    this.#draw();
  }

  /** @param {CatalogueEntry} entry */
  async #install(entry) {
    if (this.#installing.has(entry.name)) return;
    this.#installing.add(entry.name);
    this.#failures.delete(entry.name);
    this.#draw();
    try {
      const { name, tag } = this.#wanted;
      const chosen = tag !== null && entry.name === name && entry.tags.includes(tag) ? tag : null;
      const plugin = await this.#manager.install(entry, this.#content?.plugins ?? [], chosen);
      if (plugin.state === "failed") {
        this.#failures.set(entry.name, `It was installed, but it could not be started. ${plugin.problem}`);
      } else {
        this.#notices.setStatus(`${entry.name} is installed`);
        if (this.#closed) this.#notices.show(`${entry.name} is installed`, { kind: "success" });
      }
    } catch (error) {
      this.#failures.set(entry.name, wordsOf(error));
      if (this.#closed) this.#notices.showError(wordsOf(error));
    } finally {
      this.#installing.delete(entry.name);
      this.#draw();
      this.#keepFocus(entry);
    }
  }

  /**
   * The button that was pressed is gone: the focus stays with its plugin instead of falling out of the dialog.
   * @param {CatalogueEntry} entry
   */
  #keepFocus(entry) {
    const card = document.querySelector(`.card[data-entry="${CSS.escape(entry.name)}"]`);
    if (card instanceof HTMLElement && !this.#closed && document.activeElement === document.body) card.focus();
  }

  #draw() {
    if (this.#closed) return;
    this.#dialog.draw(html`${this.#searchView()}
      <div class="dialog-body catalogue" aria-busy=${this.#content === null && !this.#problem}>${this.#bodyView()}</div>`);
  }

  #searchView() {
    return html`<div class="catalogue-search">
      ${icon("search")}
      <input
        type="search"
        aria-label="Search plugins"
        placeholder="Search by name or what it does"
        autocomplete="off"
        autofocus
        .value=${live(this.#search)}
        @input=${(/** @type {Event} */ event) => {
          this.#search = /** @type {HTMLInputElement} */ (event.target).value;
          this.#draw();
        }}
      />
    </div>`;
  }

  #bodyView() {
    if (this.#problem) {
      return html`<div class="catalogue-problem" role="alert">
        ${icon("warning")}
        <p>${this.#problem}</p>
        <button type="button" @click=${() => this.#load()}>Try again</button>
      </div>`;
    }
    if (this.#content === null) return html`<p class="soft"><span class="spinner"></span> Reading the catalogue…</p>`;
    const found = findEntries(this.#content.plugins, this.#search);
    return html`<p class="catalogue-count soft" role="status">${this.#countWords(found.length)}</p>
      <ul class="cards">
        ${repeat(
          found,
          ({ name }) => name,
          (entry) => this.#cardView(entry),
        )}
      </ul>`;
  }

  /** @param {number} found */
  #countWords(found) {
    const all = this.#content?.plugins.length ?? 0;
    if (all === 0) {
      return "This folder holds no plugins. Put *.imjoy.html files into its folder plugin_repository and run “python -m imjoy mirror” there.";
    }
    if (found === 0) return `No plugin is found by “${this.#search}”.`;
    return found === all ? `${all} plugins in this folder` : `${found} of ${all} plugins`;
  }

  /**
   * @param {CatalogueEntry} entry
   * @returns {TemplateResult}
   */
  #cardView(entry) {
    const { state, sentence, missing } = describeEntry(entry);
    const failure = this.#failures.get(entry.name);
    return html`<li class="card ${state}" data-entry=${entry.name} aria-label=${entry.name} tabindex="-1">
      <div class="card-head">
        ${pluginIcon(entry)}
        <div>
          <h3>${entry.name}</h3>
          <p class="soft">${entry.version ? `Version ${entry.version} · ` : ""}${entry.type ? typeWords(entry.type) : "Plugin file"}</p>
        </div>
      </div>
      ${entry.description ? html`<p class="card-words">${entry.description}</p>` : nothing}
      <div class="card-state">
        ${icon(STATE_ICONS[state])}
        <div>
          <p>${sentence}</p>
          ${missing.length > 0 ? html`<ul class="missing">${missing.map((thing) => html`<li>${thing}</li>`)}</ul>` : nothing}
        </div>
      </div>
      ${failure ? html`<p class="card-failure" role="alert">${icon("warning")} <span>${failure}</span></p>` : nothing}
      <div class="card-actions">${state === "broken" ? nothing : this.#buttonView(entry)}</div>
    </li>`;
  }

  /** @param {CatalogueEntry} entry */
  #buttonView(entry) {
    const installed = this.#manager.find(entry.name)?.record ?? null;
    const label = installLabel(entry, installed);
    const isBusy = this.#installing.has(entry.name);
    if (label === null && !isBusy) return html`<span class="installed">${icon("check")} Installed</span>`;
    return html`${installed ? html`<span class="soft">Installed is version ${installed.version}</span>` : nothing}
      <button
        type="button"
        class="primary"
        aria-label="${label ?? "Install"} ${entry.name}"
        aria-disabled=${isBusy}
        @click=${() => this.#install(entry)}
      >
        ${isBusy ? html`<span class="spinner"></span> Installing…` : (label ?? "Install")}
      </button>`;
  }
}
