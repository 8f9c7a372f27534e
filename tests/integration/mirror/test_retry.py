"""``mirror --retry`` asks again for what earlier runs did not find; without it that is asked once and remembered."""

from pathlib import Path

import pytest

from tests.helpers.killable_folder import CDN, KillableFolder, Product
from tests.helpers.upstream import running_stand_in

LATE = f"{CDN}nothing@1/x.js"
HINT = "mirror --retry"


def test_what_was_published_later_comes_with_retry_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_stand_in() as stand_in:
        folder = KillableFolder(tmp_path / "folder", Product.published(tmp_path / "shipped", stand_in))
        status, _, said = folder.run()
        assert status == 0, said
        assert LATE in said and HINT in said
        before = folder.outcome
        stand_in.publish("nothing", "1.0.0", {"x.js": "late"})
        stand_in.publish("gone", "1.0.0", {"gone.js": "late"})
        stand_in.seen.clear()

        status, _, said = folder.run()
        assert status == 0 and LATE in said and HINT in said
        assert stand_in.seen == [] and folder.outcome == before

        status, _, said = folder.run("none", "--retry")
        assert status == 0, said
        assert LATE not in said and "none.js" in said and HINT not in said
        assert LATE in folder.lock.by_url()
        assert folder.outcome.site != before.site, "the plugin that lacked something lacks it no more"

        stand_in.seen.clear()
        settled = folder.outcome
        assert folder.run()[0] == 0
        assert stand_in.seen == [] and folder.outcome == settled


def test_nothing_is_said_of_retrying_where_it_could_not_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_stand_in() as stand_in:
        product = Product.published(tmp_path / "shipped", stand_in)
        stand_in.publish("gone", "1.0.0", {"gone.js": "here"})
        folder = KillableFolder(tmp_path / "folder", product)
        folder.want("https://github.com/lab/never.js")
        status, _, said = folder.run()
        assert status == 0, said
        assert "never.js" in said and HINT not in said
