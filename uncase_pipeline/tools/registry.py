"""The tool registry: five tools for each domain, and those that installed packages add. Knows no model.

A package adds tools by an entry point in the group ``uncase.tools`` that names a ``Tool`` or a list of them.
"""

from functools import cache
from importlib.metadata import entry_points

from jsonschema import Draft202012Validator

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.tools.automotive import AUTOMOTIVE
from uncase_pipeline.tools.education import EDUCATION
from uncase_pipeline.tools.finance import FINANCE
from uncase_pipeline.tools.industrial import INDUSTRIAL
from uncase_pipeline.tools.legal import LEGAL
from uncase_pipeline.tools.medical import MEDICAL
from uncase_pipeline.tools.tool import Json, Tool

GROUP = "uncase.tools"


def tool_names() -> list[str]:
    """Return the name of every tool."""
    return list(_registry())


def tools_of(domain: str) -> list[Tool]:
    """Return the tools of a domain."""
    return [tool for tool in _registry().values() if tool.domain == domain]


def tool_of(name: str) -> Tool:
    """Return the tool with this name.

    Raises:
        UncaseError: ``unknown-tool``.
    """
    try:
        return _registry()[name]
    except KeyError:
        raise UncaseError(
            "unknown-tool", "There is no tool with that name.", "`uncase tool list` names those that exist."
        ) from None


def definition_of(tool: Tool, language: str = "es") -> Json:
    """Return a tool in the OpenAI shape, as ``Conversation.tools`` holds it."""
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description.get(language) or tool.description["es"],
            "parameters": tool.parameters,
        },
    }


def problems_with(name: str, arguments: Json) -> list[str]:
    """Return what is wrong with the arguments of a call, one sentence each, without their values."""
    return problems_in(tool_of(name).parameters, arguments)


def problems_in(schema: Json, arguments: Json) -> list[str]:
    """Return what is wrong with arguments, given their schema."""
    missing = [key for key in schema["required"] if key not in arguments]
    broken = {
        (error.json_path, str(error.validator))
        for error in Draft202012Validator(schema).iter_errors(arguments)
        if error.validator != "required"
    }
    return [f"$.{key}: is missing." for key in missing] + [
        f"{path}: breaks {rule!r} of the schema." for path, rule in sorted(broken)
    ]


def simulate(name: str, arguments: Json) -> Json:
    """Answer a call, the same way each time.

    Raises:
        UncaseError: ``unknown-tool``, or ``bad-arguments`` naming the paths at fault.
    """
    tool = tool_of(name)
    if problems := problems_with(name, arguments):
        raise UncaseError(
            "bad-arguments",
            f"The arguments of {name} do not fit its schema: {' '.join(problems)}",
            f"`uncase tool show {name}` prints the schema.",
        )
    return tool.simulate(arguments)


@cache
def _registry() -> dict[str, Tool]:
    tools = {tool.name: tool for tool in BUILTIN}
    for point in entry_points(group=GROUP):
        loaded = point.load()
        for tool in [loaded] if isinstance(loaded, Tool) else loaded:
            if tool.name in tools:
                raise UncaseError(
                    "tool-twice",
                    f"The entry point {point.name} adds the tool {tool.name}, which exists already.",
                    "Give it another name.",
                )
            tools[tool.name] = tool
    return tools


BUILTIN = (*AUTOMOTIVE, *MEDICAL, *LEGAL, *FINANCE, *INDUSTRIAL, *EDUCATION)
