"""What a Python service needs of Countersign: the wire contract, and four calls over the official Temporal SDK.

Nothing here is a client library. The objects are those of the JSON Schemas in schemas/.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Awaitable, Callable, Dict, List, Optional, TypedDict

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

TASK_QUEUE = "countersign"


class Proposal(TypedDict):
    """What is asked of people."""

    action: str
    args: Dict[str, Any]
    title: str
    rationale: str
    confidence: float
    sensitive: bool


class Gate(TypedDict, total=False):
    """The answer of the query `gate`, as far as it is used here."""

    workflowId: str
    status: str
    outcome: str
    digest: str
    shown: str
    proposal: Proposal
    phrase: str
    waitingOn: str


class Receipt(TypedDict, total=False):
    """What became of one decision."""

    id: str
    status: str  # admitted, refused, pending, unknown
    code: str
    message: str


class Result(TypedDict, total=False):
    """How a workflow ended."""

    outcome: str
    result: Any
    reason: str
    decisions: List[Dict[str, Any]]
    escalations: List[Dict[str, Any]]
    steps: List[Dict[str, Any]]
    completed: bool
    confirmed: bool


def decision(gate: Gate, reviewer: str, verdict: str, **more: Any) -> Dict[str, Any]:
    """Bound to the digest of what was read, and to the hash of all that was shown with it. Its id makes it safe to send twice."""
    said = {"v": 1, "id": str(uuid.uuid4()), "digest": gate["digest"]}
    shown = {"shown": gate["shown"]} if "shown" in gate else {}
    return {**said, **shown, "verdict": verdict, "reviewer": reviewer, **more}


class Countersign:
    def __init__(self, client: Client, task_queue: str = TASK_QUEUE) -> None:
        self.client = client
        self.task_queue = task_queue

    async def start(self, workflow_type: str, workflow_id: str, argument: Dict[str, Any]) -> None:
        await self.client.start_workflow(
            workflow_type, {"v": 1, **argument}, id=workflow_id, task_queue=self.task_queue
        )

    async def open_gate(self, workflow_id: str, within: float = 60) -> Gate:
        """Waits until people are asked in this workflow. A step or a level is one of its own, which may not be there yet."""

        async def asked() -> Optional[Gate]:
            try:
                gate: Gate = await self.client.get_workflow_handle(workflow_id).query("gate")
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                return None
            return gate if gate["status"] == "open" else None

        return await _until(asked, f"{workflow_id} did not ask anybody", within)

    async def signal(self, workflow_id: str, said: Dict[str, Any], within: float = 60) -> Receipt:
        """Durable once it is sent, whether or not a worker runs. The receipt is asked for afterwards."""
        handle = self.client.get_workflow_handle(workflow_id)
        await handle.signal("decide", said)

        async def judged() -> Optional[Receipt]:
            receipt: Receipt = await handle.query("receipt", said["id"])
            return receipt if receipt["status"] in ("admitted", "refused") else None

        return await _until(judged, f"{said['id']} was not judged", within)

    async def update(self, workflow_id: str, said: Dict[str, Any]) -> Receipt:
        """The same object, answered at once; needs a worker."""
        return await self.client.get_workflow_handle(workflow_id).execute_update("decide", said)

    async def result(self, workflow_id: str) -> Result:
        return await self.client.get_workflow_handle(workflow_id).result()


async def _until(ask: Callable[[], Awaitable[Any]], otherwise: str, within: float) -> Any:
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while loop.time() < end:
        found = await ask()
        if found is not None:
            return found
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{otherwise} within {within:.0f} s")
