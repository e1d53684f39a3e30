"""Every French word about written answers: why a model's words are not shown, what stands around a letter, what a check says.

Knows nothing of how an answer is written. Those of the page are in its own module.
"""

from __future__ import annotations

from assistant.answering.answer import WritingReport
from assistant.generation.faults import ModelFault
from assistant.generation.support import UnsupportedReason

# After « Réponse formée des phrases des documents : ».
FAULTS = {
    ModelFault.UNREACHABLE: "le modèle de rédaction est injoignable.",
    ModelFault.REFUSED: "le modèle de rédaction a refusé la demande.",
    ModelFault.BUSY: "le modèle de rédaction est trop occupé.",
    ModelFault.BROKEN: "le modèle de rédaction est en panne.",
    ModelFault.SLOW_START: "le modèle de rédaction n'a pas répondu à temps.",
    ModelFault.SLOW: "le modèle de rédaction n'a pas terminé à temps.",
    ModelFault.CUT: "le modèle de rédaction s'est interrompu.",
    ModelFault.UNREADABLE: "le modèle de rédaction a répondu de façon illisible.",
    ModelFault.EMPTY: "le modèle de rédaction n'a rien écrit.",
    ModelFault.FORMAT: "le modèle de rédaction n'a pas cité ses sources.",
    ModelFault.ENDLESS: "le modèle de rédaction ne s'arrêtait pas.",
    ModelFault.LOOPING: "le modèle de rédaction se répétait.",
    ModelFault.UNSUPPORTED: "trop peu de ce que le modèle a rédigé est porté par les sources.",
    ModelFault.BESIDE: "ce que le modèle a rédigé ne répond pas à la question.",
    ModelFault.STOPPED: "la rédaction a été arrêtée.",
    ModelFault.PAUSED: "le modèle de rédaction a échoué plusieurs fois, il est mis de côté un moment.",
}

REASONS = {
    UnsupportedReason.FIGURE: "un chiffre n'est pas dans le passage cité",
    UnsupportedReason.DATE: "une date n'est pas dans le passage cité",
    UnsupportedReason.NAME: "un nom n'est pas dans le passage cité",
    UnsupportedReason.NEGATION: "une négation est ajoutée ou perdue",
    UnsupportedReason.CONDITION: "une condition est perdue",
    UnsupportedReason.SCOPE: "la portée est changée",
    UnsupportedReason.CITATION_MISSING: "aucun passage n'est cité",
    UnsupportedReason.CITATION_UNKNOWN: "le passage cité n'existe pas",
    UnsupportedReason.NOT_CARRIED: "le passage cité ne le dit pas",
    UnsupportedReason.LANGUAGE: "ce n'est pas du français",
}
NOT_PROSE = "ce n'est pas une phrase simple (balise, lien, longueur)"
AN_ORDER = "c'est une consigne, pas une réponse"

WRITTEN = "Rédigé par le modèle « {model} » ; chaque phrase est vérifiée sur ses sources"
CHANGED = {1: "une phrase remplacée ou écartée"}
CHANGED_MANY = "{count} phrases remplacées ou écartées"
FELL_BACK = "Réponse formée des phrases des documents : {why}"


def told(report: WritingReport) -> str:
    """One line on how an answer was written."""
    if report.fallback:
        return FELL_BACK.format(why=report.fallback)
    count = report.replaced + report.withheld
    changed = CHANGED.get(count, CHANGED_MANY.format(count=count))
    return WRITTEN.format(model=report.model) + (f" ({changed})." if count else ".")


# -- what is given to the model
PASSAGE = "Passage {number} — {title}{heading}{dated}\n{text}"
DATED = " (mis à jour le {date})"

# -- forms other than an answer: the words around the checked sentences are ours
LETTER = "**Objet : {question}**\n\nMadame, Monsieur,"
LETTER_END = "Nous vous prions d'agréer, Madame, Monsieur, l'expression de notre considération distinguée."
NOTE = "**Note au conseil : {question}**"
NOTE_END = "À vérifier avant délibération : chaque montant et chaque date, dans sa source."
SOURCES = "Sources :"
SOURCE = "- [{marker}] {place}{dated}"

# -- what a check of a server asks, and says
TRIAL_QUESTION = "Combien le fonds des lavoirs paie-t-il pour un lavoir ?"
TRIAL_PASSAGES = (
    (
        "Fonds des lavoirs",
        "Quel soutien ?",
        "Le fonds des lavoirs paie 40 % des travaux d'un lavoir, dans la limite de 12 000 €. Il ne paie pas les études.",
    ),
    (
        "Fonds des lavoirs",
        "Comment faire ?",
        "La demande se dépose avant le 1er mars auprès du département. La réponse est donnée en deux mois.",
    ),
)
YES_NO = {True: "oui", False: "non"}
CHECK_OF = "Modèle « {name} » sur {url}"
CHECK_REACHABLE = "Joignable : {yes}."
CHECK_LISTED = {True: " Le serveur annonce ce modèle.", False: " Le serveur n'annonce pas ce modèle ; il annonce : {names}."}
CHECK_UNLISTED = " Le serveur n'annonce pas ses modèles."
CHECK_FAULT = "Échec : {fault}{detail}"
CHECK_STREAMS = "Écrit au fil de l'eau : {yes} (premier mot après {first} s, {pieces} morceaux)."
CHECK_PACE = "Vitesse : environ {pace} jetons par seconde."
CHECK_FORMAT = "Suit le format : {yes} ({cited} phrases sur {sentences} citent un passage qui existe)."
CHECK_SUPPORTED = "Phrases portées par leur passage, donc montrées : {supported} sur {sentences}."
CHECK_NO_MODEL = "Aucun modèle n'est réglé : donnez ASSISTANT_MODEL_URL et ASSISTANT_MODEL_NAME."
