"""Pages of Messenger, Instagram and Discord, and what holds for pages of any program."""
# ruff: noqa: E501

import random

import pytest

from uncase_pipeline.raw.formats import gathered
from uncase_pipeline.raw.reader import FAULT
from uncase_pipeline_tests.raw.conftest import turns
from uncase_pipeline_tests.raw.page_shapes import (
    MESSAGES,
    OPEN,
    TEXT,
    box,
    bubble,
    chatlog,
    imessages,
    message,
    meta,
    page,
    post,
    sent,
    text,
    words,
)


@pytest.mark.parametrize("name", ["h2", "div"])
def test_a_page_of_messenger_or_instagram_is_read_oldest_first(reading, name: str):
    liked = '<ul class="_a6-q"><li><span>❤Mei Tanaka (Sep 24, 2025 10:44 pm)</span></li></ul>'
    kept, aside = reading(
        meta(
            box("Tienda Sol", f"Sí, mañana &amp; tarde{liked}", "Sep 24, 2025, 10:46:12 PM", name),
            box("Mei Tanaka", "<a href='photos/1.jpg'><img src='photos/1.jpg' class='_a6_o _3-96'/></a>", "Sep 24, 2025, 10:45:00 PM", name),
            box("Mei Tanaka", "Liked a message", "Sep 24, 2025, 10:44:30 PM", name),
            box("Mei Tanaka", "¿Abren?<br>¿Mañana?", "Sep 24, 2025, 10:44:12 PM", name),
        ),
        "message_1.html",
    )  # fmt: skip
    assert not aside
    assert [(m.role, m.kind, m.content) for m in turns(kept)] == [
        ("user", "text", "¿Abren?\n¿Mañana?"),
        ("system", "system", "Liked a message"),
        ("user", "media", "photo"),
        ("assistant", "text", "Sí, mañana & tarde"),
    ]
    assert turns(kept)[0].timestamp == "2025-09-24T22:44:12"


def test_pages_of_meta_in_other_languages_say_when(reading):
    for at in ("24 sept. 2025, 22:44:12", "24.09.2025, 22:44:12", "24 de set. de 2025 22:44:12", "Sept. 24, 2025 10:44:12 pm"):  # fmt: skip
        kept, _ = reading(meta(box("A", "hola", at), box("B", "buenas", at)), "message_1.html")
        assert [m.timestamp for m in turns(kept)] == ["2025-09-24T22:44:12"] * 2


def test_a_page_of_meta_that_holds_posts_is_no_chat(reading):
    posts = [box(f"caption {n}", "x", "Sep 24, 2025 10:44 pm") for n in range(9)]
    kept, aside = reading(meta(*posts), "posts_1.html")
    assert not kept
    assert [item.reason for item in aside] == ["html"]


def test_a_page_of_discord_is_read_with_groups_replies_and_notices(reading):
    reply = "<div class=chatlog__reply><div class=chatlog__reply-author>mika</div><div class=chatlog__reply-content><span class=chatlog__reply-link>my printer</span></div></div>"
    edited = (
        '<span class=chatlog__edited-timestamp title="Monday, September 1, 2025 10:09 AM">(edited)</span>'
    )
    kept, aside = reading(
        chatlog(
            f"<div class=chatlog__message-group>{post(1, words('my printer says <em>E05</em> <img class=chatlog__emoji alt=😢 title=cry src=x>'), 'mika')}{post(2, words('it blinks'), at='10:01 AM')}</div>",
            f"<div class=chatlog__message-group>{post(3, reply + words('reseat it' + edited), 'helper', '10:02 AM')}{post(4, '<div class=chatlog__attachment><a href=a.png><img class=chatlog__attachment-media src=a.png></a></div>', at='10:03 AM')}</div>",
            "<div class=chatlog__message-group><div class=chatlog__message-container><div class=chatlog__message><div class=chatlog__message-primary><div class=chatlog__header><span class=chatlog__system-notification-author title=helper>helper</span> "
            '<span class=chatlog__system-notification-content>pinned a message to this channel.</span> <span class=chatlog__system-notification-timestamp title="Monday, September 1, 2025 10:04 AM">x</span></div></div></div></div></div>',
        ),
        "Acme - help.html",
    )  # fmt: skip
    assert not aside
    assert [(m.metadata.get("author"), m.kind, m.content) for m in turns(kept)] == [
        ("mika", "text", "my printer says E05 😢"),
        ("mika", "text", "it blinks"),
        ("helper", "edited", "reseat it"),
        ("helper", "media", "attachment"),
        (None, "system", "helper pinned a message to this channel."),
    ]
    assert [m.timestamp for m in turns(kept)][:2] == ["2025-09-01T10:00:00", "2025-09-01T10:01:00"]


LONG = "hola " * 200
NUMBERS = range(20)
PAGES = {
    "telegram-html": page(*(message(n, text(LONG), "Ana") for n in NUMBERS)),
    "imessage": imessages(*(sent(bubble(LONG), "Ana") for _ in NUMBERS)),
    "messenger-html": meta(
        *(box("Ana" if n % 2 else "Luis", LONG, "Sep 24, 2025, 10:44:12 PM") for n in NUMBERS)
    ),
    "discord-html": chatlog(
        *(f"<div class=chatlog__message-group>{post(n, words(LONG), 'mika')}</div>" for n in NUMBERS)
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_would_have_to_be_held_beyond_the_bound_is_refused_as_one(
    reading, monkeypatch: pytest.MonkeyPatch, name: str
):
    kept, aside = reading(PAGES[name], "messages.html")
    assert not aside
    assert sum(LONG.strip() in item.content for item in turns(kept)) == len(NUMBERS)
    monkeypatch.setattr(gathered, "HELD_LIMIT", len(LONG) * len(NUMBERS) // 2)
    kept, aside = reading(PAGES[name], "messages.html")
    assert not kept
    assert [item.reason for item in aside] == ["too-much-to-hold"]


SEEDS = (
    page(*OPEN),
    imessages(sent(bubble("zanahoria"), "Ana"), sent(bubble("ok"))),
    TEXT,
    meta(box("A", "zanahoria", "Sep 24, 2025 10:44 pm"), box("B", "ok", "Sep 24, 2025 10:43 pm")),
    chatlog(
        f"<div class=chatlog__message-group>{post(1, words('zanahoria'), 'mika')}{post(2, words('ok'))}</div>"
    ),
    MESSAGES,
)


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_pages_never_raise_and_never_quote(reading, seed: str):
    randomness = random.Random(seed)
    nasty = [
        "<",
        ">",
        "</div>",
        "<div>",
        "<!--",
        "&#x110000;",
        "&#0;",
        '"',
        "\x00",
        "<![CDATA[",
        "<?",
        "zanahoria",
        "\n",
    ]
    for _ in range(60):
        content = seed
        for _ in range(randomness.randint(1, 5)):
            at = randomness.randrange(len(content))
            content = (
                content[:at] + randomness.choice(nasty) + content[at + randomness.choice([0, 0, 3, 40]) :]
            )
        kept, aside = reading(content, "messages.html")
        assert kept or aside
        assert all(item.reason != FAULT and "zanahoria" not in repr(item) for item in aside)
