"""Write the sample documents beside this script: `python tests/data/make.py`.

One small file a format, in sentences of our own, plus the broken ones. The files are committed; run
this only to change them (office formats hold the date of the day, so their bytes change each time).
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx

HERE = Path(__file__).parent

FICHE = """\
---
titre: Boutique à l'essai
mis_a_jour: 2026-01-15
aide:
  - {nom: loyer, taux: 50, plafond: 3000}
---

# Boutique à l'essai

Un **local vacant** est loué six mois, [voir la règle](https://exemple.fr).[^1] [^2]

## Qui peut en bénéficier ?

Les communes `PVD`
et leurs groupements.[^2] Le loyer est réduit de moitié[^1].

Pièces à fournir :
- un bail ;[^1]
- un plan
  - du local

1. Déposer
2. Signer

### Montants

| Année | Aide |
|---|---|
| 2024 | 1 500 € |
| 2025 | 3 000 € |

[^1]: Mairie de Vallon — service commerce — mars 2025 — <https://exemple.fr/a?b=1>
[^2]: ANEM, communiqué — 2021
"""

PAGE = """\
<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Le marché couvert | Ville de Vallon</title>
<script>var compteur = "invisible";</script></head>
<body>
<div class="skiplinks"><a href="#c">Aller au contenu</a></div>
<header><p>Ville de Vallon</p></header>
<nav><ul><li><a href="/">Accueil</a></li><li><a href="/vie">Vie locale</a></li></ul></nav>
<div id="cookie-banner"><p>Nous utilisons des cookies pour mesurer l'audience.</p><button>Tout accepter\
</button></div>
<main id="c">
<h1>Le marché couvert rouvre</h1>
<p>La halle du XIX<sup>e</sup>&nbsp;siècle a été <strong>rénovée</strong> en 2024.\
<br>Elle compte 32 étals.</p>
<h2>Les horaires</h2>
<p>Le marché ouvre&nbsp;:</p>
<ul><li>le mardi matin ;</li><li>le samedi, <a href="/s">toute la journée</a>.</li></ul>
<h2>Les tarifs</h2>
<table><tr><th>Étal</th><th>Prix par jour</th></tr><tr><td>Petit</td><td>12 €</td></tr>
<tr><td>Grand</td><td>12 €</td></tr></table>
<p>Le prix est le même pour tous.</p>
<p>Partager sur Facebook</p>
<h2>À lire aussi</h2>
<ul><li>Le nouveau parking ouvre en mai</li><li>Budget 2025 : les grandes lignes</li></ul>
</main>
<footer><p>Mentions légales</p></footer>
</body></html>
"""

PRINTED = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"/><meta name="generator" content="pdf2htmlEX"/><title></title></head><body>
<div id="page-container">
<div class="pf w0"><div class="pc"><div class="t m0">Guide des petits travaux</div></div></div>
<div class="pf w0"><div class="pc"><div class="t m0">Les travaux sont aidés par la</div>
<div class="t m0">commune, dans la limite de 50</div><div class="t m0">% du coût, avec un conseil-</div>
<div class="t m0">ler. Le conseiller se déplace.</div></div></div>
</div></body></html>
"""

ARTICLE = """\
# La navette du bourg

La navette passe toutes les heures.

## Dans la même rubrique
- Un nouveau bus scolaire
- Les vélos arrivent en gare
"""

CSV = '''\
Nom;Porteur;Descriptif
"Aide aux vitrines";Région;"<p>Pour les commerces&nbsp;:</p><ul><li>rénover</li><li>éclairer</li></ul>"

"Fonds ""cœur de bourg""";Département;"Première ligne

Deuxième ligne ; avec un point-virgule"
;;
'''.replace("œ", "oe")  # Latin-1 has no « œ »


# -------------------------------------------------------------------------------------------- PDF


def text(x: float, y: float, words: str, size: float = 11) -> bytes:
    """A line of a page, in WinAnsi Helvetica."""
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")
    return b"BT /F1 %g Tf %g %g Td (" % (size, x, y) + escaped + b") Tj ET\n"


SCAN = b"0.8 g 60 60 470 720 re f\n"  # a picture as far as text goes: something drawn, no letters


def pdf(pages: list[bytes], info: str = "", trailer: bytes = b"") -> bytes:
    """A PDF file from the drawing commands of its pages."""
    kids = b" ".join(b"%d 0 R" % (5 + 2 * i) for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % len(pages),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title (" + info.encode("cp1252") + b") >>",
    ]
    for i, drawing in enumerate(pages):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (6 + 2 * i)
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(drawing) + drawing + b"endstream")
    return _serialised(objects, trailer)


