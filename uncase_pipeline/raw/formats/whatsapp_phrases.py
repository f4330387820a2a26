"""What WhatsApp writes in place of a message, in the languages it is exported in. Knows no headers and no dates.

Sources: the app's own strings as they occur in published exports, iOS and Android, es en pt de fr it nl. A
placeholder is one only if it is the whole message: a photo with a caption is text that somebody wrote.
"""

import re
from itertools import product

from uncase_pipeline.records.conversation import Kind

_DELETED = """
this message was deleted|you deleted this message|this message was deleted by admin
se eliminó este mensaje|eliminaste este mensaje|este mensaje fue eliminado|este mensaje ha sido eliminado
has eliminado este mensaje|se ha eliminado este mensaje|este mensaje se eliminó|mensaje eliminado
borraste este mensaje|se borró este mensaje|has borrado este mensaje|este mensaje fue borrado
mensagem apagada|você apagou esta mensagem|essa mensagem foi apagada|esta mensagem foi apagada
apagou esta mensagem|eliminou esta mensagem|esta mensagem foi eliminada|você apagou essa mensagem
diese nachricht wurde gelöscht|du hast diese nachricht gelöscht
ce message a été supprimé|vous avez supprimé ce message
questo messaggio è stato eliminato|hai eliminato questo messaggio|messaggio eliminato
dit bericht is verwijderd|dit bericht werd verwijderd|je hebt dit bericht verwijderd|u hebt dit bericht verwijderd
"""
_MEDIA = """
<media omitted>|<medien ausgeschlossen>|<ficheiro não revelado>|<media verwijderd>
<pominięto multimedia>|<без медиафайлов>|<медіа пропущено>|<medya dahil edilmedi>|<media tidak disertakan>
<media utesluten>|<mediefil utelatt>|<medie udeladt>|<media jätetty pois>|<média vynechány>|<hiányzó média>
<تم استبعاد الوسائط>|<המדיה לא נכללה>
<省略多媒体文件>|<已忽略多媒體檔>|<メディアなし>|<미디어 파일을 제외함>
view once photo|view once video|view once voice message|view once message
waiting for this message. this may take a while|esperando el mensaje. esto puede tomar tiempo
esperando este mensaje. esto puede tardar un momento|aguardando mensagem. essa ação pode levar alguns instantes
warten auf diese nachricht. dies kann eine weile dauern
en attente de ce message. ceci peut prendre un moment
"""
_CALL_MISSED = """
missed voice call|missed video call|missed group call|missed group voice call|missed group video call
llamada perdida|llamada de voz perdida|videollamada perdida|llamada grupal perdida|llamada de vídeo perdida
chamada perdida|chamada de voz perdida|chamada de vídeo perdida|ligação de voz perdida|ligação de vídeo perdida
ligação perdida|verpasster anruf|verpasster sprachanruf|verpasster videoanruf|verpasster gruppenanruf
appel manqué|appel vocal manqué|appel vidéo manqué|chiamata persa|chiamata vocale persa|videochiamata persa
gemiste oproep|gemiste spraakoproep|gemiste video-oproep|gemiste audio-oproep|gemist spraakgesprek|gemist videogesprek
"""

