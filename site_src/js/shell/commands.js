/**
 * The registry of everything that can be done in the app: any part of it registers its commands here, and the command
 * palette, the list of shortcuts and the keyboard go by it.
 *
 * It knows no page. Held by app.js as `app.commands`; read by palette.js, shortcut_list.js and keyboard.js.
 */

import { Emitter } from "../core/events.js";
import { isPressed } from "./shortcuts.js";

/** @import {KeyPress} from "./shortcuts.js" */

/**
 * @typedef {object} Command
 * @property {string} id stays the same from one start of the app to the next, since what was used lately is kept by it
 * @property {string} title what it does, as it is read: “Run Image Filters”
 * @property {string} group what it is about: “Plugins”, “Windows”
 * @property {() => unknown} run
 * @property {string} [icon] the name of a drawing
 * @property {string} [words] more words under which it is found
 * @property {readonly string[]} [shortcuts] see shortcuts.js
 * @property {boolean} [inDialogs] whether its shortcuts work while a dialog is open
 * @property {boolean} [unlisted] whether it is left out of the palette, since it is of no use there
 * @property {() => boolean} [when] whether it can be done now; always where this is not given
 */

/**
 * Commands that come and go with what is there.
 * @typedef {object} CommandSource
 * @property {() => readonly Command[]} list
 * @property {() => Promise<void>} [prepare] fetches what has to be fetched for the list; rejects with words for people
 */

/**
 * Keys that work somewhere in the page without being a command, for the list of shortcuts.
 * @typedef {object} KeyNote
 * @property {string} group
 * @property {string} title
 * @property {readonly string[]} shortcuts
 */

/**
 * Emits `failed` where a command that was run through it has failed, and `changed` when another list may be had.
 * @extends {Emitter<{failed: {command: Command, error: unknown}, changed: undefined}>}
 */
export class CommandRegistry extends Emitter {
  /** By id. @type {Map<string, Command>} */
  #commands = new Map();
  /** What was registered together, in the order of registration. @type {Set<CommandSource>} */
  #sources = new Set();
  /** @type {KeyNote[]} */
  #notes = [];

  /**
   * @param {...Command} commands
   * @returns {() => void} takes them away again
   */
  register(...commands) {
    for (const command of commands) {
      if (this.#commands.has(command.id)) throw new Error(`there is a command “${command.id}” already`);
      this.#commands.set(command.id, command);
    }
    const remove = this.provide({ list: () => commands });
    return () => {
      remove();
      for (const { id } of commands) this.#commands.delete(id);
    };
  }

  /**
   * @param {CommandSource} source
   * @returns {() => void} takes it away again
   */
  provide(source) {
    this.#sources.add(source);
    return () => void this.#sources.delete(source);
  }

  /** @param {...KeyNote} notes */
  explain(...notes) {
    this.#notes.push(...notes);
  }

  /**
   * What can be done now, in the order of registration.
   * @returns {Command[]}
   */
  list() {
    const all = [...this.#sources].flatMap((source) => source.list());
    return all.filter(({ when }) => when?.() ?? true);
  }

  /**
   * Fetches what the sources have to fetch.
   * @returns {Promise<unknown[]>} what went wrong
   */
  async prepare() {
    const done = await Promise.allSettled([...this.#sources].map((source) => source.prepare?.()));
    return done.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  }

  /** @param {string} id */
  find(id) {
    return this.list().find((command) => command.id === id) ?? null;
  }

  /**
   * The command whose shortcut this is, if it can be done now.
   * @param {KeyPress} press
   * @param {{apple: boolean, inDialog: boolean}} where
   * @returns {Command | null}
   */
  pressed(press, { apple, inDialog }) {
    const isMeant = (/** @type {Command} */ { shortcuts, inDialogs = false }) =>
      (inDialogs || !inDialog) && shortcuts?.some((shortcut) => isPressed(shortcut, press, apple));
    // Not the whole list, which is long: most presses are no shortcut.
    for (const command of this.#commands.values()) {
      if (isMeant(command)) return (command.when?.() ?? true) ? command : null;
    }
    return null;
  }

  /**
   * All shortcuts, also of what cannot be done now, by group.
   * @returns {Map<string, KeyNote[]>}
   */
  shortcuts() {
    /** @type {Map<string, KeyNote[]>} */
    const groups = new Map();
    for (const { group, title, shortcuts = [] } of [...this.#commands.values(), ...this.#notes]) {
      if (shortcuts.length > 0) groups.set(group, [...(groups.get(group) ?? []), { group, title, shortcuts }]);
    }
    return groups;
  }

  /**
   * Never rejects; what fails is told as `failed`.
   * @param {Command} command
   */
  async run(command) {
    try {
      await command.run();
    } catch (error) {
      this.emit("failed", { command, error });
    }
  }
}
