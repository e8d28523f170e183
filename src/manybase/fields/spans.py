"""Durations as text: reading the spellings that databases and people use, writing one.

Used by ``DurationField`` and by fixtures.
"""

from __future__ import annotations

import datetime
import re

_DAYS = re.compile(
    r"(?:(?P<days>-?\d+)\s*(?:days?,?)?\s+)?"
    r"(?P<sign>-?)(?:(?:(?P<hours>\d+):)?(?P<minutes>\d+):)?"
    r"(?P<seconds>\d+)(?:[.,](?P<fraction>\d{1,6})\d*)?"
)
_ONLY_DAYS = re.compile(r"(?P<days>-?\d+)\s*days?")
_ISO = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<weeks>\d+(?:[.,]\d+)?)W)?(?:(?P<days>\d+(?:[.,]\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:[.,]\d+)?)H)?(?:(?P<minutes>\d+(?:[.,]\d+)?)M)?"
    r"(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?"
)


def parse_duration(text: str) -> datetime.timedelta | None:
    """Read "3 days, 1:02:03.5", "1:02:03", "90" (seconds) or "P3DT1H"; None for anything else."""
    text = text.strip()
    found = _ONLY_DAYS.fullmatch(text)
    if found:
        return datetime.timedelta(days=int(found["days"]))
    found = _DAYS.fullmatch(text)
    if found:
        return _from_clock(found)
    found = _ISO.fullmatch(text)
    if found and text[-1] not in "PT":
        return _from_iso(found)
    return None


def _from_clock(found: re.Match[str]) -> datetime.timedelta:
    rest = datetime.timedelta(
        hours=int(found["hours"] or 0),
        minutes=int(found["minutes"] or 0),
        seconds=int(found["seconds"]),
        microseconds=int((found["fraction"] or "0").ljust(6, "0")),
    )
    days = datetime.timedelta(days=int(found["days"] or 0))
    return days - rest if found["sign"] else days + rest


def _from_iso(found: re.Match[str]) -> datetime.timedelta:
    named = {
        k: float(v.replace(",", ".")) for k, v in found.groupdict().items() if v and k != "sign"
    }
    value = datetime.timedelta(**named)
    return -value if found["sign"] == "-" else value


def duration_text(value: datetime.timedelta) -> str:
    """Write a duration as "3 01:02:03.000005", days left out where there are none."""
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{hours:02d}:{minutes:02d}:{seconds:02d}"
    if value.days:
        text = f"{value.days} {text}"
    return f"{text}.{value.microseconds:06d}" if value.microseconds else text
