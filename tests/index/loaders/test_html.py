"""HTML pages: what is content, what names it, and what must not be shown."""

# ruff: noqa: E501 - sample texts, whole on their line
from __future__ import annotations

from pathlib import Path

import pytest

from index.document import Document
from index.errors import UnreadableDocument
from index.loaders import load
from tests.index.loaders.conftest import assert_remarks, under

LONG = "La commune accueille les familles toute l'année et publie ici ses démarches, ses tarifs et ses horaires d'ouverture."


def read(tmp_path: Path, body: str, head: str = "", name: str = "page.html") -> Document:
    path = tmp_path / name
    path.write_text(f"<!doctype html><html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>", encoding="utf-8")
    return load(path, name)


# ------------------------------------------------------------------------------- accordions and tabs

ACCORDIONS = {
    "button in a heading": '<h3><button aria-expanded="false" aria-controls="{id}">{name}</button></h3><div id="{id}"><p>{text}</p></div>',
    "link of Bootstrap": '<a data-bs-toggle="collapse" href="#{id}" role="button">{name}</a><div class="collapse" id="{id}"><p>{text}</p></div>',
    "button of Bootstrap": '<button data-toggle="collapse" data-target="#{id}">{name}</button><div id="{id}" class="collapse">{text}</div>',
    "term": '<dl><dt><button aria-controls="{id}">{name}</button></dt><dd id="{id}" hidden><p>{text}</p></dd></dl>',
    "box with a role": '<div role="button" aria-controls="{id}">{name}</div><div id="{id}" aria-hidden="true"><p>{text}</p></div>',
    "classes": '<div class="item"><div class="accordion-title">{name}</div><div class="accordion-content"><p>{text}</p></div></div>',
    "button alone": '<button class="btn">{name}</button><div class="panel"><p>{text}</p></div>',
    "details": "<details><summary>{name}</summary><p>{text}</p></details>",
    "heading with a role": '<h3 role="button" aria-controls="{id}">{name}</h3><div id="{id}" style="display: none"><p>{text}</p></div>',
}


@pytest.mark.parametrize("markup", ACCORDIONS.values(), ids=ACCORDIONS)
def test_the_name_of_what_opens_is_the_heading_of_its_text(markup: str, tmp_path: Path) -> None:
    panels = [("a1", "Enfant mineur", "Délai : 21 jours."), ("a2", "Perte ou vol", "Délai : 35 jours.")]
    body = "".join(markup.format(id=i, name=name, text=text) for i, name, text in panels)
    document = read(tmp_path, f"<h1>Carte d'identité</h1><p>{LONG}</p>{body}<p>La mairie vous rappelle.</p>")
    assert document.text == f"{LONG}\n\nDélai : 21 jours.\n\nDélai : 35 jours.\n\nLa mairie vous rappelle."
    assert under(document, "Délai : 35") == ("Perte ou vol",)
    assert under(document, "La mairie vous rappelle") == ("Carte d'identité",)


TABS = {
    "ARIA": '<ul role="tablist"><li><button role="tab" aria-controls="p1">Enfants</button></li><li><button role="tab" aria-controls="p2">'
    'Adultes</button></li></ul><div id="p1" role="tabpanel"><p>96 € par an.</p></div><div id="p2" role="tabpanel" hidden><p>174 € par an.</p></div>',
    "labelled panels": '<div role="tablist"><a role="tab" id="t1">Enfants</a><a role="tab" id="t2">Adultes</a></div><div role="tabpanel" '
    'aria-labelledby="t1"><p>96 € par an.</p></div><div role="tabpanel" aria-labelledby="t2" aria-hidden="true"><p>174 € par an.</p></div>',
    "links": '<ul><li><a href="#e">Enfants</a></li><li><a href="#a">Adultes</a></li></ul><div id="e"><p>96 € par an.</p></div>'
    '<div id="a" style="display:none"><p>174 € par an.</p></div>',
    "boxes to tick": '<input type="radio" id="t1"><label for="t1">Enfants</label><input type="radio" id="t2"><label for="t2">Adultes</label>'
    "<div><p>96 € par an.</p></div><div><p>174 € par an.</p></div>",
    "Bootstrap": '<nav><div class="nav nav-tabs"><a data-bs-toggle="tab" href="#e">Enfants</a><a data-bs-toggle="tab" href="#a">Adultes</a>'
    '</div></nav><div class="tab-content"><div id="e"><p>96 € par an.</p></div><div id="a"><p>174 € par an.</p></div></div>',
}


