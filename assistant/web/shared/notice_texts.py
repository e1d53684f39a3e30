"""French words of the privacy notice and of the register of processing activities. Knows nothing of layout."""

from __future__ import annotations

NOTICE_TITLE = "Vos données personnelles"
REGISTER_TITLE = "Registre des traitements : assistant Petites villes de demain"
TO_FILL_IN = "à compléter par le responsable du traitement"

RESPONSIBLE = "Qui est responsable, et pourquoi"
CONTACT_IS = "Le responsable est l'organisme qui a mis cet assistant en service. Pour lui écrire : {contact}."
NO_CONTACT = (
    "Le responsable est l'organisme qui a mis cet assistant en service. Cette installation n'indique pas de contact (réglage "
    "ASSISTANT_CONTACT)."
)
PURPOSE = "Les échanges servent à répondre aux questions sur le programme, puis à vérifier les réponses et à compléter la base."

KEPT = "Ce qui est conservé, et combien de temps"
KEPT_LINE = "Poser une question ne demande ni nom, ni adresse, ni compte. Aucun traceur, aucun cookie sur les pages publiques."
NOTHING_KEPT = "Cette installation ne conserve ni question ni réponse. Aucun traceur, aucun cookie sur les pages publiques."
KEPT_FACTS = {
    "Questions, réponses, sources citées": "{days} jours, puis effacées",
    "Avis sur une réponse, vérifications de l'équipe": "autant que l'échange auquel ils se rapportent",
    "Questions posées à l'équipe et leurs réponses": "{days} jours, puis effacées",
    "Réponses validées par l'équipe": "le texte, tant qu'il est exact ; les mots de la question, autant que l'échange",
    "Adresse du réseau (IP)": "jamais écrite dans la base ; en mémoire douze heures au plus, pour limiter les demandes",
    "Essais de connexion manqués de l'équipe": "comptés douze heures au plus dans la mémoire du service, jamais écrits dans la base",
    "Navigateurs d'où l'équipe s'est connectée": "empreinte d'un témoin, {device_days} jours",
    "Comptes de l'équipe": "identifiant, rôle, dernière connexion : jusqu'à la suppression du compte ; sessions : {hours} heures au plus",
    "Clés des programmes": "nom, quota, dernier usage : la liste garde les clés fermées",
}

MASKED = "Ce qui est masqué"
MASKED_LINE = (
    "Avant d'être conservé, journalisé ou transmis, ce que vous tapez perd les données personnelles reconnues : téléphones, "
    "courriels, numéros de sécurité sociale, de compte, de carte, plaques, SIRET d'indépendants, adresses de particuliers, dates de "
    "naissance, noms de personnes."
)
MEASURED = (
    "Sur {messages} messages écrits pour cet essai, {identifiers} des numéros et adresses et {names} des noms sont masqués. Le reste "
    "échappe : n'indiquez pas de données personnelles."
)
MASKED_PUBLIC = "Les noms, courriels et téléphones que les documents publiés donnent eux-mêmes ne le sont pas."

SENT = "Ce qui part ailleurs"
NOTHING_SENT = "Rien : la recherche et la réponse se font sur la machine qui sert cette page."
SENT_TO = (
    "Le modèle {model}, sur {server}, reçoit votre question et les quatre qui la précèdent, masquées, et des passages de la base ; "
    "rien d'autre."
)
SENT_TERMS = "Ce que ce serveur conserve, et où, relève du contrat passé avec lui par le responsable."

RIGHTS = "Vos droits"
RIGHTS_LINES = (
    "Demandez un lien vers une réponse (bouton « Copier un lien ») : la page de ce lien donne tout ce qui est conservé de "
    "l'échange, en fichier, et permet de l'effacer aussitôt. Le lien d'une question posée à l'équipe aussi.",
    "Sans ce lien, rien ne relie un échange à une personne : indiquez au responsable la date, l'heure et les mots de la question.",
)
RIGHTS_CONTACT = (
    "Vous pouvez vous opposer, faire rectifier ou limiter l'usage de vos données en écrivant au responsable, et saisir la CNIL "
    "(www.cnil.fr)."
)

REGISTER_NOTE = (
    "Établi par l'assistant en marche, d'après ses réglages d'aujourd'hui. Ce qu'il ne peut pas savoir est à compléter."
)
REGISTER_WHO = "Acteurs"
REGISTER_CONTROLLER = "Responsable du traitement"
REGISTER_DPO = "Délégué à la protection des données"
REGISTER_CONTACT = "Contact indiqué au public"
REGISTER_WHY = "Finalités et base légale"
REGISTER_PURPOSE = "Les comptes servent à réserver la vérification et la publication à l'équipe."
REGISTER_BASIS = "Base légale proposée : mission d'intérêt public (article 6.1.e du RGPD), à confirmer par le responsable."
REGISTER_PEOPLE = "Personnes et données concernées"
REGISTER_PEOPLE_LINES = (
    "Quiconque pose une question : ce qu'il tape, masqué. Aucune donnée n'est demandée ; un texte libre peut en contenir, y "
    "compris sur des tiers ou sensibles.",
    "Les membres de l'équipe : identifiant, rôle, empreinte du mot de passe, dates de connexion, vérifications signées.",
)
REGISTER_RECIPIENTS = "Destinataires, transferts"
REGISTER_STAFF = "L'équipe, connectée ; quiconque a reçu le lien d'un échange ou d'une question."
REGISTER_SECURITY = "Mesures de sécurité"
REGISTER_SECURITY_LINES = (
    "Base de données lisible par son seul propriétaire (0600) ; ce qui est effacé est réécrit dans le fichier.",
    "Mots de passe sous Argon2id, jetons sous SHA-256, essais limités ; https au-delà d'une machine, par un proxy.",
    "Effacement automatique, toutes les quinze minutes, de ce qui a dépassé sa durée.",
    "Liens imprévisibles (144 bits), hors des moteurs de recherche et des caches.",
)
REGISTER_RIGHTS_TITLE = "Droits des personnes"
REGISTER_RIGHTS = "Accès et effacement d'un échange, d'une réponse validée ou d'une question : aussi sur les pages de l'équipe."
