"""Pages and backups of chats as their programs write them, with invented content."""
# ruff: noqa: E501

import html

USERPIC = '<div class="pull_left userpic_wrap"><div class="userpic userpic3"><div class="initials" style="line-height: 42px">\nA\n</div></div></div>'


def message(
    number: int, body: str, author: str | None = None, at: str = "10:00:00", zone: str = " UTC+01:00"
) -> str:
    """One message as Telegram Desktop writes it; joined to the one above where it names nobody."""
    name = f'\n  <div class="from_name">\n{author} \n  </div>\n' if author else ""
    joined = "" if author else " joined"
    return (
        f'\n<div class="message default clearfix{joined}" id="message{number}">\n {USERPIC if author else ""}\n <div class="body">\n'
        f'\n  <div class="pull_right date details" title="03.02.2025 {at}{zone}">\n{at[:5]}\n  </div>\n{name}{body}\n </div>\n\n</div>\n'
    )


def text(said: str) -> str:
    """The words of a message."""
    return f'\n  <div class="text">\n{said}\n  </div>\n'


def day(number: int, shown: str) -> str:
    """What divides the days of a page, and tells what happened."""
    return f'\n<div class="message service" id="message{number}">\n\n <div class="body details">\n{shown}\n </div>\n\n</div>\n'


def page(*parts: str, title: str = "Ana Cruz") -> str:
    """A page of messages."""
    return (
        '<!DOCTYPE html>\n<html>\n <head>\n  <meta charset="utf-8"/>\n<title>Exported Data</title>\n  <script src="js/script.js" type="text/javascript"></script>\n'
        f' </head>\n <body onload="CheckLocation();">\n  <div class="page_wrap">\n   <div class="page_header">\n    <div class="content">\n     <div class="text bold">\n{title}\n     </div>\n    </div>\n   </div>\n'
        f'   <div class="page_body chat_page">\n    <div class="history">\n{"".join(parts)}\n    </div>\n   </div>\n  </div>\n </body>\n</html>\n'
    )  # fmt: skip


OPEN = (
    message(1, text("¿Abren <strong>hoy</strong>?"), "Ana Cruz"),
    message(2, text("Necesito un turno"), at="10:00:20"),
    message(3, text("Sí, hasta las 6"), "Clínica Sol", at="10:01:00"),
)


def sent(body: str, sender: str = "Me", at: str = "5:29:42 PM", more: str = "") -> str:
    """One message of a page of imessage-exporter."""
    side = "sent" if sender == "Me" else "received"
    return (
        f'<div class="message">\n    <div class="{side} iMessage">\n        <p>\n            <span class="timestamp">\n                <a title="Reveal in Messages app" href="sms://open?message-guid=X">May 17, 2025  {at}</a>\n                (Read by them after 1 hour)\n            </span>\n            \n'
        f'            <span class="sender">{sender}</span>\n        </p>\n        <hr>\n<div class="message_part">\n    {body}\n    </div>\n\n        {more}\n    </div>\n</div>\n'
    )  # fmt: skip


def bubble(said: str) -> str:
    """The words of such a message."""
    return f'<span class="bubble">{html.escape(said)}</span>'


def imessages(*parts: str) -> str:
    """A page of imessage-exporter."""
    return f'<html>\n<head>\n<meta charset="UTF-8">\n<style>.message {{ margin: 1%; }}</style>\n</head>\n<body>\n{"".join(parts)}</body></html>'


TEXT = """May 17, 2025  5:29:42 PM (Read by them after 1 hour, 49 seconds)
Me
¿Sigue en pie la cita?

Y otra cosa: traiga la póliza
Tapbacks:
    Loved by Lena Whitford

    May 17, 2025  6:02:10 PM
    Lena Whitford
    Sí, allí estaré

May 17, 2025  6:02:10 PM
Lena Whitford
Sí, allí estaré
This message responded to an earlier message.

May 17, 2025  6:03:00 PM Lena Whitford added Raj Patel to the conversation.

May 17, 2025  6:04:00 PM
Raj Patel
attachments/AB/CD/IMG_1234.HEIC

May 17, 2025 11:04:00 PM
Me
Me unsent a message!

"""


