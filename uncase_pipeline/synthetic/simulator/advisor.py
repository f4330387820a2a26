"""What the assistant says, act by act: it takes up the last words of the customer and what a tool answered."""

from collections.abc import Callable

from uncase_pipeline.synthetic.simulator.cases import Line
from uncase_pipeline.synthetic.simulator.customer import Draft
from uncase_pipeline.synthetic.simulator.story import Story
from uncase_pipeline.synthetic.simulator.telling import Told


class Advisor:
    """The other side: asks, looks up, answers, proposes."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._result: Told | None = None
        self._drafts: dict[str, Callable[[], Draft]] = {
            "ask": self._ask,
            "check": self._check,
            "inform": self._inform,
            "explain": self._explain,
            "propose": self._propose,
            "clarify": self._clarify,
            "confirm": self._confirm,
            "refuse": self._refuse,
            "request": self._request,
        }

    def learn(self, result: Told) -> None:
        """Take the answer of a tool: it is told in the next act."""
        self._result = result

    def draft(self, act: str) -> Draft:
        """Choose what is said in an act."""
        result, self._result = self._result, None
        if result is not None:
            return self._with_result(act, result)
        return self._drafts.get(act, lambda: self._framed(f"assistant.{act}"))()

    def taken_up(self) -> Draft | None:
        """Choose what the assistant makes of the last answer, where the case says so."""
        heard, self._story.heard = self._story.heard, None
        if heard is None or len(heard.parts) < 3:
            return None
        return lambda: self._story.frame("assistant.tell", said=self._story.say(heard, 2))

    def note(self) -> Draft:
        """Choose what the assistant has seen to matter besides."""
        return self._framed("assistant.note")

    def look_up(self, act: str, what: str) -> Draft:
        """Choose how the assistant says that it looks something up."""
        return lambda: self._story.frame(f"assistant.look.{act}", look=what)

    def _with_result(self, act: str, result: Told) -> Draft:
        """Tell what a tool answered, as the act that the plan wants."""
        if result.failed:
            return lambda: self._story.frame("result.tell.inform", told=result.told())
        if act == "explain":
            return lambda: self._story.frame("result.tell.explain", told=result.told(), so=result.so())
        slot, take = {
            "propose": ("do", self._next_offer),
            "ask": ("ask", self._next_question),
            "refuse": ("deny", self._next_denial),
            "request": ("task", lambda: self._story.take("task")),
        }.get(act, ("", lambda: None))
        line = take()
        if line is not None:
            return lambda: self._story.frame(
                f"result.tell.{act}", told=result.told(), **{slot: self._story.say(line, 0)}
            )
        rule = act if act in {"confirm", "apologize"} else "inform"
        return lambda: self._story.frame(f"result.tell.{rule}", told=result.told())

    def _framed(self, rule: str) -> Draft:
        return lambda: self._story.frame(rule)

    def _next_offer(self) -> Line | None:
        feared, self._story.feared, self._story.objection = self._story.feared, None, None
        self._story.offer = feared or self._story.take("do")
        return self._story.offer

    def _next_question(self) -> Line | None:
        self._story.question = self._story.take("ask")
        return self._story.question

    def _next_denial(self) -> Line | None:
        self._story.denied = self._story.take("deny")
        return self._story.denied

    def _ask(self) -> Draft:
        question = self._next_question()
        if question is None:
            return self._framed("assistant.ask")
        return lambda: self._story.frame("assistant.question", ask=self._story.say(question, 0))

    def _check(self) -> Draft:
        question = self._story.question = self._story.take("check")
        if question is None:
            return self._framed("assistant.check")
        return lambda: self._story.frame("assistant.question", ask=self._story.say(question, 0))

    def _inform(self) -> Draft:
        slip, self._story.slip = self._story.slip, None
        if slip is not None:
            return lambda: self._story.frame("assistant.right", said=self._story.say(slip, 1))
        query, self._story.query = self._story.query, None
        if query is not None:
            return lambda: self._story.frame("assistant.answer", said=self._story.say(query, 1))
        if taken := self.taken_up():
            return taken
        if self._story.offer is None and (more := self._story.take("q")):
            return lambda: self._story.frame("assistant.more", said=self._story.say(more, 1))
        return self._framed("assistant.inform")

    def _explain(self) -> Draft:
        story = self._story
        slip, story.slip = story.slip, None
        if slip is not None:
            return self._because("assistant.right.why", slip, 1)
        query, story.query = story.query, None
        if query is not None:
            return self._because("assistant.answer.why", query, 1)
        objection, story.objection = story.objection, None
        denied, story.denied = story.denied, None
        if objection is not None and len(objection.parts) > 2:
            return lambda: story.frame("assistant.calm", said=story.say(objection, 2))
        if denied is not None and len(denied.parts) > 1:
            return lambda: story.frame("assistant.deny.why", why=story.say(denied, 1))
        reason = story.take("why") or story.take("q")
        if reason is None:
            return self._framed("assistant.explain")
        return self._because("assistant.reason", reason, len(reason.parts) - 2)

    def _because(self, rule: str, line: Line, at: int) -> Draft:
        if len(line.parts) <= at + 1:
            return lambda: self._story.frame("assistant.so", said=self._story.say(line, at))
        return lambda: self._story.frame(
            rule, said=self._story.say(line, at), why=self._story.say(line, at + 1)
        )

    def _propose(self) -> Draft:
        offer = self._next_offer()
        if offer is None:
            return self._framed("assistant.propose")
        return lambda: self._story.frame("assistant.offer", do=self._story.say(offer, 0))

    def _clarify(self) -> Draft:
        slip, self._story.slip = self._story.slip, None
        if slip is None:
            return self._framed("assistant.clarify")
        return lambda: self._story.frame("assistant.mean", said=self._story.say(slip, 1))

    def _confirm(self) -> Draft:
        offer, self._story.offer = self._story.offer, None
        if offer is None:
            return self._framed("assistant.confirm")
        return lambda: self._story.frame("assistant.settle", do=self._story.again(offer, 0))

    def _refuse(self) -> Draft:
        denied = self._next_denial()
        if denied is None:
            return self._framed("assistant.refuse")
        return lambda: self._story.frame("assistant.deny", deny=self._story.say(denied, 0))

    def _request(self) -> Draft:
        task = self._story.take("task")
        if task is None:
            return self._framed("assistant.request")
        return lambda: self._story.frame("assistant.task", task=self._story.say(task, 0))
