/**
 * The documentation of a plugin cut into blocks: the part of Markdown that plugins use, and nothing else.
 *
 * Pure. The result is text in boxes, so that whatever a plugin writes stays text; HTML is shown as it is written.
 * Called by dialogs/docs.js.
 */

/**
 * A run of text within a block.
 * @typedef {object} Span
 * @property {"plain" | "strong" | "emphasis" | "code" | "link"} kind
 * @property {string} text
 * @property {string} [address] of a link
 */

/**
 * @typedef {object} Heading
 * @property {"heading"} kind
 * @property {number} level
 * @property {Span[]} spans
 */
/**
 * @typedef {object} Paragraph
 * @property {"paragraph"} kind
 * @property {Span[]} spans
 */
/**
 * @typedef {object} List
 * @property {"list"} kind
 * @property {boolean} ordered
 * @property {Span[][]} items
 */
/**
 * @typedef {object} Code
 * @property {"code"} kind
 * @property {string} text
 */
/** @typedef {Heading | Paragraph | List | Code} DocsBlock */

const FENCE = /^\s*(?:```|~~~)/u;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*\s*$/u;
const ITEM = /^\s{0,3}(?:([-*+])|(\d{1,4})[.)])\s+(.*)$/u;
const SPANS = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|(?<![\w*])\*([^*\s][^*]*)\*|!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)/gu;

/**
 * @param {string} text
 * @returns {DocsBlock[]}
 */
export function parseDocs(text) {
  /** @type {DocsBlock[]} */
  const blocks = [];
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  let i = 0;
  while (i < lines.length) {
    const line = lines[i] ?? "";
    const heading = HEADING.exec(line);
    if (line.trim() === "") i += 1;
    else if (FENCE.test(line)) i = readCode(lines, i, blocks);
    else if (heading) {
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, spans: parseSpans(heading[2] ?? "") });
      i += 1;
    } else if (ITEM.test(line)) i = readList(lines, i, blocks);
    else i = readParagraph(lines, i, blocks);
  }
  return blocks;
}

/**
 * @param {readonly string[]} lines
 * @param {number} start
 * @param {DocsBlock[]} blocks
 * @returns {number} the line behind
 */
function readCode(lines, start, blocks) {
  let end = start + 1;
  while (end < lines.length && !FENCE.test(lines[end] ?? "")) end += 1;
  blocks.push({ kind: "code", text: lines.slice(start + 1, end).join("\n") });
  return end + 1;
}

/**
 * @param {readonly string[]} lines
 * @param {number} start
 * @param {DocsBlock[]} blocks
 * @returns {number}
 */
function readList(lines, start, blocks) {
  /** @type {string[]} */
  const items = [];
  const ordered = ITEM.exec(lines[start] ?? "")?.[2] !== undefined;
  let i = start;
  for (; i < lines.length; i += 1) {
    const line = lines[i] ?? "";
    const item = ITEM.exec(line);
    if (item && (item[2] !== undefined) === ordered) items.push(item[3] ?? "");
    else if (/^\s+\S/u.test(line) && !FENCE.test(line)) items.push(`${items.pop() ?? ""} ${line.trim()}`);
    else break;
  }
  blocks.push({ kind: "list", ordered, items: items.map(parseSpans) });
  return i;
}

/**
 * @param {readonly string[]} lines
 * @param {number} start
 * @param {DocsBlock[]} blocks
 * @returns {number}
 */
function readParagraph(lines, start, blocks) {
  let end = start + 1;
  const goesOn = (/** @type {string} */ line) =>
    line.trim() !== "" && !HEADING.test(line) && !FENCE.test(line) && !ITEM.test(line);
  while (end < lines.length && goesOn(lines[end] ?? "")) end += 1;
  const text = lines.slice(start, end).map((line) => line.trim());
  blocks.push({ kind: "paragraph", spans: parseSpans(text.join(" ")) });
  return end;
}

/**
 * @param {string} text
 * @returns {Span[]}
 */
export function parseSpans(text) {
  /** @type {Span[]} */
  const spans = [];
  let last = 0;
  for (const match of text.matchAll(SPANS)) {
    const [whole, code, strong, alsoStrong, emphasis, label, address] = match;
    if (match.index > last) spans.push({ kind: "plain", text: text.slice(last, match.index) });
    if (code !== undefined) spans.push({ kind: "code", text: code });
    else if (strong ?? alsoStrong) spans.push({ kind: "strong", text: strong ?? alsoStrong ?? "" });
    else if (emphasis !== undefined) spans.push({ kind: "emphasis", text: emphasis });
    else spans.push({ kind: "link", text: label || address || "", address: address ?? "" });
    last = match.index + whole.length;
  }
  if (last < text.length) spans.push({ kind: "plain", text: text.slice(last) });
  return spans;
}
