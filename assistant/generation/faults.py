"""What may be wrong with a language model's server or with what it writes, by name. Knows neither HTTP nor sentences."""

from __future__ import annotations

from enum import StrEnum

from assistant.errors import AssistantError


class ModelFault(StrEnum):
    """Why a model's words are not shown; the value is in `generation_texts.FAULTS`."""

    UNREACHABLE = "unreachable"  # no answer on the network
    REFUSED = "refused"  # the key, the name or the request is refused
    BUSY = "busy"  # it says that it has too much to do
    BROKEN = "broken"  # it answers with an error of its own
    SLOW_START = "slow_start"  # no first word in time
    SLOW = "slow"  # not done in time
    CUT = "cut"  # the stream ends in the middle
    UNREADABLE = "unreadable"  # what it sends is not what such a server sends
    EMPTY = "empty"  # no word
    FORMAT = "format"  # no sentence with the number of a passage
    ENDLESS = "endless"  # longer than it was told
    LOOPING = "looping"  # the same sentence again and again
    UNSUPPORTED = "unsupported"  # too little of it is carried by the passages
    BESIDE = "beside"  # it leaves out what the question asks
    STOPPED = "stopped"  # the asker stopped it, or left
    PAUSED = "paused"  # it failed too often just now: it is not asked


class ModelFailure(AssistantError):
    """A model gave nothing that may be shown. `detail` is for whoever runs the assistant, and holds no key."""

    def __init__(self, fault: ModelFault, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}" if detail else str(fault))
        self.fault, self.detail = fault, detail
