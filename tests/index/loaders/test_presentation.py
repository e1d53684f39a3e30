"""PowerPoint: slides are pages, shapes are read in the order of the eye, what is not shown is left out."""

from __future__ import annotations

from pathlib import Path

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.slide import Slide
from pptx.util import Inches, Pt

from index.document import Document
from index.loaders import load
from index.loaders.office import presentation
from tests.index.loaders.conftest import assert_remarks

MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Deck:
    """A presentation being made; `read` saves it and reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = pptx.Presentation()
        self.file.core_properties.title = ""

    def slide(self, title: str = "") -> Slide:
        slide = self.file.slides.add_slide(self.file.slide_layouts[5 if title else 6])
        if title:
            slide.shapes.title.text = title
        return slide

    def read(self, name: str = "diapos.pptx") -> Document:
        self.file.save(str(self._folder / "fait.pptx"))
        (self._folder / "fait.pptx").rename(self._folder / name)
        return load(self._folder / name, name)


@pytest.fixture
def deck(tmp_path: Path) -> Deck:
    return Deck(tmp_path)


def box(slide: Slide, text: str, left: float, top: float, width: float = 2, height: float = 0.5):
    """A text box, in inches."""
    shape = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
    shape.text_frame.text = text
    return shape


def test_cards_side_by_side_are_read_one_after_the_other(deck: Deck) -> None:
    slide = deck.slide("Trois aides")
    for i, (name, amount) in enumerate((("Façade", "6 000 €"), ("Toiture", "8 500 €"), ("Vitrine", "2 400 €"))):
        box(slide, amount, 0.5 + 3 * i, 2.5)
        box(slide, name, 0.5 + 3 * i, 1.8)
    assert deck.read().text == "Façade\n\n6 000 €\n\nToiture\n\n8 500 €\n\nVitrine\n\n2 400 €"


def test_a_card_is_a_passage_of_its_own(deck: Deck) -> None:
    slide = deck.slide("Trois aides")
    for i, (name, amount) in enumerate((("Prime pour la façade", "6 000 €"), ("Prime pour la toiture", "8 500 €"))):
        box(slide, name, 0.5 + 3 * i, 1.8)
        box(slide, amount, 0.5 + 3 * i, 2.5)
    document = deck.read()
    assert [document.text[start:end] for start, end in document.records] == [
        "Prime pour la façade\n6 000 €", "Prime pour la toiture\n8 500 €"
    ]  # fmt: skip


def test_labels_before_their_values_are_read_row_by_row(deck: Deck) -> None:
    slide = deck.slide("Calendrier")
    for i, (name, date) in enumerate((("Dépôt", "12 juin"), ("Jury", "3 juillet"), ("Travaux", "1er octobre"))):
        box(slide, date, 2.7, 1.5 + 1.5 * i)
        box(slide, name, 0.5, 1.5 + 1.5 * i)
    assert deck.read().text == "Dépôt\n\n12 juin\n\nJury\n\n3 juillet\n\nTravaux\n\n1er octobre"


def test_a_frame_drawn_around_boxes_holds_them_together(deck: Deck) -> None:
    slide = deck.slide("Aides")
    for i, (name, amount) in enumerate((("Façade", "6 000 €"), ("Toiture", "8 500 €"))):
        slide.shapes.add_shape(1, Inches(0.5), Inches(1.5 + 2.2 * i), Inches(9), Inches(2))
        box(slide, amount, 7, 1.6 + 2.2 * i)
        box(slide, name, 0.6, 2.8 + 2.2 * i)
    assert deck.read().text == "Façade\n\n6 000 €\n\nToiture\n\n8 500 €"


def test_grouped_shapes_are_read_together(deck: Deck) -> None:
    slide = deck.slide("Aides")
    group = slide.shapes.add_group_shape()
    for text, top in (("6 000 €", 3), ("Façade", 2)):
        group.shapes.add_textbox(Inches(1), Inches(top), Inches(2), Inches(0.5)).text_frame.text = text
    assert deck.read().text == "Façade\n\n6 000 €"


def test_a_chart_says_its_values_with_their_series(deck: Deck) -> None:
    data = CategoryChartData()
    data.categories = ["2024", "2025"]
    data.add_series("Visiteurs", (815, 1130.5))
    place = (Inches(1), Inches(2), Inches(6), Inches(4))
    deck.slide("Marché").shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    assert deck.read().text == "Visiteurs — 2024 : 815\nVisiteurs — 2025 : 1130,5"


def test_a_diagram_is_read_in_the_order_of_its_links(deck: Deck) -> None:
    def point(identifier: str, text: str) -> str:
        return f'<d:pt modelId="{identifier}"><d:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></d:t></d:pt>'

    points = '<d:pt modelId="0" type="doc"/>' + point("1", "Visite sous 15 jours") + point("2", "Dépôt")
    links = '<d:cxn srcId="0" destId="1" srcOrd="1"/><d:cxn srcId="0" destId="2" srcOrd="0"/>'
    lists = f"<d:ptLst>{points}</d:ptLst><d:cxnLst>{links}</d:cxnLst>"
    model = f'<d:dataModel xmlns:d="{DIAGRAM}" xmlns:a="{MAIN}">{lists}</d:dataModel>'
    slide = deck.slide("Étapes")
    made = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", slide.part.package, model.encode())
    identifier = slide.part.relate_to(made, RELATIONSHIP_TYPE.DIAGRAM_DATA)
    frame = slide.shapes.add_table(1, 1, 0, 0, 100, 100)._element
    data = frame.find(f"{{{MAIN}}}graphic/{{{MAIN}}}graphicData")
    data.clear()
    data.append(parse_xml(f'<d:relIds xmlns:d="{DIAGRAM}" xmlns:r="{RELATIONS}" r:dm="{identifier}"/>'))
    assert deck.read().text == "Dépôt\nVisite sous 15 jours"


def test_merged_cells_stand_in_each_row_they_span(deck: Deck) -> None:
    grid = deck.slide("Tarifs").shapes.add_table(4, 2, 0, Inches(2), Inches(6), Inches(3)).table
    for i, words in enumerate((("Public", "Tarif"), ("Habitants", "15 €"), ("", "28 €"), ("Autres", "26 €"))):
        for j, word in enumerate(words):
            grid.cell(i, j).text = word
    grid.cell(1, 0).merge(grid.cell(2, 0))
    assert deck.read().text == (
        "Public : Habitants ; Tarif : 15 €\nPublic : Habitants ; Tarif : 28 €\nPublic : Autres ; Tarif : 26 €"
    )


def test_struck_text_is_left_out(deck: Deck) -> None:
    paragraph = box(deck.slide("Tarifs"), "Entrée : ", 1, 2).text_frame.paragraphs[0]
    paragraph.add_run().text = "3,20 € "
    paragraph.runs[1].font._element.set("strike", "sngStrike")
    paragraph.add_run().text = "3,60 €"
    assert deck.read().text == "Entrée : 3,60 €"


def test_raised_figures_are_never_glued_to_a_number(deck: Deck) -> None:
    paragraph = box(deck.slide("Aide"), "Plafond : 15 000", 1, 2).text_frame.paragraphs[0]
    paragraph.add_run().text = "2"
    paragraph.runs[1].font._element.set("baseline", "30000")
    assert deck.read().text == "Plafond : 15 000²"


def test_the_highest_and_largest_line_is_the_title_of_a_slide_without_one(deck: Deck) -> None:
    slide = deck.slide()
    box(slide, "Aide au commerce local", 1, 1).text_frame.paragraphs[0].runs[0].font.size = Pt(40)
    box(slide, "Prime de 3 000 € par vitrine.", 1, 3).text_frame.paragraphs[0].runs[0].font.size = Pt(18)
    document = deck.read()
    assert (document.title, document.text) == ("Aide au commerce local", "Prime de 3 000 € par vitrine.")


def test_numbers_that_powerpoint_counts_are_read(deck: Deck) -> None:
    shape = box(deck.slide("Étapes"), "Déposer", 1, 2)
    shape.text_frame.add_paragraph().text = "Signer"
    for paragraph in shape.text_frame.paragraphs:
        properties = paragraph._p.get_or_add_pPr()
        properties.append(parse_xml(f'<a:buAutoNum xmlns:a="{MAIN}" type="alphaLcParenR"/>'))
    assert deck.read().text == "a) Déposer\nb) Signer"


def test_hidden_slides_are_left_out_and_said(deck: Deck) -> None:
    hidden = deck.slide("Brouillon")
    box(hidden, "Tarif envisagé : 99 €", 1, 2)
    hidden._element.set("show", "0")
    box(deck.slide("Tarifs"), "Le tarif est de 12 €.", 1, 2)
    document = deck.read()
    assert document.text == "Le tarif est de 12 €."
    assert (document.page_count, document.page_at(0)) == (2, 2)
    assert_remarks(document, ("diapositive", "masqué", "1"))


def test_hidden_shapes_and_those_put_off_the_slide_are_left_out(deck: Deck) -> None:
    slide = deck.slide("Tarifs")
    box(slide, "Ancien tarif : 99 €", 1, 3)._element.nvSpPr.cNvPr.set("hidden", "1")
    box(slide, "Tarif à discuter : 98 €", 30, 2)
    box(slide, "Le tarif est de 12 €.", 1, 2)
    assert deck.read().text == "Le tarif est de 12 €."


def test_a_title_alone_is_the_text_of_its_slide(deck: Deck) -> None:
    deck.slide("Réunion publique le 12 juin")
    assert deck.read().text == "Réunion publique le 12 juin"


@pytest.mark.parametrize("suffix", presentation.SUFFIXES)
def test_shows_templates_and_files_with_macros_are_read(deck: Deck, suffix: str) -> None:
    box(deck.slide("Tarifs"), "Le tarif est de 12 €.", 1, 2)
    assert deck.read(f"diapos{suffix}").text == "Le tarif est de 12 €."
