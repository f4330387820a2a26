"""What the columns of a table mean, by their names in seven languages. Knows no file."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_NAMES: dict[str, str] = {
    "conversation": """
        conversation_id conversationid conversation_uuid conv_id convo_id conversacion_id id_conversacion
        conversacion conversa_id id_conversa conversation dialogue_id dialog_id dialogo_id id_dialogo
        ticket_id ticket id_ticket ticket_number numero_ticket num_ticket ticket_no session_id session
        sesion_id id_sesion sesion chat_id id_chat thread_id thread hilo id_hilo case_id case caso_id caso
        id_caso encounter_id folio interaction_id interaccion_id contact_id call_id llamada_id room_id
        channel_id group_id case_number atendimento_id protocolo chatid sessionid threadid ticketid
        conversation_key no_ticket n_ticket id_atendimento numero_caso
        conv gesprach gesprachs_id vorgang conversazione id_conversazione gesprek gesprek_id id_gesprek
        n_caso no_caso numero_de_ticket numero_de_caso case_no
    """,
    "role": """
        role rol sender_type author_type speaker_role user_type tipo_remitente tipo_autor tipo_emisor
        participant_role message_type_role from_role author_role sender_role type_of_sender
        participant_type papel tipo_remetente direction direccion sentido speaker hablante interlocutor who quien
        actor_type person_type comment_author_role
        rolle ruolo tipo_usuario tipo_de_usuario tipo_participante tipo_de_remitente tipo_contacto sprecher locutor
    """,
    "author": """
        author autor sender remitente emisor from de from_name sender_name author_name name nombre username
        user usuario agent agente nick participant participante from_number phone telefono numero sender_id
        user_id author_id wa_id from_email author_email email correo remetente enviado_por sent_by
        actor_name actor person_name comment_author sender_display_name display_name nome from_address
        created_by created_by_id
        absender expediteur auteur mittente autore afzender auteur_nom von de_la_part_de
    """,
    "content": """
        content contenido conteudo text texto message mensaje mensagem body cuerpo corpo utterance msg
        message_text message_body body_text
        text_body texto_mensaje comment comentario chat_message message_content
        plain_body plain_text comment_text value frase enunciado body_html html_body comment_body
        nachricht inhalt contenu texte messaggio testo contenuto bericht tekst inhoud texto_del_mensaje
    """,
    "time": """
        timestamp time datetime date_time fecha_hora fechahora created_at createdat created sent_at date
        fecha data_hora message_time ts hora_envio fecha_envio event_time timestamp_ms utc_time sent_time
        message_date data fecha_creacion created_time enviado_em enviado_el sent_timestamp sent_on
        created_date date_created received_at fecha_mensaje sent_date date_sent
        comment_created comment_created_timestamp comment_created_at
        erstellt_am gesendet_am eingegangen_am erstellt zeitpunkt cree_le envoye_le date_creation date_envoi
        creato_il inviato_il aangemaakt_op verzonden_op criado_em data_criacao data_envio
        datum zeitstempel horodatage data_ora tijdstip fecha_de_creacion fecha_y_hora
    """,
    "clock": "hora hour time_of_day clock hora_mensaje uhrzeit heure ora tijd",
    "turn": """
        turn turno turn_id turn_number turn_index num_turno numero_turno order orden seq sequence secuencia
        message_index index indice line_number step position posicion n_turno msg_index turn_no
        message_number
    """,
    "question": """
        question pregunta pergunta prompt user_message mensaje_cliente customer_message instruction
        instruccion query consulta input user_input human cliente customer client user_utterance
        mensaje_usuario customer_query inbound_message paciente patient pregunta_cliente user usuario
    """,
    "answer": """
        answer respuesta resposta completion response reply output assistant_message agent_reply
        mensaje_agente agent_message respuesta_agente bot_response salida asesor advisor agente_respuesta
        agent_response assistant doctor agent agente bot chatbot
    """,
    "transcript": """
        dialogue dialog transcript transcripcion transcricao conversation_text chat chat_log chatlog
        conversation_transcript full_text dialogo full_conversation conversacion_completa chat_transcript
        history historial conversation_history comments_and_work_notes additional_comments
    """,
    "messages": "messages conversations turns mensajes",
    "domain": "domain dominio",
    "language": "language lang idioma",
    "incoming": "incoming is_incoming entrante is_inbound inbound is_customer from_customer es_cliente",
    "outgoing": """
        outgoing is_outgoing saliente from_me fromme is_from_me key_from_me is_agent is_bot from_agent
        es_agente
    """,
    "sort": """
        part_type message_type msg_type tipo_mensaje tipo_de_mensaje type tipo visibility visibilidad
        message_visibility
    """,
    "origin": """
        from_number from_address from_phone from_email from sender_number sender_id sender_phone sender de
        remitente origen
    """,
    "recipient": """
        to_number to_address to_phone to_email to recipient recipient_number recipient_id recipient_phone receiver
        receiver_id para destinatario destino destinatario_id
    """,
    "private": "private privado is_private internal interno",
    "public": "public publico is_public comment_public",
    "subject": "customer_id client_id id_cliente cliente_id account_id customer_phone customer_email patient_id",
}
_CHATS = {
    *("chat", "chat_id", "id_chat", "chatid", "room_id", "channel_id", "group_id", "contact_id"),
    *("phone", "telefono", "numero", "wa_id", "jid"),
}
"""Columns that name a chat, which goes on for years, and not a session or a ticket."""
_WHOLE = {"conversation", "conversacion", "conversa", "conversacao"}
"""Columns that hold a whole conversation where nothing else does."""
_WRITTEN_OUT = {"body", "cuerpo", "corpo"}
"""Columns that hold a whole transcript where no other says who speaks."""
_TELLING = {
    "mensaje",
    "message",
    "mensagem",
    "nachricht",
    "messaggio",
    "bericht",
    "fecha",
    "timestamp",
    "ticket",
}
_OTHERWISE = {
    *(
        "id",
        "type",
        "tipo",
        "count",
        "number",
        "num",
        "status",
        "estado",
        "total",
        "subject",
        "asunto",
        "cierre",
    ),
    *("update", "updated", "closed", "resolved", "actualizacion", "nacimiento", "vencimiento", "solucion"),
    *(
        "last",
        "ultimo",
        "ultima",
        "first",
        "primer",
        "primera",
        "length",
        "url",
        "priority",
        "prioridad",
        "tags",
    ),
}
"""A longer name is what its telling word says, unless one of these is in it."""
_BRACKETS = {")": "(", "]": "["}
_FILLERS = re.compile(r"_(?:de|del|da|do|of|the|la|el|y|e|and)(?=_)")
_MEANING: dict[str, list[str]] = {}
for _meaning, _names in _NAMES.items():
    for _name in _names.split():
        _MEANING.setdefault(_name, []).append(_meaning)


_COMMENTS = {"comment", "comments", "comentario", "comentarios", "kommentar", "commentaire"}
_ISSUE = {"issue_key", "issue_id", "clave_de_incidencia", "vorgangsschlussel", "cle_de_ticket"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Index of each column that we understand, by meaning; ``names`` are those of the file."""

    index: dict[str, int]
    names: tuple[str, ...]

    @property
    def comments(self) -> list[int]:
        """Columns of which each holds one comment on an issue, as Jira exports them."""
        keys = [folded(name) for name in self.names]
        return [at for at, key in enumerate(keys) if key in _COMMENTS] if _ISSUE & set(keys) else []

    def get(self, meaning: str) -> int | None:
        """Return the index of the column with this meaning."""
        return self.index.get(meaning)

    @property
    def names_chats(self) -> bool:
        """Whether the id is of a chat, so that only a silence ends a conversation in it."""
        key = self.get("conversation")
        return key is not None and folded(self.names[key]) in _CHATS

    @property
    def names_pairs(self) -> bool:
        """Whether only who writes to whom tells conversations apart, as in the log of a number."""
        return "conversation" not in self.index and {"origin", "recipient"} <= self.index.keys()

    @property
    def kind(self) -> str | None:
        """``turns``, ``pairs``, ``transcripts``, ``messages``, ``comments``; None where there is no dialogue."""
        has = self.index.keys()
        if self.comments:
            return "comments"
        if "messages" in has:
            return "messages"
        if "content" in has and has & {"role", "author", "incoming", "outgoing"}:
            return "turns"
        if {"question", "answer"} <= has:
            return "pairs"
        return "transcripts" if "transcript" in has else None


