import pytest

from imjoy_offline.mirror.sources import DirectUrl, LocalFile, NpmFile, OutOfReach, Unreadable, recognise


@pytest.mark.parametrize(
    ("text", "name", "asked", "path", "rule"),
    [
        ("https://cdn.jsdelivr.net/npm/vega@5.3.4", "vega", "5.3.4", "", "jsdelivr"),
        ("https://cdn.jsdelivr.net/npm/vega@5", "vega", "5", "", "jsdelivr"),
        ("https://cdn.jsdelivr.net/npm/vega", "vega", "", "", "jsdelivr"),
        ("https://cdn.jsdelivr.net/npm/vega@5/", "vega", "5", "", "jsdelivr"),
        ("http://cdn.jsdelivr.net/npm/a@1.0.0/b/c.js", "a", "1.0.0", "b/c.js", "jsdelivr"),
        ("//cdn.jsdelivr.net/npm/a@1.0.0/b.js", "a", "1.0.0", "b.js", "jsdelivr"),
        ("https://fastly.jsdelivr.net/npm/a@latest/b.js", "a", "latest", "b.js", "jsdelivr"),
        ("https://cdn.jsdelivr.net/npm/@scope/n-a.me@^2.1/d.js?x=1", "@scope/n-a.me", "^2.1", "d.js", "jsdelivr"),
        ("https://cdn.jsdelivr.net/npm/%40scope/n@1/d%20e.js", "@scope/n", "1", "d e.js", "jsdelivr"),
        ("HTTPS://CDN.jsdelivr.net:443/npm/a@1/b.js", "a", "1", "b.js", "jsdelivr"),
        ("https://unpkg.com/leaflet@1.3.1", "leaflet", "1.3.1", "", "unpkg"),
        ("https://unpkg.com/axios/dist/axios.min.js", "axios", "", "dist/axios.min.js", "unpkg"),
        ("https://www.unpkg.com/@tensorflow/tfjs@~1.2", "@tensorflow/tfjs", "~1.2", "", "unpkg"),
        ("https://unpkg.io/itk-vtk-viewer@9.10.3/dist", "itk-vtk-viewer", "9.10.3", "dist", "unpkg"),
    ],
)
def test_network_addresses_name_npm_files(text: str, name: str, asked: str, path: str, rule: str) -> None:
    source = recognise(text)
    assert isinstance(source, NpmFile)
    assert (source.name, source.range, source.path, source.rule) == (name, asked, path, rule)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://unpkg.com/a@1/b.js?v=2&w=3", "https://unpkg.com/a@1/b.js?v=2&w=3"),
        ("https://unpkg.com/a@1/b.svg#part", "https://unpkg.com/a@1/b.svg"),
        ("//unpkg.com/a@1/b.js", "https://unpkg.com/a@1/b.js"),
        ("npm:a@1.0.0/b.js", "https://cdn.jsdelivr.net/npm/a@1.0.0/b.js"),
        ("npm:@s/a@^1", "https://cdn.jsdelivr.net/npm/@s/a@^1"),
        ("npm:a", "https://cdn.jsdelivr.net/npm/a"),
    ],
)
def test_the_address_that_is_answered(text: str, url: str) -> None:
    source = recognise(text)
    assert isinstance(source, NpmFile) and source.url == url


def test_exactness_and_names_of_pins() -> None:
    exact, ranged, free = (recognise(text) for text in ("npm:a@1.0.0-rc.1/x", "npm:@s/a@1.0", "npm:a"))
    assert isinstance(exact, NpmFile) and isinstance(ranged, NpmFile) and isinstance(free, NpmFile)
    assert (exact.exact, ranged.exact, free.exact) == (True, False, False)
    assert (ranged.asked, free.asked) == ("npm:@s/a@1.0", "npm:a")
    assert ranged.address("1.0.4", "d/e.js") == "https://cdn.jsdelivr.net/npm/@s/a@1.0.4/d/e.js"


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/a.js",
        "http://example.org:8080/a.js?b=c&d",
        "https://example.org/A%20plugin.imjoy.html",
        "https://cdn.jsdelivr.net/gh/owner/repo@1/a.js",
        "https://raw.githubusercontent.com/owner/repo/main/a.js",
        "https://github.com/owner/repo/raw/main/a.js",
        "https://github.com/owner/repo/releases/download/v1/a.js",
        "https://gist.github.com/owner/0a1b/raw/a.js",
        "https://gist.githubusercontent.com/owner/0a1b/raw/2c3d/a.js",
        "https://cdn.jsdelivr.net:8443/npm/a@1/b.js",
        "https://cdn.jsdelivr.net.evil.example/npm/a@1/b.js",
    ],
)
def test_other_addresses_are_files_of_their_own(text: str) -> None:
    assert recognise(text) == DirectUrl(text)
    assert recognise(f" {text}#part ") == DirectUrl(text)
    if text.startswith("https:"):
        assert recognise(text.removeprefix("https:")) == DirectUrl(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTPS://Example.org:443/A.js", "https://example.org/A.js"),
        ("http://EXAMPLE.org:80", "http://example.org/"),
        ("https://example.org:80/a?B#c", "https://example.org:80/a?B"),
        ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
    ],
)
def test_a_file_has_one_address_however_its_host_is_written(text: str, url: str) -> None:
    assert recognise(text) == DirectUrl(url)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://cdn.jsdelivr.net/combine/npm/a,npm/b", "makes this file itself"),
        ("https://cdn.jsdelivr.net/npm/a@1/+esm", "makes this file itself"),
        ("https://unpkg.com/a@1/b.js?module", "makes this file itself"),
        ("https://github.com/owner/repo", "the address of the raw file"),
        ("https://github.com/owner/repo/blob/main/A.imjoy.html", "the address of the raw file"),
        ("https://gist.github.com/owner/0a1b", "the address of the raw file"),
        ("https://cdn.rawgit.com/owner/repo/main/a.js", "was shut down"),
    ],
)
def test_some_addresses_are_known_to_be_out_of_reach(text: str, words: str) -> None:
    source = recognise(text)
    assert isinstance(source, OutOfReach)
    assert words in source.reason


@pytest.mark.parametrize("text", ["https://me@example.org/a.js", "https://me:secret@unpkg.com/a@1/b.js"])
def test_an_address_with_a_password_is_not_kept(text: str) -> None:
    source = recognise(text)
    assert isinstance(source, Unreadable)
    assert "user name or password" in source.reason
    assert "me" not in source.text.split("//")[1].split(".")[0] and "secret" not in f"{source}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://example.org/a.js",
        "file:///etc/passwd",
        "https://",
        "https://[::1/a.js",
        "https://example.org:port/a.js",
        "https://unpkg.com/",
        "https://unpkg.com/a@1/../../b.js",
        "https://unpkg.com/a@1/%2e%2e/b.js",
        "https://unpkg.com/a@1//b.js",
        "npm:../a",
        "npm:",
        "npm:a@1/b\\c",
    ],
)
def test_what_names_nothing_is_unreadable(text: str) -> None:
    source = recognise(text)
    assert isinstance(source, Unreadable) and source.reason


@pytest.mark.parametrize("text", ["lib/a.js", "./a.js", "../a.js", "C:a", "/a.js"])
def test_paths_are_local(text: str) -> None:
    assert recognise(text) == LocalFile(text)
