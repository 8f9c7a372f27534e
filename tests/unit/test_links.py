"""References are found where they are, and nowhere else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy_offline.links import Kind, Reference, find_references, rewrite_references


def _urls(text: str, kind: Kind = "js") -> list[tuple[str, str]]:
    return [(reference.url, reference.use) for reference in find_references(text, kind)]


@pytest.mark.parametrize(
    ("text", "url", "use"),
    [
        ('import "./a.js"', "./a.js", "import"),
        ("import a from './a.js';", "./a.js", "import"),
        ('import{a as b,c}from"./a.js";', "./a.js", "import"),
        ('import a, * as b from "lit"', "lit", "import"),
        ('import { "odd name" as x } from "./a.js"', "./a.js", "import"),
        ("import {\n  a, // one\n  b, /* two */\n} from './a.js'", "./a.js", "import"),
        ('import { from } from "./a.js"', "./a.js", "import"),
        ('import x from "./a.json" with { type: "json" }', "./a.json", "import"),
        ('export*from"./a.js"', "./a.js", "import"),
        ('export * as all from "./a.js"', "./a.js", "import"),
        ('export{a as default,b}from"./a.js"', "./a.js", "import"),
        ("const m = await import('./a.js')", "./a.js", "dynamic-import"),
        ("import(/* named: 'chunk' */ `./a.js`)", "./a.js", "dynamic-import"),
        ('import("./a.json", { with: { type: "json" } })', "./a.json", "dynamic-import"),
        ("new URL('./a.bin', import.meta.url)", "./a.bin", "url"),
        ("new Worker(new URL('./w.js', import.meta.url), { type: 'module' })", "./w.js", "worker"),
        ("new Worker('w.js')", "w.js", "worker"),
        ("new window.SharedWorker('w.js', 'name')", "w.js", "worker"),
        ("context.audioWorklet.addModule('w.js')", "w.js", "worker"),
        ("self.importScripts('a.js')", "a.js", "script"),
        (r'import "./caf\u00e9\x2f\u{61}.js"', "./café/a.js", "import"),
        ("`${await import('./a.js')} and import('./b.js')`", "./a.js", "dynamic-import"),
        ("`${`${import('./a.js')}`}`", "./a.js", "dynamic-import"),
        ("a = b / c; import('./a.js'); d = e / f", "./a.js", "dynamic-import"),
        ("x = /[/'\"`]/.test(y); import('./a.js')", "./a.js", "dynamic-import"),
        ("if (x) /'/.test(y); import('./a.js')", "./a.js", "dynamic-import"),
        ("i++ / 2; import('./a.js'); j / 3", "./a.js", "dynamic-import"),
        ("return /`/\nimport('./a.js')", "./a.js", "dynamic-import"),
        ("f(x) / 2; s = '`'; import('./a.js')", "./a.js", "dynamic-import"),
        ("#!/usr/bin/env node's\nimport './a.js'", "./a.js", "import"),
        ("import '#internal'", "#internal", "import"),
    ],
)
def test_one_reference_in_a_script(text: str, url: str, use: str) -> None:
    assert _urls(text) == [(url, use)]


@pytest.mark.parametrize(
    "text",
    [
        "// import './a.js'",
        "/* import './a.js' */",
        "const s = \"import './a.js'\"",
        "const s = `import './a.js'`",
        "const r = /import '.a.js'/",
        "import('./locale/' + name)",
        "import(`./${name}.js`)",
        "import(name, './a.js')",
        "import.meta.url",
        "loader.import('./a.js')",
        "this.#import('./a.js')",
        "export { a, b }; x = './a.js'",
        "export const from = './a.js'",
        "const o = { import: './a.js', export: './b.js' }",
        "new URL('./a.bin', location.href)",
        "new Worker('w' + n + '.js')",
        "Worker('w.js')",
        "function importScripts(a) {}",
        "importScripts(base + 'a.js', f('b.js'))",
        "import 'data:text/javascript,1'",
        "new Worker('blob:x')",
        "",
    ],
)
def test_no_reference_in_a_script(text: str) -> None:
    assert _urls(text) == []


def test_import_scripts_takes_every_literal() -> None:
    assert _urls("importScripts('a.js', b + 'c.js', 'd.js', `e.js`)") == [
        ("a.js", "script"),
        ("d.js", "script"),
        ("e.js", "script"),
    ]


def test_places_are_exact() -> None:
    text = "// ü\nimport a from './a.js'\n\nexport * from \"./b.js\""
    first, second = find_references(text, "js")
    assert first == Reference("./a.js", 2, 20, 26, "import", "js")
    assert (second.line, text[second.start : second.end]) == (4, "./b.js")


def test_a_large_minified_script_is_read_in_time() -> None:
    piece = "function a(b,c){return b/c>1?'x\"y':/[a-z]\"/g.test(`t${b+`${c}`}`)};"
    text = piece * 6000 + 'export{a as b}from"./end.js";'
    started = time.perf_counter()
    assert _urls(text) == [("./end.js", "import")]
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    "text", ["'" * 50_000, "`" + "\\" * 49_999, "import" + "/" * 50_000, "import `" + "${" * 20_000, "import{" * 5000]
)
def test_nonsense_does_not_hang(text: str) -> None:
    started = time.perf_counter()
    assert _urls(f"import('./a.js');{text}")[:1] == [("./a.js", "dynamic-import")]
    assert time.perf_counter() - started < 10


def test_css() -> None:
    text = """
    @charset "utf-8"; @namespace svg url(spaces/none);
    @import "a.css"; @import url('b.css') screen; @IMPORT url( c.css );
    /* url(no.png) */
    @font-face { font-family: "x"; src: local("x"), url(f.woff2) format("woff2"), url("f.woff") }
    a { background: url("i.png"); content: "url(no.png)"; cursor: url(c\\(1\\).cur), auto; -x-url: my-url(no) }
    b { fill: url(#gradient); background: URL(data:image/png;base64,AA==) }
    """
    assert _urls(text, "css") == [
        ("a.css", "style"),
        ("b.css", "style"),
        ("c.css", "style"),
        ("f.woff2", "font"),
        ("f.woff", "font"),
        ("i.png", "image"),
        ("c(1).cur", "image"),
    ]


def test_html() -> None:
    text = """<!doctype html><!-- <script src="no.js"></script> -->
    <link rel="stylesheet" href="a.css?x=1&amp;y=2"><LINK REL=icon HREF=i.ico><link rel="preconnect" href="no">
    <link rel="preload" as="font" href="f.woff2"><link rel="modulepreload" href="m.js"><link rel="manifest" href="w">
    <script src='s.js'></script><script>import("./d.js"); const t = "<img src=no>"</script>
    <script type="text/template">import "./no.js"</script><script type="importmap">{"imports":{}}</script>
    <style>p { background: url(p.png) }</style><title><img src="no"></title>
    <img src="i.png" srcset="i1.png 1x, i2.png 2x" alt=""><video poster="v.png" src="v.mp4"><source src="v.webm">
    <picture><source srcset="p1.png, p2.png 800w"></picture><iframe src="f.html"></iframe><a href="no.html">no</a>
    <p style="background: url(&quot;q.png&quot;)"><input type=image src=b.png><img src="data:image/png,"><img src>
    """
    assert _urls(text, "html") == [
        ("a.css?x=1&y=2", "style"),
        ("i.ico", "image"),
        ("f.woff2", "font"),
        ("m.js", "import"),
        ("w", "link"),
        ("s.js", "script"),
        ("./d.js", "dynamic-import"),
        ("p.png", "image"),
        ("i.png", "image"),
        ("i1.png", "image"),
        ("i2.png", "image"),
        ("v.png", "image"),
        ("v.mp4", "media"),
        ("v.webm", "media"),
        ("p1.png", "image"),
        ("p2.png", "image"),
        ("f.html", "frame"),
        ("q.png", "image"),
        ("b.png", "image"),
    ]


def test_the_line_of_a_reference_in_a_page() -> None:
    (reference,) = find_references("<p>\n<script>\n\nimport './a.js'</script>", "html")
    assert (reference.line, reference.syntax) == (4, "js")


@pytest.mark.parametrize("kind", ["js", "css", "html"])
def test_rewriting_changes_what_is_in_the_mapping_and_nothing_else(kind: Kind) -> None:
    texts: dict[Kind, str] = {
        "js": "import 'a' ; import(\"b\"); // 'a'",
        "css": "x{background:url(a) url('b')} /* a */",
        "html": "<img src=a><img src='b'> a",
    }
    text = texts[kind]
    rewritten = rewrite_references(text, find_references(text, kind), {"a": "/c/d.js?e=1&f=2", "x": "y"})
    assert [url for url, _ in _urls(rewritten, kind)] == ["/c/d.js?e=1&f=2", "b"]
    assert rewrite_references(text, find_references(text, kind), {}) == text


@pytest.mark.parametrize("kind", ["js", "css", "html"])
def test_an_address_cannot_break_out_of_its_place(kind: Kind) -> None:
    texts: dict[Kind, str] = {
        "js": "import 'a'; import(\"a\"); import(`a`)",
        "css": "x{background:url(a) url('a') url(\"a\")}",
        "html": "<img src=a><img src='a'><img src=\"a\"><p style=\"background:url('a')\">",
    }
    text = texts[kind]
    before = find_references(text, kind)
    rewritten = rewrite_references(text, before, {"a": "b'\"`) >\n<script>\\${x}"})
    after = find_references(rewritten, kind)
    assert [reference.use for reference in after] == [reference.use for reference in before]
    assert {reference.url for reference in after} == {"b%27%22%60%29%20%3E%0A%3Cscript%3E%5C$%7Bx%7D"}


@given(st.text(alphabet="import exportfm'\"`/\\*${}()[];,.+ \nnewWorkURL<>=&a@-", max_size=200))
def test_any_text_can_be_read_and_put_together_again(text: str) -> None:
    kinds: tuple[Kind, ...] = ("js", "css", "html")
    for kind in kinds:
        references = find_references(text, kind)
        assert rewrite_references(text, references, {}) == text
        for reference in references:
            assert 0 <= reference.start <= reference.end <= len(text)
            assert reference.line == text.count("\n", 0, reference.start) + 1
