"""What must not be stored, and what must not be answered: personal data, injection, requests for harm.

Pure patterns on text: instructions found in a question (or a document) are data, never obeyed.
Knows nothing of the index. Categories follow the routers of public-service assistants: opinion,
personal case, personal advice, injection, harm, drafting, foreign language.
"""

from __future__ import annotations

import re

from index.french import STOP_WORDS, fold, words

_PHONE = re.compile(r"(?<!\d)(?:\+33\s?|0)[1-9](?:[\s.-]?\d{2}){4}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NIR = re.compile(r"(?<!\d)[12][\s.]?\d{2}[\s.]?(?:0[1-9]|1[0-2])[\s.]?(?:\d{2}|2[AB])(?:[\s.]?\d{3}){2}(?:[\s.]?\d{2})?(?!\d)", re.I)
_IBAN = re.compile(r"\bFR\d{2}(?:\s?[\dA-Z]{4}){5}\s?[\dA-Z]{3}\b", re.I)
_NAMED = re.compile(
    r"\b((?:mon|ma|mes|le|la|notre|son|sa)\s+(?:voisine?|locataire|administrée?|agente?|collègue|beau-frère|propriétaire)s?\s+|"
    r"(?:M\.|Mme|Mlle|Monsieur|Madame)\s+)((?:[A-ZÀ-Ý][\wà-ÿ'’-]+\s?){1,3})"
)

# Each pattern runs on folded text (lower case, no accents).
_CATEGORIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("credentials", r"\b(?:mots? de passe|identifiants?\b.{0,30}\b(?:prefecture|connexion|admin|compte|anct|mairie)|codes? d'acces|cle api|login)\b"),
        ("injection", r"\b(?:oublie[zr]?|ignore[zr]?|fais abstraction|ne tiens pas compte)\b.{0,40}\b(?:instructions?|regles?|consignes?|date|sources?|"
                      r"documents?|contexte|precedent\w*|tout)\b|\btu es (?:maintenant|desormais)\b|\bfais comme si\b|\b(?:prompt|jailbreak)\b|"
                      r"\b(?:reveles?|affiche|donne) (?:moi )?(?:ton|tes|votre|vos) (?:instructions?|consignes?|regles?)\b|\bjoue le role\b|"
                      r"\b(?:dis|affirme|reponds|ecris|confirme)(?:[- ]moi)? (?:juste |seulement |simplement )?que (?!tu|vous|c'est quoi)"),
        ("person", r"\b(?:nom|noms|mail|mails|e-mail|email|courriel|telephone|tel|numero|portable|06|adresse|coordonnees|contact)\b.{0,40}"
                   r"\b(?:du|de la|de l'|de|des|d')\s?(?:chef|cheffe|charge|chargee|maire|adjoint|directeur|directrice|prefete?|sous-prefete?|"
                   r"referente?|agente?|dgs|secretaire|presidente?|ministre|conseill\w+|voisine?|m\.|mme)\b"),
        ("case", r"\b(?:mon|notre|ma) (?:dossier|demande|candidature|subvention|versement)\b.{0,60}\b(?:n°|no?\b|numero|en est|avance|ou (?:est|en)|"
                 r"recue?|arrive|payee?|verse|bloque|statut|suivi)|\b(?:ou|quand|pourquoi)\b.{0,30}\b(?:mon|notre|ma) (?:dossier|demande|versement)\b|"
                 r"\b(?:valide[zr]?|approuve[zr]?|accepte[zr]?|signe[zr]?|depose[zr]?|envoie|envoye[zr]|transmet\w*|inscri\w+)(?:[- ](?:moi|nous))? (?:ma|mon|notre|nos|mes|le dossier|la demande)\b"),
        ("drafting", r"\b(?:ecri[st]|ecrive[zr]|redige[zr]?|redigez|prepare[zr]?|fais|faites|fabrique\w*|genere[zr]?)(?:[- ](?:moi|nous))? (?:une?|la|le|les|des|notre|mon|ma) "
                     r"(?:\w+ )?(?:deliberation|arrete|discours|courrier|lettre|poeme|chanson|convention|contrat|article|tweet|post|mail|rapport|dissertation|code|programme|"
                     r"compte[- ]rendu|attestation|facture|recette)\b"),
        ("opinion", r"\b(?:vot(?:es|ez|er|e)|voterais?|elections? presidentielles?|presidentielle)\b.{0,40}\b(?:qui|pour|2027|quel)|"
                    r"\bpour qui (?:tu |vous )?vote|\b(?:gauche|droite|extreme|macron\w*|melenchon|le pen|bardella|rn|lfi|parti politique)\b|"
                    r"\b(?:tu penses|vous pensez|ton avis|votre avis)\b.{0,40}\b(?:maire|ministre|president|gouvernement|politique)\b|"
                    r"\b(?:bon|mauvais|meilleur|pire) (?:maire|ministre|president|parti)\b"),
        ("harm", r"\b(?:insulte[zr]?|injurie[zr]?|menace[zr]?|harcele[zr]?|pirate[zr]?|hacke[zr]?|humilie[zr]?|diffame[zr]?)\b|"
                 r"\b(?:fraude[zr]?|triche[zr]?|falsifi\w+|truque[zr]?|maquille[zr]?|detourne[zr]? (?:des?|les?|la|l')|pot[- ]de[- ]vin|blanchir|fausse facture|faux document)\b|"
                 r"\b(?:ecarte[zr]?|eliminer|exclure|discrimine[zr]?|favorise[zr]?|avantage[zr]?)\b.{0,30}\b(?:dossiers?|candidats?|pauvres?|etrangers?|amis?|copains?|concurrents?|entreprise)\b|"
                 r"\b(?:bombe|arme a feu|drogue|cannabis|suicide\w*)\b"),
        ("medical", r"\b(?:prescri\w+|medicaments?|ordonnance|posologie|symptomes?|diagnostic medical|douleurs?|fievre|traitement medical|antibiotiques?|vaccin\w*)\b|"
                    r"\b(?:je suis|ma mere|mon pere|mon fils|ma fille|mon mari|ma femme)\b.{0,25}\b(?:malade|enceinte|depressi\w+)\b"),
        ("legal", r"\b(?:attaque[zr]?|contester|porter plainte|tribunal|avocat|poursuivre en justice|proces|recours)\b.{0,50}\b(?:refus|decision|prefecture|prefet|maire|voisin|commune|permis|etat|justice)\b|"
                  r"\b(?:que risque|quelle peine|quelle amende)\b|\b(?:mon|ma|un) (?:divorce|licenciement|heritage|succession|voisine?)\b|\bsans permis\b"),
        ("personal_finance", r"\b(?:suis[- ]je|je suis|ai[- ]je|j'ai|avec)\b.{0,60}\b(?:de revenus?|revenu fiscal|euros? de revenus?|par mois|de salaire|d'impots?)\b|"
                             r"\b(?:mes|mon) (?:impots?|retraite|salaire|revenus?|declaration|pret immobilier|credit)\b|\bimpots?\b.{0,30}\bpour moi\b|\bma(?:prime| prime)\s?renov\w*\b.{0,50}\b(?:suis|ai|mes|revenus?)\b"),
    )
)
_FOREIGN = frozenset("the is are what how for with and of my town can you please grants in which who where do does we our small".split()) - {"a", "on"}
_FRENCH_MARKS = frozenset("le la les des du une un et est pour que qui quoi dans avec sur nous vous je il elle on ma mon notre quel quelle combien comment aide ville".split())


def mask(text: str) -> str:
    """Replace phones, e-mails, NIR, IBAN and names after « mon voisin » or « Mme » with tags."""
    text = _EMAIL.sub("[courriel]", text)
    text = _IBAN.sub("[compte]", text)
    text = _NIR.sub("[numéro]", text)
    text = _PHONE.sub("[téléphone]", text)
    return _NAMED.sub(lambda match: match[1] + "[nom]", text)


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
