"""PDF files made here, one rule of reading each."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest

from index.document import Document
from index.errors import UnreadableDocument
from index.loaders.pdf import loader as pdf
from index.loaders.pdf import ocr
from index.splitting import Splitting, split
from tests.index.loaders.conftest import assert_remarks

A4 = "/MediaBox [0 0 595 842]"


def words(x: float, y: float, text: str, size: float = 10, font: str = "F1", turned: str = "1 0 0 1") -> str:
    """A line of a page; `turned` is the first half of its matrix."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size:g} Tf {turned} {x:g} {y:g} Tm ({escaped}) Tj ET\n"


def lines(x: float, y: float, *texts: str, step: float = 14, **looks) -> str:
    return "".join(words(x, y - step * i, text, **looks) for i, text in enumerate(texts))


def ruled(xs: list[float], ys: list[float]) -> str:
    """The lines of a table."""
    across = "".join(f"{xs[0]} {y} m {xs[-1]} {y} l S\n" for y in ys)
    return across + "".join(f"{x} {ys[0]} m {x} {ys[-1]} l S\n" for x in xs)


def table(xs: list[float], ys: list[float], *rows: list[str]) -> str:
    """A ruled table with a line of text in each cell."""
    cells = (words(x + 3, y - 12, cell) for row, y in zip(rows, ys, strict=False) for cell, x in zip(row, xs, strict=False))
    return ruled(xs, ys) + "".join(cells)


def picture(height: float) -> str:
    """A grey picture as wide as the page."""
    return f"q 595 0 0 {height:g} 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"


