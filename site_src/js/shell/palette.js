/**
 * The command palette: everything that can be done, found by typing. Loaded when it is first opened.
 *
 * A text field that stays in charge of a list below it, as the pattern “combobox” of ARIA has it: the keyboard never
 * leaves the field.
 */

import { html, nothing, render } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { wordsOf } from "../core/errors.js";
import { icon } from "../core/icons.js";
import { counted } from "../plugins/words.js";
import { readSetting, writeSetting } from "../workspace/settings.js";
import { rank } from "./ranking.js";
import { isApple, keysOf } from "./shortcuts.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Command, CommandRegistry} from "./commands.js" */
/** @import {Found, Range} from "./ranking.js" */

/** So many commands used lately are remembered. */
const REMEMBERED = 12;
/** What has changed in so many milliseconds is listed anew once. */
const PAUSE = 150;
/** Rows that one press of Page Down goes. */
const PAGE = 8;

/** The open palette. @type {Palette | null} */
let opened = null;

/**
 * Opens the palette, or closes it where it is open.
 * @param {CommandRegistry} registry
 */
export function togglePalette(registry) {
  if (opened) opened.close();
  else opened = new Palette(registry, () => (opened = null));
}

/** The palette from its opening to its closing. */
class Palette {
  #registry;
  #dialog = document.createElement("dialog");
  #search = "";
  #active = 0;
  #recent = readRecent();
  /** @type {string[]} */
  #problems = [];
  /** @type {Found<Command>[]} */
  #found = [];
  #isPreparing = true;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;

  /**
   * @param {CommandRegistry} registry
   * @param {() => void} closed
   */
  constructor(registry, closed) {
    this.#registry = registry;
    const dialog = this.#dialog;
    dialog.className = "palette";
    dialog.setAttribute("role", "dialog");
    dialog.setAttribute("aria-modal", "true");
    dialog.setAttribute("aria-label", "Commands");
    dialog.addEventListener("pointerdown", (event) => {
      // The dimmed page around it counts as the dialog itself.
      if (event.target === dialog) this.close();
    });
    const unwatch = registry.on("changed", () => this.#refreshSoon());
    dialog.addEventListener("close", () => {
      unwatch();
      dialog.remove();
      closed();
    });
    this.#find();
    document.body.append(dialog);
    dialog.showModal();
    void this.#prepare();
  }

  close() {
    this.#dialog.close();
  }

  async #prepare() {
    const failures = await this.#registry.prepare();
    this.#isPreparing = false;
    this.#problems = failures.map(wordsOf);
    this.#refresh();
  }

