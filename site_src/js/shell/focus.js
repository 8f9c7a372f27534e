/**
 * Sees to it that the keyboard never falls out of the page when something is taken away.
 */

const FOCUSABLE =
  "button:not([disabled]), [href], input:not([disabled]), select:not([disabled]), textarea:not([disabled]), iframe, " +
  '[tabindex]:not([tabindex="-1"])';

/**
 * What can have the focus inside an element, in the order of the page.
 * @param {ParentNode} element
 * @returns {HTMLElement[]}
 */
export function focusableIn(element) {
  return /** @type {HTMLElement[]} */ ([...element.querySelectorAll(FOCUSABLE)]).filter((one) =>
    one.checkVisibility({ visibilityProperty: true }),
  );
}

/**
 * Gives the focus to an element, or where nothing is meant to have it, to the element that holds it.
 * @param {HTMLElement} element
 */
export function focusOn(element) {
  const [first] = element.matches(FOCUSABLE) ? [element] : focusableIn(element);
  if (first) {
    first.focus();
    return;
  }
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus();
}

/**
 * Changes the page. Where that takes away or hides what has the focus, its neighbour gets it, or the button that has
 * hidden it.
 * @param {() => void} change
 */
export function keepFocus(change) {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) {
    change();
    return;
  }
  const around = ancestorsOf(focused);
  change();
  if (document.activeElement !== focused && document.activeElement !== document.body) return;
  const hidden = focused.closest("[hidden]");
  if (focused.isConnected && !hidden) return;
  const opener = hidden?.id ? document.querySelector(`[aria-controls~="${CSS.escape(hidden.id)}"]`) : null;
  if (opener instanceof HTMLElement && opener.checkVisibility()) {
    opener.focus();
    return;
  }
  for (const element of around) {
    const [first] = element.isConnected ? focusableIn(element) : [];
    if (first) {
      first.focus();
      return;
    }
  }
}

/**
 * @param {Element} element
 * @returns {Element[]} the nearest first
 */
function ancestorsOf(element) {
  const around = [];
  for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) around.push(at);
  return around;
}
