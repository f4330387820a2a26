"""All formats, in the order in which they are asked. A new format is one new file and one line here."""

from uncase_pipeline.raw.formats.alpaca import ALPACA
from uncase_pipeline.raw.formats.base import Format, Shape, of_shape
from uncase_pipeline.raw.formats.bot_logs import BOT_LOGS
from uncase_pipeline.raw.formats.chatgpt_account import CHATGPT
from uncase_pipeline.raw.formats.dialogue import DIALOGUE
from uncase_pipeline.raw.formats.discord_html import DISCORD_HTML
from uncase_pipeline.raw.formats.email import EMAIL
from uncase_pipeline.raw.formats.exchanges import EXCHANGES
from uncase_pipeline.raw.formats.freshdesk import FRESHDESK
from uncase_pipeline.raw.formats.google_chat import GOOGLE_CHAT
from uncase_pipeline.raw.formats.imessage import IMESSAGE, IMESSAGE_HTML
from uncase_pipeline.raw.formats.intercom import INTERCOM
from uncase_pipeline.raw.formats.json_rows import JSON_ROWS
from uncase_pipeline.raw.formats.kakao import KAKAO
from uncase_pipeline.raw.formats.line import LINE
from uncase_pipeline.raw.formats.mail_text import EMAIL_TEXT
from uncase_pipeline.raw.formats.mattermost import MATTERMOST
from uncase_pipeline.raw.formats.messenger import MESSENGER
from uncase_pipeline.raw.formats.meta_html import META_HTML
from uncase_pipeline.raw.formats.native import NATIVE
from uncase_pipeline.raw.formats.open_assistant import OPEN_ASSISTANT
from uncase_pipeline.raw.formats.openai_messages import OPENAI
from uncase_pipeline.raw.formats.parquet import PARQUET
from uncase_pipeline.raw.formats.sharegpt import SHAREGPT
from uncase_pipeline.raw.formats.signal import SIGNAL
from uncase_pipeline.raw.formats.signal_cli import SIGNAL_CLI
from uncase_pipeline.raw.formats.skype import SKYPE
from uncase_pipeline.raw.formats.slack import SLACK
from uncase_pipeline.raw.formats.sms import SMS
from uncase_pipeline.raw.formats.stamped import STAMPED
from uncase_pipeline.raw.formats.table import TABLE
from uncase_pipeline.raw.formats.teams import TEAMS
from uncase_pipeline.raw.formats.telegram import TELEGRAM
from uncase_pipeline.raw.formats.telegram_html import TELEGRAM_HTML
from uncase_pipeline.raw.formats.transcript import TRANSCRIPT
from uncase_pipeline.raw.formats.whatsapp import WHATSAPP
from uncase_pipeline.raw.formats.whatsapp_cloud import WHATSAPP_CLOUD
from uncase_pipeline.raw.formats.whatsapp_web import WHATSAPP_WEB
from uncase_pipeline.raw.formats.workbook import WORKBOOK
from uncase_pipeline.raw.formats.yaml_document import yaml_of
from uncase_pipeline.raw.formats.zendesk import ZENDESK

SHAPES: tuple[Shape, ...] = (
    NATIVE,
    ZENDESK,
    FRESHDESK,
    INTERCOM,
    TELEGRAM,
    GOOGLE_CHAT,
    SKYPE,
    MESSENGER,
    CHATGPT,
    SHAREGPT,
    OPENAI,
    EXCHANGES,
    ALPACA,
    DIALOGUE,
)
"""Formats whose records are JSON objects; the more particular before the more tolerant."""

FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        PARQUET,
        WORKBOOK,
        SIGNAL,
        SIGNAL_CLI,
        WHATSAPP,
        WHATSAPP_CLOUD,
        WHATSAPP_WEB,
        TELEGRAM_HTML,
        META_HTML,
        DISCORD_HTML,
        SMS,
        IMESSAGE,
        IMESSAGE_HTML,
        LINE,
        KAKAO,
        EMAIL,
        EMAIL_TEXT,
        SLACK,
        TEAMS,
        MATTERMOST,
        BOT_LOGS,
        OPEN_ASSISTANT,
        *(of_shape(shape, lambda: SHAPES) for shape in SHAPES),
        yaml_of(lambda: SHAPES),
        JSON_ROWS,
        TABLE,
        STAMPED,
        TRANSCRIPT,
    )
}