@pytest.mark.parametrize("markup", TABS.values(), ids=TABS)
def test_the_panels_of_tabs_are_content_under_their_names(markup: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"<main><h1>École de musique</h1><p>{LONG}</p>{markup}</main>")
    assert document.text == f"{LONG}\n\n96 € par an.\n\n174 € par an."
    assert (under(document, "96"), under(document, "174")) == (("Enfants",), ("Adultes",))


def test_a_control_that_several_panels_share_names_none(tmp_path: Path) -> None:
    more = '<h2>{0}</h2><p>Début de {0}.</p><button aria-controls="{0}">Tout lire</button><div id="{0}" hidden><p>Suite de {0}.</p></div>'
    document = read(tmp_path, f"<h1>Aides</h1>{more.format('Toiture')}{more.format('Façade')}")
    assert under(document, "Suite de Façade") == ("Façade",)


def test_a_table_of_contents_is_no_set_of_tabs(tmp_path: Path) -> None:
    links = '<ul><li><a href="#a">Prix</a></li><li><a href="#b">Lieu</a></li></ul>'
    document = read(
        tmp_path, f'{links}<div id="a"><h2>Prix des étals</h2><p>12 €</p></div><div id="b"><h2>Lieu</h2><p>La halle.</p></div>'
    )
    assert under(document, "12 €") == ("Prix des étals",)


# ------------------------------------------------------------------------------- hidden and struck

UNSEEN = {
    "hidden": "<p hidden>VIEUX</p>",
    "aria-hidden": '<p aria-hidden="true">VIEUX</p>',
    "style": '<div style="color: red; display : none">VIEUX</div>',
    "visibility": '<div style="visibility:hidden">VIEUX</div>',
    "Word": '<span style="mso-hide:all;display:none">VIEUX</span>',
    "class": '<p class="interne">VIEUX</p>',
    "identifier": '<p id="brouillon">VIEUX</p>',
    "template": "<template><p>VIEUX</p></template>",
    "noscript": "<noscript>VIEUX</noscript>",
    "JSON-LD": '<script type="application/ld+json">{"nom": "VIEUX"}</script>',
    "del": "<del>VIEUX</del>",
    "s": "<s>VIEUX</s>",
    "strike": "<strike>VIEUX</strike>",
    "del around paragraphs": "<del><p>VIEUX</p><p>VIEUX</p></del>",
    "line-through": '<span style="text-decoration: underline line-through">VIEUX</span>',
    "line-through by class": '<span class="c7">VIEUX</span>',
    "line-through of a library": '<span class="text-decoration-line-through">VIEUX</span>',
    "deletion": '<span role="deletion">VIEUX</span>',
    "option": "<select><option>VIEUX</option></select>",
    "dialog": "<dialog><p>VIEUX</p></dialog>",
}
SHEET = """<style>@import url('x.css'); .interne { display: none } #brouillon { display: none !important }
.c1{color:#000;text-decoration:none} .c7{text-decoration:line-through} .panneau{display:none} .panneau.ouvert{display:block}
.large{display:none} @media (min-width: 60em){ .large{display:block} } li:has(> a){display:none} p::before{display:none}</style>"""


@pytest.mark.parametrize("markup", UNSEEN.values(), ids=UNSEEN)
def test_what_readers_do_not_see_is_not_text(markup: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"<h1>Tarifs</h1><p>Le tarif</p>{markup}<p>est de 2,10 €.</p>", SHEET)
    assert document.text == "Le tarif\n\nest de 2,10 €."


