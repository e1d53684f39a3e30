"""Every French sentence the assistant says by itself, gathered in one place.

None carries a fact of the programme: facts come from passages only. No digits here either, so that
no figure can be shown that no source carries.
"""

from __future__ import annotations

COVERED = (
    "Je réponds sur le programme Petites villes de demain : éligibilité, conventions et ORT, chef de projet et ingénierie, "
    "habitat, commerce, financements, services, programmes voisins et bilans."
)
CONTACT = "Pour une réponse sûre, adressez-vous à votre préfecture de département (ou sous-préfecture)."
CONTACT_OF_DOCUMENT = "Pour une réponse sûre, lisez le document cité ou demandez à qui l'a écrit."
CONTACT_IS = "Pour une réponse sûre, adressez-vous à l'interlocuteur indiqué par la base : {contact}."
CONTACT_OF = "Pour une réponse sûre, adressez-vous à l'interlocuteur indiqué par la base : {contact} ; à défaut, à la préfecture."

GREETING = "Bonjour ! " + COVERED + " Quelle est votre question ?"
IDENTITY = (
    "Je suis l'assistant documentaire « Petites villes de demain » : un programme, pas une personne. Je cherche dans les documents "
    "de la base ({documents}) et je cite leurs phrases, avec la source de chacune ; je n'invente rien et je ne décide de rien. "
)
SOURCES = (
    "Mes réponses sont tirées des documents de la base ({documents}), et de rien d'autre. Ils citent notamment : {publishers}. "
    "Chaque phrase renvoie par un numéro à sa source, à ouvrir d'un clic."
)
SOURCES_PLAIN = (
    "Mes réponses sont tirées des documents de la base ({documents}), et de rien d'autre. Chaque phrase renvoie par un numéro à "
    "sa source, à ouvrir d'un clic."
)
FRESHNESS = (
    "La base a été mise à jour le {built}.{newest} Chaque réponse porte la date de sa source ; au-delà de la date de relecture "
    "prévue, elle le signale. Avant de décider, vérifiez un montant ou une date auprès de votre préfecture."
)
NEWEST = " Son document le plus récent date du {date}, le plus ancien du {oldest}."
DOCUMENTS = {True: "{count} document", False: "{count} documents"}
COMPLAINT = (
    "Désolé, je n'ai pas répondu à ce que vous demandiez. Reformulez votre question avec le nom du dispositif ou de l'aide, et ce que "
    "vous voulez savoir (montant, conditions, démarche, contact). Sinon : "
)
THANKS = "Je vous en prie. Posez-moi votre prochaine question quand vous le souhaitez."
TOO_LONG = "Votre question est trop longue. Résumez-la en quelques phrases, puis renvoyez-la."
EMPTY = "Écrivez votre question, par exemple : « Qui finance le poste de chef de projet ? »"

NOT_FOUND = "La base ne donne pas la réponse à cette question ; je préfère ne pas deviner."
NOT_FOUND_TERMS = "La base ne donne pas la réponse à cette question (rien sur « {terms} ») ; je préfère ne pas deviner."
NEAREST = "Ce qu'elle contient de plus proche :"
SAYS = "Ce que la base dit à ce sujet :"
SAYS_OF_DOCUMENT = "Ce que ce document dit à ce sujet :"
SAYS_OF_DOCUMENTS = "Ce que les documents de la base disent à ce sujet :"
ALSO = "Voir aussi :"
UNSURE = "Je n'ai pas trouvé de réponse sûre. Ce que la base dit de plus proche :"
UNSURE_OF_DOCUMENT = "Je n'ai pas trouvé de réponse sûre. Ce que ce document dit de plus proche :"
UNSURE_OF_DOCUMENTS = "Je n'ai pas trouvé de réponse sûre. Ce que les documents de la base disent de plus proche :"
PREMISE = "La base ne confirme pas « {figure} ». Ce qu'elle dit :"
ELIGIBILITY = {
    "oui": "Oui, d'après les critères de la fiche « {scheme} » :",
    "non": "Non, d'après les critères de la fiche « {scheme} » :",
    "à confirmer": "Cela dépend. Voici chaque critère de la fiche « {scheme} », d'après ce que vous indiquez :",
}
TO_CONFIRM = "À confirmer auprès de votre préfecture."
OUT_OF_SCOPE = (
    "Cette question ne relève pas du programme Petites villes de demain : je n'ai pas de source pour y répondre. " + COVERED
)
DISAGREEMENT = "D'autres documents de la base donnent un autre chiffre (le document le plus récent d'abord ; les dates sont avec les sources) :"
CITED = "cité"
SET_ASIDE = {
    "figure": "écarté : ne donne pas le chiffre demandé",
    "other_question": "écarté : répond à une autre question",
    "missing": "écarté : ne parle pas de « {words} »",
    "other_subject": "écarté : porte sur un autre dispositif",
    "lower": "écarté : un autre passage répond mieux ou dit déjà la même chose",
}
STALE = "À vérifier avant de décider : cette information peut avoir changé depuis la date de sa source."
NOTHING_TO_CHECK = "Je ne m'appuie que sur les documents de la base, cités sous chaque réponse. " + CONTACT
UNDERSTOOD = "Compris comme : {question}"

