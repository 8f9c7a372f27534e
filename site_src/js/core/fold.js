/**
 * Long texts, tracebacks above all, in one line. Pure.
 */

/** A text of so many lines is shown as it is. */
const UNFOLDED_LINES = 2;

/**
 * A long text as its first line and the rest. A traceback says at its end what has happened, so that is part of the
 * first line.
 * @param {string} text
 * @returns {{head: string, rest: string, count: number}} `count` lines are in the rest
 */
export function fold(text) {
  const lines = text.replace(/\s+$/u, "").split("\n");
  if (lines.length <= UNFOLDED_LINES) return { head: lines.join("\n"), rest: "", count: 0 };
  const [head = "", ...rest] = lines;
  const isTraceback = lines.slice(0, 2).some((line) => line.startsWith("Traceback "));
  return {
    head: isTraceback ? `${head} … ${rest.at(-1)?.trim()}` : head,
    rest: rest.join("\n"),
    count: rest.length,
  };
}
