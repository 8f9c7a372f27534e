/**
 * What the browser keeps of an installed plugin: its text as it came, the SHA-256 of that text, and what was chosen.
 *
 * Pure but for the browser's own SHA-256. The record is the promise that a plugin runs tomorrow as it was installed:
 * one whose text no longer has its hash is never run. Called by the plugin manager.
 */

/**
 * @typedef {object} PluginRecord
 * @property {string} workspace
 * @property {string} _id the name with every space replaced; the key within its workspace
 * @property {string} name
 * @property {string} type
 * @property {string} version
 * @property {string | null} tag
 * @property {string | null} origin where it was installed from, in words for people
 * @property {Record<string, unknown> | null} config the config block as the catalogue gave it
 * @property {string} code the whole text
 * @property {string} hash SHA-256 of the text
 */

/**
 * The SHA-256 of a text (as UTF-8) or of bytes, in hexadecimal.
 * @param {string | BufferSource} content
 * @returns {Promise<string>}
 */
export async function sha256(content) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The key of a plugin of this name.
 * @param {string} name
 * @returns {string}
 */
export function recordId(name) {
  return name.replaceAll(" ", "_");
}

/**
 * @param {Omit<PluginRecord, "_id" | "hash">} parts
 * @returns {Promise<PluginRecord>}
 */
export async function makeRecord(parts) {
  return { ...parts, _id: recordId(parts.name), hash: await sha256(parts.code) };
}

/**
 * Says in words what is wrong with a stored record, or null where it is whole.
 * @param {PluginRecord} record
 * @returns {Promise<string | null>}
 */
export async function findDamage(record) {
  if (typeof record.code !== "string" || typeof record.hash !== "string") {
    return "What this browser has stored of the plugin is incomplete. Remove it and install it again.";
  }
  if ((await sha256(record.code)) === record.hash) return null;
  return (
    "The text of the plugin that this browser has stored is not the one that was installed (its SHA-256 differs), " +
    "so it was not started. Remove it and install it again."
  );
}
