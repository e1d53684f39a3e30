"""The bounds of answering: every number that a stage compares, counts or weighs with, and was not learned.

One field a bound, in the order of the path of a question. A comment says what the bound decides, an example where one helps, and
« ‹ » opens what it was measured on; « sweep » is `python tests/benchmarks/bench_bounds.py`, whose table of 2026-11-30 stands in
DECISIONS.md. What was learned stands in `models/` with the encoder it was learned for, the four levels of the judge among it; how
many passages are searched is a setting. Knows no stage: those that need a bound are given `bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Probabilities, shares and cosines are 0..1; « words » are whitespace-separated, « content words » no stop words."""

    # -- the message: which clauses ask ------------------------------------------------------------
    courtesy: float = 0.5  # probability from which a clause at either end of a sentence that tells is courtesy
    sure_courtesy: float = 0.9  # … of one that asks: « Territoires d'industrie, ils étaient combien ? » keeps its subject
    long_sentence: int = 30  # words beyond which only the clauses that ask are the question, the others its context
    clause_asks: int = 4  # content words with which a clause asks by itself, without what stands before it
    side_asks: int = 2  # … with which each side of an « et » is a question, and a clause may be searched alone
    bare_question: int = 2  # … under which a question asks of what was just told: « Ça passe ? »
    unbroken_line: int = 14  # words without punctuation beyond which a dictated line is cut at its connectors
    foreign_words: int = 2  # English words from which a message is in another language, when French ones are fewer

    # -- spelling: what a word may mean, how much it tells -----------------------------------------
    shortest_typo: int = 5  # letters; shorter words have too many neighbours
    long_word: int = 8  # letters from which two may be wrong, not one
    everyday: int = 30_000  # occurrences in pyspellchecker's list: « mettre » 166,000, « boutique » 9,000, « lauréat » 305
    everyday_slope: float = 0.25  # weight a word loses each time it is twice as frequent
    everyday_least: float = 0.25  # weight of the most frequent
    used_here: int = 12  # passages from which a word belongs to the base's subjects: no everyday word, no place
    background_weight: float = 0.3  # of a phrase that everything in the base is about, its words together
    noise_letters: int = 3  # letters up to which an unknown word is noise more often than a name: « pe », « fé »
    noise_weight: float = 0.1  # of those
    unknown_weight: float = 0.8  # of longer unknown words
    acronym: int = 6  # letters up to which capitals are an acronym, no place: « ALUR »
    shortest_place: int = 4  # letters of a capitalised word that may be a place

    # -- readings: what the conversation lends -----------------------------------------------------
    elliptical: int = 4  # content words up to which « et sur trois ans ? » is about the same sum, « sûr ? » a doubt
    subjects: int = 3  # recent subjects that a message may go back to
    few: int = 3  # content words up to which a message only replaces something; the signs of the choice learned with it
    tells: int = 2  # content words besides names under which a message is bare; the choice learned with it

    # -- find: search, and which reading is meant --------------------------------------------------
    lexicon_weight: float = 0.7  # of a term of the lexicon: a guess about the word typed, not the word itself
    context_weight: float = 0.4  # of words that the conversation lends, beside those typed
    context_share: float = 0.5  # of the vector of a follow-up with what the conversation lends, the rest without
    same_document: float = 3.0  # added to the score of the document that the reading is about
    lacking_among: int = 8  # best passages of which one may go before a first that lacks the year or the place asked
    lacking_within: float = 2.0  # … when its score is no lower than by so much
    unheard_alone: float = 0.5  # share of words that no passage holds from which nothing is taken from the conversation
    foreign_alone: float = 0.9  # probability of another matter from which the same holds: « tu connais une blague ? »
    own: float = 0.4  # share of what is typed under which a passage only carries what the conversation lends

    # -- judge: does it answer? --------------------------------------------------------------------
    around: int = 5  # best passages among which those of the best one's document are counted; the judge learned with it
    same_gap: float = 0.8  # share of the question in the heading over « la base ne donne pas… » that makes it the answer
    foreign: float = 0.7  # probability of another matter from which nothing is told as sure
    spoken_of: float = 0.9  # … unless a passage covers so much of the question
    likely: float = 0.6  # probability that a passage answers from which such a message is still shown something

    # -- what is declined, and small talk ----------------------------------------------------------
    social: float = 0.6  # probability from which a message asks nothing of the base
    surely_social: float = 0.9  # … whatever was found
    never_not_found: float = 0.75  # probability from which what is never done is declined, when nothing is found
    never_partial: float = 0.9  # … when something near is
    never_answered: float = 0.97  # … when an answer is, in a conversation, and over documents
    order_not_found: float = 0.5  # the same of orders and persons, on fiches: « rédige la délibération »
    order_partial: float = 0.6
    order_answered: float = 0.75
    other_matter: float = 0.7  # probability from which what is of another matter is declined
    other_found: float = 0.6  # … unless a fiche answers with this probability
    heard: float = 0.25  # share of words that the base has not, under which a document speaks of the matter

    # -- sums and criteria -------------------------------------------------------------------------
    private: float = 0.5  # probability of a private person's matter from which no aid to communes is computed
    in_thousands: int = 1000  # under which an expense without a unit is told in thousands: « un poste à 45 chargés »
    as_sure: float = 0.1  # probabilities nearer than that tell nothing apart: of two expenses as sure, the last
    most_years: int = 15  # a longer time is none that an aid is paid for
    most_posts: int = 49  # … more posts, none that are paid at once
    sums_among: int = 3  # first documents whose rates may be the one asked about
    envelope: int = 100  # times the ceiling beyond which an expense is none: « 250 millions »
    eligible_among: int = 3  # first passages whose fiche may hold the rule a yes-or-no question is about

    # -- extracts: which sentences are shown -------------------------------------------------------
    main_words: int = 80  # a fiche's paragraph is written to this length; longer ones are cut to it
    raw_words: int = 160  # of a raw passage, nearly whole: which of its sentences answers is less sure than that it does
    list_words: int = 140  # up to which a passage with a list is quoted whole: « dans cinq domaines : », then the five
    total_words: int = 110  # the complement stops here: people read answers on a phone
    lead_words: int = 45  # of what else is shown beside the main passage
    complements: int = 2  # passages beside the main one
    complements_among: int = 8  # best passages in which they are looked for
    same_question: float = 0.9  # heading and question say the same: the shortest answer is enough
    close: float = 0.8  # score, relative to the best, from which a hit is worth a complement by itself
    near: float = 0.5  # … and from which it is, when it covers what the best one lacks
    as_near: float = 0.9  # … and from which it is as good as the best, of two documents with a figure each
    gain: float = 0.12  # share of the question's weight that makes it worth it
    asks_too: float = 0.15  # added for a passage that answers a question word the best one leaves: « qui … et quand ? »
    much_the_same: float = 0.5  # agreement of its heading with the question, coverage × precision, for a close hit
    related: float = 0.45  # … for one that covers what the best lacks: else it is the amount of something else
    same_words: float = 0.7  # overlap of content words beyond which a sentence adds nothing
    nearest: int = 3  # passages shown when none surely answers
    nearest_words: int = 35  # words of each but the first, of fiches
    nearest_raw: int = 60  # … of documents
    nearest_total: int = 140  # words of all, of fiches
    raw_total: int = 260  # … of documents
    shortest: int = 4  # words: « 7. Engagement des participants » tells nothing beside another passage
    word_weight: float = 0.4  # of the words in common, beside the cosine, in choosing a sentence
    figure_weight: float = 0.12  # of a figure of the kind asked for
    begins_weight: float = 0.2  # of where the answer begins

    # -- what is written ---------------------------------------------------------------------------
    rivals_among: int = 8  # best passages in which another figure is looked for
    same_claim: float = 0.7  # share of common words from which two sentences say the same of the same thing
    likely_there: float = 0.6  # probability of the best passage from which those shown are not said to be unsure
    pointed: float = 0.02  # probability under which a refusal points to nothing near
    pointed_to: int = 3  # passages that a refusal points to
    long_heading: int = 90  # characters beyond which a heading is a sentence that was taken for one
    weak_overlap: float = 0.5  # share of a sentence's words in its quote under which its support is weak
    repeated: float = 0.8  # share of a source sentence's words said again, from which its negation must be too


BOUNDS = Bounds()
"""Those in use."""
