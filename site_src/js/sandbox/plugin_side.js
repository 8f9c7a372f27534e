/**
 * The plugin's end of a session, the same in pages and in workers: a peer over the private port, `api` as a global, and
 * everything that fails without anybody waiting for it in the plugin's log.
 */

/** @import { BootNote, CodeItem } from "../types.js" */
import { wordsOf } from "../core/errors.js";
import { Peer } from "../rpc/peer.js";
import { connectPort, portSender } from "../rpc/ports.js";
import { createPluginApi } from "./plugin_api.js";

/**
 * @param {object} options
 * @param {MessagePort} options.port
 * @param {(code: CodeItem) => Promise<void>} options.runCode
 * @returns {Peer}
 */
export function openPluginSide({ port, runCode }) {
  const peer = new Peer({ name: "ImJoy", send: portSender(port), execute: runCode });
  connectPort(port, peer);
  const global = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis));
  global.api = createPluginApi(peer);
  reportNotes(peer);
  reportErrors(peer);
  peer.announceInitialized({ origin: globalThis.origin, type: typeof document === "undefined" ? "worker" : "page" });
  return peer;
}

/** What boot.js found missing goes to the plugin's log. @param {Peer} peer */
export function reportNotes(peer) {
  globalThis.__imjoyBoot.onNote((/** @type {BootNote} */ note) => peer.log(note));
}

/** @param {Peer} peer */
function reportErrors(peer) {
  globalThis.addEventListener("error", (event) => {
    // Elements that could not load end here as well, but those boot_page.js has noted by name.
    if (event instanceof ErrorEvent)
      peer.log({ level: "error", message: uncaught(event.error ?? event.message, event) });
  });
  globalThis.addEventListener("unhandledrejection", ({ reason }) =>
    peer.log({ level: "error", message: uncaught(reason) }),
  );
  peer.on("error", (error) => peer.log({ level: "error", message: wordsOf(error) }));
}

/** @param {unknown} thrown @param {{ filename?: string, lineno?: number }} [place] */
function uncaught(thrown, { filename = "", lineno = 0 } = {}) {
  const file = filename.split("/").pop();
  return `Uncaught: ${wordsOf(thrown).replace(/^Uncaught /, "")}${file && lineno ? ` (${file}, line ${lineno})` : ""}`;
}
