"""French words of the staff's pages that are not in their templates. Knows nothing of layout."""

from __future__ import annotations

from typing import NamedTuple

from assistant.records.accounts import MemberRole

ROLES: dict[MemberRole, str] = {"relecteur": "Relecteur", "editeur": "Éditeur"}

# -- refusals
SIGN_IN_FIRST = "Connectez-vous d'abord"
SIGN_IN_AGAIN = "Vous n'êtes pas connecté, ou votre session a expiré. Rien n'a été enregistré : connectez-vous, puis recommencez."
NOT_ALLOWED = "Action réservée aux éditeurs"
NOT_ALLOWED_WHY = "Votre compte a le rôle « relecteur ». Demandez à un éditeur, ou à la personne qui gère les comptes."
STALE_FORM = "Formulaire périmé"
STALE_FORM_WHY = (
    "Cette page a été ouverte avant votre dernière connexion, ou la demande ne vient pas d'elle. Rien n'a été enregistré : "
    "revenez en arrière, rechargez la page et recommencez."
)
NOT_FOUND = "Page introuvable"
NOT_FOUND_WHY = "Cette adresse n'existe pas, ou ce qu'elle montrait a été supprimé."
MALFORMED = "Demande incomplète ou mal formée"
MALFORMED_KEPT = "Rien n'a été enregistré."
UNREADABLE = "Ce qui a été envoyé n'a pas pu être lu."
MALFORMED_VALUE = "« {value} » ne convient pas pour « {name} »."
MALFORMED_NUMBER = "« {value} » ne convient pas pour « {name} » : un nombre entier est attendu."
MALFORMED_MISSING = "Il manque « {name} »."
FIELD = "Texte"
FIELDS = {
    "comment": "Commentaire",
    "correction": "Réponse corrigée",
    "reponse": "Réponse",
    "sources": "Autres sources",
    "reason": "Motif",
    "raison": "Motif",
    "q": "Recherche",
}
TROUBLE = "Service momentanément indisponible"
NO_DATABASE = "Les comptes ont besoin d'une base de données"
NO_DATABASE_WHY = (
    "Le réglage ASSISTANT_JOURNAL est vide : rien n'est conservé, ni échanges, ni comptes. Donnez-lui une adresse, par exemple "
    "sqlite:///var/journal.sqlite, puis relancez l'assistant."
)


# -- rights
class ErasureWords(NamedTuple):
    """What is said of erasing one thing that is kept."""

    title: str
    what: str
    button: str
    back: str
    file: str  # start of the name of its data's file


ERASE_EXCHANGE = ErasureWords(
    "Effacer cet échange ?",
    "La question, la réponse, les avis et les vérifications seront effacés. La réponse validée qui en vient perd les mots de la "
    "question, et reste donnée.",
    "Effacer l'échange",
    "Tous les échanges",
    "echange",
)
ERASE_REFERENCE = ErasureWords(
    "Effacer cette réponse validée ?",
    "Elle ne sera plus donnée, et rien n'en sera conservé. L'échange dont elle vient reste.",
    "Effacer la réponse validée",
    "Réponses validées",
    "reponse-validee",
)
ERASE_QUESTION = ErasureWords(
    "Effacer cette question ?",
    "La question et sa réponse seront effacées ; le lien de son auteur ne mènera plus à rien.",
    "Effacer la question",
    "Questions posées à l'équipe",
    "question",
)

# -- signing in
TOO_LARGE = "La demande est trop volumineuse."
STALE_SIGN_IN = "La page de connexion était périmée. Recommencez."
NOT_TWICE = "Les deux saisies du nouveau mot de passe diffèrent. Rien n'a changé."
WRONG_OLD = "Le mot de passe actuel n'est pas le bon. Rien n'a changé."

# -- plots
WEEK_OF = "Semaine du"
EXCHANGES = "Échanges"
NO_EXCHANGE = "Aucun échange sur la période."
KINDS = {"not_found": "Pas dans la base", "partial": "Réponse partielle", "down": "Jugée mauvaise"}
PLOT_GAPS = "{count} échanges sans réponse suffisante en {weeks} semaines : {totals}."
ENDINGS = {"answered": "Répondu", "partial": "Partiel", "not_found": "Pas dans la base"}
OTHER_STATUSES = "Précision, hors sujet, refus"
STATUSES_TITLE = "Issue des échanges, par semaine"
PLOT_STATUSES = "{count} échanges en {weeks} semaines : {totals}."
OPINION_UP = "Utile"
OPINION_DOWN = "À revoir"
OPINIONS_TITLE = "Avis des utilisateurs, par semaine"
PLOT_OPINIONS = "{up} avis « utile » et {down} avis « à revoir » en {weeks} semaines, sur {share} des échanges."
MEDIAN = "Médiane (ms)"
P95 = "95 % sous (ms)"
LATENCY_TITLE = "Durée de calcul des réponses, par semaine"
PLOT_LATENCY = "Semaine du {week} : la moitié des réponses sous {median}, 95 % sous {p95}."
FIGURES_SHORT = {"overall": "Toutes", "answerable": "À satisfaire", "refusal": "À refuser", "follow_up": "Questions de suite"}
GOLDEN_TITLE = "Questions de contrôle bien traitées, par mesure"
PLOT_GOLDEN = "Dernière mesure sur {count}, du {date} : {overall} des questions bien traitées."
MEASURED_ON = "Mesurée le"
VERSION = "Version"
QUESTIONS = "Questions"
WORDS = "Mots d'une réponse (médiane)"
CALIBRATION_TITLE = "Probabilité annoncée et réalité"
PLOT_CALIBRATION = (
    "Mesure du {date}, {count} questions de contrôle cherchées dans la base : l'écart moyen entre la probabilité annoncée et "
    "la part observée est de {gap} points."
)
FROM_TO = "{low} à {high} %"
ANNOUNCED = "Probabilité annoncée"
PREDICTED = "Probabilité annoncée"
MEAN_PREDICTED = "Moyenne annoncée"
OBSERVED = "Part observée"
IDEAL = "Accord parfait"
MEASURED = "Mesuré"