@pytest.mark.parametrize(
    "markup", ['<p class="c1">{}</p>', '<p class="panneau">{}</p>', '<p class="large">{}</p>', '<p hidden="until-found">{}</p>']
)
def test_what_readers_see_or_may_open_is_text(markup: str, tmp_path: Path) -> None:
    assert read(tmp_path, markup.format("La halle est ouverte."), SHEET).text == "La halle est ouverte."


def test_inserted_text_takes_the_place_of_deleted_text(tmp_path: Path) -> None:
    document = read(tmp_path, "<p>La garderie coûte <del>1,80 €</del> <ins>2,10 €</ins> par enfant.</p>")
    assert document.text == "La garderie coûte 2,10 € par enfant."


def test_a_page_saved_behind_its_consent_dialog_is_read(tmp_path: Path) -> None:
    document = read(
        tmp_path, f'<div aria-hidden="true"><h1>Halle</h1><p>{LONG}</p></div><div role="dialog"><p>Cookies ?</p></div>'
    )
    assert document.text == LONG


def test_what_a_component_draws_is_read(tmp_path: Path) -> None:
    assert (
        read(tmp_path, '<x-fiche><template shadowrootmode="open"><p>Le prix est de 3 €.</p></template></x-fiche>').text
        == "Le prix est de 3 €."
    )


# ------------------------------------------------------------------------------- content and navigation

CONTENT = {
    "aside": "<aside><h3>Date limite</h3><p>Jusqu'au 22 septembre.</p></aside>",
    "complementary": '<div role="complementary"><p>Jusqu\'au 22 septembre.</p></div>',
    "social housing": '<section class="logement-social" id="social"><p>Jusqu\'au 22 septembre.</p></section>',
    "one link": '<div class="sidebar"><p>Jusqu\'au 22 septembre, auprès du service jeunesse : <a href="mailto:a@b.fr">a@b.fr</a></p></div>',
    "footer of an article": "<article><p>Texte.</p><footer><p>Jusqu'au 22 septembre.</p></footer></article>",
    "header of a section": "<section><header><h2>Dates</h2><p>Jusqu'au 22 septembre.</p></header><p>Texte.</p></section>",
    "sharing of means": '<div class="partage-moyens"><p>Jusqu\'au 22 septembre.</p></div>',
}
NAVIGATION = {
    "nav": '<nav><a href="/">VERS</a></nav>',
    "header": '<header><a href="/">VERS</a></header>',
    "footer": "<footer>VERS, 1 place du Marché</footer>",
    "breadcrumb": '<ol class="fr-breadcrumb__list"><li><a href="/">VERS</a></li><li>Une page dont le titre est assez long</li></ol>',
    "aside of links": '<aside><h2>Actualités</h2><ul><li><a href="/a">VERS un parking neuf</a></li><li><a href="/b">VERS la halle</a></li></ul></aside>',
    "newsletter": '<div class="newsletter"><p>Recevez VERS chaque mois.</p><input type="email"><button>OK</button></div>',
    "consent": '<div id="tarteaucitronRoot"><p>VERS des témoins de connexion.</p><button>D\'accord</button></div>',
    "sharing": '<div class="share"><a href="https://x.com">VERS X</a></div>',
}


@pytest.mark.parametrize("markup", CONTENT.values(), ids=CONTENT)
def test_text_in_a_frame_is_content(markup: str, tmp_path: Path) -> None:
    assert "Jusqu'au 22 septembre" in read(tmp_path, f"<main><h1>Aide</h1><p>{LONG}</p>{markup}</main>").text


@pytest.mark.parametrize("markup", NAVIGATION.values(), ids=NAVIGATION)
def test_what_leads_elsewhere_is_not_content(markup: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"{markup}<h1>Aide</h1><p>{LONG}</p><p>{LONG.upper()}</p>").text == f"{LONG}\n\n{LONG.upper()}"