def written(
    path: Path,
    *pages: str,
    page: str = A4,
    catalog: str = "",
    annotations: tuple[str, ...] = (),
    extra: tuple[str, ...] = (),
    fonts: str = "",
) -> Path:
    """A PDF file: the drawings of its pages, entries of its pages and catalogue, annotations of its first page.

    Objects 5, 6… are `extra`, then `annotations`.
    """
    first = 5 + len(extra) + len(annotations)
    kids = " ".join(f"{first + 2 * i} 0 R" for i in range(len(pages)))
    own = " ".join(f"{5 + len(extra) + i} 0 R" for i in range(len(annotations)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
            for name in ("Helvetica", "Helvetica-Bold")
        ),
        *extra,
        *annotations,
    ]
    for i, drawing in enumerate(pages):
        annots = f"/Annots [{own}]" if own and not i else ""
        resources = f"/Resources << /Font << /F1 3 0 R /F2 4 0 R {fonts} >> >> /Contents {first + 2 * i + 1} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R {page} {annots} {resources} >>")
        objects.append(f"<< /Length {len(drawing.encode('cp1252', 'replace'))} >>\nstream\n{drawing}endstream")
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252", "replace")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(
        b"%010d 00000 n \n" % place for place in places
    )
    path.write_bytes(out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return path


@pytest.fixture
def read(tmp_path):
    """Write a file and read it."""

    def read(*pages: str, **options) -> Document:
        return pdf.load(written(tmp_path / "essai.pdf", *pages, **options), "essai.pdf")

    return read


# ------------------------------------------------------------------------------- reading order

LEFT = ("Le fonds de concours aide", "les communes à rénover", "leurs écoles. Le taux est", "de 30 % du coût hors taxes.")
MIDDLE = ("La halle est ouverte aux", "producteurs le mardi. Le", "droit de place est de trois", "euros par table.")
RIGHT = ("La piscine ferme en août,", "le temps de refaire les", "bassins. Elle rouvre le", "premier septembre.")


def test_each_column_is_read_to_its_end_under_a_title_across_the_page(read):
    document = read(
        words(60, 780, "La lettre aux habitants de la commune", 20) + lines(60, 740, *LEFT) + lines(320, 740, *MIDDLE)
    )
    assert document.text.startswith(f"{' '.join(LEFT)}\n\n{' '.join(MIDDLE)}")


def test_three_columns_written_row_by_row_are_read_one_after_the_other(read):
    rows = zip(LEFT, MIDDLE, RIGHT, strict=True)
    drawing = "".join(
        words(x, 740 - 14 * i, text) for i, row in enumerate(rows) for x, text in zip((40, 220, 400), row, strict=True)
    )
    assert [" ".join(column) in read(drawing).text for column in (LEFT, MIDDLE, RIGHT)] == [True, True, True]


def test_bullets_set_apart_are_read_with_their_lines(read):
    items = (
        "Prendre rendez-vous en mairie",
        "venir avec une pièce d'identité",
        "et un justificatif de domicile",
        "puis attendre le courrier",
    )
    document = read(lines(60, 740, "-", "-", "-", "-", step=20) + lines(90, 740, *items, step=20))
    assert document.text.split("\n\n") == [f"- {item}" for item in items] or document.text.split("\n") == [
        f"- {item}" for item in items
    ]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_turned_by_its_reader_is_read_row_by_row_and_found_on_the_page(tmp_path, rotation):
    matrices = {90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}

    def put(along: float, down: float, text: str) -> str:
        x, y = {90: (down, along), 180: (595 - along, down), 270: (595 - down, 842 - along)}[rotation]
        return words(x, y, text, turned=matrices[rotation])

    rows = (("Lavoir", "Commune", "48 000 €"), ("Maison de santé", "Commune", "1 250 000 €"), ("Voie verte", "Pays", "310 000 €"))
    drawing = "".join(put(60 + 160 * j, 100 + 20 * i, cell) for i, row in enumerate(rows) for j, cell in enumerate(row))
    path = written(tmp_path / "plan.pdf", drawing, page=f"{A4} /Rotate {rotation}")
    document = pdf.load(path, "plan.pdf")
    assert document.text.split("\n") == [" ".join(row) for row in rows]
    line = document.lines[1]
    inside = pdfium.PdfDocument(path)[0].get_textpage().get_text_bounded(line.left, line.bottom, line.right, line.top)
    assert "Maison de santé" in inside and "Lavoir" not in inside


def test_a_note_along_the_margin_does_not_cut_the_text(read):
    body = ("Le premier prix est un bon de 120 euros, le deuxième prix", "est un bon de 75 euros et le troisième prix un livre.")
    document = read(lines(60, 600, *body) + words(30, 500, "imprimé en interne", turned="0 1 -1 0"))
    assert " ".join(body) in document.text


# ------------------------------------------------------------------------------------- letters


def test_note_marks_are_dropped_and_other_raised_figures_stay_raised(read):
    drawing = words(60, 700, "Un plafond de 80 000", 11) + words(168, 704, "2", 6.5) + words(175, 700, "euros pour 35 m", 11)
    drawing += words(254, 704, "2", 6.5) + words(262, 700, "de toiture.", 11) + words(60, 80, "2 Hors taxes.", 8)
    assert read(drawing).text == "Un plafond de 80 000 euros pour 35 m² de toiture.\n\n2 Hors taxes."


def test_the_text_of_a_note_may_touch_its_mark(read):
    drawing = words(60, 740, "Une aide de 3 000 euros", 11) + words(181, 744, "1", 6.5) + words(186, 740, "par an.", 11)
    assert read(drawing + words(60, 90, "1", 5) + words(63, 88, "Sur facture.", 8)).text == (
        "Une aide de 3 000 euros par an.\n\n1 Sur facture."
    )


def test_a_figure_raised_without_a_note_is_never_glued_to_the_number(read):
    drawing = words(60, 700, "Un plafond de 80 000", 11) + words(168, 704, "2", 6.5) + words(175, 700, "euros.", 11)
    assert read(drawing).text == "Un plafond de 80 000² euros."


def test_the_letters_of_a_title_set_apart_are_put_back_together(read):
    assert read(words(60, 700, "A I D E   A U X   F A M I L L E S")).text == "AIDE AUX FAMILLES"


def test_struck_text_is_left_out_and_said(read):
    drawing = (
        words(60, 700, "Le tarif est de ")
        + words(130, 700, "40 euros")
        + words(180, 700, "55 euros.")
        + "130 703.2 m 168 703.2 l S\n"
    )
    document = read(drawing)
    assert document.text == "Le tarif est de 55 euros."
    assert_remarks(document, ("barré", "page 1"))


def test_text_without_ink_is_read_only_over_a_picture(read):
    hidden = "3 Tr\n" + words(60, 600, "Le texte reconnu de la page numérisée parle du marché.") + "0 Tr\n"
    assert "reconnu" not in read(words(60, 700, "Un texte visible.") + hidden).text
    assert "reconnu" in read(picture(842) + hidden).text


def test_words_set_askew_are_a_watermark_and_said(read):
    document = read(
        *(words(60, 700, f"Article {n} de la convention.") + words(150, 300, "PROJET", 60, turned=".7 .7 -.7 .7") for n in (1, 2))
    )
    assert "PROJET" not in document.text
    assert_remarks(document, ("PROJET", "1", "2"))


def test_large_words_at_one_place_on_each_page_are_a_watermark(read):
    texts = ("Le loyer est payé le cinq du mois.", "La caution est de deux mois.", "Le bail dure six ans.")
    document = read(*(lines(60, 600, text, text) + words(150, 400, "CONFIDENTIEL", 50) for text in texts))
    assert "CONFIDENTIEL" not in document.text and all(text in document.text for text in texts)


def test_white_words_are_read_only_over_a_coloured_ground(read):
    white = "1 1 1 rg\n" + words(60, 740, "Guide des aides") + "0 g\n"
    assert "Guide" not in read(white + words(60, 700, "Un texte visible.")).text
    assert "Guide" in read("0 0 .5 rg 50 730 400 30 re f\n" + white + words(60, 700, "Un texte visible.")).text


def test_words_under_a_rectangle_painted_after_them_are_left_out_and_said(read):
    drawing = words(60, 740, "Le dossier de") + words(125, 740, "Jeanne Martin") + words(240, 740, "est accepté.")
    cover = "124 737 112 12 re f\n"
    document = read(drawing + cover)
    assert "Martin" not in document.text
    assert_remarks(document, ("masqué", "page 1"))
    assert "Martin" in read(".9 g\n" + cover + "0 g\n" + drawing).text


def test_the_large_letter_that_opens_a_text_joins_its_word(read):
    drawing = words(60, 700, "L", 42) + words(90, 722, "a halle est ouverte le mardi matin, et le")
    document = read(drawing + words(90, 708, "samedi de mars à novembre."))
    assert document.text == "La halle est ouverte le mardi matin, et le samedi de mars à novembre."


def test_accents_printed_over_their_letters_are_joined_with_them(read):
    drawing = "BT /F1 10 Tf 60 740 Td [(Le pr´) 444 (esident d´) 444 (ecide.)] TJ ET\n"
    assert read(drawing).text == "Le président décide."


def test_the_boxes_of_symbol_fonts_are_read(read):
    cmap = "/CMapName /C def 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <72> <F072> endbfchar endcmap"
    extra = (
        "<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Wingdings-Regular /ToUnicode 6 0 R >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    )
    drawing = words(60, 700, "r", font="F3") + words(75, 700, "Propriétaire occupant")
    assert read(drawing, extra=extra, fonts="/F3 5 0 R").text == "☐ Propriétaire occupant"


# ------------------------------------------------------------------------------------ headings


def test_levels_follow_size_then_numbering(read):
    body = "La commune aide les commerces qui s'installent dans le centre ancien."
    parts = (
        ("I. Le commerce", 16),
        (body, 10),
        ("1. Les loyers", 12),
        (body, 10),
        ("1.1 Le plafond", 12),
        (body, 10),
        ("II. Les écoles", 16),
        (body, 10),
    )
    drawing = "".join(words(60, 760 - 40 * i, text, size, "F1" if size == 10 else "F2") for i, (text, size) in enumerate(parts))
    assert [(section.heading, section.level) for section in read(drawing).sections] == [
        ("I. Le commerce", 1),
        ("1. Les loyers", 2),
        ("1.1 Le plafond", 3),
        ("II. Les écoles", 1),
    ]


def test_a_bold_line_in_the_size_of_the_text_is_a_heading(read):
    body = ("La demande se fait en mairie, avant le début des travaux,", "au moins deux mois à l'avance, par lettre simple.")
    document = read(words(60, 740, "Dépôt de la demande", font="F2") + lines(60, 724, *body))
    assert [section.heading for section in document.sections] == ["Dépôt de la demande"] and document.text == " ".join(body)


def test_bold_words_that_open_a_paragraph_are_no_heading(read):
    drawing = words(60, 740, "Restes : ce qui a été servi mais", font="F2") + words(60, 726, "pas mangé par les convives.")
    assert not read(drawing + lines(60, 680, "Les restes sont pesés chaque jour.", "Le pain aussi.")).sections


def test_short_lines_that_count_the_parts_are_headings_and_items_of_a_list_are_not(read):
    parts = (
        "1. Objet",
        "Le présent règlement fixe les conditions de la marche.",
        "2. Inscription",
        "On s'inscrit en mairie.",
        "3. Tarif",
        "Deux euros.",
    )
    assert [section.heading for section in read(lines(60, 740, *parts)).sections] == ["1. Objet", "2. Inscription", "3. Tarif"]
    assert not read(lines(60, 740, "Il faut :", "1. une photo", "2. un certificat", "3. un chèque", "avant le 4 mai.")).sections


def test_a_heading_that_no_text_follows_keeps_its_words(read):
    body = "Le conseil vote le budget de la commune pour l'année."
    document = read(words(60, 740, "Budget", 14) + words(60, 700, body) + words(60, 660, "Le maire, Paul Vidal", 14))
    assert document.text.endswith("Le maire, Paul Vidal") and [section.heading for section in document.sections] == ["Budget"]


# -------------------------------------------------------------------------------------- tables

XS, WIDE = [60.0, 260.0, 360.0], [60.0, 220.0, 400.0, 520.0]


def test_a_row_of_a_ruled_table_is_read_with_its_column_names_over_page_breaks(read):
    ys = [800 - 20 * i for i in range(5)]
    first = table(XS, ys, ["Action", "Montant"], ["Halle", "24 700 €"], ["École", "5 150 €"], ["Lavoir", "800 €"])
    last = table(XS, ys[:3], ["Action", "Montant"], ["Mur d'escalade", "37 700 €"])
    document = read(words(60, 820, "Programme", 9) + first, last)
    assert document.text.split("\n")[-4:] == [
        "Action : Halle ; Montant : 24 700 €",
        "Action : École ; Montant : 5 150 €",
        "Action : Lavoir ; Montant : 800 €",
        "Action : Mur d'escalade ; Montant : 37 700 €",
    ]
    assert document.page_at(document.text.index("Mur d'escalade")) == 2


def test_a_cell_of_several_lines_is_read_whole(read):
    ys = [740.0, 720.0, 680.0, 640.0]
    drawing = ruled(WIDE, ys) + "".join(
        words(x + 3, 728, name) for x, name in zip(WIDE, ("Aide", "Pour qui", "Montant"), strict=False)
    )
    drawing += lines(63, 708, "Reprise d'un commerce", "vacant depuis un an") + lines(
        223, 708, "Artisans inscrits, hors", "agences bancaires"
    )
    drawing += words(403, 708, "5 500 €")
    drawing += "".join(words(x + 3, 668, cell) for x, cell in zip(WIDE, ("Vitrines", "Cafés", "900 €"), strict=False))
    cells = (
        "Aide : Reprise d'un commerce vacant depuis un an",
        "Pour qui : Artisans inscrits, hors agences bancaires",
        "Montant : 5 500 €",
    )
    assert read(drawing).text.split("\n")[0] == " ; ".join(cells)


def test_columns_that_no_line_parts_are_told_by_their_white_bands(read):
    rows = (["Commune", "Habitants"], ["Vallon", "2 310"], ["Saint-Roch", "870"])
    cells = "".join(words(x, 728 - 20 * i, cell) for i, row in enumerate(rows) for x, cell in zip((63, 300), row, strict=True))
    document = read("".join(f"60 {y} m 400 {y} l S\n" for y in (740, 720, 700, 680)) + cells)
    assert document.text == "Commune : Vallon ; Habitants : 2 310\nCommune : Saint-Roch ; Habitants : 870"


def test_two_tables_side_by_side_keep_their_own_names(read):
    ys, tools = [740.0, 720.0, 700.0], [350.0, 450.0, 540.0]
    drawing = table([60, 160, 260], ys, ["Salle", "Prix"], ["Fêtes", "180 €"])
    assert read(drawing + table(tools, ys, ["Matériel", "Caution"], ["Sono", "300 €"])).text.split("\n\n") == [
        "Salle : Fêtes ; Prix : 180 €",
        "Matériel : Sono ; Caution : 300 €",
    ]


def test_the_units_of_a_form_are_no_names_of_columns(read):
    rows = (["Montant des travaux", "€ HT", "€ TTC"], ["Montant de l'opération", "€ HT", "€ TTC"])
    assert read(table(WIDE, [740, 720, 700], *rows)).text.split("\n") == [" | ".join(row) for row in rows]


def test_underlined_words_are_no_table(read):
    drawing = lines(60, 700, "Le maire ouvre la séance.", "Le maire lit le compte rendu.", "Le maire lève la séance.")
    assert "|" not in read(drawing + "".join(f"60 {698 - 14 * i} m 105 {698 - 14 * i} l S\n" for i in range(3))).text


# ----------------------------------------------------------------------------------- furniture


def sheet(number: int, *body: str, foot: str = "", head: str = "") -> str:
    return lines(60, 700, *body) + (words(60, 30, foot, 8) if foot else "") + (words(60, 815, head, 8) if head else "")


def test_headers_of_left_and_right_pages_and_page_numbers_are_dropped(read):
    heads = ("Règlement de voirie", "Commune de Vallon")
    body = [f"La rue {name} est refaite cette année." for name in "ABCDEF"]
    document = read(*(sheet(n, text, foot=f"Page {n} sur 6", head=heads[n % 2]) for n, text in enumerate(body, 1)))
    assert document.text.split("\n\n") == body


def test_a_closing_line_that_pages_share_is_content(read):
    rates = (
        "Le loyer est fixé à 1 150 euros.",
        "Le columbarium est fixé à 640 euros.",
        "La rue devient piétonne.",
        "Un poste est créé.",
    )
    vote = "Après en avoir débattu, le conseil adopte à l'unanimité des 19 votants."
    document = read(*(sheet(n, rate, vote) for n, rate in enumerate(rates, 1)))
    assert document.text.count(vote) == 4


def test_a_page_number_is_dropped_whatever_its_label(read):
    labels = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D >>] >>"
    pages = [
        sheet(n, f"Le chapitre {name} parle du marché.", foot=foot)
        for n, (name, foot) in enumerate((("un", "i"), ("deux", "ii"), ("trois", "1")), 1)
    ]
    assert read(*pages, catalog=labels).text.split("\n\n") == [
        f"Le chapitre {name} parle du marché." for name in ("un", "deux", "trois")
    ]


def test_a_contents_page_without_dots_is_dropped(read):
    names = ("Les loyers", "Les écoles", "La voirie", "Le budget", "Les marchés")
    contents = "".join(words(60, 700 - 20 * i, name) + words(400, 700 - 20 * i, str(i + 2)) for i, name in enumerate(names))
    document = read(contents, *(words(60, 700, name, 16) + words(60, 660, f"On parle ici de {name.lower()}.") for name in names))
    assert "2" not in document.text and [section.heading for section in document.sections] == list(names)


# --------------------------------------------------------------- forms, annotations, attachments


def field(kind: str, box: str, rest: str) -> str:
    return f"<< /Type /Annot /Subtype /Widget /FT /{kind} /Rect [{box}] /F 4 {rest} >>"


def form(count: int) -> str:
    return f"/AcroForm << /Fields [{' '.join(f'{5 + i} 0 R' for i in range(count))}] >>"


def test_the_answers_of_a_form_are_read_beside_their_labels(read):
    fields = (
        field("Tx", "200 695 400 715", "/T (montant) /V (1 840 euros)"),
        field("Tx", "200 495 400 515", "/T (b) /TU (Objet de la demande) /V (Balisage)"),
        field("Btn", "200 595 212 607", "/T (c) /V /Oui /AS /Oui /AP << /N << /Oui null /Off null >> >>"),
    )
    document = read(words(60, 700, "Montant demandé :") + words(60, 598, "Aide en nature :"), annotations=fields, catalog=form(3))
    assert document.text.split("\n")[0] == "Montant demandé : 1 840 euros"
    assert "Aide en nature : ☑" in document.text and "Objet de la demande : Balisage" in document.text


def test_free_text_is_read_and_a_hidden_one_is_not(read):
    note = "<< /Type /Annot /Subtype /FreeText /Rect [60 600 400 620] /DA (/Helv 11 Tf) /Contents ({}) /F {} >>"
    document = read(
        words(60, 700, "Le devis est examiné."),
        annotations=(note.format("Retenu : 13 650 euros.", 4), note.format("Brouillon", 2)),
    )
    assert "Retenu : 13 650 euros." in document.text and "Brouillon" not in document.text


def test_attached_files_are_named(read):
    parts = (
        "<< /Type /EmbeddedFile /Length 2 >>\nstream\nab\nendstream",
        "<< /Type /Filespec /F (marche.pdf) /UF (marche.pdf) /EF << /F 5 0 R >> >>",
    )
    document = read(
        words(60, 700, "Ouvrez ce porte-documents."), extra=parts, catalog="/Names << /EmbeddedFiles << /Names [(m) 6 0 R] >> >>"
    )
    assert_remarks(document, ("marche.pdf",))


# ----------------------------------------------------------------------- scans and wrong letters


def test_a_picture_with_a_stamp_is_a_scan_and_what_reads_scans_is_named(read, monkeypatch):
    monkeypatch.setattr(ocr, "missing", lambda: "Tesseract")
    stamp = words(300, 820, "Reçu en préfecture le 14/04/2026", 6)
    with pytest.raises(UnreadableDocument, match="Tesseract"):
        read(picture(842) + stamp)
    document = read(picture(842) + stamp, words(60, 700, "Le texte de la page deux."))
    assert document.unreadable_pages == (1,) and "préfecture" not in document.text


def test_a_cover_with_its_title_over_a_picture_is_no_scan(read):
    assert read(picture(842) + words(60, 420, "Le rapport annuel", 30)).unreadable_pages == ()


def shifted(text: str, shift: int) -> str:
    return "".join(letter if letter == " " else chr(ord(letter) + shift) for letter in text)


FRENCH = "Les travaux bruyants sont permis le samedi et interdits le dimanche"


def test_letters_shifted_by_a_font_are_put_back(read):
    assert read(words(60, 700, shifted(FRENCH, -3))).text == FRENCH


def test_a_page_of_letters_that_mean_nothing_is_told_and_left_out(read, monkeypatch):
    monkeypatch.setattr(ocr, "missing", lambda: "Tesseract")
    garbled = "/HV WUDYDX[ EUX\\DQWV VRQW SHUPLV GH ! K ! K OH VDPHGL LQWHUGLWV"
    document = read(words(60, 700, garbled), words(60, 700, f"{FRENCH}."))
    assert document.unreadable_pages == (1,) and document.text == f"{FRENCH}." and "page 1" in document.remarks[0]


def test_a_font_without_a_table_of_its_letters_is_read(read):
    """PDFium gives the bare codes of such a font."""
    text = "La collec\x1fvité demande la labellisa\x08on, l'ac\x1fon na\x08onale et sa réalisa\x08on."
    document = read(words(60, 500, text))
    assert "collectivité demande la labellisation, l'action nationale et sa réalisation" in document.text


# --------------------------------------------------------------------------------------- pages


def test_a_passage_over_several_pages_tells_the_page_of_each_place(read):
    document = read(
        words(60, 500, "Le loyer du local est fixé par le conseil"),
        words(60, 500, "municipal à 290 euros, chaque mois de l'année."),
    )
    (passage,) = split(document, Splitting())
    assert [passage.page_at(document.text.index(word)) for word in ("loyer", "290")] == [1, 2]


def test_paragraphs_of_two_pages_make_two_passages(read):
    texts = [f"Le loyer du local numéro {n} est fixé par le conseil." for n in (1, 2, 3)]
    passages = split(read(*(words(60, 500, text) for text in texts)), Splitting())
    assert [(passage.text, passage.page) for passage in passages] == list(zip(texts, (1, 2, 3), strict=True))