PHRASES: dict[str, Kind] = {
    **{phrase: "deleted" for line in _DELETED.strip().splitlines() for phrase in line.split("|")},
    **{phrase: "media" for line in _MEDIA.strip().splitlines() for phrase in line.split("|")},
    **{phrase: "call" for line in _CALL_MISSED.strip().splitlines() for phrase in line.split("|")},
}
"""Whole messages, casefolded and without a final stop."""
_BY_ADMIN = re.compile(
    rf"(?:{_DELETED.strip().replace(chr(10), '|')}),? .{{0,15}}(?:admin|beheerder|amministrat)|"
    r"diese nachricht wurde vo[nm] \w*\s?admin"
)
_ANGLED = re.compile(
    r"<[^<>\n]{0,60}(?:omit|ocult|weggelassen|ausgelassen|omis|omess|inclus|weggelaten|absent|retir[ée])[^<>\n]{0,40}>$",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"visualización única|visualização única|visualizações únicas|vue unique|einmalige[nr]? ansicht|"
    r"una volta|una sola volta|eenmalig|view once|ver una vez",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"<(?:this message was edited|se editó este mensaje|mensaje editado|este mensaje fue editado|"
    r"mensagem editada|esta mensagem foi editada|diese nachricht wurde bearbeitet|nachricht bearbeitet|"
    r"ce message a été modifié|message modifié|"
    r"questo messaggio è stato modificato|messaggio modificato|dit bericht is bewerkt|dit bericht is gewijzigd)\.?>$",
    re.IGNORECASE,
)
_NOUN = (
    r"image|imagen|imagem|bild|immagine|afbeelding|foto|photo|v[ií]deo|vid[ée]o|audio|áudio|sticker|figurinha|gif|"
    r"document|documento|dokument|contact card|tarjeta de contacto|cartão do contato|kontaktkarte|fiche contact|"
    r"scheda contatto|contactkaart|video note|voice message|mensaje de voz|mensagem de voz|sprachnachricht|"
    r"note vocale|message vocal|nota de voz|videonachricht|nota de v[ií]deo|message vidéo"
)
_GONE = r"omitted|omitid[oa]|ocult(?:ad)?[oa]|(?:weg|aus)gelassen|omise?|omess[oa]|weggelaten"
_OMITTED = re.compile(
    rf"(?:(?P<caption>.*?)[ \n]?\u200e)?(?:{_NOUN}) "
    rf"(?:{_GONE}|absente?|retirée?|manquante?|esclus[oa]|non inclus[oa]|n[ãa]o revelad[oa])\.?$",
    re.IGNORECASE | re.DOTALL,
)
_LEFT_OUT = re.compile(rf" (?:(?:{_GONE})s?|omess[ie])\.?$", re.IGNORECASE)
_ATTACHED_TAG = re.compile(
    r"(?P<caption>.*?)[ \n]?\u200e?<(?:attached|adjunto|archivo adjunto|anexado|anexo|(?:ficheiro|arquivo) anexado|"
    r"anhang|pièce jointe|fichier joint|allegato|bijgevoegd|bijlage)\s?: [^<>\n]+>$",
    re.IGNORECASE | re.DOTALL,
)
_MARKED_TAG = re.compile(
    r"(?P<caption>(?:.*[ \n])?)(?:(?<=\u200e)|\u200e|^)<[^<>:\n]{2,25}:\s?\d{6,}-[^<>\n]+\.\w{2,5}>$",
    re.DOTALL,
)
"""A file that was attached, whatever the language: its number and name stand behind the colon."""
_MARKED_END = re.compile(r"\u200e<[^<>:\n]{5,60}>$")
"""What the app put behind a message, whatever the language: that it was edited."""
_ATTACHED_FILE = re.compile(
    r"[^\n]+\.\w{1,5} \((?:file attached|archivo adjunto|arquivo anexado|ficheiro anexado|datei angehängt|"
    r"fichier joint|file allegato|bestand bijgevoegd|bestand toegevoegd)\)$|"
    r"\u200e?[A-Z]{3}-\d{8}-WA\d+\.\w{2,5} \([^()\n]{3,40}\)$",
    re.IGNORECASE,
)
_PLACES = "location|ubicación|localização|standort|localisation|emplacement|position|posizione|locatie"
_LOCATION = re.compile(
    rf"(?:{_PLACES})\s?: ?https?://|"
    r"https?://maps\.google\.com/\?q=-?\d|"
    r"(?:live location shared|ubicación en tiempo real compartida|se compartió la ubicación en tiempo real|"
    r"localização em tempo real compartilhada|localização em tempo real|live-standort wird geteilt|"
    r"localisation en direct partagée|posizione in tempo reale condivisa|live locatie gedeeld)\.?$",
    re.IGNORECASE,
)
_POLLS = "poll|encuesta|enquete|inquérito|sondagem|umfrage|sondage|sondaggio|peiling"
_POLL = re.compile(
    rf"(?:{_POLLS})\s?: ?(?P<options>\n[^\n]+\n\W?"
    r"(?:option|opci[oó]n|opção|opzione|optie|optio)\s?:)?",
    re.IGNORECASE,
)
_PLACE = re.compile(
    rf"(?:{_PLACES})\s?:|"
    r"(?:live location|ubicación en tiempo real|localização em tempo real|live-standort|posizione in tempo reale)",
    re.IGNORECASE,
)
_AT = re.compile(r" (?:at|a las|às|um|à|alle|om) \d{1,2}[:.]\d\d\b.*$", re.IGNORECASE)
_CALL = re.compile(
    r"(?:missed |silenced )?(?:group )?(?:voice|video|group|audio) c(?:all|hat)\b|"
    r"(?:video)?llamada\b|(?:chamada|ligação)\b|"
    r"(?:verpasster )?(?:sprach|video|gruppen)anruf\b|appel (?:vocal|vidéo|de groupe|audio)\b|"
    r"(?:video)?chiamata\b|(?:gemiste? )?(?:spraak|video|audio|groeps)-?(?:oproep|gesprek)\b|videogesprek\b",
    re.IGNORECASE,
)
_ENCRYPTION = re.compile(
    r"(?:messages and calls are|messages to this (?:chat|group)|messages you send|this (?:chat|business)|"
    r"los mensajes y (?:las )?llamadas|las llamadas y los mensajes|"
    r"los mensajes (?:en|de|enviados a|que envíes a) este (?:chat|grupo)|"
    r"as mensagens e (?:as )?(?:chamadas|ligações)|as (?:chamadas|ligações) e (?:as )?mensagens|"
    r"as mensagens (?:deste|desta|enviadas|são)|"
    r"nachrichten und anrufe|nachrichten in diesem chat|nachrichten an diese|"
    r"les messages et (?:les )?appels|les messages (?:envoyés|dans|de ce)|"
    r"i messaggi e le chiamate|i messaggi (?:in|inviati)|"
    r"(?:de )?berichten en (?:gesprekken|oproepen)|berichten (?:in|naar) (?:dit|deze))"
    r".{0,120}?(?:end-to-end|encrypt|cifrad|criptograf|encriptad|verschlüssel|chiffr|crittograf|versleutel|secured)",
    re.IGNORECASE | re.DOTALL,
)
_NOTICE = re.compile(
    r"\b(?:created (?:this )?group|changed (?:the|this)|added|removed|joined|left|"
    r"creó (?:el|este) grupo|cambió (?:el|la|los|las|su)|cambiaste|añadió|agregó|eliminó a|salió|se unió|creaste|"
    r"criou (?:o|este) grupo|mudou|alterou|adicionou|removeu|entrou|saiu|"
    r"hat (?:die|den|das|diese)|wurde hinzugefügt|hinzugefügt|erstellt|geändert|"
    r"a créé|a changé|a modifié|a ajouté|a quitté|ha creato|ha cambiato|ha modificato|ha aggiunto|"
    r"heeft (?:de|het|deze)|gewijzigd|aangemaakt|toegevoegd|you created|your security code|tu código de seguridad)\b",
    re.IGNORECASE,
)
_NOTICE_ALONE = re.compile(
    r"^(?:welcome to the (?:community|group)|te damos la bienvenida a la comunidad)|"
    r"\b(?:this group to the community|este grupo a la comunidad|this group's settings|settings of this group|"
    r"configuraci[oó]n(?:es)? de este grupo)\b",
    re.IGNORECASE,
)
_SEEN_ONCE = "null"
"""What Android writes for what could be seen once."""
_LONGEST_NAME = 5
_SHORT = 60
_QUOTES = frozenset("\"“”«»„'")