def test_an_aside_beside_the_main_part_is_content(tmp_path: Path) -> None:
    document = read(
        tmp_path, f"<div>Bandeau</div><main><h1>Aide</h1><p>{LONG}</p></main><aside><p>Appelez le 04 00 00 23 23.</p></aside>"
    )
    assert document.text == f"{LONG}\n\nAppelez le 04 00 00 23 23."


def test_a_framed_heading_does_not_govern_what_follows_its_frame(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        f"<main><h1>Aide</h1><h2>Montant</h2><aside><h3>À savoir</h3><p>{LONG}</p></aside><p>Il est de 300 €.</p></main>",
    )
    assert under(document, "La commune") == ("Montant", "À savoir")
    assert under(document, "Il est de") == ("Montant",)


def test_the_heading_of_a_callout_does_not_govern_the_page(tmp_path: Path) -> None:
    callout = '<div class="fr-callout"><h3>Bon à savoir</h3><p>La carte coûte 15 €.</p></div>'
    document = read(tmp_path, f"<h1>Transport</h1><h2>Inscription</h2><p>{LONG}</p>{callout}<p>Avant le 1er juillet.</p>")
    assert under(document, "La carte") == ("Inscription", "Bon à savoir")
    assert under(document, "Avant le") == ("Inscription",)


def test_a_box_with_a_heading_only_names_what_follows_it(tmp_path: Path) -> None:
    document = read(tmp_path, f"<h1>Transport</h1><section><h2>Inscription</h2></section><section><p>{LONG}</p></section>")
    assert under(document, "La commune") == ("Inscription",)


def test_headings_inside_what_opens_stand_under_its_name(tmp_path: Path) -> None:
    panel = '<h3><button aria-controls="a">Qui y a droit ?</button></h3><div id="a"><h2>Élèves</h2><p>Ceux du canton.</p></div>'
    document = read(tmp_path, f"<h1>Transport</h1><h2>Aide</h2><h3>Montant</h3><p>{LONG}</p>{panel}")
    assert under(document, "Ceux du") == ("Aide", "Qui y a droit ?", "Élèves")


def test_the_titles_of_cards_are_headings_below_those_of_the_page(tmp_path: Path) -> None:
    cards = '<div><p class="title">Pass annuel</p><p>Pour tous, à 40 €.</p></div><div><p class="title">Pass jour</p><p>Pour tous, à 3 €.</p></div>'
    document = read(tmp_path, f"<h1>Bus</h1><h2>Tarifs</h2>{cards}<h2>Contact</h2><p>{LONG}</p>")
    assert (under(document, "à 3 €"), under(document, "La commune")) == (("Tarifs", "Pass jour"), ("Contact",))


def test_the_title_of_a_word_processor_opens_the_page(tmp_path: Path) -> None:
    document = read(
        tmp_path, '<p class="MsoTitle"><span>Règlement de la halle</span></p><p class="MsoNormal">Elle ouvre à 8 h.</p>'
    )
    assert (document.title, document.text) == ("Règlement de la halle", "Elle ouvre à 8 h.")


def test_the_header_of_a_page_written_by_hand_holds_its_title(tmp_path: Path) -> None:
    assert read(tmp_path, f"<header><h1>Règlement de la halle</h1></header><p>{LONG}</p>").title == "Règlement de la halle"


# ------------------------------------------------------------------------------- superscripts and notes

RAISED = {
    "120 m<sup>2</sup>": "120 m²",
    "3 km<sup>2</sup> et 5 m<sup>3</sup>": "3 km² et 5 m³",
    "le 1<sup>er</sup> mai, la 2<sup>e</sup> rue": "le 1er mai, la 2e rue",
    "(2<sup>7</sup>) et 2<sup>n − 1</sup>": "(2⁷) et 2ⁿ⁻¹",
    "5 €<sup>TTC</sup>": "5 € TTC",
    "la note<sup>a</sup> du M<sup>me</sup>": "la note du Mme",
    "n<sup>o</sup> 12": "n° 12",
    "10<sup>6</sup> et 10<sup>-3</sup>": "10⁶ et 10⁻³",
    "14 h<sup>30</sup>": "14 h30",
    "12 €<sup>50</sup>": "12 €50",
    "12<sup>50</sup> €": "12⁵⁰ €",
    "CO<sub>2</sub>": "CO2",
    "15 000<sup>2</sup> euros": "15 000 euros",
    "20<sup>3</sup> %": "20 %",
    "le logement<sup>1</sup> aidé": "le logement aidé",
    "15 000 €<sup>(1)</sup>": "15 000 €",
    "le plafond<sup>1, 2</sup>": "le plafond",
    "8 000<span style='vertical-align: super'>2</span> euros": "8 000 euros",
    "gratuit<sup>*</sup>": "gratuit",
}


