"""The carrier core behind one contract: octets and time in, octets and events out."""

from mockregistrar.engine.control import UnknownAccount
from mockregistrar.engine.engine import CarrierEngine
from mockregistrar.engine.outputs import Close, Dial, Listen, Output, PauseReading, Reset, Send
from mockregistrar.engine.streams import StreamLimits

__all__ = [
    "CarrierEngine",
    "Close",
    "Dial",
    "Listen",
    "Output",
    "PauseReading",
    "Reset",
    "Send",
    "StreamLimits",
    "UnknownAccount",
]
