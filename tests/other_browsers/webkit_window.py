"""A window with WebKitGTK in it that lets itself be driven, for Debian's own Python: ``webkit_window.py FOLDER DARK``.

Debian's MiniBrowser could be driven too, but then in a private session, in which WebKit keeps every console message to
itself. Here the messages go to the standard output, and storage lasts as it does for a person. WebKitWebDriver starts
this program.
"""

import sys

import gi  # type: ignore[import-not-found]

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # type: ignore[import-not-found]  # noqa: E402 - the versions must have been chosen

WIDTH, HEIGHT = 1280, 900


def main(folder: str, dark: str) -> None:
    """Open windows as the driver asks for them, until it ends this program."""
    Gtk.Settings.get_default().set_property("gtk-application-prefer-dark-theme", dark == "dark")
    manager = WebKit2.WebsiteDataManager(base_data_directory=f"{folder}/data", base_cache_directory=f"{folder}/cache")
    context = WebKit2.WebContext(website_data_manager=manager)
    context.set_automation_allowed(True)
    settings = WebKit2.Settings(enable_write_console_messages_to_stdout=True)

    def open_view(_session: WebKit2.AutomationSession) -> WebKit2.WebView:
        view = WebKit2.WebView(web_context=context, settings=settings, is_controlled_by_automation=True)
        window = Gtk.Window(default_width=WIDTH, default_height=HEIGHT)
        window.add(view)
        window.show_all()
        view.connect("close", lambda _view: window.destroy())
        return view

    def introduce(_context: WebKit2.WebContext, session: WebKit2.AutomationSession) -> None:
        about = WebKit2.ApplicationInfo()
        about.set_name("webkit_window")
        about.set_version(WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version())
        session.set_application_info(about)
        session.connect("create-web-view", open_view)

    context.connect("automation-started", introduce)
    Gtk.main()


if __name__ == "__main__":
    main(*sys.argv[1:3])
