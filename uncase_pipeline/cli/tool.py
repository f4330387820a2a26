"""``uncase tool``: list, show and simulate the tools of the registry."""

from typing import Annotated, Any

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered

tool_app = typer.Typer(no_args_is_help=True, help="The tool registry.")

Name = Annotated[str, typer.Argument(help="Name of a tool.")]


@tool_app.command("list")
def list_(
    domain: Annotated[str | None, typer.Option(help="Only the tools of this domain.")] = None,
    as_json: AsJson = False,
) -> None:
    """List tools with what they do."""
    from uncase_pipeline.domains import domain_of
    from uncase_pipeline.tools.registry import tool_names, tool_of

    with errors_answered(as_json=as_json):
        wanted = domain_of(domain).key if domain else None
        tools = [tool for tool in map(tool_of, tool_names()) if wanted in {None, tool.domain}]
        rows = [{"name": t.name, "domain": t.domain, "description": t.description} for t in tools]
        text = "\n".join(f"{t.name:32} {t.domain:22} {t.description['es']}" for t in tools)
        answer({"tools": rows}, as_json=as_json, text=text)


@tool_app.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Print the definition of a tool in the OpenAI shape."""
    import orjson

    from uncase_pipeline.tools.registry import definition_of, tool_of

    with errors_answered(as_json=as_json):
        definition = definition_of(tool_of(name))
        text = orjson.dumps(definition, option=orjson.OPT_INDENT_2).decode()
        answer(definition, as_json=as_json, text=text)


@tool_app.command("simulate")
def simulate(
    name: Name,
    arguments: Annotated[
        str | None,
        typer.Option("--args", "--arguments", "-a", help="Arguments as a JSON object; else an example call."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer one call, the same way each time. Exits 2 where the arguments do not fit the schema."""
    import orjson

    from uncase_pipeline.tools.registry import simulate as run
    from uncase_pipeline.tools.registry import tool_of
    from uncase_pipeline.tools.tool import example_of

    with errors_answered(as_json=as_json):
        call = _object(arguments) if arguments else example_of(tool_of(name).parameters)
        result = run(name, call)
        text = orjson.dumps(result, option=orjson.OPT_INDENT_2).decode()
        answer({"tool": name, "arguments": call, "result": result}, as_json=as_json, text=text)


def _object(text: str) -> dict[str, Any]:
    import orjson

    from uncase_pipeline.errors import UncaseError

    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict):
        raise UncaseError("bad-arguments", "--args is not a JSON object.", "Write for instance --args '{}'.")
    return parsed
