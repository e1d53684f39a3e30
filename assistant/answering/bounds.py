"""The bounds of answering: every number that a stage compares, counts or weighs with, and that was not learned.

One field a bound, in the order of the path of a question: what it decides, an example where one helps, its unit where it is no
probability or share, 0..1. What was learned stands in `models/` with the encoder it was learned for, the levels of the judge
among it; how many passages are searched is a setting. Knows no stage: those that need a bound are given `bounds`.

What each is worth, taken away or moved: `python tests/benchmarks/bench_bounds.py`; what that led to is in DECISIONS.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Content words are those that are no stop words; other words are counted between spaces."""

    # -- the message: which clauses ask ------------------------------------------------------------
    # Probability from which a clause at either end of a sentence is courtesy, of one that tells; of one that asks, which may
    # open with its subject: « Territoires d'industrie, ils étaient combien ? ».
    courtesy: float = 0.5
    sure_courtesy: float = 0.9
    # Words of a sentence beyond which only its clauses that ask are the question, the others its context.
    long_sentence: int = 30
    # Content words with which a clause asks by itself, without what stands before it.
    clause_asks: int = 4
    # … with which each side of an « et » is a question of its own, and a clause may be searched alone.
    side_asks: int = 2
    # … under which a question asks of what was just told: « Ça passe ? ».
    bare_question: int = 2
    # Words up to which a line without inner punctuation is one clause.
    unbroken_line: int = 14
    # Probability from which a clause begins at a word. At .3 more beginnings are found (F1 .67, .63 at .5, messages of another
    # writer), and as many turns are right.
    clause_opens: float = 0.5
    # English words from which a message is in another language, when French ones are fewer. Kept for its own refusal.
    foreign_words: int = 2

    # -- spelling: what a word may mean, how much it tells -----------------------------------------
    # Letters of a word that may be a typo; shorter words have too many neighbours.
    shortest_typo: int = 5
    # Occurrences in pyspellchecker's list from which a word is of everyday talk and tells little (« mettre » has 166,000,
    # « boutique » 9,000, « lauréat » 305), and the weight it loses each time it is twice as frequent.
    everyday: int = 30_000
    everyday_slope: float = 0.25
    # Passages that hold a word, from which it belongs to the base's subjects: no everyday word, no place.
    used_here: int = 12
    # Weight of a phrase that everything in the base is about, its words together.
    background_weight: float = 0.3
    # … of a word that neither the base nor French knows.
    unknown_weight: float = 0.8

    # -- readings: what the conversation lends -----------------------------------------------------
    # Content words up to which a message goes on with what was said: « et sur trois ans ? » is the same sum, « sûr ? » a doubt.
    elliptical: int = 4
    # Recent subjects that a message may go back to.
    subjects: int = 3
    # Content words up to which a message only replaces something in the last question, and under which it is short; besides a
    # name, under which it is bare. The choice of readings was learned with both.
    few: int = 3
    tells: int = 2
    # Share of its words that no passage holds, from which a message takes nothing from the conversation: « qui finance un
    # crématorium pour chameaux ? » is not answered with who finances the last subject. Kept for the first rule.
    unheard_alone: float = 0.5

    # -- find: search, and which passage goes first ------------------------------------------------
    # Weight, beside 1 of a word typed: of a term of the lexicon, which is a guess; of a word that the conversation lends.
    lexicon_weight: float = 0.7
    context_weight: float = 0.4
    # Share, in the vector of a follow-up, of the question with what the conversation lends; the rest is the question alone.
    context_share: float = 0.5
    # Added to the score of the document that a reading is about.
    same_document: float = 3.0
    # When the first passage lacks the year, place or rank asked, one that has it goes before it: among so many, if its score is
    # lower by so much at most.
    lacking_among: int = 8
    lacking_within: float = 2.0
    # Share of what is typed under which a passage only holds what the conversation lends.
    own: float = 0.4

    # -- judge: does it answer? --------------------------------------------------------------------
    # First passages among which those of the best one's document are counted; the judge was learned with it.
    around: int = 5
    # Probability of another matter from which nothing is told as sure, unless a passage covers so much of the question: of 57
    # messages on another matter, 95 % find no passage that covers more than .57, half of the true questions do.
    foreign: float = 0.7
    spoken_of: float = 0.9
    # Probability that a passage answers from which such a message is still shown it.
    likely: float = 0.6

    # -- what is declined, and small talk ----------------------------------------------------------
    # Probability from which a message asks nothing of the base; from which it does not, whatever was found.
    social: float = 0.6
    surely_social: float = 0.9
    # Probability from which what is never done is declined: when nothing is found, when something near is, when an answer is.
    never_not_found: float = 0.75
    never_partial: float = 0.9
    never_answered: float = 0.97
    # … from which what is of another matter is, unless a fiche answers with that other one.
    other_matter: float = 0.7
    other_found: float = 0.6

    # -- sums: the first rule stands on these, whatever judged turns say ---------------------------
    # Probability of a private person's matter from which no aid to communes is computed, when no expense is told.
    private: float = 0.5
    # Share of its words that a paragraph holds, from which a short message after a sum asks of that paragraph: « en moyenne ? ».
    says_it: float = 0.7
    # Euros under which an expense without a unit is told in thousands: « un poste à 45 chargés ».
    in_thousands: int = 1000
    # Probabilities nearer than that tell nothing apart: of two expenses as sure, the last.
    as_sure: float = 0.1
    # Years and posts beyond which a number is none of those that an aid is paid for.
    most_years: int = 15
    most_posts: int = 49
    # First documents whose rates may be the one asked about.
    sums_among: int = 3
    # Times the ceiling beyond which an amount is a budget, no expense of a commune: « 250 millions ».
    envelope: int = 100

    # -- extracts: which sentences are shown; lengths in words are for who reads on a telephone ----
    # Up to which a passage is shown whole: a fiche's paragraph, which is written to that length; a raw passage, nearly always:
    # which of its sentences answers is less sure than that it does; a list: « dans cinq domaines : », then the five.
    main_words: int = 80
    raw_words: int = 160
    list_words: int = 140
    # By how much a sentence must be nearer to the question than the first of its passage to be said before it. Of 268 answers of
    # several sentences, the first says what was asked in 163; from 0 on 180, 85 of them moved; from .1, 175 and 46; from .3, 166.
    said_first: float = 0.1
    # Of what else is shown beside the main passage: passages, words of each, words of all, the main one's with them: at 110 as
    # many turns are right and the median answer has 93 words, marks counted; one passage instead of two loses 3 of 400 turns.
    complements: int = 2
    lead_words: int = 45
    total_words: int = 85
    # Agreement of heading and question, coverage × precision, from which the answer stands alone.
    same_question: float = 0.9
    # Score of another passage, relative to the best, from which it is worth showing; with a figure of its own, beside a raw one.
    close: float = 0.8
    as_near: float = 0.9
    # Share of the question's weight that the best passage lacks, from which one that has it is worth showing.
    gain: float = 0.12
    # Agreement of the heading of either with the question: a lower one is the amount of something else.
    much_the_same: float = 0.5
    related: float = 0.45
    # Overlap of content words beyond which a passage adds nothing.
    same_words: float = 0.7
    # Passages shown when none surely answers; words of each but the first, of all; the last two of raw documents: on 216
    # questions of 24 documents, 100 words a passage .796 right, 60 .792, 45 .782; the first passage alone .657.
    nearest: int = 3
    nearest_words: int = 35
    nearest_total: int = 140
    nearest_raw: int = 60
    raw_total: int = 260
    # Weight, beside 1 of the cosine, of the words in common, of a figure of the kind asked for, of where the answer begins. On
    # 225 questions of PIAF, the right sentence first: cosine alone .64, words alone .69, together .72; with where the answer
    # begins .759 → .778 on 257 questions of made-up documents, .623 → .632 on 239 of real ones, at .5 both lose.
    word_weight: float = 0.4
    figure_weight: float = 0.12
    begins_weight: float = 0.2

    # -- what is written ---------------------------------------------------------------------------
    # Share of common words from which two sentences say the same of the same thing, and their figures disagree: at .6 of the
    # shorter one, 18 answers of 695 were given a figure of something else, at .7 of both none.
    same_claim: float = 0.7
    # Probability of the best passage from which those shown are not said to be unsure.
    likely_there: float = 0.6
    # Probability of it under which a refusal points to nothing; else to so many passages.
    pointed: float = 0.02
    pointed_to: int = 3
    # Characters beyond which a heading is a sentence that was taken for one, and that no quote carries.
    long_heading: int = 90
    # Share of a sentence's words in its quote under which its support is weak; of a source sentence's words said again, from
    # which its negation must be too.
    weak_overlap: float = 0.5
    repeated: float = 0.8


BOUNDS = Bounds()
"""Those in use."""
