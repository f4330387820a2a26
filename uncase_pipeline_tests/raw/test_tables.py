"""Tables as help desks, spreadsheets and call centres export them, and transcripts in their many shapes."""
# ruff: noqa: E501

import json
from dataclasses import replace

import pytest

from uncase_pipeline_tests.raw.conftest import HELLO, OPTIONS, said, turns


@pytest.mark.parametrize(
    "content",
    [
        "protocolo;remetente;mensagem;data;hora\n1;Cliente;hola;15/01/2024;09:05\n1;Atendente;buenas;15/01/2024;09:06\n",
        "atendimento_id,tipo_remetente,conteudo,enviado_em\n1,cliente,hola,2024-01-15 09:05\n1,atendente,buenas,2024-01-15 09:06\n",
        "No. de ticket;Enviado por;Mensaje;Fecha y hora\n1;Cliente;hola;15/01/2024 09:05\n1;Agente;buenas;15/01/2024 09:06\n",
        '"sep=,"\nconversation_id,role,content\n1,user,hola\n1,agent,buenas\n',
        'id,conversation\n7,"Customer: hola\nAgent: buenas"\n',
        'id,conversation\n7,"[{""role"": ""user"", ""content"": ""hola""}, {""role"": ""assistant"", ""content"": ""buenas""}]"\n',
        "id,messages\n7,\"[{'role': 'user', 'content': 'hola'}\n {'role': 'assistant', 'content': 'buenas'}]\"\n",
        "Customer,Agent\nhola,buenas\n",
        "user,bot\nhola,buenas\n",
        "Fecha,Pregunta del cliente,Respuesta del agente\n2024-01-15,hola,buenas\n",
        "ticket_id,author_type,body_html\n1,end-user,<p>hola</p>\n1,agent,<p>buenas</p>\n",
        "conversation_id,role,content,created_at\n1,agent,buenas,01/02/2024 09:06\n1,user,hola,31/01/2024 09:05\n",
    ],
)
def test_a_table_of_a_help_desk_is_understood(reading, content: str):
    kept, aside = reading(content, "export.csv")
    assert not aside
    assert said(kept) == HELLO


def test_what_python_printed_is_never_run(reading):
    kept, aside = reading("id,messages\n7,\"[__import__('os').getcwd()]\"\n", "a.csv")
    assert not kept
    assert [rejection.reason for rejection in aside] == ["bad-json"]


@pytest.mark.parametrize(("column", "conversations"), [("chat_id", 2), ("ticket_id", 1)])
def test_a_silence_ends_a_conversation_of_a_chat_and_not_of_a_ticket(
    reading, column: str, conversations: int
):
    rows = "7,Ana,hola,2024-01-15 09:05\n7,Soporte,buenas,2024-01-15 09:06\n"
    later = rows.replace("01-15", "01-18")
    kept, _ = reading(f"{column},sender,message,timestamp\n{rows}{later}", "a.csv")
    assert len(kept) == conversations
    assert len({item.conversation_id for item in kept}) == conversations
    assert said(kept) == HELLO * 2


