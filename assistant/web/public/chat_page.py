"""The chat drawn with Gradio: its components, and the handlers of their events.

Wires the page's events to `conversations`; holds no rule of the domain and draws nothing itself.
What is said of a conversation is only said to the tab that knows its secret id.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from fastapi import Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from assistant.generation.writing import WritingForm, WritingLength, WritingStyle
from assistant.records.journal import Journal
from assistant.settings import Settings
from assistant.throttling import MINUTE, Counted, Throttle, Window, duration, network
from assistant.web.public import chat_export
from assistant.web.public import chat_view as chat
from assistant.web.public import page_layout as layout
from assistant.web.public import page_texts as texts
from assistant.web.public.commune_page import CommunePage
from assistant.web.public.conversations import ChatTurn, Conversation, Conversations
from assistant.web.shared import common_texts, page_pictures, sources
from assistant.web.shared.attachments import attached
from assistant.web.shared.published_base import PublishedBase

_QUEUE = 200  # events that may wait; beyond, the asker is told to try again
_FOLLOWED = 100  # answers shown as they are written, at the same time; `settings.concurrency` of them are being computed
_TYPED_FACTOR = 20  # the box takes this many times the limit, so that a long paste can be shortened in place
_MOUNT = "Assistant.mount({props, trigger, server, watch, events: ['ask', 'renew']});"
_STORED = "() => [Assistant.stored()]"
_STYLED = "(question, conversation) => [question, conversation, Assistant.style()]"


class ChatHandlers:
    """The handlers of the page's events. One for all visitors: holds no conversation itself."""

    def __init__(
        self,
        base: PublishedBase,
        conversations: Conversations,
        journal: Journal,
        settings: Settings,
        throttle: Throttle | None = None,
    ) -> None:
        self._base, self._conversations, self._journal, self._settings = base, conversations, journal, settings
        self._throttle = throttle or Throttle()
        self._everybody = Counted(("questions",), (Window(settings.questions_per_minute_overall, MINUTE),))

    @property
    def writes(self) -> bool:
        """Whether a language model writes the answers."""
        return self._conversations.writes

    # -- events of the page: each yields what to put in the four outputs of `build_page`: the frame, the notice, the state of
    # the base, the id of the conversation. The page's script empties the question box.

    async def opened(self, stored: str) -> AsyncIterator[tuple[Any, ...]]:
        """A page is opened or reloaded: show its conversation, and follow the answer being written."""
        conversation = self._conversations.get(stored) or Conversation()
        yield self._shown(conversation, list(conversation.entries), reset=True)
        if running := conversation.running:
            async for shown in self._followed(conversation, running):
                yield shown

    def furnished(self) -> tuple[str, str]:
        """What a page that is opened says of the base now: suggestions and footer."""
        return self.themes(), self.footer()

    async def question_sent(
        self, question: str, conversation_id: str, style: str = "", request: gr.Request | None = None
    ) -> AsyncIterator[tuple[Any, ...]]:
        """A question is sent from the box, `style` chosen under it: its answer as it is written, or why it was not asked."""
        question, client = question.strip(), network(request.client.host if request and request.client else "")
        if problem := self._problem(question) or await run_in_threadpool(self._too_often, client):
            yield self._noticed(problem)
            return
        conversation = self._conversations.get(conversation_id) or Conversation()
        entry = self._conversations.ask(conversation, question, style_of(style), client)
        if entry is None:
            twice = conversation.running is not None and conversation.running.question == question
            yield self._noticed("" if twice else texts.BUSY)
            return
        # An answer taken back since it was shown, its document withdrawn, is taken back on the page too.
        yield self._shown(conversation, [*(other for other in conversation.entries if other.taken_back), entry])
        async for shown in self._followed(conversation, entry):
            yield shown

    async def suggested(
        self, conversation_id: str, event: gr.EventData, request: gr.Request | None = None
    ) -> AsyncIterator[tuple[Any, ...]]:
        """A suggested question is clicked."""
        question, style = str(event.question)[: self._settings.question_limit], str(getattr(event, "style", ""))
        async for shown in self.question_sent(question, conversation_id, style, request):
            yield shown

    def renewed(self) -> tuple[Any, ...]:
        """A new conversation; the one left is forgotten with time."""
        return self._shown(Conversation(), [], reset=True)

    async def _followed(self, conversation: Conversation, entry: ChatTurn) -> AsyncIterator[tuple[Any, ...]]:
        async for _ in entry.follow():
            frame, _notice, *rest = self._shown(conversation, [entry])
            yield (frame, gr.skip(), *rest)  # a question sent meanwhile was told to wait: that stays in sight

    def _shown(self, conversation: Conversation, entries: list[ChatTurn], reset: bool = False) -> tuple[Any, ...]:
        edition = self._base.edition
        return chat.frame(conversation, entries, edition, reset), layout.notice(""), layout.state(edition.state), conversation.id

    def _noticed(self, notice: str) -> tuple[Any, ...]:
        return gr.skip(), layout.notice(notice), gr.skip(), gr.skip()

    def _problem(self, question: str) -> str:
        if not question:
            return texts.EMPTY
        limit = self._settings.question_limit
        return texts.TOO_LONG.format(length=len(question), limit=limit) if len(question) > limit else ""

    def _too_often(self, client: str) -> str:
        """Why one more question is too many; empty when it is not, and it is counted."""
        own = Counted(("question", client), (Window(self._settings.questions_per_minute, MINUTE),))
        if wait := self._throttle.wait(own):
            return texts.TOO_OFTEN.format(wait=duration(wait))
        if wait := self._throttle.wait(self._everybody):
            return texts.TOO_MANY.format(wait=duration(wait))
        return ""

    # -- what depends on the version of the base

    def themes(self) -> str:
        """The welcome, with questions to begin with, as HTML."""
        return chat.welcome(self._base.edition)

    def footer(self) -> str:
        """The foot of the page, as HTML: what the base holds, what is kept."""
        edition = self._base.edition
        encoder = edition.assistant.retriever.manifest.encoder.name.rpartition("/")[2]
        return layout.footer(edition.state, self._settings, encoder, self._journal.keeps)

    def state(self) -> str:
        """The line that says how many documents there are and how recent, as HTML."""
        return layout.state(self._base.edition.state)

    # -- functions the page's script calls

    def open_source(self, fields: dict[str, Any]) -> str:
        """The content of the source panel for one citation, as HTML.

        Args:
            fields: of the page's script: `conversation`, `exchange`, `marker`.
        """
        entry = self._entry(fields)
        source = next((s for s in entry.sources if s.marker == fields.get("marker")), None) if entry else None
        if source is None:
            problem = common_texts.WITHDRAWN if entry and entry.taken_back else texts.PANEL_FAILED
            return f'<p class="warning">{problem}</p>'
        retriever = self._base.edition.assistant.retriever
        withdrawn = source.document not in retriever.documents
        return sources.panel(source, withdrawn, pictures=page_pictures.of(source, retriever))

    def page_image(self, document: str, number: int) -> Response:
        """A page of a document of the published version, as a picture; 404 for any other."""
        retriever = self._base.edition.assistant.retriever
        return page_pictures.picture(retriever.original(document), retriever.documents.get(document), number)

    def give_opinion(self, given: dict[str, Any]) -> dict[str, Any]:
        """Keep 👍 or 👎; `kept` says whether it was, `message` says so in words.

        Args:
            given: by the page's script: `conversation`, `exchange`, `value` (« up », « down »), `reasons`, `comment`.
        """
        entry, value = self._entry(given), given.get("value")
        if entry is None or value not in ("up", "down"):
            return {"kept": False, "message": texts.FEEDBACK_FAILED}
        if not self._journal.keeps:
            entry.opinion = value
            return {"kept": True, "message": texts.FEEDBACK_OFF}
        entry.kept.wait(timeout=5.0)  # a quick click may come before the exchange is in the journal
        reasons = [words for name, words in texts.REASONS.items() if name in (given.get("reasons") or [])]
        comment = str(given.get("comment") or "")
        kept = entry.journal_id is not None and self._journal.feedback(entry.journal_id, value, reasons, comment)
        entry.opinion = value if kept else entry.opinion
        return {"kept": kept, "message": texts.FEEDBACK_THANKS if kept else texts.FEEDBACK_FAILED}

    def stop_writing(self, fields: dict[str, Any]) -> bool:
        """Stop the model that writes an answer: the passages' own words take its place."""
        entry = self._entry(fields)
        if entry:
            entry.stopping.set()
        return entry is not None

    def exported(self, conversation_id: str, kind: str) -> Response:
        """The conversation as a file, Word for the kind « docx » and Markdown for any other; 404 when there is none."""
        conversation = self._conversations.get(conversation_id)
        if conversation is None or not conversation.entries:
            return HTMLResponse(f'<!doctype html><html lang="fr"><title>{texts.TITLE}</title><p>{texts.EXPORT_NOTHING}', 404)
        entries, base = list(conversation.entries), self._base.edition.state
        content, media_type, suffix = (
            (chat_export.to_docx(entries, base), chat_export.DOCX_TYPE, "docx")
            if kind == "docx"
            else (chat_export.to_markdown(entries, base), chat_export.MARKDOWN_TYPE, "md")
        )
        name = f"{texts.EXPORT_FILE}.{suffix}"
        return attached(content, media_type, name)

    def _entry(self, fields: dict[str, Any]) -> ChatTurn | None:
        conversation = self._conversations.get(str(fields.get("conversation"))) if isinstance(fields, dict) else None
        return conversation.entry(str(fields.get("exchange"))) if conversation else None


