/**
 * What the values of a link mean: percent signs undone as often as they were made, and a plugin cut into address or
 * name and tag.
 *
 * Pure. Called by link.js.
 */

/**
 * `address`: where the plugin's file lies; `name`: a plugin to look for in the catalogue; `unreadable`: neither.
 * @typedef {{kind: "address", url: string, tag: string | null}
 *   | {kind: "name", name: string, tag: string | null}
 *   | {kind: "unreadable", text: string, reason: string}} PluginLink
 */

/** Links that are passed on are encoded by one program after the other; twice is what happens. */
const LAYERS = 2;
const ESCAPE = /%[0-9a-f]{2}/iu;
const IS_ADDRESS = /^https?:\/\//iu;
const TAG_BEHIND = /(?<=\.imjoy\.html)@([^/?#@]+)(?=$|[?#])/iu;
const ESCAPED_TAG = /%23((?:[^/?#&%]|%20)+)$/iu;
const OTHER_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//iu;
/** `owner/repository:Name`, with a commit perhaps; what counts here is the name. */
const IN_REPOSITORY = /^[^/\s:]+\/[^/:]+:(.+)$/u;

/**
 * A value of plain words.
 * @param {string} written
 * @returns {string}
 */
export function readWords(written) {
  let text = written.replaceAll("+", " ");
  for (let layer = 0; layer < LAYERS && ESCAPE.test(text); layer += 1) text = decoded(text);
  return text.trim();
}

/**
 * A value that is an address: decoded until it begins like one, so that its own percent signs stay.
 * @param {string} written
 * @returns {string}
 */
export function readAddress(written) {
  return address(written).text;
}

/**
 * @param {string} written
 * @returns {PluginLink | null} null where nothing is asked for
 */
export function readPluginValue(written) {
  const { text, layers } = address(written);
  if (text === "") return null;
  return IS_ADDRESS.test(text) ? readPluginAddress(layers === 0 ? unescapedTag(text) : text) : readName(text);
}

/**
 * @param {string} written
 * @returns {{text: string, layers: number}}
 */
function address(written) {
  let text = written.replaceAll("+", " ").trim();
  let layers = 0;
  while (layers < LAYERS && !IS_ADDRESS.test(text) && ESCAPE.test(text)) {
    text = decoded(text).trim();
    layers += 1;
  }
  // An address whose percent signs alone were encoded once more.
  if (layers === 0 && IS_ADDRESS.test(text)) text = text.replace(/%25(?=[0-9a-f]{2})/giu, "%");
  return { text, layers };
}

/**
 * A tag that was encoded while the address before it was not.
 * @param {string} text
 */
function unescapedTag(text) {
  return text.includes("#") ? text : text.replace(ESCAPED_TAG, "#$1");
}

/**
 * @param {string} text
 * @returns {PluginLink}
 */
function readPluginAddress(text) {
  const behind = TAG_BEHIND.exec(text)?.[1] ?? "";
  let url;
  try {
    url = new URL(text.replace(TAG_BEHIND, ""));
  } catch {
    return { kind: "unreadable", text, reason: "it is not a readable address" };
  }
  if (url.username || url.password) {
    return { kind: "unreadable", text: url.host, reason: "addresses with a user name or password are not taken" };
  }
  const tag = decoded(url.hash.slice(1) || behind).trim();
  url.hash = "";
  return { kind: "address", url: url.href, tag: tag || null };
}

/**
 * @param {string} text
 * @returns {PluginLink}
 */
function readName(text) {
  if (OTHER_SCHEME.test(text)) {
    return { kind: "unreadable", text, reason: "plugins are taken from http and https addresses only" };
  }
  const named = IN_REPOSITORY.exec(text)?.[1] ?? text;
  const [, name = named, tag = ""] = /^(.*?)[#@]([^#@]*)$/u.exec(named) ?? [];
  if (name.trim() === "") return { kind: "unreadable", text, reason: "it names no plugin" };
  return { kind: "name", name: name.trim(), tag: tag.trim() || null };
}

/**
 * Every escape undone that is one; others stay as they are.
 * @param {string} text
 */
function decoded(text) {
  return text.replace(/(?:%[0-9a-f]{2})+/giu, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
