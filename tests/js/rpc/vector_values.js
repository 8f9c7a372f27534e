/** The values of tests/vectors/rpc_codec.json as real ones, and real ones in a form that can be compared. */

import { dtypeOf, isClamped } from "../../../site_src/js/rpc/dtypes.js";

const ARRAYS = /** @type {Record<string, any>} */ ({
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
});

/** @param {string} base64 */
function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer;
}

/** @param {string} dtype @param {any[]} numbers */
function array(dtype, numbers) {
  return ARRAYS[dtype].from(numbers, dtype.endsWith("int64") ? BigInt : Number);
}

/** @param {string} name */
function named(name) {
  return Object.defineProperty(() => undefined, "name", { value: name });
}

/** @type {Record<string, (content: any) => unknown>} */
const KINDS = {
  $bytes: bytes,
  $typed: ([dtype, numbers]) => array(dtype, numbers),
  $view: ([dtype, numbers, first, count]) => array(dtype, numbers).subarray(first, first + count),
  $dataview: (base64) => new DataView(bytes(base64)),
  $clamped: (numbers) => Uint8ClampedArray.from(numbers),
  $set: (items) => new Set(revive(items)),
  $map: (pairs) => new Map(revive(pairs)),
  $error: ([name, message]) => Object.assign(new Error(message), { name }),
  $blob: ([type, text]) => new Blob([text], { type }),
  $file: ([name, type, text]) => new File([text], name, { type }),
  $date: (milliseconds) => new Date(milliseconds),
  $function: named,
  $members: (pairs) => {
    const object = {};
    for (const [name, value] of pairs) {
      Object.defineProperty(object, name, {
        value: revive(value),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return object;
  },
  $bare: (members) => Object.assign(Object.create(null), revive(members)),
  $instance: ({ fields, methods }) => {
    class Plugin {}
    for (const name of methods) Object.defineProperty(Plugin.prototype, name, { value: named(name) });
    return Object.assign(new Plugin(), revive(fields));
  },
  $same: (content) => {
    const value = revive(content);
    return [value, value];
  },
  $nested: (levels) => {
    /** @type {unknown[]} */
    let list = [];
    for (let level = 1; level < levels; level += 1) list = [list];
    return list;
  },
  $undefined: () => undefined,
  $symbol: () => Symbol("x"),
  $promise: () => Promise.resolve(1),
  $shared: () => new SharedArrayBuffer(8),
  $cycle: () => {
    /** @type {Record<string, unknown>} */
    const data = { n: 1 };
    data.self = data;
    return { data };
  },
};

/** @param {any} value @returns {any} */
export function revive(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  const [first] = Object.keys(value);
  if (first && Object.hasOwn(KINDS, first)) return KINDS[first](value[first]);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revive(member)]));
}

/** @param {any} value @returns {Promise<any>} */
export async function comparable(value) {
  if (typeof value === "function") return { $function: value.name };
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return { $error: [value.name, value.message] };
  if (value instanceof ArrayBuffer) return { $bytes: [...new Uint8Array(value)] };
  if (value instanceof DataView) {
    return { $dataview: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
  }
  if (ArrayBuffer.isView(value)) {
    const numbers = Array.from(/** @type {any} */ (value), String);
    return isClamped(value) ? { $clamped: numbers } : { $typed: [dtypeOf(value), numbers] };
  }
  if (value instanceof Set) return { $set: await comparable([...value]) };
  if (value instanceof Map) return { $map: await comparable([...value]) };
  if (value instanceof File) return { $file: [value.name, value.type, await value.text()] };
  if (value instanceof Blob) return { $blob: [value.type, await value.text()] };
  if (value instanceof Date) return { $date: value.getTime() };
  if (Array.isArray(value)) return Promise.all(value.map(comparable));
  const members = await Promise.all(Object.keys(value).map(async (name) => [name, await comparable(value[name])]));
  return { $object: members.sort(([one], [other]) => (one < other ? -1 : 1)) };
}
