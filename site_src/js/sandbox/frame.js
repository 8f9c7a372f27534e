/**
 * The first module in a plugin's frame. Waits for the one message of the app that brings the private port, and then
 * either runs the plugin in this page or starts the worker that runs it. Does work when it is loaded: it is a root.
 */

/** @import { ConnectMessage } from "../types.js" */
import { Peer } from "../rpc/peer.js";
import { connectPort, portSender } from "../rpc/ports.js";
import { passOnKeys } from "./keys.js";
import { PageRunner } from "./page.js";
import { openPluginSide, reportNotes } from "./plugin_side.js";

window.addEventListener("message", connect);

/** @param {MessageEvent} event */
function connect(event) {
  const { data, source, ports } = event;
  if (source !== window.parent || data?.type !== "imjoy-connect" || ports.length === 0) return;
  window.removeEventListener("message", connect);
  event.stopImmediatePropagation();
  const message = /** @type {ConnectMessage} */ (data);
  document.title = message.name;
  if (message.mode === "worker") holdWorker(message, ports[0], ports[1]);
  else runPage(message, ports[0], ports[1]);
}

/** @param {ConnectMessage} message @param {MessagePort} port @param {MessagePort} keys */
function runPage({ name }, port, keys) {
  passOnKeys(keys);
  const runner = new PageRunner(name, (warning) => peer.log({ level: "warning", message: warning }));
  const peer = openPluginSide({ port, runCode: (code) => runner.run(code) });
}

/** @param {ConnectMessage} message @param {MessagePort} port @param {MessagePort} workerPort */
function holdWorker(message, port, workerPort) {
  const peer = new Peer({ name: "ImJoy", send: portSender(port) });
  connectPort(port, peer);
  reportNotes(peer);
  const worker = new globalThis.__imjoyBoot.NativeWorker(workerUrl(), { name: message.name });
  const fail = (/** @type {ErrorEvent} */ event) => {
    peer.log({ level: "error", message: event.message || "the worker could not be started", fatal: true });
  };
  worker.addEventListener("error", fail);
  worker.addEventListener(
    "message",
    () => {
      // It runs: from here on it tells of its errors itself.
      worker.removeEventListener("error", fail);
      peer.announceInitialized({ origin: window.origin, type: "holder" });
    },
    { once: true },
  );
  worker.postMessage(message, [workerPort]);
}

/** A worker that loads boot.js ahead of everything, and keeps the first message until worker.js is there for it. */
function workerUrl() {
  const { sandbox } = globalThis.__imjoyBoot;
  const [boot, main] = ["boot.js", "worker.js"].map((name) => JSON.stringify(`${sandbox}/sandbox/js/sandbox/${name}`));
  const script = `self.__imjoySandbox = ${JSON.stringify(sandbox)};
(() => {
  const first = new Promise((resolve) => addEventListener("message", resolve, { once: true }));
  importScripts(${boot});
  import(${main}).then(async ({ startWorker }) => startWorker(await first))
    .catch((error) => setTimeout(() => { throw error; }));
})();`;
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}
