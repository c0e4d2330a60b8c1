#!/usr/bin/env python3
"""Whether an export of Countersign's record holds, without any code of Countersign's.

python3 verify.py record.jsonl [checkpoints.jsonl ...]
"""
import base64, hashlib, json, pathlib, sys

try:  # Ed25519 is not in the standard library
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
except ImportError:
    load_pem_public_key = None


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def broken(chain, rows):
    there = {(row["seq"], row["hash"]) for row in rows}
    if len(there) < len(rows):
        yield "an entry stands there twice"
    for row in rows:
        seq, prev, text = row["seq"], row["prev"], row["entry"]
        if sha256(text) != row["hash"]:
            yield f"entry {seq} was changed"
            continue
        entry = json.loads(text)
        if (entry["workflowId"], entry["firstRunId"], entry["seq"], entry["prev"]) != (*chain, seq, prev):
            yield f"entry {seq} tells another place than it has"
        if (seq, prev) != (1, "0" * 64) and (seq - 1, prev) not in there:  # two may follow one: a fork
            yield f"entry {seq} follows none that is there"


def missed(path, chains):
    pem = path.with_name(path.name.replace(".jsonl", ".pub.pem"))
    key, before = load_pem_public_key and load_pem_public_key(pem.read_bytes()), "0" * 64
    for text in path.read_text("utf-8").split("\n")[:-1]:
        line = json.loads(text)
        if line["prev"] != before:
            yield f"line {line['seq']} does not follow the line before it"
        before, signature = sha256(text), base64.b64decode(line.pop("signature"))
        signed = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        try:
            key and key.verify(signature, signed.encode("utf-8"))
        except Exception:
            yield f"line {line['seq']} is not what the key signed"
        for workflow, run, seq, head, _ in line["changed"]:
            if not any((row["seq"], row["hash"]) == (seq, head) for row in chains.get((workflow, run), [])):
                yield f"entry {seq} of {workflow} is missing, of which line {line['seq']} tells"


chains = {}
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    chains.setdefault((row["workflow_id"], row["first_run_id"]), []).append(row)
faults = [f"{chain[0]} ({chain[1]}): {fault}" for chain, rows in chains.items() for fault in broken(chain, rows)]
for path in map(pathlib.Path, sys.argv[2:]):
    faults += [f"{path}: {fault}" for fault in missed(path, chains)]
    if load_pem_public_key is None:
        print("signatures were not checked: pip install cryptography", file=sys.stderr)
print(*faults, f"{len(chains)} chains: {'DO NOT HOLD' if faults else 'hold'}", sep="\n")
sys.exit(1 if faults else 0)