# -- validating an answer as a reference
REVIEW_FIGURE = (
    "Le chiffre « {figure} » ne figure dans aucun des passages cités ({markers}) : la réponse n'est pas validée. "
    "Corrigez-le, ou citez le passage qui le porte."
)
REVIEW_NO_SOURCE = "La réponse ne cite aucune source : ajoutez après chaque phrase le numéro de son passage, entre crochets."
REVIEW_UNKNOWN_MARKER = "La réponse cite [{marker}], qui n'existe pas : les sources de cet échange sont {known}."
REVIEW_SOURCE_CHANGED = (
    "La source [{marker}] ({title}) a changé ou a été retirée depuis cette réponse. Reposez la question sur la page publique, "
    "puis validez la nouvelle réponse."
)
REVIEW_UNCORRECTED = "Une phrase est jugée imprécise ou fausse : écrivez la réponse corrigée, enregistrez, puis validez."
REVIEW_NO_ANSWER = "Cet échange n'est pas une réponse : écrivez la réponse corrigée, enregistrez, puis validez."
REVIEW_NO_QUESTION = "Cette question n'a pas de mots propres : on ne pourrait pas la reconnaître."
REVIEW_OVERTAKEN = (
    "{reviewer} a enregistré une vérification de cet échange depuis que vous l'avez ouvert : la vôtre n'est pas enregistrée. "
    "Vos saisies sont restées ci-dessous ; comparez, puis renvoyez-les si elles doivent remplacer la sienne."
)
REVIEW_CHANGED = "Le passage [{marker}] de « {document} » a changé."
REVIEW_GONE = "Le document « {document} », cité en [{marker}], a été retiré."

REFUSALS = {
    "injection": "Je ne peux pas changer de rôle ni affirmer ce que mes sources ne disent pas. Je ne réponds qu'avec les documents de la base. "
    + COVERED,
    "credentials": "Je ne dispose d'aucun identifiant ni mot de passe et n'en communique pas. " + COVERED,
    "person": "Je ne communique ni nom, ni courriel, ni téléphone : la base ne contient pas d'annuaire. Votre préfecture de département "
    "ou la mairie concernée pourra vous mettre en relation.",
    "case": "Je n'ai pas accès aux dossiers et ne peux ni les suivre ni les valider. Adressez-vous au service qui instruit votre demande, "
    "en préfecture ou sous-préfecture.",
    "opinion": "Je ne donne pas d'avis politique : je suis neutre. Je peux en revanche vous présenter les bilans et les évaluations du programme.",
    "harm": "Je ne peux pas vous aider pour cela. " + COVERED,
    "elsewhere": OUT_OF_SCOPE,
    "insult": "Je reste à votre disposition pour une question sur le programme. " + COVERED,
    "distress": "Si vous ou un proche êtes en danger, appelez sans attendre les secours ou une ligne d'écoute : des personnes y répondent "
    "à toute heure. Je ne suis qu'un assistant documentaire et ne peux pas vous aider pour cela.",
    "legal": "Je ne donne pas de conseil juridique personnel : adressez-vous à un professionnel du droit ou au service juridique de votre "
    "collectivité. La préfecture peut expliquer sa décision.",
    "medical": "Je ne donne pas de conseil médical : adressez-vous à un médecin ou à un pharmacien. " + COVERED,
    "personal_finance": "Je ne peux pas apprécier votre situation personnelle : pour un particulier, adressez-vous à France Rénov', à impots.gouv.fr "
    "ou à un notaire, selon le sujet.",
    "drafting": "Je ne rédige ni acte officiel ni document engageant : je ne peux que citer les sources. Faites établir et relire ce document "
    "par vos services (DGS) ou par la préfecture.",
    "language": "Je réponds en français, sur le programme français Petites villes de demain. " + COVERED,
}

# How a message that is declined by its act (`answering.classifiers.Act`) is told so.
REFUSED_ACTS = {
    "opinion": "opinion",
    "redaction": "drafting",
    "dossier": "case",
    "personne": "person",
    "malveillant": "harm",
    "urgence": "distress",
    "injection": "injection",
    "etranger": "elsewhere",
    "particulier": "personal_finance",
    "juridique": "legal",
    "prediction": "prediction",
}
REFUSALS["prediction"] = "Je ne fais pas de prévision : je ne dis que ce que les documents de la base disent. " + CONTACT
