"""« À propos »: the transparency card of the assistant, generated from the running system, as a page and as data.

Everything it states is read when it is asked for: the version in service, its encoder, its measured
quality, what is kept. What is not known is said not to be. Public; holds no figure of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from fastapi import APIRouter, Response
from starlette.responses import JSONResponse

from assistant.curation import quality
from assistant.curation.quality import Measurement
from assistant.generation.prompts import prompts
from assistant.privacy.masking import CAUGHT_IDENTIFIERS, CAUGHT_NAMES
from assistant.records.database import Database, DatabaseUnavailable
from assistant.settings import Settings
from assistant.web.public import page_texts as texts
from assistant.web.public import reading_pages
from assistant.web.shared import common_texts as common
from assistant.web.shared.published_base import Edition, PublishedBase
from assistant.web.shared.typography import number, percent
from index.figures import long_date


@dataclass(frozen=True)
class CardSection:
    """A part of the card: sentences, then facts by name."""

    name: str
    title: str
    lines: tuple[str, ...] = ()
    facts: Mapping[str, str] | None = None
    texts: Mapping[str, str] | None = None  # name → what is shown word for word


def router(base: PublishedBase, database: Database, settings: Settings) -> APIRouter:
    """The card as a page, and the same words as data."""
    routes = APIRouter()

    def described() -> list[CardSection]:
        edition = base.edition
        try:
            measured = quality.latest(database, edition.state.version)
        except DatabaseUnavailable:
            measured = None
        return card(edition, measured, settings, database.keeps)

    @routes.get("/a-propos")
    def page() -> Response:
        answer = reading_pages.TEMPLATES.render("about.html", sections=described(), title=texts.CARD_TITLE)
        answer.headers["content-security-policy"] = reading_pages.POLICY
        return answer

    @routes.get("/a-propos.json")
    def data() -> Response:
        return JSONResponse({"title": texts.CARD_TITLE, "sections": [asdict(section) for section in described()]})

    return routes


def card(edition: Edition, measured: Measurement | None, settings: Settings, keeps: bool) -> list[CardSection]:
    """The sections of the card, in order."""
    retriever, state = edition.assistant.retriever, edition.state
    encoder = retriever.manifest.encoder
    base = {
        texts.CARD_VERSION: state.version,
        texts.CARD_PUBLISHED: long_date(state.published),
        texts.CARD_DOCUMENTS: number(state.documents),
        texts.CARD_PASSAGES: number(len(retriever.passages)),
        texts.CARD_NEWEST: long_date(state.newest) if state.newest else texts.CARD_UNKNOWN,
    }
    model = {"model": settings.model_name, "server": settings.model_host}
    models = {
        texts.CARD_ENCODER: texts.CARD_ENCODER_IS.format(name=encoder.name.rpartition("/")[2], dimension=encoder.dimension),
        texts.CARD_ENCODER_HASH: encoder.sha256[:16],
        texts.CARD_GENERATIVE: texts.CARD_MODEL_IS.format(**model) if settings.model_url else texts.CARD_NONE,
    }
    writes, sent = (
        (texts.CARD_WRITES, texts.CARD_DATA_SENT.format(**model))
        if settings.model_url
        else (texts.CARD_WRITES_NOTHING, texts.CARD_DATA)
    )
    kept = texts.KEPT.format(days=settings.retention_days) if keeps else texts.NOT_KEPT
    kept_lines = (kept, *((texts.CARD_TEAM.format(days=settings.retention_days),) if keeps else ()), _masked(), sent)
    contact = texts.CARD_CONTACT_IS.format(contact=settings.contact) if settings.contact.strip() else texts.CARD_NO_CONTACT
    return [
        CardSection("does", texts.CARD_DOES, texts.CARD_DOES_LINES),
        CardSection("does_not", texts.CARD_DOES_NOT, (writes, *texts.CARD_DOES_NOT_LINES)),
        CardSection("base", texts.CARD_BASE, facts=base),
        CardSection("models", texts.CARD_MODELS, texts.CARD_MODELS_LINES, models),
        *([_prompts()] if settings.model_url else []),
        _quality(measured),
        CardSection("limits", texts.CARD_LIMITS, (*texts.CARD_LIMITS_LINES, texts.LIMITS)),
        CardSection("data", texts.CARD_DATA_TITLE, kept_lines),
        CardSection("contact", texts.CARD_CONTACT, (contact,)),
    ]


def _masked() -> str:
    return texts.CARD_MASKED.format(identifiers=percent(CAUGHT_IDENTIFIERS), names=percent(CAUGHT_NAMES))


def _prompts() -> CardSection:
    shown = {prompt.identifier: prompt.shown for prompt in prompts().values()}
    return CardSection("prompts", texts.CARD_PROMPTS, texts.CARD_PROMPTS_LINES, texts=shown)


def _quality(measured: Measurement | None) -> CardSection:
    if measured is None:
        return CardSection("quality", texts.CARD_QUALITY, (texts.CARD_UNMEASURED,))
    facts = {name: percent(measured.figures[figure]) for figure, name in common.FIGURES.items() if figure in measured.figures}
    count = number(measured.turns) if measured.turns else texts.CARD_UNKNOWN
    return CardSection(
        "quality",
        texts.CARD_QUALITY,
        (texts.CARD_MEASURED.format(date=long_date(measured.created.date().isoformat()), count=count),),
        facts,
    )
