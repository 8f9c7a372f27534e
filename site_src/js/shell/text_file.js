/**
 * Hands a text to the person: as a file of the browser's downloads, or by the clipboard.
 */

/**
 * @param {string} name of the file
 * @param {string} text
 */
export function saveText(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address after this task.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/**
 * @param {string} text
 * @returns {Promise<void>} rejects where the browser does not allow it
 */
export async function copyText(text) {
  // Only pages of this computer and those with a certificate have it.
  if (!navigator.clipboard) throw new Error("this browser allows it only for pages of this computer or over https");
  await navigator.clipboard.writeText(text);
}
