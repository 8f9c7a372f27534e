/**
 * Runs the code of a plugin in a worker: requirements by importScripts, and scripts; a worker has no place for the
 * rest. Started by the worker's own first lines, which frame.js writes.
 */

/** @import { CodeItem, ConnectMessage } from "../types.js" */
import { ImJoyError } from "../core/errors.js";
import { openPluginSide } from "./plugin_side.js";
import { loadRequirements } from "./requirements.js";
import { runModule, runScript } from "./scripts.js";

const LOADERS = {
  script: (/** @type {string} */ url) => importScripts(url),
  style: (/** @type {string} */ url) => {
    throw new ImJoyError(`${url} is a style sheet, and a web-worker has no page that it could style`);
  },
};

/** The scripts of one plugin's worker, in their order. */
class WorkerRunner {
  #plugin;
  #warn;
  #scripts = 0;

  /**
   * @param {string} plugin
   * @param {(warning: string) => void} warn
   */
  constructor(plugin, warn) {
    this.#plugin = plugin;
    this.#warn = warn;
  }

  /** @param {CodeItem} code */
  async run(code) {
    if (code.type === "requirements") return loadRequirements(code.requirements, LOADERS, this.#warn);
    if (code.type === "script") return this.#runScript(code);
    throw new ImJoyError(`code of the type "${code.type}" cannot be run in a web-worker`);
  }

  /** @param {CodeItem} code */
  #runScript({ content = "", attrs = {}, line, src }) {
    this.#scripts += 1;
    const address = src ?? attrs.src;
    if (address) this.#warn(`a script of a web-worker cannot come from src="${address}"; name it as a requirement`);
    const source = { plugin: this.#plugin, number: this.#scripts, ...(line === undefined ? {} : { line }) };
    return attrs.type === "module" ? runModule(content, source) : runScript(content, source);
  }
}

/** @param {MessageEvent} event the first message, with the private port */
export function startWorker({ data, ports }) {
  const { name } = /** @type {ConnectMessage} */ (data);
  const runner = new WorkerRunner(name, (warning) => peer.log({ level: "warning", message: warning }));
  const peer = openPluginSide({ port: ports[0], runCode: (code) => runner.run(code) });
  const end = globalThis.close.bind(globalThis);
  // A worker that ends itself would leave its callers waiting.
  globalThis.close = () => {
    peer.disconnect("it has ended itself");
    end();
  };
  peer.on("closed", () => setTimeout(end, 0));
  /** @type {{ postMessage(message: unknown): void }} */ (/** @type {unknown} */ (globalThis)).postMessage("running");
}
