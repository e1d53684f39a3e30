"""OpenDocument: texts and presentations, read as their pages show them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from index.document import Document
from index.loaders import load
from tests.index.loaders.conftest import assert_remarks

PREFIXES = {
    "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style",
    "svg": "svg-compatible", "presentation": "presentation", "chart": "chart", "form": "form",
}  # fmt: skip
DECLARED = " ".join(f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in PREFIXES.items())
DECLARED += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
Read = Callable[..., Document]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Make a file of this body and of these styles, and read it."""

    def made(
        body: str, automatic: str = "", styles: str = "", name: str = "texte.odt", kind: str = "text", **members: str
    ) -> Document:
        inside = f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        inside += f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
        path = tmp_path / name
        if path.suffix in {".fodt", ".fodp"}:
            path.write_text(f"<office:document {DECLARED}>{styles}{inside}</office:document>", encoding="utf-8")
            return load(path, name)
        with zipfile.ZipFile(path, "w") as archive:
            parts = {"content.xml": inside, "styles.xml": styles} | {f"{m}/content.xml": c for m, c in members.items()}
            for member, content in parts.items():
                archive.writestr(member, f"<office:document-content {DECLARED}>{content}</office:document-content>")
        return load(path, name)

    return made


def style(name: str, family: str, text: str = "", parent: str = "") -> str:
    based = f' style:parent-style-name="{parent}"' if parent else ""
    return f'<style:style style:name="{name}" style:family="{family}"{based}><style:text-properties {text}/></style:style>'


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{text if text.startswith('<') else f'<text:p>{text}</text:p>'}</table:table-cell>"


def table(*rows: str) -> str:
    return f"<table:table>{''.join(f'<table:table-row>{row}</table:table-row>' for row in rows)}</table:table>"


def test_changes_are_accepted_and_comments_dropped(read: Read) -> None:
    region = "<text:changed-region><text:deletion><text:p>8 h</text:p></text:deletion></text:changed-region>"
    deleted = f"<text:tracked-changes>{region}</text:tracked-changes>"
    comment = "<office:annotation><text:p>À vérifier : 9 h ?</text:p></office:annotation>"
    body = f"{deleted}<text:p>L'accueil ouvre à <text:change/><text:change-start/>7 h 15<text:change-end/>{comment}.</text:p>"
    assert read(body).text == "L'accueil ouvre à 7 h 15."


def test_frames_shapes_and_notes_come_after_the_sentence(read: Read) -> None:
    frame = "<draw:frame><draw:text-box><text:p>Forfait : 17,40 €</text:p></draw:text-box></draw:frame>"
    shape = "<draw:custom-shape><text:p>Ouvert en avril</text:p></draw:custom-shape>"
    noted = "<text:note-citation>1</text:note-citation><text:note-body><text:p>Hors juillet.</text:p></text:note-body>"
    note = f"<text:note>{noted}</text:note>"
    body = f"<text:p>Le camping compte 48 places{note}{frame}{shape} dont six longues.</text:p>"
    assert read(body).text == (
        "Le camping compte 48 places dont six longues.\n\nHors juillet.\n\nForfait : 17,40 €\n\nOuvert en avril"
    )


def test_struck_and_hidden_text_is_left_out_even_when_its_style_inherits_it(read: Read) -> None:
    automatic = style("Barre", "text", 'style:text-line-through-style="solid"') + style("T1", "text", parent="Barre")
    automatic += style("P1", "paragraph", 'text:display="none"')
    hidden = '<text:section text:display="none"><text:p>50 €</text:p></text:section>'
    struck = '<text:span text:style-name="T1">75 € </text:span>'
    body = f'<text:p text:style-name="P1">Accepter 60 €.</text:p>{hidden}<text:p>La nuit : {struck}85 €</text:p>'
    assert read(body, automatic).text == "La nuit : 85 €"


def test_raised_figures_are_never_glued_to_a_number(read: Read) -> None:
    automatic = style("T1", "text", 'style:text-position="super 58%"') + style("T2", "text", 'style:text-position="-33% 58%"')
    text = '15 000<text:span text:style-name="T1">2</text:span> €, CO<text:span text:style-name="T2">2</text:span>'
    assert read(f"<text:p>{text}</text:p>", automatic).text == "15 000² €, CO2"


