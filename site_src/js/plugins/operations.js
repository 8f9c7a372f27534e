/**
 * What plugins can be run with: how an operation is found, what it gets, and who wants to know of changes in its form.
 *
 * Called by manager.js.
 */

/** @import {RemoteFunction} from "../types.js" */
/** @import {Operation, Plugin} from "./plugin.js" */

/**
 * The operation of a path: `Plugin`, or `Plugin/operation`; null where there is none.
 * @param {ReadonlyMap<string, Plugin>} plugins by name
 * @param {string} path
 * @returns {Operation | null}
 */
export function findOperation(plugins, path) {
  const [plugin = "", ...name] = path.split("/");
  return plugins.get(plugin)?.operations.get(name.length > 0 ? name.join("/") : plugin) ?? null;
}

/**
 * The function that wants to know of changes in a form; null where there is none, or none yet.
 * @param {Plugin} plugin
 * @param {Operation} operation
 * @returns {RemoteFunction | null}
 */
export function updateOf(plugin, operation) {
  const own = plugin.session?.api?.update;
  return operation.update ?? (typeof own === "function" ? /** @type {RemoteFunction} */ (own) : null);
}

/**
 * What an operation gets that the person has started.
 * @param {Operation} operation
 * @param {Record<string, unknown>} config
 */
export function contextOf(operation, config) {
  return {
    config,
    data: {},
    _variables: null,
    _op: operation.name,
    _source_op: null,
    _workflow_id: `op_${operation.name}${crypto.randomUUID().slice(0, 8)}`,
    _transfer: false,
    name: "",
    type: "",
  };
}
