/**
 * What the engine is doing, in its panel: plugins that start, workers that run and how to stop them, other engines.
 *
 * Loaded when the panel is opened for the first time; the engine is asked only while it is open.
 */

import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { icon } from "../core/icons.js";
import { durationWords, sizeWords } from "../core/quantities.js";
import { EngineWatch } from "../engine/watch.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {StartingNote, WorkerNote} from "../engine/watch.js" */
/** @import {App} from "./app.js" */
/** @import {EngineActions} from "./engine_actions.js" */

const STATES = Object.freeze({ starting: "Starting", running: "Running", ending: "Stopping" });

/** The part of the panel that changes by itself. */
export class EnginePanel {
  #app;
  #actions;
  /** @type {EngineWatch | null} */
  #watch = null;
  /** @type {readonly string[]} */
  #known = [];

  /**
   * @param {App} app
   * @param {EngineActions} actions
   */
  constructor(app, actions) {
    this.#app = app;
    this.#actions = actions;
  }

  open() {
    const { client } = this.#app;
    if (client !== null) {
      this.#watch ??= new EngineWatch(client, () => this.#app.draw());
      this.#watch.start();
    }
    void this.refresh();
  }

  close() {
    this.#watch?.stop();
  }

  /** Asks anew which other engines are known. */
  async refresh() {
    this.#known = await this.#actions.known();
    this.#app.draw();
  }

  /** @returns {TemplateResult} */
  view() {
    const { other, engineState } = this.#app;
    const own = other === null ? nothing : html`<button type="button" @click=${() => this.#actions.useOwn()}>Use this server's own engine</button>`;
    return html`${engineState.name === "connected" ? this.#workView() : nothing}
      <div class="engine-others">
        ${own}
        <button type="button" @click=${() => this.#connect()}>Connect to an engine…</button>
      </div>
      ${this.#knownView()}`;
  }

  #connect() {
    document.getElementById("engine-panel")?.hidePopover();
    void this.#actions.connect();
  }

  #workView() {
    const report = this.#watch?.report ?? null;
    if (report === null) return html`<p class="soft"><span class="spinner"></span> Asking what it is doing…</p>`;
    const { workers, starting, engine } = report;
    return html`<section class="engine-work" aria-label="What the engine is doing">
      ${
        workers.length + starting.length === 0
          ? html`<p class="soft">No Python plugin runs.</p>`
          : html`<ul class="workers">
            ${starting.map((one) => startingView(one))}
            ${repeat(
              workers,
              ({ peer }) => peer,
              (worker) => this.#workerView(worker),
            )}
          </ul>`
      }
      <p class="soft engine-process">Engine process ${engine.pid}${engine.memory === null ? "" : `, ${sizeWords(engine.memory)}`}</p>
    </section>`;
  }

  /** @param {WorkerNote} worker */
  #workerView(worker) {
    const { peer, name, tag, state, seconds, memory, pid, mine, workspace } = worker;
    const isEnding = state === "ending" || this.#watch?.isEnding(peer) === true;
    const shown = isEnding ? "ending" : state;
    const facts = [
      `${STATES[shown]} for ${durationWords(seconds)}`,
      ...(memory === null ? [] : [sizeWords(memory)]),
      `process ${pid}`,
      ...(mine ? [] : [`from another page, in “${workspace}”`]),
    ];
    return html`<li class="worker ${shown}" data-worker=${name} aria-label=${name}>
      <div>
        <h4>${name}${tag === null ? nothing : html` <span class="soft">${tag}</span>`}</h4>
        <p class="soft">${facts.join(" · ")}</p>
      </div>
      <button
        type="button"
        class="small"
        aria-label="Stop ${name}"
        aria-disabled=${isEnding}
        @click=${() => {
          if (!isEnding) this.#watch?.end(worker);
        }}
      >
        ${isEnding ? html`<span class="spinner"></span>` : icon("stop")} Stop
      </button>
    </li>`;
  }

  #knownView() {
    const others = this.#known.filter((origin) => origin !== this.#app.other);
    if (others.length === 0 && this.#app.other === null) return nothing;
    return html`<section class="engine-known" aria-label="Other engines">
      <h3>Engines that you have confirmed</h3>
      <ul>
        ${this.#known.map(
          (origin) =>
            html`<li>
              <code>${origin}</code>
              ${
                origin === this.#app.other
                  ? html`<span class="soft">in use</span>`
                  : html`<button type="button" class="link" aria-label="Use ${origin}" @click=${() => this.#use(origin)}>Use</button>`
              }
              <button type="button" class="link" aria-label="Forget ${origin}" @click=${() => this.#actions.forget(origin)}>Forget</button>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  /** @param {string} origin */
  #use(origin) {
    document.getElementById("engine-panel")?.hidePopover();
    void this.#actions.connect({ engine: origin });
  }
}

/** @param {StartingNote} start */
function startingView({ name, tag, text, seconds }) {
  return html`<li class="worker making" data-worker=${name} aria-label=${name}>
    <div>
      <h4>${name}${tag === null ? nothing : html` <span class="soft">${tag}</span>`}</h4>
      <p class="soft"><span class="spinner"></span> Making its environment for ${durationWords(seconds)}${text ? `: ${text}` : ""}</p>
    </div>
  </li>`;
}
