/**
 * The parts of the page between which one key goes round: every element with `data-region` that can be seen, in the
 * order of the page. One that holds others is left out. Each remembers what had the focus in it.
 *
 * Held by keyboard.js; whoever takes the focus out of a plugin's frame may call `go` too.
 */

import { focusOn } from "./focus.js";

/** The parts of one document. */
export class Regions {
  #document;
  #focus;
  /** What had the focus last, by region. @type {WeakMap<Element, HTMLElement>} */
  #last = new WeakMap();

  /**
   * @param {Document} document
   * @param {(element: HTMLElement) => void} [focus]
   */
  constructor(document, focus = focusOn) {
    this.#document = document;
    this.#focus = focus;
    document.addEventListener("focusin", ({ target }) => {
      const region = /** @type {HTMLElement} */ (target).closest("[data-region]");
      if (region) this.#last.set(region, /** @type {HTMLElement} */ (target));
    });
  }

  /** @returns {HTMLElement[]} */
  get all() {
    const seen = /** @type {HTMLElement[]} */ ([...this.#document.querySelectorAll("[data-region]")]).filter((region) =>
      region.checkVisibility({ visibilityProperty: true }),
    );
    return seen.filter((region) => !seen.some((other) => other !== region && region.contains(other)));
  }

  /**
   * Goes on to the next part, or back; from nowhere to the first or last.
   * @param {1 | -1} step
   * @returns {HTMLElement | null} the part that has the focus now
   */
  go(step) {
    const { all } = this;
    const active = this.#document.activeElement;
    const at = all.findIndex((region) => region.contains(active));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length];
    if (next) this.enter(next);
    return next ?? null;
  }

  /**
   * Goes to a part by the name that it bears in `data-region`.
   * @param {string} name
   * @returns {boolean} false where it is not to be seen
   */
  goTo(name) {
    const region = this.all.find(({ dataset }) => dataset.region === name);
    if (region) this.enter(region);
    return region !== undefined;
  }

  /** @param {HTMLElement} region */
  enter(region) {
    const last = this.#last.get(region);
    const isThere = last !== undefined && region.contains(last) && last.checkVisibility({ visibilityProperty: true });
    this.#focus(isThere ? last : region);
  }
}
