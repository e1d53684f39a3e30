"""Whether the « Oui » or « Non » that opens a passage answers the question asked, or another one.

« Oui, le DIIF s'utilise seulement en ORT » says yes to « Faut-il une ORT ? » and no to « peut-on s'en passer ? ». A yes or no
is kept only when what turns a question round (« sans », « obligé », a threshold, a number of one's own) is the same in the
question and in the wording of the heading that it is nearest to. Pure words.
"""

from __future__ import annotations

import re

from index.document import Passage
from index.figures import values
from index.french import analyse, fold, words

# What turns a question round, by what it turns it into; « * » stands for any ending.
_TURNS = {
    "without": "sans hors sauf passer",
    "not": "pas jamais aucun aucune",
    "must": "oblig* doit doivent devons faut force forces necessaire* impos* exig* indispensable*",
    "only": "seul seule seuls seules seulement uniquement reserv* exclusi*",
    "forbidden": "interdi* exclu exclue exclus exclut refus refuse* impossible empech*",
    "end": "fini finie arret* termin* supprim* cess*",
    "already": "deja encore toujours",
    "free": "gratuit*",
    "paid": "payant* payer paye coute*",
}
_PATTERNS = {
    name: re.compile(rf"\b(?:{'|'.join(word.replace('*', '[a-z]*') for word in words_.split())})\b")
    for name, words_ in _TURNS.items()
}


def turns(text: str) -> frozenset[str]:
    """What turns a question round."""
    plain = " ".join(words(fold(text).replace("est-ce pas", " ")))
    return frozenset(name for name, pattern in _PATTERNS.items() if pattern.search(plain))


def agrees(question: str, passage: Passage) -> bool:
    """Whether a yes or no at the head of a passage may stand for the question."""
    own = set(analyse(question))
    wordings = [*passage.headings[-1:], *passage.aliases]
    if not wordings or not own:
        return False
    nearest = max(wordings, key=lambda text: len(own & set(analyse(text))) / max(1, len(own | set(analyse(text)))))
    heading = passage.headings[-1] if passage.headings else ""
    question_values = {value for value in values(question) if value > 1}
    if question_values - values(passage.text) - values(nearest):
        return False  # the asker's number is not the passage's
    return turns(question) == turns(heading) or (turns(question) == turns(nearest) and turns(heading) == turns(nearest))
