/**
 * The text of HTML that a plugin has sent. Nothing of it is ever put into the page as HTML.
 */

const BREAKS = new Set(["BR", "P", "DIV", "LI", "TR", "H1", "H2", "H3", "H4", "PRE", "UL", "OL", "TABLE"]);
const UNSEEN = new Set(["SCRIPT", "STYLE", "TEMPLATE", "TITLE"]);

/**
 * What a reader would see of it, with its line breaks.
 * @param {string} markup
 * @returns {string}
 */
export function plainText(markup) {
  // A document made this way runs no script and asks for no picture.
  const { body } = new DOMParser().parseFromString(markup, "text/html");
  return textOf(body)
    .replace(/[ \t]*\n[ \t]*/gu, "\n")
    .replace(/\n{3,}/gu, "\n\n")
    .trim();
}

/**
 * @param {Node} node
 * @returns {string}
 */
function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return (node.textContent ?? "").replace(/\s+/gu, " ");
  if (UNSEEN.has(node.nodeName)) return "";
  const inner = Array.from(node.childNodes, textOf).join("");
  return BREAKS.has(node.nodeName) ? `${inner}\n` : inner;
}
