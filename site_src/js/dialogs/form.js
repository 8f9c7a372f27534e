/**
 * A form in a dialog: OK gives its values, once there is nothing wrong in them.
 */

import { html } from "lit-html";
import { configOf, entriesOf, fieldsOf, findFaults, withEntry } from "../forms/entries.js";
import { focusFault, formView } from "../forms/form.js";
import { Dialog } from "./dialog.js";

/** @import {Entries} from "../forms/entries.js" */
/** @import {FormPart} from "../plugins/ui.js" */

/** With more fields than this the dialog is a wide one. */
const FEW_FIELDS = 8;

let count = 0;

/**
 * Shows a form until it is filled in or given up.
 * @param {{title: string, form: readonly FormPart[], asker?: string, signal?: AbortSignal}} parts
 * @returns {Promise<Record<string, unknown> | null>} the values by their keys; null where it was cancelled
 */
export async function askForm({ title, form, asker, signal }) {
  count += 1;
  const id = `dialog-form-${count}`;
  const dialog = new Dialog({ title, kind: fieldsOf(form).length > FEW_FIELDS ? "medium" : "small", asker, signal });
  /** @type {Entries} */
  let entered = {};
  let attempted = false;
  const submit = () => {
    attempted = true;
    if (findFaults(form, entriesOf(form, entered)).length === 0) {
      dialog.close("ok");
      return;
    }
    draw();
    const body = dialog.find(".dialog-body");
    if (body) focusFault(body);
  };
  const draw = () =>
    dialog.draw(
      html`<form
        class="dialog-form"
        novalidate
        @submit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div class="dialog-body">
          ${formView({
            ...{ id, form, entered, attempted, level: 3, press: null },
            change: (path, entry) => {
              entered = withEntry(entered, path, entry);
              draw();
            },
          })}
        </div>
        <div class="dialog-actions">
          <button type="button" @click=${() => dialog.close()}>Cancel</button>
          <button type="submit" class="primary">OK</button>
        </div>
      </form>`,
    );
  draw();
  const first = dialog.find(".form :is(input, select, textarea):not([readonly], [disabled])") ?? dialog.find(".primary");
  /** @type {HTMLElement | null} */ (first)?.focus();
  return (await dialog.closed) === "ok" ? configOf(form, entriesOf(form, entered)) : null;
}
