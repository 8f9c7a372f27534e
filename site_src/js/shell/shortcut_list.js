/**
 * The dialog with all keyboard shortcuts, as the registry of commands has them.
 */

import { html } from "lit-html";
import { Dialog } from "../dialogs/dialog.js";
import { isApple, keysOf } from "./shortcuts.js";

/** @import {CommandRegistry, KeyNote} from "./commands.js" */

/** The group that comes first. */
const EVERYWHERE = "Everywhere";

/** The open dialog. @type {Dialog | null} */
let opened = null;

/** @param {CommandRegistry} registry */
export async function showShortcuts(registry) {
  if (opened?.isOpen) return;
  const groups = [...registry.shortcuts()].sort(([a], [b]) => Number(b === EVERYWHERE) - Number(a === EVERYWHERE));
  const dialog = new Dialog({ title: "Keyboard shortcuts", kind: "medium" });
  opened = dialog;
  dialog.draw(
    html`<div class="dialog-body shortcut-groups" tabindex="0" role="region" aria-label="All shortcuts">
      ${groups.map(
        ([group, notes]) => html`<section>
          <h3>${group}</h3>
          <dl>${notes.map(noteView)}</dl>
        </section>`,
      )}
    </div>`,
  );
  await dialog.closed;
}

/** @param {KeyNote} note */
function noteView({ title, shortcuts }) {
  const apple = isApple(navigator.platform);
  return html`<div class="shortcut">
    <dt>${title}</dt>
    <dd>
      ${shortcuts.map(
        (shortcut, i) =>
          html`${i > 0 ? html`<span class="soft">or</span>` : ""}<span class="keys">${keysOf(shortcut, apple).map(
            (key) => html`<kbd>${key}</kbd>`,
          )}</span>`,
      )}
    </dd>
  </div>`;
}
