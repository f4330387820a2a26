"""Names told by rules: cue phrases (``me llamo``, ``my name is``) and lists. Knows no statistics."""

# ruff: noqa: E501, SIM905 - a pattern reads better on one line, a word list as text

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.words import PIECES, Word, Words, key
from uncase_pipeline.anonymized.prefilter import Search, which_may_match
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.dialogue.remembered import Remembered

_ROLES = (
    r"titular|asegurad[oa]|beneficiari[oa]|aval|fiador[a]?|demandad[oa]|demandante|testigos?|notari[oa]|apoderad[oa]|albacea|tutora?|alumn[oa]s?|estudiante|profesora?|maestr[oa]|director[a]?|t[ée]cnic[oa]"
    r"|operador[a]?|supervisor[a]?|chofer|conductor[a]?|repartidor[a]?|vendedor[a]?|asesor[a]?|ejecutiv[oa]|gerente|contador[a]?|representante|acompañante|responsable|enfermer[oa]|remitente|destinatari[oa]"
    r"|propietari[oa]|inquilin[oa]|arrendador[a]?|comprador[a]?|solicitante|contacto(?: de emergencia)?|encargad[oa]|abogad[oa]"
    r"|account holder|card ?holder|payee|co-?signer|guarantor|beneficiary|insured(?: driver)?|subscriber|policy ?holder|defendant|plaintiff|witness(?:es)?|notary|executor|paralegal|attorney|counsel|landlord|tenant"
    r"|buyer|seller|owner|student|pupil|tutor|teacher|professor|principal|technician|operator|supervisor|driver|courier|manager|accountant|caregiver|guardian|nurse|physician|surgeon|therapist|sender|recipient"
    r"|(?:emergency )?contact|applicant|mechanic|attn|atención|atn"
)
_CERTAIN = re.compile(
    r"\b(?:me llamo|mi nombre(?: completo)? es|my (?:full |first |last )?name(?:'s| is)|under the name(?: of)?|i go by)\s*['\"]?",
    re.IGNORECASE,
)
"""After these even a common word, in lower case, is a name."""
_SURE = re.compile(
    rf"\b(?:(?:{_ROLES})\.?\s*:|(?:dijo |dice |decía )?llamarse|(?:se|que) llamaba|conocid[oa] como|(?:le|me) dicen|le decimos|apodo(?: es)?|(?:guy|man|woman|lady|person|someone|somebody|kid|employee|rep) (?:called|named)"
    r"|known as|goes by|nicknamed|(?:'s|his|her|their|my) name (?:is|was)|call (?:him|her|me) (?:by )?"
    r"|(?:yo )?me llamo|(?:mi|su|el|tu) nombre(?: completo)?(?: del? (?:cliente|paciente|titular))? (?:es|era|completo es)|(?:se|te) llama[ns]?|(?:se apellidan?|me apellido)|nombres?(?: y apellidos?| completo)?\s*:"
    r"|apellidos?(?: son| es)?\s*:?|a nombre de|a favor de|el titular es|firmad[oa] por|my (?:full |first |last )?name(?:'s| is|s)|(?:his|her|their) name(?:'s| is)"
    r"|(?:full |first |last |sur|patient |customer )?name\s*:|under (?:the )?name(?: of)?|in the name of|you can call me|i go by|people call me|apodad[oa]|alias"
    r"|(?:paciente|cliente|titular|m[ée]dico|doctor|patient|customer|client|remitido por|responsable)\s*:)\s*['\"]?",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"\b(?:soy|habla|hablas con|hablo con|le (?:atiende|saluda|habla)|les saluda|saludos?,?|atentamente,?|atte\.?,?|att\.?,?|gracias,?|hola,?|buen[oa]s (?:d[íi]as|tardes|noches),?|oye,?|estimad[oa]"
    r"|querid[oa]|con|para|de parte de|pregunt\w* por|busco a|hablar con|(?:a la )?atenci[óo]n (?:de|a)|en (?:vez|lugar) de|una? tal|te quiere,?|(?:d[íi]gale|dile|av[íi]s\w+|cu[ée]nt\w+|recu[ée]rd\w+) a|mi (?:esposa|esposo|marido|mujer|hij[oa]|herman[oa]|madre|padre|mam[áa]|pap[áa]|jef[ea]|amig[oa]|abogad[oa]|doctor[a]?|novi[oa]|prim[oa]|t[íi][oa]|abuel[oa]|suegr[oa]|vecin[oa])"
    r"|i'?m|i am|this is|it'?s|speaking with|speak to|spoke (?:to|with|w/)|talk(?:ed)? (?:to|with)|asked? for|pag(?:e|ing)|instead of|love,|thanks,?|thank you,?|regards,?|sincerely,?|cheers,?|hi,?|hello,?|hey,?|dear|good (?:morning|afternoon|evening),?"
    r"|my (?:wife|husband|son|daughter|brother|sister|mother|father|mom|dad|boss|friend|lawyer|doctor|boyfriend|girlfriend|cousin|uncle|aunt|neighbou?r|partner|manager|tutor|teacher))\s+",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:sr|sra|srta|srita|dr|dra|d|dña|lic|ing|arq|prof|mtr[oa]|psic|mr|mrs|ms|mx|prof)\s?\.\s*|\b(?:señor|señora|señorita|sr|sra|srta|don|doña|doctor|doctora|dr|dra|licenciad[oa]|ingenier[oa]|profesora?|profe|maestr[oa]|enfermer[oa]|contador[a]?|notari[oa]|arquitect[oa]|capit[áa]n|sargento|diputad[oa]|sor|fray"
    r"|mr|mrs|ms|miss|professor|nurse|father|sir|madam|captain|sergeant|officer|judge|coach|principal|detective)\s+",
    re.IGNORECASE,
)
_SHORT_TITLE = re.compile(r"\b(?:sr|sra|srta|srita|mr|mrs|ms)(?:\.\s*|\s+)|\b(?:dr|dra)\.\s*", re.IGNORECASE)
"""After these any word that is seldom said is a name: ``sra. rompa``."""
_SAID_OF = re.compile(
    r"[^\s\d,.;:!?]{3,24} (?:(?:me|nos|le|te) (?:dijo|coment[óo]|pas[óo]|atendi[óo]|ayud[óo]|cobr[óo]|llam[óo]|escribi[óo]|prometi[óo]|vendi[óo]|pidi[óo]|mand[óo]|envi[óo]|explic[óo]|ofreci[óo]|prest[óo]|debe)"
    r"|dijo que|dice que|otra vez|por aqu[íi]|al habla|de (?:ventas|soporte|cobran?zas?|recepci[óo]n|contabilidad|finanzas|sistemas|mantenimiento)"
    r"|(?:told|said|helped|promised|called|emailed|texted|lent|owes|keeps|sold|never|already) |from (?:billing|sales|support|accounting|reception|maintenance|the )|here\b|speaking\b|again\b)",
    re.IGNORECASE,
)
"""What is said of people, after a word that may be a name."""
_PARTICLES = {
    "de",
    "del",
    "la",
    "las",
    "los",
    "y",
    "e",
    "da",
    "do",
    "dos",
    "das",
    "van",
    "von",
    "der",
    "den",
    "di",
    "el",
    "al",
    "bin",
    "ben",
    "san",
    "santa",
    "mc",
    "mac",
    "o",
    "st",
}
_NEVER = {
    "si", "no", "que", "es", "un", "una", "el", "la", "lo", "los", "las", "y", "o", "de", "del", "en", "con", "para", "por", "mi", "tu", "su", "yo", "me", "te", "se", "a", "al", "the", "an",
    "and", "or", "of", "in", "on", "to", "for", "with", "my", "your", "his", "her", "is", "are", "was", "i", "you", "he", "she", "it", "we", "they", "this", "that", "not", "so", "just", "here",
    "there", "what", "who", "how", "why", "when", "where", "please", "thanks", "gracias", "hola", "hello", "hi", "hey", "pero", "but", "muy", "como", "cuando", "donde", "ya", "aqui", "bien", "good",
    "yes", "yeah", "yep", "nope", "mis", "tus", "sus", "nuestro", "nuestra", "otro", "otra", "none", "ninguno", "ninguna", "pendiente", "pending", "perfecto", "perfect", "claro", "listo", "igual",
    "quien", "quienes", "cual", "alguien", "nadie", "someone", "nobody", "looking", "trying", "calling", "interested", "sorry", "sure", "ok", "okay", "customer", "cliente", "patient", "paciente", "client", "user", "agent", "asesor", "advisor", "help", "service", "support",
    "lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    "sep", "sept", "ene", "abr", "ago", "dic", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "oct", "nov", "dec", "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
}  # fmt: skip
_ADDRESSED = frozenset(
    (
        "director directora juez jueza jurado usuario usuaria cliente clienta presidente presidenta gerente ministro ministra fiscal notario licenciado licenciada"
        " doctor doctora profesor profesora comandante gobernador gobernadora alcalde alcaldesa abogado abogada secretario secretaria rector rectora consul diputado"
        " president judge chairman speaker mayor secretary ambassador minister governor senator right wrong perfect nice dentista veterinario pediatra cardiologo ginecologo"
    ).split()
)
"""Who is addressed by office: ``señor juez``."""
_MONTHS_AND_NAMES = {"april", "may", "june", "august", "abril", "julio", "domingo"}
"""Names after a cue that leaves no doubt, where they are capitalized."""
_PLACE_NOUNS = {
    "airport",
    "international",
    "station",
    "university",
    "hospital",
    "school",
    "park",
    "bridge",
    "stadium",
    "museum",
    "hotel",
    "restaurant",
    "cafe",
    "aeropuerto",
}
_LONGEST = 7
_ONLY_A_NAME = 3


