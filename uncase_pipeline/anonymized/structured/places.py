"""Street addresses and postcodes in Spanish and English. Knows street words, not cities."""

# ruff: noqa: E501 - a pattern reads better on one line

import re

from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.anonymized.structured.cities import CITIES, MOST_WORDS
from uncase_pipeline.anonymized.structured.shapes import Shape

_WAY_ES = (
    r"(?:c[/\\]\.?\s*|p\.?[ºª]\s+|(?:calle|rua|jir[óo]n|jr|avenida|plaza|paseo|carretera|calzada|bulevar|boulevard|prolongaci[óo]n|callej[óo]n|traves[íi]a|glorieta|rambla"
    r"|gran\s+v[íi]a|urbanizaci[óo]n|alameda|andador|cll|avda|avd|av|plza|pza|ctra|blvd|cra|kra|cjon)\.?\s+"
    r"|(?:c|cl|p[ºo]|pso|rda|trav|calz|priv|prol|cto|cda|and|dg|psje|pje|gta|urb)\.\s*)"
)
_WAY_ES_WEAK = (
    r"(?:Carrera|Camino|Ronda|Pasaje|Privada|Circuito|Cerrada|Transversal|Diagonal|Autopista|Retorno|Eje(?:\s+vial)?|Cuesta\s+del?|Costanilla|Pol[íi]gono"
    r"|Barrio|V[íi]a|Vial|Rinconada|Callejuela|Carrer|Rúa|Avinguda|Kalea|Ampliaci[óo]n|Corredor|Perif[ée]rico(?:\s+(?:Norte|Sur))?|Viaducto|Circunvalaci[óo]n"
    r"|Continuaci[óo]n|Peatonal|Acceso|Pasadizo|Ca[ñn]ada|Sendero|Parque|Jard[íi]n|Colonia|Residencial|Conjunto|Ruta|Km)\.?\s+"
)
_WORDS = r"[0-9A-Za-zÀ-ÿ'.ªº-]+(?:\s+[0-9A-Za-zÀ-ÿ'.ªº-]+){0,6}?"
_NO = r"(?:n[úu]m(?:ero|\.)?|n[º°o]\.?|nro\.?|no\.|#|km\.?|esq(?:uina|\.)?)"
_DOOR = r"(?:[NSEO])?\d{1,5}(?:[.,]\d{3})?(?:\s?(?:bis|[A-Za-z]))?(?:\s?[-/]\s?(?:\d{1,4}|[A-Za-z]))?"
_REST_ES = (
    r"(?:[\s,.;-]{0,3}(?:(?:piso|planta|puerta|pta\.?|portal|escalera|esc\.?|bloque|blq\.?|bl\.?|interior|int\.?|depto\.?|dpto\.?|dto\.?|bodega|etapa|departamento"
    r"|apto\.?|apartamento|apt\.?|local|of\.?|oficina|edificio|edif\.?|torre|manzana|mz\.?|mza\.?|lote|lt\.?|casa|izq(?:uierda|da|\.)?|dcha\.?|derecha|dch[ao]\.?|bajo|[áa]tico|entresuelo|letra)"
    r"\s?\.?\s?(?:n[º°]\s?)?[0-9A-Za-z]{0,4}[ºª°]?|\d{1,2}\s?[ºª°](?:\s?-?\s?[A-Za-z0-9]{1,3}\b)?|\d{1,2}\s?-\s?\d{1,2}\s?[ºª°]?|\d{1,2}\s?,\s?[0-9A-Za-z]{1,2}\b|\d{1,2}\s?[A-H]\b)){0,5}"
)
_DISTRICT = r"(?:\s*,?\s*(?:col(?:onia|\.)?|fracc(?:ionamiento|\.)?|barrio|bo\.|delegaci[óo]n|del\.|alcald[íi]a)\s+[A-Za-zÀ-ÿ']+(?:\s[A-ZÀ-Ý][A-Za-zÀ-ÿ']+|\s(?:de|del|la|las|los|el)){0,4})?"
_ZIP_ES = (
    r"(?:\s*[,.]?\s*(?:c\.?\s?p\.?\s*:?\s*)?\d{5}\b)?"
    r"(?:,\s*(?-i:(?:[A-ZÀ-Ý][A-Za-zÀ-ÿ'.]*\s|de\s|del\s|la\s|los\s|el\s){1,6})\d{4,6}\b)?"
)
_WAY_EN = (
    r"(?:street|rue|parks?|alleyway|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|place|pl|terrace|ter|way|circle|cir|square|sq|parkway|pkwy"
    r"|highway|hwy|trail|trl|crescent|close|gardens|grove|mews|row|loop|alley|plaza|path|pike|turnpike|expressway|crossing|ridge|hill|walk|park"
    r"|freeway|bypass|points?|junctions?|meadows?|views?|islands?|squares?|falls|forks?|heights|hollow|knolls?|lakes?|land|locks?|mall|manors?"
    r"|mills?|mission|mount|mountains?|neck|orchard|oval|overpass|pass|passage|pines?|plains?|ports?|prairie|ranch|rapids?|rest|river|roads|route"
    r"|run|shoals?|shores?|skyway|springs?|spurs?|station|stravenue|stream|streets|summit|throughway|trace|track|trafficway|tunnel|underpass|union"
    r"|valleys?|viaduct|villages?|ville|vista|walks|wall|well|wells|extensions?|estates?|dale|dam|divide|drives|burgs?|bottom|branch|bridge|brooks?|camp|canyon|cape|causeway|centers?|cliffs?|club|common|corners?|course|courts|coves?|creek|crest|crossroad|curve|fall|ferry|fields?|flats?|fords?|forest|forges?|fort|garden|gateway|glens?|green|greens|groves|harbors?|haven|inlet|key|keys|ports|radial|ramp|ways|isle|circles|hills|landing|lights?|loaf|lodge|motorway|parkways|ridges|unions|via|parade|esplanade|rise|quay|promenade|vale|villas|arcade|broadway|chase)"
)
_WAY_EN_SURE = (
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|terrace|circle|cir|square|sq|parkway|pkwy|highway|hwy"
    r"|trail|crescent|crossing|turnpike|expressway|place|mews|close|gardens|grove|broadway|ter|terr|alley|alleyway|trafficway|throughway|stravenue|skyway|heights|hollow|knolls?"
    r"|causeway|overpass|underpass|freeway|bypass|meadows?|shoals?|orchard|prairie|estates|viaduct|junctions?|manors?|crossroad|groves|glens?|coves?|creek|isle|inlet|shores?|haven|ways|burgs?)"
)
_NAME_EN = r"(?:[NSEW]{1,2}\.?\s+|(?:north|south|east|west)\s+)?(?:(?:[A-Za-zÀ-ÿ'.-]+|\d{1,3}(?:st|nd|rd|th))\s+){1,4}?"
_REST_EN = r"(?:[\s,]{1,2}(?:apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|building|bldg|#)\.?\s?#?\s?[A-Za-z0-9-]{1,6}){0,2}"
_CITY_EN = r"(?:\s*,?\s*[A-Z][A-Za-z']+(?:\s[A-Z][A-Za-z']+){0,2})?(?:\s*,?\s*[A-Z]{2}\b)?(?:\s*,?\s*\d{5}(?:-\d{4})?\b)?"
_UK = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_STATE = (
    r"(?:AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT"
    r"|VT|VA|WA|WV|WI|WY|PR)"
)

