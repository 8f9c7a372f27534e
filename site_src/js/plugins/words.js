/**
 * What the app says about kinds of plugins and what they need, in words for people.
 *
 * Pure. The one place that knows which types this version runs; asked by the manager, the list and the catalogue.
 */

/** @type {Readonly<Record<string, string>>} */
const TYPES = Object.freeze({
  "web-worker": "Works in the background",
  iframe: "Works in the background",
  window: "Opens a window",
  "rpc-window": "Opens a page of its own",
  "rpc-worker": "Works in the background",
  collection: "A collection of plugins",
  "native-python": "A Python program",
  "web-python": "Python in the browser",
  "web-python-window": "Python in the browser",
});

const RUNS_HERE = new Set(["web-worker", "iframe", "window"]);
const NO_ENGINE = new Set(["rpc-window", "rpc-worker", "collection", "web-python", "web-python-window", "evil"]);

/**
 * @param {string} type
 * @returns {string}
 */
export function typeWords(type) {
  return TYPES[type] ?? `Needs an engine for “${type}”`;
}

/**
 * True for plugins that are opened anew with every run, instead of being started once.
 * @param {string} type
 * @returns {boolean}
 */
export function isWindow(type) {
  return type === "window";
}

/**
 * True for plugins that run outside the browser.
 * @param {string} type
 * @returns {boolean}
 */
export function needsEngine(type) {
  return type === "native-python";
}

/**
 * Why this version cannot run a plugin of this type, in a sentence; null where it can.
 * @param {{type: string, requirements?: readonly string[] | string}} config
 * @param {string | null} [engineProblem] why there is no engine now, and what to do, in sentences; null where there is one
 * @returns {string | null}
 */
export function whyNotHere({ type, requirements = [] }, engineProblem = null) {
  if (RUNS_HERE.has(type)) return null;
  if (needsEngine(type)) {
    return engineProblem === null ? null : `Needs the Python engine${andPackages(requirements)}. ${engineProblem}`;
  }
  if (type.startsWith("web-python"))
    return `Needs Python in the browser${andPackages(requirements)}. This version does not have it yet.`;
  if (type === "collection") return "Is a collection of other plugins. This version installs plugins one by one.";
  if (NO_ENGINE.has(type)) return `Is of the type “${type}”, which this version cannot open yet.`;
  return `Needs an engine for plugins of the type “${type}”. This version has none.`;
}

/**
 * @param {readonly string[] | string} requirements
 * @returns {string}
 */
export function andPackages(requirements) {
  const packages = (typeof requirements === "string" ? [requirements] : requirements).filter(
    (text) => text.trim() !== "",
  );
  if (packages.length === 0) return "";
  const shown = packages.slice(0, 4).map((text) => text.replace(/^pip:\s*/u, ""));
  const rest = packages.length - shown.length;
  return ` with ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 * @returns {string}
 */
export function counted(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}
