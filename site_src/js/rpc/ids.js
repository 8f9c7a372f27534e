/**
 * Ids that nobody can guess. Opaque origins and plain http have `getRandomValues`, but not always `randomUUID`.
 */

/** @returns {string} 32 hexadecimal digits */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