_WAY_EN_THE = (
    r"(?:crescent|avenue|close|mews|green|square|drive|grove|street|terrace|lane|parade|circle|court|mall)"
)
_AT_EN = (
    r"\b(?:(?:live[sd]?|living|stay(?:ing)?|located|delivery?|office|house)\s+(?:is\s+)?(?:at|on)|moved\s+to|(?:ship|send|deliver|mail|bring|come|drive)\w*\s+(?:it\s+|them\s+|that\s+)?(?:over\s+)?to"
    r"|address(?:\s+(?:is|to))?\s*:?)"
)

_LEFT = r"(?:^|[^\w:.,$€£#/-]|,\s)"
_NO_STREET = re.compile(
    r"\b(?:and|or|i|i'll|you|we|it|its|is|are|was|will|would|can|to|for|in|at|on|with|the|a|an|my|your|am|pm|from|than|so|that|this|of"
    r"|more|other|years?|days?|miles?|people|about|if|but|not|have|has|had|do|does|then|when|please|dollars|bucks)\b",
    re.IGNORECASE,
)


def _reads_like_a_street(found: str) -> bool:
    return not _NO_STREET.search(found)


_ENDS_IN_NO_STREET = re.compile(
    r"\b(?:desde|hace|por|con|como|unos?|unas|cada|entre|since|for|about|with|like|than|only|just|and|or|y|o|e|que|because|porque|i|at least|me|us|him|her|them|you|by|in|para|a las|más|menos|otros|otras|d[íi]as?|semanas?|horas?|minutos?|mes|meses|pagos?|partes?|cuotas?|piezas?|days?|weeks?|hours?|minutes?|months?|parts?|stores?"
    r"|se|tengo|traigo|llevo|gano|debo|cuestan?|en(?=\s*$))\b",
    re.IGNORECASE,
)


