/**
 * Puts plugins of the catalogue into the workspace: text, check, record, and what they depend on before them.
 *
 * It stores; what is stored is listed and started by the manager, which is its only caller.
 */

import { ImJoyError, wordsOf } from "../core/errors.js";
import { makeRecord, recordId } from "../workspace/records.js";
import { dependencyName } from "./catalogue.js";
import { readPlugin } from "./reading.js";

/** @import {WorkspaceStore} from "../workspace/persistence.js" */
/** @import {PluginRecord} from "../workspace/records.js" */
/** @import {Catalogue, CatalogueEntry} from "./catalogue.js" */

/**
 * @typedef {object} InstallerParts
 * @property {WorkspaceStore} store
 * @property {Catalogue} catalogue
 * @property {() => readonly PluginRecord[]} installed
 */

/** Installs, one plugin after the other. */
export class Installer {
  #parts;

  /** @param {InstallerParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * Stores an entry and, before it, what it depends on and is not there yet. Rejects with words for people; nothing that
   * was stored before is touched then.
   * @param {CatalogueEntry} entry
   * @param {readonly CatalogueEntry[]} all where its dependencies are looked for
   * @param {string | null} [tag] of the entry itself; null for its first one
   * @returns {Promise<PluginRecord[]>} what is new, in the order in which it is to be started
   */
  async install(entry, all, tag = null) {
    const records = [];
    for (const needed of this.#inOrder(entry, all)) {
      records.push(await this.#makeRecord(needed, needed === entry ? tag : null));
    }
    for (const record of records) this.#checkName(record);
    for (const record of records) await this.#store(record);
    return records;
  }

  /**
   * @param {CatalogueEntry} entry
   * @param {readonly CatalogueEntry[]} all
   * @returns {CatalogueEntry[]} dependencies first
   */
  #inOrder(entry, all) {
    const hashes = new Map(this.#parts.installed().map(({ name, hash }) => [name, hash]));
    /** @type {Set<CatalogueEntry>} */
    const order = new Set();
    const seen = new Set([entry.name]);
    const visit = (/** @type {CatalogueEntry} */ one) => {
      const given = one.config.dependencies;
      for (const dependency of Array.isArray(given) ? given : []) {
        const needed = all.find(({ name }) => name === dependencyName(String(dependency)));
        if (!needed) {
          throw new ImJoyError(
            `${one.name} depends on “${dependency}”, which is not in the catalogue of this folder, so it was not installed.`,
          );
        }
        if (seen.has(needed.name) || hashes.get(needed.name) === needed.sha256) continue;
        seen.add(needed.name);
        visit(needed);
      }
      order.add(one);
    };
    visit(entry);
    return [...order];
  }

  /**
   * @param {CatalogueEntry} entry
   * @param {string | null} tag
   */
  async #makeRecord(entry, tag) {
    const code = await this.#parts.catalogue.text(entry);
    const { config } = readPlugin(code, tag, entry.config);
    return makeRecord({
      workspace: this.#parts.store.workspace,
      name: config.name,
      type: config.type,
      version: config.version,
      tag: config.tag,
      origin: entry.url ?? entry.repository,
      config: entry.config,
      code,
    });
  }

  /** @param {PluginRecord} record */
  #checkName(record) {
    const other = this.#parts.installed().find(({ name }) => name !== record.name && recordId(name) === record._id);
    if (!other) return;
    throw new ImJoyError(
      `${record.name} cannot be installed beside ${other.name}: their names differ in nothing but spaces. Remove one first.`,
    );
  }

  /** @param {PluginRecord} record */
  async #store(record) {
    try {
      await this.#parts.store.put(record);
    } catch (error) {
      throw new ImJoyError(
        `The browser could not store ${record.name} (${wordsOf(error)}). Make room on its disk and try again.`,
        { cause: error },
      );
    }
  }
}
