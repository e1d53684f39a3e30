"""French words of the staff's pages that are not in their templates. Knows nothing of layout."""

from __future__ import annotations

from assistant.accounts import Role

ROLES: dict[Role, str] = {"relecteur": "Relecteur", "editeur": "Éditeur"}

# -- refusals
SIGN_IN_FIRST = "Connectez-vous d'abord"
SIGN_IN_AGAIN = (
    "Vous n'êtes pas connecté, ou votre session a expiré. Rien n'a été enregistré. Connectez-vous dans un autre onglet, "
    "puis revenez à la page précédente : ce que vous y avez écrit y est encore."
)
NOT_ALLOWED = "Action réservée aux éditeurs"
NOT_ALLOWED_WHY = "Votre compte a le rôle « relecteur ». Demandez à un éditeur, ou à la personne qui gère les comptes."
STALE_FORM = "Formulaire périmé"
STALE_FORM_WHY = (
    "Cette page a été ouverte avant votre dernière connexion, ou la demande ne vient pas d'elle. Rien n'a été enregistré : "
    "revenez en arrière, rechargez la page et recommencez."
)
NOT_FOUND = "Page introuvable"
NOT_FOUND_WHY = "Cette adresse n'existe pas, ou ce qu'elle montrait a été supprimé."
TROUBLE = "Service momentanément indisponible"
NO_DATABASE = "Les comptes ont besoin d'une base de données"
NO_DATABASE_WHY = (
    "Le réglage ASSISTANT_JOURNAL est vide : rien n'est conservé, ni échanges, ni comptes. Donnez-lui une adresse, par exemple "
    "sqlite:///var/journal.sqlite, puis relancez l'assistant."
)

# -- signing in
TOO_LARGE = "La demande est trop volumineuse."
STALE_SIGN_IN = "La page de connexion était périmée. Recommencez."
NOT_TWICE = "Les deux saisies du nouveau mot de passe diffèrent. Rien n'a changé."
WRONG_OLD = "Le mot de passe actuel n'est pas le bon. Rien n'a changé."