@pytest.mark.parametrize(
    "content",
    [
        "CLIENTE: hola\nAGENTE: buenas\n",
        "- Cliente: hola\n- Asesor: buenas\n",
        "#1 Cliente: hola\n#2 Asesor: buenas\n",
        "[1] Cliente: hola\n[2] Asesor: buenas\n",
        "001 Cliente: hola\n002 Asesor: buenas\n",
        "Turno 1 - Cliente: hola\nTurno 2 - Asesor: buenas\n",
        "2024-01-15 09:05:12 Cliente: hola\n2024-01-15 09:06:12 Asesor: buenas\n",
        "[2024-01-15T09:05:12Z] Cliente: hola\n[2024-01-15T09:06:12Z] Asesor: buenas\n",
        "( 12s ) Ana: hola\n( 1m 4s ) Agente: buenas\n",
        "Cliente 09:05\nhola\n\nAsesor 09:06\nbuenas\n",
        "### Cliente\nhola\n\n### Asesor\nbuenas\n",
        "Cliente:\nhola\n\nAsesor:\nbuenas\n",
        "Cliente (Ana): hola\nAsesor (Paco): buenas\n",
        "Ana (Cliente): hola\nPaco (Asesor): buenas\n",
        "Cliente - hola\nAsesor - buenas\n",
        "Cliente: hola\nAtendente: buenas\n",
        "Kunde: hola\nMitarbeiter: buenas\n",
        "Usuario: hola\nSistema: buenas\n",
        "Cliente 1: hola\nAgente 2: buenas\n",
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.000\n<v Cliente>hola</v>\n\n2\n00:00:04.000 --> 00:00:06.000\n<v Agente>buenas</v>\n",
        "1\n00:00:01,000 --> 00:00:03,000\nCliente: hola\n\n2\n00:00:04,000 --> 00:00:06,000\nAgente: buenas\n",
    ],
)
def test_a_transcript_is_read_however_its_turns_begin(reading, content: str):
    kept, aside = reading(content, "call.txt")
    assert not aside
    assert said(kept) == HELLO


def test_names_beside_roles_and_dates_before_turns_are_kept(reading):
    kept, _ = reading("2024-01-15 09:05:12 Cliente (Ana): hola\n2024-01-15 09:06:12 Asesor (Paco): buenas\n")
    assert kept[0].metadata["participants"] == ["Ana", "Paco"]
    assert turns(kept)[0].timestamp == "2024-01-15T09:05:12"


def test_a_dash_inside_a_transcript_with_colons_begins_no_turn(reading):
    kept, _ = reading("Cliente: hola\nAgente - pendiente\nAsesor: buenas\n")
    assert said(kept) == [("user", "hola\nAgente - pendiente"), ("assistant", "buenas")]


@pytest.mark.parametrize(
    "text",
    [
        "<|im_start|>user\nhola<|im_end|>\n<|im_start|>assistant\nbuenas<|im_end|>\n",
        "<|start_header_id|>user<|end_header_id|>\n\nhola<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nbuenas<|eot_id|>",
        "<start_of_turn>user\nhola<end_of_turn>\n<start_of_turn>model\nbuenas<end_of_turn>\n",
        "### Human: hola\n### Assistant: buenas",
    ],
)
def test_a_rendered_chat_template_is_taken_apart(reading, text: str):
    kept, aside = reading(json.dumps({"text": text}), "train.json")
    assert not aside
    assert said(kept) == HELLO


def test_a_table_without_rows_is_not_passed_over_in_silence(reading):
    kept, aside = reading("conversation_id,role,content\n", "a.csv")
    assert not kept
    assert [rejection.reason for rejection in aside] == ["no-messages"]


def test_a_blank_line_before_the_first_record_is_nothing(reading):
    kept, aside = reading("chat_id;sender;message;date\n\n1;Ana;hola;15/0", "a.csv")
    assert not aside
    assert [message.content for message in turns(kept)] == ["hola"]


