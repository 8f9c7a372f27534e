/**
 * Runs of text as they are seen, in documentation and forms.
 */

import { html, nothing } from "lit-html";

/** @typedef {{kind: "plain" | "strong" | "emphasis" | "code" | "link", text: string, address?: string}} Span */

/**
 * Links are shown with their address and lead nowhere: there is no network to lead to.
 * @param {readonly Span[]} spans
 */
export function spansView(spans) {
  return spans.map(({ kind, text, address }) => {
    if (kind === "strong") return html`<strong>${text}</strong>`;
    if (kind === "emphasis") return html`<em>${text}</em>`;
    if (kind === "code") return html`<code>${text}</code>`;
    if (kind === "link")
      return html`${text}${address && address !== text ? html` <span class="soft">(${address})</span>` : nothing}`;
    return text;
  });
}
