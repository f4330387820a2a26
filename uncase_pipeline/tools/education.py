"""Tools of education.tutoring, over a small syllabus. Exercises are made and marked by arithmetic."""

import ast
import operator
from collections.abc import Callable
from fractions import Fraction

from uncase_pipeline.tools.catalogue import catalogue
from uncase_pipeline.tools.tool import Json, Tool, arguments, number, one_of, text, whole

_BOOK = catalogue("education")
_SUBJECTS: dict[str, Json] = _BOOK["temas"]
_MINUTES: dict[str, int] = _BOOK["minutos"]
_LEVELS = {"primaria": 1, "secundaria": 2, "preparatoria": 3}
_LEVEL = one_of("Nivel.", list(_LEVELS))
_MASTERED, _PASSED = 80, 60
_TOLERANCE = 0.005

_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def value_of(expression: str) -> Fraction | None:
    """Return the value of an arithmetic expression with ``+ - * /`` and brackets, None where it is none."""
    try:
        return _value(ast.parse(expression.replace("×", "*").replace("÷", "/"), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return None


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as value):
            return Fraction(str(value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_value(left), _value(right))
        case _:
            raise ValueError


def _multiplication(place: int, level: int) -> tuple[str, str]:
    one, other = 6 + 3 * place * level, 4 + 2 * level + place
    return f"{one} * {other}", str(one * other)


def _percentage(place: int, level: int) -> tuple[str, str]:
    share, whole_ = 5 * (place + level), 40 * (place + level)
    return f"{share} * {whole_} / 100", str(Fraction(share * whole_, 100))


def _fraction(place: int, level: int) -> tuple[str, str]:
    one, other = Fraction(1, place + 2), Fraction(level, place + 3)
    return f"{one} + {other}", str(one + other)


def _equation(place: int, level: int) -> tuple[str, str]:
    unknown, factor, added = place + 2, level + 1, 3 * place
    return f"{factor}x + {added} = {factor * unknown + added}", f"x = {unknown}"


def _area(place: int, level: int) -> tuple[str, str]:
    base, height = 4 + place * level, 6 + 2 * place
    return f"{base} * {height} / 2", str(Fraction(base * height, 2))


def _proportion(place: int, level: int) -> tuple[str, str]:
    first, second, third = 2 + place, (2 + place) * (level + 1), 5 * place
    return f"{second} * {third} / {first}", str(Fraction(second * third, first))


_EXERCISES: dict[str, Callable[[int, int], tuple[str, str]]] = {
    "multiplicacion": _multiplication,
    "porcentajes": _percentage,
    "fracciones": _fraction,
    "ecuaciones_lineales": _equation,
    "areas": _area,
    "proporciones": _proportion,
}


def _buscar_recurso(call: Json) -> Json:
    kind = call.get("tipo", "video")
    return {
        "tema": call["tema"],
        "nivel": call["nivel"],
        "recursos": [
            {"titulo": f"{call['tema']}: {part}", "tipo": kind, "minutos": _MINUTES[kind]}
            for part in _SUBJECTS[call["tema"]]["subtemas"][: _LEVELS[call["nivel"]]]
        ],
    }


def _generar_ejercicio(call: Json) -> Json:
    make = _EXERCISES[call["tema"]]
    made = [make(place, _LEVELS[call["nivel"]]) for place in range(1, call.get("cantidad", 1) + 1)]
    return {
        "tema": call["tema"],
        "nivel": call["nivel"],
        "ejercicios": [{"enunciado": task, "solucion": solution} for task, solution in made],
    }


def _evaluar_respuesta(call: Json) -> Json:
    right = value_of(call["expresion"])
    if right is None:
        return {"evaluable": False, "motivo": "la expresión no es aritmética"}
    difference = float(call["respuesta"]) - float(right)
    correct = abs(difference) <= _TOLERANCE
    hint = "correcta" if correct else "revisa: es mayor" if difference > 0 else "revisa: es menor"
    return {"evaluable": True, "correcta": correct, "pista": hint}


def _consultar_temario(call: Json) -> Json:
    found = {name: subject for name, subject in _SUBJECTS.items() if subject["materia"] == call["materia"]}
    return {
        "materia": call["materia"],
        "temas": [
            {"tema": name, "subtemas": subject["subtemas"], "horas": subject["horas"]}
            for name, subject in found.items()
        ],
        "horas_totales": sum(subject["horas"] for subject in found.values()),
    }


def _registrar_progreso(call: Json) -> Json:
    if call["aciertos"] > call["intentos"]:
        return {"registrado": False, "motivo": "hay más aciertos que intentos"}
    share = round(100 * call["aciertos"] / call["intentos"])
    level = "dominado" if share >= _MASTERED else "en_proceso" if share >= _PASSED else "inicial"
    return {"registrado": True, "tema": call["tema"], "porcentaje": share, "nivel_de_logro": level}


_TOPIC = one_of("Tema.", list(_SUBJECTS))

EDUCATION = (
    Tool(
        "buscar_recurso",
        "education.tutoring",
        {"es": "Busca materiales de un tema.", "en": "Finds materials on a subject."},
        arguments("tema nivel", tema=_TOPIC, nivel=_LEVEL, tipo=one_of("Tipo.", list(_MINUTES))),
        _buscar_recurso,
    ),
    Tool(
        "generar_ejercicio",
        "education.tutoring",
        {"es": "Genera ejercicios con su solución.", "en": "Makes exercises with their solutions."},
        arguments(
            "tema nivel",
            tema=one_of("Tema con ejercicios.", list(_EXERCISES)),
            nivel=_LEVEL,
            cantidad=whole("Cuántos.", 1, 10, 2, 3),
        ),
        _generar_ejercicio,
    ),
    Tool(
        "evaluar_respuesta",
        "education.tutoring",
        {"es": "Revisa la respuesta a una operación.", "en": "Marks the answer to an arithmetic task."},
        arguments(
            "expresion respuesta",
            expresion=text("Operación con + - * / y paréntesis.", "3 * (4 + 5)", "1/2 + 1/4"),
            respuesta=number("Respuesta del alumno.", -1e12, 1e12, 27, 24),
        ),
        _evaluar_respuesta,
    ),
    Tool(
        "consultar_temario",
        "education.tutoring",
        {"es": "Consulta los temas de una materia.", "en": "Looks up the subjects of a course."},
        arguments(
            "materia",
            materia=one_of("Materia.", sorted({subject["materia"] for subject in _SUBJECTS.values()})),
        ),
        _consultar_temario,
    ),
    Tool(
        "registrar_progreso",
        "education.tutoring",
        {"es": "Registra aciertos y da el avance.", "en": "Records results and tells the progress."},
        arguments(
            "tema aciertos intentos",
            tema=_TOPIC,
            aciertos=whole("Aciertos.", 0, 1_000, 6, 8),
            intentos=whole("Intentos.", 1, 1_000, 10, 12),
        ),
        _registrar_progreso,
    ),
)