@pytest.mark.parametrize(("written", "read_as"), RAISED.items())
def test_powers_and_ordinals_stay_and_marks_go(written: str, read_as: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"<p>Soit {written}</p>").text == f"Soit {read_as}"


NOTES = {
    "raised mark": "<p>Le plafond est de 15 000<sup>2</sup> euros.</p><p>{}</p><p><sup>2</sup> Hors taxes.</p>",
    "list of notes": '<p>Le plafond est de 15 000<a href="#fn2"><sup>2</sup></a> euros.</p><p>{}</p><ol><li id="fn2">Hors taxes. <a href="#r2">↩</a></li></ol>',
    "LibreOffice": '<p>Le plafond est de 15 000<a class="sdfootnoteanc" name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup></a> euros.</p><p>{}</p>'
    '<div id="sdfootnote1"><p><a class="sdfootnotesym" name="sdfootnote1sym" href="#sdfootnote1anc">1</a>Hors taxes.</p></div>',
    "SPIP": '<p>Le plafond est de 15 000<span class="spip_note_ref"> [<a href="https://exemple.fr/article12#nb1" id="nh1">1</a>]</span> euros.</p><p>{}</p>'
    '<div id="nb1"><p>[<a href="#nh1">1</a>] Hors taxes.</p></div>',
    "Pandoc": '<p>Le plafond est de 15 000<a href="#fn1" id="fnref1" role="doc-noteref"><sup>1</sup></a> euros.</p><p>{}</p>'
    '<section><hr/><ol><li id="fn1"><p>Hors taxes.<a href="#fnref1" role="doc-backlink">↩︎</a></p></li></ol></section>',
    "Google Docs": '<p><span>Le plafond est de 15 000</span><sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup><span> euros.</span></p><p>{}</p><hr>'
    '<div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a><span> Hors taxes.</span></p></div>',
    "Word": '<p>Le plafond est de 15 000<a href="#_ftn1" name="_ftnref1"><span><![if !supportFootnotes]>[1]<![endif]></span></a> euros.</p><p>{}</p>'
    '<div id="ftn1"><p><a href="#_ftnref1" name="_ftn1">[1]</a> Hors taxes.</p></div>',
}


@pytest.mark.parametrize("markup", NOTES.values(), ids=NOTES)
def test_a_note_stands_after_what_calls_it(markup: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"<h2>Plafond</h2>{markup.format(LONG)}<h2>Contact</h2>")
    assert document.text == f"Le plafond est de 15 000 euros.\n\nHors taxes.\n\n{LONG}"


def test_the_note_of_a_cell_stands_after_the_table(tmp_path: Path) -> None:
    table = "<table><tr><th>Aide</th><th>Taux</th></tr><tr><td>Toit</td><td>20<sup>1</sup> %</td></tr></table>"
    assert (
        read(tmp_path, f"{table}<p>{LONG}</p><p><sup>1</sup> Porté à 25.</p>").text
        == f"Aide : Toit ; Taux : 20 %\n\nPorté à 25.\n\n{LONG}"
    )


# ------------------------------------------------------------------------------- lists, terms, images


def test_a_term_and_its_definition_stand_together(tmp_path: Path) -> None:
    terms = "<dl><dt>Délai :</dt><dd>6 semaines</dd><div><dt>Pièces</dt><dd><ul><li>un bail</li><li>un plan</li></ul></dd></div><dt>Qui paie ?</dt><dd><p>L'État.</p><p>Puis la région.</p></dd></dl>"
    assert read(tmp_path, terms).text == "Délai : 6 semaines\nPièces :\n- un bail\n- un plan\nQui paie ? L'État.\nPuis la région."


