"""A process that is there to be killed: asks a provider many prompts and says when an answer is used."""

import asyncio
import sys
from pathlib import Path

from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.request import Reply
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import SmallScanner, ask


async def main(home: Path, url: str, count: int) -> None:
    settings = Settings(home=home, api_base=url, max_in_flight=8, privacy_mode="block")
    async with Gateway.open(settings, SmallScanner(), run_id="killed", log=lambda _line: None) as door:
        async for request, outcome in door.complete_many(ask(f"pregunta {n}") for n in range(count)):
            assert isinstance(outcome, Reply)
            sys.stdout.write(f"{request.messages[-1]['content']}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
