/**
 * Requirements of plugins that run in the browser: which kind an entry is, and loading a list one by one. Pure but for
 * the loaders it is given, which differ between pages and workers.
 */

import { ImJoyError, wordsOf } from "../core/errors.js";

/** @typedef {"style" | "module" | "script" | "cache" | "ignored"} RequirementKind */
/** @typedef {(url: string) => Promise<void> | void} Loader */
/** @typedef {{ style: Loader, script: Loader, module?: Loader }} Loaders workers load no modules by requirement */

/** @type {ReadonlyMap<string, RequirementKind>} */
const PREFIXES = new Map([
  ["css", "style"],
  ["mjs", "module"],
  ["js", "script"],
  ["cache", "cache"],
]);
/** @type {ReadonlyMap<string, RequirementKind>} */
const ENDINGS = new Map([
  [".css", "style"],
  [".mjs", "module"],
  [".js", "script"],
]);

/**
 * As imjoy_offline/plugin/requirements.py does it for what is mirrored: a prefix counts before an ending, and is
 * compared as it is written, while endings are not.
 * @param {string} entry
 * @returns {{ kind: RequirementKind, url: string }}
 */
export function classifyRequirement(entry) {
  const [prefix] = entry.split(":", 1);
  const named = prefix.length < entry.length ? PREFIXES.get(prefix) : undefined;
  if (named) return { kind: named, url: entry.slice(prefix.length + 1).trim() };
  for (const [ending, kind] of ENDINGS) if (entry.toLowerCase().endsWith(ending)) return { kind, url: entry };
  return { kind: entry.startsWith("http") ? "script" : "ignored", url: entry };
}

/**
 * @param {string | string[] | undefined} requirements one entry is as good as a list of one
 * @param {Loaders} loaders
 * @param {(warning: string) => void} warn
 * @throws {ImJoyError} naming the entry that failed
 */
export async function loadRequirements(requirements, loaders, warn) {
  const entries = typeof requirements === "string" ? [requirements] : (requirements ?? []);
  for (const entry of entries) {
    if (typeof entry !== "string") throw new ImJoyError(`a requirement must be a text, not ${JSON.stringify(entry)}`);
    const { kind, url } = classifyRequirement(entry);
    if (kind === "cache") continue;
    const load = loaderOf(kind, entry, loaders);
    if (!load) {
      warn(`the requirement "${entry}" is no kind that the browser can load, and was left out`);
      continue;
    }
    try {
      await load(url);
    } catch (error) {
      throw new ImJoyError(`the requirement "${entry}" could not be loaded: ${wordsOf(error)}`, { cause: error });
    }
  }
}

/** @param {RequirementKind} kind @param {string} entry @param {Loaders} loaders @returns {Loader | undefined} */
function loaderOf(kind, entry, loaders) {
  if (kind === "cache" || kind === "ignored") return undefined;
  if (kind === "module" && !loaders.module) return entry.startsWith("http") ? loaders.script : undefined;
  return loaders[kind];
}
