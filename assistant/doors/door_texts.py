"""Every French sentence that the doors say to the programs that come, and to whoever reads their errors."""

from __future__ import annotations

TITLE = "Assistant Petites villes de demain"
MODEL = "assistant-pvd"  # a name for machines

# -- who may ask
NO_KEY = "Une clé est demandée : ajoutez l'en-tête « Authorization: Bearer … » avec celle que vous a remise cette installation."
WRONG_KEY = "Cette clé n'est pas reconnue, ou elle a été révoquée. Demandez-en une autre à qui gère cette installation."
NO_DATABASE = (
    "Les clés ne peuvent pas être vérifiées pour l'instant : la base de données ne répond pas. Réessayez dans un instant."
)
TOO_OFTEN = "Trop de demandes : la limite est de {limit} par minute. Réessayez dans {wait}."
TOO_MANY = "Trop de programmes interrogent l'assistant en même temps. Réessayez dans {wait}."
QUOTA_SPENT = "Le quota de cette clé, {limit} questions par jour, est épuisé. Il se renouvelle à minuit, dans {wait}."

# -- what is asked
NOT_JSON = "Le corps de la requête n'est pas du JSON lisible."
NOT_SAID_JSON = "Le corps de la requête doit être annoncé comme du JSON : en-tête « Content-Type: application/json »."
BODY_TOO_LARGE = "Le corps de la requête dépasse {limit} Ko."
MALFORMED = "Le champ « {field} » ne convient pas : {expected}."
MALFORMED_WHOLE = "Le corps de la requête doit être un objet JSON."
MISSING = "Le champ « {field} » manque."
EXPECTED = {
    "string_type": "un texte est attendu",
    "string_unicode": "il contient des caractères illisibles",
    "list_type": "une liste est attendue",
    "bool_type": "« true » ou « false » est attendu",
    "bool_parsing": "« true » ou « false » est attendu",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "too_long": "il a trop d'éléments, {max_length} au plus",
    "too_short": "il lui faut au moins un élément",
    "less_than_equal": "{le} au plus",
    "greater_than_equal": "{ge} au moins",
    "extra_forbidden": "il n'existe pas",
}
EXPECTED_OTHER = "sa valeur n'est pas du type attendu"
EMPTY = "La question est vide."
TOO_LONG = "La question compte {length} caractères ; la limite est de {limit}."
EARLIER = "Une question précédente est vide ou dépasse {limit} caractères."
TOO_MANY_TURNS = "Une conversation compte au plus {limit} questions précédentes ; il y en a {count}."
HTTP = {404: "Cette adresse n'existe pas.", 405: "Cette adresse ne s'emploie pas avec cette méthode HTTP."}
BUSY = "Trop de questions attendent une réponse. Réessayez dans {wait}."
FAILED = "La réponse n'a pas pu être établie. Réessayez ; si cela persiste, signalez-le à qui gère cette installation."

# -- answers as text
SOURCES = "**Sources**"
PAGE = ", p. {page}"
BASE = "Version de la base : {version}."

# -- OpenAI-compatible
NO_QUESTION = "Aucun message de rôle « user » n'est donné : il n'y a pas de question."
NOT_TEXT = "Cet assistant ne lit ni image, ni son, ni fichier joint : envoyez du texte seulement."
UNKNOWN_MODEL = "Le modèle « {model} » n'existe pas ici ; celui de cet assistant s'appelle « {known} »."
UNTITLED = "Conversation"

# -- MCP
INSTRUCTIONS = (
    "Assistant documentaire sur le programme français « Petites villes de demain ». Il répond en français avec des phrases de ses "
    "documents, chacune avec sa source ; quand la base ne dit rien, il le dit (champ « status »). Citez ses sources avec leur page "
    "et leur adresse, et n'ajoutez ni montant ni date qu'elles ne portent pas."
)
ASK_TITLE = "Poser une question"
ASK_TOOL = (
    "Pose une question sur le programme Petites villes de demain et rend la réponse avec ses sources : texte, statut "
    "(answered, partial, not_found, clarify, out_of_scope, refused), citations (document, page, adresse), version de la base."
)
SEARCH_TITLE = "Chercher dans la base"
SEARCH_TOOL = "Cherche dans les documents de la base et rend les passages les plus proches, mot pour mot, le meilleur d'abord."
READ_TITLE = "Lire un passage"
READ_TOOL = "Rend un passage entier, mot pour mot, avec sa place, ses sources d'origine et les passages voisins."
ARGUMENTS = {
    "question": "la question, en français, comme on la poserait à quelqu'un",
    "questions_precedentes": "les questions déjà posées dans la conversation, de la plus ancienne à la plus récente",
    "nombre": "combien de passages",
    "id": "l'identifiant d'un passage, donné par « chercher »",
}
UNKNOWN_TOOL = "L'outil « {name} » n'existe pas ; il y a {known}."
UNKNOWN_PASSAGE = "Ce passage n'est pas, ou n'est plus, dans la base : cherchez-le de nouveau."
PASSAGES = {True: "{count} passage", False: "{count} passages"}

