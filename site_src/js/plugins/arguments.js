/**
 * The forms in which plugins call the functions of `api`, brought to one.
 *
 * Pure. Python's keyword arguments arrive as one object behind the others, so that every function is called with a
 * string, with an object, or with a string and an object. Called by api.js.
 */

/** @typedef {Record<string, unknown>} Options */

/**
 * @param {unknown} value
 * @returns {value is Options}
 */
export function isOptions(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/**
 * One object of options from a first argument that may be a string, and an object behind it that goes over it.
 * @param {unknown} first
 * @param {unknown} extra
 * @param {(text: string) => Options} read what a string stands for
 * @param {string} call the name of the function, for the error
 * @returns {Options}
 */
function merged(first, extra, read, call) {
  const more = isOptions(extra) ? extra : {};
  if (typeof first === "string") return { ...read(first), ...more };
  if (isOptions(first)) return { ...first, ...more };
  throw new TypeError(`${call} needs a text or an object, not ${first === null ? "null" : typeof first}`);
}

/**
 * `createWindow`: a text with a line break, an address, or one with `/` and `:` is a source, any other is a type.
 * @param {unknown} first
 * @param {unknown} [extra]
 * @param {string} [call] the name of the function, for the error
 * @returns {Options}
 */
export function windowOptions(first, extra, call = "createWindow") {
  const isSource = (/** @type {string} */ text) =>
    text.includes("\n") || /^https?:/u.test(text) || (text.includes("/") && text.includes(":"));
  return merged(first, extra, (text) => (isSource(text) ? { src: text } : { type: text }), call);
}

/**
 * `getPlugin`: an address or a text with a line break is a source, any other is a name.
 * @param {unknown} first
 * @param {unknown} [extra]
 * @returns {Options}
 */
export function pluginOptions(first, extra) {
  const isSource = (/** @type {string} */ text) => text.includes("\n") || /^https?:/u.test(text);
  return merged(first, extra, (text) => (isSource(text) ? { src: text } : { name: text }), "getPlugin");
}

/**
 * `run`: a name and a context, or one object with the name among the context's members.
 * @param {unknown} first
 * @param {unknown} [context]
 * @returns {{name: string, context: Options}}
 */
export function runArguments(first, context) {
  if (typeof first === "string") return { name: first, context: isOptions(context) ? context : {} };
  const { name, ctx, ...rest } = merged(first, context, () => ({}), "run");
  if (typeof name !== "string") throw new TypeError("run needs the name of a plugin");
  return { name, context: isOptions(ctx) ? ctx : rest };
}

/**
 * `call`: a plugin's name, a function's name, and the arguments.
 * @param {readonly unknown[]} given
 * @returns {{name: string, functionName: string, values: unknown[]}}
 */
export function callArguments(given) {
  const [name, functionName, ...values] = given;
  if (typeof name !== "string" || typeof functionName !== "string") {
    throw new TypeError("call needs the name of a plugin and the name of one of its functions");
  }
  return { name, functionName, values };
}

/**
 * The text of `showStatus`, `showMessage` and their like: a string as it is, an object by its text, else as JSON.
 * @param {unknown} given
 * @returns {string}
 */
export function textOf(given) {
  if (typeof given === "string") return given;
  if (isOptions(given)) {
    for (const key of ["content", "message", "text", "msg", "status"]) {
      if (typeof given[key] === "string") return given[key];
    }
  }
  if (given instanceof Error) return given.message;
  return asJson(given);
}

/**
 * The number of `showProgress`, which may come as a keyword.
 * @param {unknown} given
 * @returns {unknown}
 */
export function progressOf(given) {
  return isOptions(given) ? (given.progress ?? given.value ?? given.p) : given;
}

/**
 * The seconds of `showMessage`.
 * @param {unknown} first
 * @param {unknown} second
 * @returns {number | undefined}
 */
export function secondsOf(first, second) {
  for (const given of [second, first]) {
    const value = isOptions(given) ? (given.duration ?? given.seconds) : given;
    if (typeof value === "number" && value > 0) return value;
  }
  return undefined;
}

/**
 * What a dialog with a text says.
 * @typedef {object} Message
 * @property {string} content
 * @property {boolean} isHtml
 * @property {string | null} title
 * @property {string} confirm
 * @property {string} cancel
 */

/**
 * `alert`: a text, or `{content, title, confirm_text}`; anything else is shown as text.
 * @param {unknown} given
 * @returns {Message}
 */
export function alertOptions(given) {
  return messageOf(given) ?? plainMessage(textOf(given));
}

/**
 * `confirm`: a text, or `{content, title, confirm_text, cancel_text}`.
 * @param {unknown} given
 * @param {unknown} [extra]
 * @returns {Message}
 */
export function confirmOptions(given, extra) {
  return needMessage(given, extra, "confirm");
}

/**
 * `prompt`: a text and what is entered already, or `{content, title, placeholder, confirm_text, cancel_text}`.
 * @param {unknown} given
 * @param {unknown} [second]
 * @returns {Message & {start: string}}
 */
export function promptOptions(given, second) {
  const members = { ...(isOptions(given) ? given : {}), ...(isOptions(second) ? second : {}) };
  const start = isOptions(second) || second === undefined ? (members.placeholder ?? members.default) : second;
  const message = needMessage(given, second, "prompt");
  return { ...message, start: start === undefined || start === null ? "" : textOf(start) };
}

/**
 * `showDialog`: as `createWindow`; with `ui` it is a form, unless it names a window plugin.
 * @param {unknown} first
 * @param {unknown} [extra]
 * @returns {{kind: "form", title: string | null, ui: unknown} | {kind: "window", options: Options}}
 */
export function dialogOptions(first, extra) {
  const options = windowOptions(first, extra, "showDialog");
  const isForm = options.type === undefined ? options.ui !== undefined : ["joy", "imjoy/joy"].includes(String(options.type));
  if (!isForm || options.src !== undefined) return { kind: "window", options };
  const title = options.name ?? options.title;
  return { kind: "form", title: typeof title === "string" && title !== "" ? title : null, ui: options.ui ?? "" };
}

/**
 * @param {unknown} given
 * @param {unknown} extra Python's keywords
 * @param {string} call
 * @returns {Message}
 */
function needMessage(given, extra, call) {
  const more = isOptions(extra) ? extra : {};
  const message = messageOf(typeof given === "string" ? { ...more, content: given } : given);
  if (message === null) {
    throw new TypeError(`${call} needs a text, or an object with a text as content; these arguments are not supported`);
  }
  // A text by itself is no HTML, whatever stands beside it.
  return { ...message, isHtml: message.isHtml && typeof given !== "string" };
}

/**
 * @param {unknown} given
 * @returns {Message | null}
 */
function messageOf(given) {
  if (typeof given === "string") return plainMessage(given);
  if (!isOptions(given) || typeof given.content !== "string") return null;
  const { content, title, confirm_text: confirm, cancel_text: cancel } = given;
  const plain = plainMessage(content);
  return {
    content,
    isHtml: true,
    title: typeof title === "string" ? title : null,
    confirm: typeof confirm === "string" ? confirm : plain.confirm,
    cancel: typeof cancel === "string" ? cancel : plain.cancel,
  };
}

/**
 * @param {string} content
 * @returns {Message}
 */
function plainMessage(content) {
  return { content, isHtml: false, title: null, confirm: "OK", cancel: "Cancel" };
}

/**
 * One entry of a log from the arguments of `log` or `error`: a picture, or the values with spaces between.
 * @param {readonly unknown[]} given
 * @returns {{text: string, image: string | null}}
 */
export function logEntry(given) {
  const [first] = given;
  if (given.length === 1 && isOptions(first) && first.type === "image" && typeof first.value === "string") {
    const shown = /^(?:data:image\/|blob:)/u.test(first.value);
    return shown ? { text: "", image: first.value } : { text: `(picture at ${first.value})`, image: null };
  }
  if (given.length === 1 && isOptions(first) && typeof first.type === "string" && typeof first.value === "string") {
    return { text: first.value, image: null };
  }
  return { text: given.map((value) => (typeof value === "string" ? value : asText(value))).join(" "), image: null };
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function asText(value) {
  return value instanceof Error ? value.message : asJson(value);
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function asJson(value) {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
