/**
 * When something in the dock is dragged: meanwhile the dock lies over all frames, which would swallow the pointer, and
 * nothing is arranged anew under the person's hand.
 *
 * Called by windows/dock.js, which knows what dockview calls its parts.
 */

import { Emitter } from "../core/events.js";

/** What is dragged: a tab as the browser drags things, or a divider by the pointer alone. @typedef {"tab" | "divider"} Dragged */

/**
 * Emits `moving` for every move of a divider, and `ended` for either.
 * @extends {Emitter<{moving: undefined, ended: Dragged}>}
 */
export class Dragging extends Emitter {
  #host;
  /** @type {Dragged | null} */
  #dragged = null;

  /**
   * @param {HTMLElement} host that gets the class by which the style sheet brings the dock to the front
   * @param {HTMLElement} dock
   */
  constructor(host, dock) {
    super();
    this.#host = host;
    dock.addEventListener("dragstart", () => this.#begin("tab"));
    dock.addEventListener("pointerdown", ({ target, button }) => {
      if (button === 0 && target instanceof Element && target.classList.contains("dv-sash")) this.#begin("divider");
    });
    for (const name of ["drop", "dragend"]) addEventListener(name, () => this.#end("tab"), true);
    for (const name of ["pointerup", "pointercancel", "contextmenu"]) {
      addEventListener(name, () => this.#end("divider"), true);
    }
    addEventListener("pointermove", ({ buttons }) => {
      if (this.#dragged === "divider") this.emit("moving");
      // A tab that was taken off the page by its own drop tells nobody of its end; the next move of the pointer does.
      if (buttons === 0) this.#end("tab");
    });
  }

  get isBusy() {
    return this.#dragged !== null;
  }

  /** @param {Dragged} what */
  #begin(what) {
    this.#dragged = what;
    this.#host.classList.add("dragging");
  }

  /**
   * Dockview finishes what was dragged in the same turn.
   * @param {Dragged} what
   */
  #end(what) {
    if (this.#dragged !== what) return;
    setTimeout(() => {
      if (this.#dragged !== what) return;
      this.#dragged = null;
      this.#host.classList.remove("dragging");
      this.emit("ended", what);
    });
  }
}