def test_a_column_that_nobody_knows_does_not_part_what_belongs_together(reading):
    kept, aside = reading(
        'chat_id;sender;message;other\n1;Ana;ho"la;x\n1;Luis;buenas;y\n1;Ana;adiós;z', "a.csv"
    )
    assert not aside
    assert [message.content for message in turns(kept)] == ['ho"la', "buenas", "adiós"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_titles_above_a_table_are_passed_over(reading, encoding: str):
    table = "Reporte de conversación;;\r\nGenerado: 15/01/2024;;\r\n\r\nid;rol;mensaje\r\n1;cliente;hola\r\n1;agente;buenas\r\n"
    kept, aside = reading(table.encode(encoding), "reporte.csv")
    assert not aside
    assert said(kept) == HELLO


@pytest.mark.parametrize(
    "content",
    [
        "Ticket;Datum;Uhrzeit;Absender;Nachricht\n1;15.01.2024;09:05;Kunde;hola\n1;15.01.2024;09:06;Berater;buenas\n",
        "id_conversation;date;heure;expéditeur;message\n1;15/01/2024;09:05;client;hola\n1;15/01/2024;09:06;conseiller;buenas\n",
        "ID conversazione;Data;Ora;Mittente;Messaggio\n1;15/01/2024;09:05;cliente;hola\n1;15/01/2024;09:06;operatore;buenas\n",
        "Gesprek-ID;Datum;Tijd;Afzender;Bericht\n1;15-01-2024;09:05;klant;hola\n1;15-01-2024;09:06;medewerker;buenas\n",
        "Nº ticket;Fecha creación;Tipo de usuario;Descripción del mensaje\n1;15/01/2024 09:05;Cliente;hola\n1;15/01/2024 09:06;Agente;buenas\n",
    ],
)
def test_a_table_names_its_columns_in_any_of_seven_languages(reading, content: str):
    kept, aside = reading(content, "export.csv")
    assert not aside
    assert said(kept) == HELLO
    assert [m.timestamp for m in turns(kept)] == ["2024-01-15T09:05:00", "2024-01-15T09:06:00"]


@pytest.mark.parametrize("rows", [2, 2_000])
def test_an_id_left_empty_is_that_of_the_row_above_as_in_merged_cells(reading, rows: int):
    cells = "".join(f"{number},Cliente,hola\n,Asesor,buenas\n" for number in range(rows))
    kept, aside = reading(f"Conversación,Rol,Mensaje\n{cells}", "export.csv")
    assert not aside
    assert [said([item]) for item in kept] == [HELLO] * rows
    assert {item.metadata["key"] for item in kept} == set(map(str, range(rows)))


def test_words_for_roles_on_both_sides_of_a_message_name_no_conversation(reading):
    kept, _ = reading("nr,from,to,text\n1,user,bot,hola\n1,bot,user,buenas\n2,user,bot,hola\n", "export.csv")
    assert [len(item.messages) for item in kept] == [3]


def test_voices_that_a_program_told_apart_are_speakers_however_seldom_they_speak(reading):
    kept, _ = reading("Speaker 1: hola\nSpeaker 2: buenas\nSpeaker 1: adiós\n", "call.txt")
    assert [m.content for m in turns(kept)] == ["hola", "buenas", "adiós"]


def test_subtitles_of_a_few_lines_are_a_transcript(reading):
    cues = "".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{who}: {text}\n\n"
        for n, (who, text) in enumerate([("Ana", "hola"), ("Soporte", "buenas"), ("Ana", "adiós")], start=1)
    )
    kept, aside = reading(cues, "call.srt")
    assert not aside
    assert [m.content for m in turns(kept)] == ["hola", "buenas", "adiós"]


def test_a_table_in_which_every_row_has_another_author_is_no_chat(reading):
    rows = "".join(f"Persona {n},hola,2024-01-15 09:{n:02d}\n" for n in range(12))
    kept, aside = reading(f"Name,Message,Date\n{rows}", "form.csv")
    assert not kept
    assert [rejection.reason for rejection in aside] == ["every-row-another-author"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["Ana", "Luis"] * 6, id="two people"),
        pytest.param([f"Persona {n % 9}" for n in range(12)], id="a group that hardly repeats itself"),
        pytest.param([f"Persona {n}" for n in range(7)], id="a few rows"),
        pytest.param([*(f"Persona {n}" for n in range(11)), "Agente"], id="many customers and one agent"),
    ],
)
def test_a_chat_is_read_however_many_take_part(reading, names: list[str]):
    rows = "".join(f"{name},hola {n},2024-01-15 09:{n:02d}\n" for n, name in enumerate(names))
    kept, aside = reading(f"Name,Message,Date\n{rows}", "chat.csv")
    assert not aside
    assert [m.content for m in turns(kept)] == [f"hola {n}" for n in range(len(names))]


