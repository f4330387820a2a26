"""The backup of a phone's text messages."""

from uncase_pipeline_tests.raw.conftest import turns
from uncase_pipeline_tests.raw.page_shapes import MESSAGES


def test_the_text_messages_of_a_phone_are_read_by_number(reading):
    kept, aside = reading(MESSAGES, "sms-20250115.xml")
    assert [item.reason for item in aside] == ["not-sent"]
    assert [[(m.role, m.content) for m in item.messages] for item in kept] == [
        [
            ("user", 'Can you come "Tuesday"?\nAt 9 <or later> 😀'),
            ("assistant", "Yes"),
            ("user", "see picture"),
        ],
        [("user", "hello"), ("assistant", "")],
    ]
    assert turns(kept)[0].timestamp == "2025-01-15T10:05:00+00:00"
    assert turns(kept)[0].metadata["author"] == "Pat Example"
    assert len({item.subject_id for item in kept}) == 2


def test_a_backup_of_text_messages_that_breaks_off_keeps_what_it_has(reading):
    for end in range(MESSAGES.index("+15550200"), len(MESSAGES), 61):
        kept, aside = reading(MESSAGES[:end], "sms.xml")
        assert turns(kept)[0].content.startswith("Can you come")
        assert {item.reason for item in aside} <= {"not-sent", "no-number"}
