/**
 * What the address of the app asks for: the part behind the `#`, as in `#/app?w=lab&token=abc`, or before it, as in
 * `?w=lab#/app`.
 *
 * Pure. A value ends only at `&` followed by one of the known keys and `=`, since the address of a plugin may hold `?`
 * and `&` of its own. What the values mean is in link_values.js; main.js and link_actions.js act on them. The cases of
 * tests/vectors/links.json hold for it.
 */

import { readAddress, readPluginValue, readWords } from "./link_values.js";

/** @import {PluginLink} from "./link_values.js" */

/** @typedef {"w" | "plugin" | "engine" | "token"} LinkKey */

/** @type {readonly LinkKey[]} */
const KEYS = ["w", "plugin", "engine", "token"];
const KEY_AHEAD = new RegExp(`&(?=(?:${KEYS.join("|")})=)`, "u");
/**
 * Spellings of later apps, understood where nothing stands before them: further on, they may be part of a plugin's
 * address.
 * @type {Readonly<Record<string, LinkKey>>}
 */
const FIRST_ONLY = Object.freeze({ workspace: "w", p: "plugin" });

/**
 * An address as the browser gives it.
 * @typedef {object} AddressParts
 * @property {string} search with its `?`, or empty
 * @property {string} hash with its `#`, or empty
 */

/**
 * @typedef {object} AppLink
 * @property {string} route the path of the fragment, as `/app`; empty where there is none
 * @property {string | null} workspace
 * @property {PluginLink | null} plugin
 * @property {string | null} engine an address, as it was written but decoded
 * @property {string | null} token
 */

/**
 * Reads an address; what is not understood is left out and never thrown about. What stands in the fragment counts
 * before what stands in the query, and of two values the first.
 * @param {AddressParts} address
 * @returns {AppLink}
 */
export function readLink(address) {
  const { query, fragment } = cut(address);
  /** @type {Map<LinkKey, string>} */
  const values = new Map();
  for (const parts of [fragment.parts, query]) {
    for (const [at, part] of parts.entries()) {
      const key = keyOf(part, at);
      if (key !== null && !values.has(key)) values.set(key, part.slice(part.indexOf("=") + 1));
    }
  }
  const read = (/** @type {LinkKey} */ key) => values.get(key) ?? "";
  return {
    route: fragment.route,
    workspace: readWords(read("w")) || null,
    plugin: readPluginValue(read("plugin")),
    engine: readAddress(read("engine")) || null,
    token: readWords(read("token")) || null,
  };
}

/**
 * The same address without the values of some keys, everything else as it was written.
 * @param {AddressParts} address
 * @param {readonly LinkKey[]} keys
 * @returns {AddressParts}
 */
export function withoutKeys(address, keys) {
  const { query, fragment } = cut(address);
  const kept = (/** @type {string[]} */ parts) =>
    parts.filter((part, at) => {
      const key = keyOf(part, at);
      return key === null || !keys.includes(key);
    });
  const [search, rest] = [kept(query), kept(fragment.parts)];
  if (search.length === query.length && rest.length === fragment.parts.length) return address;
  const route = fragment.route || rest.length > 0 ? `#${fragment.route}` : "";
  return { search: joined(search), hash: `${route}${joined(rest)}` };
}

/**
 * The same address for another workspace; the one without a name in the address is the one that was used last.
 * @param {AddressParts} address
 * @param {string} workspace
 * @returns {AddressParts}
 */
export function withWorkspace(address, workspace) {
  const { search, hash } = withoutKeys(address, ["w"]);
  const { fragment } = cut({ search: "", hash });
  const parts = [`w=${encodeURIComponent(workspace)}`, ...fragment.parts];
  return { search, hash: `#${fragment.route || "/app"}${joined(parts)}` };
}

/** @param {readonly string[]} parts */
function joined(parts) {
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

/**
 * @param {AddressParts} address
 * @returns {{query: string[], fragment: {route: string, parts: string[]}}}
 */
function cut({ search, hash }) {
  const query = partsOf(search.replace(/^\?/u, ""));
  let fragment = hash.replace(/^#/u, "");
  const last = query.at(-1) ?? "";
  // `?plugin=ADDRESS#dev#/app`: to the browser the tag of the plugin is already the fragment.
  if (keyOf(last, query.length - 1) === "plugin" && !/^(?:$|\/|app(?:\?|$))/u.test(fragment)) {
    const end = fragment.indexOf("#/");
    const own = end < 0 ? fragment : fragment.slice(0, end);
    query.splice(-1, 1, ...partsOf(`${last}#${own}`));
    fragment = end < 0 ? "" : fragment.slice(end + 1);
  }
  const mark = fragment.indexOf("?");
  const route = mark < 0 ? fragment : fragment.slice(0, mark);
  return { query, fragment: { route, parts: mark < 0 ? [] : partsOf(fragment.slice(mark + 1)) } };
}

/** @param {string} query */
function partsOf(query) {
  return query === "" ? [] : query.split(KEY_AHEAD);
}

/**
 * @param {string} part
 * @param {number} at
 * @returns {LinkKey | null}
 */
function keyOf(part, at) {
  const sign = part.indexOf("=");
  const name = sign < 0 ? part : part.slice(0, sign);
  const key = KEYS.find((one) => one === name);
  return key ?? (at === 0 && Object.hasOwn(FIRST_ONLY, name) ? (FIRST_ONLY[name] ?? null) : null);
}
