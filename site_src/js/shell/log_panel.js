/**
 * The log below the windows, of one plugin or of all together. Loaded when a log is first looked at.
 *
 * It feeds the rows (log_rows.js) with the lines that pass (log_lines.js) and does what the bar (log_bar.js) offers.
 */

import { render } from "lit-html";
import { wordsOf } from "../core/errors.js";
import { LOG_LEVELS } from "../plugins/logbook.js";
import { counted } from "../plugins/words.js";
import { focusOn } from "./focus.js";
import { logBarView, logFootView, olderView } from "./log_bar.js";
import { countsOf, linesOf, logText, passes } from "./log_lines.js";
import { LogRows } from "./log_rows.js";
import { makeLogEdge } from "./log_size.js";
import { copyText, saveText } from "./text_file.js";

/** @import {LogLevel, LogLine, Logbook} from "../plugins/logbook.js" */
/** @import {Plugin} from "../plugins/plugin.js" */
/** @import {App} from "./app.js" */

/** What comes in so many milliseconds is added at once. */
const PAUSE = 60;

/** The panel, from its first opening on. */
export class LogPanel {
  #app;
  #bar = document.createElement("header");
  #older = document.createElement("div");
  #foot = document.createElement("div");
  #rows = new LogRows(() => this.#draw());
  /** Whose log it is; null for all plugins. @type {string | null} */
  #plugin = null;
  /** @type {Set<LogLevel>} */
  #levels = new Set(LOG_LEVELS);
  #search = "";
  #isOpen = false;
  /** @type {Element | null} */
  #opener = null;
  /** Ends listening to the plugins. @type {(() => void) | null} */
  #unwatch = null;
  /** What is listened to. @type {Map<Logbook, () => void>} */
  #books = new Map();
  /** @type {LogLine[]} */
  #waiting = [];
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  #dropped = 0;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
    this.element = document.createElement("section");
    this.element.className = "log";
    this.element.dataset.region = "log";
    this.#bar.className = "log-bar";
    this.#older.className = "log-older soft";
    this.#foot.className = "log-foot";
    this.element.append(makeLogEdge(this.element), this.#bar, this.#older, this.#rows.element, this.#foot);
    this.element.addEventListener("keydown", (event) => this.#press(event));
  }

  get isOpen() {
    return this.#isOpen;
  }

  /** The name of the plugin whose log is shown, null for all of them. */
  get plugin() {
    return this.#plugin;
  }

  /**
   * Shows the log of a plugin, or of all; the focus goes to its lines.
   * @param {string | null} plugin
   */
  open(plugin) {
    if (!this.#isOpen) {
      this.#opener = document.activeElement;
      this.#unwatch = this.#app.workbench?.manager.on("changed", () => this.#pluginsChanged()) ?? null;
    }
    this.#isOpen = true;
    this.#plugin = plugin;
    this.#follow();
    this.#refill();
    this.#markSeen();
    for (const { name } of this.#chosen) this.#app.notices.dismissErrorsOf(name);
  }

  /** The focus goes to the lines, once they are in the page. */
  enter() {
    this.#rows.element.focus({ preventScroll: true });
  }

  /** The focus goes back to where it was when the log was opened. */
  close() {
    const hadFocus = this.element.contains(document.activeElement);
    this.#isOpen = false;
    this.#unwatch?.();
    for (const stop of this.#books.values()) stop();
    this.#books.clear();
    const opener = this.#opener;
    this.#opener = null;
    if (!hadFocus || !(opener instanceof HTMLElement)) return;
    if (opener.isConnected && opener.checkVisibility() && opener !== document.body) opener.focus();
    else this.#leave();
  }

  /** Where what had opened it is gone: to its plugin in the list, or to the windows. */
  #leave() {
    const entry = this.#plugin && document.querySelector(`[data-plugin="${CSS.escape(this.#plugin)}"]`);
    const place = entry instanceof HTMLElement && entry.checkVisibility() ? entry : document.querySelector("main");
    if (place instanceof HTMLElement) focusOn(place);
  }

  get #plugins() {
    return this.#app.workbench?.manager.plugins ?? [];
  }

  get #logbooks() {
    return this.#chosen.map(({ logbook }) => logbook);
  }

