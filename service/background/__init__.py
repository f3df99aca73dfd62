"""Analyses that go on without their caller: their states, files, queue, callbacks and runners."""
