"""The main path of the app, step by step."""

import re

from tests.helpers.generated_images import as_rgba, noise
from tests.helpers.positive_control import BY_NAME, BY_NUMBER
from tests.other_browsers.app import AppPage, canvas_pixels, wait_for
from tests.other_browsers.driving import ESCAPE
from tests.other_browsers.sandbox import probe_page, probe_worker, run_away
from tests.other_browsers.visit import Step, Visit

GENERATOR, VIEWER = "Test Image Generator", "Image Viewer"


def open_and_pair(visit: Visit) -> str:
    """The link pairs the page, and its token leaves the address bar."""
    visit.page.element("Engine: Connected", "button")
    address = visit.page.tab.call("() => location.href")
    assert "token" not in address, f"the token stayed in the address bar: {address}"
    visit.photograph("opened")
    return str(visit.page.tab.call("() => navigator.userAgent"))


def open_plain_address(visit: Visit) -> str:
    """The plain address in a second tab is paired too."""
    second = AppPage(visit.browser.open(visit.address))
    second.element("Engine: Connected", "button")
    second.tab.close()
    return ""


def install(visit: Visit) -> str:
    """The catalogue opens and closes, and two plugins are installed from it."""
    visit.page.press("Add plugins")
    visit.page.element(f"Install {VIEWER}", "button")
    visit.photograph("catalogue")
    visit.page.tab.type_text(ESCAPE)
    wait_for(lambda: not visit.page.tab.find("dialog", "Catalogue"), "Escape to close the catalogue from its search")
    visit.page.install(GENERATOR, VIEWER)
    return ""


def draw(visit: Visit, channels: str) -> str:
    """The viewer draws exactly the array that the generator has made."""
    page, count = visit.page, 3 if channels == "RGB" else 1
    seed, width, height = visit.chance.randrange(1, 2**31), *(visit.chance.randrange(17, 300) for _ in range(2))
    values = {"Random seed": seed, "Channels": channels, "Width": width, "Height": height, "Pattern": "noise"}
    page.fill(GENERATOR, {label: str(value) for label, value in values.items()})
    page.run(GENERATOR)
    kind = "RGB" if channels == "RGB" else "grey values"
    _, canvas = page.frame_showing("img", f"Image of {width} by {height} pixels, uint8, {kind}")
    found = canvas_pixels(canvas)
    assert found[:2] == (width, height), f"the canvas has {found[:2]}"
    assert found[2] == as_rgba(noise(seed, width * height * count), count), "the pixels drawn are not the array"
    visit.photograph(f"drawn-{channels.lower()}")
    return f"{width} by {height}, {channels}, seed {seed}"


def run_python(visit: Visit) -> str:
    """A Python plugin is installed, and runs with its form."""
    visit.page.install("Adder", "Caller", "Fails")
    visit.page.fill("Adder", {"first": "1.5", "second": "40"})
    visit.page.run("Adder")
    visit.page.said("The sum is 41.5")
    return ""


def call_python(visit: Visit) -> str:
    """A JavaScript plugin calls it with numbers and with an array of 3 MiB."""
    visit.page.run("Caller")
    return visit.page.said("JavaScript got 42, and the array unchanged").splitlines()[0]


def fail_in_python(visit: Visit) -> str:
    """An error in Python is told with plugin, function and reason."""
    visit.page.run("Fails")
    visit.page.said("Fails", "run() failed", "ValueError: the stage is too far")
    return ""


def reload(visit: Visit) -> str:
    """After a reload, what was installed is there, and runs."""
    visit.page.tab.reload()
    visit.page.element(f"Run {GENERATOR}", "button")
    return draw(visit, "grey")