def folded(name: str) -> str:
    """Return a column name in the form of our lists: no accents, snake case."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip().strip('"\ufeff'))
    bare = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def understand(header: Sequence[str]) -> Columns:
    """Return what the columns mean; the first column of a meaning wins, more telling names before others."""
    index: dict[str, int] = {}
    rank: dict[str, int] = {}
    for position, name in enumerate(header):
        key = folded(name)
        if key not in _MEANING:
            key = folded(_without_aside(name))
        if key not in _MEANING:
            key = _FILLERS.sub("", key)
        if key not in _MEANING:
            key = _by_word(key)
        for meaning in _MEANING.get(key, ()):
            order = _NAMES[meaning].split().index(key)
            if meaning not in rank or order < rank[meaning]:
                index[meaning], rank[meaning] = position, order
    keys = [folded(name) for name in header]
    _settle_times(index, keys)
    if "conversation" not in index:
        _settle_conversation(index, keys, list(header))
    _settle(index, next((at for at, key in enumerate(keys) if key in _WHOLE), None))
    written = index.get("content")
    if written is not None and keys[written] in _WRITTEN_OUT and Columns(index, tuple(header)).kind is None:
        index["transcript"] = written
    return Columns(index, tuple(header))


def _without_aside(name: str) -> str:
    """Return a name without what it says in brackets: ``Time (UTC)``."""
    name = name.rstrip()
    opening = _BRACKETS.get(name[-1:])
    return name.rpartition(opening)[0] if opening else name


def _by_word(key: str) -> str:
    """Return the one telling word of a longer name (``descripcion_mensaje``), the name itself where it has none."""
    words = key.split("_")
    telling = [word for word in words if word in _TELLING]
    return telling[0] if len(telling) == 1 and not _OTHERWISE & set(words) else key


def _settle_times(index: dict[str, int], keys: list[str]) -> None:
    """Where a column has the day and another the time, the first is the date and the second the clock."""
    day = next((keys.index(name) for name in ("date", "fecha", "data", "datum") if name in keys), None)
    clock = next(
        (keys.index(name) for name in ("time", "hora", "heure", "uhrzeit", "ora", "tijd") if name in keys),
        None,
    )
    if day is not None and clock is not None and index.get("time") in {day, clock}:
        index["time"], index["clock"] = day, clock


def _settle_conversation(index: dict[str, int], keys: list[str], header: list[str]) -> None:
    """Find the id of conversations in a table that names none: a message's own id is none where it has two sides."""
    if "ParentId" in header:  # Salesforce: the case of a mail or a comment
        index["conversation"] = header.index("ParentId")
    elif "id" in keys and not {"origin", "recipient"} <= index.keys():
        index["conversation"] = keys.index("id")


def _settle(index: dict[str, int], whole: int | None) -> None:
    """One column has one meaning: where two claim it, the more particular one keeps it."""
    if "content" in index:
        index.pop("question", None)
        index.pop("answer", None)
    elif whole is not None and not index.keys() & {"messages", "transcript", "question", "answer"}:
        index["transcript"] = whole
    for weaker, stronger in (
        ("sort", "role"),
        ("author", "role"),
        ("conversation", "transcript"),
        ("author", "question"),
        ("author", "answer"),
        ("clock", "time"),
    ):
        if weaker in index and index.get(weaker) == index.get(stronger):
            del index[weaker]
