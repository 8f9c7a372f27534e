/**
 * The way out of a frame for the keyboard: F6 is passed on to the app, with or without Ctrl and Shift. Every other key is
 * the plugin's own; this one it cannot keep, or somebody without a mouse could never leave it.
 */

/**
 * @param {MessagePort} port
 * @param {Window} [frame]
 */
export function passOnKeys(port, frame = window) {
  // On its way down, and ahead of the plugin's code, which is not there yet.
  frame.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "F6" || event.altKey || event.metaKey || !event.isTrusted) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      port.postMessage({ ctrl: event.ctrlKey, shift: event.shiftKey });
    },
    true,
  );
}