def test_a_term_that_nothing_defines_is_text(tmp_path: Path) -> None:
    assert read(tmp_path, "<dl><dt>Fermé le lundi</dt><dd></dd><dt>Et en août</dt></dl>").text == "Fermé le lundi :\nEt en août"


def test_numbered_lists_keep_the_numbers_that_browsers_show(tmp_path: Path) -> None:
    items = '<ol start="3"><li>Déposer</li><li>Signer</li></ol><ol type="a"><li>Un bail</li><li>Un plan</li></ol>'
    assert read(tmp_path, items).text == "3. Déposer\n4. Signer\na. Un bail\nb. Un plan"


def test_the_description_of_a_plan_is_text_and_that_of_a_logo_is_not(tmp_path: Path) -> None:
    plan = "Rue Haute en sens unique montant"
    images = f'<img src="l.png" alt="Logo de la mairie de Valmorin"><img alt="IMG_2024.jpg"><img alt=""><figure><img alt="{plan}"><figcaption>{plan}</figcaption></figure>'
    document = read(tmp_path, f'<p>Le plan <img alt="Rue Basse en sens unique descendant"> change.</p>{images}')
    assert document.text == f"Le plan change.\n\nRue Basse en sens unique descendant\n\n{plan}"


def test_labels_are_text_and_fields_are_not(tmp_path: Path) -> None:
    form = '<form><label for="a">Nom de naissance</label><input id="a" value="X"><select><option>Choisir</option></select><button>Envoyer</button></form>'
    assert read(tmp_path, form).text == "Nom de naissance"


def test_preformatted_lines_stay_lines(tmp_path: Path) -> None:
    assert read(tmp_path, "<pre><code>Lundi   9 h\nMardi  10 h</code></pre>").text == "Lundi 9 h\nMardi 10 h"


def test_inline_elements_and_soft_hyphens_leave_words_whole(tmp_path: Path) -> None:
    text = '<p>La <abbr title="x">ORT</abbr> du <time datetime="2026-03-03">3 mars</time>, re&shy;vita<wbr>li&#8203;sée, dit <q>oui</q>.</p>'
    assert read(tmp_path, text).text == "La ORT du 3 mars, revitalisée, dit « oui »."


# ------------------------------------------------------------------------------- tables


def test_merged_cells_stand_in_every_row_and_column_they_span(tmp_path: Path) -> None:
    table = (
        "<table><tr><th rowspan=2>Public</th><th colspan=2>Tarif</th></tr><tr><th>Jour</th><th>Année</th></tr>"
        "<tr><td rowspan=2>Habitants</td><td>2 €</td><td>40 €</td></tr><tr><td colspan=2>gratuit</td></tr></table>"
    )
    assert read(tmp_path, table).text == (
        "Public : Habitants ; Tarif › Jour : 2 € ; Tarif › Année : 40 €\nPublic : Habitants ; Tarif › Jour : gratuit ; Tarif › Année : gratuit"
    )


def test_the_head_of_a_row_names_its_values(tmp_path: Path) -> None:
    table = "<table><tr><th>Nature</th><td>subvention</td></tr><tr><th>Montant</th><td>9 500 €</td></tr><tr><th>Base</th><td>travaux</td></tr></table>"
    assert read(tmp_path, table).text == "Nature : subvention\nMontant : 9 500 €\nBase : travaux"


def test_the_lists_of_a_cell_stay_in_its_row(tmp_path: Path) -> None:
    table = "<table><tr><th>Jour</th><th>Heures</th></tr><tr><td>Lundi</td><td><ul><li>9 h</li><li>14 h</li></ul></td></tr><tr><td>Mardi<br>matin</td><td><p><del>8 h</del></p><p>10<b>&nbsp;h</b></p></td></tr></table>"
    assert read(tmp_path, table).text == "Jour : Lundi ; Heures : 9 h ; 14 h\nJour : Mardi matin ; Heures : 10 h"


