"""The way of one request: gate, budget, provider, gate, journal and ledger. Knows no litellm and no SQL."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway import money
from uncase_pipeline.gateway.backend import RawAnswer
from uncase_pipeline.gateway.failures import Failure
from uncase_pipeline.gateway.journal import Journal, Kept
from uncase_pipeline.gateway.lane import Clocks, Lane
from uncase_pipeline.gateway.lanes import Lanes, explained, hopeless
from uncase_pipeline.gateway.ledger import Entry, Event, Ledger
from uncase_pipeline.gateway.privacy import Gate, Policy, Verdict
from uncase_pipeline.gateway.progress import Progress
from uncase_pipeline.gateway.request import Outcome, Refusal, Request, Usage, reply_of
from uncase_pipeline.gateway.spending import Caps, Hold, Spent

_LANDING_SECONDS = 0.05


@dataclass(frozen=True)
class Passage:
    """Everything that a request passes, for one run."""

    run_id: str
    gate: Gate
    policy: Policy
    lanes: Lanes
    journal: Journal
    ledger: Ledger
    caps: Caps
    clocks: Clocks
    progress: Progress
    timeout: float
    held: set[str] = field(default_factory=set)
    """Holds of this run's calls under way."""

    async def go(self, request: Request, key: str) -> Outcome:
        """Answer a request from the journal, else from the first lane that has an answer.

        Raises:
            UncaseError: What ends the run.
        """
        kept = self.journal.find(key)
        if kept is not None:
            self.progress.from_journal += 1
            return self._outcome(kept, from_journal=True)
        lanes = self.lanes.ordered(request.model, key)
        verdict = self.gate.of_payload(
            request.payload,
            language=request.language,
            domain=request.lineage.domain,
            quoted=request.quoted,
        )
        stop = self.policy.stops(verdict)
        if stop is not None:
            await self._record(request, key, "stopped", lanes[0], verdict)
            return self._refusal(f"{stop}-in-prompt", verdict.sentence())
        return await self._ask(request, key, lanes, verdict)

    async def _ask(self, request: Request, key: str, lanes: list[Lane], verdict: Verdict) -> Outcome:
        last: tuple[Lane, Failure] | None = None
        for lane in lanes:
            outcome = await self._ask_lane(request, key, lane, verdict)
            if not isinstance(outcome, Failure):
                return outcome
            last = lane, outcome
        ending = hopeless(lanes)
        if ending is not None or last is None:
            raise ending or UncaseError("no-lane", "There is no model to ask.", "Set UNCASE_MODEL.")
        return self._refusal(last[1].code, explained(*last))

    async def _ask_lane(self, request: Request, key: str, lane: Lane, verdict: Verdict) -> Outcome | Failure:
        async def note(event: Event, attempt: int) -> None:
            await self._record(request, key, event, lane, verdict, attempt=attempt)

        hold = await self._hold(request, lane)
        try:
            async with lane.asked(request, timeout=self.timeout, note=note) as answer:
                if isinstance(answer, RawAnswer):
                    return await self._keep(request, key, lane, answer, hold)
        finally:
            if hold is not None:
                await self.journal.release(hold)
                self.held.discard(hold.id)
        await self._record(request, key, "failed", lane, Verdict())
        return answer

    async def _keep(
        self, request: Request, key: str, lane: Lane, answer: RawAnswer, hold: Hold | None
    ) -> Outcome:
        """Judge an answer and put it on disk, then hand it on. The caps count an unknown cost at its most."""
        verdict = self.gate.of_answer(
            answer.body["message"], language=request.language, domain=request.lineage.domain
        )
        stop = self.policy.stops(verdict)
        refused = f"{stop}-in-answer" if stop else None
        kept = _kept(request, key, lane, answer, verdict=verdict, refused=refused)
        await asyncio.gather(
            self.journal.keep(
                kept, run_id=self.run_id, now=self.clocks.today(), at_most=hold.usd if hold else 0.0
            ),
            self._record(request, key, "stopped" if stop else "answered", lane, verdict),
        )
        self.progress.paid(kept.cost_usd)
        self.progress.tell(lane.limit.under_way)
        return self._outcome(kept, from_journal=False)

    async def _hold(self, request: Request, lane: Lane) -> Hold | None:
        """Set money aside. Where a cap refuses, wait for calls under way to cost less than they might.

        Raises:
            UncaseError: ``budget-spent``.
        """
        if not self.caps.any or lane.route.free:
            return None
        most = money.most_it_can_cost(lane.route, request)
        while True:
            held = await self.journal.hold(most, self.caps, run_id=self.run_id, now=self.clocks.today())
            if isinstance(held, Hold):
                self.held.add(held.id)
                return held
            if not self.held:
                raise _budget_spent(held, self.caps, most)
            await asyncio.sleep(_LANDING_SECONDS)

    async def _record(
        self, request: Request, key: str, event: Event, lane: Lane, verdict: Verdict, *, attempt: int = 0
    ) -> None:
        entry = Entry(
            at=datetime.fromtimestamp(self.clocks.today(), UTC).isoformat(timespec="milliseconds"),
            event=event,
            run_id=self.run_id,
            call=key,
            attempt=attempt,
            destination=lane.route.destination,
            model=lane.route.model,
            template=request.template_version,
            payload_hash=request.payload_hash,
            verdict=verdict.wire(),
            lineage=request.lineage.wire(),
            scanner=self.gate.version,
        )
        await self.ledger.append(entry)

    def _outcome(self, kept: Kept, *, from_journal: bool) -> Outcome:
        if kept.refused is not None:
            self.progress.refused += 1
            return Refusal(kept.refused, kept.detail, kept.cost_usd, from_journal)
        return reply_of(
            kept.answer,
            cost_usd=kept.cost_usd,
            provider=kept.provider,
            model=kept.model,
            from_journal=from_journal,
            key=kept.key,
        )

    def _refusal(self, reason: str, detail: str) -> Refusal:
        self.progress.refused += 1
        return Refusal(reason, detail)


def _kept(
    request: Request, key: str, lane: Lane, answer: RawAnswer, *, verdict: Verdict, refused: str | None
) -> Kept:
    body = {**answer.body, "message": {}} if refused else answer.body
    usage = Usage(**body["usage"])
    return Kept(
        key=key,
        asked_model=request.model,
        model=lane.route.model,
        provider=lane.route.provider,
        payload_hash=request.payload_hash,
        sample=request.sample,
        template=request.template_version,
        lineage=request.lineage.wire(),
        answer=body,
        cost_usd=money.cost_of(lane.route, usage, answer.reported_usd),
        refused=refused,
        detail=verdict.sentence() if refused else "",
        usage=(usage.prompt_tokens, usage.completion_tokens),
    )


def _budget_spent(spent: Spent, caps: Caps, most: float) -> UncaseError:
    which, so_far, cap = (
        ("run", spent.run, caps.run)
        if caps.run is not None and spent.run + most > caps.run
        else ("day", spent.day, caps.day)
    )
    return UncaseError(
        "budget-spent",
        f"The cap of ${cap:.2f} per {which} is reached: ${so_far:.4f} are spent and the next call may cost "
        f"${most:.4f}.",
        f"What was paid is kept. Raise UNCASE_CAP_USD_PER_{which.upper()} and run it again to go on.",
    )
