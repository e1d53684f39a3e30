"""Answers on the page: paragraphs, lists and emphasis, and nothing that a passage could have brought with it."""

from __future__ import annotations

import pytest

from assistant.web.shared.safe_markdown import markdown


def test_an_amount_stays_on_one_line_bold_or_not() -> None:
    assert markdown("**45 000 €** par an, soit 75 % de 60 000 €") == (
        "<p><strong>45\u00a0000\u00a0€</strong> par an, soit 75\u00a0% de 60\u00a0000\u00a0€</p>\n"
    )


@pytest.mark.parametrize("typed", ["<script>x</script>", "<img src=x onerror=y>", "[lien](javascript:x)", "![i](https://a/b)"])
def test_nothing_but_text_comes_through(typed: str) -> None:
    html = markdown(f"Avant {typed} après")
    assert "<script" not in html and "<img" not in html and "<a " not in html and "Avant" in html


def test_items_stay_items_and_markers_without_a_source_are_numbers() -> None:
    html = markdown("Deux aides :\n- la DETR [1]\n- la DSIL [2]")
    assert html.count("<li>") == 2 and '<sup class="marker">2</sup>' in html and "[1]" not in html
