"""Codes that a word before them makes identifiers: ``póliza no. 12-88``, ``MRN: 00123``. Knows the words."""

# ruff: noqa: E501, SIM905 - a pattern reads better on one line, a word list as text

import re

from uncase_pipeline.anonymized.structured.shapes import Shape

_GLUE = (
    r"(?:\s*(?:n[úu]m(?:ero|\.)?|n[º°o]\.?|nro\.?|number|num\.?|no\.|#|:|=|-|\(|es|is|was|era|son|are|id|code|c[óo]digo|de(?:l)?"
    r"|mi|my|the|el|la|su|your|con|with|for|ending\s+in|terminad[ao]\s+en|que\s+termina\s+en|last\s+four|s[íi]|,|cliente|customer"
    r"|usuario|titular|contrato|card|cuenta|account|tarjeta)){0,6}\s*"
)
_CODE = r"(?P<id>(?:[A-Z]{1,6}[-/]?|(?-i:[A-Z]{1,4}) )?\d[A-Z0-9]*(?:[-/. ]{1,2}[A-Z]{0,4}\d[A-Z0-9]*)*(?:-[A-Z]{1,4})?|[A-Z0-9]*\d[A-Z0-9-]*)"


_TIME = re.compile(
    r"(?:\d{1,2},? )?(?:19|20)\d\d|\d{1,2}[.:]?\d{2} ?(?:am|pm|h|hs|hrs)|\d+(?:st|nd|rd|th)", re.IGNORECASE
)


def _enough(code: str) -> bool:
    """Three digits or more and not just a year, or letters and digits mixed."""
    count = sum(character.isdigit() for character in code)
    mixed = count >= 2 and len(code) >= 5 and code.isalnum() and not code.isdigit()
    return (count >= 3 or mixed) and not _TIME.fullmatch(code)


def _any_digit(code: str) -> bool:
    return any(character.isdigit() for character in code)


_NO_PLATE = re.compile(
    r"\b(?:de|del|en|y|no|con|la|el|es|mi|tu|su|a|al|un|para|por|hace|son|the|of|in|to|is|my|for|from|on|at|and|by|since|se|me|te|lo|le)\b",
    re.IGNORECASE,
)


_PLATE_CUE = (
    r"(?i)\b(?:placas?|matr[íi]culas?|licen[cs]e\s+plates?|plates?|number\s+plate|tag|registration|reg|patente|tablilla|dominio|taxi)"
    r"\b(?:\s*(?:n[úu]mero|number|no\.?|es|era|son|is|was|are|:|#|(?:del?\s+)?(?:(?:la|el|mi|su|my)\s+)?(?:coche|carro|auto|veh[íi]culo|moto|camioneta|car|vehicle|truck))){0,4}\s*"
)
_PLATE_GAP = r"[ ·.-]"


def _reads_like_a_plate(code: str) -> bool:
    return _any_digit(code) and not _NO_PLATE.search(code)


def _cue(entity: str, words: str, score: float) -> Shape:
    require = _any_digit if entity == "POSTCODE" else _enough
    return Shape(entity, rf"(?i)\b(?:{words})\b{_GLUE}{_CODE}", score, require=require)


def _handle_like(handle: str) -> bool:
    """Letters beside digits or marks, or capitals inside: ``kim.smith``, ``xXdarkXx``; no word and no number."""
    inner = handle[1:] != handle[1:].lower() and not handle.isupper()
    marked = any(character.isdigit() or character in "_.-" for character in handle)
    return any(map(str.isalpha, handle)) and (inner or marked)


_FEWEST_DIGITS = 3
_NO_PREFIX = frozenset(
    "que con por del las los una uno mis tus sus and the for with from son was are has esta este hay vence dice sale es de el la no ni si se me te en al y o a is in on of my to or it".split()
)


def _prefixed(code: str) -> bool:
    """``cbc 89466477``: some letters, which are no little word, before the digits."""
    return re.split(r"[ \d]", code)[0].lower() not in _NO_PREFIX


_REMARKS = frozenset(
    "not no wrong incorrect invalid the being expired correct working too still now never always muy que incorrecta incorrecto inválida inválido correcta correcto una esta este".split()
)


def _no_remark(word: str) -> bool:
    """``my passcode is not accepted`` tells no passcode."""
    return word.lower().rstrip(".!?") not in _REMARKS


def _like_a_secret(word: str) -> bool:
    """Letters and digits in one: ``hunter2``."""
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))


_DIGIT_WORD = (
    r"(?:cero|uno?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa"
    r"|zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|doble)"
)

