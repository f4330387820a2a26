"""What the customer says, act by act. Knows the story, not the plan and not the spelling."""

from collections.abc import Callable

from uncase_pipeline.synthetic.simulator.story import Story

Draft = Callable[[], str]
"""Gives another wording of the same sentence each time it is called."""


class Customer:
    """One side of the conversation: has a wish, answers what is asked, reacts to what is proposed."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._drafts: dict[str, Callable[[], Draft]] = {
            "inform": self._inform,
            "ask": self._ask,
            "request": self._request,
            "confirm": self._confirm,
            "refuse": self._refuse,
            "clarify": self._clarify,
            "explain": self._explain,
        }

    def draft(self, act: str, about: str | None = None) -> Draft:
        """Choose what is said in an act; ``about`` is the tool that will answer it."""
        self._story.heard = None
        part = {"ask": "ask", "request": "want"}.get(act)
        if about and part and not (part == "want" and self._story.has_wish()):
            return self._about(about, part)
        return self._drafts.get(act, lambda: self._framed(f"user.{act}"))()

    def aside(self) -> Draft:
        """Choose what the customer has counted or noticed besides."""
        return self._framed("user.hold")

    def mistake(self, act: str) -> Draft:
        """Choose a misunderstanding."""
        line = self._story.slip = self._story.take("slip")
        if line is None:
            return self._framed("user.clarify")
        return lambda: self._story.frame(f"user.mistake.{act}", said=self._story.say(line, 0))

    def _about(self, tool: str, part: str) -> Draft:
        self._story.offer = None
        if self._story.wonder(tool, part) is None:
            return self._drafts["ask" if part == "ask" else "request"]()
        rule, slot = ("user.wonder", "said") if part == "ask" else ("user.want", "want")
        return lambda: self._story.frame(rule, **{slot: self._story.wonder(tool, part) or ""})

    def _framed(self, rule: str) -> Draft:
        return lambda: self._story.frame(rule)

    def _inform(self) -> Draft:
        question = self._story.question
        if question is not None:
            self._story.question, self._story.heard = None, question
            return lambda: self._story.frame("user.reply", said=self._story.say(question, 1))
        line = self._story.take("open") or self._story.take("me")
        if line is None:
            return self._framed("user.inform")
        return lambda: self._story.frame("user.tell", said=self._story.say(line, 0))

    def _ask(self) -> Draft:
        query = self._story.query = self._story.take("q")
        if query is None:
            return self._framed("user.ask")
        return lambda: self._story.frame("user.wonder", said=self._story.say(query, 0))

    def _request(self) -> Draft:
        offer, self._story.offer = self._story.offer, None
        if offer is not None:
            return lambda: self._story.frame("user.help", do=self._story.again(offer, 0))
        wish = self._story.take("want")
        if wish is None:
            return self._framed("user.request")
        return lambda: self._story.frame("user.want", want=self._story.say(wish, 0))

    def _confirm(self) -> Draft:
        offer, self._story.offer = self._story.offer, None
        if offer is None:
            return self._framed("user.confirm")
        return lambda: self._story.frame("user.accept", do=self._story.again(offer, 0))

    def _refuse(self) -> Draft:
        offer, self._story.offer = self._story.offer, None
        question, self._story.question = self._story.question, None
        if question is not None and offer is None:
            self._story.heard = question
            return lambda: self._story.frame("user.no", said=self._story.say(question, 1))
        feared = offer or self._story.take("do")
        if feared is None or len(feared.parts) == 1:
            return self._framed("user.refuse")
        self._story.objection, self._story.feared = feared, None if offer else feared
        return lambda: self._story.frame("user.object", said=self._story.say(feared, 1))

    def _clarify(self) -> Draft:
        return self.mistake("clarify") if self._story.has("slip") else self._framed("user.clarify")

    def _explain(self) -> Draft:
        line = self._story.take("open") or self._story.take("me")
        if line is None:
            return self._framed("user.explain")
        return lambda: self._story.frame("user.reason", said=self._story.say(line, 0))
