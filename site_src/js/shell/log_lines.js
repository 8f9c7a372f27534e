/**
 * Log lines as they are chosen and written: of one plugin or of several, by level and by text.
 *
 * Pure. Called by log_panel.js and log_rows.js.
 */

import { LOG_LEVELS } from "../plugins/logbook.js";

/** @import {LogLevel, LogLine, Logbook} from "../plugins/logbook.js" */

/**
 * @typedef {object} LogFilter
 * @property {ReadonlySet<LogLevel>} levels
 * @property {string} search
 */

/**
 * The lines of all these books in the order in which they were written.
 * @param {readonly Pick<Logbook, "lines">[]} books
 * @returns {readonly LogLine[]}
 */
export function linesOf(books) {
  const [first, ...others] = books;
  if (!first) return [];
  if (others.length === 0) return first.lines;
  return books.flatMap(({ lines }) => lines).sort((a, b) => a.order - b.order);
}

/**
 * How many lines of each level there are.
 * @param {readonly Pick<Logbook, "counts">[]} books
 * @returns {Record<LogLevel, number>}
 */
export function countsOf(books) {
  const total = { info: 0, warning: 0, error: 0 };
  for (const { counts } of books) {
    for (const level of LOG_LEVELS) total[level] += counts[level];
  }
  return total;
}

/**
 * A function that says which lines pass: those that have the text that is searched for, in whatever capitals, in their
 * own text or in the plugin's name.
 * @param {LogFilter} filter
 * @returns {(line: LogLine) => boolean}
 */
export function passes({ levels, search }) {
  const wanted = search.trim().toLowerCase();
  return ({ level, text, plugin }) =>
    levels.has(level) && (text.toLowerCase().includes(wanted) || plugin.toLowerCase().includes(wanted));
}

/**
 * Whether what is searched for lies in the part that is folded away.
 * @param {string} head
 * @param {LogLine} line
 * @param {string} search
 */
export function isFoundInRest(head, { plugin }, search) {
  const wanted = search.trim().toLowerCase();
  return !head.toLowerCase().includes(wanted) && !plugin.toLowerCase().includes(wanted);
}

/**
 * Lines as text, for a file or the clipboard.
 * @param {readonly LogLine[]} lines
 * @param {{withPlugin: boolean}} options
 * @returns {string} one line of text for each, and more where it has more
 */
export function logText(lines, { withPlugin }) {
  return lines
    .map(({ time, level, plugin, text, image }) => {
      const start = `${time.toISOString()} ${level.padEnd(7)} `;
      return `${start}${withPlugin ? `${plugin}: ` : ""}${image ? "(picture)" : text.replace(/\s+$/u, "")}\n`;
    })
    .join("");
}
