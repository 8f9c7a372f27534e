/**
 * Whether the app's own server answers: it may have been stopped while the page stayed open.
 */

/** What to say, and to do, where it does not; the end of a sentence. */
export const SERVER_GONE =
  "the server of this folder does not answer any more. Start it again with `python -m imjoy` in the folder, " +
  "then try this again";

/**
 * False only where nothing answers at all; a server that is slow, or hangs, is waited for.
 * @returns {Promise<boolean>}
 */
export async function serverAnswers() {
  try {
    await fetch("/catalogue.json", { method: "HEAD", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}
