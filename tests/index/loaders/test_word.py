"""Word: what the page shows is read, once, in its order, and nothing else."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from index.document import Document
from index.errors import UnreadableDocument
from index.loaders import load
from index.loaders.office import word
from tests.index.loaders.conftest import assert_remarks

NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
Read = Callable[..., Document]


def element(xml: str):
    """One element, its prefixes declared."""
    return parse_xml(re.sub(r"^<([\w:]+)", rf"<\1 {DECLARED}", xml.strip(), count=1))


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{content if content.startswith('<') else run(content)}</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text if text.startswith('<') else paragraph(text)}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(row if row.startswith("<w:tr") else f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def part(document: Word, name: str, kind: str, xml: str) -> str:
    """Add a part to the package, and give the identifier of the relation to it."""
    root = re.sub(r"^<([\w:]+)", rf"<\1 {DECLARED}", xml, count=1)
    made = Part(PackURI(f"/word/{name}"), "application/xml", root.encode(), document.part.package)
    return document.part.relate_to(made, kind)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Make a Word file of these paragraphs and tables (XML), and read it."""

    def made(*blocks: str, prepare: Callable[[Word], None] = lambda document: None, name: str = "note.docx") -> Document:
        document = docx.Document()
        document.core_properties.title = ""
        for block in blocks:
            document.element.body.insert(len(document.element.body) - 1, element(block))
        prepare(document)
        document.save(str(tmp_path / "fait.docx"))
        (tmp_path / "fait.docx").rename(tmp_path / name)
        return load(tmp_path / name, name)

    return made


# ------------------------------------------------------------------------------- tracked changes


def test_inserted_text_is_kept_and_deleted_text_is_not(read: Read) -> None:
    deleted = "<w:del><w:r><w:delText>30 %</w:delText></w:r></w:del>"
    document = read(paragraph(run("Le taux est de ") + deleted + f"<w:ins>{run('40 %')}</w:ins>" + run(".")))
    assert document.text == "Le taux est de 40 %."


def test_moved_text_stands_where_it_went(read: Read) -> None:
    moved = f"<w:moveFrom>{run('Le marché a lieu le jeudi.')}</w:moveFrom>"
    arrived = f"<w:moveTo>{run('Le marché a lieu le jeudi.')}</w:moveTo>"
    mark = "<w:rPr><w:moveFrom/></w:rPr>"
    assert read(paragraph(moved, mark), paragraph("La halle est fermée."), paragraph(arrived)).text == (
        "La halle est fermée.\n\nLe marché a lieu le jeudi."
    )


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next(read: Read) -> None:
    first = paragraph("Le dossier est déposé ", "<w:rPr><w:del/></w:rPr>")
    assert read(first, paragraph("avant le 3 mai.")).text == "Le dossier est déposé avant le 3 mai."


def test_a_large_first_letter_begins_its_word(read: Read) -> None:
    letter = paragraph("L", '<w:framePr w:dropCap="drop" w:lines="3"/>')
    assert read(letter, paragraph("a halle rouvre.")).text == "La halle rouvre."


def test_deleted_and_hidden_rows_are_not_read(read: Read) -> None:
    rows = [cell("Lot") + cell("Prix"), cell("Toiture") + cell("12 €"), cell("Façade") + cell("15 €")]
    gone = [f"<w:tr><w:trPr>{mark}</w:trPr>{cell('Porte')}{cell('99 €')}</w:tr>" for mark in ("<w:del/>", "<w:hidden/>")]
    assert read(table(*rows, *gone)).text == "Lot : Toiture ; Prix : 12 €\nLot : Façade ; Prix : 15 €"


def test_former_properties_hide_nothing(read: Read) -> None:
    former = "<w:rPrChange><w:rPr><w:strike/><w:vanish/></w:rPr></w:rPrChange>"
    assert read(paragraph(run("Tarif : 12 €", former))).text == "Tarif : 12 €"


def test_comments_are_never_content(read: Read) -> None:
    def comment(document: Word) -> None:
        last = document.paragraphs[-1]
        document.add_comment(last.runs, text="Vérifier ce montant : 900 € ?")

    assert read(paragraph("L'aide est de 800 €."), prepare=comment).text == "L'aide est de 800 €."


# -------------------------------------------------------------------- controls, fields, containers


