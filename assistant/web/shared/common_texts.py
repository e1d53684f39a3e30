"""French words that the public pages and the staff's both show: sources, pictures of pages, figures."""

from __future__ import annotations

BRAND = "Petites villes de demain"
CITE = "Source {number} : {name}"
TEAM_SOURCE_GONE = "Passage retiré de la base, ou modifié, depuis cette réponse."
SOURCE_NUMBER = "Source {number}"
SECTION_PATH = "Emplacement dans le document"
EXTRACT = "Extrait du document, passage cité surligné"
PAGE = "Page {page}"
UPDATED = "Mis à jour le {date}"
TO_REVIEW = "À relire depuis le {date}"
WITHDRAWN = "Ce document a été retiré de la base depuis cette réponse : ne vous y fiez plus."
PAGE_PICTURE = "Page {page} de « {title} », passage cité surligné ; son texte est ci-dessous."
PAGE_REGION = "Image de la page {page}"
PAGE_SWIPE = "La page est plus large que cet écran : faites-la glisser pour la lire en entier."
PAGE_LARGER = "Agrandir la page {page}"
ORIGINALS = "Sources d'origine"
OTHER_PLACES = "Ce passage figure aussi dans"
NEW_WINDOW = "(nouvelle fenêtre)"
FIGURES = {
    "overall": "Questions bien traitées",
    "answerable": "… parmi celles que la base peut satisfaire",
    "refusal": "… parmi celles qu'il faut refuser",
    "follow_up": "… parmi les questions qui suivent une autre",
    "false_refusal": "Refus à tort",
    "support": "Phrases portées sans réserve par leur source",
    "quotes_verbatim": "Citations mot pour mot",
}

# -- before any page
REFUSED = "Demande refusée"
UNKNOWN_HOST = "Cet assistant n'est pas servi sous ce nom. Qui le gère le déclare dans le réglage ASSISTANT_HOSTS."
TOO_MANY_REQUESTS = "Trop de demandes viennent de votre connexion. Réessayez dans {wait}."
TOO_LARGE = "Ce qui est envoyé dépasse {limit} Ko."
TOO_SLOW = "L'envoi a pris trop de temps et n'a pas été lu. Réessayez."
NOT_HTTP = "Requête HTTP illisible."
UNKNOWN_PROXY = (
    "%s envoie X-Forwarded-For et ASSISTANT_PROXIES ne le nomme pas : tous ses visiteurs comptent pour un seul. Si c'est votre "
    "mandataire, nommez-le."
)
