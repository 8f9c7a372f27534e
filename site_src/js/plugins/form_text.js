/**
 * The text of a form while it is put together: runs of text with their kind, line by line.
 *
 * Called by `ui.js`, which takes lines out of it that turn out to be words of a field.
 */

import { tidy } from "./form_markup.js";

/** @import { Mark } from "./form_markup.js" */

/**
 * A run of text within a text part; `address` is that of a link.
 * @typedef {object} FormSpan
 * @property {"plain" | "strong" | "emphasis" | "code" | "link"} kind
 * @property {string} text
 * @property {string} [address]
 */

/** @typedef {{text: string, spans?: FormSpan[]}} FinishedText */

/** Runs of text, each within one line; a run that is a line end stands for itself. */
export class FormTextBuffer {
  /** @type {FormSpan[]} */
  #runs = [];
  /** How many tags of each kind are open. */
  #open = { strong: 0, emphasis: 0, code: 0 };
  /** Where an open link leads to; null outside of one. @type {string | null} */
  #address = null;

  /** @param {string} text */
  add(text) {
    for (const [run] of text.matchAll(/\n|[^\n]+/g)) {
      this.#runs.push(run === "\n" ? { kind: "plain", text: run } : { ...this.#style(), text: run });
    }
  }

  /** @param {Mark} mark of a kind that a run may have */
  mark({ mark, on, address = "" }) {
    if (mark === "link") {
      this.#address = on ? address : null;
    } else if (mark === "strong" || mark === "emphasis" || mark === "code") {
      this.#open[mark] = Math.max(0, this.#open[mark] + (on ? 1 : -1));
    }
  }

  /** Whether there is a link in the line that is being written. */
  get hasLinkInLine() {
    return this.#runs.slice(this.#startOfLine(this.#runs.length)).some(({ kind }) => kind === "link");
  }

  /**
   * The words of the line that is being written, which are no text any more.
   * @returns {string}
   */
  takeLine() {
    return tidy(this.#take(this.#startOfLine(this.#runs.length)));
  }

  /**
   * The words of the line right above, where they lead to what comes now: with a colon or question mark at their end.
   * @returns {string}
   */
  takeLeadingLine() {
    let end = this.#runs.length;
    while (end > 0 && this.#runs[end - 1]?.text.trim() === "") {
      end -= 1;
    }
    const start = this.#startOfLine(end);
    const words = tidy(this.#runs.slice(start, end).map(textOf).join(""));
    if (!/[:\uff1a?]$/.test(words)) {
      return "";
    }
    this.#take(start);
    return words;
  }

  /**
   * All text so far, which is gone from here; null where there is none.
   * @returns {FinishedText | null}
   */
  flush() {
    const spans = joined(this.#runs);
    this.#runs = [];
    if (spans.length === 0) {
      return null;
    }
    const text = spans.map(textOf).join("");
    return spans.some(({ kind }) => kind !== "plain") ? { text, spans } : { text };
  }

  /**
   * @param {number} end
   * @returns {number}
   */
  #startOfLine(end) {
    let start = end;
    while (start > 0 && this.#runs[start - 1]?.text !== "\n") {
      start -= 1;
    }
    return start;
  }

  /** @param {number} start */
  #take(start) {
    return this.#runs.splice(start).map(textOf).join("");
  }

  /** @returns {Omit<FormSpan, "text">} */
  #style() {
    if (this.#address) {
      return { kind: "link", address: this.#address };
    }
    const { strong, emphasis, code } = this.#open;
    return { kind: code ? "code" : strong ? "strong" : emphasis ? "emphasis" : "plain" };
  }
}

/**
 * The runs without needless space, neighbours of one kind as one.
 * @param {readonly FormSpan[]} runs
 * @returns {FormSpan[]}
 */
function joined(runs) {
  /** @type {FormSpan[]} */
  const spans = [];
  let breaks = 0;
  let hasSpace = false;
  for (const run of runs) {
    for (const [word] of run.text.matchAll(/\n| +|[^ \n]+/g)) {
      if (word === "\n") {
        breaks += 1;
      } else if (word.trim() === "" && (word.startsWith(" ") || spans.length === 0 || breaks > 0)) {
        hasSpace = true;
      } else {
        const gap = breaks > 0 ? "\n".repeat(Math.min(breaks, 2)) : hasSpace ? " " : "";
        append(spans, run, spans.length > 0 ? gap : "", word);
        breaks = 0;
        hasSpace = false;
      }
    }
  }
  return spans;
}

/**
 * @param {FormSpan[]} spans
 * @param {FormSpan} run
 * @param {string} gap
 * @param {string} word
 */
function append(spans, run, gap, word) {
  const last = spans.at(-1);
  if (last && last.kind === run.kind && last.address === run.address) {
    last.text += gap + word;
    return;
  }
  // The space between two kinds is plain.
  if (gap && run.kind === "plain") {
    spans.push({ ...run, text: gap + word });
  } else {
    if (gap && last?.kind === "plain") {
      last.text += gap;
    } else if (gap) {
      spans.push({ kind: "plain", text: gap });
    }
    spans.push({ ...run, text: word });
  }
}

/** @param {FormSpan} span */
function textOf({ text }) {
  return text;
}
