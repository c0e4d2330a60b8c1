"""Whether a call was approved: the permit that comes with each call of the action `remote`, checked without a network.

A worker that does not check it runs whatever anybody with access to its namespace schedules. The keys are those of Countersign's
workers, and the deployment is the name that they sign for.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Dict, List, Optional

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH, SIGNATURE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[A-Za-z0-9+/]{85}[AQgw]==")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
TEXTS = ("deployment", "namespace", "workflowId", "gate", "action", "signer")
FIELDS = {*TEXTS, "root", "revision", "digest", "effectKey", "input", "audience", "basis", "issued", "expires", "value"}
CALL = ("key", "workflowId", "digest")
BASES = ("signatures", "notice", "silence", "step")
SKEW = timedelta(minutes=5)  # clocks may differ by so much


class PermitError(Exception):
    """Why a call is not run. Countersign has told Temporal not to try again after it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Permits:
    """As worker.pub.json in Countersign's data directory has them: `keys` are [{"id": …, "public": …}]."""

    def __init__(self, keys: List[Dict[str, str]], deployment: str) -> None:
        if not keys:
            raise ValueError("keys: name at least one public key of a Countersign worker")
        self.deployment = deployment
        self.keys = [(key, Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public"]))) for key in keys]

    def check(
        self,
        call: Any,
        *,
        namespace: str,
        workflow_id: str,
        task_queue: str,
        activity: str,
        now: Optional[datetime] = None,
    ) -> Dict[str, Any]:
        """The call, where its permit is for it, here and now. What the server says of the activity comes from `activity.info()`."""
        now = now or datetime.now(timezone.utc)
        if not isinstance(call, dict) or "input" not in call or not all(isinstance(call.get(name), str) for name in CALL):
            raise PermitError("NO_PERMIT", "the argument is not { input, key, workflowId, digest, permit }")
        if call.get("permit") is None:
            raise PermitError("NO_PERMIT", "the call comes without a permit")
        permit = well_formed(call["permit"])
        pairs = [
            ("deployment", permit["deployment"], self.deployment),
            ("namespace", permit["namespace"], namespace),
            ("workflowId", permit["workflowId"], workflow_id),
            ("audience", permit["audience"], {"taskQueue": task_queue, "activity": activity}),
            ("key", permit["effectKey"], call.get("key")),
            ("digest", permit["digest"], call.get("digest")),
            ("workflowId", permit["root"]["workflowId"], call.get("workflowId")),
            ("input", permit["input"], hashlib.sha256(canonical(call["input"]).encode()).hexdigest()),
        ]
        for what, said, found in pairs:
            if said != found:
                raise PermitError("OTHER_CALL", f"{what}: the permit is for {said}, and this call is for {found}")
        issued, expires = instant(permit["issued"]), instant(permit["expires"])
        if not (issued < expires and issued <= now + SKEW and now < expires):
            raise PermitError("PERMIT_EXPIRED", f"the permit holds from {permit['issued']} to {permit['expires']}")
        self._signed(permit, issued, now)
        return call

    def _signed(self, permit: Dict[str, Any], issued: datetime, now: datetime) -> None:
        named = [(key, public) for key, public in self.keys if key["id"] == permit["signer"]]
        if not named:
            raise PermitError("UNKNOWN_KEY", f"the key {permit['signer']} is not among those configured")
        holds = {name: value for name, value in permit.items() if name != "value"}
        text = "countersign/permit/1\n" + canonical(holds)
        for key, public in named:
            try:
                public.verify(base64.b64decode(permit["value"]), text.encode())
            except InvalidSignature:
                continue
            if "revoked" in key and now >= instant(key["revoked"]):
                raise PermitError("KEY_REVOKED", f"the key {key['id']} was revoked at {key['revoked']}")
            if ("from" in key and issued < instant(key["from"])) or ("until" in key and issued >= instant(key["until"])):
                raise PermitError("KEY_NOT_VALID", f"the key {key['id']} was not valid at {permit['issued']}")
            return
        raise PermitError("BAD_SIGNATURE", f"the permit is not what the key {permit['signer']} signed")


def well_formed(permit: Any) -> Dict[str, Any]:
    """A field that is missing is never a field that is satisfied, and one more than there should be is not passed over."""

    def text(value: Any) -> bool:
        return isinstance(value, str) and 0 < len(value) <= 1_000

    def exactly(value: Any, *names: str) -> bool:
        return isinstance(value, dict) and set(value) == set(names) and all(map(text, value.values()))

    def matches(pattern: "re.Pattern[str]", name: str) -> bool:
        return isinstance(permit[name], str) and pattern.fullmatch(permit[name]) is not None

    if not isinstance(permit, dict) or set(permit) != FIELDS:
        raise PermitError("MALFORMED_PERMIT", f"it holds exactly {', '.join(sorted(FIELDS))}")
    faults = {
        "root": not exactly(permit["root"], "workflowId", "firstRunId"),
        "audience": not (exactly(permit["audience"], "taskQueue", "activity") or exactly(permit["audience"], "tool")),
        "revision": type(permit["revision"]) is not int or permit["revision"] < 1,
        "basis": permit["basis"] not in BASES,
        **{name: not text(permit[name]) for name in TEXTS},
        **{name: not matches(HASH, name) for name in ("digest", "effectKey", "input")},
        **{name: not matches(INSTANT, name) for name in ("issued", "expires")},
        "value": not matches(SIGNATURE, "value"),
    }
    for name, wrong in faults.items():
        if wrong:
            raise PermitError("MALFORMED_PERMIT", f"{name} is not as it should be")
    return permit


def instant(text: str) -> datetime:
    whole, _, fraction = text[:-1].partition(".")
    try:
        at = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError:
        raise PermitError("MALFORMED_PERMIT", f"{text} is no time") from None
    return at + timedelta(microseconds=int(fraction[:6].ljust(6, "0")) if fraction else 0)


def canonical(value: Any) -> str:
    """RFC 8785: what JavaScript's JSON.stringify writes, the keys in the order of their UTF-16 code units."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(float(value))
    return json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """As ECMAScript writes a number: every number of JSON is a double there."""
    if value != value or value in (float("inf"), float("-inf")):
        raise PermitError("OTHER_CALL", "the input holds a number that JSON has no form for")
    if value == int(value) and abs(value) < 1e21:
        return str(int(Decimal(repr(value))))  # the shortest digits that mean it, and zeros
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa
    power = int(exponent)
    if power >= 0:
        return f"{mantissa}e+{power}"
    if power < -6:
        return f"{mantissa}e{power}"
    sign, digits = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
    return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