_OF_SOMETHING_ELSE = re.compile(r"[\s,]*(?:con|y|and|with)\b", re.IGNORECASE)


def _names_a_house(found: str) -> bool:
    """Whether what stands before the number may be a street: ``desde hace 3`` and ``las 3`` are none."""
    street = re.split(r"\d", found)[0]
    return not (_ENDS_IN_NO_STREET.search(street) or street.strip().lower() in {"la", "el", "las", "los"})


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CASED = r"[A-ZÀ-Ý][a-zà-ÿ'.-]+(?:\s(?:de|del|la|las|los|el|y|e|da|do|dos|das|[IVX]{1,5}\b|[A-ZÀ-Ý][a-zà-ÿ'.-]+)){0,4}"
_CASED_OR_CODE = rf"(?:{_CASED}|\d{{4,5}})"


def _has_a_city(found: str) -> bool:
    """Whether a listed place stands right after the number, or at the end."""
    if _YEAR.search(found) or not _names_a_house(found):
        return False
    after = re.findall(r"[^\W\d_]+", re.split(r"\d", found)[-1])
    return any(
        folded(" ".join(part)) in CITIES
        for many in range(1, min(MOST_WORDS, len(after)) + 1)
        for part in (after[:many], after[-many:])
    )


SHAPES = (
    Shape(
        "ADDRESS", rf"(?i){_WAY_ES}{_WORDS}\s*,?\s*(?:{_NO}\s*)?{_DOOR}\b{_REST_ES}{_DISTRICT}{_ZIP_ES}", 0.85
    ),
    Shape("ADDRESS", rf"{_WAY_ES_WEAK}{_WORDS}\s*,?\s*(?i:(?:{_NO}\s*)?{_DOOR}\b{_REST_ES}{_ZIP_ES})", 0.7),
    Shape(
        "ADDRESS",
        rf"(?i)(?:calle|carrera|cra|cr|kra|kr|cll|cl|diagonal|dg|transversal|tv|tr|ac|ak|av|avenida|autopista)\.?\s+(?:\d{{1,3}}\s?[a-zªº]?|[a-zà-ÿ]+(?:\s[a-zà-ÿ]+){{0,2}}(?:\s\d{{1,3}}[ªº]?)?)(?:\s?bis(?:\s?[a-z]\b)?)?(?:\s?(?:sur|norte|este|oeste))?\s?(?:#|n[o°º]\.?|-)\s?\d{{1,3}}\s?[a-z]?\s?(?:-\s?\d{{1,3}})?(?:\s(?:sur|norte|este|oeste)\b)?{_REST_ES}{_ZIP_ES}",
        0.85,
    ),
    Shape(
        "ADDRESS",
        rf"(?i)\d{{1,5}}\s+de\s+(?:la\s+|el\s+)?{_WAY_ES}[A-Za-zÀ-ÿ'.]+(?-i:(?:\s(?:de|del|la|las|los|[A-ZÀ-Ý][A-Za-zÀ-ÿ'.]+)){{0,3}})",
        0.8,
    ),
    Shape(
        "ADDRESS",
        rf"(?i)(?:\b(?:en|a|de|es|direcci[óo]n|domicilio)\s|[:,]\s*|^)(?P<id>(?:privada|priv\.?|cerrada|cda\.?|prolongaci[óo]n|prol\.?|circuito|cto\.?|pasaje|pje\.?|psje\.?|retorno"
        rf"|diagonal|transversal|andador|callej[óo]n|camino|carrera|ronda|rinconada|jir[óo]n|jr\.?|ampliaci[óo]n|eje\s+vial|acceso|peatonal|perif[ée]rico|circunvalaci[óo]n|continuaci[óo]n|corredor|viaducto|ca[ñn]ada|v[íi]al?)\s+(?:del?\s+)?(?:la\s+|los\s+|las\s+)?[0-9a-zà-ÿ'.]+(?:\s[a-zà-ÿ'.]+){{0,5}}?\s*,?\s*(?:(?:{_NO}\s*)?{_DOOR}\b|s/n\b){_REST_ES}{_DISTRICT}{_ZIP_ES})",
        0.7,
        require=_names_a_house,
        anywhere=True,
    ),
    Shape(
        "ADDRESS",
        r"(?i)\b(?:viv[eoiía]\w*\s+en|resid\w+\s+(?:en|at|on)|(?:live[sd]?|living)\s+(?:at|on)|domiciliad[oa]\s+en|domicilio\s+en|ubicad[oa]s?\s+en|est(?:á|a|oy|amos|án)\s+en|pas(?:en?|ar|o)\s+a|recog\w+\s+en|located\s+at|entreg\w+\s+en|env[ií]\w+\s+a"
        r"|(?:ship|send|deliver)\w*\s+(?:it\s+|them\s+)?to|direcci[óo]n(?:\s+de\s+\w+)?(?:\s+es|:)|domicilio(?:\s+de\s+\w+)?(?:\s+es|:)|address(?:\s+is|:))\s+"
        rf"(?P<id>[a-zà-ÿ'.]+(?:\s[a-zà-ÿ'.]+){{0,3}}\s*,?\s*(?:{_NO}\s*)?\d{{1,5}}\b{_REST_ES})",
        0.45,
        require=_names_a_house,
    ),
    Shape(
        "ADDRESS",
        rf"(?i)(?P<id>(?:the\s+)?(?:[a-z']+\s){{1,2}}?(?:mill|house|cottage|lodge|farm|barn|hall|manor|vicarage|rectory|villas?|court)\s*,\s*(?:\d{{1,5}}[a-z]?\s+)?{_NAME_EN}{_WAY_EN_SURE}\b)",
        0.8,
    ),
    Shape("ADDRESS", rf"(?i){_WAY_ES}{_WORDS}\s*,?\s*(?:s[./]{{0,2}}n\b(?:\.?[º°])?|sin n[úu]mero\b)", 0.85),
    Shape(
        "ADDRESS",
        r"(?i)(?:^|\b(?:en|entre|desde|at|a|es)\s)(?P<id>[a-zà-ÿ'.]+(?:\s[a-zà-ÿ'.]+){0,3}\s\d{1,5},\s[a-zà-ÿ]+(?:\s[a-zà-ÿ]+){0,3})",
        0.45,
        require=_has_a_city,
        anywhere=True,
    ),
    Shape(
        "ADDRESS",
        r"(?i)[a-zà-ÿ][a-zà-ÿ'.]{2,}(?:\s[a-zà-ÿ'.]+){0,2}\s\d{1,5},?\s(?:of\.|(?:dpto|depto|dto|apto|oficina|departamento|piso)\.?)\s?#?\d{1,4}\b",
        0.7,
        require=_names_a_house,
    ),
    Shape("ADDRESS", rf"{_CASED},?\s\d{{1,5}},\s{_CASED},\s(?:Regi[óo]n|Provincia)\b", 0.8),
    Shape(
        "ADDRESS",
        rf"(?i)\d{{1,2}}(?:st|nd|rd|th)\s+floor,?\s+\d{{1,6}}[a-z]?\s+{_NAME_EN}{_WAY_EN_SURE}\b",
        0.8,
    ),
    Shape("ADDRESS", rf"{_CASED},?\s(?:s/n|S/N)\b(?:\.?[º°])?", 0.7),
    Shape("ADDRESS", rf"{_CASED},?\s(?i:n[º°]|n[úu]m(?:ero|\.)|no\.|#)\s?\d{{1,5}}\b", 0.45),
    Shape(
        "ADDRESS",
        rf"{_CASED},?\s\d{{1,5}}[A-Z]?[,.]?\s+(?:Col\.|Colonia|Fracc\.|C\.?P\.?)\s*{_CASED_OR_CODE}",
        0.8,
    ),
    Shape("ADDRESS", rf"{_CASED},?\s\d{{1,5}}[A-Z]?,?\s+{_CASED}", 0.6, require=_has_a_city),
    Shape("ADDRESS", rf"(?:C[/\\]\.?\s*(?:de\s|del\s)?(?:la\s|los\s|las\s)?){_CASED}", 0.7),
    Shape(
        "ADDRESS",
        rf"(?i:calle|avenida|avda|av|paseo|plaza|calzada|blvd)\.?\s+(?:de\s|del\s)?(?:la\s|los\s|las\s)?{_CASED}",
        0.45,
    ),
    Shape(
        "ADDRESS",
        r"(?i)(?:(?:carretera\s+)?[A-Z]{1,2}-?\d{1,4}|(?:ruta|carretera|autopista)\s+[a-z0-9-]{1,8}(?:\s(?:sur|norte))?),?\s*km\.?\s*\d{1,4}(?:[.,]\d{1,3})?",
        0.6,
    ),
    Shape(
        "ADDRESS",
        r"(?i)(?:^|\n)[ \t]*(?:domicilio|direcci[óo]n|(?:home |mailing |street )?address)[ \t]*:[ \t]*(?P<id>[^\W_][^\n?!]{2,60})(?:\n|$)",
        0.45,
        anywhere=True,
    ),
    Shape(
        "ADDRESS",
        rf"(?i){_LEFT}(?P<id>\d{{1,6}}[A-Za-z]?\s+{_NAME_EN}{_WAY_EN_SURE}\b\.?{_REST_EN})",
        0.7,
        require=_reads_like_a_street,
        anywhere=True,
    ),
    Shape(
        "ADDRESS",
        rf"{_LEFT}(?P<id>\d{{1,6}}[A-Za-z]?\s+(?:[A-Z][A-Za-z'.-]+\s+){{1,4}}?(?i:{_WAY_EN})\b\.?(?i:{_REST_EN}){_CITY_EN})",
        0.85,
        require=_reads_like_a_street,
        anywhere=True,
    ),
    Shape(
        "ADDRESS",
        r"\d{1,6}[A-Za-z]?,?\s+(?:[A-Z][A-Za-z'.-]+,?\s+){1,4}?(?:Apt|Suite|Unit|Ste|Apartment|RD)\.?\s+#?[A-Za-z0-9-]{1,6}",
        0.8,
    ),
    Shape(
        "ADDRESS",
        r"(?i)\d{1,6}[a-z]?,?\s+(?:[a-z][a-z'.-]+,?\s+){1,4}?(?:(?:apt|suite|unit|ste|apartment|lot|floor|fl|box)\.?\s+#?|#)\d[0-9a-z-]{0,5}",
        0.7,
        require=_reads_like_a_street,
    ),
    Shape(
        "ADDRESS",
        rf"(?i)\d{{1,6}}[a-z]?\s+(?:[a-z][a-z'.-]+\s+){{1,3}}?{_WAY_EN}\b\.?,?\s+(?:[a-z][a-z'.-]+,?\s+){{1,4}}?(?:[a-z]{{2,4}},?\s+\d{{4,5}}(?:-\d{{4}})?|{_UK})",
        0.7,
        require=_reads_like_a_street,
    ),
    Shape(
        "ADDRESS",
        rf"(?i){_AT_EN}\s+(?P<id>(?:\d{{1,3}}(?:st|nd|rd|th)\s+floor,?\s+)?\d{{1,6}}[a-z]?,?\s+(?:[a-z0-9'.-]+\s+){{1,4}}?{_WAY_EN}\b\.?(?:\s\d{{1,4}}\b)?{_REST_EN})",
        0.7,
        require=_reads_like_a_street,
    ),
    Shape("ADDRESS", rf"(?i)\d{{1,5}}[a-z]?\s+the\s+{_WAY_EN_THE}\b", 0.6),
    Shape("ADDRESS", r"(?i)(?:rr|rural\s+route)\s?#?\d{1,3},?\s+box\s+\d{1,5}", 0.85),
    Shape(
        "ADDRESS",
        r"(?i)(?:mz|mza|manzana)\.?\s?#?[a-z0-9]{1,4}\s*,?\s*(?:lt|lote?)\.?\s?#?[a-z0-9]{1,4}(?:\s*,?\s*casa\s?[a-z0-9]{1,4})?",
        0.85,
    ),
    Shape(
        "ADDRESS",
        r"(?i)(?:urb(?:anizaci[óo]n|\.)?|residencial|conjunto(?:\s+residencial)?|condominio|fracc(?:ionamiento|\.)|edificio|edif\.|torres?|andador|infonavit|villas?)\s+[0-9a-zà-ÿ'.]+(?:\s[0-9a-zà-ÿ'.]+){0,4}?"
        r"(?:\s*,?\s*(?:calle|casa|manzana|mz|lote|lt|torre|bloque|edificio|edif|piso|depto|dpto|apto|departamento|apartamento|local|villa|n[úu]mero|no|#)\.?\s?#?\d[0-9a-z-]{0,5}){1,4}",
        0.7,
    ),
    Shape(
        "ADDRESS",
        r"(?i)[a-zà-ÿ'.]+\s\d{1,5},?\s\d{1,2}\s?(?:ro|do|to|er|vo|mo|no|[º°ª])\.?\s?(?:piso\s?)?\"?[a-k]\"?\b",
        0.7,
    ),
    Shape(
        "ADDRESS",
        rf"(?i)(?:flat|studio|apartment|apt\.?|unit|suite)\s+#?\d{{1,4}}[a-z]?,?\s+(?:\d{{1,5}}\s+)?{_NAME_EN}{_WAY_EN}\b",
        0.8,
    ),
    Shape(
        "ADDRESS",
        r"(?:Flat|Studio|Apartment|Unit)\s+\d{1,4}[A-Za-z]?,\s+(?:\d{1,5}\s+)?[A-Z][a-zA-Z'-]+(?:\s[A-Z][a-zA-Z'-]+){0,3}",
        0.7,
    ),
    Shape(
        "ADDRESS",
        r"(?i)(?:PSC|Unit|USNS|USS)\s[\w ]{1,20},?\s*(?:Box\s\d+,?\s*)?(?:APO|FPO|DPO)\s[A-Z]{2}\s\d{5}|(?:PSC|Unit)\s\d+,?\s+Box\s\d+",
        0.9,
    ),
    Shape(
        "ADDRESS",
        r"(?P<id>[A-ZÀ-Ý][0-9A-Za-zÀ-ÿ'.-]+(?:\s(?:de|del|la|las|los|i|y|e|da|do|dos|das|[A-ZÀ-Ý][0-9A-Za-zÀ-ÿ'.-]*)){0,5},?\s+(?:s/n|\d{1,4}[A-Z]?)"
        r"(?:[ ,.-]{1,3}[0-9A-Z][0-9A-Za-zºª.]{0,4}){0,3})[ ,.-]{1,3}(?:[A-Z]-)?\d{5}\b[ ,.-]{1,3}[A-ZÀ-Ýa-zà-ÿ]\w*",
        0.7,
    ),
    Shape(
        "ADDRESS",
        r"[A-ZÀ-Ý][a-zà-ÿ'.-]+(?:\s(?:de|del|la|las|los|y|[A-ZÀ-Ý][a-zà-ÿ'.-]+)){0,3},?\s\d{1,5},?\s\d{1,2}\s?[oº°ª](?:\s?-?\s?[A-Z]\b)?",
        0.7,
    ),
    Shape(
        "ADDRESS",
        r"(?i)(?:p\.?\s?o\.?\s?box|apartado(?:\s+de\s+correos|\s+postal)?|apdo\.?)\s*#?\s*\d{1,6}",
        0.85,
    ),
    Shape(
        "ADDRESS",
        r"(?i)\b(?:domicilio|direcci[óo]n|address|vivo\s+en|i\s+live\s+at|live\s+at|resid[eo]\s+en)\b\s*(?:es|is|:)?\s*(?:postal|particular)?\s*:?\s*"
        rf"(?P<id>[^\n:;?!.@]{{2,60}}?\s(?:{_NO}\s*)?\d{{1,5}}\b{_REST_ES}{_ZIP_ES})",
        0.7,
        require=lambda found: not _OF_SOMETHING_ELSE.match(found),
    ),
    Shape("ADDRESS", r"(?i)\bcol(?:onia|\.)\s+(?P<id>[A-ZÀ-Ýa-zà-ÿ']+(?:\s[A-ZÀ-Ý][a-zà-ÿ']+){0,3})", 0.4),
    Shape("POSTCODE", _UK, 0.85),
    Shape("POSTCODE", rf"(?i){_UK}", 0.5, require=lambda code: any(c.isspace() for c in code)),
    Shape("POSTCODE", r"[A-Z]\d[A-Z] ?\d[A-Z]\d", 0.85),
    Shape(
        "POSTCODE",
        r"[A-Z]\d[\dW] ?[A-Z0-9]{4}",
        0.55,
        require=lambda code: sum(c.isdigit() for c in code) < 7,
    ),
    Shape("POSTCODE", r"\d{5}-\d{4}", 0.7),
    Shape("POSTCODE", rf"{_STATE}[ ,]+(?P<id>\d{{5}}(?:-\d{{4}})?)", 0.85),
    Shape("POSTCODE", r"(?P<id>\d{5}),?\s+(?:[A-ZÀ-Ý][a-zà-ÿ]+)", 0.4),
)
