"""What clients ask about the messages of recurring integration."""

from __future__ import annotations

from p2c.odata.service.fno.actions import ActionCall
from p2c.operations.packages.data_management import DataManagement
from p2c.operations.packages.messages import Messages
from p2c.operations.packages.package_calls import refusing


class MessageCalls:
    """Questions about messages. Every method answers one action; refusals are RequestErrors."""

    def __init__(self, management: DataManagement) -> None:
        self._messages = Messages(management)

    def status(self, call: ActionCall) -> str:
        """`GetMessageStatus`."""
        return refusing(lambda: self._messages.state(call.text("messageId"))).value

    def execution(self, call: ActionCall) -> str:
        """`GetExecutionIdByMessageId`: the job of a message; "" while it has none."""
        return refusing(lambda: self._messages.get(call.text("_messageId"))).job
