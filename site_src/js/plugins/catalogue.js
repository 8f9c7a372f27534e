/**
 * The catalogue: which plugins lie in the folder that is served, what each needs, and their texts.
 *
 * Made by the site builder, read here. A text is used only where its SHA-256 is the one that the catalogue gives.
 * Called by the manager and shown by dialogs/catalogue.js.
 */

import { ImJoyError } from "../core/errors.js";
import { sha256 } from "../workspace/records.js";
import { compareVersions } from "./config.js";
import { andPackages, counted, needsEngine, whyNotHere } from "./words.js";

/**
 * @typedef {object} MissingThing
 * @property {string} asked
 * @property {number} line 0 where it is not known
 * @property {string} reason
 */

/**
 * @typedef {object} CatalogueEntry
 * @property {string} name
 * @property {string} type
 * @property {string} version
 * @property {string} description
 * @property {string} icon
 * @property {readonly string[]} cover
 * @property {readonly string[]} tags
 * @property {readonly string[]} labels
 * @property {string} repository
 * @property {string | null} url the address that it was added from; null for one that lies in a folder
 * @property {string} path
 * @property {string} sha256
 * @property {number} size
 * @property {Record<string, unknown>} config as it was read; empty where it could not be
 * @property {boolean} engine
 * @property {readonly MissingThing[]} missing
 * @property {string | null} problem
 */

/**
 * @typedef {object} CatalogueContent
 * @property {number} version
 * @property {readonly {name: string, description: string}[]} repositories
 * @property {readonly CatalogueEntry[]} plugins
 */

/** Reads the catalogue from the server. */
export class Catalogue {
  #fetch;

  /** @param {(address: string, options?: RequestInit) => Promise<Response>} [fetcher] */
  constructor(fetcher = (address, options) => fetch(address, options)) {
    this.#fetch = fetcher;
  }

  /**
   * Reads the catalogue anew, since another mirror run may have changed it. Rejects with words for people.
   * @returns {Promise<CatalogueContent>}
   */
  async load() {
    const response = await this.#get("/catalogue.json", "The catalogue");
    const content = await response.json().catch(() => null);
    if (content?.version !== 1 || !Array.isArray(content.plugins)) {
      throw new ImJoyError(
        "The catalogue that the server sent cannot be read. Run “python -m imjoy mirror” in its folder again.",
      );
    }
    return content;
  }

  /**
   * The text of a plugin, checked. Rejects with words for people.
   * @param {CatalogueEntry} entry
   * @returns {Promise<string>}
   */
  async text(entry) {
    const response = await this.#get(entry.path, `The file of ${entry.name}`);
    const bytes = await response.arrayBuffer();
    const found = await sha256(bytes);
    if (found !== entry.sha256) {
      throw new ImJoyError(
        `The file of ${entry.name} is not the one that the catalogue names (its SHA-256 begins with ` +
          `${found.slice(0, 12)} and not with ${entry.sha256.slice(0, 12)}), so it was not installed. ` +
          "Run “python -m imjoy mirror” in the folder that is served.",
      );
    }
    return new TextDecoder("utf-8").decode(bytes);
  }

  /**
   * The plugin file that the server has at an address of its own; null where there is none. Rejects with words for
   * people.
   * @param {string} address
   * @returns {Promise<ArrayBuffer | null>}
   */
  async fileAt(address) {
    const response = await this.#get(address, "The file of the plugin");
    return response.status === 204 ? null : response.arrayBuffer();
  }

  /**
   * @param {string} address
   * @param {string} what for the sentence where it fails
   * @returns {Promise<Response>}
   */
  async #get(address, what) {
    let response;
    try {
      response = await this.#fetch(address, { cache: "no-cache" });
    } catch {
      throw new ImJoyError(
        `${what} could not be read: the server of this app does not answer. Run “python -m imjoy” in its folder, then try again.`,
      );
    }
    if (response.ok) return response;
    throw new ImJoyError(
      `${what} could not be read: the server answered ${response.status} ${response.statusText}`.trim() + ".",
    );
  }
}

/**
 * The entries in which every word of a search is found; those that cannot be read come last.
 * @param {readonly CatalogueEntry[]} entries
 * @param {string} search
 * @returns {CatalogueEntry[]}
 */
export function findEntries(entries, search) {
  const words = search
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "");
  const found = entries.filter((entry) => {
    const text = [entry.name, entry.description, entry.type, ...entry.labels, ...entry.tags].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return [...found.filter(({ problem }) => !problem), ...found.filter(({ problem }) => problem)];
}

/**
 * What a plugin needs and whether that is at hand: one sentence, and the things that are not.
 * @param {CatalogueEntry} entry
 * @returns {{state: "complete" | "incomplete" | "waiting" | "broken", sentence: string, missing: string[]}}
 */
export function describeEntry(entry) {
  if (entry.problem)
    return { state: "broken", sentence: `This plugin file cannot be read: ${entry.problem}`, missing: [] };
  const missing = entry.missing.map(({ asked, line, reason }) => `${asked}${line ? ` (line ${line})` : ""}: ${reason}`);
  const requirements = requirementsOf(entry.config);
  const waits = whyNotHere({ type: entry.type, requirements });
  if (waits) return { state: "waiting", sentence: waits, missing };
  if (missing.length === 0) {
    const engine = needsEngine(entry.type) ? `. It runs in the Python engine${andPackages(requirements)}` : "";
    return { state: "complete", sentence: `Everything it asks for is in this folder${engine}`, missing };
  }
  const things = counted(missing.length, "thing that it asks for is", "things that it asks for are");
  return { state: "incomplete", sentence: `${things} not in this folder`, missing };
}

/**
 * @param {Record<string, unknown>} config
 * @returns {string[]}
 */
function requirementsOf(config) {
  const given = config.requirements;
  const list = typeof given === "string" ? [given] : Array.isArray(given) ? given : [];
  return list.filter((one) => typeof one === "string");
}

/**
 * The label of the button that installs an entry; null where this very text is installed.
 * @param {CatalogueEntry} entry
 * @param {{version: string, hash: string} | null} installed
 * @returns {"Install" | "Update" | "Replace" | null}
 */
export function installLabel(entry, installed) {
  if (!installed) return "Install";
  if (installed.hash === entry.sha256) return null;
  return compareVersions(entry.version, installed.version) > 0 ? "Update" : "Replace";
}

/**
 * The name in a dependency: `Name`, `Name@tag` or `owner/repository:Name@tag`; null for an address.
 * @param {string} dependency
 * @returns {string | null}
 */
export function dependencyName(dependency) {
  if (/^https?:/u.test(dependency)) return null;
  const behind = dependency.includes("/") ? dependency.slice(dependency.indexOf(":") + 1) : dependency;
  return behind.split("@")[0]?.trim() || null;
}
