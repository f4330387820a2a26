"""Chats under lines of name and time, as they are copied from Teams, Telegram, Discord, Zoom or Slack."""

import pytest

from uncase_pipeline_tests.raw.conftest import said, turns

STYLES = {
    "discord": (
        f"{'=' * 62}\nGuild: Taller\nChannel: ayuda\n{'=' * 62}\n\n[15/01/2024 09:05] ana\nhola\nqué tal\n\n"
        f"[15/01/2024 09:06] soporte\nbuenas\n\n{'=' * 62}\nExported 2 message(s)\n{'=' * 62}\n"
    ),
    "telegram": "ana, [15.01.24 09:05]\nhola\nqué tal\n\nsoporte, [15.01.24 09:06]\nbuenas\n",
    "telegram on a phone": "ana, [15 Jan 2024 at 9:05]:\nhola\nqué tal\nsoporte, [15 Jan 2024 at 9:06]:\nbuenas\n",
    "teams": "ana 15/01/2024 9:05\nhola\nqué tal\nsoporte 15/01/2024 9:06\nbuenas\n",
    "wechat": "2024-01-15 09:05:00 ana\nhola\nqué tal\n\n2024-01-15 09:06:00 soporte\nbuenas\n",
    "slack": "ana  [9:05 AM]\nhola\nqué tal\nsoporte  [9:06 AM]\nbuenas\n",
    "teams without days": "[9:05] ana\nhola\nqué tal\n\n[9:06] soporte\nbuenas\n",
    "zoom": "09:05:12 From ana to Everyone:\n\thola\nqué tal\n09:06:12 From soporte to Everyone:\n\tbuenas\n",
    "zoom of old": "09:05:12\t From  ana : hola\nqué tal\n09:06:12\t From  soporte : buenas\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_a_chat_under_lines_of_name_and_time_is_read(reading, style: str):
    kept, aside = reading(STYLES[style], "pasted.txt")
    assert not aside
    assert said(kept) == [("user", "hola\nqué tal"), ("assistant", "buenas")]
    dated = {"discord", "telegram", "telegram on a phone", "teams", "wechat"}
    assert turns(kept)[0].timestamp == ("2024-01-15T09:05:00" if style in dated else None)
    assert turns(kept)[0].metadata["author"] == "ana"


def test_what_stands_above_a_pasted_chat_is_set_aside(reading):
    kept, aside = reading(f"y eso fue todo\n{STYLES['teams']}", "pasted.txt")
    assert len(turns(kept)) == 2
    assert [rejection.reason for rejection in aside] == ["text-before-first-message"]


@pytest.mark.parametrize(
    "content",
    [
        "2024-01-15 09:05:12 ERROR disk\nfull\n2024-01-15 09:05:13 WARN disk\nslow\n",
        "Reunión 9:05\nComida 14:00\nCena 21:00\n",
    ],
)
def test_lines_with_a_time_are_no_chat_by_themselves(reading, content: str):
    kept, aside = reading(content, "notes.txt")
    assert not kept
    assert [rejection.reason for rejection in aside] == ["unknown-format"]
