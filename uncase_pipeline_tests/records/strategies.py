"""Random conversations, as free as the native format allows."""

from typing import Any

from hypothesis import strategies as st

from uncase_pipeline.records.conversation import KINDS, ROLES, Conversation, Message, Source, ToolCall

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, JSON_VALUES, max_size=3)
CALLS = st.builds(ToolCall, id=TEXT, name=TEXT, arguments=OBJECTS)


def unreserved(model: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Metadata whose keys are no field of the record, which are read as that field."""
    names = set(model.__dataclass_fields__)
    return OBJECTS.map(lambda value: {key: item for key, item in value.items() if key not in names})


MESSAGES = st.builds(
    Message,
    role=st.sampled_from(ROLES),
    content=TEXT,
    speaker=st.none() | TEXT,
    timestamp=st.none() | st.datetimes().map(lambda moment: moment.isoformat()),
    kind=st.sampled_from(KINDS),
    tool_calls=st.none() | st.lists(CALLS, min_size=1, max_size=2),
    tool_call_id=st.none() | TEXT,
    metadata=unreserved(Message),
)

CONVERSATIONS = st.builds(
    Conversation,
    conversation_id=TEXT,
    domain=TEXT,
    messages=st.lists(MESSAGES, max_size=4),
    language=st.none() | st.sampled_from(["es", "en"]),
    seed_id=st.none() | TEXT,
    subject_id=st.none() | TEXT,
    tools=st.none() | st.lists(OBJECTS, min_size=1, max_size=2),
    source=st.none() | st.builds(Source, TEXT, TEXT, st.integers(0, 2**40)),
    metadata=unreserved(Conversation),
)
