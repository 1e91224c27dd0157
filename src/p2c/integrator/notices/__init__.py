"""Tells people and programs when a project's state changes."""

from p2c.integrator.notices.channel import Channel, Mail, Webhook
from p2c.integrator.notices.notice import Kind, Notice, change_of_state

__all__ = ["Channel", "Kind", "Mail", "Notice", "Webhook", "change_of_state"]