# -- the API's own document
API_SUMMARY = "Poser une question"
API_DESCRIPTION = (
    "Rend la réponse à une question : son texte avec des marques « [1] », son statut, ses citations mot pour mot, la version de la "
    "base. Rien n'est gardé d'un appel à l'autre : une question qui en suit d'autres les donne dans « turns ». Demandée avec "
    "« Accept: text/event-stream », la réponse arrive en événements : « understood » (la question comprise), « found » (nombre de "
    "passages lus), « text » (le texte, par morceaux), puis « answer » (l'objet entier), ou « error »."
)
API_ABOUT = (
    "Pour les programmes qui interrogent l'assistant. Chaque réponse cite ses sources, avec leur page et leur adresse, et dit quand "
    "la base ne répond pas."
)
API_OK = "La réponse"
API_ERRORS = {
    400: "Le corps n'est pas du JSON lisible",
    401: "Sans clé, ou avec une clé inconnue",
    413: "Corps trop grand",
    415: "Corps qui n'est pas annoncé comme du JSON",
    422: "Question vide, trop longue, ou champ d'un autre type",
    429: "Trop de demandes ; l'en-tête Retry-After dit dans combien de secondes revenir",
    500: "La réponse n'a pas pu être établie",
    503: "Trop de questions en attente, ou clés non vérifiables",
}
API_ERRORS_OTHER = "Demande refusée"
SCHEMAS = {
    "AskedQuestion": "Une question, et celles qui la précèdent dans la conversation",
    "AnswerFields": "Une réponse, ses sources et la version de la base",
    "CitationFields": "Une source, mot pour mot",
    "SentenceFields": "Une phrase de la réponse",
    "ProblemFields": "Une erreur (RFC 9457)",
}
FIELDS = {
    "question": "La question, telle qu'elle est posée",
    "turns": "Les questions précédentes de la conversation, de la plus ancienne à la plus récente",
    "standalone_question": "La question comprise, telle qu'elle a été cherchée",
    "status": "answered, partial, not_found (la base ne le dit pas), clarify (à préciser), out_of_scope ou refused",
    "text": "Le texte, en Markdown, avec les marques [1] des citations",
    "citations": "Les sources, mot pour mot",
    "sentences": "Les phrases de la réponse et ce que valent leurs sources",
    "index_version": "La version de la base qui a répondu",
    "marker": "Le numéro dans le texte",
    "document": "Le document de la base",
    "title": "Son titre",
    "section": "Sa partie",
    "page": "La page, s'il en a",
    "quote": "Les mots cités",
    "url": "L'adresse de la source d'origine, si elle est connue",
    "sentence": "Une phrase de la réponse",
    "markers": "Les numéros de ses citations",
    "support": "verified, weak ou unsupported : ce que les citations portent de la phrase",
    "status_code": "Le code HTTP",
    "problem_title": "L'erreur en deux mots",
    "detail": "L'erreur en une phrase",
    "type": "Toujours « about:blank »",
}
SECURITY = "La clé remise par cette installation ; facultative si elle répond à tous"

# -- the page of documentation
DOC_TITLE = "Interroger l'assistant depuis un programme"
DOC_BACK = "Retour à l'assistant"
DOC_KEYS = "Clés et limites"
DOC_KEYS_TEXT = {
    "keys": "Chaque demande porte une clé, remise par qui gère cette installation : « Authorization: Bearer pvd_… ».",
    "open": "Cette installation répond sans clé ; une clé donne ses propres limites.",
}
DOC_LIMITS = (
    "Au plus {limit} demandes par minute, et le nombre de questions par jour que porte la clé. Au-delà : code 429, et "
    "« Retry-After » dit dans combien de secondes revenir. Les questions sont gardées comme celles de la page, masquées, pour "
    "améliorer la base."
)
DOC_EXAMPLE = "Exemple"
DOC_BODY = "Ce qui est envoyé"
DOC_ANSWER = "Ce qui revient"
DOC_ERRORS = "Les erreurs"
DOC_ERRORS_TEXT = "Toutes au format « application/problem+json », avec une phrase en français dans « detail »."
DOC_FIELD, DOC_MEANS, DOC_CODE = "Champ", "Ce que c'est", "Code"
DOC_OPENAPI = "La description OpenAPI"
DOC_OPENAI = "Comme un modèle d'OpenAI"
DOC_OPENAI_TEXT = (
    "Les logiciels qui parlent à OpenAI (Open WebUI, par exemple) prennent l'adresse {base}/v1, la clé, et le modèle « {model} ». Le "
    "texte finit par la liste des sources ; elles sont aussi dans « annotations ». Le champ « answer » porte l'objet ci-dessus ; "
    "« system_fingerprint », la version de la base. Les messages de rôle « system » n'ont pas d'effet : l'assistant ne dit que ce "
    "que sa base porte."
)
DOC_MCP = "Par MCP"
DOC_MCP_TEXT = (
    "Adresse {base}/mcp, transport « streamable HTTP », même clé ; ou, sur la machine de l'assistant, la commande "
    "« python -m assistant mcp ». Outils : « poser_une_question », « chercher », « lire_passage »."
)
