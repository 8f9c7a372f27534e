/**
 * What a plugin can ask of the app: the functions of its `api`, bound to the plugin that calls.
 *
 * `api.export` is not here, it belongs to the plugin's own side; a name that is not here fails by name over there.
 * Whatever fails is written to the caller's log and rejects the call with a sentence. Called by the manager for every
 * start of a plugin.
 */

import { CancelledError, ImJoyError, isCancelled, wordsOf } from "../core/errors.js";
import {
  alertOptions,
  callArguments,
  confirmOptions,
  dialogOptions,
  logEntry,
  pluginOptions,
  progressOf,
  promptOptions,
  runArguments,
  secondsOf,
  textOf,
  windowOptions,
} from "./arguments.js";
import { compareVersions } from "./config.js";
import { sandboxConfig } from "./reading.js";
import { parseForm } from "./ui.js";

/** @import {RemoteFunction, RemoteObject} from "../types.js" */
/** @import {Notices} from "../shell/notices.js" */
/** @import {Message, Options} from "./arguments.js" */
/** @import {Plugin} from "./plugin.js" */
/** @import {FormPart} from "./ui.js" */

/** Since this version of the api a form that is cancelled is no error. */
const CANCEL_IS_NO_ERROR = "0.1.8";

/**
 * Dialogs that plugins open, one after the other. What is asked resolves with null where it was cancelled.
 * @typedef {object} PluginDialogs
 * @property {(plugin: Plugin, message: Message) => Promise<void>} alert
 * @property {(plugin: Plugin, message: Message & {start: string}) => Promise<string | null>} prompt
 * @property {(plugin: Plugin, message: Message) => Promise<boolean>} confirm
 * @property {(plugin: Plugin, dialog: {title: string | null, form: readonly FormPart[]}) => Promise<Record<string, unknown> | null>} form
 */

/**
 * What the functions need of the app.
 * @typedef {object} Services
 * @property {string} workspace
 * @property {Notices} notices
 * @property {(name: string) => Promise<RemoteObject>} getPlugin
 * @property {(name: string, context: Options) => Promise<unknown>} run
 * @property {(options: Options) => Promise<RemoteObject>} createWindow
 * @property {(form: readonly FormPart[]) => readonly FormPart[]} fillForm puts the forms of operations into it
 * @property {PluginDialogs} dialogs
 */

/**
 * @param {Plugin} plugin the caller
 * @param {Services} services
 * @returns {Record<string, unknown>}
 */
export function createPluginApi(plugin, services) {
  const { notices, dialogs } = services;
  /** @type {Record<string, (...given: any[]) => unknown>} */
  const functions = {
    register: (operation) => register(plugin, operation),
    getPlugin: (first, extra) => services.getPlugin(nameOf(pluginOptions(first, extra))),
    run: (first, context) => {
      const asked = runArguments(first, context);
      return services.run(asked.name, asked.context);
    },
    call: (...given) => callFunction(services, given),
    createWindow: (first, extra) => services.createWindow(windowOptions(first, extra)),
    // Plugins go on while an alert is read.
    alert: (first) =>
      void dialogs
        .alert(plugin, alertOptions(first))
        .catch((error) => plugin.write("error", `api.alert failed. ${wordsOf(error)}`)),
    prompt: (first, second) => askText(plugin, dialogs, promptOptions(first, second)),
    confirm: (first, extra) => dialogs.confirm(plugin, confirmOptions(first, extra)),
    showDialog: (first, extra) => showDialog(plugin, services, dialogOptions(first, extra)),
    showMessage: (first, second) => {
      notices.show(textOf(first), { seconds: secondsOf(second, first) });
      notices.setStatus(textOf(first));
    },
    showStatus: (first) => {
      notices.setStatus(textOf(first));
      plugin.setActivity(textOf(first));
    },
    showProgress: (first) => {
      notices.setProgress(progressOf(first));
      plugin.setProgress(progressOf(first));
    },
    log: (...given) => writeLog(plugin, "info", given),
    error: (...given) => writeLog(plugin, "error", given),
  };
  return {
    ...Object.fromEntries(Object.entries(functions).map(([name, fn]) => [name, guarded(plugin, name, fn)])),
    config: { ...sandboxConfig(plugin.config), tag: plugin.config.tag ?? undefined, workspace: services.workspace },
  };
}