_OPENINGS = (
    f"{_PLACES}|{_POLLS}|https|live|"
    "se compartió|messages|this|los mensajes|as mensagens|nachrichten|les messages|i messaggi|"
    "de berichten|berichten|image|imagen|imagem|bild|"
    "immagine|afbeelding|foto|photo|vídeo|video|vidéo|audio|áudio|sticker|figurinha|gif |document|dokument|contact|"
    "las llamadas|as chamadas|"
    "tarjeta|cartão|kontaktkarte|fiche|scheda|voice|mensaje|mensagem|sprachnachricht|note|message|nota"
)
STARTS = frozenset(
    "".join(letters)
    for phrase in [*PHRASES, _SEEN_ONCE, *_OPENINGS.split("|")]
    for letters in product(*({letter, letter.upper()} for letter in phrase[:4]))
)
"""The first letters, in either case, of all that the app writes without a mark."""
ENDS = frozenset(">)")
"""What begins and ends otherwise, and holds no mark, is text."""


def placeholder(text: str) -> Kind | None:
    """Return what a whole message stands for (media, deleted, missed call), None where somebody wrote it."""
    if text == _SEEN_ONCE:
        return "media"
    bare = text.replace("\u200e", "").strip(" \n\u200f").casefold()
    return PHRASES.get(bare.rstrip(".")) or ("deleted" if _BY_ADMIN.match(bare) else None)