  /** @returns {Plugin[]} */
  get #chosen() {
    return this.#plugins.filter(({ name }) => this.#plugin === null || name === this.#plugin);
  }

  /** Plugins come and go, and a plugin that is loaded anew keeps its log. */
  #pluginsChanged() {
    if (!this.#isOpen) return;
    if (this.#follow()) this.#refill();
    else this.#drawSoon();
  }

  /**
   * Listens to the logs that are shown.
   * @returns {boolean} whether they are others than before
   */
  #follow() {
    const books = new Set(this.#logbooks);
    if (books.size === this.#books.size && [...books].every((book) => this.#books.has(book))) return false;
    for (const stop of this.#books.values()) stop();
    this.#books = new Map(
      [...books].map((book) => {
        const stops = [book.on("added", (line) => this.#take(line)), book.on("emptied", () => this.#refill())];
        return [book, () => stops.forEach((stop) => stop())];
      }),
    );
    return true;
  }

  /** @param {LogLine} line */
  #take(line) {
    this.#waiting.push(line);
    this.#drawSoon();
  }

  #drawSoon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
    }, PAUSE);
  }

  #flush() {
    if (!this.#isOpen) return;
    const lines = this.#waiting.filter(passes({ levels: this.#levels, search: this.#search }));
    this.#waiting = [];
    if (lines.length > 0) this.#rows.append(lines);
    const dropped = this.#countDropped();
    if (dropped !== this.#dropped) {
      this.#dropped = dropped;
      this.#rows.trim(this.#passing());
    }
    this.#markSeen();
    this.#draw();
  }

  /** Shows the lines that pass, from the last one. */
  #refill() {
    this.#waiting = [];
    this.#dropped = this.#countDropped();
    this.#rows.reset(this.#passing(), { search: this.#search, withPlugin: this.#plugin === null });
    this.#draw();
  }

  #passing() {
    return linesOf(this.#logbooks).filter(passes({ levels: this.#levels, search: this.#search }));
  }

  #countDropped() {
    return this.#logbooks.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  #markSeen() {
    for (const plugin of this.#chosen) plugin.markLogSeen();
  }

  #draw() {
    const { lines, hidden, following, unread } = this.#rows;
    this.element.setAttribute("aria-label", this.#plugin === null ? "Log of all plugins" : `Log of ${this.#plugin}`);
    const bar = logBarView({
      plugins: this.#plugins.map(({ name }) => name),
      plugin: this.#plugin,
      counts: countsOf(this.#logbooks),
      levels: this.#levels,
      search: this.#search,
      isEmpty: lines.length === 0,
      choose: (plugin) => this.open(plugin),
      toggle: (level) => this.#toggle(level),
      find: (search) => {
        this.#search = search;
        this.#refill();
      },
      copy: () => void this.#copy(),
      save: () => saveText(`${this.#plugin ?? "ImJoy"} log.txt`, this.#text()),
      clear: () => this.#clear(),
      close: () => this.#app.closeLog(),
    });
    render(bar, this.#bar);
    this.#older.hidden = hidden === 0 && this.#dropped === 0;
    render(olderView({ hidden, dropped: this.#dropped, show: () => this.#rows.showOlder() }), this.#older);
    const total = this.#logbooks.reduce((sum, book) => sum + book.lines.length, 0);
    const goToEnd = () => {
      this.#rows.followEnd();
      this.enter();
    };
    render(logFootView({ shown: lines.length, total, following, unread, goToEnd }), this.#foot);
  }

  /** @param {LogLevel} level */
  #toggle(level) {
    if (!this.#levels.delete(level)) this.#levels.add(level);
    this.#refill();
  }

  #text() {
    return logText(this.#rows.lines, { withPlugin: this.#plugin === null });
  }

  async #copy() {
    const { notices } = this.#app;
    try {
      await copyText(this.#text());
      notices.setStatus(`${counted(this.#rows.lines.length, "line was", "lines were")} copied`);
    } catch (error) {
      notices.showError(`The log could not be copied: ${wordsOf(error)}. Save it as text instead.`);
    }
  }

  #clear() {
    for (const plugin of this.#chosen) plugin.clearLog();
    this.enter();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    const isSearch = event.target instanceof HTMLInputElement;
    if (!isSearch || this.#search === "") return this.#app.closeLog();
    this.#search = "";
    this.#refill();
  }
}
