/**
 * Every transition of a peer, in one table: for each state, what each kind of message does and which state follows.
 * A kind that a state does not list is passed over, since other versions may send more than we know. The session
 * vectors in tests/vectors/rpc_session.json hold every implementation to the same table.
 *
 *     waiting   the other side's interface is not known yet
 *     ready     it is
 *     closed    the session has ended: nothing is sent, and what comes is passed over
 */

/** @typedef {"waiting" | "ready" | "closed"} PeerState */
/**
 * @typedef {"noteInitialized" | "installInterface" | "announceInterface" | "confirmInterface" | "runCode"
 *   | "confirmCode" | "callMethod" | "callCallback" | "forgetObject" | "confirmForgotten" | "end" | "noteLog"
 *   | "noteError"} PeerAction
 */
/** @typedef {readonly [PeerAction, PeerState]} Transition */

/**
 * What a state does with nearly every kind: the state stays.
 * @param {PeerState} state
 * @returns {Record<string, Transition>}
 */
function everywhere(state) {
  return {
    initialized: ["noteInitialized", state],
    setInterface: ["installInterface", "ready"],
    getInterface: ["announceInterface", state],
    interfaceSetAsRemote: ["confirmInterface", state],
    execute: ["runCode", state],
    executed: ["confirmCode", state],
    method: ["callMethod", state],
    callback: ["callCallback", state],
    disposeObject: ["forgetObject", state],
    disposed: ["confirmForgotten", state],
    disconnect: ["end", "closed"],
    log: ["noteLog", state],
    error: ["noteError", state],
  };
}

/** @type {Readonly<Record<PeerState, Readonly<Record<string, Transition>>>>} */
export const TRANSITIONS = Object.freeze({
  waiting: Object.freeze(everywhere("waiting")),
  ready: Object.freeze(everywhere("ready")),
  closed: Object.freeze({}),
});
