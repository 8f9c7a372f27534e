/**
 * What a plugin says about itself: its documentation, version and type.
 */

import { html } from "lit-html";
import { typeWords } from "../plugins/words.js";
import { pluginIcon } from "../core/icons.js";
import { spansView } from "../core/spans.js";
import { Dialog } from "./dialog.js";
import { parseDocs } from "./docs_text.js";

/** @import {TemplateResult} from "lit-html" */
/** @import {Plugin} from "../plugins/plugin.js" */
/** @import {DocsBlock} from "./docs_text.js" */

/** @param {Plugin} plugin */
export function showDocs(plugin) {
  const { name, version, description, docs, icon } = plugin.config;
  const dialog = new Dialog({ title: name, kind: "medium" });
  const blocks = withoutTitle(parseDocs(docs), name);
  dialog.draw(
    html`<div class="dialog-body docs" tabindex="0" role="region" aria-label="Documentation of ${name}">
      <div class="docs-head">
        ${pluginIcon({ name, icon })}
        <div>
          <p>${description}</p>
          <p class="soft">Version ${version} · ${typeWords(plugin.type)}${plugin.record.origin ? ` · from ${plugin.record.origin}` : ""}</p>
        </div>
      </div>
      ${blocks.length > 0 ? blocks.map(blockView) : html`<p class="soft">This plugin has no documentation.</p>`}
    </div>`,
  );
}

/**
 * The dialog already has the plugin's name as its title.
 * @param {DocsBlock[]} blocks
 * @param {string} name
 * @returns {DocsBlock[]}
 */
function withoutTitle(blocks, name) {
  const [first, ...rest] = blocks;
  if (first?.kind !== "heading") return blocks;
  return first.spans
    .map(({ text }) => text)
    .join("")
    .trim() === name
    ? rest
    : blocks;
}

/**
 * @param {DocsBlock} block
 * @returns {TemplateResult}
 */
function blockView(block) {
  switch (block.kind) {
    case "heading":
      return block.level <= 2 ? html`<h3>${spansView(block.spans)}</h3>` : html`<h4>${spansView(block.spans)}</h4>`;
    case "code":
      return html`<pre tabindex="0"><code>${block.text}</code></pre>`;
    case "list": {
      const items = block.items.map((spans) => html`<li>${spansView(spans)}</li>`);
      return block.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    default:
      return html`<p>${spansView(block.spans)}</p>`;
  }
}
