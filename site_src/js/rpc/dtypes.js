/**
 * Names of number types and the typed arrays behind them, in both directions. Pure.
 */

/** @import { TypedArray, TypedArrayConstructor } from "../types.js" */

/** @type {ReadonlyArray<readonly [string, TypedArrayConstructor]>} */
const TABLE = [
  ["int8", Int8Array],
  ["int16", Int16Array],
  ["int32", Int32Array],
  ["uint8", Uint8Array],
  ["uint16", Uint16Array],
  ["uint32", Uint32Array],
  ["float32", Float32Array],
  ["float64", Float64Array],
  ["int64", BigInt64Array],
  ["uint64", BigUint64Array],
];

const BY_DTYPE = new Map([...TABLE, /** @type {const} */ (["bool", Uint8Array])]);
const BY_TAG = new Map(TABLE.map(([dtype, constructor]) => [`[object ${constructor.name}]`, dtype]));

/**
 * @param {string} dtype
 * @returns {TypedArrayConstructor | undefined}
 */
export function constructorOf(dtype) {
  return BY_DTYPE.get(dtype);
}

/**
 * The dtype of a typed array, of another realm too; a clamped array counts as uint8.
 * @param {ArrayBufferView} view
 * @returns {string | undefined} undefined where there is none (a DataView, a kind newer than this table)
 */
export function dtypeOf(view) {
  return isClamped(view) ? "uint8" : BY_TAG.get(Object.prototype.toString.call(view));
}

/** @param {ArrayBufferView} view */
export function isClamped(view) {
  return Object.prototype.toString.call(view) === "[object Uint8ClampedArray]";
}

/**
 * The bytes that a view shows as a buffer of their own: the view's buffer itself where it shows all of it.
 * @param {ArrayBufferView} view
 * @returns {ArrayBuffer}
 */
export function viewedBytes(view) {
  const { buffer, byteOffset, byteLength } = view;
  if (!isShared(buffer) && byteOffset === 0 && byteLength === buffer.byteLength) {
    return /** @type {ArrayBuffer} */ (buffer);
  }
  // A slice of shared memory would be shared memory again, which cannot cross to another origin.
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength)).buffer;
}

/** @param {unknown} buffer */
export function isShared(buffer) {
  return Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
}

/**
 * The typed array over bytes that came: without a copy where they are aligned.
 * @param {TypedArrayConstructor} constructor
 * @param {ArrayBuffer | Uint8Array} bytes
 * @returns {TypedArray}
 * @throws {RangeError} where the bytes do not make whole items
 */
export function arrayOver(constructor, bytes) {
  const size = constructor.BYTES_PER_ELEMENT;
  if (bytes.byteLength % size !== 0) {
    throw new RangeError(`${bytes.byteLength} bytes do not make whole items of ${size} bytes`);
  }
  if (!ArrayBuffer.isView(bytes)) return new constructor(bytes);
  if (bytes.byteOffset % size !== 0) return new constructor(bytes.slice().buffer);
  return new constructor(/** @type {ArrayBuffer} */ (bytes.buffer), bytes.byteOffset, bytes.byteLength / size);
}
