"""A service in Python asks people, through the official Temporal SDK alone; its people decide, in Python, too.

    python story.py             against `countersign dev`, or the server that TEMPORAL_ADDRESS names
"""

from __future__ import annotations

import asyncio
import os
from typing import Any, Dict

from countersign import Countersign, Gate, Proposal, Receipt, decision
from payments import TASK_QUEUE, database, worker
from temporalio.client import Client

PEOPLE = {"name": "HUMAN", "approvers": {"people": ["ana", "bo"]}, "respondWithin": "4 hours"}


def payment(account: str, cents: int, **more: Any) -> Dict[str, Any]:
    """The args of the action `remote`: an activity on our own task queue."""
    return {"taskQueue": TASK_QUEUE, "activity": "pay", "input": {"account": account, "cents": cents, **more}}


def proposal(title: str, args: Dict[str, Any]) -> Proposal:
    return {
        "action": "remote",
        "args": args,
        "title": title,
        "rationale": "It arrived broken.",
        "confidence": 0.82,
        "sensitive": False,
    }


def told(who: str, what: str, gate: Gate, receipt: Receipt) -> None:
    title = gate["proposal"]["title"]
    became = receipt["status"] + (f", {receipt['code']}" if "code" in receipt else "")
    print(f"  {who} {what} {gate['workflowId']}: {title} ({became})")


async def a_refund_by_two(on: Countersign) -> None:
    print("\nrefund-1042: two have to sign; one by signal, one by update")
    asked = {
        "task": "refund order 1042",
        "requester": "svc-orders",
        "proposal": proposal("Refund 19.99 for order 1042", payment("kim", 1999, answer_gets_lost=True)),
        "policy": {"confirmation": "CONFIRM", "levels": [{**PEOPLE, "quorum": 2}]},
    }
    await on.start("proposeAndExecute", "refund-1042", asked)
    gate = await on.open_gate("refund-1042")

    other: Gate = {**gate, "digest": "0" * 64}
    wrong = await on.update("refund-1042", decision(other, "ana", "approve"))
    told("ana", "approves something else than", gate, wrong)
    told("ana", "approves", gate, await on.signal("refund-1042", decision(gate, "ana", "approve")))
    told("bo", "approves", gate, await on.update("refund-1042", decision(gate, "bo", "approve")))
    result = await on.result("refund-1042")
    print(f"  {result['outcome']}: {result['result']}")


async def a_question(on: Countersign) -> None:
    print("\ndelete-orders-eu: one question, answered by typing what will be lost")
    asked = {"action": "Delete resource orders-eu", "level": "VERIFY", "requester": "svc-ops"}
    await on.start("confirm", "delete-orders-eu", asked)
    gate = await on.open_gate("delete-orders-eu")
    for phrase in ("delete orders-eu", gate["phrase"]):
        said = decision(gate, "ana", "approve", phrase=phrase)
        told("ana", f"types “{phrase}” for", gate, await on.update("delete-orders-eu", said))
    print(f"  confirmed: {(await on.result('delete-orders-eu'))['confirmed']}")


async def a_plan_taken_back(on: Countersign) -> None:
    print("\ngoodwill-7: a voucher, then money; the money is refused, and the voucher is taken back")
    voucher = {
        "name": "voucher",
        "proposal": proposal("A voucher of 10.00 for Kim", payment("voucher-kim", 1000)),
        "undo": {"action": "remote", "args": payment("voucher-kim", -1000)},
    }
    money = {"name": "money", "proposal": proposal("Another 50.00 for Kim", payment("kim", 5000))}
    asked = {
        "requester": "svc-orders",
        "onReject": "undo",
        "policy": {"confirmation": "CONFIRM", "levels": [PEOPLE]},
        "steps": [voucher, money],
    }
    await on.start("multiStepApproval", "goodwill-7", asked)
    gate = await on.open_gate("goodwill-7/voucher")
    told("ana", "approves", gate, await on.update(gate["workflowId"], decision(gate, "ana", "approve")))
    gate = await on.open_gate("goodwill-7/money")
    no = decision(gate, "bo", "reject", comment="one of the two is enough")
    told("bo", "rejects", gate, await on.update(gate["workflowId"], no))
    result = await on.result("goodwill-7")
    print(f"  {result['outcome']}: {result['reason']}")


async def a_ladder(on: Countersign) -> None:
    print("\nticket-78: an agent is unsure, the next one as well, Ana is not")
    lines = ["Where is order 1187?", "answer: It was lost; a new one is on its way.", "confidence: 0.41"]
    await on.start("escalation", "ticket-78", {"task": "\n".join(lines), "requester": "svc-tickets"})
    gate = await on.open_gate("ticket-78/HUMAN")
    told("ana", "approves", gate, await on.update(gate["workflowId"], decision(gate, "ana", "approve")))
    result = await on.result("ticket-78")
    for step in result["escalations"]:
        print(f"  {step['from']} → {step['to']}: {step['reason']}")
    print(f"  {result['outcome']}: {result['result']}")


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233"))
    on = Countersign(client)
    async with worker(client):
        await a_refund_by_two(on)
        await a_question(on)
        await a_plan_taken_back(on)
        await a_ladder(on)
    print("\nread back from the database:")
    with database() as connection:
        rows = connection.execute("SELECT account, cents, workflow_id FROM payments ORDER BY rowid")
        for account, cents, workflow_id in rows:
            print(f"  {cents / 100:8.2f}  {account:12}  {workflow_id}")


if __name__ == "__main__":
    asyncio.run(main())
