"""Conversations for the tests of the formats: written by hand, and random ones from a seed."""

import random
from typing import Any

from uncase_pipeline.exported.chats import Chat, chat_of
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.native import from_wire

TOOLS: list[Json] = [
    {
        "type": "function",
        "function": {
            "name": "find_car",
            "description": "Find cars in stock.",
            "parameters": {
                "type": "object",
                "properties": {
                    "brand": {"type": "string", "description": "Brand"},
                    "most": {"type": "number", "description": "Highest price"},
                    "tags": {"type": "array", "items": {"type": "string"}, "description": "Tags"},
                },
                "required": ["brand"],
            },
        },
    }
]


def call(call_id: str, **arguments: Any) -> Json:
    return {"id": call_id, "type": "function", "function": {"name": "find_car", "arguments": arguments}}


def result(call_id: str, content: str) -> Json:
    return {"role": "tool", "tool_call_id": call_id, "name": "find_car", "content": content}


SYSTEM: Json = {"role": "system", "content": "You sell cars."}
ASKS: Json = {"role": "user", "content": "Anything below 300?"}
ANSWERS: Json = {"role": "assistant", "content": "A Versa at 279."}

PLAIN = [
    SYSTEM,
    ASKS,
    ANSWERS,
    {"role": "user", "content": "Thanks."},
    {"role": "assistant", "content": "Bye."},
]
SINGLE = [
    SYSTEM,
    ASKS,
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [call("call00001", brand="Nissan", most=300, tags=["a"])],
    },
    result("call00001", '{"model": "Versa"}'),
    ANSWERS,
]
PARALLEL = [
    ASKS,
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [call("call00001", brand="Nissan"), call("call00002", brand='say "hi"</b>')],
    },
    result("call00001", "[]"),
    result("call00002", "[1]"),
    ANSWERS,
]
BESIDE = [
    ASKS,
    {"role": "assistant", "content": "Let me look.", "tool_calls": [call("call00001", brand="Nissan")]},
    result("call00001", "[]"),
    ANSWERS,
]


def chat(messages: list[Json], tools: list[Json] | None = None) -> Chat:
    wire = {"conversation_id": "c", "domain": "automotive.sales", "messages": messages, "tools": tools}
    return chat_of(from_wire(wire))


_TEXTS = (
    "hola",
    "  spaced  ",
    "",
    "ñandú 😀\nlínea 2",
    "a </think> b",
    "<think>\nx\n</think>\n\ny",
    "<tool_response>a</tool_response>",
    "/think please",
    "/no_think ok",
    "12",
    "3.5",
    '{"a": 1}',
    '"quoted" & <b>',
    "back\\slash",
    "x" * 60,
)


class Random:
    """Random conversations, the odd ones too: no system prompt, several, users who speak twice."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.calls = 0

    def text(self) -> str:
        return self.random.choice(_TEXTS)

    def value(self, depth: int = 0) -> Any:
        kinds: list[Any] = [self.text(), 1, -2.5, 1e20, True, None]
        if depth < 2:
            kinds += [[self.value(depth + 1)], {"ñ": self.value(depth + 1)}, [], {}]
        return self.random.choice(kinds)

    def schema(self, depth: int = 0) -> Json:
        kind = self.random.choice(
            ["string", "number", "integer", "boolean", "array", "object", ["string", "null"], None]
        )
        schema: Json = {} if kind is None else {"type": kind}
        if self.random.random() < 0.6:
            schema["description"] = self.text()
        if self.random.random() < 0.2:
            schema["enum"] = ["a", "é"]
        if self.random.random() < 0.2:
            schema["default"] = self.random.choice(["a", 1, None, True])
        if self.random.random() < 0.2:
            schema["nullable"] = True
        if depth < 2 and kind == "array":
            schema["items"] = self.schema(depth + 1)
        if depth < 2 and kind == "object":
            schema["properties"] = {"p": self.schema(depth + 1), "q": self.schema(depth + 1)}
        if depth < 2 and self.random.random() < 0.1:
            schema["oneOf"] = [self.schema(depth + 1), self.schema(depth + 1)]
        return schema

    def tool(self, number: int) -> Json:
        function: Json = {"name": f"fn_{number}", "description": self.text()}
        properties = {f"q{index}": self.schema() for index in range(self.random.randint(0, 3))}
        function["parameters"] = {"type": "object", "properties": properties}
        if self.random.random() < 0.8:
            function["parameters"]["required"] = list(properties)[:1]
        if self.random.random() < 0.1:
            del function["description"]
        return {"type": "function", "function": function}

    def round(self, tools: list[Json]) -> list[Json]:
        calls = []
        for _ in range(self.random.choice([1, 1, 2])):
            self.calls += 1
            name = self.random.choice(tools)["function"]["name"]
            function = {"name": name, "arguments": {"a": self.value(), "b": self.value()}}
            calls.append({"id": f"call{self.calls:05d}", "type": "function", "function": function})
        spoken: Json = {
            "role": "assistant",
            "content": self.random.choice(["", self.text()]),
            "tool_calls": calls,
        }
        results = [
            {"role": "tool", "tool_call_id": c["id"], "name": c["function"]["name"], "content": self.text()}
            for c in calls
        ]
        return [spoken, *results]

    def conversation(self) -> tuple[list[Json], list[Json] | None]:
        odd = self.random.random() < 0.3
        tools = [self.tool(number) for number in range(2)] if self.random.random() < 0.6 else None
        messages: list[Json] = []
        if self.random.random() < 0.6:
            messages.append({"role": "system", "content": self.text()})
        for _ in range(self.random.randint(1, 3)):
            messages.append({"role": "user", "content": self.text()})
            if odd and self.random.random() < 0.3:
                messages.append({"role": self.random.choice(["user", "system"]), "content": self.text()})
            if tools and self.random.random() < 0.6:
                messages += self.round(tools)
            answer: Json = {"role": "assistant", "content": self.text()}
            if self.random.random() < 0.3:
                answer["reasoning_content"] = self.text()
            messages.append(answer)
        return messages[: -1 if self.random.random() < 0.2 else None], tools
