/**
 * The parts of the page between which one key goes round: every element with `data-region` that can be seen, in the
 * order of the page. One that holds others is left out. Each remembers what had the focus in it. In the place of the
 * region `windows` come the places of windows, as soon as there are any.
 *
 * Held by keyboard.js; whoever takes the focus out of a plugin's frame may call `go` too.
 */

import { focusOn } from "./focus.js";

/** A stop on the way round. @typedef {{holds: (element: Element) => boolean, focus: () => void}} Pane */

/** The parts of one document. */
export class Regions {
  #document;
  #focus;
  #panes;
  /** What had the focus last, by region. @type {WeakMap<Element, HTMLElement>} */
  #last = new WeakMap();

  /**
   * @param {Document} document
   * @param {(element: HTMLElement) => void} [focus]
   * @param {() => readonly Pane[]} [panes] the places of windows
   */
  constructor(document, focus = focusOn, panes = () => []) {
    this.#document = document;
    this.#focus = focus;
    this.#panes = panes;
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
   */
  go(step) {
    const stops = this.#stops();
    const active = this.#document.activeElement;
    const at = stops.findIndex(({ holds }) => active !== null && holds(active));
    stops[at < 0 ? (step > 0 ? 0 : stops.length - 1) : (at + step + stops.length) % stops.length]?.focus();
  }

  /** @returns {Pane[]} */
  #stops() {
    return this.all.flatMap((region) => {
      const panes = region.dataset.region === "windows" ? this.#panes() : [];
      return panes.length > 0
        ? [...panes]
        : [{ holds: (/** @type {Element} */ element) => region.contains(element), focus: () => this.enter(region) }];
    });
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
