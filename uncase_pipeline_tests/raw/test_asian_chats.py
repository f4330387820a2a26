"""LINE's and KakaoTalk's text exports, from phones and desktops, in the languages that people set there."""
# ruff: noqa: E501

import pytest

from uncase_pipeline_tests.raw.conftest import said, turns

OPEN = ("Is the tutor free?", "Yes, at five")


def line(title: str, saved: str, day: str, *times: str) -> str:
    """A chat of LINE in one language."""
    first, second, third = times
    return f"{title}\n{saved}\n\n{day}\n{first}\tMika\t{OPEN[0]}\n{second}\tAkademi\t{OPEN[1]}\n{third}\tMika\t[Sticker]\n"


@pytest.mark.parametrize(
    "content",
    [
        line("[LINE] Chat history with Mika", "Saved on: 11/04/2025, 08:00", "Mon, 11/03/2025", "8:15AM", "8:20AM", "12:05PM"),
        line("[LINE] Chat history with Mika", "Saved on: 04/11/2025, 08:00", "Mon, 03/11/2025", "08:15AM", "08:20AM", "12:05PM"),
        line("[LINE] Chat history in Mika", "Saved on: 2025/11/04 08:00", "2025/11/03(Mon)", "08:15", "08:20", "12:05"),
        line("[LINE] Mikaとのトーク履歴", "保存日時：2025/11/04 08:00", "2025/11/03(月)", "08:15", "08:20", "12:05"),
        line("[LINE] Mikaとのトーク履歴", "保存日時：2025/11/04 08:00", "2025/11/03(月)", "午前8:15", "午前8:20", "午後0:05"),
        line("[LINE] 與Mika的聊天記錄", "儲存日期：2025/11/04 08:00", "2025/11/03（一）", "上午08:15", "上午08:20", "下午12:05"),
        line("[LINE] Mika的聊天記錄", "儲存日期：2025/11/04 08:00", "2025.11.03 星期一", "08:15", "08:20", "12:05"),
        line("[LINE] Historial de chat con Mika", "Guardado el: 04/11/2025 08:00", "lun., 03/11/2025", "08:15", "08:20", "12:05"),
        line("[LINE] ประวัติการสนทนากับ Mika", "บันทึกวันที่: 2025/11/04 08:00", "2025/11/03 จันทร์", "08:15", "08:20", "12:05"),
    ],
)  # fmt: skip
def test_a_line_chat_is_read_whatever_language_the_app_is_set_to(reading, content: str):
    for written in (content, content.replace("\n", "\r\n"), "\ufeff" + content):
        kept, aside = reading(written, "[LINE]Mika.txt")
        assert not aside
        assert said(kept) == [("user", OPEN[0]), ("assistant", OPEN[1]), ("user", "[Sticker]")]
        assert [m.timestamp for m in turns(kept)] == [
            "2025-11-03T08:15:00", "2025-11-03T08:20:00", "2025-11-03T12:05:00",
        ]  # fmt: skip
        assert turns(kept)[2].kind == "media"
        assert kept[0].source is not None
        assert kept[0].source.format == "line"


LINE = "2025/11/03(Mon)\n08:15\tMika\tIs the tutor free?\n08:20\tAkademi\tYes, at five\n"


def test_a_message_of_several_lines_loses_the_quotes_that_line_puts_around_it(reading):
    kept, _ = reading(
        LINE + '08:21\tMika\t"one\n\ntwo, ""three"""\n08:22\tAkademi\t"quoted"\n08:23\tMika\t"open\n', "a.txt"
    )
    assert [m.content for m in turns(kept)][2:] == ['one\n\ntwo, "three"', '"quoted"', '"open']


def test_what_line_says_of_itself_is_a_notice_and_a_call_is_a_call(reading):
    kept, _ = reading(
        LINE + "08:24\tMika unsent a message.\n08:25\t\tMika joined the group.\n08:26\tMika\t☎ Call time 0:32\n08:27\tMika\t[Location] Calle 1\n",
        "a.txt",
    )  # fmt: skip
    assert [(m.kind, m.role) for m in turns(kept)][2:] == [
        ("system", "system"), ("system", "system"), ("call", "user"), ("location", "user"),
    ]  # fmt: skip


def test_where_only_blanks_part_them_a_name_is_what_all_its_lines_begin_with(reading):
    kept, aside = reading(
        "2025.12.30 火曜日\n23:43 natsumi スタンプ\n23:47 Clinic Aoi はい！\n明日どうぞ\n23:48 natsumi ありがとう ございます\n"
        "23:49 Clinic Aoi お待ちしています\n23:50 natsumiがメッセージの送信を取り消しました\n",
        "a.txt",
    )  # fmt: skip
    assert not aside
    assert [(m.metadata.get("author"), m.content) for m in turns(kept)] == [
        ("natsumi", "スタンプ"),
        ("Clinic Aoi", "はい！\n明日どうぞ"),
        ("natsumi", "ありがとう ございます"),
        ("Clinic Aoi", "お待ちしています"),
        (None, "natsumiがメッセージの送信を取り消しました"),
    ]


def test_a_day_is_read_by_its_weekday_where_its_numbers_leave_two_ways(reading):
    for day, read in (
        ("Mon, 11/03/2025", "2025-11-03"),
        ("Tue, 11/03/2025", "2025-03-11"),
        ("Xyz, 11/03/2025", "2025-03-11"),
    ):
        kept, _ = reading(LINE.replace("2025/11/03(Mon)", day), "a.txt")
        assert turns(kept)[0].timestamp == f"{read}T08:15:00"


