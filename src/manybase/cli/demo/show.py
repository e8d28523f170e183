"""Shows what is in the two databases: tables and panels for people to read.

Every number and name is asked from the databases as a program would; beside most answers stands the
line of Python that asks for it.
"""

from __future__ import annotations

from typing import Any, Literal

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from manybase.cli.demo.models import FLIGHTS, TABLES, Airline, Airport, Flight, Plane, Weather
from manybase.cli.demo.speed import Pace
from manybase.db import connections
from manybase.errors import CrossDatabaseError

_WORST = """
SELECT {what}, COUNT(*), AVG(arr_delay) AS late,
       AVG(CASE WHEN arr_delay > 30 THEN 100.0 ELSE 0.0 END)
FROM {table} WHERE arr_delay IS NOT NULL GROUP BY {what} HAVING COUNT(*) >= {least}
ORDER BY late DESC LIMIT {lines}
"""


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    for column in columns:
        numeric = column.startswith("#")
        justify: Literal["left", "right"] = "right" if numeric else "left"
        table.add_column(column.lstrip("#"), justify=justify, overflow="fold")
    return table


def places(console: Console) -> None:
    """Which database each model and one object of it live in."""
    table = _table("Where everything lives", "model", "#rows", "an object", "obj._state.db")
    for model in TABLES:
        objects: Any = model._default_manager
        one = objects.first()
        table.add_row(
            model.__name__, f"{objects.count():,}", str(one), Text(one._state.db, style="cyan")
        )
    console.print(table)
    route = Flight.objects.all().explain_route()
    console.print(
        Panel(
            Group(_code("print(Flight.objects.all().explain_route())"), Text(str(route))),
            title="Why there?",
            title_align="left",
        )
    )


def airlines(console: Console, least: int) -> None:
    """The airlines that come late, their names from the other database."""
    rows = _worst("carrier", least, lines=8)
    names = Airline.objects.in_bulk([row[0] for row in rows])
    table = _table("Worst delays by airline", "airline", "#flights", "#minutes late", "#over 30")
    for carrier, flights, late, share in rows:
        table.add_row(str(names.get(carrier, carrier)), *_figures(flights, late, share))
    console.print(table)


def routes(console: Console, least: int) -> None:
    """The routes that come late, the airports' names from the other database."""
    rows = _worst("origin, dest", least, lines=8)
    airports = Airport.objects.in_bulk([code for row in rows for code in row[:2]])
    table = _table("Worst delays by route", "from", "to", "#flights", "#minutes late", "#over 30")
    for origin, dest, flights, late, share in rows:
        ends = (str(airports.get(code, code)) for code in (origin, dest))
        table.add_row(*ends, *_figures(flights, late, share))
    console.print(table)


def _worst(what: str, least: int, lines: int) -> list[tuple[Any, ...]]:
    """Ask the database of the flights, in SQL."""
    table = Flight._meta.db_table
    sql = _WORST.format(what=what, table=table, least=least, lines=lines)
    return list(connections[FLIGHTS].execute(sql).rows)


def _figures(flights: int, late: Any, share: Any) -> tuple[str, str, str]:
    return f"{flights:,}", f"{float(late):.1f}", f"{float(share):.0f} %"


def followed(console: Console) -> Flight:
    """One flight, and what belongs to it in both databases; returns the flight."""
    last = list(Flight.objects.filter(dep_delay__isnull=False).order_by("-dep_delay", "id")[:100])
    planes = Plane.objects.in_bulk([one.plane_id for one in last if one.plane_id])
    flight = next(one for one in last if one.plane_id in planes)
    airline = Airline.objects.get(pk=flight.carrier)
    plane = Plane.objects.get(pk=flight.plane_id)
    weather = Weather.objects.filter(origin=flight.origin, time_hour=flight.time_hour).first()
    table = _table("The flight that left last of all", "asked for with", "answer", "from")
    late = f"{flight}, {flight.dep_delay or 0:,} minutes late"
    asked: list[tuple[str, Any, Any]] = [
        ("Flight … order_by('-dep_delay')", late, flight),
        ("Airline … get(pk=flight.carrier)", airline, airline),
        ("Plane … get(pk=flight.plane_id)", plane, plane),
        ("Weather … filter(time_hour=…)", weather, weather),
    ]
    for code, answer, obj in asked:
        if obj is not None:
            table.add_row(Text(code), str(answer), Text(obj._state.db, style="cyan"))
    console.print(table)
    return flight


def refused(console: Console, flight: Flight) -> None:
    """An object of one database is assigned to one of the other: an error, and nothing written."""
    plane = Plane.objects.get(pk=flight.plane_id)
    try:
        flight.plane = plane
    except CrossDatabaseError as error:
        lines: list[Any] = [_code("flight.plane = plane"), Text(error.message, style="red")]
        if error.hint:
            lines.append(Text(error.hint, style="green"))
        title = f"{type(error).__name__} {error.code}"
        console.print(Panel(Group(*lines), title=title, title_align="left", border_style="red"))
    else:
        raise AssertionError("the two databases met in one relation and nobody objected")


def paces(console: Console, found: list[Pace], driver: str) -> None:
    """Rows per second beside the raw driver."""
    table = _table(
        f"Flights per second, beside {driver} by hand",
        "",
        "#Manybase (objects)",
        "#raw driver (tuples)",
        "#times the raw driver's time",
    )
    for pace in found:
        table.add_row(pace.work, f"{pace.ours:,.0f}", f"{pace.raw:,.0f}", f"{pace.ratio:.1f}")
    console.print(table)


def _code(line: str) -> Syntax:
    return Syntax(line, "python", theme="ansi_dark", background_color="default")
