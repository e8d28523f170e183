"""Counts what a call does: the Python functions it enters, the modules they are of."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def frames_of(work: Callable[[], Any]) -> list[str]:
    """The Python functions that a call enters, as file and name, without the call itself."""
    entered: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            entered.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return entered[1:]


def blocks_of(make: Callable[[], Any], count: int = 200) -> float:
    """The blocks of memory that a result keeps, on average."""
    make()
    kept: list[Any] = [None] * count
    gc.collect()
    before = sys.getallocatedblocks()
    for i in range(count):
        kept[i] = make()
    return (sys.getallocatedblocks() - before) / count


def blocks_left_by(work: Callable[[], Any]) -> int:
    """The blocks of memory that a call leaves behind on objects that were there before."""
    work()
    gc.collect()
    before = sys.getallocatedblocks()
    work()
    return sys.getallocatedblocks() - before
