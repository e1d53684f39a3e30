"""A message → which of its clauses ask, which tell, which are courtesy, and what act it is.

A letter, a dictated story or a text message leaves its question intact: « Madame, Monsieur, adjointe aux finances, je me
permets… afin de connaître l'interlocuteur… Avec mes remerciements » asks for the interlocutor, and for nothing of the
rest. What each clause is there for, `clauses` tells. Knows nothing of the conversation before it, nor of the base.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import ANYWHERE, FOREIGN_ACTS, Act, Classifier, features_of
from assistant.answering.clauses import Clause, ClauseReader, ClauseRole, sentence_spans
from index.embedding import Encoder
from index.french import analyse, content_words, interrogatives, words

_INNER_SIGN = re.compile(r"[,:;]\s|\s[–—-]\s")
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_SECOND = re.compile(
    r"\s+(?:et|ou)\s+(?:puis\s+)?(?=(?:qui|quand|combien|comment|pourquoi|où|quel(?:le)?s?|à qui|est[- ]ce qu|jusqu'à quand)\b)",
    re.I,
)
_AND = re.compile(r"\s+et\s+", re.I)


class MessageCore(NamedTuple):
    """A question asked in several clauses, in two parts."""

    asked: str  # the clause that most surely asks
    told: str  # the text of the others, courtesy left out


class AskedAndTold(NamedTuple):
    """The sentences of a message, by what they are there for."""

    questions: list[str]
    context: list[str]


@dataclass(frozen=True)
class Message:
    """A message, read once."""

    typed: str
    questions: tuple[str, ...]  # what is asked, one a question; the whole message when no clause stands out
    context: str = ""  # what is told besides, courtesy left out
    clauses: tuple[Clause, ...] = ()
    acts: Mapping[str, float] = field(default_factory=dict)  # act → probability

    def core(self, bounds: Bounds = BOUNDS) -> MessageCore | None:
        """The two parts of a question asked in several clauses; None of any other message.

        « On a signé l'adhésion et on nous presse, combien de temps on a pour la convention-cadre ? »
        """
        asking = [
            clause
            for clause in self.clauses
            if interrogatives(clause.text) and len(content_words(clause.text)) >= bounds.side_asks
        ]
        if len(self.questions) != 1 or len(self.clauses) < 2 or not asking:
            return None
        core = max(asking, key=lambda clause: clause.ask_probability)
        rest = " ".join(c.text for c in self.clauses if c is not core and c.role is ClauseRole.CONTEXT)
        return MessageCore(core.text, rest) if words(core.text) != words(self.question) and rest else None

    @property
    def question(self) -> str:
        """All that is asked, as one text."""
        return " ".join(self.questions)

    @property
    def asks(self) -> bool:
        """Whether it has a question word or mark, whatever act it is taken for: « merci ! et c'était pas plus avant ? »."""
        return any(_is_question(question) for question in self.questions)

    @property
    def foreign(self) -> float:
        """Probability that it is none of the base's matter, by its words."""
        return sum(self.acts.get(act, 0.0) for act in FOREIGN_ACTS)

    @property
    def act(self) -> Act:
        """The likeliest act; a question when the message was not classified."""
        return Act(max(self.acts, key=lambda name: self.acts[name])) if self.acts else Act.QUESTION


def parse_message(
    typed: str, encoder: Encoder, normal: Callable[[str], str] = lambda text: text, bounds: Bounds = BOUNDS
) -> Message:
    """Read one message: one pass of the encoder over its clauses, one over what asks.

    Args:
        normal: brings a text to normal spelling, in which acts are told.
    """
    text = _INVISIBLE.sub("", typed).strip()
    if len(text.split()) <= bounds.unbroken_line and len(sentence_spans(text)) == 1 and not _INNER_SIGN.search(text):
        return _with_acts(Message(text, questions_in(text, bounds)), encoder, normal)
    sentences = ClauseReader.load().read(text, encoder, bounds.clause_opens)
    clauses = [clause for sentence in sentences for clause in sentence]
    if len(clauses) < 2:
        return _with_acts(Message(text, questions_in(text, bounds)), encoder, normal)
    questions, context = _asked_and_told(sentences, bounds)
    if not questions:  # courtesy from end to end
        return _with_acts(Message(text, (text,), clauses=tuple(clauses)), encoder, normal)
    split = tuple(question for one in questions for question in questions_in(one, bounds))
    return _with_acts(Message(text, split, " ".join(context), tuple(clauses)), encoder, normal)


def questions_in(text: str, bounds: Bounds = BOUNDS) -> tuple[str, ...]:
    """A text cut at an « et » whose two sides both ask, each with a question word of its own; else the text alone.

    « Quelles missions et qui l'embauche ? » asks two things.
    """
    parts = [part.strip() for part in _SECOND.split(text)]
    if len(parts) > 1 and all(interrogatives(part) and content_words(part) for part in parts):
        return tuple(parts)
    # The second side may ask at its end: « c'est quoi la durée du bail et le loyer est baissé de combien ? ».
    for joint in _AND.finditer(text):
        parts = [text[: joint.start()].strip(), text[joint.end() :].strip()]
        if all(interrogatives(part) - {"yes_no"} and len(content_words(part)) >= bounds.side_asks for part in parts):
            return tuple(parts)
    return (text,)


