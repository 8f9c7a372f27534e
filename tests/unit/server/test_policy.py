"""imjoy_offline.server.policy: the whole table, as values."""

import dataclasses

import pytest

from imjoy_offline.server.policy import Allow, Deny, Preflight, Redirect, RequestFacts, Rules, decide, tokens_equal
from tests.helpers.policy_table import ALLOWED, CASES, Case
from tests.helpers.served_site import TOKEN

APP, SANDBOX = 8080, 8081
RULES = {
    "plain": Rules(APP, SANDBOX, TOKEN),
    # Whatever the person allows, a plugin's own origins are never among it.
    "allowing": Rules(APP, SANDBOX, TOKEN, frozenset({ALLOWED, "null", f"http://127.0.0.1:{SANDBOX}"})),
    "no_engine": Rules(APP, SANDBOX, TOKEN, engine=False),
}


def facts_of(case: Case) -> RequestFacts:
    repeated: dict[str, list[str]] = {"origin": [], "authorization": []}
    headers = {}
    for name, value in case.headers:
        if name.lower() in repeated:
            repeated[name.lower()].append(value)
        else:
            headers[name.lower()] = value
    return RequestFacts(
        port=SANDBOX if case.sandbox else APP,
        method=case.method,
        path=case.target.partition("?")[0].replace("%61", "a"),
        target=case.target,
        websocket=case.websocket,
        hosts=case.hosts,
        origins=tuple(repeated["origin"]),
        authorizations=tuple(one.strip() for one in repeated["authorization"]),
        headers=headers,
    )


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for case in CASES]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table(case: Case) -> None:
    case = case.filled(APP, SANDBOX)
    decision = decide(facts_of(case), RULES[case.server])
    kinds = {"allow": Allow, "deny": Deny, "redirect": Redirect, "preflight": Preflight}
    assert isinstance(decision, kinds[case.decision]), decision
    if isinstance(decision, Deny):
        assert decision.status == case.status
        assert decision.reason.endswith((".", "'."))
        assert TOKEN not in decision.reason
    if isinstance(decision, Redirect):
        assert decision.url == case.location


def test_only_an_allowed_origin_is_told_that_it_may_read() -> None:
    own = facts_of(next(one for one in CASES if one.name == "api: own origin").filled(APP, SANDBOX))
    assert decide(own, RULES["allowing"]) == Allow(None)
    other = dataclasses.replace(own, origins=(ALLOWED,))
    assert decide(other, RULES["allowing"]) == Allow(ALLOWED)


def test_a_port_that_is_neither_of_ours_answers_nothing() -> None:
    facts = RequestFacts(port=9, method="GET", path="/", target="/", hosts=("127.0.0.1:9",))
    decision = decide(facts, RULES["plain"])
    assert isinstance(decision, Deny)
    assert decision.status == 421


def test_a_target_that_is_an_address_is_refused() -> None:
    facts = RequestFacts(port=APP, method="GET", path="x", target="http://127.0.0.1/", hosts=(f"127.0.0.1:{APP}",))
    decision = decide(facts, RULES["plain"])
    assert isinstance(decision, Deny)
    assert decision.status == 400


def test_the_reason_shows_a_strange_origin_short_and_printable() -> None:
    facts = RequestFacts(
        port=APP, method="GET", path="/", target="/", hosts=(f"127.0.0.1:{APP}",), origins=("\x1b[31m" + "x" * 5000,)
    )
    decision = decide(facts, RULES["plain"])
    assert isinstance(decision, Deny)
    assert decision.reason.isprintable()
    assert len(decision.reason) < 500


def test_the_token_is_in_no_representation() -> None:
    facts = facts_of(next(one for one in CASES if one.name == "api: own origin"))
    assert facts.authorizations
    assert TOKEN not in repr(facts) + repr(RULES)


@pytest.mark.parametrize(
    ("given", "expected", "same"),
    [("abc", "abc", True), ("abc", "abd", False), ("", "", True), ("abc", "abcd", False), ("\udcff", "\udcff", True)],
)
def test_tokens_are_compared_whole(given: str, expected: str, same: bool) -> None:
    assert tokens_equal(given, expected) is same