def box(author: str, body: str, at: str, name: str = "h2") -> str:
    """One message of a page of Meta."""
    return (
        f'<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder"><{name} class="_3-95 _2pim _a6-h _a6-i">{author}</{name}>'
        f'<div class="_3-95 _a6-p"><div><div></div><div>{body}</div><div></div><div></div></div></div><div class="_3-94 _a6-o">{at}</div></div>'
    )  # fmt: skip


def meta(*boxes: str) -> str:
    """A page of Meta, newest first."""
    return f'<html><head><base href="../../../"/><style type="text/css">.x{{}}</style><title>Mei</title></head><body class="_5vb_ _2yq _a7o5"><main class="_a706" role="main">{"".join(boxes)}</main></body></html>'


def chatlog(*groups: str) -> str:
    """A page of DiscordChatExporter; it leaves out quotes where it can."""
    return (
        "<!DOCTYPE html><html lang=en><head><title>Acme - help</title><meta charset=utf-8><style>.chatlog__message-group{margin:0}</style></head>"
        f"<body><div class=preamble><div class=preamble__entry>Acme</div></div><div class=chatlog>{''.join(groups)}</div>"
        "<div class=postamble><div class=postamble__entry>Exported 4 message(s)</div></div></body></html>"
    )


def post(number: int, content: str, author: str | None = None, at: str = "10:00 AM", more: str = "") -> str:
    """One message of it."""
    full = f"Monday, September 1, 2025 {at}"
    head = (
        f'<div class=chatlog__header><span class=chatlog__author style=color:red title={author} data-user-id=7>{author}</span> <span class=chatlog__timestamp title="{full}"><a href=#c-{number}>9/1/2025 {at}</a></span></div>'
        if author
        else f'<div class=chatlog__short-timestamp title="{full}">{at}</div>'
    )
    return (
        f"<div id=chatlog__message-container-{number} class=chatlog__message-container data-message-id={number}><div class=chatlog__message><div class=chatlog__message-aside>"
        f"{'<img class=chatlog__avatar src=x alt=Avatar loading=lazy>' if author else ''}</div><div class=chatlog__message-primary>{head}{content}{more}</div></div></div>"
    )


def words(said: str) -> str:
    """The words of such a message."""
    return f'<div class="chatlog__content chatlog__markdown"><span class=chatlog__markdown-preserve>{said}</span></div>'


MESSAGES = """<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<?xml-stylesheet type="text/xsl" href="sms.xsl"?>
<smses count="6" backup_set="839ed921" backup_date="1611162725896" type="full">
  <sms protocol="0" address="+15550100" date="1736935500000" type="1" subject="null" body="Can you come &quot;Tuesday&quot;?&#10;At 9 &lt;or later&gt; &#55357;&#56832;" toa="null" read="1" status="-1" readable_date="Jan 15, 2025 10:05:00 AM" contact_name="Pat Example" />
  <sms protocol="0" address="+15550200" date="1736935560000" type="1" body="hello" contact_name="(Unknown)" />
  <sms protocol="0" address="+15550100" date="1736935620000" type="2" body="Yes" contact_name="Pat Example" />
  <sms protocol="0" address="+15550100" date="1736935680000" type="3" body="a draft" contact_name="Pat Example" />
  <mms date="1736935740000" msg_box="1" address="+15550100" m_type="132" contact_name="Pat Example">
    <parts><part seq="-1" ct="application/smil" text="&lt;smil/&gt;" /><part seq="0" ct="image/png" name="pic.png" text="null" data="AAAA" /><part seq="1" ct="text/plain" text="see picture" /></parts>
    <addrs><addr address="+15550100" type="137" charset="106" /></addrs>
  </mms>
  <mms date="1736935800" msg_box="2" address="+15550200"><parts><part seq="0" ct="image/png" text="null" data="AAAA" /></parts></mms>
</smses>
"""
