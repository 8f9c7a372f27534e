/**
 * The plugins that are installed in a workspace, kept in the browser's IndexedDB.
 *
 * One data base for all workspaces; the workspace is the first part of every key, so that none sees another's.
 * Where the browser keeps nothing, the same calls work on memory and `kept` is false, which the app tells.
 */

import { openDB } from "idb";

/** @import {IDBPDatabase} from "idb" */
/** @import {PluginRecord} from "./records.js" */

const DATABASE = "imjoy-offline";
const VERSION = 1;
const PLUGINS = "plugins";

/**
 * Opens what is stored for a workspace; never rejects, since the app is of use without it.
 * @param {string} workspace
 * @returns {Promise<WorkspaceStore>}
 */
export async function openWorkspace(workspace) {
  try {
    const database = await openDB(DATABASE, VERSION, {
      upgrade(opened) {
        const store = opened.createObjectStore(PLUGINS, { keyPath: ["workspace", "_id"] });
        store.createIndex("workspace", "workspace");
      },
      // Another tab with a newer app waits for us: let it through.
      blocking(_current, _blocked, event) {
        /** @type {IDBDatabase} */ (event.target).close();
      },
    });
    return new WorkspaceStore(workspace, database);
  } catch {
    return new WorkspaceStore(workspace, null);
  }
}

/** What one workspace holds. */
export class WorkspaceStore {
  #workspace;
  #database;
  /** @type {Map<string, PluginRecord>} */
  #memory = new Map();
  #isClosed = false;

  /**
   * @param {string} workspace
   * @param {IDBPDatabase | null} database
   */
  constructor(workspace, database) {
    this.#workspace = workspace;
    this.#database = database;
  }

  /** The workspace's key, which is also the name of its folder on the disk. */
  get workspace() {
    return this.#workspace;
  }

  /** False where everything is gone when the page is closed. */
  get kept() {
    return this.#database !== null;
  }

  /** True where nothing is installed; false where that cannot be said. */
  async isEmpty() {
    if (!this.#database) return this.#memory.size === 0;
    return (await this.#database.countFromIndex(PLUGINS, "workspace", this.#workspace).catch(() => -1)) === 0;
  }

  /**
   * All records, by name.
   * @returns {Promise<PluginRecord[]>}
   */
  async list() {
    const records = this.#database
      ? await this.#database.getAllFromIndex(PLUGINS, "workspace", this.#workspace)
      : [...this.#memory.values()];
    return records.sort((/** @type {PluginRecord} */ a, /** @type {PluginRecord} */ b) => a.name.localeCompare(b.name));
  }

  /**
   * Stores a record in the place of one with the same id; rejects where the browser refuses (a full disk).
   * @param {PluginRecord} record
   */
  async put(record) {
    const own = { ...record, workspace: this.#workspace };
    if (this.#isClosed) throw new Error("the workspace was deleted in another tab");
    if (this.#database) await this.#database.put(PLUGINS, own);
    else this.#memory.set(own._id, own);
  }

  /**
   * @param {string} id
   */
  async remove(id) {
    if (this.#database) await this.#database.delete(PLUGINS, [this.#workspace, id]);
    else this.#memory.delete(id);
  }

  /** Takes nothing any more: the workspace was deleted elsewhere. */
  close() {
    this.#isClosed = true;
  }

  /** Deletes everything of the workspace; rejects where the browser refuses. */
  async clear() {
    this.#memory.clear();
    if (!this.#database) return;
    const transaction = this.#database.transaction(PLUGINS, "readwrite");
    for (const key of await transaction.store.index("workspace").getAllKeys(this.#workspace)) {
      void transaction.store.delete(key);
    }
    await transaction.done;
  }
}