def classify(text: str, *, marked: bool) -> Kind:
    """Return the kind of a message that has an author.

    Args:
        text: Without its leading mark.
        marked: Whether the app put a left-to-right mark before it: then the app wrote it, not the person.
    """
    kind = placeholder(text) if len(text) < 90 else None
    kind = kind or _by_ending(text) or _omitted(text, marked=marked)
    if kind is None:
        kind = "system" if _ENCRYPTION.match(text) else "location" if _LOCATION.match(text) else None
    if kind is None and (poll := _POLL.match(text)) and poll["options"]:
        kind = "poll"
    return kind or (_written_by_the_app(text) if marked else "text")


def _by_ending(text: str) -> Kind | None:
    if text.endswith(">"):
        if _EDITED.search(text):
            return "edited"
        if _ANGLED.match(text):
            return "media"
        tag = _ATTACHED_TAG.match(text) or _MARKED_TAG.match(text)
        if tag:
            return "text" if _is_caption(tag["caption"]) else "media"
        return "edited" if _MARKED_END.search(text) else None
    return "media" if text.endswith(")") and _ATTACHED_FILE.match(text) else None


def _omitted(text: str, *, marked: bool) -> Kind | None:
    if not (marked or "\u200e" in text or len(text) < 40):
        return None
    omitted = _OMITTED.match(text)
    if omitted is None:
        return None
    return "text" if _is_caption(omitted["caption"]) and not marked else "media"


def _is_caption(before: str | None) -> bool:
    """Whether somebody wrote what stands before a placeholder; ``offer.pdf • 3 pages`` was not written."""
    return bool(before and before.strip()) and "\u2022" not in (before or "")


def _written_by_the_app(text: str) -> Kind:
    if _POLL.match(text):
        return "poll"
    if _PLACE.match(text):
        return "location"
    if _ATTACHED_FILE.match(text.partition("\n")[0]):
        return "text"
    if len(text) < _SHORT and (_ONCE.search(text) or _LEFT_OUT.search(text)):
        return "media"
    return "call" if _CALL.match(text) else "system"


def notice_kind(text: str) -> Kind:
    """Return the kind of a line without an author."""
    kind = placeholder(_AT.sub("", text)) if len(text) < 90 else None
    return "call" if kind == "call" else "system"


def is_notice(candidate: str) -> bool:
    """Whether what stands before a colon is the beginning of a notice (``Ana changed the subject to "A``)."""
    if _NOTICE_ALONE.search(candidate) or _is_open(candidate):
        return True
    if not _NOTICE.search(candidate):
        return False
    return len(candidate.split()) > _LONGEST_NAME or any(character in _QUOTES for character in candidate)


def _is_open(candidate: str) -> bool:
    """Whether a quotation begins and does not end: whatever the language, the colon is inside it."""
    if candidate.count('"') % 2:
        return True
    if candidate.count("«") > candidate.count("»"):
        return True
    closing = "“" if "„" in candidate else "”"
    opening = "„" if "„" in candidate else "“"
    return candidate.count(opening) > candidate.count(closing)
