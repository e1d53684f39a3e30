"""What must not be stored, and what must not be answered: personal data, injection, requests for harm.

Pure patterns on text: instructions found in a question (or a document) are data, never obeyed.
Knows nothing of the index. Categories follow the routers of public-service assistants: opinion,
personal case, personal advice, injection, harm, drafting, foreign language.
"""

from __future__ import annotations

import re

from index.french import STOP_WORDS, fold, words

_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)33\s?(?:\(0\)\s?)?|0)[1-9](?:[\s.-]?\d{2}){4}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NIR = re.compile(
    r"(?<!\d)[12][\s.]?\d{2}[\s.]?(?:0[1-9]|1[0-2])[\s.]?(?:\d{2}|2[AB])(?:[\s.]?\d{3}){2}(?:[\s.]?\d{2})?(?!\d)", re.I
)
_IBAN = re.compile(r"\bFR\d{2}(?:\s?[\dA-Z]{4}){5}\s?[\dA-Z]{3}\b", re.I)
_NAMED = re.compile(
    r"\b((?i:(?:mon|ma|mes|le|la|notre|son|sa)\s+(?:voisine?|locataire|administrée?|agente?|collègue|beau-frère|"
    r"propriétaire)s?)\s+|"
    r"(?:M\.|Mme|Mlle|Monsieur|Madame)\s+)[A-ZÀ-Ý][\wà-ÿ'’-]+(?:\s[A-ZÀ-Ý][\wà-ÿ'’-]+){0,2}"
)

# Pieces of the patterns below. An order opens a clause or follows « peux-tu »: « déposez ma demande »
# is one, « quand déposer ma demande ? » and « on a oublié la date » are not.
_CLAUSE = r"(?:^|[.!?:;,]\s*|\b(?:svp|stp)\s+)"
_ASKED = (
    r"\b(?:(?:peux|pourrais)[- ]tu|tu (?:peux|pourrais|dois|vas)|(?:pouvez|pourriez)[- ]vous|vous (?:pouvez|pourriez|devez)|"
    r"merci de|"
    r"je veux que (?:tu|vous))\s+(?:me |nous |bien )*"
)
_FOR_US = r"(?:[- ](?:moi|nous))?\s+"
_PERSON = (
    r"(?:chef|cheffe|charge|chargee|maire|adjointe?|directeur|directrice|prefete?|sous-prefete?|agente?|dgs|secretaire|"
    r"presidente?|"
    r"ministre|conseill\w+ municipa\w+|voisine?|elue?|journaliste|collegue|m\.|mme)s?\b"
)
_KIN = (
    r"(?:beau[- ]?(?:frere|pere|fils)|belle[- ]?(?:soeur|mere|fille)|frere|soeur|cousine?|femme|mari|epouse|epoux|fils|fille|"
    r"neveu|"
    r"niece|oncle|tante|gendre|copain|copine|amie?|pote|proche|famille)s?"
)
_FRIEND = r"(?:copains?|copines?|amie?s?|potes?)"
_POLITICIANS = (
    r"(?:macron\w*|melenchon|le pen|bardella|retailleau|attal|glucksmann|(?<!la )rn(?! ?\d)|lfi|partis? politiques?)"
)
_AUTHORITY = r"(?:prefete?|prefecture|etat|elus|opposition|conseil|tresor|fisc|controle\w*|anct|anah|personne|on)"


def _order(verbs: str) -> str:
    """An imperative, or « peux-tu » and an infinitive; verbs are given by their stems (« envoi|envoy »)."""
    return rf"(?:{_CLAUSE}(?:{verbs})(?:e|es|ez|s)?{_FOR_US}|{_ASKED}(?:{verbs})(?:e|er|es|iez|ez|s|r|re)?{_FOR_US})"


