"""The pages that customers see, without scripts, read as a browser and a screen reader would."""

from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from stripe_stand_in import Clock, StandIn
from stripe_stand_in.server import create_app
from tests.stripe_stand_in.conftest import START, SessionMaker, session_params


@pytest.fixture
def browser(stand_in: StandIn) -> FlaskClient:
    return create_app(stand_in).test_client()


class Page(HTMLParser):
    """What a page offers: its texts, its labelled controls, its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = ""
        self.controls: list[dict[str, str | None]] = []
        self.labelled: set[str | None] = set()
        self.ids: list[str | None] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "input":
            self.controls.append(found)
        if tag == "label":
            self.labelled.add(found.get("for"))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(browser: FlaskClient, session_id: str) -> Page:
    answer = browser.get(f"/pay/{session_id}")
    assert answer.status_code == 200
    return Page(answer.text)


def test_the_page_shows_the_order_and_every_control_has_its_label(
    browser: FlaskClient, new_session: SessionMaker
) -> None:
    page = page_of(browser, new_session(quantity=2).id)
    assert "€50.00" in page.words
    assert "Ticket" in page.words
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.ids) == len(set(page.ids))
    assert {control["id"] for control in page.controls} == page.labelled
    assert page.all("fieldset")
    assert page.all("legend")
    assert page.all("script") == []
    described = [name for control in page.controls for name in (control.get("aria-describedby") or "").split()]
    assert set(described) <= set(page.ids)
    assert {"href": "https://example.org/back"} in page.all("a")


def test_paying_sends_the_customer_on(browser: FlaskClient, new_session: SessionMaker, stand_in: StandIn) -> None:
    session = new_session()
    answer = browser.post(f"/pay/{session.id}", data={"method": "card", "card": "4242 4242 4242 4242"})
    assert (answer.status_code, answer.location) == (303, f"https://example.org/done?session={session.id}")
    assert stand_in.get(session.id)["payment_status"] == "paid"
    assert "This order is completed" in page_of(browser, session.id).words


@pytest.mark.parametrize(
    ("card", "message"),
    [("4000 0000 0000 9995", "insufficient funds"), ("4111111111111111", "non test card"), ("", "non test card")],
)
def test_a_refused_card_says_why_and_keeps_what_was_typed(
    browser: FlaskClient, new_session: SessionMaker, card: str, message: str
) -> None:
    answer = browser.post(f"/pay/{new_session().id}", data={"method": "card", "card": card})
    assert answer.status_code == 402
    page = Page(answer.text)
    assert message in page.words
    assert [tag["role"] for tag in page.all("p") if tag.get("id") == "problem"] == ["alert"]
    typed = next(control for control in page.controls if control["id"] == "card")
    assert (typed["value"], typed["aria-invalid"]) == (card, "true")


def test_a_delayed_method_can_be_chosen_with_its_end(
    browser: FlaskClient, new_session: SessionMaker, stand_in: StandIn, clock: Clock
) -> None:
    ends = {"sepa_debit": "paid", "sepa_debit:fails": "unpaid"}
    sessions = {method: new_session().id for method in ends}
    for method, session_id in sessions.items():
        assert browser.post(f"/pay/{session_id}", data={"method": method}).status_code == 303
        assert stand_in.get(session_id)["payment_status"] == "unpaid"
    clock.advance(3 * 86_400)
    assert {method: stand_in.get(session_id)["payment_status"] for method, session_id in sessions.items()} == ends


def test_the_bank_asks_and_the_answer_counts(
    browser: FlaskClient, new_session: SessionMaker, stand_in: StandIn
) -> None:
    session = new_session()
    for answer, goes_on in (("no", f"/pay/{session.id}"), ("yes", f"https://example.org/done?session={session.id}")):
        asked = browser.post(f"/pay/{session.id}", data={"method": "card", "card": "4000002760003184"})
        path = (asked.location or "").removeprefix("http://stripe.example")
        assert "Do you allow this payment of €25.00?" in browser.get(path).text
        assert browser.post(path, data={"answer": answer}).location == goes_on
    assert stand_in.get(session.id)["payment_status"] == "paid"
    assert "has been answered" in browser.get(path).text


def test_an_expired_session_says_that_nothing_was_charged(
    browser: FlaskClient, new_session: SessionMaker, clock: Clock
) -> None:
    session = new_session(expires_at=START + 1800)
    clock.advance(1800)
    assert "Nothing was charged" in page_of(browser, session.id).words
    refused = browser.post(f"/pay/{session.id}", data={"method": "card", "card": "4242424242424242"})
    assert refused.status_code == 400
    assert "This page has expired" in refused.text


def test_a_free_order_needs_no_payment_method(browser: FlaskClient, new_session: SessionMaker) -> None:
    session = new_session(0)
    assert page_of(browser, session.id).controls == []
    assert browser.post(f"/pay/{session.id}").status_code == 303


def test_names_are_text_and_not_markup(browser: FlaskClient, new_session: SessionMaker) -> None:
    params = session_params()
    params["line_items"][0]["price_data"]["product_data"]["name"] = "<script>alert(1)</script>"
    page = page_of(browser, new_session(line_items=params["line_items"]).id)
    assert page.all("script") == []
    assert "<script>alert(1)</script>" in page.words


def test_receipts_and_pages_that_are_not_there(
    browser: FlaskClient, new_session: SessionMaker, stand_in: StandIn
) -> None:
    session = new_session()
    stand_in.pay(session.id)
    charge = stand_in.get(stand_in.get(stand_in.get(session.id)["payment_intent"])["latest_charge"])
    path = charge["receipt_url"].removeprefix("http://stripe.example")
    assert "€25.00" in browser.get(path).text
    for missing in (
        "/pay/cs_no",
        f"/pay/{charge['id']}",
        "/authenticate/pi_no",
        f"/authenticate/{charge['id']}",
        f"/receipts/{session.id}",
    ):
        assert browser.get(missing).status_code == 404