class Cue(NamedTuple):
    """Where a cue phrase ends.

    Attributes:
        end: One past its last character, where the name would begin.
        sure: Whether an unlisted word after it is a name.
        title: Whether it is a title.
        short: Whether it is one that stands before nothing but names: ``sra.``
    """

    end: int
    sure: bool
    title: bool
    short: bool

    @property
    def asks(self) -> bool:
        """Whether it makes a name even of an ordinary word."""
        return self.sure or self.title


_NO_CUES: tuple[tuple[Cue, ...], frozenset[int]] = ((), frozenset())


class NameRules:
    """Finds names by cue phrases and by lists."""

    def __init__(self, lists: Lexicon | None = None) -> None:
        self._lists = lists or lexicon()
        self._cues = tuple(
            (Search(pattern), sure, title, short)
            for pattern, sure, title, short in (
                (_SURE, True, False, False),
                (_HINT, False, False, False),
                (_TITLE, False, True, False),
                (_CERTAIN, True, True, False),
                (_SHORT_TITLE, False, True, True),
            )
        )
        self._begins = Remembered(self._begins_a_name, PIECES).of
        self._said_of = Search(_SAID_OF)
        searched = [*(pattern for pattern, *_ in self._cues), self._said_of]
        self._possible = which_may_match(f"(?i){pattern.pattern}" for pattern in searched)

    def cues(self, texts: Sequence[str]) -> list[tuple[tuple[Cue, ...], frozenset[int]]]:
        """Return per text the cue phrases, and where a name may begin: after them, or before what is said of people."""
        return [
            self._cues_of(text, possible) if possible else _NO_CUES
            for text, possible in zip(texts, self._possible(texts), strict=True)
        ]

    def _cues_of(self, text: str, possible: Sequence[int]) -> tuple[tuple[Cue, ...], frozenset[int]]:
        found = tuple(
            Cue(end, sure, title, short)
            for pattern, sure, title, short in (
                self._cues[number] for number in possible if number < len(self._cues)
            )
            for end in pattern.ends(text)
        )
        expected = {cue.end for cue in found}
        if possible[-1] == len(self._cues):
            expected.update(match.start() for match in self._said_of.matches(text))
        return found, frozenset(expected)

    def detect(self, text: str, tokens: Words, cues: Sequence[Cue]) -> Iterator[Span]:
        """Yield spans in a normalized text."""
        for cue in cues:
            index = tokens.at(cue.end)
            if index is not None:
                yield from self._after_cue(tokens, index, cue)
        yield from self._listed(tokens)
        if len(tokens) <= _ONLY_A_NAME and all(self._bare(token) for token in tokens):
            yield Span("PERSON", tokens[0].start, tokens[-1].end, 0.65, "list")

    def _bare(self, token: Word) -> bool:
        """A word of a message that is nothing but a name: ``Milano``, as the answer to a question."""
        word = key(token.text)
        return self._name(token) and word not in _NEVER and not self._lists.is_frequent(word)

    def _after_cue(self, tokens: Sequence[Word], index: int, cue: Cue) -> Iterator[Span]:
        sure, title = cue.sure, cue.title
        run = self._run(tokens, index, sure=sure, titled=title)
        if not run and cue.short and self._titled(tokens[index]):
            run = [tokens[index]]
        if not run:
            return
        known = any(self._name(token) for token in run)
        if not (sure or title or known or self._may_be_unlisted(run[0])):
            return
        score = 0.95 if known and sure else 0.85 if known and len(run) > 1 else 0.8 if title or sure else 0.7
        yield Span("PERSON", run[0].start, run[-1].end, score, "cue")

    def _run(self, tokens: Sequence[Word], index: int, *, sure: bool, titled: bool = False) -> list[Word]:
        """Return the words from ``index`` on that read like one name."""
        run: list[Word] = []
        for position in range(index, min(index + _LONGEST, len(tokens))):
            token = tokens[position]
            if (
                self._fits(token, first=not run, sure=sure, certain=sure and titled)
                or (titled and not run and self._named_by_title(token))
                or self._continues(run, token)
                or ((sure or titled) and self._after_particle(run, token))
                or (
                    token.text in {"-", "."} and run and len(run[-1].text) <= (1 if token.text == "." else 99)
                )
            ):
                run.append(token)
            elif key(token.text) not in _PARTICLES or not (run or sure or titled):
                break
            else:
                run.append(token)
        while run and (key(run[-1].text) in _PARTICLES or not run[-1].text.isalpha()):
            run.pop()
        return run

    def _named_by_title(self, token: Word) -> bool:
        """``el profesor toro``: after a title, a listed name that is an ordinary word too."""
        word = key(token.text)
        return self._lists.is_name(word) and word not in _NEVER and not self._lists.is_frequent(word)

    def _titled(self, token: Word) -> bool:
        """``Dr. Lê``, ``sra. rompa``: a capitalized word or one that is seldom said, but no office."""
        word = key(token.text)
        capitalized = token.text.istitle() and len(token.text) > 1
        if word in _ADDRESSED or (word in _NEVER and not capitalized):
            return False
        return capitalized or self._lists.is_rare(token.text)

    def _fits(self, token: Word, *, first: bool, sure: bool, certain: bool = False) -> bool:
        folded_word = key(token.text)
        if sure and first and token.text[0].isupper() and folded_word in _MONTHS_AND_NAMES:
            return True
        if not token.text[0].isalpha() or folded_word in _NEVER or folded_word in _PARTICLES:
            return False
        if token.text[0].isupper():
            return (
                self._lists.is_name(folded_word) or not self._lists.is_word(folded_word) or (sure and first)
            )
        if sure and first:
            common = self._lists.is_common(folded_word) and not certain
            return not (common or self._lists.is_frequent(folded_word))
        return self._name(token) or (self._unknown(token) and sure)

    def _continues(self, run: list[Word], token: Word) -> bool:
        """``john smith``: after a given name, a family name that is an ordinary word is a name."""
        folded_word = key(token.text)
        return (
            bool(run)
            and key(run[-1].text) in self._lists.given
            and folded_word in self._lists.family
            and folded_word not in _NEVER
        )

    def _after_particle(self, run: list[Word], token: Word) -> bool:
        """``Gabriel de Arriba``: a capitalized word after a name and its particle, whatever else it means."""
        return (
            len(run) > 1
            and key(run[-1].text) in _PARTICLES
            and key(run[0].text) in self._lists.given
            and token.text[:1].isupper()
            and token.text.isalpha()
        )

    def _name(self, token: Word) -> bool:
        """A listed name; in lower case only if it is no ordinary word."""
        folded_word = key(token.text)
        if not self._lists.is_name(folded_word):
            return False
        return token.text[0].isupper() or not self._lists.is_word(folded_word)

    def _unknown(self, token: Word) -> bool:
        folded_word = key(token.text)
        return token.text.isalpha() and len(folded_word) > 2 and not self._lists.is_word(folded_word)

    def _may_be_unlisted(self, token: Word) -> bool:
        return self._unknown(token) and not self._lists.is_allowed(key(token.text), None)

    def _listed(self, tokens: Words) -> Iterator[Span]:
        """Yield a given name followed by more of a name, and single given names that are no words."""
        end = 0
        for index in [place for place, begins in enumerate(map(self._begins, tokens.texts)) if begins]:
            if index < end:
                continue
            run = self._run(tokens, index, sure=False)
            end = index + max(1, len(run))
            cased = tokens.texts[index][0].isupper()
            if len(run) > 1 and any(self._name(part) for part in run[1:]):
                if end == len(tokens) or key(tokens.texts[end]) not in _PLACE_NOUNS:
                    cased = cased and run[-1].text[0].isupper()
                    yield Span("PERSON", run[0].start, run[-1].end, 0.9 if cased else 0.75, "list")
            elif run and not self._lists.is_word(key(tokens.texts[index])):
                yield Span("PERSON", run[0].start, run[-1].end, 0.6 if cased else 0.5, "list")

    def _begins_a_name(self, text: str) -> bool:
        """Return whether a word is a listed given name; in lower case only if it is no ordinary word."""
        word = key(text)
        if word not in self._lists.given or word in _NEVER:
            return False
        return text[0].isupper() or not self._lists.is_word(word)