def test_figures_that_tabs_set_in_columns_stay_apart(read: Read) -> None:
    assert read("<text:p>Voirie<text:tab/>120<text:tab/>130 €</text:p>").text == "Voirie 120 | 130 €"


def test_merged_and_repeated_cells_stand_in_each_row_and_column(read: Read) -> None:
    tall, covered = cell("Producteurs", 'table:number-rows-spanned="2"'), "<table:covered-table-cell/>"
    rows = [
        cell("Public") + cell("Jeudi") + cell("Dimanche"),
        tall + cell("1,10 €") + cell("1,60 €"),
        covered + cell("2,30 €", 'table:number-columns-repeated="2"'),
        cell("Autres") + cell("3 €", 'table:number-columns-spanned="2"') + covered,
    ]
    assert read(table(*rows)).text == (
        "Public : Producteurs ; Jeudi : 1,10 € ; Dimanche : 1,60 €\n"
        "Public : Producteurs ; Jeudi : 2,30 € ; Dimanche : 2,30 €\n"
        "Public : Autres ; Jeudi : 3 € ; Dimanche : 3 €"
    )


def test_a_nested_table_is_read_once_in_its_cell(read: Read) -> None:
    inner = table(cell("Lundi") + cell("9 h"), cell("Jeudi") + cell("14 h"))
    rows = [cell("Service") + cell("Horaires"), cell("Urbanisme") + cell(inner), cell("État civil") + cell("le matin")]
    assert read(table(*rows)).text == (
        "Service : Urbanisme ; Horaires : Lundi 9 h, Jeudi 14 h\nService : État civil ; Horaires : le matin"
    )


def test_headings_show_the_number_that_is_counted(read: Read) -> None:
    level = '<text:outline-level-style text:level="{}" style:num-format="1" {}/>'
    outline = level.format(1, 'style:num-prefix="Article "') + level.format(2, 'text:display-levels="2"')
    headings = "".join(
        f'<text:h text:outline-level="{level}">{words}</text:h><text:p>Texte.</text:p>'
        for words, level in (("Objet", 1), ("Caution", 1), ("Montant", 2))
    )
    title = '<text:p text:style-name="Title">Règlement de prêt</text:p>'
    styles = f"<office:styles>{style('Title', 'paragraph')}<text:outline-style>{outline}</text:outline-style></office:styles>"
    document = read(title + headings, styles=styles)
    assert document.title == "Règlement de prêt"
    assert [section.heading for section in document.sections] == ["Article 1 Objet", "Article 2 Caution", "2.1 Montant"]


def test_lists_show_their_numbers_and_go_on_where_they_say(read: Read) -> None:
    numbers = '<text:list-level-style-number text:level="1" style:num-format="a" style:num-suffix=")"/>'
    automatic = f'<text:list-style style:name="L1">{numbers}</text:list-style>'
    item = "<text:list-item><text:p>{}</text:p></text:list-item>"
    first = f'<text:list text:style-name="L1">{item.format("bail")}{item.format("plan")}</text:list>'
    more = f'<text:list text:style-name="L1" text:continue-numbering="true">{item.format("devis")}</text:list>'
    assert read(f"{first}<text:p>Et aussi :</text:p>{more}", automatic).text == "a) bail\nb) plan\n\nEt aussi :\nc) devis"


def test_a_header_is_read_once_for_what_the_body_lacks(read: Read) -> None:
    header = "<style:header><text:p>Date limite : 12 juin 2026</text:p></style:header>"
    footer = "<style:footer><text:p>Page <text:page-number>3</text:page-number></text:p></style:footer>"
    other = "<style:header><text:p>Tarif : 99 €</text:p></style:header>"
    models = "".join(
        f'<style:master-page style:name="{name}">{parts}</style:master-page>'
        for name, parts in (("Standard", header + footer), ("Autre", other))
    )
    document = read("<text:p>Le fonds aide à planter.</text:p>", styles=f"<office:master-styles>{models}</office:master-styles>")
    assert document.text == "Date limite : 12 juin 2026\n\nLe fonds aide à planter."


