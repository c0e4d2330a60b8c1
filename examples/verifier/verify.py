#!/usr/bin/env python3
"""Whether an export of Countersign's record holds, without any code of Countersign's, in Python 3.11 or later.

python3 verify.py record.jsonl [checkpoints.jsonl checkpoints-2.jsonl ...]  # those of all workers
    [--directory reviewers.json ...]    # whose keys count, in JSON, from outside of the record
    [--configurations loaded.jsonl]     # what the record says of other versions of it
    [--deployment NAME] [--believed-until INSTANT]
"""
import argparse, base64, hashlib, json, pathlib, re, sys

import ed25519, people

options = argparse.ArgumentParser()
options.add_argument("record")
options.add_argument("checkpoints", nargs="*", type=pathlib.Path)
options.add_argument("--directory", action="append", default=[], type=pathlib.Path)
options.add_argument("--configurations", type=pathlib.Path)
for name in ("--deployment", "--believed-until"):
    options.add_argument(name)
asked = options.parse_args()


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def canonical(value):  # RFC 8785, where no number is a fraction
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def told(text):
    try:
        said = json.loads(text)
        return said if isinstance(said, dict) else {}
    except ValueError:
        return {}


def broken(chain, rows):
    there = {(row["seq"], row["hash"]) for row in rows}
    if len(there) < len(rows):
        yield "an entry stands there twice"
    for row in rows:
        seq, prev, meta, text = row["seq"], row["prev"], row["meta"], row["text"]
        if sha256(canonical([*chain, seq, prev, meta, row["commit"]])) != row["hash"]:
            yield f"entry {seq} was changed"
        elif text is not None and sha256(text) != row["commit"]:  # a text that was erased is null
            yield f"entry {seq} was changed: its text has another hash"
        elif text is not None:
            said = told(text)
            if [said.get(key) for key in ("workflowId", "firstRunId", "seq")] != [*chain, seq]:
                yield f"entry {seq} tells another place than it has"
            if {key: said.get(key) for key in ("type", "at")} != meta:
                yield f"entry {seq} was changed: its text tells another type or time"
        if (seq, prev) != (1, "0" * 64) and (seq - 1, prev) not in there:  # two may follow one: a fork
            yield f"entry {seq} follows none that is there"


def judged(chain, rows):  # one chain that cannot be read keeps nobody from the others
    try:
        return list(broken(chain, rows))
    except Exception as error:
        return [f"cannot be read: {error}"]


def signed_by_people():
    directories = [people.parsed(path.read_text("utf-8")) for path in asked.directory]
    loaded = map(json.loads, open(asked.configurations, encoding="utf-8")) if asked.configurations else []
    recorded = [people.parsed(row["text"]) for row in loaded if row["kind"] == "directory" and row["text"] != "null"]
    names = [asked.deployment, *(one.get("deployment") for one in directories), "default"]
    proofs = people.Proofs(directories, next(filter(None, names)), asked.believed_until, recorded)
    for chain, rows in chains.items():
        if chain not in wrong:
            proofs.hear(chain, rows)
    return proofs.ended(), proofs.counters.remarks()


def lines_of(path):
    own, shared = (path.with_name(re.sub(end, ".pub.pem", path.name)) for end in (r"\.jsonl$", r"(-\d+)?\.jsonl$"))
    pem = own if own.exists() else shared  # the workers of one directory share a key
    block, before = pem.read_text().split("-----")[2], "0" * 64
    public = base64.b64decode(block)[-32:]  # behind what says that it is Ed25519
    for text in path.read_text("utf-8").split("\n")[:-1]:
        line = json.loads(text)
        if line["prev"] != before:
            faults.append(f"{path}: line {line['seq']} does not follow the line before it")
        before, signature = sha256(text), base64.b64decode(line.pop("signature"))
        if not ed25519.holds(public, canonical(line).encode("utf-8"), signature):
            faults.append(f"{path}: line {line['seq']} is not what the key signed")
        yield line


def ended(before):  # every worker in order: what is stored then is no worker's
    last = [[line["kind"] for line in lines if line["at"] < before][-1:] for lines in files.values()]
    return ["stop"] in last and all(kind in ([], ["stop"]) for kind in last)


chains, there, vouched = {}, {}, set()
for row in map(json.loads, open(asked.record, encoding="utf-8")):
    chains.setdefault(chain := (row["workflow_id"], row["first_run_id"]), []).append(row)
    if isinstance(row["seq"], int):
        there[*chain, row["seq"], str(row["hash"])] = row["seq"] - 1, str(row["prev"])
wrong = {chain: found for chain, rows in chains.items() if (found := judged(chain, rows))}
faults = [f"{chain[0]} ({chain[1]}): {fault}" for chain, found in wrong.items() for fault in found]
files = {path: list(lines_of(path)) for path in asked.checkpoints}
faults += [f"{path}: holds no whole line, and a worker writes one as it first begins" for path in files if not files[path]]
for path, line in ((path, line) for path, lines in files.items() for line in lines):
    strange = ended(line["at"]) if line["kind"] == "start" else line["kind"] == "found" and strange
    for workflow, run, seq, head, _ in () if strange else line["changed"]:
        if (at := (workflow, run, seq, head)) not in there:
            faults.append(f"{path}: entry {seq} of {workflow} is missing, of which line {line['seq']} tells")
        while at in there and at not in vouched:  # an entry vouches for all that it follows
            vouched.add(at)
            at = (workflow, run, *there[at])
unsaid = [f"{at[0]} ({at[1]}): no checkpoint tells of entry {at[2]}" for at in there if files and at not in vouched]
faults += unsaid if ended("9999") else []
unproven, remarks = signed_by_people() if asked.directory else ([], [])
faults += unproven
print(*faults or unsaid, *(f"remark: {remark}" for remark in remarks), f"{len(chains)} chains: {'DO NOT HOLD' if faults else 'hold'}", sep="\n")
sys.exit(1 if faults else 0)
