/**
 * The errors that a person may meet, in one tree, and the words of anything that was thrown.
 * Each has a stable `code` (those of imjoy/rpc/protocol.json where it travels) and says what happened, to what, and
 * what to do next.
 *
 *     ImJoyError
 *       EncodeError         a value cannot be sent
 *       DecodeError         a value that came cannot be read
 *       ProtocolError       a frame or message that is none; `tooLarge` where it is only too large
 *       NotAvailableError   the api has no such function in this version
 *       NoSuchObjectError   the function or object asked for is not known here
 *       ClosedError         the other side has ended
 *       CancelledError      the person has cancelled what was asked of them
 *       RemoteError         the function called on the other side has failed
 *       ScriptError         a plugin's script has failed while it was loaded
 *       PluginStartError    a plugin could not be started
 */

/** The root. */
export class ImJoyError extends Error {
  /**
   * @param {string} message
   * @param {{ code?: string, cause?: unknown }} [options]
   */
  constructor(message, { code = "error", cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
  }
}

/** Nothing has been sent: the value at the path named cannot travel. */
export class EncodeError extends ImJoyError {
  /** @param {string} message @param {unknown} [cause] */
  constructor(message, cause) {
    super(message, { code: "encode", cause });
  }
}

/** A value came that cannot be read. */
export class DecodeError extends ImJoyError {
  /** @param {string} message @param {unknown} [cause] */
  constructor(message, cause) {
    super(message, { code: "decode", cause });
  }
}

/** What came is not a frame or message of the protocol; a connection ends with it. */
export class ProtocolError extends ImJoyError {
  /** @param {string} message @param {{ tooLarge?: boolean, cause?: unknown }} [options] */
  constructor(message, { tooLarge = false, cause } = {}) {
    super(message, { code: "decode", cause });
    this.tooLarge = tooLarge;
  }
}

/** A function of the api that this version does not have. */
export class NotAvailableError extends ImJoyError {
  /** @param {string} message */
  constructor(message) {
    super(message, { code: "not-available" });
  }
}

/** The function or object that the other side asked for is not known here. */
export class NoSuchObjectError extends ImJoyError {
  /** @param {string} message */
  constructor(message) {
    super(message, { code: "no-such-object" });
  }
}

/** The other side has ended, so that a call is never answered; `plugin` and `functionName` say which, if it was one. */
export class ClosedError extends ImJoyError {
  /** @param {string} message @param {{ plugin?: string, functionName?: string }} [call] */
  constructor(message, { plugin = "", functionName = "" } = {}) {
    super(message, { code: "closed" });
    this.plugin = plugin;
    this.functionName = functionName;
  }
}

/** The person has cancelled what was asked of them: no failure, but there is no answer either. */
export class CancelledError extends ImJoyError {
  /** @param {string} message */
  constructor(message) {
    super(message, { code: "cancelled" });
  }
}

/** A function on the other side failed; `plugin` and `functionName` say which, `remoteStack` where. */
export class RemoteError extends ImJoyError {
  /**
   * @param {string} message
   * @param {object} details
   * @param {string} details.plugin
   * @param {string} details.functionName
   * @param {string} [details.remoteMessage] the words from over there alone
   * @param {string} [details.remoteName] the class of the error over there
   * @param {string} [details.remoteStack]
   * @param {string} [details.code]
   * @param {number} [details.line] of the plugin file, where the error is about one
   * @param {unknown} [details.value] what was thrown, where that was no error
   */
  constructor(message, details) {
    const {
      plugin,
      functionName,
      remoteMessage = message,
      remoteName = "Error",
      remoteStack = "",
      code = "thrown",
    } = details;
    super(message, { code });
    this.plugin = plugin;
    this.functionName = functionName;
    this.remoteMessage = remoteMessage;
    this.remoteName = remoteName;
    this.remoteStack = remoteStack;
    this.line = details.line;
    this.value = details.value;
  }
}

/** A script of a plugin failed while it was loaded; keeps the stack of what was thrown. */
export class ScriptError extends ImJoyError {
  /** @param {string} message @param {{ cause?: unknown, line?: number | undefined }} [options] */
  constructor(message, { cause, line } = {}) {
    super(message, { code: "script", cause });
    this.line = line;
    if (cause instanceof Error && cause.stack) this.stack = cause.stack;
  }
}

/** A plugin could not be started; `step` says what it was about, `line` where in its script, where that is known. */
export class PluginStartError extends ImJoyError {
  /**
   * @param {string} plugin
   * @param {string} step
   * @param {string} problem
   * @param {{ cause?: unknown, remoteStack?: string, line?: number }} [options]
   */
  constructor(plugin, step, problem, { cause, remoteStack = "", line } = {}) {
    super(`${plugin}: ${problem}`, { code: "start", cause });
    this.plugin = plugin;
    this.step = step;
    this.remoteStack = remoteStack;
    this.line = line;
  }
}

/**
 * Whether something was given up by the person, here or on the other side.
 * @param {unknown} thrown
 * @returns {boolean}
 */
export function isCancelled(thrown) {
  return thrown instanceof ImJoyError && thrown.code === "cancelled";
}

/**
 * The words of anything that was thrown, without the class name where that says nothing.
 * @param {unknown} thrown
 * @returns {string}
 */
export function wordsOf(thrown) {
  if (typeof thrown === "string") return thrown;
  if (!isErrorLike(thrown)) return `something that is no error was thrown (${kindOf(thrown)})`;
  const message = String(thrown.message);
  const { code } = /** @type {{ code?: unknown }} */ (thrown);
  const plain = thrown instanceof ImJoyError || thrown.name === "Error" || !thrown.name || code === "missing";
  if (!message) return String(thrown.name || "an error without words");
  return plain ? message : `${thrown.name}: ${message}`;
}

/**
 * Errors of other realms and DOM exceptions count too.
 * @param {unknown} value
 * @returns {value is Error}
 */
export function isErrorLike(value) {
  if (value instanceof Error) return true;
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Error]" || tag === "[object DOMException]";
}

/** @param {unknown} value */
function kindOf(value) {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `${typeof value} ${String(value)}`;
}