# -- questions without answer
GAPS_CSV = (
    "Sujet",
    "Question comprise",
    "Question posée",
    "Posée le (UTC)",
    "Issue",
    "Avis",
    "Probabilité",
    "Version de la base",
)
GAPS_FILE = "questions-sans-reponse"
ANSWER_MISSING = "Écrivez la réponse avant de l'envoyer."
ANSWER_TOO_LONG = "La réponse compte {length} caractères ; la limite est de {limit}. Votre texte est conservé : raccourcissez-le."
SOURCE_UNKNOWN = (
    "« {source} » n'est ni un passage de la base en service, ni une adresse en http:// ou https://. Votre texte est conservé."
)
ANSWERED_DONE = "Réponse enregistrée : elle paraît à l'adresse donnée à l'auteur de la question."
CLOSED_DONE = "Question close sans réponse."

# -- quality
NO_GOLDEN = (
    "Aucune question de contrôle : le dossier des documents n'a pas de fichier questions.jsonl (sa forme est dans LISEZMOI.md)."
)
MEASURE_BEGUN = "Mesure commencée."
MEASURE_RUNNING = "Une mesure est déjà en cours."

# -- checking answers
STATUSES = {
    "answered": "Réponse",
    "partial": "Partielle",
    "not_found": "Pas dans la base",
    "clarify": "Précision demandée",
    "out_of_scope": "Hors du programme",
    "refused": "Refus",
}
ORIGINS = {"": "Page de conversation", "api": "API HTTP", "openai": "API compatible OpenAI", "mcp": "MCP"}
OPINIONS = {"up": "Utile", "down": "À revoir"}
VERDICTS = {"soutenue": "Soutenue", "imprecise": "Imprécise", "fausse": "Fausse"}
SUPPORTS = {"weak": "mots éloignés de la source", "unsupported": "non portée par la source"}
STANDINGS = {
    "withdrawn": "Ce document vient d'être retiré de la base : son texte n'est plus montré.",
    "changed": "Ce passage a changé depuis cette réponse : voici la version d'alors.",
    "lost": "Ce passage a changé, et la version de la base qui a répondu n'est plus conservée : voici la citation du journal.",
}
REFERENCE_STATES = {
    "active": ("good", "Utilisée"),
    "perimee": ("warn", "À revoir"),
    "retiree": ("", "Retirée"),
    "remplacee": ("", "Remplacée"),
}
REVIEW_SHEET = "Échanges"
REVIEW_COLUMNS = (
    "Numéro",
    "Date (UTC)",
    "Question",
    "Question comprise",
    "Statut",
    "Probabilité",
    "Réponse",
    "Sources",
    "Avis",
    "Motifs",
    "Commentaire de l'usager",
    "Verdicts",
    "Commentaire de l'équipe",
    "Réponse corrigée",
    "Vérifié par",
    "Version de la base",
    "Origine",
)
REVIEW_WITHDRAWN = "[une source de cette réponse a été retirée de la base]"
REVIEW_NOTHING_KEPT = "Rien n'a été enregistré : cette réponse ne se vérifie plus."
REVIEW_SHARE = "« {typed} » n'est pas une probabilité : donnez un nombre de 0 à 100. Ce filtre est laissé de côté."
REVIEW_DAY = "« {typed} » n'est pas une date (exemple : 2026-01-31). Ce filtre est laissé de côté."
REVIEW_BOUNDS = "La probabilité minimale dépasse la maximale : ce filtre est laissé de côté."
REVIEW_DAYS = "La période finit avant de commencer : ce filtre est laissé de côté."
EXCHANGE_GONE = "Échange introuvable"
EXCHANGE_GONE_WHY = "Cet échange n'existe pas, ou sa durée de conservation est passée."
ORIGINAL_GONE = "Fichier indisponible"
ORIGINAL_GONE_WHY = "Ce document a été retiré de la base, ou la version qui le contenait n'est plus conservée."
