"""Markup as people see it."""

import pytest

from uncase_pipeline.raw.turns import plain


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("<p>hola<style>p{}</style> a todos<!-- nota --></p>", "hola a todos"),
        ("<STYLE media='x'>a</Style>hola", "hola"),
        ("<!-- a --> hola <!-- sin fin", "hola <!-- sin fin"),
        ("<style>uno<style>dos</style>hola", "hola"),
        ("<header>hola</header>", "hola"),
    ],
)
def test_what_is_not_shown_is_no_text_and_what_never_ends_hides_nothing(markup: str, seen: str) -> None:
    assert plain(markup) == seen