def test_a_table_in_a_cell_is_read_as_a_table(tmp_path: Path) -> None:
    inner = "<table><tr><td>Nature</td><td>subvention</td></tr><tr><td>Montant</td><td>de 2 000 à 9 500 €</td></tr></table>"
    text = read(
        tmp_path, f"<table><tr><td>Objet</td><td>{inner}</td></tr><tr><td>Échéance</td><td>31 mars 2027</td></tr></table>"
    ).text
    assert text.startswith("Objet\n\nNature") and "9 500 €\n\nÉchéance : 31 mars 2027" in text


def test_a_table_that_lays_out_the_page_is_its_content(tmp_path: Path) -> None:
    table = f"<table><tr><td><h2>Aide</h2><p>{LONG}</p></td><td><h2>Lieu</h2><p>La halle.</p></td></tr></table>"
    document = read(tmp_path, table)
    assert (document.text, under(document, "La halle")) == (f"{LONG}\n\nLa halle.", ("Lieu",))


# ------------------------------------------------------------------------------- files


def test_formulas_that_are_not_read_are_said(tmp_path: Path) -> None:
    document = read(tmp_path, f"<p>{LONG}</p><math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>")
    assert document.text == LONG
    assert_remarks(document, ("formule", "1", "pdf"))


def test_strict_pages_close_their_own_elements(tmp_path: Path) -> None:
    path = tmp_path / "page.xhtml"
    path.write_text(
        '<?xml version="1.0" encoding="iso-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Arrêté</title><script src="a.js"/></head>'
        "<body><p>L'été&nbsp;: <a id='x'/>8 h.</p></body></html>",
        encoding="latin-1",
    )
    assert (load(path, path.name).title, load(path, path.name).text) == ("Arrêté", "L'été : 8 h.")


def test_a_page_drawn_by_scripts_is_said_to_be_with_what_to_save_it_as(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match=r"script.*\.pdf") as refusal:
        read(tmp_path, '<noscript>Activez JavaScript.</noscript><div id="app"></div><script src="a.js"></script>')
    assert refusal.value.status == "empty"


# ------------------------------------------------------------------------------- what makers of pages do


def test_a_table_told_by_roles_has_the_names_of_its_columns(tmp_path: Path) -> None:
    names = '<div role="row"><span role="columnheader">Salle</span><span role="columnheader">Tarif</span></div>'
    row = '<div role="row"><span role="cell">Foyer</span><span role="cell">95 €</span></div>'
    assert read(tmp_path, f'<div role="table">{names}{row}</div>').text == "Salle : Foyer ; Tarif : 95 €"


def test_names_of_rows_leave_the_names_of_columns_to_the_first_row(tmp_path: Path) -> None:
    rows = "<tr><th>Quotient</th><td>0-500</td><td>501-900</td></tr><tr><th>Repas</th><td>1,20 €</td><td>2,40 €</td></tr>"
    assert read(tmp_path, f"<table>{rows}</table>").text == "Quotient : Repas ; 0-500 : 1,20 € ; 501-900 : 2,40 €"


def test_a_button_that_sorts_a_column_names_it(tmp_path: Path) -> None:
    table = "<table><tr><th><button>Nom <span aria-hidden='true'>▲</span></button></th><th>Prix</th></tr><tr><td>Judo</td><td>9 €</td></tr></table>"
    assert read(tmp_path, table).text == "Nom : Judo ; Prix : 9 €"


def test_a_cell_without_end_stands_in_all_rows_below(tmp_path: Path) -> None:
    rows = "<tr><th>Tranche</th><th>Rang</th><th>Prix</th></tr><tr><td rowspan=0>B</td><td>un</td><td>2 €</td></tr><tr><td>deux</td><td>1 €</td></tr>"
    assert "Tranche : B ; Rang : deux ; Prix : 1 €" in read(tmp_path, f"<table>{rows}</table>").text


