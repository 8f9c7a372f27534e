"""Leaks on purpose: a watch that has never caught anything proves nothing.

The addresses are reserved for documentation; nothing answers there, and in a cut network nothing is reached.
"""

from tests.helpers.browser import Browser
from tests.helpers.netcut import NetworkCut
from tests.helpers.processes import wait_until

BY_NAME = "leak-by-name.example"
BY_NUMBER = "198.51.100.21"
FROM_WORKER = "203.0.113.33"

_LEAK = """([name, number, worker]) => {
  const ask = (host) => fetch(`http://${host}/`).catch(() => undefined);
  void ask(name);
  void ask(number);
  const code = `fetch("http://${worker}/").catch(() => undefined)`;
  new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
}"""


def assert_leaks_are_caught(cut: NetworkCut, browser: Browser) -> None:
    """A page of nobody's leaks by name, by number and from a worker; each must show up in ``cut.leaks()``."""
    assert cut.leaks() == [], f"These left before anything was provoked: {cut.leaks()}"
    page = browser.open("about:blank")
    page.evaluate(_LEAK, [BY_NAME, BY_NUMBER, FROM_WORKER])
    for what in (BY_NAME, BY_NUMBER, FROM_WORKER):
        wait_until(lambda: any(what in leak for leak in cut.leaks()), f"the leak to {what} to be caught")  # noqa: B023
    page.close()
    browser.take_complaints()