def test_formulas_read_in_their_sentence(read: Read) -> None:
    row = "<mi>R</mi><mo>=</mo><mn>0,05</mn><mo>×</mo><msup><mi>S</mi><mn>2</mn></msup>"
    formula = f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{row}</mrow></math>'
    body = f"<text:p>Soit <draw:frame><draw:object>{formula}</draw:object></draw:frame>, par an.</text:p>"
    assert read(body).text == "Soit R = 0,05 × S², par an."


def test_a_chart_says_its_values_with_their_series(read: Read) -> None:
    values = table(cell("") + cell("Visiteurs"), cell("2024") + cell("815"), cell("2025") + cell("1130"))
    chart = f"<office:body><office:chart><chart:chart>{values}</chart:chart></office:chart></office:body>"
    body = '<text:p><draw:frame><draw:object xlink:href="./Objet"/></draw:frame></text:p>'
    assert read(body, Objet=chart).text == "Visiteurs — 2024 : 815\nVisiteurs — 2025 : 1130"


def test_the_fields_of_a_form_show_what_was_filled_in(read: Read) -> None:
    name = '<form:text form:id="c1" form:current-value="Les Amis du Lavoir"/>'
    box = '<form:checkbox form:id="c2" form:label="défavorable" form:current-state="checked"/>'
    body = f"<office:forms><form:form>{name}{box}</form:form></office:forms>"
    body += '<text:p>Association : <draw:control draw:control="c1"/>. Avis : <draw:control draw:control="c2"/></text:p>'
    assert read(body).text == "Association : Les Amis du Lavoir. Avis : ☒ défavorable"


def test_identifiers_written_twice_do_not_matter(read: Read) -> None:
    assert read('<text:p xml:id="a">Le tarif</text:p><text:p xml:id="a">est de 12 €.</text:p>').text == "Le tarif\n\nest de 12 €."


@pytest.mark.parametrize("name", ["texte.ott", "texte.fodt"])
def test_templates_and_flat_files_are_read(read: Read, name: str) -> None:
    assert read("<text:p>Le tarif est de 12 €.</text:p>", name=name).text == "Le tarif est de 12 €."


# ----------------------------------------------------------------------------------- presentations


def box(text: str, left: float, top: float) -> str:
    place = f'svg:x="{left}cm" svg:y="{top}cm" svg:width="5cm" svg:height="1cm"'
    return f"<draw:frame {place}><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"


def slide(title: str, content: str, style_name: str = "") -> str:
    named = f'<draw:frame presentation:class="title"><draw:text-box><text:p>{title}</text:p></draw:text-box></draw:frame>'
    return f'<draw:page draw:style-name="{style_name}">{named}{content}</draw:page>'


def test_slides_are_pages_and_cards_are_read_one_after_the_other(read: Read) -> None:
    cards = "".join(box(words, left, top) for top in (5, 3.8) for left, words in ((1, f"A{top}"), (9, f"B{top}")))
    notes = f"<presentation:notes>{box('Rappeler la date.', 1, 15)}</presentation:notes>"
    slides = slide("Aides", cards + notes) + slide("Suite", box("Fin des aides.", 1, 4))
    document = read(slides, name="d.odp", kind="presentation")
    assert document.text == "A3.8\n\nA5\n\nB3.8\n\nB5\n\nRappeler la date.\n\nFin des aides."
    assert document.page_at(document.text.index("Fin")) == 2
    assert [section.heading for section in document.sections] == ["Aides", "Suite"]


def test_hidden_slides_are_left_out_and_said(read: Read) -> None:
    automatic = (
        '<style:style style:name="dp1" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    body = slide("Brouillon", box("99 €", 1, 4), "dp1") + slide("Tarifs", box("Le tarif est de 12 €.", 1, 4))
    document = read(body, automatic, name="d.odp", kind="presentation")
    assert document.text == "Le tarif est de 12 €."
    assert_remarks(document, ("diapositive", "masqué", "1"))