SHAPES = (
    Shape("PHONE", rf"(?i){_DIGIT_WORD}(?:[\s,.-]{{1,3}}{_DIGIT_WORD}){{6,}}", 0.8),
    Shape("PHONE", r"(?i)\b(?:ext|extensi[óo]n|extension)\.?\s?(?P<id>\d{1,6})", 0.6),
    Shape(
        "HANDLE",
        r"(?i)\b(?:ig|insta|instagram|twitter|telegram|tiktok|snap|snapchat|discord|skype|usuario|user\s?(?:name|id)?|nick(?:name)?|handle|login|(?:log(?:ged|ging)?|sign(?:ed)?)\s+in\s+as|(?:entro|ingreso|accedo)\s+como)"
        r"(?:\s*(?:es|is|era|was|:|=|#|-)){0,2}\s*@?(?P<id>[A-Za-z0-9_.-]{2,}[A-Za-z0-9_])",
        0.7,
        require=_handle_like,
    ),
    _cue("PASSPORT", r"pasaportes?|passports?|travel document", 0.9),
    Shape(
        "PASSPORT",
        rf"(?i)\b(?:pasaportes?|passports?)\b(?:\s+[a-zñ]+)?{_GLUE}(?P<id>[A-Z]{{1,3}}[ -]?\d[A-Z0-9]{{4,9}})",
        0.85,
        require=lambda code: sum(map(str.isdigit, code)) >= 5 and _prefixed(code),
    ),
    Shape(
        "POLICY_NUMBER",
        rf"(?i)\b(?:p[óo]liza|policy|member(?:ship)?|claim|siniestro|group|subscriber|afiliad[oa]|certificado|socio|id|account|cuenta|licen[cs]e|licencia)\b(?:\s+[a-zñ]+)??{_GLUE}(?P<id>[A-Z]{{1,4}} \d{{5,12}})",
        0.7,
        require=_prefixed,
    ),
    Shape(
        "ID",
        r"(?i)(?P<id>[A-Z]{1,3} \d{5,9})\s+(?:is|es)\s+(?:my|his|her|mi|su|el)\b",
        0.6,
        require=_prefixed,
    ),
    Shape(
        "ID",
        r"(?i)(?P<id>[A-Z0-9]{6,12})\s+(?:is|es)\s+(?:my|mi)\b",
        0.6,
        require=lambda code: sum(map(str.isdigit, code)) >= _FEWEST_DIGITS and not code.isdigit(),
    ),
    Shape("ID", r"(?i)\d{1,2}:\d{2}-[a-z]{2}-\d{3,6}", 0.7),
    _cue(
        "DRIVING_LICENCE",
        r"licencia(?:\s+de)?\s+(?:conducir|manejo|conducción)|permiso\s+de\s+conducir|carn[ée]t?\s+de\s+conducir"
        r"|driver'?s?'?\s+licen[cs]e|driving\s+licen[cs]e|licen[cs]e\s+number|dl",
        0.9,
    ),
    _cue(
        "MEDICAL_LICENCE",
        r"c[ée]dula\s+profesional|colegiad[oa]|n\s?[º°o]\.?\s?col\.?|medical\s+licen[cs]e|licencia\s+m[ée]dica|npi|dea|gmc",
        0.9,
    ),
    _cue(
        "MEDICAL_RECORD",
        r"nhc|historia(?:\s+cl[íi]nica)?|hc|expediente|mrn|medical\s+record|chart|patient(?:\s+id)?|episodio"
        r"|record(?:\s+number)?|paciente|admission|ingreso",
        0.8,
    ),
    _cue(
        "POLICY_NUMBER",
        r"p[óo]liza(?:\s+de\s+(?:seguro|auto|vida|hogar|coche|gastos\s+m[ée]dicos)(?:\s+de\s+\w+)?)?|polisa|policy|member(?:ship)?(?:\s+id)?|afiliad[oa]|afiliaci[óo]n|asegurad[oa]|claim|siniestro"
        r"|group|insurance|beneficiari[oa]|subscriber|certificado|socio",
        0.75,
    ),
    _cue(
        "NSS",
        r"nss|nass|nuss|imss|seguridad\s+social|seguro\s+social|afiliaci[óo]n\s+al\s+seguro",
        0.9,
    ),
    _cue("SSN", r"ssn|s\.s\.n\.|social\s+security|social", 0.85),
    _cue(
        "NATIONAL_ID",
        r"dni|nie|nif|c[ée]dula(?:\s+de\s+(?:identidad|ciudadan[íi]a))?|c\.?c\.?|c\.?i\.?|documento|identidad|ine|ife|identificaci[óo]n"
        r"|clave\s+de\s+elector|national\s+id|id\s+card|identity|curp|nino|national\s+insurance|nhs",
        0.85,
    ),
    Shape(
        "RFC",
        rf"(?i)\b(?:rfc|factura(?:r|ci[óo]n)?)\b(?:\s*(?:a|con)\b)?{_GLUE}(?P<id>[A-ZÑ&]{{3,4}}[ -]\d{{6}}[ -]?[A-Z0-9]{{3}})",
        0.9,
    ),
    Shape(
        "MAC",
        r"(?i)\bmac\b(?:\s*(?:address|es|is|:|=)){0,3}\s*(?P<id>[0-9a-f]{2}(?:[ .:-]?[0-9a-f]{2}){5})",
        0.85,
    ),
    _cue("TAX_ID", r"rfc|tax\s+id|ein|itin|tin|cuit|cuil|rut|nit|ruc|cif|cpf|cnpj", 0.85),
    _cue(
        "BANK_ACCOUNT",
        r"cuenta|cta\.?|account|acct?\.?|routing|aba|sort\s+code|clabe|iban|swift|transferencia",
        0.7,
    ),
    _cue(
        "CREDIT_CARD",
        r"tarjeta|card|visa|mastercard|amex|american\s+express|cvv|cvc|cvv2|(?:ending|ends?)(?:\s+(?:in|with))?|termina(?:da)?\s+en|terminaci[óo]n"
        r"|last\s?(?:four|4)(?:\s+digits)?|(?:[úu]ltimos\s+)?(?:cuatro|4)\s+d[íi]gitos|[úu]ltimos\s+(?:cuatro|4)",
        0.6,
    ),
    _cue(
        "PLATE",
        r"placas?|matr[íi]cula|licen[cs]e\s+plate|plates?|number\s+plate|registration|reg|patente|tablilla|dominio",
        0.75,
    ),
    Shape(
        "PLATE",
        rf"{_PLATE_CUE}(?P<id>[A-Z]{{1,4}}{_PLATE_GAP}?\d{{1,4}}(?:-?[A-Z0-9]{{1,3}}){{0,2}}|\d{{1,4}}{_PLATE_GAP}?[A-Z]{{1,4}}(?:-?\d{{1,4}})?)",
        0.75,
        require=_reads_like_a_plate,
    ),
    Shape(
        "PLATE",
        rf"{_PLATE_CUE}(?P<id>[A-Z0-9]{{1,8}}(?:{_PLATE_GAP}[A-Z0-9]{{1,5}}){{1,3}})",
        0.75,
        require=_reads_like_a_plate,
    ),
    Shape(
        "PLATE",
        rf"{_PLATE_CUE}(?P<id>[A-Z0-9]{{1,5}}(?:[·-][A-Z0-9]{{1,4}}){{1,3}})",
        0.75,
        require=_any_digit,
    ),
    Shape(
        "PLATE",
        rf"{_PLATE_CUE}(?P<id>[A-Z]{{1,3}}{_PLATE_GAP}\d{{1,4}}{_PLATE_GAP}[A-Z]{{1,3}})",
        0.75,
        require=_reads_like_a_plate,
    ),
    _cue("VIN", r"vin|chasis|chassis|niv|bastidor|n[úu]mero\s+de\s+serie", 0.8),
    _cue("IMEI", r"imei", 0.9),
    _cue(
        "PHONE",
        r"tel[ée]fono|(?:m[áa]rc|ll[áa]m)[ae]\w*\s+al|tel\.?|tlf\.?|tfno\.?|m[óo]vil|celular|cel\.?|whatsapp|wsp|phone|mobile|cell|fax|call\s+me\s+(?:at|on)|ll[áa]m[ae]me\s+al?|extensi[óo]n|ext\.?",
        0.8,
    ),
    _cue("POSTCODE", r"c\.?\s?p\.?|c[óo]digo\s+postal|zip(?:\s*code)?|post\s?code|postal\s+code", 0.85),
    _cue(
        "ID",
        r"orden|order|pedido|ticket|folio|referencia|reference|ref\.?|caso|case|tracking|gu[íi]a|booking|reserva(?:ci[óo]n|tion)?"
        r"|confirma(?:ci[óo]n|tion)|factura|invoice|contrato|contract|student(?:\s+id)?|alumn[oa]|control|empleado|employee|badge|legajo|n[óo]mina|docket|causa|juicio|boleta"
        r"|cliente|customer|user\s*id|serie|serial|expedient|loan|pr[ée]stamo|cr[ée]dito|id|n[º°]",
        0.6,
    ),
    Shape(
        "CREDENTIAL",
        r"(?i)\b(?:password|passwd|passcode|contrase[ñn]a|username|user\s+name|nombre\s+de\s+usuario|login|(?:mi|my|el|su|your)\s+(?:usuario|user))\s*(?:is|es|:|=)\s*['\"]?(?P<id>[^\s'\",;]{3,})",
        0.8,
        require=_no_remark,
    ),
    Shape(
        "CREDENTIAL",
        r"(?i)\b(?:pass(?:word|wd|code)?|pwd|contrase[ñn]a|clave|login|usuario|user\s?name)(?:\s*(?:es|is|era|was|:|=)){0,2}\s*['\"]?(?P<id>[^\s'\",;:]{5,40})",
        0.7,
        require=_like_a_secret,
    ),
    Shape(
        "CREDENTIAL",
        r"(?i)\b(?:pin|nip|clave|otp|c[óo]digo\s+de\s+(?:verificaci[óo]n|seguridad)|(?:verification|security)\s+code|cvv|cvc)\s*(?:is|es|:|=|de)?\s*(?P<id>\d{3,8})",
        0.7,
    ),
)
