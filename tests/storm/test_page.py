"""docs/scale.md says what the model says; `make costs` writes it anew."""

from firewarden.firestore.billing.prices import known_prices
from tests.storm.page import PAGE, renewed


def test_the_table_of_storms_is_what_the_model_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == renewed(text, known_prices())
    assert "| 1,000 | 1 | at once | 11 |" in text