def test_rows_with_an_id_are_tickets_whoever_writes_them(reading):
    rows = "".join(f"{n},Persona {n},hola {n}\n" for n in range(12))
    kept, aside = reading(f"ticket_id,name,message\n{rows}", "tickets.csv")
    assert not aside
    assert len(kept) == 12


@pytest.mark.parametrize(
    "content",
    [
        "Nombre: Ana\nTel: 55\nMotivo: falla\n\nNombre: Luis\nTel: 56\nMotivo: ruido\n",
        "2024-01-15 09:05:12,123 - app - INFO - started\n2024-01-15 09:05:13,123 - db - WARNING - slow: 5\n",
    ],
)
def test_forms_and_logs_are_no_transcripts(reading, content: str):
    kept, aside = reading(content, "notes.txt")
    assert not kept
    assert [rejection.reason for rejection in aside] == ["unknown-format"]


def test_three_people_who_do_not_speak_strictly_in_turn_fill_in_no_form(reading):
    names = ["Ana", "Luis", "Eva", "Ana", "Luis", "Eva", "Luis", "Ana"]
    kept, aside = reading("".join(f"{name}: hola {n}\n" for n, name in enumerate(names)), "meeting.txt")
    assert not aside
    assert [m.metadata["author"] for m in turns(kept)] == names


def test_a_german_table_says_when_and_points_put_the_day_first_whatever_the_locale(reading):
    rows = (
        "Ticket-Nr.\tErstellt am\tAbsender\tNachricht\n"
        "4711\t03.02.2025 09:12\tKunde\thola\n4711\t03.02.2025 09:40\tSupport\tbuenas\n"
    )
    kept, aside = reading(rows, "Tickets.tsv", replace(OPTIONS, locale="en_US", locale_chosen=True))
    assert not aside
    assert said(kept) == HELLO
    assert [m.timestamp for m in turns(kept)] == ["2025-02-03T09:12:00", "2025-02-03T09:40:00"]
    assert kept[0].metadata["dates"] == {"order": "day-first", "decided_by": "format"}


def test_subtitles_whose_cues_have_names_are_read(reading):
    cues = "".join(
        f"9a1b-4c/{n}-0\n00:00:{n:02d}.000 --> 00:00:{n + 1:02d}.000\n<v {who}>{text}</v>\n\n"
        for n, (who, text) in enumerate(
            [
                ("Anke Meyer", "hola"),
                ("Jan Kuhn", "buenas\ntardes"),
                ("Anke Meyer", "¿y?"),
                ("Jan Kuhn", "nada"),
            ]
        )
    )
    kept, aside = reading(f"WEBVTT\n\n{cues}", "call.vtt")
    assert not aside
    assert [m.content for m in turns(kept)] == ["hola", "buenas\ntardes", "¿y?", "nada"]


def test_who_has_a_name_beside_a_visitor_is_the_assistant(reading):
    kept, _ = reading(
        "Ben (10:00:03): hola, diga\nVisitor (10:00:30): ¿envían?\nBen (10:01:00): sí\n", "a.txt"
    )
    assert said(kept) == [("assistant", "hola, diga"), ("user", "¿envían?"), ("assistant", "sí")]


def test_the_settings_of_a_program_are_no_chat(reading):
    settings = "[server]\nhost: db.local\nport: 5432\n\n[client]\nhost: web.local\nport: 80\n\n[log]\nhost: x\nlevel: debug\n"
    kept, aside = reading(settings, "app.ini")
    assert not kept
    assert [item.reason for item in aside] == ["unknown-format"]
    kept, _ = reading("[sala 1]\ncliente: hola\nagente: buenas\n", "chat.txt")
    assert said(kept) == HELLO