def style_of(chosen: str) -> WritingStyle:
    """What the page's script says was chosen, « courrier detaillee simple »; whatever else it says counts for nothing."""
    words = set(chosen.split())
    form = next((form for form in WritingForm if form in words), WritingForm.ANSWER)
    length = next((length for length in WritingLength if length in words), WritingLength.SHORT)
    return WritingStyle(form, length, "simple" in words)


def build_page(page: ChatHandlers, communes: CommunePage, settings: Settings) -> gr.Blocks:
    """The components and their events."""

    def open_source(asked: dict[str, Any]) -> str:  # Gradio marks the function itself: a method takes no mark
        return page.open_source(asked)

    def give_opinion(given: dict[str, Any]) -> dict[str, Any]:
        return page.give_opinion(given)

    def stop_writing(asked: dict[str, Any]) -> bool:
        return page.stop_writing(asked)

    def find_communes(asked: dict[str, Any]) -> list[dict[str, Any]]:
        return communes.find(asked)

    def review_commune(fields: dict[str, Any]) -> str:
        return communes.review(fields)

    def open_proof(asked: dict[str, Any]) -> str:
        return communes.open_proof(asked)

    def compute_aid(asked: dict[str, Any]) -> str:
        return communes.compute(asked)

    def furnished() -> tuple[str, str, str]:
        return *page.furnished(), communes.form()

    called = [open_source, give_opinion, stop_writing, find_communes, review_commune, open_proof, compute_aid]
    with gr.Blocks(title=texts.TITLE, analytics_enabled=False, fill_width=True) as blocks:
        own_id, stored, style = gr.State(""), gr.Textbox(visible=False), gr.Textbox(visible=False)
        with gr.Row(elem_id="top"):
            _html(layout.header(), "header")
            _html(layout.views(), "views")
            state = _html(page.state(), "state")
        with gr.Row(elem_id="body"):
            with gr.Column(elem_id="main", min_width=0):
                _html(layout.conversation(page.writes), "conversation")
                frame = gr.HTML(
                    "",
                    html_template="<span hidden></span>",
                    js_on_load=_MOUNT,
                    apply_default_css=False,
                    server_functions=called,
                    elem_id="frame",
                )
                themes = _html(page.themes(), "themes")
                with gr.Column(elem_id="composer", min_width=0):
                    with gr.Row(elem_id="ask"):
                        box = gr.Textbox(
                            label=texts.QUESTION_LABEL,
                            placeholder=texts.QUESTION_HINT,
                            lines=1,
                            max_lines=6,
                            container=False,
                            max_length=settings.question_limit * _TYPED_FACTOR,
                            elem_id="question",
                            autofocus=False,
                            scale=1,
                        )
                        send = gr.Button(texts.SEND, elem_id="send", variant="primary", scale=0, min_width=0)
                    notice = _html("", "notice")
                    choices = layout.style_choices() if page.writes else ""
                    _html(choices + f'<p class="disclaimer">{texts.DISCLAIMER}</p>' + layout.tools(), "under")
                commune = _html(communes.form(), "commune")
            _html(layout.source_panel(), "side")
        footer = _html(page.footer(), "footer")
        outputs = [frame, notice, state, own_id]
        common: dict[str, Any] = {
            # « multiple »: « once » would drop, without a word, a question sent before the last event is over.
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
            "concurrency_limit": _FOLLOWED,
        }
        blocks.load(page.opened, [stored], outputs, js=_STORED, **common)
        blocks.load(furnished, None, [themes, footer, commune], **common)
        gr.on([send.click, box.submit], page.question_sent, [box, own_id, style], outputs, js=_STYLED, **common)
        frame.ask(page.suggested, [own_id], outputs, **common)
        frame.renew(page.renewed, None, outputs, **common)
    return blocks.queue(max_size=_QUEUE, api_open=False)


def _html(value: str, name: str) -> gr.HTML:
    # No script on load: the default one sends every click of the page to the server.
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)
