"""What is done of personal data, from the settings: the sections of the privacy notice, and those of the register.

Both are made of the same facts: what is kept and for how long, what is masked, what leaves for a model's server. Whoever is
responsible is not known here but for the contact of the settings; what only they can say is left to fill in. Draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.privacy.masking import CAUGHT_IDENTIFIERS, CAUGHT_NAMES, COUNTED_MESSAGES
from assistant.records.accounts import DEVICE_DAYS
from assistant.settings import Settings
from assistant.web.shared import notice_texts as texts
from assistant.web.shared.typography import percent


@dataclass(frozen=True)
class NoticeSection:
    """A part of the notice or of the register: sentences, then facts by name."""

    title: str
    lines: tuple[str, ...] = ()
    facts: Mapping[str, str] | None = None


def notice(settings: Settings, keeps: bool) -> list[NoticeSection]:
    """What whoever asks is told.

    Args:
        keeps: False when the database keeps nothing.
    """
    return [
        NoticeSection(texts.RESPONSIBLE, (_contact(settings), texts.PURPOSE)),
        NoticeSection(texts.KEPT, (texts.KEPT_LINE,) if keeps else (texts.NOTHING_KEPT,), _kept(settings) if keeps else None),
        NoticeSection(texts.MASKED, (texts.MASKED_LINE, _measured(), texts.MASKED_PUBLIC)),
        NoticeSection(texts.SENT, _sent(settings)),
        NoticeSection(texts.RIGHTS, (*(texts.RIGHTS_LINES if keeps else ()), texts.RIGHTS_CONTACT)),
    ]


def register(settings: Settings, keeps: bool) -> list[NoticeSection]:
    """The entry of the register of processing activities (article 30)."""
    return [
        NoticeSection(texts.REGISTER_WHO, facts={
            texts.REGISTER_CONTROLLER: texts.TO_FILL_IN,
            texts.REGISTER_DPO: texts.TO_FILL_IN,
            texts.REGISTER_CONTACT: settings.contact.strip() or texts.TO_FILL_IN,
        }),
        NoticeSection(texts.REGISTER_WHY, (texts.PURPOSE, texts.REGISTER_PURPOSE, texts.REGISTER_BASIS)),
        NoticeSection(texts.REGISTER_PEOPLE, texts.REGISTER_PEOPLE_LINES),
        NoticeSection(texts.KEPT, () if keeps else (texts.NOTHING_KEPT,), _kept(settings) if keeps else None),
        NoticeSection(texts.REGISTER_RECIPIENTS, (texts.REGISTER_STAFF, *_sent(settings))),
        NoticeSection(texts.REGISTER_SECURITY, (texts.MASKED_LINE, _measured(), *texts.REGISTER_SECURITY_LINES)),
        NoticeSection(texts.REGISTER_RIGHTS_TITLE, (*(texts.RIGHTS_LINES if keeps else ()), texts.REGISTER_RIGHTS)),
    ]  # fmt: skip


def as_markdown(title: str, sections: list[NoticeSection]) -> str:
    """The sections as a file."""
    parts = [f"# {title}"]
    for section in sections:
        parts.append(f"## {section.title}")
        items = [*section.lines, *(f"**{name}** : {value}" for name, value in (section.facts or {}).items())]
        parts.append("\n".join(f"- {item}" for item in items))
    return "\n\n".join(parts) + "\n"


def _contact(settings: Settings) -> str:
    contact = settings.contact.strip()
    return texts.CONTACT_IS.format(contact=contact) if contact else texts.NO_CONTACT


def _kept(settings: Settings) -> dict[str, str]:
    days = {"days": settings.retention_days, "hours": settings.session_hours, "device_days": DEVICE_DAYS}
    return {name: line.format(**days) for name, line in texts.KEPT_FACTS.items()}


def _measured() -> str:
    return texts.MEASURED.format(messages=COUNTED_MESSAGES, identifiers=percent(CAUGHT_IDENTIFIERS), names=percent(CAUGHT_NAMES))


def _sent(settings: Settings) -> tuple[str, ...]:
    if not settings.model_url:
        return (texts.NOTHING_SENT,)
    return (texts.SENT_TO.format(model=settings.model_name, server=settings.model_host), texts.SENT_TERMS)