def test_content_controls_are_read_at_every_level(read: Read) -> None:
    def control(content: str) -> str:
        return f"<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    row = f"<w:tr>{cell('Sono')}{control(cell('300 €'))}</w:tr>"
    rows = f"<w:tr>{cell('Matériel')}{cell('Caution')}</w:tr>{control(row)}<w:tr>{cell('Barnum')}{cell('150 €')}</w:tr>"
    document = read(
        control(paragraph("Entre les soussignés.")),
        paragraph(run("La subvention est de ") + control(run("7 450 €")) + run(".")),
        f"<w:tbl>{rows}</w:tbl>",
    )
    assert document.text == (
        "Entre les soussignés.\n\nLa subvention est de 7 450 €.\n\n"
        "Matériel : Sono ; Caution : 300 €\nMatériel : Barnum ; Caution : 150 €"
    )


def test_boxes_say_whether_they_are_ticked(read: Read) -> None:
    def box(state: str) -> str:
        drawn = '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
        setting = f'<w14:checkbox><w14:checked w14:val="{state}"/></w14:checkbox>'
        return f"<w:sdt><w:sdtPr>{setting}</w:sdtPr><w:sdtContent>{drawn}</w:sdtContent></w:sdt>"

    old = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="1"/></w:checkBox></w:ffData></w:fldChar>'
        '</w:r><w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    typed = run("o", '<w:rFonts w:ascii="Wingdings"/>')
    opinion = box("0") + run(" favorable ") + box("1") + run(" défavorable ")
    document = read(paragraph(opinion + old + run(" lu ") + typed + run(" signé")))
    assert document.text == "☐ favorable ☒ défavorable ☒ lu ☐ signé"


def test_fields_give_their_result_and_not_their_code(read: Read) -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    def code(text: str) -> str:
        return f"<w:r><w:instrText>{text}</w:instrText></w:r>"

    inner = mark("begin") + code(" MERGEFIELD Type ") + mark("separate") + run("asso") + mark("end")
    condition = code(" IF ") + inner + code(' = "asso" "3 180 €" "0 €"')
    complex_field = mark("begin") + condition + mark("separate") + run("3 180 €") + mark("end")
    simple = f'<w:fldSimple w:instr=" MERGEFIELD Nom ">{run("la Fanfare")}</w:fldSimple>'
    tagged = f"<w:smartTag>{run('en mai')}</w:smartTag>"
    document = read(paragraph(simple + run(" reçoit ") + complex_field + run(" ") + tagged))
    assert document.text == "la Fanfare reçoit 3 180 € en mai"


