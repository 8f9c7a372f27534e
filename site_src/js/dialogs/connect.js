/**
 * Which engine the page is to use: an address and a token, then a question that shows the full address.
 *
 * Whether an address can be reached at all is said while it is typed. Where a link asks for another engine, the question
 * comes at once; without the person's answer nothing is connected, and no token goes anywhere.
 */

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { wordsOf } from "../core/errors.js";
import { icon } from "../core/icons.js";
import { judge } from "../engine/reachability.js";
import { Dialog } from "./dialog.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Browser, Verdict} from "../engine/reachability.js" */

/**
 * @typedef {object} ConnectParts
 * @property {string} page the page's own origin
 * @property {Browser} browser
 * @property {string} engine what is known of the address already
 * @property {string | null} token what is known of the token already
 * @property {boolean} fromLink
 * @property {(origin: string) => string | null} tokenOf the token that this browser remembers of an engine
 * @property {(text: string) => string | null} tokenIn the token in a link that was pasted as an address
 * @property {(choice: {origin: string, token: string, isOwn: boolean}) => Promise<void>} connect rejects with words
 */

/**
 * Asks until the page is connected (and then loaded anew) or the dialog is closed.
 * @param {ConnectParts} parts
 */
export async function showConnect(parts) {
  await new ConnectDialog(parts).open();
}

/** Signs of the verdicts. */
const SIGNS = Object.freeze({ own: "check", yes: "check", asks: "info", maybe: "info", no: "warning" });

/** The dialog, from opening to closing. */
class ConnectDialog {
  #parts;
  #dialog;
  #address;
  #token;
  /** @type {"address" | "question"} */
  #stage = "address";
  #isBusy = false;
  #isClosed = false;
  #problem = "";

  /** @param {ConnectParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#address = parts.engine;
    this.#token = parts.token ?? "";
    this.#dialog = new Dialog({ title: parts.fromLink ? "Connect to another engine?" : "Connect to an engine", kind: "small" });
  }

  async open() {
    this.#recall();
    if (this.#parts.fromLink && this.#verdict.reach !== "no" && this.#token !== "") this.#stage = "question";
    this.#draw();
    await this.#dialog.closed;
    this.#isClosed = true;
  }

  /** @returns {Verdict} */
  get #verdict() {
    return judge({ page: this.#parts.page, engine: this.#address, browser: this.#parts.browser });
  }

  /** The token that goes with the address, where it is known and none was given. */
  #recall() {
    const { origin } = this.#verdict;
    if (this.#token === "" && origin !== null) this.#token = this.#parts.tokenOf(origin) ?? "";
  }

  #draw() {
    if (this.#isClosed) return;
    this.#dialog.draw(this.#stage === "question" ? this.#questionView() : this.#addressView());
  }

  /** The token is no field of the type password: browsers offer to keep those, and ask the outside about them. */
  #addressView() {
    const { reach, sentence } = this.#verdict;
    const isReady = reach !== "no" && this.#token.trim() !== "";
    return html`<form
      class="connect"
      novalidate
      @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        if (isReady) this.#goOn();
      }}
    >
      <div class="dialog-body">
        <p>${
          this.#parts.fromLink
            ? "A link asks to use the engine at this address."
            : "Python plugins run in an engine. It has printed a link with its address and its token; paste that, or type both."
        }</p>
        <div class="field">
          <label for="engine-address">Address of the engine</label>
          <input
            id="engine-address"
            type="text"
            inputmode="url"
            autocomplete="off"
            spellcheck="false"
            autofocus
            aria-describedby="engine-verdict"
            aria-invalid=${reach === "no" && this.#address !== "" ? "true" : "false"}
            .value=${live(this.#address)}
            @input=${(/** @type {Event} */ event) => this.#typeAddress(/** @type {HTMLInputElement} */ (event.target).value)}
          />
        </div>
        <p id="engine-verdict" class="verdict ${reach}" role="status">${
          this.#address === "" ? nothing : html`${icon(SIGNS[reach])} <span>${verdictWords(reach, sentence)}</span>`
        }</p>
        <div class="field">
          <label for="engine-token">Token</label>
          <input
            id="engine-token"
            class="secret"
            type="text"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            .value=${live(this.#token)}
            @input=${(/** @type {Event} */ event) => {
              this.#token = /** @type {HTMLInputElement} */ (event.target).value;
              this.#draw();
            }}
          />
        </div>
        ${this.#problemView()}
      </div>
      <div class="dialog-actions">
        <button type="button" @click=${() => this.#dialog.close()}>Cancel</button>
        <button type="submit" class="primary" aria-disabled=${!isReady || this.#isBusy}>${reach === "own" ? "Connect" : "Go on"}</button>
      </div>
    </form>`;
  }