def _serialised(objects: list[bytes], trailer: bytes) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R " % (len(objects) + 1) + trailer + b" >>\n"
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def bulletin() -> bytes:
    """Four pages with a header and numbers; the third is a scan, the fourth in two columns."""

    def furniture(number: int) -> bytes:
        return text(60, 800, "Bulletin de Vallon - hiver 2025", 9) + text(290, 30, str(number), 9)

    first = text(60, 740, "Le bulletin de Vallon", 24)
    first += text(60, 690, "La commune de Vallon rouvre sa halle au printemps, après deux années de chan-")
    first += text(60, 676, "tier. Le coût est de 1,2 million d'euros, dont la moitié vient de l'État et de la")
    first += text(60, 662, "région. Les habitants y trouveront un rendez-")
    first += text(60, 648, "vous chaque samedi.")
    first += text(60, 610, "Une fête est prévue.")
    second = text(60, 740, "La voirie", 16)
    second += text(60, 710, "La rue Haute est refaite en mai.") + text(60, 696, "La rue Basse attend 2026.")
    third = SCAN
    fourth = b""
    for i in range(6):
        y = 700 - 14 * i
        fourth += text(60, y, f"La colonne de gauche, ligne {i + 1}, qui parle,")
        fourth += text(320, y, f"la colonne de droite, ligne {i + 1}, qui répond,")
    pages = [first, second, third, fourth]
    return pdf([page if page is third else furniture(i) + page for i, page in enumerate(pages, 1)])


def protected() -> bytes:
    """A PDF that asks for a password: its keys match none."""
    keys = b"<" + b"5a" * 32 + b">"
    security = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O " + keys + b" /U " + keys + b" >>"
    return pdf([text(60, 700, "Secret")], trailer=security + b" /ID [<00> <00>]")


# ----------------------------------------------------------------------------------------- office


def note() -> None:
    """A Word note: headings, a list, a table between two paragraphs."""
    word = docx.Document()
    word.core_properties.title = ""
    word.add_heading("Note sur l'école", 0)
    word.add_paragraph("L'école compte 84 élèves.")
    word.add_heading("Travaux", 1)
    word.add_paragraph("Isoler la toiture", style="List Bullet")
    word.add_paragraph("Changer la chaudière", style="List Bullet")
    word.add_heading("Coûts", 2)
    table = word.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, (("Poste", "Coût"), ("Toiture", "40 000 €"), ("Chaudière", "25 000 €")), strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    word.add_paragraph("Le total est de 65 000 €.")
    word.save(str(HERE / "note.docx"))


def slides() -> None:
    """Two slides: bullets and notes; a table without a title."""
    show = pptx.Presentation()
    show.core_properties.title = ""
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Revitaliser le centre"
    first.placeholders[1].text = "Rouvrir des commerces\nPlanter la place"
    first.notes_slide.notes_text_frame.text = "Rappeler la date du conseil."
    second = show.slides.add_slide(show.slide_layouts[6])
    cells = (("Rue", "Arbres"), ("Haute", "12"), ("Basse", "7"))
    grid = second.shapes.add_table(3, 2, 914400, 914400, 4000000, 1000000).table
    for i, row in enumerate(cells):
        for j, words in enumerate(row):
            grid.cell(i, j).text = words
    show.save(str(HERE / "presentation.pptx"))


def workbook() -> None:
    """Two sheets: a title above the names, empty rows, numbers, dates and a truth value."""
    import datetime

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Budget"
    for row in (["Budget 2025"], [], ["Poste", "Montant", "Voté le", "Réalisé"]):
        sheet.append(row)
    sheet.append(["Voirie", 12500.5, datetime.date(2025, 3, 4), True])
    sheet.append([])
    sheet.append(["École", 80000, None, False])
    other = book.create_sheet("Effectifs")
    other.append(["Service", "Agents"])
    other.append(["Accueil", 3])
    book.save(str(HERE / "budget.xlsx"))


_NAMES = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table"))


def opendocument(name: str, kind: str, body: str, prefix: str = "") -> None:
    """An OpenDocument file with the given body."""
    content = f'<?xml version="1.0" encoding="UTF-8"?>{prefix}<office:document-content {_NAMES}>'
    content += f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    with zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)


REGLEMENT = """\
<text:h text:outline-level="1">Règlement de la halle</text:h>
<text:p>La halle est<text:s text:c="2"/>ouverte à tous<text:note><text:note-body><text:p>Sauf fêtes.</text:p>\
</text:note-body></text:note>.</text:p>
<text:list><text:list-item><text:h text:outline-level="2">Étals</text:h></text:list-item></text:list>
<text:list><text:list-item><text:p>Les petits étals ;</text:p><text:list><text:list-item>\
<text:p>de deux mètres ;</text:p>\
</text:list-item></text:list></text:list-item><text:list-item><text:p>les grands étals.</text:p>\
</text:list-item></text:list>
<text:h text:outline-level="3">Prix</text:h>
<table:table><table:table-row><table:table-cell><text:p>Étal</text:p></table:table-cell><table:table-cell>\
<text:p>Prix</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell>\
<text:p>Petit</text:p>\
</table:table-cell><table:table-cell><text:p>5 €</text:p></table:table-cell></table:table-row>\
<table:table-row><table:table-cell><text:p>Grand</text:p></table:table-cell><table:table-cell><text:p>9 €\
</text:p>\
</table:table-cell></table:table-row></table:table>
"""

