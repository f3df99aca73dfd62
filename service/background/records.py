"""What is known of each background analysis, in a database that outlives every process.

A record is the truth of its analysis: the queue only says which may be worth a look. Whoever runs
one holds it by a lease, which is renewed while it goes on; what is told by somebody who has lost it
meanwhile changes nothing. Times are those of the database's clock, as machines differ in theirs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    event,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from service.background.down import DownError, answered_in_time
from service.background.postgres import Connection as PostgresConnection
from service.jobs.job import Progress

LEASE_SECONDS: Final = 15.0
"""For so long an analysis is held without a word from who runs it, or stores its video."""

_BUSY_SECONDS: Final = 5.0
"""For so long one process waits for another to have written to the same SQLite file."""

_LOCK: Final = 0x64616E6365
"""A number that stands for the making of the tables ("dance")."""

MOST_STARTS: Final = 3
"""So many times an analysis is begun that ends its process, or that of its server."""


class State(StrEnum):
    """What an analysis is doing."""

    ARRIVING = "arriving"
    """Its video is being stored; no caller knows of it yet."""
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    FORGOTTEN = "forgotten"
    """Its files are being deleted; no caller finds it any more."""


UNFINISHED: Final = (State.ARRIVING, State.WAITING, State.RUNNING)

_METADATA: Final = MetaData()

_ANALYSES: Final = Table(
    "analyses",
    _METADATA,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("caller", String, nullable=False),
    Column("key", String),
    Column("round", Integer, nullable=False, default=0),
    Column("state", String, nullable=False, index=True),
    Column("request_id", String, nullable=False),
    Column("size", BigInteger, nullable=False, default=0),
    Column("options", JSON, nullable=False),
    Column("renders", Boolean, nullable=False),
    Column("keeps_video", Boolean, nullable=False),
    Column("created", Float, nullable=False),
    Column("ended", Float, index=True),
    Column("lease", Float),
    Column("holder", String),
    Column("starts", Integer, nullable=False, default=0),
    Column("frames", Integer, nullable=False, default=0),
    Column("of", Integer, nullable=False, default=0),
    Column("frames_per_second", Float, nullable=False, default=0.0),
    Column("timing", JSON),
    Column("problem", JSON),
    Column("callback", String),
    Column("secret", String),
    Column("callback_due", Float, index=True),
    Column("callback_tries", Integer, nullable=False, default=0),
    UniqueConstraint("owner", "key"),
)

_HOLDS: Final = Table(
    "holds",
    _METADATA,
    Column("analysis", ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("hold", JSON, nullable=False),
)


@dataclass(frozen=True)
class New:
    """An analysis that somebody asks for."""

    id: str
    owner: str
    """Who alone may see it: stands for a token; empty where there are none."""
    caller: str
    """Who asks: among callers the turns go round."""
    key: str | None
    """What the caller calls the request, to send it again without having it done again."""
    request_id: str
    options: Mapping[str, Any]
    renders: bool
    """Whether the video is drawn into, too."""
    keeps_video: bool
    """Whether the video is kept as long as the result."""
    callback: str | None
    """Where its end is told."""
    secret: str | None
    """What that is signed with."""


@dataclass(frozen=True)
class Record(New):
    """What is known of an analysis; times in seconds of the database's clock since 1970."""

    state: State
    round: int
    size: int
    """Bytes of the video."""
    created: float
    ended: float | None
    lease: float | None
    """Until when it is held by who runs it."""
    holder: str | None
    """Who runs it, or ran it to its end."""
    starts: int
    """How many times it was begun and has ended its process, or runs now."""
    frames: int
    of: int
    frames_per_second: float
    timing: Mapping[str, float] | None
    problem: Mapping[str, Any] | None
    """The body of the answer that says why there is no result."""
    callback_due: float | None
    callback_tries: int


@dataclass(frozen=True)
class Backlog:
    """How much there is to do."""

    waiting: int
    running: int
    oldest_seconds: float
    """For how long the one that came first has waited; 0 where none does."""


ID: Final = re.compile(r"[\w-]{22}", re.ASCII)
"""What every id is like."""


