"""A folder starts work once for each new content, and never for half a file."""

from pathlib import Path

import pytest

from uncase_pipeline.storage.watch import Decision, decide, finished_files


class Watcher:
    """Looks again and again, keeping the cursor as a sensor does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cursor: str | None = None

    def look(self) -> Decision:
        decision = decide({"d": self.folder}, self.cursor)
        self.cursor = decision.cursor
        return decision


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox" / "d"
    folder.mkdir(parents=True)
    return folder


def test_a_file_is_read_when_it_looked_the_same_twice(inbox: Path) -> None:
    watcher = Watcher(inbox)
    (inbox / "chat.txt").write_text("one")
    assert watcher.look().waiting == ["d"]
    assert list(watcher.look().requests) == ["d"]
    assert watcher.look().requests == {}


def test_a_half_written_file_waits(inbox: Path) -> None:
    watcher = Watcher(inbox)
    for text in ("o", "on", "one"):
        (inbox / "chat.txt").write_text(text)
        decision = watcher.look()
        assert decision.requests == {}
        assert decision.waiting == ["d"]
    assert watcher.look().requests


def test_a_touched_file_with_the_same_content_starts_nothing(inbox: Path) -> None:
    watcher = Watcher(inbox)
    (inbox / "chat.txt").write_text("one")
    watcher.look()
    watcher.look()
    (inbox / "chat.txt").touch()
    assert not any(watcher.look().requests for _ in range(3))


def test_new_content_starts_a_run_under_another_key(inbox: Path) -> None:
    watcher = Watcher(inbox)
    (inbox / "chat.txt").write_text("one")
    watcher.look()
    first = watcher.look().requests["d"]
    (inbox / "more.txt").write_text("two")
    watcher.look()
    assert watcher.look().requests["d"] != first


def test_a_tick_that_died_after_its_request_asks_for_the_same_key_again(inbox: Path) -> None:
    watcher = Watcher(inbox)
    (inbox / "chat.txt").write_text("one")
    watcher.look()
    before = watcher.cursor
    first = watcher.look().requests
    watcher.cursor = before
    assert watcher.look().requests == first


def test_hidden_unfinished_and_linked_files_are_not_looked_at(inbox: Path, tmp_path: Path) -> None:
    (inbox / ".chat.txt").write_text("x")
    (inbox / "chat.txt.part").write_text("x")
    (tmp_path / "outside.txt").write_text("x")
    (inbox / "link.txt").symlink_to(tmp_path / "outside.txt")
    assert finished_files(inbox) == []
    assert Watcher(inbox).look().waiting == []


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert Watcher(tmp_path / "nowhere").look() == Decision(
        cursor=decide({"d": tmp_path / "nowhere"}, None).cursor
    )
