/**
 * Asks whether a plugin from a link is to be installed: its name, where it comes from, what it is and what it will run.
 *
 * Where this folder does not hold it, the person can have the server bring it first, or is given the command that does.
 * Nothing is installed without the button “Install”.
 */

import { html, nothing } from "lit-html";
import { wordsOf } from "../core/errors.js";
import { icon } from "../core/icons.js";
import { installLabel } from "../plugins/catalogue.js";
import { bringingView, commandView, contentView, failureView, sourceView } from "./install_views.js";
import { Dialog } from "./dialog.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {FoundPlugin} from "../plugins/addressed.js" */
/** @import {AddressedPlugin} from "../plugins/addressed_plugin.js" */
/** @import {PluginManager} from "../plugins/manager.js" */
/** @import {RunWords} from "../plugins/what_runs.js" */

/**
 * @typedef {object} InstallParts
 * @property {AddressedPlugin} plugin
 * @property {string | null} tag the one that the link asks for
 * @property {string} workspace the name of the one that it would be installed in
 * @property {PluginManager} manager
 * @property {(found: FoundPlugin, tag: string | null) => RunWords} describe throws with words for people
 * @property {string} command what brings the plugin, typed in a terminal
 * @property {(text: string, kind: "success" | "error") => void} tell how it has ended, where the dialog does not show it
 */

/**
 * Asks, until the plugin is installed or the dialog is closed.
 * @param {InstallParts} parts
 */
export async function showInstall(parts) {
  await new InstallDialog(parts).open();
}

/** The dialog, from opening to closing. */
class InstallDialog {
  #parts;
  #plugin;
  #dialog = new Dialog({ title: "Install a plugin?", kind: "medium" });
  #tag;
  #failure = "";
  #isInstalling = false;
  #isInstalled = false;
  #isCopied = false;
  #isClosed = false;

  /** @param {InstallParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#plugin = parts.plugin;
    this.#tag = parts.tag;
  }

  async open() {
    const stop = this.#plugin.on("changed", () => this.#draw());
    void this.#plugin.look();
    this.#draw();
    await this.#dialog.closed;
    this.#isClosed = true;
    stop();
  }

  /** @param {FoundPlugin} found */
  async #install({ entry, all }) {
    if (this.#isInstalling) return;
    this.#isInstalling = true;
    this.#failure = "";
    this.#draw();
    try {
      const plugin = await this.#parts.manager.install(entry, all, this.#tag);
      this.#isInstalled = true;
      if (plugin.state === "failed") this.#failure = `It was installed, but it could not be started. ${plugin.problem}`;
      else {
        this.#dialog.close("installed");
        this.#parts.tell(`${entry.name} is installed`, "success");
      }
    } catch (error) {
      this.#failure = wordsOf(error);
      if (this.#isClosed) this.#parts.tell(`${entry.name} was not installed: ${this.#failure}`, "error");
    } finally {
      this.#isInstalling = false;
      this.#draw();
    }
  }

  #draw() {
    if (this.#isClosed) return;
    const { stage, found } = this.#plugin;
    const [body, main, close] = this.#partsOf(stage, found);
    this.#dialog.draw(html`<div class="dialog-body install">${sourceView(this.#plugin.url)} ${body}</div>
      <div class="dialog-actions">
        <button type="button" autofocus @click=${() => this.#dialog.close()}>${close}</button>
        ${main}
      </div>`);
  }

  /**
   * What stands in the dialog, its main button, and what the other one is called.
   * @param {AddressedPlugin["stage"]} stage
   * @param {FoundPlugin | null} found
   * @returns {[TemplateResult, TemplateResult | typeof nothing, string]}
   */
  #partsOf(stage, found) {
    if (stage === "found" && found) return this.#foundParts(found);
    if (stage === "absent") return this.#plugin.mayBring ? this.#offerParts() : this.#commandParts();
    if (stage === "bringing") {
      const cancel = html`<button type="button" class="danger" aria-disabled=${this.#plugin.isCancelling} @click=${() => this.#plugin.cancel()}>
        Cancel the download
      </button>`;
      return [bringingView(this.#plugin), cancel, "Hide"];
    }
    if (stage === "failed") {
      const again = html`<button type="button" class="primary" @click=${() => this.#plugin.look()}>Try again</button>`;
      return [failureView(this.#plugin.problem), again, "Close"];
    }
    const looking = html`<p class="soft" role="status"><span class="spinner"></span> Looking into this folder…</p>`;
    return [looking, nothing, "Cancel"];
  }

  /**
   * @param {FoundPlugin} found
   * @returns {[TemplateResult, TemplateResult | typeof nothing, string]}
   */
  #foundParts(found) {
    const { entry } = found;
    // A tag that the plugin does not have is no choice.
    if (this.#tag !== null && !entry.tags.includes(this.#tag)) this.#tag = null;
    let words;
    try {
      if (entry.problem) throw new Error(entry.problem);
      words = this.#parts.describe(found, this.#tag);
    } catch (error) {
      return [failureView({ message: `${entry.name} cannot be used: ${wordsOf(error)}`, hint: "" }), nothing, "Close"];
    }
    const before = this.#parts.manager.find(entry.name)?.record ?? null;
    const label = installLabel(entry, before);
    const body = contentView({
      found,
      words,
      tag: this.#tag,
      chooseTag: (tag) => {
        this.#tag = tag;
        this.#draw();
      },
      before: before ? { version: before.version, isSame: label === null, workspace: this.#parts.workspace } : null,
      failure: this.#failure,
    });
    const button = html`<button
      type="button"
      class="primary"
      aria-label="${label ?? "Install again:"} ${entry.name}"
      aria-disabled=${this.#isInstalling}
      @click=${() => this.#install(found)}
    >
      ${this.#isInstalling ? html`<span class="spinner"></span> Installing…` : (label ?? "Install again")}
    </button>`;
    // What is being installed goes on when the dialog is closed.
    const close = this.#isInstalling ? "Hide" : this.#isInstalled ? "Close" : "Cancel";
    return [body, button, close];
  }

  /** @returns {[TemplateResult, TemplateResult, string]} */
  #offerParts() {
    const { host } = new URL(this.#plugin.url);
    const body = html`<p>This folder does not hold this plugin yet. The server of this app can download it into the folder, with the libraries that it names.</p>
      <p>This computer then asks <strong>${host}</strong> for it. What it is and what it would run is shown before anything is installed.</p>`;
    return [body, html`<button type="button" class="primary" @click=${() => this.#plugin.bring()}>${icon("download")} Download</button>`, "Cancel"];
  }

  /** @returns {[TemplateResult, TemplateResult, string]} */
  #commandParts() {
    const { whyNot } = this.#plugin;
    const body = html`<p>
        This folder does not hold this plugin, and the server of this app does not download
        it${whyNot ? `: ${whyNot}` : ", since it was started without --serve."}
      </p>
      <p>On a computer that is connected, run this in the folder that is served, or in its copy there:</p>
      ${commandView(this.#parts.command, this.#isCopied, () => this.#copy())}`;
    return [body, html`<button type="button" class="primary" @click=${() => this.#plugin.look()}>${icon("reload")} Look again</button>`, "Close"];
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#parts.command);
      this.#isCopied = true;
    } catch {
      // It can be selected and copied by hand.
      this.#isCopied = false;
    }
    this.#draw();
  }
}
