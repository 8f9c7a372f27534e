/**
 * What the other side threw, as an Error that names the plugin and the function and keeps the stack from over there.
 */

import { RemoteError, isErrorLike, wordsOf } from "../core/errors.js";

/**
 * @param {unknown} thrown as it was decoded
 * @param {{ plugin: string, functionName: string }} call
 * @returns {RemoteError}
 */
export function toRemoteError(thrown, { plugin, functionName }) {
  const words = thrown === undefined ? "no reason was given" : wordsOf(thrown);
  const message = `${plugin}: ${called(functionName)} failed: ${words}`;
  if (!isErrorLike(thrown))
    return new RemoteError(message, { plugin, functionName, remoteMessage: words, value: thrown });
  const details = /** @type {Record<string, any>} */ (/** @type {unknown} */ (thrown));
  const { remoteStack, code, line } = details;
  const parts = { remoteMessage: words, remoteName: thrown.name, remoteStack, code, line };
  // An error that has been relayed already says where it comes from.
  if (details.plugin && details.functionName) {
    const origin = { plugin: details.plugin, functionName: details.functionName };
    return new RemoteError(thrown.message, { ...origin, ...parts });
  }
  return new RemoteError(message, { plugin, functionName, ...parts });
}

/** @param {string} functionName */
function called(functionName) {
  return functionName.includes(" ") ? functionName : `${functionName}()`;
}