def _colours(visit: Visit) -> tuple[str, float]:
    """The colour scheme in force, and how light the ground is, from 0 to 1."""
    scheme, ground = visit.page.tab.call(
        """() => [getComputedStyle(document.documentElement).colorScheme,
                  getComputedStyle(document.body).backgroundColor]"""
    )
    red, green, blue = (float(number) for number in re.findall(r"[\d.]+", ground)[:3])
    return scheme, (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def choose_colours(visit: Visit) -> str:
    """Dark and light can be chosen, and the system's choice is taken again."""
    lightness = {}
    before = "As the system"
    for theme in ("Dark", "Light", "As the system"):
        visit.page.press(f"Colours: {before}")
        visit.page.press(theme, "menuitemradio", "menuitem")
        visit.page.element(f"Colours: {theme}", "button")
        before, lightness[theme] = theme, _colours(visit)[1]
        if theme == "Dark":
            frame, _ = visit.page.frame_showing("group", "Contrast")
            follows = frame.call("() => matchMedia('(prefers-color-scheme: dark)').matches")
        visit.photograph(theme.lower().replace(" ", "-"))
    assert lightness["Dark"] < 0.2, lightness
    assert lightness["Light"] > 0.8, lightness
    assert lightness["As the system"] == lightness["Light"], lightness
    return f"windows of plugins {'follow' if follows else 'follow the system alone'}"


def be_quiet(visit: Visit) -> str:
    """The browser has complained of nothing."""
    complaints = visit.browser.take_complaints()
    assert not complaints, "it complained:\n  " + "\n  ".join(complaints)
    return ""


def tell_complaints(visit: Visit) -> str:
    """Of what is provoked, the browser does complain: in the page, in a plugin's frame, and in a worker of it."""
    visit.page.tab.call(_PROVOKE)
    frame, _ = visit.page.frame_showing("group", "Contrast")
    frame.call(_PROVOKE_IN_FRAME)
    told: list[str] = []

    def look() -> bool:
        told.extend(visit.browser.take_complaints())
        return all(any(part in complaint for complaint in told) for part in _PROVOKED)

    wait_for(look, f"complaints of {_PROVOKED}, beside {told}")
    return ""


_PROVOKED = ("page said", "page thrown", "Content", "frame said", "frame thrown", "worker said", "worker thrown")
_PROVOKE = """() => {
  console.error("page said");
  setTimeout(() => { throw new Error("page thrown"); });
  fetch("http://127.0.0.1:9/").catch(() => undefined);
}"""
_PROVOKE_IN_FRAME = """() => {
  console.error("frame said");
  setTimeout(() => { throw new Error("frame thrown"); });
  const script = `console.error("worker said"); setTimeout(() => { throw new Error("worker thrown"); });`;
  new Worker(URL.createObjectURL(new Blob([script])));
}"""


def leak_nothing(visit: Visit) -> str:
    """Nothing left the computer."""
    leaks = sorted(set(visit.cut.leaks()))
    assert not leaks, f"these left: {leaks}"
    return visit.cut.how


def leak(visit: Visit) -> str:
    """What a page of nobody's asks of the outside, by name and by number, is seen to leave."""
    tab = visit.browser.open("about:blank")
    tab.call(
        "(...hosts) => { for (const host of hosts) fetch(`http://${host}/`).catch(() => undefined); }",
        BY_NAME,
        BY_NUMBER,
    )
    for host in (BY_NAME, BY_NUMBER):
        wait_for(lambda host=host: any(host in left for left in visit.cut.leaks()), f"the leak to {host}")  # type: ignore[misc]
    tab.close()
    return ""


LIGHT: tuple[tuple[str, Step], ...] = (
    ("opens the printed link, paired, without the token in the address", open_and_pair),
    ("opens the plain address in a second tab, paired", open_plain_address),
    ("installs generator and viewer from the catalogue", install),
    ("draws a grey image, pixel for pixel", lambda visit: draw(visit, "grey")),
    ("draws an RGB image, pixel for pixel", lambda visit: draw(visit, "RGB")),
    ("installs and runs a Python plugin with its form", run_python),
    ("calls it from JavaScript, with an array", call_python),
    ("tells an error in Python in words", fail_in_python),
    ("reloads: what was installed is there and runs", reload),
    ("shows light and dark as chosen", choose_colours),
    ("complains of nothing in its console", be_quiet),
    ("would have complained: control", tell_complaints),
    ("sandbox, worker: keeps its promises", probe_worker),
    ("sandbox, page: keeps its promises", probe_page),
    ("sandbox: a page that runs away reaches nobody", run_away),
    ("asks the outside world for nothing", leak_nothing),
    ("would have been seen to ask: control", leak),
)


def see_dark(visit: Visit) -> str:
    """Where the system prefers dark, the app is dark by itself."""
    visit.page.element("Engine: Connected", "button")
    lightness = _colours(visit)[1]
    visit.photograph("system-dark")
    assert lightness < 0.2, f"the ground is {lightness:.2f} light"
    return ""


DARK: tuple[tuple[str, Step], ...] = (
    ("where the system prefers dark: is dark by itself", see_dark),
    ("where the system prefers dark: complains of nothing", be_quiet),
)