CONSEIL = """\
<d:page xmlns:d="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" \
xmlns:p="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0">
<d:frame p:class="title"><d:text-box><text:p>Conseil du 12 juin</text:p></d:text-box></d:frame>
<d:frame><d:text-box><text:p>Le budget est voté.</text:p></d:text-box></d:frame></d:page>
"""


MAIL = """\
From: Service urbanisme <urbanisme@exemple.fr>
To: mairie@exemple.fr
Date: Tue, 03 Mar 2026 10:05:00 +0100
Subject: =?utf-8?q?Permis_accord=C3=A9?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/html; charset=utf-8

<p>Le permis de la halle est <del>refusé</del> <ins>accordé</ins>.</p>
--x
Content-Type: application/pdf; name="plan.pdf"
Content-Disposition: attachment; filename="plan.pdf"

%PDF
--x--
"""

RICH_TEXT = r"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 La cantine passe \'e0 3,55 \'80 le 1{\super er} septembre.\par
\trowd\cellx1\cellx2\intbl Repas\cell Prix\cell\row\trowd\cellx1\cellx2\intbl Midi\cell 3,55 \'80\cell\row
\trowd\cellx1\cellx2\intbl Go\'fbter\cell 1 \'80\cell\row}"""


def book() -> None:
    """A book of two chapters, listed in an order that is not that of their names."""
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<dc:title>Guide des arbres</dc:title></metadata><manifest><item id="a" href="b.xhtml"/><item id="b" href="a.xhtml"/>'
        '</manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    with zipfile.ZipFile(HERE / "arbres.epub", "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("content.opf", package)
        archive.writestr("a.xhtml", "<html><body><h1>Arroser</h1><p>Deux fois par semaine.</p></body></html>")
        archive.writestr("b.xhtml", "<html><body><h1>Planter</h1><p>Douze arbres par place.</p></body></html>")


def _cell(words: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{words}</text:p></table:table-cell>"


TABLEUR = (
    '<table:table table:name="Rues"><table:table-row>'
    + _cell("Quartier")
    + _cell("Rue")
    + _cell("Arbres")
    + '<table:table-cell table:number-columns-repeated="16381"/></table:table-row><table:table-row>'
    + _cell("Centre", 'table:number-rows-spanned="2"')
    + _cell("Haute")
    + _cell("12")
    + "</table:table-row><table:table-row><table:covered-table-cell/>"
    + _cell("Basse")
    + _cell("7")
    + '</table:table-row><table:table-row table:number-rows-repeated="1048573"><table:table-cell '
    + 'table:number-columns-repeated="16384"/></table:table-row></table:table>'
)


# ------------------------------------------------------------------------------------ broken files

ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def broken() -> None:
    """Files that must be refused with a reason."""
    (HERE / "casse.docx").write_bytes((HERE / "note.docx").read_bytes()[:1500])
    (HERE / "chiffre.pdf").write_bytes(protected())
    (HERE / "numerise.pdf").write_bytes(pdf([SCAN, SCAN]))
    (HERE / "vide.txt").write_bytes(b"")
    (HERE / "blanc.txt").write_bytes(b" \n\n\t\n")
    (HERE / "inconnu.xyz").write_bytes(b"Un format que personne ne lit.")
    with zipfile.ZipFile(HERE / "bombe.docx", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("word/document.xml", b" " * 20 * 1024**2)
    opendocument("entites.odt", "text", "<text:p>&b;</text:p>", ENTITIES)


def main() -> None:
    """Write every sample."""
    for name, content in {
        "fiche.md": FICHE,
        "article.markdown": ARTICLE,
        "page.html": PAGE,
        "guide.htm": PRINTED,
        "courriel.eml": MAIL,
        "cantine.rtf": RICH_TEXT,
        "page.xhtml": '<?xml version="1.0" encoding="utf-8"?><html><body><p>Une page stricte.</p></body></html>',
        "tableau.tsv": "Rue\tArbres\nHaute\t12\n",
    }.items():
        (HERE / name).write_text(content, encoding="utf-8")
    (HERE / "notice.txt").write_bytes("\ufeffLa mairie est ouverte\r\nle lundi.\r\n\r\nElle ferme à midi.\r\n".encode())
    (HERE / "aides.csv").write_bytes(CSV.encode("latin-1"))
    (HERE / "bulletin.pdf").write_bytes(bulletin())
    note()
    slides()
    book()
    workbook()
    opendocument("reglement.odt", "text", REGLEMENT)
    opendocument("conseil.odp", "presentation", CONSEIL)
    opendocument("rues.ods", "spreadsheet", TABLEUR)
    broken()


if __name__ == "__main__":
    main()