  /** @param {string} text */
  #typeAddress(text) {
    const pasted = this.#parts.tokenIn(text);
    this.#address = pasted === null ? text : (this.#originIn(text) ?? text);
    if (pasted !== null) this.#token = pasted;
    else this.#recall();
    this.#problem = "";
    this.#draw();
  }

  /** @param {string} link */
  #originIn(link) {
    return judge({ page: this.#parts.page, engine: link, browser: this.#parts.browser }).origin;
  }

  #goOn() {
    if (this.#verdict.reach === "own") void this.#connect();
    else {
      this.#stage = "question";
      this.#draw();
    }
  }

  /** @returns {TemplateResult} */
  #questionView() {
    const { origin, sentence } = this.#verdict;
    return html`<div class="dialog-body connect">
        <p>${this.#parts.fromLink ? "A link asks to connect this page to the engine at" : "Connect this page to the engine at"}</p>
        <p class="full-address"><code>${origin}</code></p>
        <ul class="points">
          <li>Python plugins then run there, with all that you give them, and may do there what that engine's owner may.</li>
          <li>The token ${this.#parts.fromLink ? "in the link" : "that you gave"} is sent to this address, and to no other.</li>
          <li>That engine lets this page in only where it was started with <code>--allow-origin ${this.#parts.page}</code></li>
          <li>The page is loaded anew: windows that are open close.</li>
        </ul>
        ${sentence ? html`<p class="verdict asks">${icon("info")} <span>${sentence}</span></p>` : nothing}
        ${
          this.#parts.fromLink
            ? html`<p class="verdict warn">${icon("warning")} <span>Go on only if you know whose engine this is and trust who gave you the link.</span></p>`
            : nothing
        }
        ${this.#problemView()}
      </div>
      <div class="dialog-actions">
        <button type="button" autofocus @click=${() => this.#dialog.close()}>Cancel</button>
        <button type="button" class="danger" aria-disabled=${this.#isBusy} @click=${() => this.#connect()}>
          ${this.#isBusy ? html`<span class="spinner"></span> Connecting…` : html`Connect to ${origin?.replace(/^https?:\/\//u, "")}`}
        </button>
      </div>`;
  }

  #problemView() {
    return this.#problem ? html`<p class="card-failure" role="alert">${icon("warning")} <span>${this.#problem}</span></p>` : nothing;
  }

  async #connect() {
    const { origin, reach } = this.#verdict;
    if (this.#isBusy || origin === null || reach === "no") return;
    this.#isBusy = true;
    this.#problem = "";
    this.#draw();
    try {
      await this.#parts.connect({ origin, token: this.#token.trim(), isOwn: reach === "own" });
      this.#dialog.close("connected");
    } catch (error) {
      const { hint } = /** @type {{hint?: unknown}} */ (Object(error));
      this.#problem = `${wordsOf(error)} ${typeof hint === "string" ? hint : ""}`.trim();
    } finally {
      this.#isBusy = false;
      this.#draw();
    }
  }
}

/**
 * @param {Verdict["reach"]} reach
 * @param {string} sentence
 */
function verdictWords(reach, sentence) {
  if (reach === "own") return `This is the engine of this page's own server. ${sentence}`.trim();
  return sentence || "This page can reach an engine there.";
}
