/**
 * The values of the classic imjoy-rpc protocol: what may be sent, how it travels, and how it is read again.
 * imjoy/rpc/protocol.json names the tags and limits; tests/vectors/rpc_codec.json holds both languages to the same.
 */

/** @import { DecodeContext, EncodeContext } from "../types.js" */
import { Decoder } from "./decode.js";
import { Encoder } from "./encode.js";

export { encodeError } from "./encode.js";

/**
 * @param {unknown} value
 * @param {EncodeContext} context
 * @returns {unknown}
 * @throws {import("../core/errors.js").EncodeError} naming the place in `value` that cannot be sent
 */
export function encode(value, context) {
  return new Encoder(context).value(value);
}

/**
 * As `encode`, with the functions in it offered for good, each under its path.
 * @param {object} object
 * @param {EncodeContext} context
 */
export function encodeInterface(object, context) {
  return new Encoder(context).interface(object);
}

/**
 * @param {unknown} encoded
 * @param {DecodeContext} context
 * @returns {unknown}
 * @throws {import("../core/errors.js").DecodeError}
 */
export function decode(encoded, context) {
  return new Decoder(context).value(encoded);
}