@pytest.mark.parametrize("query", ["(max-width: 600px)", "print"])
def test_what_only_a_telephone_or_paper_shows_is_hidden(query: str, tmp_path: Path) -> None:
    style = f"<style>.small{{display:none}}@media {query}{{.small{{display:block}}}}</style>"
    assert read(tmp_path, f"<p>Adulte<span class='small'>Prix :</span></p><p>{LONG}</p>", style).text.startswith("Adulte\n")


def test_what_stands_out_of_the_screen_is_hidden(tmp_path: Path) -> None:
    style = "<style>.off{position:absolute;left:-9999px}</style>"
    assert read(tmp_path, "<p>Jeudi.</p><p class='off'>Ancien jour : mardi.</p>", style).text == "Jeudi."


def test_of_a_text_to_see_and_its_twin_to_hear_the_first_is_read(tmp_path: Path) -> None:
    page = "<p>Entrée <span aria-hidden='true'>3,60 €</span><span class='sr-only'>trois euros soixante</span></p>"
    assert read(tmp_path, page).text == "Entrée 3,60 €"


def test_elements_that_styles_set_apart_do_not_touch(tmp_path: Path) -> None:
    page = (
        "<p><span>Emplacement : 12 €</span><span>Électricité : 4 €</span></p><ul><li><b>Adulte</b><span>3,50 €</span></li></ul>"
    )
    assert read(tmp_path, page).text == "Emplacement : 12 € Électricité : 4 €\n- Adulte 3,50 €"


def test_a_word_in_several_elements_stays_whole(tmp_path: Path) -> None:
    assert (
        read(tmp_path, "<p><span>Mar</span><span>di</span>, <b>L</b>undi, 1<b>er</b> mai.</p>").text == "Mardi, Lundi, 1er mai."
    )


def test_a_field_of_drupal_is_said_with_its_label(tmp_path: Path) -> None:
    field = '<div class="field"><div class="field__label">Montant</div><div class="field__item">6 500 €</div></div>'
    assert read(tmp_path, f"<main>{field}</main>").text == "Montant : 6 500 €"


def test_a_filled_form_says_what_was_filled(tmp_path: Path) -> None:
    fields = "<p>Nom : <input value='Chorale'></p><p>Type : <select><option>Sport<option selected>Culture</select></p>"
    ticks = "<p><input type=checkbox checked> Accordée <input type=checkbox> Refusée</p><textarea>Montant : 640 €</textarea>"
    text = read(tmp_path, f"<main><form>{fields}{ticks}</form><p>{LONG}</p></main>").text
    assert text.startswith("Nom : Chorale\n\nType : Culture\n\n☒ Accordée ☐ Refusée\n\nMontant : 640 €")


@pytest.mark.parametrize(("attributes", "marks"), [("reversed", "2. 1."), ("type=I", "I. II."), ("start=4 type=a", "d. e.")])
def test_a_list_is_numbered_as_browsers_do(attributes: str, marks: str, tmp_path: Path) -> None:
    lines = read(tmp_path, f"<ol {attributes}><li>Objet<li>Durée</ol>").text.split("\n")
    assert " ".join(line.split()[0] for line in lines) == marks


@pytest.mark.parametrize(("kind", "mark"), [("msocom_", "[AB1]"), ("cmnt", "[a]")])
def test_a_comment_is_told_from_the_text(kind: str, mark: str, tmp_path: Path) -> None:
    page = (
        f"<p>Plafond <a href='#_{kind}1' name='_ref1'>{mark}</a>de 40 %.</p>"
        f"<div><a href='#_ref1' name='_{kind}1'>{mark}</a><p>à vérifier</p></div>"
    )
    assert read(tmp_path, page).text == "Plafond de 40 %.\n\nCommentaire : à vérifier"


def test_a_page_that_wrongly_says_it_is_utf8_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fete.html"
    path.write_bytes("<meta charset=utf-8><h1>Été à Roquebrac</h1><p>La fête coûte 12 €.</p>".encode("cp1252"))
    assert load(path, path.name).text == "La fête coûte 12 €."
