"""Health by proof: time and again a picture goes through the model, as those of videos do."""

import logging
import math
import time
from typing import Any, Final

import gevent
from gevent.queue import Empty, Queue

from analyzer.child.pool import Pool, ProcessError
from analyzer.child.protocol import Failed, Proof, ProofOrder
from service.intake.options import Catalogue

SECONDS: Final = 10.0
"""Within this time an empty picture has to go through the model."""

PAUSE: Final = 0.5
"""Seconds between two looks at whether a proof is due."""

log = logging.getLogger(__name__)


class Prover:
    """Has the processes prove, from its start on, that they work.

    Args:
        pool: where the processes come from.
        memory: bytes of address space that one may take beyond its start.
        lasts: seconds for which a proof counts.
    """

    def __init__(self, pool: Pool, memory: int, lasts: float) -> None:
        self.catalogue: Catalogue = ()
        """The poses that there are; empty until the first proof tells."""
        self._pool = pool
        self._memory = memory
        self._lasts = lasts
        self._proof = (0, -math.inf)
        """The generation of the pool that last worked, and when that was."""

    @property
    def works(self) -> bool:
        """Whether a frame has lately gone through the model, in a process as analyses have it."""
        return self._age() <= self._lasts

    def note(self) -> None:
        """Note that a frame has just gone through the model."""
        self._proof = (self._pool.generation, time.monotonic())

    def keep_proving(self) -> None:
        """Prove whenever it is due; never returns."""
        while True:
            if self._age() >= self._lasts / 3:
                self._prove()
            gevent.sleep(PAUSE)

    def _age(self) -> float:
        generation, moment = self._proof
        return time.monotonic() - moment if generation == self._pool.generation else math.inf

    def _prove(self) -> None:
        mailbox: Queue[Any] = Queue()
        generation = self._pool.generation
        try:
            process = self._pool.run(ProofOrder(self._memory), mailbox.put)
        except ProcessError as error:
            log.error("The analysis can't be proved to work: %s", error)
            return
        try:
            match mailbox.get(timeout=SECONDS):
                case Proof(catalogue=catalogue):
                    self.catalogue = catalogue
                    self._proof = (generation, time.monotonic())
                case Failed(traceback=traceback):
                    log.error("The analysis doesn't work.\n%s", traceback)
                case message:
                    log.error("The analysis doesn't work: its proof failed (%s).", message)
        except Empty:
            log.error("The analysis doesn't work: its proof took over %g s.", SECONDS)
            self._pool.replace()
        finally:
            process.kill()