class KeyTakenError(Exception):
    """The owner has used the key for an analysis before."""


class Records:
    """The records of all analyses.

    Each method raises DownError where the database doesn't answer.

    Args:
        url: of the database: sqlite:///FILE or postgresql://...
    """

    def __init__(self, url: str) -> None:
        # By the driver that is here, which SQLAlchemy doesn't take by itself.
        address = url.replace("postgresql:", "postgresql+psycopg:", 1)
        self._engine = sqlalchemy.create_engine(address, pool_pre_ping=True)
        self._clock: ColumnElement[float]
        if self._engine.dialect.name == "sqlite":
            self._clock = literal_column("((julianday('now') - 2440587.5) * 86400.0)")
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        else:
            self._clock = func.extract("epoch", func.clock_timestamp()).cast(Float)
            event.listen(self._engine, "do_connect", _connect_postgres)

    def prepare(self) -> None:
        """Make the tables that aren't there."""
        with self._open() as connection:
            if self._engine.dialect.name != "sqlite":
                # Of servers that start at once, one makes them.
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            _METADATA.create_all(connection)

    def begin(self, new: New) -> None:
        """Note an analysis whose video is being stored.

        Raises:
            KeyTakenError: the owner has used the key before.
        """
        row = vars(new) | {"state": State.ARRIVING, "created": self._clock}
        row |= {"lease": self._clock + LEASE_SECONDS}
        try:
            with self._open() as connection:
                connection.execute(insert(_ANALYSES).values(row))
        except IntegrityError as error:
            raise KeyTakenError from error

    def keep_arriving(self, analysis: str) -> None:
        """Hold on an analysis whose video is still being stored."""
        its = _ANALYSES.c
        arriving = and_(its.id == analysis, its.state == State.ARRIVING)
        self._change(arriving, {"lease": self._clock + LEASE_SECONDS})

    def queue(self, analysis: str, size: int) -> Record | None:
        """Have an analysis wait for its turn, its video of so many bytes stored.

        It is given a round: one of each caller goes before the second of any.
        """
        its = _ANALYSES.c
        with self._open() as connection:
            caller = select(its.caller).where(its.id == analysis).scalar_subquery()
            waits = its.state == State.WAITING
            begun = func.coalesce(func.max(its.round).filter(its.state == State.RUNNING), 0)
            own = func.coalesce(func.max(its.round).filter(and_(waits, its.caller == caller)), -1)
            rounds = select(begun, own).where(its.state.in_(UNFINISHED))
            now, before = connection.execute(rounds).one()
            return _record(
                connection.execute(
                    update(_ANALYSES)
                    .where(its.id == analysis, its.state == State.ARRIVING)
                    .values(state=State.WAITING, size=size, lease=None, round=max(now, before + 1))
                    .returning(_ANALYSES)
                ).one_or_none()
            )

    def claim(self, analysis: str, holder: str) -> Record | None:
        """Begin an analysis that waits, and hold it by a lease; None if it waits no more."""
        its = _ANALYSES.c
        values = {
            "state": State.RUNNING,
            "holder": holder,
            "lease": self._clock + LEASE_SECONDS,
            "starts": its.starts + 1,
            "frames": 0,
        }
        return self._change(and_(its.id == analysis, its.state == State.WAITING), values)

    def renew(
        self, analysis: str, holder: str, progress: Progress, holds: Sequence[Mapping[str, Any]]
    ) -> bool:
        """Tell how far an analysis is, and holds that are certain; whether it is still held.

        Holds that are known from an earlier start are known already.
        """
        values = {"lease": self._clock + LEASE_SECONDS, **asdict(progress)}
        renewed = update(_ANALYSES).where(self._held(analysis, holder)).values(values)
        its = _HOLDS.c
        with self._open() as connection:
            if connection.execute(renewed).rowcount == 0:
                return False
            if holds:
                before = select(its.hold).where(its.analysis == analysis)
                known = list(connection.execute(before).scalars())
                for number, hold in enumerate(
                    (hold for hold in holds if hold not in known), len(known) + 1
                ):
                    row = {"analysis": analysis, "number": number, "hold": hold}
                    connection.execute(insert(_HOLDS).values(row))
        return True

    def finish(self, analysis: str, holder: str, timing: Mapping[str, float]) -> bool:
        """Note that there is a result, stored by its holder; whether it was still held."""
        values = {"state": State.DONE, "timing": dict(timing)}
        return self._end(analysis, holder, values)

    def fail(self, analysis: str, holder: str, problem: Mapping[str, Any]) -> bool:
        """Note why there will be no result; whether it was still held."""
        return self._end(analysis, holder, {"state": State.FAILED, "problem": dict(problem)})

    def put_back(self, analysis: str, holder: str, *, counts: bool) -> Record | None:
        """Have an analysis wait for another start.

        Args:
            analysis: its id.
            holder: who had begun it.
            counts: whether it has ended its process, which it may do MOST_STARTS times.
        """
        values: dict[str, Any] = {"state": State.WAITING, "lease": None}
        if not counts:
            values["starts"] = _ANALYSES.c.starts - 1
        return self._change(self._held(analysis, holder), values)

    def get(self, analysis: str, owner: str) -> Record | None:
        """Give an analysis that somebody may see."""
        return self._first(_seen(_ANALYSES.c.id == analysis, owner))

    def of_key(self, key: str, owner: str) -> Record | None:
        """Give the analysis that somebody has asked for by a key."""
        return self._first(_seen(_ANALYSES.c.key == key, owner))

    def place(self, record: Record) -> int:
        """Tell how many of those that wait go before one, and itself; 0 if it doesn't wait."""
        if record.state != State.WAITING:
            return 0
        its = _ANALYSES.c
        sooner = or_(
            its.round < record.round,
            and_(its.round == record.round, its.created < record.created),
        )
        where = and_(its.state == State.WAITING, sooner)
        with self._open() as connection:
            return 1 + connection.execute(select(func.count()).where(where)).scalar_one()

    def holds(self, analysis: str, after: int) -> list[tuple[int, dict[str, Any]]]:
        """Give the holds found so far beyond a number, each with its own, which count from 1."""
        its = _HOLDS.c
        where = and_(its.analysis == analysis, its.number > after)
        with self._open() as connection:
            rows = connection.execute(
                select(its.number, its.hold).where(where).order_by(its.number)
            ).all()
        return [(row.number, row.hold) for row in rows]

    def forget(self, analysis: str, owner: str) -> Record | None:
        """Have an analysis be found by nobody any more; its files can be deleted then."""
        values = {"state": State.FORGOTTEN, "key": None}
        return self._change(_seen(_ANALYSES.c.id == analysis, owner), values)

    def delete(self, analysis: str) -> None:
        """Delete the record of an analysis whose files are deleted."""
        with self._open() as connection:
            connection.execute(delete(_ANALYSES).where(_ANALYSES.c.id == analysis))

    def lapsed(self) -> list[Record]:
        """Give those that run and are held by nobody any more, or whose video never came."""
        its = _ANALYSES.c
        held = its.state.in_((State.RUNNING, State.ARRIVING))
        return self._all(and_(held, its.lease < self._clock))

    def over(self, seconds: float) -> list[Record]:
        """Give those that ended so many seconds ago, or are forgotten."""
        its = _ANALYSES.c
        old = its.ended < self._clock - seconds
        return self._all(or_(old, its.state == State.FORGOTTEN))

    def waiting(self) -> list[Record]:
        """Give those that wait."""
        return self._all(_ANALYSES.c.state == State.WAITING)

    def backlog(self) -> Backlog:
        """Tell how much there is to do."""
        its = _ANALYSES.c
        waits = its.state == State.WAITING
        with self._open() as connection:
            waiting, running, oldest = connection.execute(
                select(
                    func.count().filter(waits),
                    func.count().filter(its.state == State.RUNNING),
                    self._clock - func.min(its.created).filter(waits),
                ).where(its.state.in_(UNFINISHED))
            ).one()
        return Backlog(waiting, running, max(0.0, oldest or 0.0))

    def unfinished(self, caller: str) -> tuple[int, int, int]:
        """Tell how many analyses are still to be done, how many of one caller, of what size."""
        its = _ANALYSES.c
        own = its.caller == caller
        with self._open() as connection:
            row = connection.execute(
                select(
                    func.count(),
                    func.count().filter(own),
                    func.coalesce(func.sum(its.size).filter(own), 0),
                ).where(its.state.in_(UNFINISHED))
            ).one()
        return row[0], row[1], int(row[2])

    def ids(self) -> set[str]:
        """Give the ids of all analyses."""
        with self._open() as connection:
            return set(connection.execute(select(_ANALYSES.c.id)).scalars())

    def take_callback(self, seconds: float) -> Record | None:
        """Give one whose end is to be told now; nobody else is given it for so many seconds."""
        its = _ANALYSES.c
        due = and_(its.state != State.FORGOTTEN, its.callback_due <= self._clock)
        record = self._first(due)
        if record is None:
            return None
        values = {
            "callback_due": self._clock + seconds,
            "callback_tries": its.callback_tries + 1,
        }
        same = its.callback_tries == record.callback_tries
        return self._change(and_(its.id == record.id, due, same), values)

    def called_back(self, analysis: str, again_seconds: float | None) -> None:
        """Note that the end of an analysis has been told, or when it is to be tried again."""
        due = None if again_seconds is None else self._clock + again_seconds
        self._change(_ANALYSES.c.id == analysis, {"callback_due": due})

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _end(self, analysis: str, holder: str, values: dict[str, Any]) -> bool:
        its = _ANALYSES.c
        due = sqlalchemy.case((its.callback.is_not(None), self._clock), else_=None)
        values |= {"ended": self._clock, "lease": None, "callback_due": due}
        its_own = and_(its.id == analysis, its.holder == holder)
        # Who has not heard that it was noted says it again.
        noted = its.state.in_((State.RUNNING, values["state"]))
        return self._change(and_(its_own, noted), values) is not None

    def _held(self, analysis: str, holder: str) -> ColumnElement[bool]:
        its = _ANALYSES.c
        return and_(its.id == analysis, its.state == State.RUNNING, its.holder == holder)

    def _change(self, where: ColumnElement[bool], values: Mapping[str, Any]) -> Record | None:
        """Change one record, and give it; None if none is so."""
        with self._open() as connection:
            changed = update(_ANALYSES).where(where).values(values).returning(_ANALYSES)
            return _record(connection.execute(changed).one_or_none())

    def _first(self, where: ColumnElement[bool]) -> Record | None:
        with self._open() as connection:
            return _record(connection.execute(select(_ANALYSES).where(where)).first())

    def _all(self, where: ColumnElement[bool]) -> list[Record]:
        with self._open() as connection:
            rows = connection.execute(select(_ANALYSES).where(where).order_by("created")).all()
        return [record for row in rows if (record := _record(row))]

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        """A connection, in a transaction that is committed at the end of the block."""
        try:
            with (
                answered_in_time("The database of the analyses"),
                self._engine.begin() as connection,
            ):
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise DownError(f"The database of the analyses doesn't answer: {error.orig}") from error


def _seen(where: ColumnElement[bool], owner: str) -> ColumnElement[bool]:
    """Those of the records that somebody may know of."""
    its = _ANALYSES.c
    shown = its.state.not_in((State.ARRIVING, State.FORGOTTEN))
    return and_(where, its.owner == owner, shown)


def _record(row: sqlalchemy.Row[Any] | None) -> Record | None:
    if row is None:
        return None
    return Record(**dict(row._mapping) | {"state": State(row.state)})


def _connect_postgres(
    _dialect: object, _record: object, arguments: Sequence[Any], options: Mapping[str, Any]
) -> PostgresConnection:
    return PostgresConnection.connect(*arguments, **options)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The transactions are SQLAlchemy's, by the event below.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        # The end of every process leaves all that was written; only a power cut may take the last.
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"busy_timeout = {_BUSY_SECONDS * 1000:.0f}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # One that only reads at first, and writes then, could not wait for another that writes.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
