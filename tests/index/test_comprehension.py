"""Reading a passage with a question in mind: learned in torch, read in numpy, kept in 8 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from index.arrays import Floats, Ids
from index.comprehension import Comprehension
from index.embedding import SHIPPED, SentenceEncoder
from index.tokens import NO_TOKENS, UNKNOWN, PassageTokens, QuestionTokens, kind
from index.training.comprehension import ComprehensionSet, ContrastiveExample, EncodedText, Learner, examples_of, learn, save

HIDDEN = 16


def a_text(draw: np.random.Generator, length: int) -> EncodedText:
    return EncodedText(draw.standard_normal((length, HIDDEN)).astype(np.float32), draw.integers(0, 40, length).astype(np.int32))


def asked(model: Comprehension, text: EncodedText) -> QuestionTokens:
    return UNKNOWN._replace(comprehension=model.projected(text.states), ids=text.ids)


def told(model: Comprehension, states: Floats, ids: Ids) -> PassageTokens:
    tokens: PassageTokens = np.zeros(len(ids), dtype=kind(0, model.dimension))
    tokens["read"], tokens["id"] = model.kept(states), ids
    return tokens


def test_what_is_read_is_what_was_learned() -> None:
    """The same logits and places as the learner's, whatever the lengths that are padded, but for the 8 bits."""
    draw = np.random.default_rng(1)
    learner = Learner(HIDDEN).eval()
    model = learner.frozen()
    question, passages = a_text(draw, 6), [a_text(draw, length) for length in (3, 30, 11)]
    with torch.inference_mode():
        logits, starts = learner([(question, passage) for passage in passages])
    found = model.predict(asked(model, question), [told(model, passage.states, passage.ids) for passage in passages])
    for one, logit, begin, passage in zip(found, logits, starts, passages, strict=True):
        assert one.probability == pytest.approx(float(logit.sigmoid()), abs=0.01)
        assert one.starts == pytest.approx(begin.softmax(0).numpy()[: len(passage.ids)], abs=0.01)


def test_nothing_is_believed_of_a_passage_without_tokens() -> None:
    draw = np.random.default_rng(2)
    model = Learner(HIDDEN).frozen()
    text = a_text(draw, 5)
    nothing = NO_TOKENS.astype(kind(0, model.dimension))
    empty, other = model.predict(asked(model, text), [nothing, told(model, text.states, text.ids)])
    assert (empty.probability, len(empty.starts)) == (0.0, 0) and other.starts.sum() == pytest.approx(1, abs=1e-5)
    assert model.predict(asked(model, text), []) == []


def test_a_folder_has_it_or_not(tmp_path: Path) -> None:
    assert Comprehension.load(tmp_path) is None
    model = Learner(HIDDEN).frozen()
    save(model, tmp_path)
    again = Comprehension.load(tmp_path)
    assert again is not None and again.layers == model.layers == 2 and again.weights.keys() == model.weights.keys()


def test_it_learns_where_the_word_that_was_asked_for_stands() -> None:
    """A passage answers when it holds the token after the question's first: what no vector of the passage alone can tell."""
    draw = np.random.default_rng(3)
    alphabet = draw.standard_normal((40, HIDDEN)).astype(np.float32)

    def text(ids: list[int]) -> EncodedText:
        return EncodedText(alphabet[ids], np.array(ids, dtype=np.int32))

    questions, passages, examples = [], [], []
    for number in range(300):
        subject = int(draw.integers(0, 20))
        noise = [other for other in draw.integers(20, 40, 6).tolist() if other != subject + 20]
        place = int(draw.integers(0, len(noise)))
        questions.append(text([subject, 5, 7]))
        passages += [text([*noise[:place], subject + 20, *noise[place:]]), text(noise)]
        examples.append(ContrastiveExample(number, (2 * number,), (2 * number + 1,), {2 * number: place}))
    taught = ComprehensionSet(questions, passages, examples[:240])

    def right(model: Comprehension) -> tuple[float, float]:
        order = places = 0
        for example in examples[240:]:
            both = [told(model, passages[row].states, passages[row].ids) for row in (*example.right, *example.wrong)]
            first, second = model.predict(asked(model, questions[example.question]), both)
            order += first.probability > second.probability
            places += int(first.starts.argmax()) == example.begins[example.right[0]]
        return order / 60, places / 60

    before, after = right(learn(taught, steps=1)), right(learn(taught, steps=250))
    assert after[0] > 0.9 > before[0] and after[1] > 0.6 > before[1]


def test_wrong_passages_are_near_ones_without_the_answer_those_that_seem_to_answer_first() -> None:
    rows = [
        {"question": "Combien ?", "passage": "Le repas coûte 4 €.", "answer": "4 €"},
        {"question": "Quand ?", "passage": "Le service ouvre lundi.", "answer": "lundi"},
        {"question": "Qui ?", "passage": "", "right": False},
        {"question": "Combien ?", "passage": "Le repas d'un adulte coûte 6 €.", "right": False},
        {"question": "Où ?", "passage": "Le repas coûte ailleurs.", "set": "autre"},
    ]
    passages = [str(row["passage"]) for row in rows if row["passage"]]
    cosines = np.array([[0.9, 0.5, 0.8, 0], [0.7, 0.9, 0.8, 0], [0.3, 0.2, 0.1, 0], [0, 0, 0, 1]], dtype=np.float32)
    starts = [np.array([0, 3, 9, 15, 16, 17]), np.array([0, 3, 11, 17]), np.array([0]), np.array([0])]
    how_much, when, who, where = examples_of(rows, passages, cosines, starts)
    assert (how_much.right, how_much.wrong, how_much.begins) == ((0,), (2, 1), {0: 3})
    assert (when.right, when.wrong, when.begins) == ((1,), (2, 0), {1: 3})
    assert (who.right, who.wrong) == ((), (0, 1, 2)) and (where.right, where.wrong) == ((3,), ())


def test_what_ships_tells_the_passage_that_answers_from_its_likeness() -> None:
    """Pairs that share nearly all their words: for each question one answers and the other, as near to it, does not."""
    encoder = SentenceEncoder(SHIPPED)
    pairs = [
        (
            "c'est combien la cantine pour les enfants de maternelle ?",
            "Le repas est facturé 3,20 € aux élèves de l'école maternelle.",
            "Le repas des élèves de l'école maternelle est servi à 11 h 45.",
        ),
        (
            "jusqu'à quelle date peut-on déposer un dossier ?",
            "Les dossiers sont déposés au plus tard le 31 mars auprès de la communauté de communes.",
            "Les dossiers sont déposés auprès de la communauté de communes, en deux exemplaires.",
        ),
        (
            "qui préside le comité de pilotage ?",
            "Le comité de pilotage, présidé par la première adjointe, se réunit deux fois par an.",
            "Le comité de pilotage se réunit deux fois par an dans la salle du conseil.",
        ),
        (
            "quelle est la superficie de la halle ?",
            "La halle, de 620 m², est ouverte les jours de marché.",
            "La halle est ouverte les jours de marché, de 7 h à 13 h.",
        ),
    ]
    told = encoder.encode_parts([text for _, *texts in pairs for text in texts], [[] for _ in range(2 * len(pairs))]).tokens
    _, questions = encoder.encode_query_tokens([question for question, *_ in pairs])
    for number, question in enumerate(questions):
        answers, seems = encoder.predict_answers(question, told[2 * number : 2 * number + 2])
        assert answers.probability > seems.probability, pairs[number][0]
