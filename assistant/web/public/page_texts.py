"""Every French word of the public pages that the staff's do not show too. Knows nothing of layout or of answers."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from assistant.answering.answer import Status, ValidatedAnswer
from assistant.answering.eligibility import EligibilityOutcome, VerdictBasis
from assistant.web.shared.typography import number
from index.figures import long_date

TITLE = "Assistant Petites villes de demain"
DESCRIPTION = (
    "Posez vos questions sur le programme Petites villes de demain : chaque réponse cite ses sources, à vérifier d'un clic."
)
NO_SCRIPT = "Cette page a besoin de JavaScript pour afficher la conversation. Activez-le dans votre navigateur, puis rechargez."
SKIP = "Aller à la question"
BRAND_ROLE = "Assistant documentaire"

# -- serving
READY = "Assistant prêt : http://{host}:{port}"
PORT_BUSY = (
    "Le port {port} est déjà utilisé sur {host}. Arrêtez l'autre programme, ou choisissez un autre port : "
    "ASSISTANT_PORT={other} python -m assistant"
)
ADDRESS_REFUSED = "L'adresse {host}:{port} ne peut pas être ouverte ({reason}). Vérifiez ASSISTANT_HOST et ASSISTANT_PORT."

# -- welcome and suggestions
WELCOME = "Que voulez-vous savoir ?"
WELCOME_LEAD = (
    "Éligibilité, financements, ingénierie, ORT, commerce, habitat… Écrivez comme vous parlez. "
    "Chaque réponse reprend les mots de ses sources et les cite : un clic sur le numéro ouvre le passage."
)
WELCOME_LEAD_WRITTEN = (
    "Éligibilité, financements, ingénierie, ORT, commerce, habitat… Écrivez comme vous parlez. "
    "Un modèle rédige la réponse, chaque phrase est vérifiée sur la source qu'elle cite : un clic sur le numéro ouvre le passage."
)
THEMES = "Questions par thème"
RELATED = "Sur le même sujet"

# -- asking
QUESTION_LABEL = "Votre question"
QUESTION_HINT = "Écrivez votre question…"
SEND = "Envoyer"
DISCLAIMER = "N'indiquez pas de données personnelles. Vérifiez toujours la source avant de décider."
EMPTY = "Écrivez d'abord votre question."
TOO_LONG = (
    "Votre question compte {length} caractères ; la limite est de {limit}. Rien n'est perdu : raccourcissez-la, puis renvoyez-la."
)
NO_SUCH_ADDRESS = "Cette adresse n'existe pas."
TOO_OFTEN = "Trop de questions viennent de votre connexion. La vôtre reste ici : renvoyez-la dans {wait}."
TOO_MANY = "Trop de monde interroge l'assistant en ce moment. Votre question reste ici : renvoyez-la dans {wait}."
BUSY = "Une réponse est en cours. Votre question reste ici : renvoyez-la dès que la réponse est affichée."
TROUBLE = "La demande n'a pas abouti. Votre question est conservée : réessayez dans un instant."
LOST = "Le lien avec le serveur est interrompu. Votre conversation reste affichée ; rechargez la page pour continuer."

# -- how a model is to write
STYLE = "Rédaction :"
STYLE_FORM = "Forme"
STYLE_FORMS = {"reponse": "réponse", "courrier": "courrier", "note": "note au conseil"}
STYLE_LENGTH = "Longueur"
STYLE_LENGTHS = {"courte": "courte", "detaillee": "détaillée"}
STYLE_LANGUAGE = "Langue"
STYLE_PLAIN = "en langage simple"
STYLE_NOTE = "Un modèle rédige ; chaque phrase n'est montrée que si le passage qu'elle cite la porte."
STOP = "Arrêter la rédaction"

# -- an exchange
LOG = "Conversation"
YOU = "Vous avez demandé :"
UNDERSTOOD = "Compris comme :"
SEARCHING = "Recherche dans la base…"
WRITING = "{count} passages lus, rédaction…"
FAILED = "La réponse n'a pas pu être établie. Votre question est conservée."
RETRY = "Reposer la question"
ANNOUNCE = {0: "Réponse complète, sans source.", 1: "Réponse complète, une source."}
ANNOUNCE_MANY = "Réponse complète, {count} sources."
STATUS = {
    Status.PARTIAL: "Réponse partielle",
    Status.NOT_FOUND: "Pas dans la base",
    Status.OUT_OF_SCOPE: "Hors du programme",
    Status.REFUSED: "Sans réponse possible",
}
VALIDATED = "Réponse validée par l'équipe ({role}) le {date}"
VALIDATED_FOR = "Validée pour la question : « {question} »"
VALIDATOR_ROLES = {"relecteur": "relecteur", "editeur": "éditeur"}
SOURCES = "Sources"
WEAK = "À vérifier dans la source : « {sentence} »"
NEAREST = "Passages les plus proches"
TO_REVIEW_SHORT = "à relire"
COPY = "Copier la réponse"
COPIED = "Réponse copiée."
COPY_FAILED = "La copie est bloquée par le navigateur. Sélectionnez le texte à la main."
LINK = "Copier un lien vers cette réponse"
LINK_COPIED = "Lien copié : quiconque l'ouvre lit cette question, données personnelles reconnues masquées, et sa réponse."
LINK_GONE = "Cette réponse n'est plus en mémoire. Reposez la question, puis copiez son lien."
LINK_FAILED = "Le lien n'a pas pu être créé. Réessayez dans un instant."
LINK_SAME = "La base n'a pas changé depuis cette réponse."
LINK_NEWER = "La base a changé depuis cette réponse (version {version}) ; ce qu'elle cite y est toujours écrit."
FRESH = "Nouvelle conversation : les échanges ci-dessus ne sont plus pris en compte."
OLDER_GONE = "Les échanges plus anciens de cette conversation ne sont plus affichés."

# -- feedback
UP = "Réponse utile"
DOWN = "Réponse à revoir"
FEEDBACK_QUESTION = "Qu'est-ce qui ne va pas ?"
REASONS = {
    "chiffre_faux": "Chiffre faux",
    "hors_sujet": "Hors sujet",
    "incomplet": "Incomplet",
    "source_non_convaincante": "Source non convaincante",
}
COMMENT = "Précisez si vous le souhaitez (sans donnée personnelle)"
FEEDBACK_SEND = "Envoyer l'avis"
CANCEL = "Annuler"
FEEDBACK_THANKS = "Merci, votre avis est transmis à l'équipe."
FEEDBACK_FAILED = "Votre avis n'a pas pu être enregistré. Réessayez dans un instant."
FEEDBACK_OFF = "Merci. Sur cette installation, les avis ne sont pas conservés."

# -- questions put to the team
TEAM_OFFER = (
    "La réponse ne vous suffit pas ? L'équipe peut répondre : un lien vous mènera à sa réponse, sans courriel ni compte. "
    "Votre question lui est transmise, données personnelles reconnues masquées."
)
TEAM_ASK = "Poser la question à l'équipe"
TEAM_SENT = "Votre question est transmise à l'équipe. Gardez ce lien, la réponse y paraîtra :"
TEAM_LINK = "suivre ma question"
TEAM_COPY = "Copier le lien"
TEAM_COPIED = "Lien copié."
TEAM_GONE = "Cet échange n'est plus en mémoire. Reposez la question, puis transmettez-la."
TEAM_TOO_MANY = "Trop de questions ont été transmises depuis votre adresse. Réessayez dans {wait}."
TEAM_FAILED = "La question n'a pas pu être transmise. Elle reste ici : réessayez dans un instant."

# -- « Pourquoi cette réponse ? »
WHY = "Pourquoi cette réponse ?"
WHY_QUESTION = "Question comprise"
WHY_CHANGES = "Mots corrigés"
WHY_TERMS = "Termes ajoutés par le lexique"
WHY_CONTEXT = "Repris de la conversation"
WHY_MISSING = "Mots absents du meilleur passage"
WHY_PROBABILITY = "Probabilité que la base réponde"
WHY_WITHHELD = "Phrases écartées, faute d'être portées par leur source"
WHY_WRITING = "Rédaction"
WHY_PROMPT = "Consignes données au modèle"
WHY_REASONS = "Phrases du modèle remplacées ou écartées"
WHY_PASSAGES = "Passages considérés"
WHY_COLUMNS = ("Passage", "Sens", "Mots", "Classement")
WHY_NOTE = "Sens : proximité de sens (de −1 à 1). Mots : mots en commun (BM25). Classement : note finale, qui donne l'ordre."

# -- the source panel
PANEL = "Source de la réponse"
PANEL_CLOSE = "Fermer la source"
PANEL_FAILED = "Cette source n'est plus en mémoire. Reposez la question pour la rouvrir."
TAKEN_BACK = "Cette réponse citait un document retiré de la base depuis : elle n'est plus affichée. Reposez la question."
CHANGED = "La base a changé depuis cette réponse : ce qu'elle cite n'y est plus écrit ainsi. Reposez la question."
ASK_AGAIN = "Reposer la question"

# -- tools and footer
TOOLS = "Outils de la conversation"
NEW_CONVERSATION = "Nouvelle conversation"
EXPORT = "Exporter"
EXPORT_MARKDOWN = "Markdown"
EXPORT_DOCX = "Word"
EXPORT_NOTHING = "Il n'y a rien à exporter : cette conversation n'est plus en mémoire."
ABOUT = "À propos de cet assistant"
STATE_DOCUMENTS = "{count} documents"
STATE_UPDATED = "mis à jour le {date}"
STATE_TITLE = "Version {version}, publiée le {published}"
ABOUT_LINES = (
    "L'assistant ne répond qu'avec les documents de sa base et cite chaque passage. Quand la base ne dit rien, il le dit.",
    "Base : {count} documents, le plus récent du {newest} ; version {version}, publiée le {published}.",
    "{answers}",
    "{sent}",
    "{kept}",
)
ABOUT_SENTENCES = "Recherche par le sens ({encoder}) et par les mots ; réponses composées de phrases des documents."
ABOUT_WRITTEN = (
    "Recherche par le sens ({encoder}) et par les mots ; réponses rédigées par le modèle « {model} », chaque phrase vérifiée sur "
    "ses sources."
)
ABOUT_NOTHING_SENT = (
    "Aucune donnée ne part vers un tiers, aucun traceur. La conversation reste en mémoire le temps de votre visite."
)
ABOUT_SENT = (
    "Votre question, données personnelles reconnues masquées, et des passages de la base sont transmis au serveur du modèle "
    "({server}) ; rien d'autre ne part, aucun traceur. La conversation reste en mémoire le temps de votre visite."
)
KEPT = (
    "Questions, réponses et avis sont conservés {days} jours pour améliorer la base ; les données personnelles reconnues y sont "
    "masquées (téléphones, courriels, numéros, adresses, noms)."
)
NOT_KEPT = "Ni les questions ni les réponses ne sont conservées."
LIMITS = "Une réponse n'engage pas l'administration : avant toute décision, ouvrez la source et adressez-vous à votre préfecture."


# -- taking or erasing what is kept, by a link
class ErasureText(NamedTuple):
    """What a page about erasing says."""

    title: str
    lines: tuple[str, ...]
    button: str = ""  # empty when there is nothing to confirm


ERASE_EXCHANGE = ErasureText(
    "Effacer cet échange ?",
    (
        "La question, la réponse, les avis et les vérifications de cet échange seront effacés, pour quiconque en a le lien. "
        "Si l'équipe a validé la réponse, son texte, tiré des documents, reste ; les mots de la question n'y seront plus.",
        "On ne peut pas revenir en arrière.",
    ),
    "Effacer l'échange",
)
ERASE_QUESTION = ErasureText(
    "Effacer cette question ?",
    ("La question posée à l'équipe et sa réponse seront effacées, pour tous ceux qui en ont le lien.",
     "On ne peut pas revenir en arrière."),
    "Effacer la question",
)  # fmt: skip
ERASED = ErasureText("C'est effacé", ("Rien n'en est plus conservé ici. Ce lien ne mène plus à rien.",))
ERASE_GONE = ErasureText("Rien à cette adresse", ("Ce lien n'est pas entier, ou ce à quoi il menait est déjà effacé.",))
TAKEN_FILE = "mes-donnees.json"

# -- « À propos »: the transparency card
CARD_TITLE = "À propos de cet assistant"
NOTICE_LINK = "Vos données personnelles"
CARD_LINK = "Ce qu'il fait, sa qualité mesurée, ses limites"
CARD_DOES = "Ce que fait l'assistant"
CARD_DOES_LINES = (
    "Il répond aux questions sur le programme Petites villes de demain avec des phrases tirées des documents de sa base.",
    "Il cite le passage de chaque phrase ; un clic l'ouvre à sa place dans le document.",
    "Il compare une commune aux critères écrits dans les fiches, et calcule une aide avec le taux et le plafond de la source.",
    "Quand la base ne dit rien, il le dit, montre les passages les plus proches et indique à qui s'adresser.",
)
CARD_DOES_NOT = "Ce qu'il ne fait pas"
CARD_WRITES_NOTHING = "Il n'écrit pas de texte nouveau : aucun modèle génératif ne rédige les réponses."
CARD_WRITES = (
    "Il ne montre aucune phrase d'un modèle que ses sources ne portent pas : elle est remplacée par celle du document, ou "
    "écartée, et comptée. Refus, calculs et critères ne sont jamais rédigés par le modèle."
)
CARD_DOES_NOT_LINES = (
    "Il n'instruit aucun dossier, ne décide d'aucune aide et ne connaît pas votre situation.",
    "Il ne cherche pas sur internet ; ce qui n'est pas dans sa base lui est inconnu.",
)
CARD_BASE = "La base en service"
CARD_VERSION = "Version"
CARD_PUBLISHED = "Publiée le"
CARD_DOCUMENTS = "Documents"
CARD_PASSAGES = "Passages"
CARD_NEWEST = "Document le plus récent"
CARD_MODELS = "Les modèles"
CARD_MODELS_LINES = ("Recherche par le sens (vecteurs) et par les mots (BM25), sur la machine qui sert cette page.",)
CARD_ENCODER = "Encodeur de phrases"
CARD_ENCODER_IS = "{name}, {dimension} dimensions"
CARD_ENCODER_HASH = "Empreinte de l'encodeur (SHA-256, début)"
CARD_GENERATIVE = "Modèle génératif"
CARD_NONE = "aucun"
CARD_MODEL_IS = "{model}, sur {server}"
CARD_PROMPTS = "Les consignes données au modèle"
CARD_PROMPTS_LINES = (
    "Voici, mot pour mot, ce que l'assistant demande au modèle. Les emplacements entre accolades reçoivent la question, les "
    "passages et des repères tirés au sort, qui délimitent ce qui est de la matière et non une consigne.",
)
CARD_QUALITY = "Qualité mesurée"
CARD_MEASURED = (
    "Mesurée le {date} sur la version en service, avec {count} questions de contrôle dont la bonne réponse est connue d'avance."
)
CARD_UNMEASURED = "Pas encore mesurée : aucune mesure n'a été faite sur la version en service."
CARD_UNKNOWN = "non indiqué"
CARD_LIMITS = "Ses limites"
CARD_LIMITS_LINES = (
    "Une réponse peut être incomplète, ou à côté de la question : la part mesurée est ci-dessus.",
    "Une fiche qui a dépassé sa date de relecture le dit dans ses réponses ; un montant est à vérifier dans sa source.",
)
CARD_DATA_TITLE = "Données conservées"
CARD_TEAM = "Une question posée à l'équipe et sa réponse sont conservées {days} jours, sous une adresse que seul l'auteur reçoit."
CARD_MASKED = (
    "Avant d'être conservé, journalisé ou transmis, ce que vous tapez perd les données personnelles reconnues. Dans nos essais, "
    "{identifiers} des numéros et adresses le sont, {names} des noms : n'en indiquez pas."
)
CARD_DATA = "Aucune donnée ne part vers un tiers ; aucun traceur, aucun compte pour poser une question."
CARD_DATA_SENT = (
    "La question, données personnelles reconnues masquées, et des passages de la base sont transmis au serveur du modèle "
    "({server}), rien d'autre ; aucun traceur, aucun compte pour poser une question."
)
CARD_CONTACT = "À qui s'adresser"
CARD_CONTACT_IS = "Pour toute question sur cet assistant : {contact}."
CARD_NO_CONTACT = "Cette installation n'indique pas de contact (réglage ASSISTANT_CONTACT)."

# -- export
EXPORT_TITLE = "Conversation avec l'assistant Petites villes de demain"
EXPORT_BASE = "Base de {count} documents, mise à jour le {newest} (version {version}). Export du {today}."
EXPORT_QUESTION = "Question {number}"
EXPORT_FILE = "conversation-petites-villes-de-demain"

# -- « Ma commune »
VIEWS = "Rubriques"
VIEW_QUESTIONS = "Questions"
COMMUNE = "Ma commune"
COMMUNE_SKIP = "Aller au formulaire"
COMMUNE_LEAD = (
    "Répondez à ce que vous savez, laissez le reste : chaque dispositif de la base est comparé à vos réponses, critère par "
    "critère, avec le passage qui le dit. Rien de ce que vous indiquez ici n'est conservé."
)
COMMUNE_NAME = "Commune (nom ou code INSEE)"
COMMUNE_NAME_FREE = "Commune (facultatif)"
COMMUNE_CHOICES = "Communes proposées"
COMMUNE_FOUND = {0: "Aucune commune de la liste ne correspond.", 1: "Une commune proposée."}
COMMUNE_FOUND_MANY = "{count} communes proposées ; flèches pour choisir, Entrée pour valider."
POPULATION = "Nombre d'habitants"
POPULATION_HINT = "par exemple 3 200"
ANSWERS = {"oui": "Oui", "non": "Non", "": "?"}
ANSWER_UNKNOWN = "Je ne sais pas"
ASKED = {
    "programme": (
        "La commune fait partie de…",
        {"PVD": "Petites villes de demain", "ACV": "Action cœur de ville", "VA": "Villages d'avenir"},
    ),
    "convention": (
        "La commune a signé…",
        {
            "adhesion": "la convention d'adhésion à Petites villes de demain",
            "cadre": "la convention-cadre",
            "ort": "une opération de revitalisation de territoire (ORT)",
            "opah-ru": "une OPAH-RU",
        },
    ),
    "zone": (
        "La commune est…",
        {
            "rurale": "rurale au sens de l'Insee",
            "montagne": "en zone de montagne",
            "frr": "classée France ruralités revitalisation (FRR)",
            "zrr": "classée en zone de revitalisation rurale (ZRR)",
            "outre-mer": "en outre-mer (département ou région)",
            "qpv": "concernée par un quartier prioritaire (QPV)",
        },
    ),
}
BEARER = "Qui porterait le projet ?"
BEARER_UNKNOWN = "Je ne sais pas encore"
BEARERS = {
    "commune": "la commune",
    "epci": "l'intercommunalité (EPCI)",
    "petr": "un PETR",
    "syndicat": "un syndicat mixte",
    "aom": "une autorité organisatrice de la mobilité (AOM)",
    "epl": "une entreprise publique locale",
    "epa": "un EPA",
    "fonciere": "une foncière",
    "bailleur": "un bailleur",
    "association": "une association",
    "proprietaire": "un propriétaire ou un investisseur privé",
}
COMMUNE_SUBMIT = "Voir les dispositifs"
COMMUNE_RESET = "Tout effacer"
LIST_DATED = "Liste des communes du {date} : {count} communes. Ce qu'elle indique vaut à cette date."
LIST_FILE = "Liste des communes : {count} communes, fichier du {date} (la liste ne dit pas elle-même sa date)."
LIST_NONE = "Aucune liste de communes n'est installée ici : indiquez vous-même le nombre d'habitants et la situation."
LIST_BROKEN = "La liste des communes n'est pas utilisable : {problem} Indiquez vous-même le nombre d'habitants et la situation."
COMMUNE_ABSENT = (
    "« {name} » ne figure pas dans la liste des communes. Vérifiez l'orthographe ; "
    "le résultat ne tient compte que de vos réponses."
)
COMMUNE_HOMONYMS = "Plusieurs communes portent le nom « {name} ». Laquelle ?"
POPULATION_UNREAD = "Le nombre d'habitants « {typed} » n'est pas compris : écrivez un nombre entier. Il n'est pas pris en compte."
NOTHING_SAID = "Vous n'avez encore rien indiqué : presque tout reste à confirmer."
RESULT = "Résultat"
RESULT_FOR = "Résultat pour {name}"
RESULT_COUNTS = "{yes} oui, {confirm} à confirmer, {no} non, sur {total} dispositifs de la base."
RESULT_BASE = "Base mise à jour le {date}."
RESULT_FACTS = "Pris en compte"
INHABITANTS = "{count} habitants"
FEWER_INHABITANTS = "moins de {count} habitants"
BORNE_BY = "porté par {bearer}"
FROM_LIST = "liste"
DEDUCED = "{fact} (déduit : {because})"
CLASH = "Deux réponses se contredisent d'après la base : « {first} » et « {second} ». Corrigez celle qui est fausse."
QUESTIONS_LEFT = "Ce qui reste à dire"
QUESTIONS_LEAD = "Une réponse peut trancher un ou plusieurs dispositifs ; la liste se met à jour, vos réponses sont gardées."
QUESTIONS_MORE = {1: "1 autre question"}
QUESTIONS_MORE_MANY = "{count} autres questions"
SETTLES = {1: "Peut trancher : {first}"}
SETTLES_MANY = "Peut trancher {count} dispositifs : {names}"
ASK_SUBMIT = "Valider"
OUTCOMES = {EligibilityOutcome.YES: "Oui", EligibilityOutcome.CONFIRM: "À confirmer", EligibilityOutcome.NO: "Non"}
NOT_THIS_BEARER = "Pas avec ce porteur"
GROUPS = {
    EligibilityOutcome.YES: (
        "Oui",
        "Tous les critères que donne la base sont remplis. La décision revient au service qui instruit.",
    ),
    EligibilityOutcome.CONFIRM: ("À confirmer", "Rien ne s'y oppose d'après vos réponses, mais il reste un point à vérifier."),
    EligibilityOutcome.NO: ("Non", "Un critère au moins n'est pas rempli."),
}
WHY_VERDICT = {
    VerdictBasis.UNKNOWN: "à indiquer",
    VerdictBasis.UNCHECKED: "à vérifier par vous",
    VerdictBasis.JOINT: "à porter ensemble",
    VerdictBasis.PARTIAL: "non d'après vos réponses, mais une autre voie existe",
    VerdictBasis.PLACE: "vrai pour la commune ; à vérifier pour l'immeuble ou l'opération",
    VerdictBasis.UNPROVED: "aucun passage de la base ne porte ce critère",
}
REMAINS = {1: "Reste à vérifier : {first}"}
REMAINS_MANY = "{count} points à vérifier, dont : {first}"
AGAINST = "Ne convient pas : {first}"
NO_CRITERION = "La fiche ne donne pas de condition que l'on puisse vérifier ici."
CRITERIA = "Critères"
AIDS = "Aides"
AID_CONDITION = "Condition : {condition}."
CONTACT = "À qui s'adresser : {contact}."
PROOF = "Source {number} : {name}"
PROOF_GONE = "Ce passage a changé depuis ce résultat. Relancez la recherche pour le retrouver."
SUM_LABEL = "Calculer l'aide pour une dépense de (€)"
SUM_FOR = "Dépense"
SUM_SUBMIT = "Calculer"
SUM_UNREAD = "Écrivez un montant en euros, par exemple 60 000."
SUM_NOTE = "Calcul fait avec le taux et le plafond de la source ; le montant accordé revient au financeur."
STALE_SCHEME = "À relire depuis le {date} : cette fiche a pu changer, à confirmer auprès de votre préfecture."
COMMUNE_EXPORT_TITLE = "Ma commune et les dispositifs de la base Petites villes de demain"
COMMUNE_EXPORT_FILE = "ma-commune-petites-villes-de-demain"
COMMUNE_EXPORT_FACTS = "Pris en compte : {facts}."
COMMUNE_EXPORT_NOTHING = "aucune réponse"


def stale_scheme(review: str) -> str:
    """What is said of a dispositif whose fiche should have been read again by now; empty otherwise."""
    late = bool(review) and review < date.today().isoformat()
    return STALE_SCHEME.format(date=long_date(review)) if late else ""


def found_communes(count: int) -> str:
    """How many communes are proposed, for a screen reader."""
    return COMMUNE_FOUND.get(count) or COMMUNE_FOUND_MANY.format(count=count)


def fact(name: str) -> str:
    """A fact of the form in words: « programme-PVD » → « Petites villes de demain »; empty when it has no name here."""
    kind, _, value = name.partition("-")
    if kind == "population" and value:
        return FEWER_INHABITANTS.format(count=number(int(value)))
    return ASKED[kind][1].get(value, "") if kind in ASKED else ""


def statement(name: str) -> str:
    """What is asked of a fact of the form: « La commune fait partie de Petites villes de demain »; empty without a name."""
    kind, _, value = name.partition("-")
    return f"{ASKED[kind][0].rstrip('…')} {ASKED[kind][1][value]}" if kind in ASKED and value in ASKED[kind][1] else ""


def counted(count: int, shapes: dict[int, str], many: str) -> str:
    """The sentence for a count."""
    return shapes.get(count) or many.format(count=count)


def announce(sources: int) -> str:
    """What a screen reader is told when an answer is complete."""
    return ANNOUNCE.get(sources) or ANNOUNCE_MANY.format(count=sources)


def validated(answer: ValidatedAnswer) -> str:
    """« Réponse validée par l'équipe (relecteur) le 23 novembre 2026 »; nobody is named."""
    role = VALIDATOR_ROLES.get(answer.role, answer.role)
    return VALIDATED.format(role=role, date=long_date(answer.validated.date().isoformat()))