def test_text_above_the_first_day_is_set_aside_and_the_rest_is_read(reading):
    kept, aside = reading("[LINE] Chat history with Mika\nwho wrote this?\n" + LINE, "a.txt")
    assert [item.reason for item in aside] == ["text-before-first-message"]
    assert [m.content for m in turns(kept)] == [*OPEN]


KAKAO_DESKTOP = """민준 님과 카카오톡 대화
저장한 날짜 : 2025-08-29 22:58:30

--------------- 2025년 8월 29일 금요일 ---------------
[민준] [오전 9:00] 상담 가능한가요?
[상담센터] [오후 12:05] 네 가능합니다
어떤 문제인가요?
[민준] [오후 1:05] 사진
[민준] [오후 1:06] 삭제된 메시지입니다.
민준님이 나갔습니다.
"""
KAKAO_PHONE = """민준 님과 카카오톡 대화
저장한 날짜 : 2025년 8월 29일 오후 10:58


2025년 8월 29일 오전 9:00
2025년 8월 29일 오전 9:00, 민준 : 상담 가능한가요?
2025년 8월 29일 오후 12:05, 상담센터 : 네 가능합니다
어떤 문제인가요?
2025년 8월 29일 오후 1:05, 민준 : 사진
2025년 8월 29일 오후 1:06, 민준 : 삭제된 메시지입니다.
2025년 8월 29일 오후 1:07, 민준님이 나갔습니다.
"""
KAKAO_IPHONE = """민준 1 님과 카카오톡 대화
저장한 날짜 : 2025. 8. 29. 오후 10:58



2025년 8월 29일 금요일
2025. 8. 29. 오전 9:00, 민준 : 상담 가능한가요?
2025. 8. 29. 오후 12:05, 상담센터 : 네 가능합니다
어떤 문제인가요?
2025. 8. 29. 오후 1:05, 민준 : 사진 3장
2025. 8. 29. 오후 1:06, 민준 : 삭제된 메시지입니다.
2025. 8. 29. 오후 1:07: 민준님이 나갔습니다.
"""
TALK = [("user", "상담 가능한가요?"), ("assistant", "네 가능합니다\n어떤 문제인가요?")]


@pytest.mark.parametrize("content", [KAKAO_DESKTOP, KAKAO_PHONE, KAKAO_IPHONE])
def test_a_kakaotalk_chat_is_read_from_a_desktop_and_from_phones(reading, content: str):
    kept, aside = reading(content, "KakaoTalkChats.txt")
    assert not aside
    assert said(kept)[:2] == TALK
    assert [m.timestamp for m in turns(kept)][:2] == ["2025-08-29T09:00:00", "2025-08-29T12:05:00"]
    assert [m.kind for m in turns(kept)] == ["text", "text", "media", "deleted", "system"]
    assert kept[0].source is not None
    assert kept[0].source.format == "kakaotalk"


@pytest.mark.parametrize(
    "content",
    [
        "Minjun KakaoTalk Chats with Minjun\n"[7:] + "Date Saved : Aug 29, 2025, 10:58 PM\n\n\nFriday, August 29, 2025\nAug 29, 2025, 9:00 AM, Minjun : are you open?\nAug 29, 2025, 12:05 PM, Center : yes\n",
        "KakaoTalk Chats with Minjun\nDate Saved : 2025-08-29 22:58:30\n\nAugust 29, 2025 at 9:00 AM, Minjun : are you open?\nAugust 29, 2025 at 12:05 PM, Center : yes\n",
        "KakaoTalk Chats with Minjun\nDate Saved : 2025-08-29 22:58:30\n\n--------------- Friday, August 29, 2025 ---------------\n[Minjun] [9:00 AM] are you open?\n[Center] [12:05 PM] yes\n",
    ],
)  # fmt: skip
def test_a_kakaotalk_chat_is_read_in_english(reading, content: str):
    kept, aside = reading(content, "KakaoTalkChats.txt")
    assert not aside
    assert said(kept) == [("user", "are you open?"), ("assistant", "yes")]
    assert [m.timestamp for m in turns(kept)] == ["2025-08-29T09:00:00", "2025-08-29T12:05:00"]


def test_the_table_of_kakaotalk_for_mac_is_read(reading):
    kept, aside = reading(
        'Date,User,Message\n2025-08-29 09:00:10,"민준","상담 가능한가요?"\n2025-08-29 12:05:00,"상담센터","네 가능합니다\n어떤 문제인가요?"\n',
        "KakaoTalk_Chat.csv",
    )  # fmt: skip
    assert not aside
    assert said(kept) == TALK


@pytest.mark.parametrize("content", [KAKAO_DESKTOP, KAKAO_PHONE, LINE])
def test_a_chat_that_breaks_off_anywhere_keeps_what_it_has(reading, content: str):
    whole = [m.content for m in turns(reading(content, "a.txt")[0])]
    for end in range(content.index("상담센터" if "상담센터" in content else "Akademi") + 20, len(content), 5):
        kept, aside = reading(content[:end], "a.txt")
        assert not aside
        found = [m.content for m in turns(kept)]
        assert found[:-1] == whole[: len(found) - 1]


def test_a_notice_long_after_the_last_word_is_no_conversation_of_its_own(reading):
    kept, _ = reading(LINE + "\n2025/11/25(Tue)\n20:22\tMika left the group.\n", "a.txt")
    assert [[m.kind for m in item.messages] for item in kept] == [["text", "text", "system"]]