# Each pattern runs on folded text (lower case, no accents). Questions *about* a matter stay open:
# « comment rédiger la délibération ? », « que faire si notre dossier est refusé ? ».
_PATTERNS: dict[str, tuple[str, ...]] = {
    "credentials": (
        r"\b(?:mots? de passe|codes? d'acces|cle api|login)\b",
        r"\bidentifiants?\b.{0,30}\b(?:prefecture|connexion|admin|compte|anct|mairie)",
    ),
    "injection": (
        rf"(?:{_order('oubli|ignor')}|\b(?:fais|faites) abstraction\b|\bne tiens pas compte\b|\b(?:oublie|"
        rf"ignore)[rsz]? (?:toutes )?(?:tes|vos)\b)"
        r".{0,40}\b(?:instructions?|regles?|consignes?|date|sources?|documents?|contexte|precedent\w*|tout)\b",
        r"^\W*(?:system|systeme|assistant|admin|developer)\W*:",
        r"\bnouvelles? (?:regles?|consignes?|instructions?)\s*[:,]",
        r"\btu es (?:maintenant|desormais)\b|\bfais comme si\b|\b(?:prompt|jailbreak)\b|\bjoue le role\b",
        r"\b(?:reveles?|affiche|donne) (?:moi )?(?:ton|tes|votre|vos) (?:instructions?|consignes?|regles?)\b",
        rf"{_CLAUSE}(?:dis|affirme|reponds|ecris|confirme)(?:[- ]moi)? (?:juste |seulement |simplement )?que (?!tu|vous|"
        rf"c'est quoi)",
    ),
    "person": (
        r"\b(?:mails?|e-mail|email|courriel|telephone|tel(?= d)|numero|portable|06(?= d)|adresse|coordonnees)\s(?:\w+ )?"
        rf"(?:du|de la|de l'|de|des|d')\s?{_PERSON}",
        r"\bnoms?\s(?:\w+ )?(?:du|de la|de l'|des)\s?(?:chef|cheffe|charge|chargee|agente?|dgs|secretaire|voisine?)\b",
        r"\b(?:son|ses|sa|leur|leurs) (?:numero(?! d)|numero de (?:tel|port)\w*|telephone|tel|portable|e-?mails?|mails?|"
        r"courriel|06)\b",
        r"\badresse (?:personnelle|perso|privee)\b",
    ),
    "case": (
        r"(?<!\bsi )\b(?:mon|notre|ma) (?:dossier|demande|candidature|subvention|versement)\b.{0,80}(?:n°|\bnumero \d|\ben est\b|"
        r"\ba[- ]t[- ](?:il|elle) ete\b|\best[- ](?:il|elle) (?:bien |deja |enfin )?(?:recu|arrive|bloque|valide|accepte|"
        r"complet|traite|perdu)|"
        r"\b(?:est|a ete|reste) (?:bien |deja |toujours )?(?:recue?|arrivee?|bloquee?|validee?|perdue?)\b|\bstatut\b|\bavance\b)",
        r"\b(?:ou en (?:est|sont)|pourquoi|quand\b.{0,25}\b(?:arriver?|sera|recevr\w+|recevoir|toucher\w*|aur\w+|"
        r"tomber?))\b.{0,40}"
        r"\b(?:mon|notre|ma|nos|mes) (?:dossier|demande|versement|subvention|virement|paiement)s?\b",
        rf"{_order('valid|approuv|accept|sign|depos|envoi|envoy|transmet|transmett')}(?:ma|mon|notre|nos|mes|le|la|cette|ce) "
        r"(?:\w+ )?(?:dossier|demande|candidature|convention|formulaire)",
        r"\binscri(?:s|vez)[- ](?:moi|nous)\b",
    ),
    "drafting": (
        rf"(?:{_order('ecri|ecriv|redig|prepar|fabriqu|gener|cod')}|{_CLAUSE}(?:fais|faites){_FOR_US}|{_ASKED}faire )"
        r"(?:une?|la|le|les|des|notre|mon|ma) (?:\w+ )?(?:deliberation|arrete|discours|courrier|lettre|poeme|chanson|convention|"
        r"contrat|"
        r"article|tweet|post|mail|rapport|dissertation|code|site|logiciel|compte[- ]rendu|attestation|facture|recette)s?\b",
    ),
    "opinion": (
        r"\bpour qui\b.{0,25}\bvot",
        rf"\bvot(?:er|es|ez|e|ons|erais) (?:pour )?(?:qui\b|quel|{_POLITICIANS})|\b(?:tu|vous) vot(?:es|ez|erais|eriez)\b",
        r"\b(?:gagner?|gagnera|remporter\w*|soutenir|soutiens|candidats?)\b.{0,30}\b(?:elections?|presidentielles?|municipales|"
        r"legislatives)\b",
        rf"^(?=.*\b{_POLITICIANS}\b)(?=.*\b(?:pens\w+|avis|nul\w*|bons?|bonne|mauvais\w*|mieux|pire|vot\w+|aim\w+|detest\w+|"
        r"sout(?:ien|en)\w*|prefer\w+|incompetent\w*)\b)",
        r"\b(?:de|la|une) (?:gauche|droite|extreme[- ](?:gauche|droite))\b.{0,20}(?:$|\bou\b|\bau pouvoir\b)",
        r"\b(?:tu penses|penses[- ]tu|vous pensez|pensez[- ]vous|ton avis|votre avis)\b.{0,40}"
        r"\b(?:maire|ministre|president|gouvernement|politique|opposition|depute)\b",
        r"\b(?:bon|mauvais|meilleur|pire) (?:maire|ministre|president)\b",
        r"\b(?:(?:il|elle) est|(?:maire|ministre|prefete?|depute|president)\b.{0,40}) ?(?:bon|bonne) ou (?:mauvaise?|nul(?:le)?)\b",
    ),
    "harm": (
        rf"(?<!\ba )(?<!\bai )(?<!\bont )\b(?:insulte|injurie|menace|harcele|humilie|diffame)[rz]?\s"
        rf"(?:(?:le|la|les|mon|ma|mes|notre|nos|une?|ce|cette)\s|l'){_PERSON}",
        r"(?<!faire )(?<!etre )\b(?:pirater|hacker)\b|\b(?:frauder|tricher|falsifier|truquer|maquiller)\b",
        r"\bpots?[- ]de[- ]vin\b|\bblanchir (?:de )?l'argent\b|\bfausses? factures?\b|\bfaux documents?\b",
        r"\bdetourne[rz]?\b.{0,25}\b(?:fonds|argent|subventions?|aides?|credits?)\b",
        r"\b(?:gonfle[rz]?|surevaluer|sous-?evaluer|bidouiller|trafiquer)\b.{0,30}"
        r"\b(?:chiffres?|nombre|population|habitants|dossiers?|factures?|devis|comptes|montants?|depenses?)\b",
        rf"\bsans que\b.{{0,20}}\b{_AUTHORITY}\b.{{0,12}}\b(?:voi(?:t|e|ent)|sach\w+|sait|rende\w*|apercoi\w+|remarque\w*|"
        rf"apprenne\w*|decouvr\w+)\b",
        r"\b(?:attribuer|favoriser|avantager|privilegier|faire gagner|filer|(?:donner|confier|reserver)\b.{0,20}"
        rf"\b(?:marche|contrat|chantier|poste|mission|travaux|subvention|local))\b.{{0,60}}"
        rf"\b(?:(?:mon|ma|mes) {_KIN}|(?:une?|des|nos) {_FRIEND}|{_KIN} (?:du maire|de l'elue?|d'une? elue?))\b",
        r"\b(?:ecarter|eliminer|exclure|discriminer|refuser)\b.{0,30}"
        r"\b(?:pauvres?|etrangers?|immigres?|musulmans?|juifs?|noirs?|arabes?|concurrents?)\b",
        r"\b(?:bombe|arme a feu|drogue|cannabis)\b",
    ),
    "medical": (
        r"\b(?:mon|renouvel\w+ (?:une|l'|mon)) ?ordonnance\b|\b(?:quels?|mes|mon|prendre (?:des|un)) medicaments?\b",
        r"\b(?:posologie|symptomes?|diagnostic medical|fievre|antibiotiques?)\b|\b(?:me|dois[- ]je) (?:faire )?vaccin\w+",
        r"\b(?:j'ai|ai|j'avais) (?:tres )?mal (?:au|aux|a la|a l'|partout)",
        r"\b(?:je suis|ma mere|mon pere|mon fils|ma fille|mon mari|ma femme)\b.{0,25}\b(?:malade|enceinte|depressi\w+)\b",
    ),
    "legal": (
        r"\bporter plainte\b|\b(?:au|saisir le) tribunal\b|\bquelle (?:peine|amende)\b",
        r"(?<!avoir )(?<!ayant )(?<!fait )(?<!faire )\b(?:contester|avocat|poursuivre en justice|proces(?![- ]verba)|"
        r"recours(?! a(?:u|ux)?\b))\b"
        r".{0,50}\b(?:refus|decision|prefecture|prefet|maire|voisin|commune|permis|etat|justice)\b",
        r"\battaquer? (?:en justice|(?:le|la|mon|ma|notre) (?:prefet|prefecture|decision|mairie|maire|commune|permis|voisin)|"
        r"l'etat)\b",
        r"\bque risque\b.{0,40}\b(?:penal\w*|amende|prison|justice)\b|\brisqu\w+\b.{0,40}\bsans permis\b|"
        r"\bsans permis\b.{0,40}\brisqu",
        r"\b(?:mon|ma) (?:divorce|licenciement|heritage|succession)\b|\b(?:mon|ma|mes|nos) voisine?s?\b.{0,80}"
        r"\b(?:bruit|nuisances?|haie|cloture|mur|mitoyen\w*|plainte|proces|poursuivre|attaquer|insult\w+|menac\w+|limite|"
        r"droit de passage|servitude|chien|coq|arbre|branche|construi\w+|terrain|empiet\w+)\b",
    ),
    "personal_finance": (
        r"\b(?:suis[- ]je|je suis|ai[- ]je|j'ai)\b.{0,40}\d.{0,15}\b(?:de revenus?|de salaire|d'impots?)\b",
        r"\b(?:mon|notre) revenu fiscal\b|\bje (?:gagne|touche|percois) \d",
        r"\b(?:mes|mon) (?:impots?|retraite|salaire|revenus?|declaration|pret immobilier|credit)\b",
        r"\bimpots?\b.{0,30}\b(?:pour moi|vais[- ]je|je vais|dois[- ]je|je dois)\b",
        r"\bma(?:prime| prime)\s?renov\w*\b.{0,50}\b(?:suis|ai|mes)\b",
    ),
    "distress": (r"\bsuicid\w*\b|\ben finir avec la vie\b|\bme tuer\b|\benvie de mourir\b",),
    "elsewhere": (
        r"\bmeteo\b|\bquel temps (?:fera|fait|va)|\bfaire quel temps\b|\b(?:va|vas?[- ]t[- ]il) (?:pleuvoir|neiger)\b",
        r"\bhoroscope\b|\bblagues?\b|\b(?:gagne|score)\b.{0,20}\bmatch\b",
    ),
    "insult": (
        r"\b(?:t'?|tu es|t'es|vous etes) ?(?:vraiment |trop |completement )?"
        r"(?:nul(?:le)?s?|cons?|conne|betes?|idiote?s?|debiles?|stupides?|incompetente?s?)\b\W*(?:$|tu\b|vous\b|et\b)",
        r"\btu (?:ne )?sers? (?:vraiment )?a rien\b",
    ),
}
_CATEGORIES = tuple((name, re.compile("|".join(patterns))) for name, patterns in _PATTERNS.items())
_FOREIGN = frozenset(
    "the is are what how for with and of my town can you please grants in which who where do does we our small".split()
)
_FRENCH_MARKS = frozenset(
    "le la les des du une un et est pour que qui quoi dans avec sur nous vous je il elle on ma mon notre quel "
    "quelle combien comment "
    "aide ville".split()
)


def mask(text: str) -> str:
    """Replace phones, e-mails, NIR, IBAN and names after « mon voisin » or « Mme » with tags."""
    text = _EMAIL.sub("[courriel]", text)
    text = _IBAN.sub("[compte]", text)
    text = _NIR.sub("[numéro]", text)
    text = _PHONE.sub("[téléphone]", text)
    return _NAMED.sub(lambda match: f"{match[1]}[nom]", text)


def refusal(question: str) -> str | None:
    """The category of a question that must not be answered (a key of `texts.REFUSALS`), or None."""
    plain = fold(question)
    for name, pattern in _CATEGORIES:
        if pattern.search(plain):
            return name
    return "language" if _is_foreign(question) else None


def _is_foreign(question: str) -> bool:
    found = words(question)
    foreign = sum(word in _FOREIGN for word in found)
    french = sum(word in _FRENCH_MARKS or (word in STOP_WORDS and word not in _FOREIGN) for word in found)
    return foreign >= 2 and foreign > french
