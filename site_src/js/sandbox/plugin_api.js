/**
 * The `api` that a plugin sees: what the host offers, and `export`. Every other name fails by name when it is called,
 * whether it is a function of a later version or a slip of the pen. Plugins may put members of their own on it.
 */

/** @import { Peer } from "../rpc/peer.js" */
import { NotAvailableError } from "../core/errors.js";

/** @typedef {Record<string, unknown>} Members */

/**
 * @param {Peer} peer whose remote interface is the host's
 * @returns {Members}
 */
export function createPluginApi(peer) {
  /** @type {Members} */
  const own = {
    export: async (/** @type {object} */ plugin) => peer.exportInterface(plugin),
  };
  return new Proxy(own, {
    get(target, name) {
      if (typeof name === "symbol" || Object.hasOwn(target, name)) return Reflect.get(target, name);
      const offered = peer.remote ?? {};
      if (Object.hasOwn(offered, name)) return namespace(offered[name], `api.${name}`);
      return unavailable(`api.${name}`, name);
    },
    has: (target, name) => Reflect.has(target, name) || Object.hasOwn(peer.remote ?? {}, name),
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Object.keys(peer.remote ?? {})])],
    getOwnPropertyDescriptor(target, name) {
      const found =
        Reflect.getOwnPropertyDescriptor(target, name) ?? Reflect.getOwnPropertyDescriptor(peer.remote ?? {}, name);
      // A member that is not on the target itself must not be called fixed.
      return found && { ...found, configurable: true };
    },
  });
}

/**
 * Objects that hold functions fail by name as well; all other values are given as they are.
 * @param {unknown} value
 * @param {string} path
 * @returns {unknown}
 */
function namespace(value, path) {
  if (typeof value !== "object" || value === null) return value;
  if (!Object.values(value).some((member) => typeof member === "function")) return value;
  return new Proxy(/** @type {Members} */ (value), {
    get(target, name) {
      if (typeof name === "symbol" || Object.hasOwn(target, name)) {
        return typeof name === "symbol" ? Reflect.get(target, name) : namespace(target[name], `${path}.${name}`);
      }
      return unavailable(`${path}.${name}`, name);
    },
  });
}

/** What every object is asked for by the language itself: to be missing there is no mistake. */
const NEVER_THERE = new Set(["then", "toJSON", "constructor", "prototype", "__proto__"]);

/**
 * A function that fails by name; so do the members asked of it.
 * @param {string} path
 * @param {string} name
 * @returns {unknown}
 */
function unavailable(path, name) {
  if (NEVER_THERE.has(name)) return undefined;
  const fail = async () => {
    throw new NotAvailableError(`${path} is not part of this version of ImJoy Offline`);
  };
  return new Proxy(fail, {
    get: (target, member) =>
      typeof member === "symbol" || member in target
        ? Reflect.get(target, member)
        : unavailable(`${path}.${member}`, member),
  });
}
