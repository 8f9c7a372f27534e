/**
 * The lines of a log as rows of the page, the newest below: new ones are added without drawing the others again, only
 * the last thousands are shown, and the end is followed unless somebody has scrolled up.
 *
 * Made by hand and not by templates, since each row is made once and never changes.
 */

import { fold } from "../core/fold.js";
import { isFoundInRest } from "./log_lines.js";

/** @import {LogLine} from "../plugins/logbook.js" */

/** So many rows are shown, and so many more each time that older ones are asked for. */
const SHOWN_ROWS = 2_000;
/** While somebody reads further up, rows are not taken away under their eyes, but not without end either. */
const MOST_ROWS = 20_000;
/** How near to the end, in pixels, counts as the end. */
const NEAR = 24;
const KEYS_UP = Object.freeze(["ArrowUp", "PageUp", "Home"]);

const WORDS = Object.freeze({ info: "", warning: "Warning", error: "Error" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The rows of one log. */
export class LogRows {
  #changed;
  /** All lines that pass, of which the last ones are shown. @type {LogLine[]} */
  #lines = [];
  #shown = SHOWN_ROWS;
  #following = true;
  /** Where it was scrolled to when that was looked at last. */
  #top = 0;
  /** True while a pointer is down in it, to scroll or to mark text. */
  #held = false;
  #unread = 0;
  #search = "";
  #withPlugin = false;

  /** @param {() => void} changed called when `following`, `unread` or `hidden` may have changed */
  constructor(changed) {
    this.#changed = changed;
    this.element = document.createElement("div");
    this.element.className = "log-lines";
    this.element.setAttribute("role", "log");
    this.element.setAttribute("aria-label", "Lines, the newest last");
    this.element.tabIndex = 0;
    this.#watch();
    // A list that becomes lower keeps its end in sight.
    new ResizeObserver(() => this.#keepEnd()).observe(this.element);
  }

  /** @returns {readonly LogLine[]} */
  get lines() {
    return this.#lines;
  }

  /** How many older lines pass and are not shown. */
  get hidden() {
    return this.#lines.length - this.element.childElementCount;
  }

  /** True while the newest line is always in sight. */
  get following() {
    return this.#following;
  }

  /** How many lines have come since somebody scrolled up. */
  get unread() {
    return this.#unread;
  }

  /**
   * Shows other lines, from their end.
   * @param {LogLine[]} lines
   * @param {{search: string, withPlugin: boolean}} options
   */
  reset(lines, { search, withPlugin }) {
    this.#lines = lines;
    this.#search = search;
    this.#withPlugin = withPlugin;
    this.#shown = SHOWN_ROWS;
    this.element.replaceChildren(...lines.slice(-this.#shown).map((line) => this.#makeRow(line)));
    this.followEnd();
  }

  /** @param {readonly LogLine[]} lines newer than all others */
  append(lines) {
    this.#lines.push(...lines);
    this.element.append(...lines.slice(-this.#shown).map((line) => this.#makeRow(line)));
    const most = this.#following ? this.#shown : MOST_ROWS;
    while (this.element.childElementCount > most) this.element.firstElementChild?.remove();
    if (!this.#following) this.#unread += lines.length;
    this.#keepEnd();
  }

  /**
   * The same lines without the oldest, which are not kept any more.
   * @param {LogLine[]} lines
   */
  trim(lines) {
    this.#lines = lines;
    while (this.element.childElementCount > lines.length) this.element.firstElementChild?.remove();
  }

  /** Goes to the newest line and stays there. */
  followEnd() {
    this.#following = true;
    this.#unread = 0;
    this.element.classList.remove("staying");
    this.#keepEnd();
    this.#changed();
  }

  showOlder() {
    const { element } = this;
    const before = element.childElementCount;
    const end = this.#lines.length - before;
    const older = this.#lines.slice(Math.max(0, end - SHOWN_ROWS), end);
    const fromEnd = element.scrollHeight - element.scrollTop;
    element.prepend(...older.map((line) => this.#makeRow(line)));
    this.#shown = element.childElementCount;
    element.scrollTop = element.scrollHeight - fromEnd;
    this.#changed();
  }

  /** The wish to read further up is seen before anything has moved: a line that comes just then must not undo it. */
  #watch() {
    const { element } = this;
    element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    element.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.#stay(), { passive: true });
    element.addEventListener("keydown", ({ key }) => KEYS_UP.includes(key) && this.#stay());
    element.addEventListener("pointerdown", () => (this.#held = true));
    for (const name of ["pointerup", "pointercancel"]) {
      addEventListener(name, () => {
        if (!this.#held) return;
        this.#held = false;
        this.#keepEnd();
      });
    }
  }

  #stay() {
    const { clientHeight, scrollHeight } = this.element;
    if (!this.#following || scrollHeight <= clientHeight) return;
    this.#following = false;
    this.element.classList.add("staying");
    this.#changed();
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    const before = this.#top;
    this.#top = scrollTop;
    const left = scrollHeight - clientHeight - scrollTop;
    if (scrollTop < before && left > NEAR) this.#stay();
    else if (scrollTop > before && left <= NEAR && !this.#following) this.followEnd();
  }

  #keepEnd() {
    if (!this.#following || this.#held) return;
    this.element.scrollTop = this.element.scrollHeight;
    this.#top = this.element.scrollTop;
  }

  /** @param {LogLine} line */
  #makeRow(line) {
    const row = make("div", `log-line ${line.level}`);
    const time = document.createElement("time");
    time.dateTime = line.time.toISOString();
    time.title = calendar.format(line.time);
    time.textContent = clock.format(line.time);
    row.append(time);
    if (this.#withPlugin) row.append(make("span", "log-plugin", line.plugin));
    const text = make("div", "log-text");
    const words = WORDS[line.level];
    if (words) text.append(make("strong", "", words), " ");
    if (line.image) text.append(makePicture(line.image));
    else this.#fill(text, line);
    row.append(text);
    return row;
  }

  /**
   * @param {HTMLElement} element
   * @param {LogLine} line
   */
  #fill(element, line) {
    const { head, rest, count } = fold(line.text);
    element.append(head);
    if (count === 0) return;
    const more = make("div", "log-rest", rest);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    const open = (/** @type {boolean} */ isOpen) => {
      more.hidden = !isOpen;
      button.setAttribute("aria-expanded", String(isOpen));
      button.textContent = isOpen ? "Show less" : `${count} more lines`;
    };
    button.addEventListener("click", () => open(more.hidden !== false));
    open(isFoundInRest(head, line, this.#search));
    element.append(" ", button, more);
  }
}

/**
 * @param {string} name
 * @param {string} className
 * @param {string} [text]
 */
function make(name, className, text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** @param {string} address */
function makePicture(address) {
  const picture = document.createElement("img");
  picture.src = address;
  picture.alt = "Picture logged by the plugin";
  return picture;
}
