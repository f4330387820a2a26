"""Cue phrases of the dialogue acts, es and en. Knows phrases and how to find them, not how a turn is cut.

A phrase is folded words with spaces. Adding a cue is adding a phrase to a table below. Within a clause the act
that comes first in ``_PRIORITY`` wins.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_PRIORITY = (
    "refuse", "apologize", "clarify", "propose", "request", "explain", "close", "confirm", "acknowledge", "thank",
    "greet", "ask",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that was found.

    Attributes:
        act: What it marks.
        length: Words that it covers.
        free: Whether a lead marker counts without a comma after it.
    """

    act: str
    length: int
    free: bool = False


class Cues:
    """Phrases indexed by their first word, longest first."""

    def __init__(self, tables: Iterable[dict[str, str]], *, free: frozenset[str] = frozenset()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Cue]]] = defaultdict(list)
        for table in tables:
            for act, phrases in table.items():
                for phrase in filter(None, (part.strip() for part in phrases.replace("\n", "|").split("|"))):
                    words = tuple(phrase.split())
                    self._by_first[words[0]].append((words, Cue(act, len(words), act in free)))
        for phrases_of_word in self._by_first.values():
            phrases_of_word.sort(key=lambda entry: (-len(entry[0]), _PRIORITY.index(entry[1].act)))

    def at(self, words: tuple[str, ...], start: int) -> Cue | None:
        """Return the longest cue that begins at this word."""
        for phrase, cue in self._by_first.get(words[start], ()):
            if words[start : start + cue.length] == phrase:
                return cue
        return None

    def best(self, words: tuple[str, ...]) -> str | None:
        """Return the act with the highest priority among all cues in the words."""
        found = {cue.act for start in range(len(words)) if (cue := self.at(words, start))}
        return min(found, key=_PRIORITY.index) if found else None


_LEADING_ES = {
    "greet": "hola|buenas|buen dia|buenos dias|buenas tardes|buenas noches|que tal|bienvenido|bienvenida|saludos",
    "thank": "gracias|muchas gracias|mil gracias|muchisimas gracias|muy amable|se lo agradezco|te lo agradezco|ok gracias",
    "confirm": """si|claro|claro que si|por supuesto|correcto|exacto|exactamente|asi es|de acuerdo|eso es|desde luego
        sin problema|con gusto|con mucho gusto|me parece bien|me parece perfecto|trato hecho|cierto|efectivamente|va|sale
        confirmado|afirmativo|hecho""",
    "refuse": "no|todavia no|aun no|para nada|no gracias|claro que no|tampoco|nunca|negativo",
    "acknowledge": """perfecto|entiendo|entendido|comprendo|ok|okay|vale|bien|muy bien|bueno|ya veo|excelente|de nada|listo
        enterado|estupendo|genial|ah ya|ya|aja|que bueno|a ver|permitame un momento|un momento|un momento por favor
        dejeme revisar|dejame revisar|permitame revisar|claro un momento|anotado|tomo nota""",
    "apologize": "disculpe|disculpa|perdon|perdone|lo siento|lo siento mucho|una disculpa|mil disculpas|lamento",
    "close": "adios|hasta luego|hasta pronto|hasta manana|nos vemos|que tenga buen dia|que tengas buen dia|buen dia y hasta luego",
}

_LEADING_EN = {
    "greet": "hi|hello|hey|good morning|good afternoon|good evening|greetings|welcome|hi there|hello there",
    "thank": "thanks|thank you|thank you so much|thank you very much|many thanks|thanks a lot|ok thanks|okay thanks|thx",
    "confirm": """yes|yeah|yep|yup|yes please|sure|of course|correct|exactly|that's right|that is right|right|absolutely
        definitely|certainly|agreed|sounds good|that sounds good|that works|deal|i agree|true|no problem|confirmed
        affirmative|done|that's correct|that is correct|you got it|sure thing""",
    "refuse": "no|nope|not yet|not really|not at all|no thanks|no thank you|nah|never|negative",
    "acknowledge": """okay|ok|alright|all right|i see|got it|understood|great|perfect|good|very good|excellent|fine|cool|oh
        well|mm-hmm|mhm|uh-huh|wonderful|you're welcome|you are welcome|one moment|one moment please|let me check
        noted|ah|hmm|hm|nice|awesome|oh okay|oh i see|good job|great job|good work|well done|so|now""",
    "apologize": "sorry|i'm sorry|i am sorry|my apologies|apologies|pardon|i apologize|excuse me",
    "close": "bye|goodbye|bye bye|see you|see you then|take care|have a nice day|have a good day|have a great day|good bye",
}

