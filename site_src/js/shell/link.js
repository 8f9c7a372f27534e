/**
 * What the address of the app asks for: the part behind the `#`, as in `#/app?w=lab&token=abc`.
 *
 * Pure. A value ends only at `&` followed by one of the known keys, since the address of a plugin may hold `?` and `&`
 * of its own. Called by main.js, which acts on the token and leaves the rest for those who understand it.
 */

const KEYS = ["w", "plugin", "engine", "token"];
const KEY_AHEAD = new RegExp(`&(?=(?:${KEYS.join("|")})=)`, "u");

/**
 * @typedef {object} AppLink
 * @property {string} route the path of the fragment, as `/app`; empty where there is none
 * @property {ReadonlyMap<string, string>} parameters the known keys with their decoded values
 */

/**
 * Reads a fragment; what is not understood is left out and never thrown about.
 * @param {string} fragment with or without its `#`
 * @returns {AppLink}
 */
export function readLink(fragment) {
  const { route, parts } = cut(fragment);
  /** @type {Map<string, string>} */
  const parameters = new Map();
  for (const part of parts) {
    const [key, value] = split(part);
    if (KEYS.includes(key) && !parameters.has(key)) parameters.set(key, decoded(value));
  }
  return { route, parameters };
}

/**
 * The same fragment without its token, everything else as it was written.
 * @param {string} fragment with its `#`
 * @returns {string}
 */
export function withoutToken(fragment) {
  const { route, parts } = cut(fragment);
  const kept = parts.filter((part) => split(part)[0] !== "token");
  if (kept.length === parts.length) return fragment;
  return `#${route}${kept.length > 0 ? `?${kept.join("&")}` : ""}`;
}

/**
 * @param {string} fragment
 * @returns {{route: string, parts: string[]}}
 */
function cut(fragment) {
  const text = fragment.replace(/^#/u, "");
  const mark = text.indexOf("?");
  if (mark < 0) return { route: text, parts: [] };
  const query = text.slice(mark + 1);
  return { route: text.slice(0, mark), parts: query === "" ? [] : query.split(KEY_AHEAD) };
}

/**
 * @param {string} part
 * @returns {[string, string]}
 */
function split(part) {
  const sign = part.indexOf("=");
  return sign < 0 ? [part, ""] : [part.slice(0, sign), part.slice(sign + 1)];
}

/**
 * @param {string} value
 * @returns {string}
 */
function decoded(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
