"""The two pages of a site, made from Jinja2 templates: the app's and the sandbox frame's.

Autoescape is on and an unknown name is an error. The inline scripts of the app's page are hashed here, since its
content policy allows inline scripts by hash alone.
"""

import base64
import hashlib
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup

from imjoy_offline.errors import SiteError

SANDBOX_PLACEHOLDER = "@SANDBOX_ORIGIN@"


@dataclass(frozen=True)
class AppPage:
    """What the template ``app.html`` is given; ``import_map`` is JSON that is safe in a script element."""

    import_map: str
    stylesheets: tuple[str, ...]
    version: str
    modulepreload: tuple[str, ...] = ()


def render_app(templates: Path, page: AppPage) -> str:
    """The app's page; the sandbox's origin stays a placeholder, since only the server knows the ports.

    Raises SiteError when the template is wrong or has no place for the sandbox's origin.
    """
    text = _render(
        templates,
        "app.html",
        {
            "import_map": Markup(page.import_map),  # noqa: S704 - JSON of our own, made for this place
            "stylesheets": page.stylesheets,
            "version": page.version,
            "modulepreload": page.modulepreload,
        },
    )
    if SANDBOX_PLACEHOLDER not in text:
        raise SiteError(f"The template app.html has no {SANDBOX_PLACEHOLDER} for the server to fill in.")
    if any(SANDBOX_PLACEHOLDER in script for script in _inline_scripts(text)):
        raise SiteError(f"The template app.html has {SANDBOX_PLACEHOLDER} in an inline script, against its hash.")
    return text


def render_frame(templates: Path, import_map: str) -> str:
    """The sandbox frame's page; raises SiteError when the template is wrong."""
    return _render(templates, "frame.html", {"import_map": Markup(import_map)})  # noqa: S704 - as above


def script_hashes(page: str) -> tuple[str, ...]:
    """The content-policy hash (``sha256-...``) of each inline script in ``page``, sorted."""
    digests = {hashlib.sha256(script.encode("utf-8")).digest() for script in _inline_scripts(page)}
    return tuple(sorted(f"sha256-{base64.b64encode(digest).decode('ascii')}" for digest in digests))


def _render(templates: Path, name: str, context: dict[str, object]) -> str:
    environment = Environment(
        loader=FileSystemLoader(templates, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        newline_sequence="\n",
    )
    try:
        return environment.get_template(name).render(context)
    except TemplateNotFound as error:
        raise SiteError(f"The template {error.name} is absent.", hint="Install ImJoy Offline again.") from error
    except TemplateSyntaxError as error:
        raise SiteError(
            f"The template {error.name}, line {error.lineno}: {error.message}.", line=error.lineno
        ) from error
    except TemplateError as error:
        raise SiteError(f"The template {name} cannot be filled in: {error.message}.") from error


class _Scripts(HTMLParser):
    """Collects the text of script elements without ``src``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.texts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a text where an inline script opens."""
        self._inside = tag == "script" and all(name != "src" for name, _ in attrs)
        if self._inside:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        self._inside = False

    def handle_data(self, data: str) -> None:
        """Add to it."""
        if self._inside:
            self.texts[-1] += data


def _inline_scripts(page: str) -> list[str]:
    parser = _Scripts()
    parser.feed(page)
    parser.close()
    return parser.texts
