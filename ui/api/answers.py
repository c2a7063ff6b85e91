"""Questions from many clients → few workers: a bounded queue with time limits."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

from rag.conversation import Turn, resolve
from rag.errors import GroundwireError
from rag.pipeline import LivePipeline
from rag.steps import OnStep
from rag.types import Answer
from ui.guard.metrics import Metrics
from ui.guard.problems import Problem, Refused
from ui.guard.settings import Limits
from ui.guard.turns import Turns
from ui.telemetry import OFF, Traces
from ui.work import Work

log = logging.getLogger("groundwire.api")

WORKERS = 2
REMEMBERED = 500


class Answers:
    """Answers questions in worker threads, never more at once than there are workers.

    The last 500 answers are remembered by request id, for the feedback on them.
    """

    def __init__(
        self, live: LivePipeline, limits: Limits, metrics: Metrics, traces: Traces = OFF
    ) -> None:
        workers = limits.workers or WORKERS
        self.live = live
        self._answer_s = limits.answer_s
        self._metrics = metrics
        self._traces = traces
        self._turns = Turns(workers, limits.waiting, limits.wait_s)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="answer")
        self._remembered: OrderedDict[str, Answer] = OrderedDict()

    async def ask(
        self,
        question: str,
        *,
        request_id: str,
        articles: Sequence[str] = (),
        turns: Sequence[Turn] = (),
    ) -> Answer:
        """The proven answer to a question, understood from the turns before it. Raises: Refused.

        Cancelling it gives up the place in the queue; a worker that has begun ends at its next
        step and keeps its turn until then.
        """
        await self._turn()
        work = Work()
        task = partial(
            copy_context().run, self._work, question, tuple(articles), tuple(turns), work.on_step
        )
        running = asyncio.get_running_loop().run_in_executor(self._pool, task)
        self._metrics.running.inc()
        running.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self._answer_s) as limit:
                answer = await asyncio.shield(running)
        except Exception as error:
            if isinstance(error, TimeoutError) and limit.expired():
                self._metrics.answers.labels("timed_out").inc()
                raise Refused(_took_too_long(self._answer_s)) from error
            self._metrics.answers.labels("failed").inc()
            unexpected = not isinstance(error, GroundwireError)
            log.error("answering failed: %s", error, exc_info=unexpected)
            raise Refused(NOT_ANSWERED) from error
        finally:
            work.stop()  # for a client that has left; an answer that is there stays
        self._count(answer)
        self._remember(request_id, answer)
        return answer

    def remembered(self, request_id: str) -> Answer | None:
        """The answer that was given to a request, if it is among the last ones."""
        return self._remembered.get(request_id)

    def stop(self) -> None:
        """Refuses the questions that wait and new ones; those being answered are finished."""
        self._turns.stop()

    async def _turn(self) -> None:
        self._metrics.waiting.set(self._turns.waiting + 1)
        try:
            with self._traces.waiting():
                await self._turns.take()
        finally:
            self._metrics.waiting.set(self._turns.waiting)

    def _work(
        self,
        question: str,
        articles: tuple[str, ...],
        turns: tuple[Turn, ...],
        on_step: OnStep,
    ) -> Answer:
        standalone = resolve(question, turns).standalone if turns else None
        with self._traces.stages(on_step) as watched:
            return self.live.get().ask(
                question, standalone=standalone, articles=articles, on_step=watched
            )

    def _done(self, running: asyncio.Future[Answer]) -> None:
        self._metrics.running.dec()
        self._turns.give_back()
        if not running.cancelled():
            running.exception()  # nobody else reads it when the client has left

    def _count(self, answer: Answer) -> None:
        outcome = "abstained" if answer.abstained else "answered"
        self._metrics.answers.labels(outcome).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._metrics.stage_seconds.labels(stage).observe(milliseconds / 1000)

    def _remember(self, request_id: str, answer: Answer) -> None:
        self._remembered[request_id] = answer
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)


def _took_too_long(limit_s: float) -> Problem:
    return Problem(
        status=504,
        name="took-too-long",
        title="Took too long",
        detail=f"No answer was found within {limit_s:g} seconds. Ask again, or ask more briefly.",
    )


NOT_ANSWERED = Problem(
    status=500,
    name="not-answered",
    title="Not answered",
    detail="The question could not be answered; the server's log says why. Report it with the "
    "request id.",
)
