/** Going round the parts of the page, which is only played here; real focus is tried in a browser. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Regions } from "../../../site_src/js/shell/regions.js";

/** A part of a page that is only played. */
class Part {
  isSeen = true;

  /** @param {string} name @param {Part[]} [children] */
  constructor(name, children = []) {
    this.dataset = { region: name };
    this.children = children;
  }

  /** @param {unknown} other @returns {boolean} */
  contains(other) {
    return other === this || this.children.some((child) => child.contains(other));
  }

  checkVisibility() {
    return this.isSeen;
  }
}

/** @param {Part[]} parts in the order of the page, those inside others too */
function setting(parts) {
  /** @type {(event: any) => void} */
  let listen = () => undefined;
  /** @type {any} */
  const document = {
    activeElement: null,
    addEventListener: (/** @type {string} */ _name, /** @type {any} */ listener) => (listen = listener),
    querySelectorAll: () => parts,
  };
  const regions = new Regions(document, (element) => (document.activeElement = element));
  /** The focus comes to something inside a part. */
  const enter = (/** @type {Part} */ part, /** @type {Part} */ inside) => {
    document.activeElement = inside;
    listen({ target: Object.assign(inside, { closest: () => part }) });
  };
  const name = () => document.activeElement?.dataset.region;
  return { document, regions, enter, name };
}

test("one key goes round all parts, another one back, from nowhere to the first or last", () => {
  const { regions, name, document } = setting([new Part("top"), new Part("plugins"), new Part("windows")]);
  const visited = [1, 1, 1, 1].map(() => {
    regions.go(1);
    return name();
  });
  assert.deepEqual(visited, ["top", "plugins", "windows", "top"]);
  regions.go(-1);
  assert.equal(name(), "windows");
  document.activeElement = null;
  regions.go(-1);
  assert.equal(name(), "windows");
});

test("what cannot be seen is passed over", () => {
  const log = new Part("log");
  const { regions, name } = setting([new Part("windows"), log, new Part("status")]);
  log.isSeen = false;
  regions.go(1);
  regions.go(1);
  assert.equal(name(), "status");
  assert.equal(regions.goTo("log"), false);
  log.isSeen = true;
  assert.equal(regions.goTo("log"), true);
  assert.equal(name(), "log");
});

test("a part that holds others is left out", () => {
  const [left, right] = [new Part("pane"), new Part("pane")];
  const { regions } = setting([new Part("top"), new Part("windows", [left, right]), left, right]);
  assert.deepEqual(
    regions.all.map(({ dataset }) => dataset.region),
    ["top", "pane", "pane"],
  );
});

test("the focus comes back to what had it in a part, as long as that is there", () => {
  const [first, field] = [new Part("button"), new Part("field")];
  const plugins = new Part("plugins", [first, field]);
  const { regions, enter, name } = setting([plugins, new Part("windows")]);
  enter(plugins, field);
  regions.go(1);
  assert.equal(name(), "windows");
  regions.go(1);
  assert.equal(name(), "field");
  regions.go(1);
  field.isSeen = false;
  regions.go(1);
  assert.equal(name(), "plugins");
  field.isSeen = true;
  plugins.children = [first];
  regions.go(1);
  regions.go(1);
  assert.equal(name(), "plugins");
});

test("without any part nothing happens", () => {
  const { regions, document } = setting([]);
  regions.go(1);
  assert.equal(document.activeElement, null);
});

test("the places of windows stand for the region of the windows, where there are any", () => {
  const [top, windows] = [new Part("top"), new Part("windows")];
  const left = new Part("left");
  const { document, name } = setting([top, windows]);
  /** @type {Part[]} */
  const panes = [];
  const regions = new Regions(
    /** @type {any} */ (document),
    (element) => (document.activeElement = element),
    () => panes.map((pane) => ({ holds: (element) => pane.contains(element), focus: () => (document.activeElement = pane) })),
  );
  regions.go(1);
  regions.go(1);
  assert.equal(name(), "windows");
  panes.push(left);
  document.activeElement = top;
  regions.go(1);
  assert.equal(name(), "left");
  regions.go(1);
  assert.equal(name(), "top");
});
