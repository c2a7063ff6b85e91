"""What the chat page does on each event: the visitor's desk in, the page's parts and the desk out.

Everything that a visitor sees of their own is on their `Desk`, kept by Gradio for their page alone,
with a copy in their browser; the module holds none of it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from rag.conversation import Turn, resolve
from rag.pipeline import MAX_QUESTION_CHARACTERS, LivePipeline, Pipeline
from rag.steps import OnStep, Step, Stopped
from rag.types import Answer
from ui.chat_events import position_of, text_of, vote_of
from ui.conversations import Exchange, Session
from ui.desk import Desk
from ui.feedback import FeedbackStore
from ui.kept import MAX_TITLES, pack, unpack
from ui.markup import text
from ui.messages import Messages, as_language, preferred_language
from ui.shell import bar, conversation, panel
from ui.sources import View
from ui.telemetry import OFF, Traces
from ui.work import Work

log = logging.getLogger("groundwire.chat")

MAX_NOTE_CHARACTERS = 1_000
# What a handler gives back: talk, bar, question field, progress, desk, and the browser's copy.
Shown = tuple[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Chat:
    """The page's handlers. Without `feedback` the page offers no votes.

    Each takes the desk and the browser's copy (`kept`), from which a desk that the server lost is
    filled again.
    """

    live: LivePipeline
    suggestions: Callable[[], Sequence[str]]
    feedback: FeedbackStore | None
    workers: ThreadPoolExecutor
    traces: Traces = OFF

    def start(self, desk: Desk, kept: object, request: gr.Request) -> tuple[Any, ...]:
        """The page as this browser left it, in the visitor's language."""
        self._session(desk, kept)
        if not (isinstance(kept, dict) and as_language(kept.get("language"))):
            language = preferred_language(request.headers.get("accept-language"))
            desk.change(lambda session: replace(session, language=language))
        return (panel(Messages(desk.now.language)), *self._all(desk))

    def ask(self, question: str, desk: Desk, kept: object) -> Iterator[Shown]:
        """Answers a typed question at the end of the conversation."""
        at = len(self._session(desk, kept).current.exchanges)
        yield from self._answer(desk, kept, at, question, typed=True)

    def ask_suggested(self, desk: Desk, kept: object, event: gr.EventData) -> Iterator[Shown]:
        """Answers a question that was offered."""
        at = len(self._session(desk, kept).current.exchanges)
        yield from self._answer(desk, kept, at, text_of(event, "question"))

    def retry(self, desk: Desk, kept: object) -> Iterator[Shown]:
        """Asks the last question again."""
        exchanges = self._session(desk, kept).current.exchanges
        if exchanges:
            yield from self._answer(desk, kept, len(exchanges) - 1, exchanges[-1].question)
        else:
            yield self._all(desk)

    def edit(self, desk: Desk, kept: object, event: gr.EventData) -> Iterator[Shown]:
        """Asks a changed question in the place of an earlier one; what followed it is dropped."""
        at = position_of(event, self._session(desk, kept))
        if at is None:
            yield self._all(desk)
        else:
            yield from self._answer(desk, kept, at, text_of(event, "question"))

    def stop(self, desk: Desk) -> None:
        """Ends the work on the visitor's question."""
        desk.stop()

    def vote(self, desk: Desk, kept: object, event: gr.EventData) -> Shown:
        """Stores a vote, or its note; the same vote again takes it back."""
        session = self._session(desk, kept)
        at = position_of(event, session)
        vote = vote_of(event)
        if at is None or self.feedback is None or not vote:
            return self._all(desk)
        exchange = session.current.exchanges[at]
        if exchange.answer is None:
            return self._all(desk)
        key = f"{session.current.id}:{exchange.id}"
        note = text_of(event, "note")[:MAX_NOTE_CHARACTERS]
        if exchange.vote == vote and not note:
            self.feedback.withdraw(key)
            return self._changed(desk, kept, _voted(replace(exchange, vote="")))
        self.feedback.add(key, vote, note, exchange.answer)
        return self._changed(desk, kept, _voted(replace(exchange, vote=vote)))

    def new(self, desk: Desk, kept: object) -> Shown:
        """An empty conversation; the one before stays in the history."""
        return self._changed(desk, kept, Session.fresh)

    def open(self, desk: Desk, kept: object, event: gr.EventData) -> Shown:
        """A conversation of the history, to go on with."""
        wanted = text_of(event, "id")
        return self._changed(desk, kept, lambda session: session.opened(wanted))

    def forget(self, desk: Desk, kept: object, event: gr.EventData) -> Shown:
        """The session without one conversation, or without any."""
        wanted = text_of(event, "id")
        return self._changed(desk, kept, lambda session: session.without(wanted))

    def filter(self, desk: Desk, kept: object, event: gr.EventData) -> Shown:
        """The articles to search: one more, one less, or all of them."""
        document = text_of(event, "document")
        held = self.live.get().articles

        def toggled(session: Session) -> Session:
            others = tuple(item for item in session.articles if item != document)
            if not document:
                return replace(session, articles=(), sought="")
            if document in session.articles or document not in held:
                return replace(session, articles=others)
            return replace(session, articles=(*others, document))

        return self._changed(desk, kept, toggled)

    def find(self, desk: Desk, kept: object, event: gr.EventData) -> Shown:
        """The bar with the articles whose title holds what was typed."""
        sought = text_of(event, "sought")[:100]
        return self._changed(desk, kept, lambda session: replace(session, sought=sought))

    def speak(self, desk: Desk, kept: object, event: gr.EventData) -> tuple[Any, ...]:
        """The whole page in another language."""
        language = as_language(text_of(event, "language")) or self._session(desk, kept).language
        shown = self._changed(desk, kept, lambda session: replace(session, language=language))
        return (panel(Messages(language)), *shown)

    def _answer(
        self, desk: Desk, kept: object, at: int, asked: str, *, typed: bool = False
    ) -> Iterator[Shown]:
        session = self._session(desk, kept)
        say = Messages(session.language)
        question = asked.strip()
        if not question:
            yield self._all(desk)
            return
        if desk.busy:
            yield _unchanged(desk)
            return
        if len(question) > MAX_QUESTION_CHARACTERS:
            fault = say("too_long", count=f"{MAX_QUESTION_CHARACTERS:,}")
            short = question[:MAX_QUESTION_CHARACTERS]
            failed = Exchange(question=short, standalone=short, state="failed", fault=fault)
            yield self._changed(desk, kept, lambda session: session.with_question(at, failed))
            return
        pipeline = self.live.get()
        before = [_turn(exchange) for exchange in session.current.exchanges[:at] if exchange.answer]
        standalone = resolve(question, before).standalone
        chosen = [document for document in session.articles if document in pipeline.articles]
        working = _working(question, standalone, pipeline, chosen)
        finished = replace(working, state="stopped")
        work = Work()
        searching = say.searching(working.searched)
        if not desk.begin(work, searching, lambda session: session.with_question(at, working)):
            yield _unchanged(desk)
            return
        try:
            answering = self.workers.submit(
                self._ask, pipeline, question, standalone, chosen, work.on_step
            )
            answering.add_done_callback(lambda _: work.done())
            yield self._begun(desk, typed=typed)
            for step in work.steps():
                desk.progress = _progress(step, Messages(desk.now.language), working.searched)
                yield _progressed(desk)
            answering.cancel()
            finished = _finished(working, answering, pipeline, say)
        finally:
            work.stop()  # the page may be gone; where the answer is there, this changes nothing
            desk.end(work, finished)
        yield self._all(desk)

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

    def _session(self, desk: Desk, kept: object) -> Session:
        return desk.session(lambda: unpack(kept, self.live.get().articles))

    def _changed(self, desk: Desk, kept: object, change: Callable[[Session], Session]) -> Shown:
        self._session(desk, kept)
        desk.change(change)
        return self._all(desk)

    def _begun(self, desk: Desk, *, typed: bool) -> Shown:
        stop = Messages(desk.now.language)("stop")
        if typed:
            field = gr.Textbox(value="", submit_btn=False, stop_btn=stop)
        else:
            field = gr.Textbox(submit_btn=False, stop_btn=stop)
        return self._talk(desk), self._bar(desk), field, "", desk, pack(desk.now)

    def _all(self, desk: Desk) -> Shown:
        session = desk.now
        say = Messages(session.language)
        field = gr.Textbox(
            label=say("question"),
            placeholder=say("placeholder"),
            submit_btn=False if desk.busy else say("ask"),
            stop_btn=say("stop") if desk.busy else False,
        )
        return self._talk(desk), self._bar(desk), field, "", desk, pack(session)

    def _bar(self, desk: Desk) -> str:
        return bar(desk.now, self.live.get().articles, Messages(desk.now.language))

    def _talk(self, desk: Desk) -> str:
        session = desk.now
        view = View(
            articles=self.live.get().articles,
            say=Messages(session.language),
            feedback=self.feedback is not None,
        )
        offered = () if session.current.exchanges else self.suggestions()
        return conversation(session.current, offered, view, desk.progress)


