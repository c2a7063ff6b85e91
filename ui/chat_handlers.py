"""What the chat page does on each event: a session in, the page's parts and the session out.

Everything that a visitor sees of their own is in their `Session`, kept by Gradio for their page
alone; the module holds none of it.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from rag.conversation import Turn, resolve
from rag.pipeline import MAX_QUESTION_CHARACTERS, LivePipeline, Pipeline
from rag.steps import OnStep, Step, Stopped
from rag.types import Answer, Article
from ui.chat_events import position_of, text_of, vote_of
from ui.conversations import Exchange, Session, pack, unpack
from ui.feedback import FeedbackStore
from ui.messages import Messages, as_language, preferred_language
from ui.render import turn
from ui.shell import bar, empty_state, panel
from ui.sources import View
from ui.telemetry import OFF, Traces
from ui.work import Work

log = logging.getLogger("groundwire.chat")

MAX_NOTE_CHARACTERS = 1_000
# What a handler gives back: talk, bar, question field, session, and the browser's copy of it.
Shown = tuple[Any, Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Chat:
    """The page's handlers. Without `feedback` the page offers no votes."""

    live: LivePipeline
    suggestions: Callable[[], Sequence[str]]
    feedback: FeedbackStore | None
    workers: ThreadPoolExecutor
    running: dict[str, Work]
    traces: Traces = OFF

    def start(self, kept: object, request: gr.Request) -> tuple[Any, ...]:
        """The page as this browser left it, in the visitor's language."""
        session = unpack(kept, self.live.get().articles)
        if not (isinstance(kept, dict) and as_language(kept.get("language"))):
            accept = request.headers.get("accept-language")
            session = replace(session, language=preferred_language(accept))
        return (panel(Messages(session.language)), *self._all(session))

    def ask(self, question: str, session: Session) -> Iterator[Shown]:
        """Answers a typed question at the end of the conversation."""
        yield from self._answer(session, len(session.current.exchanges), question)

    def ask_suggested(self, session: Session, event: gr.EventData) -> Iterator[Shown]:
        """Answers a question that was offered."""
        question = text_of(event, "question")
        yield from self._answer(session, len(session.current.exchanges), question)

    def retry(self, session: Session) -> Iterator[Shown]:
        """Asks the last question again."""
        exchanges = session.current.exchanges
        if exchanges:
            yield from self._answer(session, len(exchanges) - 1, exchanges[-1].question)
        else:
            yield self._all(session)

    def edit(self, session: Session, event: gr.EventData) -> Iterator[Shown]:
        """Asks a changed question in the place of an earlier one; what followed it is dropped."""
        at = position_of(event, session)
        if at is None:
            yield self._all(session)
        else:
            yield from self._answer(session, at, text_of(event, "question"))

    def stop(self, session: Session) -> None:
        """Ends the work on the question of this session."""
        work = self.running.get(session.asking)
        if work:
            work.stop()

    def vote(self, session: Session, event: gr.EventData) -> Shown:
        """Stores a vote, or its note; the same vote again takes it back."""
        at = position_of(event, session)
        vote = vote_of(event)
        if at is None or self.feedback is None or not vote:
            return self._all(session)
        exchange = session.current.exchanges[at]
        if exchange.answer is None:
            return self._all(session)
        asked = hashlib.sha256(exchange.question.encode()).hexdigest()[:12]
        key = f"{session.current.id}:{at}:{asked}"
        note = text_of(event, "note")[:MAX_NOTE_CHARACTERS]
        if exchange.vote == vote and not note:
            self.feedback.withdraw(key)
            return self._all(session.with_vote(at, ""))
        self.feedback.add(key, vote, note, exchange.answer)
        return self._all(session.with_vote(at, vote))

    def new(self, session: Session) -> Shown:
        """An empty conversation; the one before stays in the history."""
        return self._all(session.fresh())

    def open(self, session: Session, event: gr.EventData) -> Shown:
        """A conversation of the history, to go on with."""
        return self._all(session.opened(text_of(event, "id")))

    def forget(self, session: Session, event: gr.EventData) -> Shown:
        """The session without one conversation, or without any."""
        return self._all(session.without(text_of(event, "id")))

    def filter(self, session: Session, event: gr.EventData) -> Shown:
        """The articles to search: one more, one less, or all of them."""
        document = text_of(event, "document")
        others = tuple(item for item in session.articles if item != document)
        if not document:
            return self._all(replace(session, articles=(), sought=""))
        if document in session.articles or document not in self.live.get().articles:
            return self._all(replace(session, articles=others))
        return self._all(replace(session, articles=(*others, document)))

    def find(self, session: Session, event: gr.EventData) -> Shown:
        """The bar with the articles whose title holds what was typed."""
        return self._all(replace(session, sought=text_of(event, "sought")[:100]))

    def speak(self, session: Session, event: gr.EventData) -> tuple[Any, ...]:
        """The whole page in another language."""
        language = as_language(text_of(event, "language")) or session.language
        session = replace(session, language=language)
        return (panel(Messages(language)), *self._all(session))

    def _answer(self, session: Session, at: int, asked: str) -> Iterator[Shown]:
        question = asked.strip()
        if not question:
            yield self._all(session)
            return
        say = Messages(session.language)
        if len(question) > MAX_QUESTION_CHARACTERS:
            fault = say("too_long", count=f"{MAX_QUESTION_CHARACTERS:,}")
            short = question[:MAX_QUESTION_CHARACTERS]
            failed = Exchange(question=short, standalone=short, state="failed", fault=fault)
            yield self._all(session.with_question(at, failed))
            return
        pipeline = self.live.get()
        before = [_turn(exchange) for exchange in session.current.exchanges[:at] if exchange.answer]
        standalone = resolve(question, before).standalone
        working = Exchange(question=question, standalone=standalone)
        session = session.with_question(at, working)
        chosen = [document for document in session.articles if document in pipeline.articles]
        count = len(chosen) or len(pipeline.articles)
        work, name = Work(), secrets.token_hex(16)
        self.running[name] = work
        asking = replace(session, asking=name)
        try:
            yield self._busy(asking, say.searching(count))
            answering = self.workers.submit(
                self._ask, pipeline, question, standalone, chosen, work.on_step
            )
            answering.add_done_callback(lambda _: work.done())
            for step in work.steps():
                yield self._busy(asking, _progress(step, say, count))
        finally:
            del self.running[name]
            work.stop()  # the page may be gone; where the answer is there, this changes nothing
        if not answering.done() or isinstance(answering.exception(), Stopped):
            answering.cancel()
            yield self._all(session.with_last(replace(working, state="stopped")))
            return
        raised = answering.exception()
        if raised is not None:
            number = secrets.token_hex(4)
            log.error("question failed, request %s", number, exc_info=raised)
            failed = replace(working, state="failed", fault=say("failed_why", id=number))
            yield self._all(session.with_last(failed))
            return
        answered = replace(working, state="answered", answer=answering.result())
        yield self._all(session.with_last(answered))

    def _ask(
        self,
        pipeline: Pipeline,
        question: str,
        standalone: str,
        articles: Sequence[str],
        on_step: OnStep,
    ) -> Answer:
        with self.traces.chat(), self.traces.stages(on_step) as watched:
            return pipeline.ask(question, standalone=standalone, articles=articles, on_step=watched)

    def _busy(self, session: Session, progress: str) -> Shown:
        say = Messages(session.language)
        field = gr.Textbox(value="", submit_btn=False, stop_btn=say("stop"))
        return self._talk(session, progress), gr.skip(), field, session, gr.skip()

    def _all(self, session: Session) -> Shown:
        say = Messages(session.language)
        articles = self.live.get().articles
        field = gr.Textbox(
            label=say("question"),
            placeholder=say("placeholder"),
            submit_btn=say("ask"),
            stop_btn=False,
        )
        kept = pack(session)
        return self._talk(session), bar(session, articles, say), field, session, kept

    def _talk(self, session: Session, progress: str = "") -> str:
        say = Messages(session.language)
        articles = self.live.get().articles
        exchanges = session.current.exchanges
        if not exchanges:
            inside = empty_state(articles, self.suggestions(), say)
        else:
            view = View(
                articles=articles,
                say=say,
                searched=_searched(session, articles, say),
                feedback=self.feedback is not None,
            )
            last = len(exchanges) - 1
            inside = "".join(
                turn(at, exchange, view, last=at == last, progress=progress)
                for at, exchange in enumerate(exchanges)
            )
        return (
            f'<div class="gw-talk" role="region" aria-label="{say("conversation")}" '
            f'lang="{say.language}" data-conversation="{session.current.id}">{inside}</div>'
        )


def _searched(session: Session, articles: Mapping[str, Article], say: Messages) -> str:
    chosen = [articles[item].title for item in session.articles if item in articles]
    return ", ".join(chosen) if chosen else say.articles(len(articles))


def _progress(step: Step, say: Messages, articles: int) -> str:
    if step.stage == "search" or not step.done:
        return say.searching(articles)
    return say("reading", done=step.done, total=step.total)


def _turn(exchange: Exchange) -> Turn:
    answer = exchange.answer
    return Turn(
        question=exchange.question,
        standalone=exchange.standalone,
        answer=(answer.short_answer or "") if answer else "",
        evidence=tuple(citation.quote for citation in answer.citations) if answer else (),
    )
