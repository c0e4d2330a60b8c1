"""A worker that pays: activities in Python, on a task queue of its own, which the action `remote` calls once people have approved.

    python payments.py          serves the task queue `payments` until Ctrl-C
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Dict, Optional

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import Worker

from permit import Permits

TASK_QUEUE = "payments"
DATA = os.environ.get("COUNTERSIGN_DATA", ".")
DATABASE = os.environ.get("PAYMENTS_DB", os.path.join(DATA, "payments.db"))
# Countersign's deployment and its workers' public keys, which nobody with access to the namespace alone can change.
KEYS = os.environ.get("PAYMENTS_KEYS", os.path.join(DATA, "worker.pub.json"))

# The key is the approval's: however often one approval is carried out, there is one row.
SCHEMA = """CREATE TABLE IF NOT EXISTS payments (
  key TEXT PRIMARY KEY, account TEXT NOT NULL, cents INTEGER NOT NULL, workflow_id TEXT NOT NULL, digest TEXT NOT NULL)"""


@dataclass
class Approved:
    """What Countersign hands to the activity: the `input` that was approved, and what it was approved as."""

    input: Dict[str, Any]
    key: str
    workflowId: str
    digest: str
    permit: Optional[Dict[str, Any]] = None


def permits() -> Permits:
    try:
        with open(KEYS, encoding="utf-8") as file:
            return Permits(**json.load(file))
    except FileNotFoundError:
        raise SystemExit(f"{KEYS} is not there: name Countersign's worker.pub.json in PAYMENTS_KEYS") from None


def database() -> closing[sqlite3.Connection]:
    connection = sqlite3.connect(DATABASE, timeout=10)
    connection.execute(SCHEMA)
    return closing(connection)


class Payments:
    def __init__(self) -> None:
        self.permits = permits()

    @activity.defn
    def pay(self, approved: Approved) -> Dict[str, Any]:
        info = activity.info()
        self.permits.check(
            vars(approved),
            namespace=info.workflow_namespace or "",
            workflow_id=info.workflow_id or "",
            task_queue=info.task_queue,
            activity=info.activity_type,
        )
        return paid(approved)


def paid(approved: Approved) -> Dict[str, Any]:
    account, cents = approved.input["account"], approved.input["cents"]
    with database() as connection, connection:
        row = (approved.key, account, cents, approved.workflowId, approved.digest)
        fresh = connection.execute("INSERT OR IGNORE INTO payments VALUES (?, ?, ?, ?, ?)", row).rowcount
    print(f"  payments: {cents / 100:.2f} to {account}{'' if fresh else ' was paid already'}", flush=True)
    if approved.input.get("answer_gets_lost") and activity.info().attempt == 1:
        lost = "paid, but the answer got lost; Temporal asks again"
        raise ApplicationError(lost, category=ApplicationErrorCategory.BENIGN)
    return {"account": account, "cents": cents}


def worker(client: Client) -> Worker:
    return Worker(client, task_queue=TASK_QUEUE, activities=[Payments().pay], activity_executor=ThreadPoolExecutor(4))


async def main() -> None:
    await worker(await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233"))).run()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