def test_a_table_of_contents_is_not_read_whatever_its_styles(read: Read) -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>'
    opening = paragraph(begin + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("Objet 2"))
    closing = paragraph(run("Durée 5") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>')
    assert read(opening, closing, paragraph("Le bail dure neuf ans.")).text == "Le bail dure neuf ans."


# ---------------------------------------------------------------------- boxes, notes, charts, signs


def text_box(*paragraphs: str) -> str:
    """A text box, written twice as Word does: for new programs and for old ones."""
    content = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    shape = f"<a:graphic><a:graphicData><wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
    new = f'<w:drawing><wp:anchor><wp:docPr id="5" name="Zone 5"/>{shape}</wp:anchor></w:drawing>'
    old = f"<w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict>"
    choices = f'<mc:Choice Requires="wps">{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback>'
    return f"<w:r><mc:AlternateContent>{choices}</mc:AlternateContent></w:r>"


def test_a_text_box_is_read_once_after_the_sentence_it_stands_in(read: Read) -> None:
    box = text_box(paragraph("À retenir"), paragraph("La bourse est de 900 €."))
    document = read(paragraph(run("La commune ") + box + run("aide les jeunes.")))
    assert document.text == "La commune aide les jeunes.\n\nÀ retenir\n\nLa bourse est de 900 €."


def test_an_old_text_box_is_read(read: Read) -> None:
    content = f"<w:txbxContent>{paragraph('Fermé le lundi.')}</w:txbxContent>"
    shape = f"<v:shape><v:textbox>{content}</v:textbox></v:shape>"
    assert read(paragraph(f"<w:r><w:pict>{shape}</w:pict></w:r>")).text == "Fermé le lundi."


def test_notes_come_after_the_paragraph_that_calls_them(read: Read) -> None:
    def notes(document: Word) -> None:
        for kind, called in (("footnote", "Portée à 5 200 € pour les métiers d'art."), ("endnote", "Voir la délibération 12.")):
            separator = f'<w:{kind} w:type="separator" w:id="0"><w:p/></w:{kind}>'
            body = f'<w:{kind} w:id="2">{paragraph(f"<w:r><w:{kind}Ref/></w:r>{run(called)}")}</w:{kind}>'
            relation = getattr(RELATIONSHIP_TYPE, f"{kind.upper()}S")
            part(document, f"{kind}s.xml", relation, f"<w:{kind}s>{separator}{body}</w:{kind}s>")

    calls = '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r>'
    document = read(paragraph(run("L'aide est de 4 000 €") + calls + run(", en une fois.")), paragraph("Fin."), prepare=notes)
    assert document.text == (
        "L'aide est de 4 000 €, en une fois.\n\nPortée à 5 200 € pour les métiers d'art.\n\nVoir la délibération 12.\n\nFin."
    )


def test_a_chart_says_its_values_with_their_series(read: Read) -> None:
    def points(kind: str, *values: str) -> str:
        told = "".join(f'<c:pt idx="{i}"><c:v>{value}</c:v></c:pt>' for i, value in enumerate(values))
        return f"<c:{kind}Ref><c:{kind}Cache><c:formatCode>0%</c:formatCode>{told}</c:{kind}Cache></c:{kind}Ref>"

    def chart(document: Word) -> None:
        years, shares = points("str", "2024", "2025"), points("num", "0.25", "0.5")
        series = f"<c:tx>{points('str', 'Part')}</c:tx><c:cat>{years}</c:cat><c:val>{shares}</c:val>"
        plot = f"<c:plotArea><c:barChart><c:ser>{series}</c:ser></c:barChart></c:plotArea>"
        xml = f"<c:chartSpace><c:chart>{plot}</c:chart></c:chartSpace>"
        identifier = part(document, "charts/chart1.xml", RELATIONSHIP_TYPE.CHART, xml)
        graphic = f'<a:graphic><a:graphicData><c:chart r:id="{identifier}"/></a:graphicData></a:graphic>'
        drawing = f"<w:drawing><wp:inline>{graphic}</wp:inline></w:drawing>"
        document.element.body.insert(0, element(paragraph(f"<w:r>{drawing}</w:r>")))

    assert read(prepare=chart).text == "Part — 2024 : 25 %\nPart — 2025 : 50 %"


def test_equations_read_on_a_line(read: Read) -> None:
    def said(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    fraction = f"<m:f><m:num>{said('a+b')}</m:num><m:den>{said('2')}</m:den></m:f>"
    power = f"<m:sSup><m:e>{said('S')}</m:e><m:sup>{said('2')}</m:sup></m:sSup>"
    root = f"<m:rad><m:deg/><m:e>{said('x')}</m:e></m:rad>"
    equation = f"<m:oMath>{said('R = ')}{fraction}{said(' × ')}{power}{said(' + ')}{root}</m:oMath>"
    assert read(paragraph(run("Soit ") + equation + run("."))).text == "Soit R = (a+b)/2 × S² + √(x)."


def test_symbols_and_hyphens_are_characters(read: Read) -> None:
    at_least, euro = (f'<w:r><w:sym w:font="Symbol" w:char="{code}"/></w:r>' for code in ("F0B3", "F0A0"))
    signs = at_least + run(" 12 ") + euro
    hyphens = "<w:r><w:t>Saint</w:t><w:noBreakHyphen/><w:t>Jean, com</w:t><w:softHyphen/><w:t>mune</w:t></w:r>"
    assert read(paragraph(signs), paragraph(hyphens)).text == "≥ 12 €\n\nSaint-Jean, commune"


def test_raised_figures_are_never_glued_to_a_number(read: Read) -> None:
    raised = '<w:vertAlign w:val="superscript"/>'
    text = run("Plafond : 15 000") + run("2", raised) + run(" €, 30 m") + run("2", raised) + run(", le 1") + run("er", raised)
    assert read(paragraph(text)).text == "Plafond : 15 000² €, 30 m², le 1er"


def test_figures_that_tabs_set_in_columns_stay_apart(read: Read) -> None:
    text = "<w:r><w:t>Voirie</w:t><w:tab/><w:t>120</w:t><w:tab/><w:t>130 €</w:t><w:tab/><w:t>8</w:t></w:r>"
    assert read(paragraph(text)).text == "Voirie 120 | 130 € | 8"


def test_dots_before_a_number_are_a_price_unless_they_point_at_a_heading(read: Read) -> None:
    heading = paragraph("Tarifs", '<w:outlineLvl w:val="0"/>')
    assert read(paragraph("2. Tarifs ........ 4"), heading, paragraph("Gratuit.")).text == "Gratuit."
    assert read(paragraph("Carte ........ 45"), heading, paragraph("Gratuit.")).text.startswith("Carte … 45")


def test_what_the_author_says_of_a_picture_is_read(read: Read) -> None:
    def picture(said: str) -> str:
        graphic = "<a:graphic><a:graphicData><pic:pic/></a:graphicData></a:graphic>"
        inline = f'<wp:inline><wp:docPr id="1" name="x" descr="{said}"/>{graphic}</wp:inline>'
        return paragraph(f"<w:r><w:drawing>{inline}</w:drawing></w:r>")

    guessed = "Une image contenant un plan de rue&#10;&#10;Description générée automatiquement"
    document = read(picture("Plan : rue Haute en sens unique"), picture("Logo"), picture(guessed))
    assert document.text == "Plan : rue Haute en sens unique"


def test_a_document_made_of_pictures_counts_them(read: Read) -> None:
    with pytest.raises(UnreadableDocument, match=r"(?i)image\D+1\b"):
        read(paragraph("<w:r><w:drawing><wp:inline><a:blip/></wp:inline></w:drawing></w:r>"))


def test_embedded_objects_are_counted(read: Read) -> None:
    sheet = '<w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r>'
    document = read(paragraph(run("Voir le tableau.") + sheet))
    assert_remarks(document, ("objet", "1"))


# ----------------------------------------------------------------------------- hidden and struck text


@pytest.mark.parametrize("property_", ["<w:strike/>", "<w:dstrike/>", "<w:vanish/>"])
def test_struck_and_hidden_text_is_left_out(read: Read, property_: str) -> None:
    assert read(paragraph(run("Entrée : ") + run("3,20 € ", property_) + run("3,60 €"))).text == "Entrée : 3,60 €"


def style(identifier: str, kind: str, content: str, base: str = "") -> Callable[[Word], None]:
    based = f'<w:basedOn w:val="{base}"/>' if base else ""
    xml = f'<w:style w:type="{kind}" w:styleId="{identifier}"><w:name w:val="{identifier}"/>{based}{content}</w:style>'
    return lambda document: document.styles.element.append(element(xml))


def test_hidden_text_is_left_out_when_its_style_inherits_it(read: Read) -> None:
    def styles(document: Word) -> None:
        style("Interne", "paragraph", "<w:rPr><w:vanish/></w:rPr>")(document)
        style("NoteInterne", "paragraph", "", "Interne")(document)
        style("Barre", "character", "<w:rPr><w:strike/></w:rPr>")(document)

    hidden = paragraph("Accepter 60 € pour les élus.", '<w:pStyle w:val="NoteInterne"/>')
    struck = run("75 € ", '<w:rStyle w:val="Barre"/>')
    assert read(hidden, paragraph(run("La nuit : ") + struck + run("85 €")), prepare=styles).text == "La nuit : 85 €"


def test_a_run_may_show_what_its_style_hides(read: Read) -> None:
    shown = paragraph(run("Ouvert à tous.", '<w:vanish w:val="0"/>'), '<w:pStyle w:val="Interne"/>')
    assert read(shown, prepare=style("Interne", "paragraph", "<w:rPr><w:vanish/></w:rPr>")).text == "Ouvert à tous."


# ------------------------------------------------------------------------------ headings and numbers


@pytest.mark.parametrize("name", ["Überschrift", "Título", "Kop"])
def test_headings_come_from_outline_levels_in_any_language(read: Read, name: str) -> None:
    def styles(document: Word) -> None:
        style(name, "paragraph", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>')(document)
        style(f"{name}Ville", "paragraph", "", name)(document)

    document = read(paragraph("Caution", f'<w:pStyle w:val="{name}Ville"/>'), paragraph("Elle est de 300 €."), prepare=styles)
    assert [(section.heading, section.level) for section in document.sections] == [("Caution", 2)]


def numbering(*levels: tuple[str, str]) -> Callable[[Word], None]:
    """A list numbered 70, of (form, template) levels."""

    def add(document: Word) -> None:
        said = "".join(
            f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{template}"/></w:lvl>'
            for i, (form, template) in enumerate(levels)
        )
        root = document.part.numbering_part.element
        root.insert(0, element(f'<w:abstractNum w:abstractNumId="70">{said}</w:abstractNum>'))
        root.append(element('<w:num w:numId="70"><w:abstractNumId w:val="70"/></w:num>'))

    return add


def numbered(text: str, level: int = 0, more: str = "") -> str:
    return paragraph(text, f'{more}<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="70"/></w:numPr>')


def test_numbers_are_counted_by_level(read: Read) -> None:
    levels = ("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "%3)")
    items = [("Objet", 0), ("Durée", 1), ("neuf ans", 2), ("six ans", 2), ("Loyer", 1), ("Prix", 0), ("Remise", 1), ("à deux", 2)]
    text = read(*(numbered(words, level) for words, level in items), prepare=numbering(*levels)).text
    assert text == "1. Objet\n1.1 Durée\na) neuf ans\nb) six ans\n1.2 Loyer\n2. Prix\n2.1 Remise\na) à deux"


def test_a_bullet_that_is_a_box_is_shown(read: Read) -> None:
    assert read(numbered("favorable"), prepare=numbering(("bullet", "☐"))).text == "☐ favorable"


def test_a_heading_shows_the_number_that_word_counts(read: Read) -> None:
    heading = '<w:pStyle w:val="Heading2"/>'
    blocks = [b for words in ("Objet", "Caution") for b in (numbered(words, 0, heading), paragraph(f"Texte de {words}."))]
    document = read(*blocks, prepare=numbering(("upperRoman", "Article %1")))
    assert [section.heading for section in document.sections] == ["Article I Objet", "Article II Caution"]


def test_a_list_may_number_the_paragraphs_of_a_style(read: Read) -> None:
    def linked(document: Word) -> None:
        levels = "".join(
            f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading{i + 1}"/>'
            f'<w:lvlText w:val="{text}"/></w:lvl>'
            for i, text in enumerate(("%1", "%1.%2"))
        )
        root = document.part.numbering_part.element
        root.insert(0, element(f'<w:abstractNum w:abstractNumId="70">{levels}</w:abstractNum>'))
        root.append(element('<w:num w:numId="70"><w:abstractNumId w:val="70"/></w:num>'))
        for name in ("Heading 1", "Heading 2"):
            properties = document.styles[name].element.get_or_add_pPr()
            properties.append(element('<w:numPr><w:numId w:val="70"/></w:numPr>'))

    texts = [paragraph(f"{words}.") for words in ("Un", "Deux")]
    headings = [paragraph(words, f'<w:pStyle w:val="Heading{level}"/>') for words, level in (("Objet", 1), ("Durée", 2))]
    document = read(paragraph("Bail", '<w:pStyle w:val="Title"/>'), headings[0], texts[0], headings[1], texts[1], prepare=linked)
    assert document.headings_at(document.text.index("Deux")) == ("1 Objet", "1.1 Durée")


def test_a_heading_may_be_its_number_alone(read: Read) -> None:
    heading = numbered("<w:r/>", 0, '<w:pStyle w:val="Heading2"/>')
    document = read(heading, paragraph("Le bail dure neuf ans."), prepare=numbering(("decimal", "Article %1")))
    assert document.headings_at(0) == ("Article 1",)


def test_a_list_may_begin_again(read: Read) -> None:
    def again(document: Word) -> None:
        numbering(("decimal", "%1."))(document)
        override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
        xml = f'<w:num w:numId="71"><w:abstractNumId w:val="70"/>{override}</w:num>'
        document.part.numbering_part.element.append(element(xml))

    other = paragraph("cinq", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="71"/></w:numPr>')
    assert read(numbered("un"), numbered("deux"), other, prepare=again).text == "1. un\n2. deux\n5. cinq"


def test_a_heading_with_nothing_under_it_is_text(read: Read) -> None:
    heading = '<w:pStyle w:val="Heading1"/>'
    document = read(paragraph("Réunion publique", heading), paragraph("Salle des fêtes, le 12 juin", heading))
    assert (document.title, document.text) == ("Réunion publique", "Salle des fêtes, le 12 juin")


# --------------------------------------------------------------------------------------------- tables


def test_a_merged_cell_stands_in_each_row_and_column_it_spans(read: Read) -> None:
    begins, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    document = read(
        table(
            cell("Public") + cell("Matin") + cell("Soir"),
            cell("Habitants", begins) + cell("15 €") + cell("20 €"),
            cell("", goes_on) + cell("17 €", '<w:gridSpan w:val="2"/>'),
        )
    )
    assert document.text == "Public : Habitants ; Matin : 15 € ; Soir : 20 €\nPublic : Habitants ; Matin : 17 € ; Soir : 17 €"


def test_a_nested_table_is_read_once_in_its_cell(read: Read) -> None:
    inner = table(cell("Lundi") + cell("9 h"), cell("Jeudi") + cell("14 h")) + paragraph("<w:r/>")
    rows = [cell("Service") + cell("Horaires"), cell("Urbanisme") + cell(inner), cell("État civil") + cell("le matin")]
    assert read(table(*rows)).text == (
        "Service : Urbanisme ; Horaires : Lundi 9 h, Jeudi 14 h\nService : État civil ; Horaires : le matin"
    )


def test_tables_that_nothing_parts_are_one(read: Read) -> None:
    first = table(cell("Lot") + cell("Prix"), cell("Toiture") + cell("12 €"), cell("Porte") + cell("9 €"))
    document = read(first, table(cell("Façade") + cell("15 €")))
    assert document.text.endswith("Lot : Porte ; Prix : 9 €\nLot : Façade ; Prix : 15 €")


def test_a_table_of_one_cell_frames_paragraphs(read: Read) -> None:
    assert read(table(cell(paragraph("À retenir") + paragraph("La bourse est de 900 €.")))).text == (
        "À retenir\n\nLa bourse est de 900 €."
    )


def test_a_cell_that_says_it_spans_a_billion_columns_is_bounded(read: Read) -> None:
    wide = cell("Lot", '<w:gridSpan w:val="99999999"/>')
    document = read(table(wide + cell("Prix"), *(wide + cell("12 €") for _ in range(20))))
    assert len(document.text) < 50_000


# ------------------------------------------------------------------------------- headers and footers


def test_a_header_is_read_once_for_what_the_body_lacks(read: Read) -> None:
    def header(document: Word) -> None:
        document.sections[0].header.paragraphs[0].text = "Date limite : 12 juin 2026\tMairie de Valmorin"
        page = paragraph(run("Page ") + f'<w:fldSimple w:instr=" PAGE ">{run("3")}</w:fldSimple>')
        document.sections[0].footer._element.append(element(page))
        document.sections[0].footer.paragraphs[0].text = "Fonds Ruelles : 2026"
        document.add_section().header.is_linked_to_previous = False
        document.sections[1].header.paragraphs[0].text = "Date limite : 12 juin 2026"

    document = read(paragraph("Le fonds Ruelles aide à planter en 2026."), prepare=header)
    assert document.text == "Date limite : 12 juin 2026\n\nLe fonds Ruelles aide à planter en 2026."


def test_a_header_of_even_pages_that_are_not_set_is_not_read(read: Read) -> None:
    def header(document: Word) -> None:
        document.sections[0].even_page_header.paragraphs[0].text = "Tarif : 99 €"

    assert read(paragraph("Le tarif est de 12 €."), prepare=header).text == "Le tarif est de 12 €."


# ----------------------------------------------------------------------------------------- packages


def rewritten(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write each member of a package again, changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, change(name, content))


def test_a_relation_to_nothing_is_passed_over(read: Read, tmp_path: Path) -> None:
    read(paragraph("Le plafond est de 45 000 €."))
    lost = b'<Relationship Id="rId99" Type="http://x/relationships/image" Target="NULL"/></Relationships>'
    rewritten(tmp_path / "note.docx", lambda name, content: content.replace(b"</Relationships>", lost))
    assert load(tmp_path / "note.docx", "note.docx").text == "Le plafond est de 45 000 €."


def test_the_strict_variant_is_read(read: Read, tmp_path: Path) -> None:
    read(paragraph("Le plafond est de 45 000 €."))
    common = re.compile(rb"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument)/2006/")
    rewritten(tmp_path / "note.docx", lambda _, content: common.sub(rb"http://purl.oclc.org/ooxml/\1/", content))
    assert load(tmp_path / "note.docx", "note.docx").text == "Le plafond est de 45 000 €."


@pytest.mark.parametrize("suffix", word.SUFFIXES)
def test_templates_and_files_with_macros_are_read(read: Read, suffix: str) -> None:
    assert read(paragraph("Le plafond est de 45 000 €."), name=f"note{suffix}").text == "Le plafond est de 45 000 €."


def test_a_package_without_a_document_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "vide.docx", "w") as archive:
        archive.writestr("autre.txt", "rien")
    with pytest.raises(UnreadableDocument, match="abîmé"):
        load(tmp_path / "vide.docx", "vide.docx")
