/**
 * Which names a workspace may have, and under which key its things are kept.
 *
 * Pure. The key is also the folder below `workspace/` in which its plugins write, so it is plain enough for every disk;
 * it is made once and stays when the workspace is renamed, and nothing that was saved has to move.
 */

/**
 * @typedef {object} Workspace
 * @property {string} name what people see, and what `w=` in a link says
 * @property {string} key
 */

/** The one that is always there. @type {Workspace} */
export const DEFAULT_WORKSPACE = Object.freeze({ name: "default", key: "default" });

const LONGEST_NAME = 64;
const LONGEST_KEY = 48;
// Signs that mean something in paths, and the percent sign, which links could not carry as it is.
const NOT_IN_NAMES = /[/\\<>:"|?*%\p{Cc}\p{Cs}]/u;
const KEY = /^[A-Za-z0-9_](?:[A-Za-z0-9_ .-]{0,62}[A-Za-z0-9_-])?$/u;
/** Names that Windows keeps for itself, with any ending. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/iu;

/**
 * Why a workspace cannot have this name, in a sentence; null where it can.
 * @param {string} name
 * @param {readonly Workspace[]} others
 * @returns {string | null}
 */
export function nameProblem(name, others) {
  if (name.trim() === "") return "A workspace needs a name.";
  if (name !== name.trim()) return "The name must not begin or end with a space.";
  if ([...name].length > LONGEST_NAME) return `The name is too long: ${LONGEST_NAME} characters are the most.`;
  const [sign] = NOT_IN_NAMES.exec(name) ?? [];
  if (sign !== undefined) {
    return /\p{C}/u.test(sign)
      ? "The name has a sign in it that cannot be seen."
      : `The name must not have a “${sign}” in it.`;
  }
  const same = findByName(others, name);
  return same ? `There is a workspace “${same.name}” already.` : null;
}

/**
 * @param {readonly Workspace[]} workspaces
 * @param {string} name capital and small letters count as the same, as on many disks
 * @returns {Workspace | null}
 */
export function findByName(workspaces, name) {
  const wanted = name.toLowerCase();
  return workspaces.find((one) => one.name.toLowerCase() === wanted) ?? null;
}

/**
 * A key for a new workspace: its name as far as every disk can hold it, and a number where that is taken.
 * @param {string} name
 * @param {readonly string[]} taken
 * @returns {string}
 */
export function makeKey(name, taken) {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_.-]+/gu, "-")
    .slice(0, LONGEST_KEY)
    .replace(/^[-.]+|[-.]+$/gu, "");
  const base = plain === "" || RESERVED.test(plain) ? `workspace${plain && `-${plain}`}` : plain;
  const isTaken = (/** @type {string} */ key) => taken.some((one) => one.toLowerCase() === key.toLowerCase());
  let key = base;
  for (let number = 2; isTaken(key); number += 1) key = `${base}-${number}`;
  return key;
}

/**
 * The list as it was stored; what cannot be read of it is left out, and the default is always there, first.
 * @param {string | null} text
 * @returns {Workspace[]}
 */
export function readWorkspaces(text) {
  /** @type {unknown} */
  let stored = null;
  try {
    stored = JSON.parse(text ?? "[]");
  } catch {
    // A list that cannot be read is an empty one; what the workspaces hold is not lost with it.
  }
  /** @type {Workspace[]} */
  const found = [DEFAULT_WORKSPACE];
  for (const one of Array.isArray(stored) ? stored : []) {
    const { name, key } = Object(one);
    if (typeof name !== "string" || typeof key !== "string" || !KEY.test(key)) continue;
    if (nameProblem(name, found) === null && !found.some((other) => other.key === key)) found.push({ name, key });
  }
  return found;
}

/**
 * @param {readonly Workspace[]} workspaces
 * @returns {string}
 */
export function writeWorkspaces(workspaces) {
  return JSON.stringify(workspaces.filter(({ key }) => key !== DEFAULT_WORKSPACE.key));
}
