"""Work that waits in the integrator's database until a worker takes it, on this machine or another."""

from p2c.integrator.jobs.queue import Queue, RunOrder, WaitingJob
from p2c.integrator.jobs.worker import Timing, Worker

__all__ = ["Queue", "RunOrder", "Timing", "WaitingJob", "Worker"]
