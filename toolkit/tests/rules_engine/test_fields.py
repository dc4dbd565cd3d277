"""Field paths: written and read again they are the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.rules.fields import field_segments, field_text


@settings(deadline=None)
@given(
    st.lists(st.text(min_size=1, max_size=4) | st.sampled_from(["a", "a.b", "`", "\\", "ü"]), min_size=1, max_size=4)
)
def test_what_is_written_is_read_again(names: list[str]) -> None:
    assert field_segments(field_text(tuple(names))) == tuple(names)


def test_only_what_is_no_plain_word_is_quoted() -> None:
    assert field_text(("a_1", "b.c", "1a", "`", "\\")) == "a_1.`b.c`.`1a`.`\\``.`\\\\`"