def _unchanged(desk: Desk) -> Shown:
    return gr.skip(), gr.skip(), gr.skip(), gr.skip(), desk, gr.skip()


def _progressed(desk: Desk) -> Shown:
    return gr.skip(), gr.skip(), gr.skip(), text(desk.progress), desk, gr.skip()


def _voted(exchange: Exchange) -> Callable[[Session], Session]:
    return lambda session: session.with_exchange(exchange)


def _working(question: str, standalone: str, pipeline: Pipeline, chosen: Sequence[str]) -> Exchange:
    titles = tuple(pipeline.articles[document].title for document in chosen)
    return Exchange(
        question=question,
        standalone=standalone,
        searched=len(chosen) or len(pipeline.articles),
        titles=titles if len(titles) <= MAX_TITLES else (),
    )


def _finished(
    working: Exchange, answering: Future[Answer], pipeline: Pipeline, say: Messages
) -> Exchange:
    """What became of a question that is worked on no longer."""
    if not answering.done() or answering.cancelled():
        return replace(working, state="stopped")
    raised = answering.exception()
    if isinstance(raised, Stopped):
        return replace(working, state="stopped")
    if raised is not None:
        number = secrets.token_hex(4)
        log.error("question failed, request %s", number, exc_info=raised)
        return replace(working, state="failed", fault=say("failed_why", id=number))
    answer = answering.result()
    looked_at = {passage.document for passage in answer.passages}
    versions = {item: pipeline.articles[item].sha256 for item in looked_at}
    return replace(working, state="answered", answer=answer, versions=versions)


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
