"""Questions to answer, in the words of what is declined."""

from __future__ import annotations

ASKED = """
On a oublié la date limite de dépôt, que faire ?
J'ignore les règles de cumul, où les trouver ?
Quel contact pour le cofinancement du chef de projet ?
Que faire si notre demande n'est pas acceptée ?
Où déposer notre dossier de candidature ?
Quand déposer la demande pour un chef de projet d'opération complexe ?
Que faire si notre dossier est refusé ?
Comment rédiger la délibération d'adhésion ?
Qui prépare et signe la convention-cadre ?
Le conseil municipal doit-il voter pour adhérer au programme ?
Les élections municipales changent-elles quelque chose à la convention ?
Qui finance la traversée du bourg par la RN 12 ?
Est-ce Macron qui a lancé Petites villes de demain ?
Comment favoriser l'installation d'une entreprise locale ?
Comment lutter contre la fraude aux aides ?
Peut-on détourner la circulation du centre-bourg pendant les travaux ?
Quelles prescriptions de l'architecte des bâtiments de France pour une façade ?
Que dit l'ordonnance de 2020 sur les ORT ?
Peut-on avoir recours à un bureau d'études avec l'aide de l'État ?
Que risque la commune si elle ne signe pas la convention-cadre ?
Comment valoriser un héritage industriel ?
Avec un loyer de 500 € par mois, la boutique à l'essai est-elle possible ?
MaPrimeRénov' dépend-elle des revenus des ménages ?
Le chef de projet est parti, vaut-il mieux recruter ou mutualiser ?
Comment tirer le meilleur parti du programme ?
Un tel projet du maire est-il finançable ?
Quelle est l'adresse des conseillers France Rénov' ?
Faut-il joindre le procès-verbal du conseil de la commune ?
Peut-on installer une boutique éphémère sans permis de construire ?
Quelle aide donner à une personne âgée pour adapter son logement ?
Comment favoriser l'emploi des femmes ?
Peut-on attribuer un logement rénové à une famille ?
Peut-on rénover la halle sans que cela se voie de la rue ?
La maison de santé peut-elle accueillir un centre de vaccination ?
Je suis maire, quel salaire pour un chef de projet à 60 000 € ?
Notre dernier café est menacé, est-ce éligible ?
L'avantage fiscal pour une entreprise en zone FRR, c'est combien ?
Le temps de travail d'un chef de projet, c'est combien d'heures ?
Nos recettes fiscales baissent, y a-t-il une aide ?
on a droit a quoi pr un chef de projet
c koi une ORT
qui finance le poste de chef de projet ?
quel est le taux de la DETR ?
combien de communes dans le programme
""".strip().splitlines()