_STATEMENT_ES = {
    "refuse": """no puedo|no podemos|no es posible|no me es posible|no estoy autorizado|no me interesa|no acepto|no estoy de acuerdo
        prefiero no|no quiero|no contamos con|no me convence|no se puede|no procede|no esta permitido|no aplica
        no puedo ofrecer|imposible|no quisiera|no disponemos""",
    "apologize": "lo siento|lamento|disculpe|disculpa|una disculpa|perdon por|pido disculpas|le ofrezco una disculpa",
    "clarify": """es decir|me refiero a|quiero decir|lo que quise decir|en otras palabras|o sea|dicho de otro modo|no entendi
        no entiendo|no me quedo claro|no me queda claro|para ser mas claro|mejor dicho|no le entendi|no te entendi""",
    "propose": """le recomiendo|te recomiendo|recomiendo|recomendamos|le sugiero|te sugiero|sugiero|le ofrezco|le ofrecemos|te ofrezco
        le propongo|te propongo|propongo|podemos ofrecer|podriamos|podemos|le conviene|te conviene|conviene|lo mejor es
        lo mejor seria|una opcion es|otra opcion|una alternativa|vamos a|debe|debera|deberia|hay que|tiene que|tienes que
        revise|verifique|apague|encienda|reinicie|desconecte|conecte|cierre|abra|tome|evite|mida|limpie|coloque|gire
        intenta|intente|prueba con|pruebe con|piensa en|observa|recuerda|calcula|multiplica|divide|resta|suma|escribe
        presente|solicite|firme|reuna|conserve|acuda|puede agendar|le agendo|le aparto|agendamos|programemos|hagamos|empecemos""",
    "request": """quiero|quisiera|necesito|me gustaria|busco|ando buscando|estoy buscando|me interesa|por favor|solicito|me puede
        me puedes|me podria|podria|ayudeme|ayudame|necesitamos|queremos|deseo|requiero|pido|me urge|le pido|te pido|mandeme
        digame|dime|compartame|enviame|envieme|necesitaria""",
    "explain": """porque|ya que|debido a|significa|se debe a|por eso|esto quiere decir|para que|por lo que|por lo tanto|de modo que
        asi que|en ese caso|depende de|consiste en|la razon|el motivo|funciona asi|la diferencia|esto ocurre|lo cual|puesto que
        de lo contrario|por ejemplo|como resultado|implica|eso indica""",
    "close": """que tenga buen|que tengas buen|hasta luego|hasta pronto|quedo atento|quedo atenta|quedo a sus ordenes|estamos en contacto
        nos vemos|que este bien|que se mejore|seguimos en contacto|excelente dia|a sus ordenes|eso seria todo|es todo por mi parte""",
    "confirm": """de acuerdo|confirmo|confirmado|acepto|me parece bien|queda confirmado|queda agendado|queda registrado|quedo registrado
        trato hecho|adelante|asi es|esta bien asi|es correcto|le confirmo|te confirmo|cuente con ello""",
    "acknowledge": "entiendo|comprendo|ya veo|tomo nota|permitame|dejeme|dejame|un momento|enterado|ya entendi|reviso enseguida",
}

_STATEMENT_EN = {
    "refuse": """i can't|i cannot|we can't|we cannot|i'm not able|i am not able|unable to|not possible|i don't want|not interested
        i won't|we don't have|we do not have|not allowed|i'd rather not|i would rather not|can't do|cannot do|i disagree
        i refuse|not authorized|don't agree|do not agree|not eligible|i couldn't""",
    "apologize": "i'm sorry|i am sorry|my apologies|i apologize|sorry about|sorry for|we apologize",
    "clarify": """i mean|what i meant|in other words|that is to say|to clarify|i meant|i don't understand|i do not understand|not clear
        i'm confused|i am confused|to be clear|i didn't understand|let me rephrase""",
    "propose": """i recommend|we recommend|i suggest|i'd suggest|i would suggest|i can offer|we can offer|i could|we could|you should|you could
        you can|you must|you need to|you'll need to|you will need to|let's|let us|we can|i'd recommend|i would recommend
        i would advise|i advise|the best option|another option|one option|an alternative|how about|what about|try|please check
        please make sure|please try|check|make sure|turn|replace|remove|unplug|plug|disconnect|reconnect|restart|press|use a
        i'm going to prescribe|i'll prescribe|we'll order|i'm going to order|i want you to|you may want|i'd like you to
        think about|remember that|start by|take it|i'd offer|would take|i can do|i'll take|meet me|split the difference""",
    "request": """i want|i'd like|i would like|i need|i'm looking for|i am looking for|looking for|please|can you|could you|i'm interested
        i am interested|we need|help me|i wish|would you|tell me|send me|give me|show me|i'm trying to|i am trying to|walk me through
        i'm hoping|i was hoping|describe|explain""",
    "explain": """because|since|due to|means that|this means|that means|that's why|the reason|therefore|in that case|so that|depends on
        it means|the difference|for example|as a result|otherwise|which means|this is why|for instance|indicates|if you|the problem is""",
    "close": """have a nice|have a good|have a great|goodbye|bye|see you|talk to you soon|take care|that's all|that is all|that'll be all
        i'll see you|looking forward""",
    "confirm": """i agree|confirmed|i confirm|i accept|that's right|that is right|that works|sounds good|it's booked|is booked|is confirmed
        has been scheduled|is scheduled|go ahead|that is correct|that's correct|works for me|you have a deal""",
    "acknowledge": "i see|got it|i understand|understood|let me check|let me see|one moment|makes sense|let me look|i hear you",
}