def _with_acts(message: Message, encoder: Encoder, normal: Callable[[str], str]) -> Message:
    """The message with its acts, told from its questions alone: « merci de m'indiquer le taux » thanks nobody.

    What would be declined is told from what the message tells besides as much: « quel est son nom ? » asks after a person,
    « l'ADEME a mis en ligne un outil. Quel est son nom ? » does not. What does harm is told from either.
    """
    texts = [normal(text) for text in dict.fromkeys((message.question, f"{message.context} {message.question}".strip()))]
    rows = Classifier.load("acts").probabilities(
        [features_of(text) for text in texts], encoder.encode_queries(texts), encoder.identity.sha256
    )
    acts = dict(rows[0])
    for act in FOREIGN_ACTS:
        acts[act] = max(row[act] for row in rows) if act in ANYWHERE else sum(row[act] for row in rows) / len(rows)
    acts[Act.QUESTION] = max(0.0, acts[Act.QUESTION] + 1 - sum(acts.values()))
    return replace(message, acts=acts)


def _asked_and_told(sentences: Sequence[Sequence[Clause]], bounds: Bounds) -> AskedAndTold:
    """The sentences that ask, and those that tell; courtesy at either end of one is left out.

    A sentence asks as a whole: « Territoires d'industrie, ils étaient combien ? » would lose what it is about. Only a long
    one is reduced to its clauses that ask.
    """
    cores = [core for sentence in sentences if (core := _without_courtesy(sentence, bounds))]
    if not cores:
        return AskedAndTold([], [])
    if not any(clause.role is ClauseRole.ASK for core in cores for clause in core):
        # No clause surely asks (« le plafond, c'est par an »): the sentence of the likeliest one is the question, of a long one
        # that clause alone.
        likeliest = max((clause for core in cores for clause in core), key=lambda clause: clause.ask_probability)
        cores = [
            [
                replace(clause, role=ClauseRole.ASK)
                if clause is likeliest or not _is_long(core, bounds) and likeliest in core
                else clause
                for clause in core
            ]
            for core in cores
        ]
    questions: list[str] = []
    context: list[str] = []
    for core in cores:
        text = " ".join(clause.text for clause in core)
        asking = [clause.text for clause in core if clause.role is ClauseRole.ASK]
        if not asking:
            context.append(text)
        elif _is_long(core, bounds):
            questions.append(" ".join(asking))
            context += [clause.text for clause in core if clause.role is not ClauseRole.ASK]
        else:  # what stands before the first clause that asks is told: « Adjointe aux finances, je souhaiterais connaître… »
            first = next(at for at, clause in enumerate(core) if clause.role is ClauseRole.ASK)
            rest = " ".join(clause.text for clause in core[first:])
            whole = len(content_words(rest)) < bounds.clause_asks
            questions.append(text if whole else rest)
            context += [] if whole else [clause.text for clause in core[:first]]
        # A question too short by itself asks of what was just told: « Ça passe ? ».
        if questions and asking and len(content_words(questions[-1])) < bounds.bare_question and context:
            questions[-1] = f"{context.pop()} {questions[-1]}"
    return AskedAndTold(_told_apart(questions), context)


def _is_long(sentence: Sequence[Clause], bounds: Bounds) -> bool:
    return sum(len(clause.text.split()) for clause in sentence) > bounds.long_sentence


def _told_apart(questions: Sequence[str]) -> list[str]:
    """Two questions only when each asks in its own words: « On ne peut pas trier. » goes with what it leads to."""
    kept: list[str] = []
    for question in questions:
        if kept and not (_is_question(question) and _is_question(kept[-1])):
            kept[-1] = f"{kept[-1]} {question}"
        else:
            kept.append(question)
    return kept


def _is_question(text: str) -> bool:
    return text.rstrip().endswith("?") or bool(interrogatives(text))


def _without_courtesy(sentence: Sequence[Clause], bounds: Bounds) -> list[Clause]:
    """A sentence without the courtesy at its ends; of one that asks, only what surely is courtesy.

    What opens a question may be its subject: « Territoires d'industrie, ils étaient combien ? ».
    """
    kept = list(sentence)
    asks = any(clause.role is ClauseRole.ASK for clause in sentence)
    bound = bounds.sure_courtesy if asks else bounds.courtesy
    polite = ClauseReader.load().polite
    for end in (0, -1):
        while kept and _is_polite(kept[end], bound) and (not asks or set(analyse(kept[end].text)) <= polite):
            kept.pop(end)
    return kept


def _is_polite(clause: Clause, bound: float) -> bool:
    return (
        clause.role is ClauseRole.COURTESY and clause.courtesy_probability >= bound and not any(c.isdigit() for c in clause.text)
    )
