/**
 * What kind of object something is, and safe ways to read and write members by name. Pure.
 *
 * Ids under which the other side keeps an object are remembered as a hidden `_rintf` member, so that spreading or
 * serialising such an object does not carry the id along.
 */

/** @type {WeakSet<object>} */
const fromRemote = new WeakSet();
/** @type {WeakMap<Function, boolean>} */
const nativeConstructors = new WeakMap();

/** @param {unknown} value the "Map" of "[object Map]", also for objects of another realm */
export function tagOf(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/**
 * Plain: made by braces, in any realm, or without a prototype.
 * @param {object} object
 */
export function isPlainObject(object) {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * The name of the browser's own class that an object is a direct instance of.
 * @param {object} object
 * @returns {string} empty for instances of classes that somebody wrote
 */
export function nativeClassOf(object) {
  const prototype = Object.getPrototypeOf(object);
  return isNative(prototype) ? prototype.constructor.name : "";
}

/** @param {object} prototype */
function isNative(prototype) {
  // A prototype written with braces inherits its constructor: that says nothing about itself.
  if (!Object.hasOwn(prototype, "constructor")) return false;
  const { constructor } = prototype;
  let native = nativeConstructors.get(constructor);
  if (native === undefined) {
    native = /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(constructor));
    nativeConstructors.set(constructor, native);
  }
  return native;
}

/**
 * Methods of a class instance: functions on its prototypes up to the browser's own classes, private names left out.
 * @param {object} object
 * @returns {string[]}
 */
export function methodNames(object) {
  /** @type {Set<string>} */
  const names = new Set();
  for (let at = Object.getPrototypeOf(object); at && !isNative(at); at = Object.getPrototypeOf(at)) {
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (name !== "constructor" && !name.startsWith("_") && typeof member.value === "function") names.add(name);
    }
  }
  return [...names];
}

/**
 * Writes a member whatever its name is: `__proto__` too becomes a plain member.
 * @param {object} target @param {string} name @param {unknown} value
 */
export function putMember(target, name, value) {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * Notes that the other side keeps `object` under `objectId`.
 * @param {object} object @param {string} objectId
 */
export function markRemote(object, objectId) {
  fromRemote.add(object);
  Object.defineProperty(object, "_rintf", { value: objectId, writable: true, enumerable: false, configurable: true });
}

/** @param {object} object whether it came from another side, which keeps it */
export function hasRemoteId(object) {
  return fromRemote.has(object);
}
