"""What worker, supervisor and harness tell each other arrives as it was sent."""

import pytest

from bench.measure.messages import (
    Exited,
    Failed,
    Finished,
    Message,
    MessageLines,
    Peaks,
    PhaseEnded,
    PhaseStarted,
    RowsAnswered,
    RunProgress,
    RunReport,
    Stopped,
    ThreadPool,
    encode,
)

FINISHED = Finished(7, 0.5, {"leaves": 3.0, "note": "a\nb"}, (ThreadPool("openmp", None, None, 2, "lib.so"),))
MESSAGES: list[Message] = [
    PhaseStarted("fit"),
    PhaseEnded("fit", 1.5),
    RowsAnswered(3, 0.25),
    FINISHED,
    Failed("wrong", "row 3 was answered twice"),
    RunProgress("query", 1.0, 3, 0.5, memory_bytes=1),
    RunReport(end=FINISHED, peak=Peaks(3, 2, 1), phases_peak={"fit": Peaks(1)}, roles_peak={"worker": 3}),
    RunReport(end=Stopped("memory", "fit", 1 << 40)),
    RunReport(end=Exited(-9, kernel_killed=True)),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_arrives_as_it_was_sent(message: Message) -> None:
    assert MessageLines().feed(encode(message)) == [message]


def test_messages_are_put_together_from_any_pieces() -> None:
    stream = b"".join(map(encode, MESSAGES))
    lines = MessageLines()
    received = [message for at in range(len(stream)) for message in lines.feed(stream[at : at + 1])]
    assert received == MESSAGES


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot send a set"):
        encode(Finished(1, details={"a": {1}}))  # type: ignore[dict-item]
