/**
 * From the address of a plugin to what can be installed: out of the catalogue, else from the mirror alone.
 *
 * Nothing is asked from the outside here: what this folder does not hold is not found. Called by addressed_plugin.js.
 */

import { ImJoyError } from "../core/errors.js";
import { sha256 } from "../workspace/records.js";
import { readPlugin } from "./reading.js";

/** @import {Catalogue, CatalogueContent, CatalogueEntry} from "./catalogue.js" */

/**
 * @typedef {object} FoundPlugin
 * @property {CatalogueEntry} entry
 * @property {readonly CatalogueEntry[]} all where its dependencies are looked for
 * @property {string} text
 */

/**
 * @param {string} url
 * @param {Catalogue} catalogue
 * @returns {Promise<FoundPlugin | null>} null where this folder does not hold it. Rejects with words for people.
 */
export async function findByAddress(url, catalogue) {
  const { plugins } = await catalogue.load();
  const listed = plugins.find((entry) => entry.url !== null && isSameAddress(entry.url, url));
  if (listed) return { entry: listed, all: plugins, text: listed.problem ? "" : await catalogue.text(listed) };
  const path = pathOfMirrored(url);
  const file = path === null ? null : await catalogue.fileAt(path);
  if (path === null || file === null) return null;
  const text = new TextDecoder("utf-8").decode(file);
  return { entry: await entryOf(url, path, text, file), all: plugins, text };
}

/**
 * Where the app's own server gives a mirrored plugin file as a text.
 * @param {string} url
 * @returns {string | null}
 */
export function pathOfMirrored(url) {
  const { protocol, host, pathname, search } = new URL(url);
  if (!pathname.toLowerCase().endsWith(".imjoy.html")) return null;
  return `/plugins/at/${protocol.slice(0, -1)}/${host}${pathname}${search}`;
}

/**
 * @param {string} one
 * @param {string} other
 */
function isSameAddress(one, other) {
  try {
    return new URL(one).href === new URL(other).href;
  } catch {
    return false;
  }
}

/**
 * A plugin that the mirror holds but the catalogue does not list, as an entry of its own.
 * @param {string} url
 * @param {string} path
 * @param {string} text
 * @param {ArrayBuffer} file
 * @returns {Promise<CatalogueEntry>}
 */
async function entryOf(url, path, text, file) {
  let reading;
  try {
    reading = readPlugin(text, null, null).config;
  } catch (error) {
    throw new ImJoyError(`What lies at ${url} cannot be used as a plugin: ${/** @type {Error} */ (error).message}`);
  }
  const { name, type, version, description, icon, tags, labels, raw } = reading;
  return {
    ...{ name, type, version, description, icon, tags, labels },
    cover: [],
    repository: new URL(url).host,
    url,
    path,
    sha256: await sha256(file),
    size: file.byteLength,
    config: raw,
    engine: type === "native-python",
    missing: [],
    problem: null,
  };
}
