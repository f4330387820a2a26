"""SeedSchema v1: the plan of a conversation, with nothing of any person in it. Knows no extraction.

Spanish keys on the wire, English attribute names in Python.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import ROLES


class _SeedModel(BaseModel):
    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, hide_input_in_errors=True, serialize_by_alias=True
    )


class NumberRange(_SeedModel):
    """A number generalised to a closed range; ``unit`` such as ``MXN``, ``month``, ``%``, ``km``."""

    minimum: float = Field(validation_alias="min", serialization_alias="min")
    maximum: float = Field(validation_alias="max", serialization_alias="max")
    unit: str | None = Field(default=None, validation_alias="unidad", serialization_alias="unidad")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("min is above max")
        return self


class OneOf(_SeedModel):
    """A value out of a small closed set."""

    values: list[str] = Field(validation_alias="valores", serialization_alias="valores", min_length=1)


FactValue = bool | int | float | str | NumberRange | OneOf


class TurnRange(_SeedModel):
    """How many turns a conversation from this seed may have."""

    minimum: int = Field(default=4, ge=1, validation_alias="min", serialization_alias="min")
    maximum: int = Field(default=24, ge=1, validation_alias="max", serialization_alias="max")


NAME = r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$"
"""What names of tools and arguments look like: no space, no mark of a sentence, no figure first."""

ToolName = Annotated[str, StringConstraints(pattern=NAME)]
JsonType = Literal["string", "integer", "number", "boolean", "array", "object", "null"]


class InferredTool(_SeedModel):
    """A tool as its calls show it: names and JSON types, and nothing of any value.

    Attributes:
        arguments: The JSON types that each argument was seen with.
        required: The arguments that every call had.
    """

    arguments: dict[ToolName, list[JsonType]] = Field(
        default_factory=dict, validation_alias="argumentos", serialization_alias="argumentos"
    )
    required: list[ToolName] = Field(
        default_factory=list, validation_alias="obligatorios", serialization_alias="obligatorios"
    )

    def schema_of_arguments(self) -> dict[str, Any]:
        """Return the JSON Schema of the arguments; it takes no other."""
        return {
            "type": "object",
            "properties": {
                name: {"type": types[0] if len(types) == 1 else types}
                for name, types in self.arguments.items()
            },
            "required": self.required,
            "additionalProperties": False,
        }


class Seed(_SeedModel):
    """One seed.

    Attributes:
        steps: The plan, one step per turn or run of turns: ``"<role>:<act>"`` (``user:ask``,
            ``assistant:propose``, ``tool:result``), acts from ``uncase_pipeline.dialogue.acts.ACTS``. Free
            text steps of seeds in the wild are mapped to this form when they are read.
        facts: Typed values that the conversation must agree with.
        constraints: What the assistant must keep to, one sentence each.
        negative_constraints: What must not happen, one sentence each.
        tools: Names of tools that may be called, from the tool registry or inferred.
        inferred_tools: Tools of the source that the registry does not know, as their calls show them.
        thresholds: Stricter thresholds per metric name; looser ones are ignored.
        source_ids: Ids of the anonymized conversations that it was extracted from.
        subject_ids: Pseudonymous ids of the subjects behind those conversations: the units that privacy is
            counted in. A curated seed names itself.
        support: Number of source subjects behind its combination of facts; 0 for curated seeds.
    """

    seed_id: str
    version: str = "1.0"
    domain: str = Field(validation_alias="dominio", serialization_alias="dominio")
    language: str = Field(validation_alias="idioma", serialization_alias="idioma")
    objective: str = Field(validation_alias="objetivo", serialization_alias="objetivo")
    tone: str = Field(validation_alias="tono", serialization_alias="tono")
    roles: list[str] = Field(min_length=2)
    role_descriptions: dict[str, str] = Field(
        default_factory=dict, validation_alias="descripcion_roles", serialization_alias="descripcion_roles"
    )
    steps: list[str] = Field(
        min_length=1, validation_alias="pasos_turnos", serialization_alias="pasos_turnos"
    )
    facts: dict[str, FactValue] = Field(
        default_factory=dict,
        validation_alias="parametros_factuales",
        serialization_alias="parametros_factuales",
    )
    constraints: list[str] = Field(
        default_factory=list, validation_alias="restricciones", serialization_alias="restricciones"
    )
    negative_constraints: list[str] = Field(
        default_factory=list,
        validation_alias="restricciones_negativas",
        serialization_alias="restricciones_negativas",
    )
    tools: list[str] = Field(
        default_factory=list, validation_alias="herramientas", serialization_alias="herramientas"
    )
    inferred_tools: dict[ToolName, InferredTool] = Field(
        default_factory=dict,
        validation_alias="herramientas_inferidas",
        serialization_alias="herramientas_inferidas",
    )
    turns: TurnRange = Field(
        default_factory=TurnRange, validation_alias="turnos", serialization_alias="turnos"
    )
    tags: list[str] = Field(
        default_factory=list, validation_alias="etiquetas", serialization_alias="etiquetas"
    )
    scenario: str | None = Field(default=None, validation_alias="escenario", serialization_alias="escenario")
    thresholds: dict[str, float] = Field(
        default_factory=dict, validation_alias="umbrales", serialization_alias="umbrales"
    )
    source_ids: list[str] = Field(
        default_factory=list, validation_alias="fuentes", serialization_alias="fuentes"
    )
    subject_ids: list[str] = Field(
        default_factory=list, validation_alias="sujetos", serialization_alias="sujetos"
    )
    support: int = Field(default=0, ge=0, validation_alias="soporte", serialization_alias="soporte")
    metadata: dict[str, Any] = Field(default_factory=dict)

    def plan(self) -> list[tuple[str, str]]:
        """Return the steps as ``(role, act)`` pairs.

        Raises:
            UncaseError: ``bad-step`` where a step is not ``role:act``.
        """
        pairs = [step.partition(":")[::2] for step in self.steps]
        for number, (role, act) in enumerate(pairs, start=1):
            if role not in ROLES or not act:
                raise UncaseError(
                    "bad-step",
                    f"Step {number} of seed {self.seed_id} is not of the form role:act.",
                    "Write it as for instance user:ask or assistant:propose.",
                )
        return pairs
