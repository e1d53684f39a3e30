"""French words of the « Documents » pages that are not in their templates. Knows nothing of layout."""

from __future__ import annotations

from assistant.curation import publication
from assistant.curation.drafts import ChangeKind
from assistant.web.staff.desk_texts import NOT_FOUND, NOT_FOUND_WHY

__all__ = ["NOT_FOUND", "NOT_FOUND_WHY"]

FAILED = "Une erreur imprévue a tout arrêté. Rien n'a été publié ; le détail est dans le journal technique du serveur."
NO_FILE = "Aucun fichier choisi."
ONE_FILE = "Un document se remplace par un seul fichier : rien n'a été envoyé."
TAKEN = {
    ChangeKind.ADDITION: "« {name} » est dans le brouillon : il sera ajouté ({path}).",
    ChangeKind.REPLACEMENT: "« {name} » est dans le brouillon : il remplacera {path}.",
}
NOT_READ = "« {name} » est reçu, mais tout ne se lit pas : {problem}. Ce qui n'est pas lu ne sera ni trouvé ni cité."
SCANNED = "Faites-le reconnaître (OCR), puis renvoyez-le."
WITHDRAWN = "« {path} » sera retiré à la prochaine publication."
RETITLED = "Titre enregistré : il sera celui du document à la prochaine publication."
TITLE_GIVEN_BACK = "Le document portera de nouveau le titre de son fichier à la prochaine publication."
CANCELLED = "Changement annulé : « {path} » reste comme il est."
BUSY = "Un aperçu ou une publication est déjà en cours : attendez sa fin."
NO_LONGER = "Cet aperçu n'est plus le dernier : relisez celui-ci avant de publier."
OVERTAKEN = "Une autre version a été publiée depuis cet aperçu : il est effacé. Préparez-en un nouveau."
REASON_NEEDED = "La version à venir répond moins bien : écrivez la raison de la publier malgré tout. Rien n'a été publié."
PUBLISHED = "Version publiée : elle répond dès maintenant."
RETURNED = "Version rétablie, documents compris : elle répond dès maintenant."
LEFT_ALONE = "Laissés dans le dossier, car jamais publiés : {files}."
TOO_MUCH = "Envoi trop volumineux"
TOO_MUCH_WHY = "Rien n'a été reçu. Envoyez les fichiers en plusieurs fois."

# Figures of the quality gate.
GATE = {
    "overall": "Questions de contrôle réussies",
    "refusal": "Refus attendus bien refusés",
    "support": "Phrases portées sans réserve par leur source",
}
# Steps of a preview and of a publication: number, name, what is counted.
STEPS = {
    "": (1, "Mise en route", ""),
    "lecture": (1, "Lecture des documents", "fichiers"),
    "vecteurs": (1, "Calcul des vecteurs", "textes"),
    "comparaison": (2, "Comparaison des passages", ""),
    publication.IN_SERVICE: (3, "Questions de contrôle, version en service", "questions"),
    publication.TO_COME: (3, "Questions de contrôle, version à venir", "questions"),
    publication.PAST: (4, "Questions déjà posées par les usagers", "questions"),
    "publication": (1, "Mise en place de la version", ""),
    "ouverture": (2, "Ouverture de la version", ""),
}
STEP = "Étape {number} sur {last} : {name}"
COUNTED = "{done} {things} sur {total}"
STATUSES = {
    "answered": "Répondu",
    "partial": "En partie",
    "not_found": "Pas trouvé",
    "clarify": "À préciser",
    "out_of_scope": "Hors sujet",
    "refused": "Refusé",
}
# What became of a file: the build report's words.
FATES = {
    "indexed": "En ligne",
    "duplicate": "Doublon",
    "empty": "Sans texte",
    "unreadable": "Illisible",
    "unsupported": "Format non lu",
    "too_large": "Trop gros",
    "withdrawn": "Retiré",
}
PENDING = {
    ChangeKind.ADDITION: "Ajout prévu",
    ChangeKind.REPLACEMENT: "Remplacement prévu",
    ChangeKind.WITHDRAWAL: "Retrait prévu",
}
CHANGED = {"ajout": "ajouté", "remplacement": "remplacé", "retrait": "retiré"}
