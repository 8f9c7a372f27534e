/**
 * A plugin file cut into its blocks: the twin of `imjoy_offline/plugin/file.py`.
 *
 * An `*.imjoy.html` file looks like HTML but is not a document: the elements without an open parent whose names are
 * in `BLOCK_TYPES` are its blocks. Nothing is interpreted here and no DOM is used; `config.js` reads the config
 * block. Both twins are held together by `tests/vectors/plugin_file.json`.
 */

/**
 * One block: `content` is the dedented body, `start` and `end` bound the body in the file's text (in JavaScript's own
 * units). `line` is that of the start tag, `contentLine` the one on which the body begins; both count from 1. An
 * attribute without a value is `true`.
 * @typedef {object} Block
 * @property {string} type
 * @property {string} content
 * @property {Record<string, string | true>} attrs
 * @property {number} start
 * @property {number} end
 * @property {number} line
 * @property {number} contentLine
 */

/**
 * A plugin file: its blocks in file order, its text without a byte order mark, and what was odd about it.
 * @typedef {object} PluginFile
 * @property {Block[]} blocks
 * @property {string} text
 * @property {string[]} notes
 */

/** @typedef {{name: string, attrs: Record<string, string | true>, tagStart: number, bodyStart: number}} OpenElement */

const BLOCK_TYPES = new Set(["config", "script", "window", "style", "docs", "link", "attachment"]);
const FIRST_COUNTS = new Set(["config", "docs"]);
const RAW_TEXT = new Set(["script", "style", "textarea"]);
const VOID = new Set(
  (
    "area base br col embed frame hr img input isindex keygen link " +
    "meta param source track wbr"
  ).split(" "),
);
const TAG_OPEN = /<([A-Za-z_][A-Za-z0-9_.:-]*)/y;
const TAG_OPEN_END = /[ \t\n\r\f]*(\/?)>/y;
const TAG_CLOSE = /<\/([A-Za-z_][A-Za-z0-9_.:-]*)/y;
const ATTRIBUTE =
  /[ \t\n\r\f]*([^ \t\n\r\f"'<>/=]+)(?:[ \t\n\r\f]*=[ \t\n\r\f]*(?:"([^"]*)"+|'([^']*)'+|([^ \t\n\r\f"'=<>`]+)))?/y;
const DOCTYPE = /<!doctype/iy;
/** @type {Record<string, string>} */
const ENTITIES = { lt: "<", gt: ">", quot: '"', amp: "&" };

/** A text that holds no plugin; `line` counts from 1, `hint` says what to do. */
export class PluginFileError extends Error {
  /**
   * @param {string} problem
   * @param {{line: number, hint?: string}} place
   */
  constructor(problem, { line, hint = "" }) {
    super(`${problem} ${hint}`.trim());
    this.name = "PluginFileError";
    this.code = "plugin-file";
    this.line = line;
    this.hint = hint;
  }
}

/**
 * The blocks of a plugin's text; block and tag names in any letter case.
 *
 * Throws PluginFileError, with the line, for a text without any block and for a script or style that never ends.
 * @param {string} text
 * @returns {PluginFile}
 */
export function parsePluginFile(text) {
  const scanner = new Scanner(text.startsWith("\ufeff") ? text.slice(1) : text);
  scanner.run();
  if (scanner.blocks.length === 0) {
    throw new PluginFileError(
      "This is not a plugin file: there is no <config> or other block at its top level.",
      {
        line: 1,
        hint:
          scanner.notes.join(" ") ||
          "A plugin begins with a <config> block; check that this is the right file.",
      },
    );
  }
  return { blocks: scanner.blocks, text: scanner.text, notes: scanner.notes };
}

/**
 * The blocks of one type, in file order.
 * @param {PluginFile} file
 * @param {string} type
 * @returns {Block[]}
 */
export function blocksOfType(file, type) {
  return file.blocks.filter((block) => block.type === type);
}

/**
 * The body without its common indentation; unchanged when its first non-blank line starts at column 0.
 *
 * Only the character (space or tab) that the first non-blank line begins with counts as indentation.
 * @param {string} body
 * @returns {string}
 */
export function dedent(body) {
  const lines = body.split(/\r?\n/);
  const written = lines.filter((line) => /[^ \t\n\r\f\v]/.test(line));
  const character = written[0]?.[0] ?? "";
  if (character !== " " && character !== "\t") {
    return body;
  }
  let width = Infinity;
  for (const line of written) {
    let run = 0;
    while (run < width && line[run] === character) {
      run += 1;
    }
    width = run;
  }
  return lines.map((line) => line.slice(width)).join("\n");
}

/**
 * A sticky expression matched at one place.
 * @param {RegExp} expression
 * @param {string} text
 * @param {number} position
 * @returns {RegExpExecArray | null}
 */
function matchAt(expression, text, position) {
  expression.lastIndex = position;
  return expression.exec(text);
}

/** Walks once over the text and collects blocks; a search that found nothing is remembered, not repeated. */
class Scanner {
  /** @type {Block[]} */
  blocks = [];
  /** @type {string[]} */
  notes = [];
  /** @type {number[]} */
  #lineEnds = [];
  /** @type {string[]} */
  #open = [];
  /** @type {Map<string, number>} */
  #openCounts = new Map();
  /** @type {OpenElement} */
  #top = { name: "", attrs: {}, tagStart: 0, bodyStart: 0 };
  /** @type {Set<string>} */
  #absent = new Set();
  /** @type {Map<string, number>} */
  #firsts = new Map();

  /** @param {string} text */
  constructor(text) {
    this.text = text;
    for (let found = text.indexOf("\n"); found >= 0; found = text.indexOf("\n", found + 1)) {
      this.#lineEnds.push(found);
    }
  }

  /** Reads the whole text. */
  run() {
    let position = this.text.indexOf("<");
    while (position >= 0) {
      position = this.text.indexOf("<", this.#step(position));
    }
    if (this.#open.length > 0) {
      this.#endOfFile();
    }
  }

  /**
   * Reads what begins with the `<` at `at`; the answer is where to go on.
   * @param {number} at
   * @returns {number}
   */
  #step(at) {
    const text = this.text;
    if (text.startsWith("<!", at)) {
      return this.#declaration(at);
    }
    if (text.startsWith("</", at)) {
      const match = matchAt(TAG_CLOSE, text, at);
      const end = match ? this.#find(">", at + match[0].length) : -1;
      if (match === null || end < 0) {
        return at + 2;
      }
      this.#close((match[1] ?? "").toLowerCase(), at);
      return end + 1;
    }
    const match = matchAt(TAG_OPEN, text, at);
    return match ? this.#start((match[1] ?? "").toLowerCase(), at, at + match[0].length) : at + 1;
  }

  /**
   * Skips a comment, a conditional comment or a doctype; any other `<!` is text.
   * @param {number} at
   * @returns {number}
   */
  #declaration(at) {
    let end = "";
    if (this.text.startsWith("<!--", at)) {
      end = "-->";
    } else if (this.text.startsWith("<![", at)) {
      end = "]>";
    } else if (matchAt(DOCTYPE, this.text, at)) {
      end = ">";
    }
    const found = end ? this.#find(end, at + 2) : -1;
    return found >= 0 ? found + end.length : at + 2;
  }

  /**
   * Reads a start tag whose name ends at `position`.
   * @param {string} name
   * @param {number} at
   * @param {number} position
   * @returns {number}
   */
  #start(name, at, position) {
    const [attrs, attrsEnd] = this.#attributes(position);
    const tagEnd = matchAt(TAG_OPEN_END, this.text, attrsEnd);
    if (tagEnd === null) {
      return attrsEnd;
    }
    const bodyStart = attrsEnd + tagEnd[0].length;
    if (this.#open.length === 0) {
      this.#top = { name, attrs, tagStart: at, bodyStart };
    }
    if (VOID.has(name) || tagEnd[1]) {
      if (this.#open.length === 0) {
        this.#finish(bodyStart);
      }
    } else if (RAW_TEXT.has(name)) {
      return this.#rawText(name, at, bodyStart);
    } else {
      this.#open.push(name);
      this.#openCounts.set(name, (this.#openCounts.get(name) ?? 0) + 1);
    }
    return bodyStart;
  }

  /**
   * @param {number} position
   * @returns {[Record<string, string | true>, number]}
   */
  #attributes(position) {
    /** @type {Map<string, string | true>} */
    const attrs = new Map();
    for (;;) {
      const match = matchAt(ATTRIBUTE, this.text, position);
      if (match === null) {
        return [Object.fromEntries(attrs), position];
      }
      position += match[0].length;
      const value = match[2] ?? match[3] ?? match[4];
      attrs.set(
        match[1] ?? "",
        value === undefined
          ? true
          : value.replace(/&(lt|gt|quot|amp);/g, (_, name) => ENTITIES[name] ?? ""),
      );
    }
  }

  /**
   * Skips to behind the end tag; without one, the element is an error as a block and text inside another.
   * @param {string} name
   * @param {number} at
   * @param {number} position
   * @returns {number}
   */
  #rawText(name, at, position) {
    let match = null;
    if (!this.#absent.has(name)) {
      const end = new RegExp(`</${name}(?=[ \\t\\n\\r\\f/>])[^>]*>`, "gi");
      match = matchAt(end, this.text, position);
    }
    if (match === null) {
      this.#absent.add(name);
      if (this.#open.length === 0 && BLOCK_TYPES.has(name)) {
        const line = this.#line(at);
        throw new PluginFileError(`The <${name}> block that begins on line ${line} never ends.`, {
          line,
          hint: `Write </${name}> where it ends.`,
        });
      }
      return position;
    }
    if (this.#open.length === 0) {
      this.#finish(match.index);
    }
    return match.index + match[0].length;
  }

  /**
   * Closes the innermost open element of that name and all inside it; a stray end tag is nothing.
   * @param {string} name
   * @param {number} at
   */
  #close(name, at) {
    if (!this.#openCounts.get(name)) {
      return;
    }
    for (let closed; closed !== name; ) {
      closed = this.#open.pop() ?? name;
      this.#openCounts.set(closed, (this.#openCounts.get(closed) ?? 1) - 1);
    }
    if (this.#open.length === 0) {
      this.#finish(at);
    }
  }

  /**
   * The element at the top level ends: keeps it if it is a block.
   * @param {number} end
   */
  #finish(end) {
    const { name, attrs, tagStart, bodyStart } = this.#top;
    if (!BLOCK_TYPES.has(name)) {
      return;
    }
    const line = this.#line(tagStart);
    if (FIRST_COUNTS.has(name)) {
      const first = this.#firsts.get(name);
      if (first !== undefined) {
        this.notes.push(
          `There is a second <${name}> block on line ${line}; the one on line ${first} is used.`,
        );
      } else {
        this.#firsts.set(name, line);
      }
    }
    this.blocks.push({
      type: name,
      content: dedent(this.text.slice(bodyStart, end)),
      attrs,
      start: bodyStart,
      end,
      line,
      contentLine: this.#line(bodyStart),
    });
  }

  /** An element is still open: a block reaches to the end, anything else has swallowed the rest. */
  #endOfFile() {
    const name = this.#top.name;
    const line = this.#line(this.#top.tagStart);
    const what = BLOCK_TYPES.has(name)
      ? "it reaches to the end of the file"
      : "everything in it is ignored";
    this.notes.push(
      `The <${name}> element that begins on line ${line} is never closed, so ${what}.`,
    );
    this.#finish(this.text.length);
  }

  /**
   * @param {string} wanted
   * @param {number} start
   * @returns {number}
   */
  #find(wanted, start) {
    if (this.#absent.has(wanted)) {
      return -1;
    }
    const found = this.text.indexOf(wanted, start);
    if (found < 0) {
      this.#absent.add(wanted);
    }
    return found;
  }

  /**
   * @param {number} offset
   * @returns {number}
   */
  #line(offset) {
    let low = 0;
    let high = this.#lineEnds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lineEnds[middle] ?? 0) < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low + 1;
  }
}