  /** What can be done has changed, or may have. */
  #refreshSoon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#refresh();
    }, PAUSE);
  }

  /** Lists anew; what was chosen stays chosen, unless that is only what came first. */
  #refresh() {
    if (!this.#dialog.open) return;
    const active = this.#active === 0 ? undefined : this.#found[this.#active]?.item.id;
    this.#found = this.#rank();
    this.#choose(this.#found.findIndex(({ item }) => item.id === active));
  }

  #find() {
    this.#found = this.#rank();
    this.#choose(0);
  }

  #rank() {
    const listed = this.#registry.list().filter(({ unlisted }) => !unlisted);
    return rank(listed, this.#search, this.#recent);
  }

  /** @param {number} index */
  #choose(index) {
    this.#active = Math.min(Math.max(0, index), this.#found.length - 1);
    this.#draw();
    this.#dialog.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Command | undefined} command */
  #run(command) {
    if (!command) return;
    writeSetting(
      "commands",
      JSON.stringify([command.id, ...this.#recent.filter((id) => id !== command.id)].slice(0, REMEMBERED)),
    );
    // The focus goes back first, so that what the command opens knows where it was.
    this.close();
    void this.#registry.run(command);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.isComposing) return;
    const { key, ctrlKey, metaKey } = event;
    const count = this.#found.length;
    const isFar = ctrlKey || metaKey;
    const next = {
      ArrowDown: (this.#active + 1) % count,
      ArrowUp: (this.#active - 1 + count) % count,
      PageDown: this.#active + PAGE,
      PageUp: this.#active - PAGE,
      Home: isFar ? 0 : undefined,
      End: isFar ? count - 1 : undefined,
    }[key];
    if (key === "Enter") this.#run(this.#found[this.#active]?.item);
    else if (next === undefined || count === 0) return;
    else this.#choose(next);
    event.preventDefault();
  }

  #draw() {
    const count = this.#found.length;
    render(
      html`<div class="palette-field">
          ${icon("search")}
          <input
            type="text"
            role="combobox"
            aria-label="Command"
            placeholder="What do you want to do?"
            autocomplete="off"
            autofocus
            spellcheck="false"
            aria-expanded="true"
            aria-haspopup="listbox"
            aria-autocomplete="list"
            aria-controls="palette-list"
            aria-activedescendant=${count > 0 ? `palette-${this.#active}` : nothing}
            .value=${live(this.#search)}
            @input=${(/** @type {Event} */ event) => {
              this.#search = /** @type {HTMLInputElement} */ (event.target).value;
              this.#find();
            }}
            @keydown=${(/** @type {KeyboardEvent} */ event) => this.#press(event)}
          />
          <button type="button" class="quiet" aria-label="Close commands" title="Close" @click=${() => this.close()}>
            ${icon("close")}
          </button>
        </div>
        <ul id="palette-list" class="palette-list" role="listbox" aria-label="Commands" ?hidden=${count === 0}>
          ${repeat(
            this.#found,
            ({ item }) => item.id,
            (found, i) => this.#rowView(found, i),
          )}
        </ul>
        ${count === 0 ? html`<p class="palette-none soft">No command is found by “${this.#search}”.</p>` : nothing}
        ${this.#problems.map(
          (problem) => html`<p class="palette-problem">${icon("warning")} <span>${problem}</span></p>`,
        )}
        <div class="palette-foot soft">
          <span role="status">${this.#isPreparing ? "Reading the catalogue…" : counted(count, "command", "commands")}</span>
          <span aria-hidden="true" class="palette-keys">
            <kbd>↑</kbd><kbd>↓</kbd> choose <kbd>Enter</kbd> do it <kbd>Esc</kbd> close
          </span>
        </div>`,
      this.#dialog,
    );
  }

  /**
   * @param {Found<Command>} found
   * @param {number} i
   * @returns {TemplateResult}
   */
  #rowView({ item, ranges }, i) {
    const isLately = this.#search === "" && this.#recent.includes(item.id);
    const [shortcut] = item.shortcuts ?? [];
    return html`<li
      id="palette-${i}"
      class="palette-row"
      role="option"
      aria-selected=${i === this.#active}
      data-command=${item.id}
      @pointermove=${() => {
        if (i !== this.#active) this.#choose(i);
      }}
      @click=${() => this.#run(item)}
    >
      ${icon(item.icon ?? "run")}
      <span class="palette-title">${marked(item.title, ranges)}</span>
      <span class="palette-group soft">${isLately ? "Used lately" : item.group}</span>
      ${shortcut ? keysView(shortcut) : nothing}
    </li>`;
  }
}

/**
 * @param {string} shortcut
 * @returns {TemplateResult}
 */
function keysView(shortcut) {
  const keys = keysOf(shortcut, isApple(navigator.platform));
  return html`<span class="keys">${keys.map((key) => html`<kbd>${key}</kbd>`)}</span>`;
}

/**
 * A title with what was found in it.
 * @param {string} title
 * @param {readonly Range[]} ranges
 */
function marked(title, ranges) {
  let at = 0;
  const parts = ranges.map(([from, to]) => {
    const part = html`${title.slice(at, from)}<mark>${title.slice(from, to)}</mark>`;
    at = to;
    return part;
  });
  return html`${parts}${title.slice(at)}`;
}

/** @returns {string[]} */
function readRecent() {
  try {
    const ids = JSON.parse(readSetting("commands") ?? "[]");
    return Array.isArray(ids) ? ids.map(String) : [];
  } catch {
    return [];
  }
}