_QUESTION_ES = {
    "clarify": """se refiere|te refieres|quiere decir|quieres decir|a que se refiere|que significa|como dice|perdon|podria repetir|puede repetir
        podria aclarar|puede aclarar|me explico|me lo repite|como dijo|en que sentido|es decir""",
    "propose": """le parece|te parece|que le parece|le gustaria|te gustaria|que tal si|y si|quiere que|quieres que|prefiere que|desea que
        gusta que|le interesaria|le agendo|le aparto|agendamos|probamos|por que no""",
    "request": """me puede|me puedes|me podria|me podrias|podria|podrias|puede ayudarme|puedes ayudarme|me ayuda|me ayudas|me explica
        me explicas|puede revisar|puede enviarme|me comparte|me manda|me da|seria posible|es posible que|por favor|me regala|me dice""",
    "greet": "como esta|como estas|que tal",
}

_QUESTION_EN = {
    "clarify": """do you mean|did you mean|what do you mean|what does that mean|could you repeat|can you repeat|can you clarify|could you clarify
        come again|you mean|in what sense|what is that|say that again|is that what you""",
    "propose": """would you like|how about|what about|shall we|shall i|should we|do you want me|would you be interested|why don't|why don't we
        would you prefer|can i offer|could we|can we|what if|would you consider|would you take|will you take|have you tried|can you try""",
    "request": """can you|could you|would you|will you|would you mind|please|is it possible to|may i have|can i get|could i get|can i have
        could i have|do you mind""",
    "greet": "how are you|how's it going|how are things|how is it going",
}

_ANYWHERE_ES = {
    "thank": "gracias|muchas gracias|agradezco|le agradezco|te agradezco|muchas gracias por",
}
_ANYWHERE_EN = {"thank": "thanks|thank you|i appreciate|much appreciated"}

_OPENERS_ES = {
    "ask": """cuanto|cuanta|cuantos|cuantas|cual|cuales|a que hora|que precio|en cuanto|de cuanto|tienen|tiene usted|sabe si|hay
        me preguntaba|donde|desde cuando|por que|que tan""",
}
_OPENERS_EN = {
    "ask": """how|what is|what are|what's|what was|what were|what did|what do|what does|which|where|who|why|when did|when do|when was
        is there|are there|do you|does it|does the|did you|did it|are you|is it|is the|is this|has it|have you|have there|can i
        can it|will it|was it|were you|any""",
}


def _by_language(
    spanish: dict[str, str], english: dict[str, str], free: frozenset[str] = frozenset()
) -> dict[str | None, Cues]:
    return {
        "es": Cues([spanish], free=free),
        "en": Cues([english], free=free),
        None: Cues([spanish, english], free=free),
    }


LEADING = _by_language(_LEADING_ES, _LEADING_EN, frozenset({"greet", "thank", "apologize", "close"}))
"""At the head of a clause; the acts named last need no comma after them."""
STATEMENT = _by_language(_STATEMENT_ES, _STATEMENT_EN)
QUESTION = _by_language(_QUESTION_ES, _QUESTION_EN)
ANYWHERE = _by_language(_ANYWHERE_ES, _ANYWHERE_EN)
"""Acts that stand beside the act of the clause."""
OPENERS = _by_language(_OPENERS_ES, _OPENERS_EN)
"""First words that make a clause a question without a question mark."""