/**
 * The same function, with its failures in the caller's log.
 * @param {Plugin} plugin
 * @param {string} name
 * @param {(...given: any[]) => unknown} fn
 * @returns {(...given: unknown[]) => Promise<unknown>}
 */
function guarded(plugin, name, fn) {
  return async (...given) => {
    try {
      return await fn(...given);
    } catch (error) {
      if (!isCancelled(error)) plugin.write("error", `api.${name} failed. ${wordsOf(error)}`);
      throw error;
    }
  };
}

/**
 * @param {Plugin} plugin
 * @param {"info" | "error"} level
 * @param {readonly unknown[]} given
 */
function writeLog(plugin, level, given) {
  const { text, image } = logEntry(given);
  plugin.write(level, text, image);
}

/**
 * What the person answers; without an answer what was there at the beginning.
 * @param {Plugin} plugin
 * @param {PluginDialogs} dialogs
 * @param {ReturnType<typeof promptOptions>} message
 * @returns {Promise<string>}
 * @throws {CancelledError}
 */
async function askText(plugin, dialogs, message) {
  const answer = await dialogs.prompt(plugin, message);
  if (answer === null) throw new CancelledError("The question was cancelled");
  return answer === "" ? message.start : answer;
}

/**
 * @param {Plugin} plugin
 * @param {Services} services
 * @param {ReturnType<typeof dialogOptions>} dialog
 * @returns {Promise<unknown>} the values of a form by their keys, undefined where it was cancelled; or a window
 * @throws {CancelledError} for plugins of the time when that was an error
 */
async function showDialog(plugin, services, dialog) {
  if (dialog.kind === "window") return services.createWindow(dialog.options);
  const { title, ui } = dialog;
  const values = await services.dialogs.form(plugin, { title, form: services.fillForm(parseForm(ui)) });
  if (values !== null) return values;
  if (compareVersions(plugin.config.api_version, CANCEL_IS_NO_ERROR) >= 0) return undefined;
  throw new CancelledError("The dialog was cancelled");
}

/**
 * @param {Options} options
 * @returns {string}
 */
function nameOf({ name, id, src }) {
  if (typeof src === "string") {
    throw new ImJoyError(
      "Plugins from an address or a source text cannot be loaded in this version; give the name of an installed plugin",
    );
  }
  const wanted = name ?? id;
  if (typeof wanted !== "string" || wanted === "") throw new TypeError("getPlugin needs the name of a plugin");
  return wanted;
}

/**
 * @param {Services} services
 * @param {readonly unknown[]} given
 */
async function callFunction(services, given) {
  const { name, functionName, values } = callArguments(given);
  const target = await services.getPlugin(name);
  const fn = Object.hasOwn(target, functionName) ? target[functionName] : undefined;
  if (typeof fn !== "function") {
    const offered = Object.keys(target).filter((key) => typeof target[key] === "function");
    throw new ImJoyError(`${name} has no function “${functionName}”. It has ${offered.join(", ") || "none"}.`);
  }
  return fn(...values);
}

/**
 * Something more of a plugin that can be run, with a form of its own; the plugin's own name stands for its main one.
 * @param {Plugin} plugin
 * @param {Options} operation
 * @returns {string}
 */
function register(plugin, operation) {
  const { name = plugin.name, type = "operator", ui, run, update } = operation ?? {};
  if (typeof name !== "string" || name === "") throw new TypeError("register needs a name");
  if (!["operator", "@operator"].includes(String(type)) && run === undefined) {
    throw new ImJoyError(`register cannot take “${name}”: services of the type “${type}” are not part of this version`);
  }
  for (const [member, given] of Object.entries({ run, update })) {
    if (given !== undefined && given !== null && typeof given !== "function")
      throw new TypeError(`register needs a function as ${member} of “${name}”`);
  }
  const own = plugin.operations.get(name);
  plugin.operations.set(name, {
    name,
    form: ui === undefined ? (own?.form ?? []) : parseForm(ui),
    run: /** @type {RemoteFunction | null | undefined} */ (run) ?? own?.run ?? null,
    update: /** @type {RemoteFunction | null | undefined} */ (update) ?? own?.update ?? null,
    registered: true,
  });
  // A plugin that gives another form while it runs means what stands in it; the first one takes what was remembered.
  if (own?.registered) plugin.entries.delete(name);
  plugin.emit("changed", undefined);
  return name;
}
