"""Whether the people of a directory have signed what a record says of them: the directory comes from outside of the record."""
import base64, datetime, hashlib, json

import counters, ed25519

GRADES = ["open", "vouched", "signed"]
MINUTE = 60


class Number(str):
    """A number as it is written: its text is what was signed."""


def parsed(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def canonical(value):  # RFC 8785; numbers as they stood in what was canonical before
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(item)}" for key, item in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def hash_of(value):
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


def text_of(kind, holds):
    return f"countersign/{kind}/1\n{canonical(holds)}".encode("utf-8")


class Unproven(Exception):
    pass


def expect(holds, sentence):
    if not holds:
        raise Unproven(sentence)


def time(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def named(holders, name):
    return next((one for one in holders or [] if one["name"] == name), None)


def person_of(directory, name):
    people = directory.get("people", [])
    return named(people, name) or next((one for one in people if name in one.get("aliases", [])), None)


def key_of(holder, key):
    return next((one for one in (holder or {}).get("keys", []) if one["id"] == key), None)


def check_times(key, life, longest, at):
    expect(not ("revoked" in key and at >= time(key["revoked"])), f"the key {key['id']} was revoked")
    expect(not ("from" in key and at < time(key["from"])), f"the key {key['id']} was not good yet")
    expect(not ("until" in key and at >= time(key["until"])), f"the key {key['id']} was good before")
    if life is not None:
        issued, expires = time(life["issued"]), time(life["expires"])
        fits = issued < expires and expires - issued <= longest and issued <= at + 5 * MINUTE
        expect(fits, "its times are none of such a signature")


def signs(key, text, signed):
    if key.get("kind") == "passkey":
        import passkey  # needs the module cryptography

        entry = json.loads(canonical(key))
        return passkey.passkey_fault(entry, text.decode("utf-8"), signed) is None
    return ed25519.holds(base64.b64decode(key["public"]), text, base64.b64decode(signed["value"]))


def placed(deployment, place, decision):
    said = {key: value for key, value in decision.items() if key not in ("signature", "vouch")}
    return {"deployment": deployment, "root": place["root"], "gate": place["gate"], "level": place["level"], "decision": said}


def check_signature(directory, deployment, place, decision, at):
    signature = decision["signature"]
    person = person_of(directory, decision["reviewer"])
    expect(person, "the directory knows nobody of that name")
    key = key_of(person, signature["key"])
    expect(key, f"the directory lists no key {signature['key']} for {person['name']}")
    longest = 10 * MINUTE if key.get("kind") == "passkey" else 24 * 60 * MINUTE
    check_times(key, signature, longest, at)
    life = {"signer": signature["key"], "issued": signature["issued"], "expires": signature["expires"]}
    text = text_of("decision", {**placed(deployment, place, decision), **life})
    expect(signs(key, text, signature), f"it is not what the key {signature['key']} signed there")


def check_vouch(directory, deployment, place, decision, at):
    vouch = decision["vouch"]
    person = person_of(directory, decision["reviewer"])
    expect(person and person["name"] == vouch["person"], f"it vouches for {vouch['person']}")
    identity = {key: vouch[key] for key in ("method", "issuer", "subject")}
    own = [{key: one.get(key) for key in identity} for one in person.get("identities", [])]
    expect(identity in own, f"that is no identity of {person['name']}")
    door = named(directory.get("doors"), vouch["door"])
    key = key_of(door, vouch["key"])
    expect(key, f"the directory lists no key {vouch['key']} for the door {vouch['door']}")
    expect(vouch["method"] in door.get("methods", []), f"the door {vouch['door']} does not vouch so")
    check_times(key, vouch, 5 * MINUTE, at)
    names = ("door", "person", "method", "issuer", "subject", "authTime", "acr", "session", "issued", "expires")
    said = {name: vouch[name] for name in names if name in vouch}
    text = text_of("vouch", {**placed(deployment, place, decision), **said, "signer": vouch["key"]})
    expect(signs(key, text, vouch), f"it is not what the door's key {vouch['key']} signed there")


class Proofs:
    """Hears chains, parents before their children; then says what does not hold."""

    def __init__(self, directories, deployment, believed_until=None, recorded=()):
        self.directories, self.deployment = directories, deployment
        self.until = time(believed_until) if believed_until else None
        self.known = {hash_of(one) for one in directories} | {hash_of(one) for one in recorded if self.is_version(one)}
        has = lambda role: any(one.get("keys") for directory in directories for one in directory.get(role, []))
        self.floor = "vouched" if has("doors") else "signed" if has("people") else "open"
        self.roots, self.proven, self.demands, self.faults = {}, {}, [], []
        self.counters = counters.Counters()

    def is_version(self, recorded):  # the same directory at another time: no key that those given do not list
        def holdings(directory):
            for role in ("people", "doors", "workers"):
                for holder in directory.get(role, []):
                    for key in holder.get("keys", []):
                        bare = {name: key[name] for name in key if name not in ("from", "until", "revoked")}
                        yield canonical([role, holder["name"], bare])

        return any(set(holdings(recorded)) <= set(holdings(given)) for given in self.directories)

    def name_of(self, reviewer):
        people = (person_of(directory, reviewer) for directory in self.directories)
        return next((person["name"] for person in people if person), reviewer)

    def by_any(self, check, *what):  # of several directories one that proves it is enough
        reasons = []
        for directory in self.directories:
            try:
                return check(directory, self.deployment, *what)
            except Unproven as reason:
                reasons.append(str(reason))
            except Exception:
                reasons.append("it cannot be read")
        raise Unproven(reasons[0])

    def prove(self, digest, person, grade):
        on = self.proven.setdefault(digest, {})
        on[person] = max(on.get(person, "open"), grade, key=GRADES.index)

    def hear(self, chain, rows):
        own = {"workflowId": chain[0], "firstRunId": chain[1]}
        root = self.roots.pop(canonical(own), own)
        begin = {"root": root, "gate": "", "level": "", "policy": {}, "edits": {}, "approved": {}}
        known = {}
        for row in rows:
            at = known.get((int(row["seq"]) - 1, row["prev"]), begin)
            try:
                at = self.step(at, parsed(row["text"] or "{}"), time(row["meta"]["at"]), f"{chain[0]} ({chain[1]}): entry {row['seq']}")
            except Unproven as reason:
                self.faults.append(f"{chain[0]} ({chain[1]}): entry {row['seq']}: {reason}")
            except Exception:
                self.faults.append(f"{chain[0]} ({chain[1]}): entry {row['seq']} cannot be read")
            known[int(row["seq"]), row["hash"]] = at

    def step(self, at, fact, when, where):
        kind = fact.get("type")
        if kind in ("level-opened", "step-opened"):
            self.roots[canonical({key: fact["child"][key] for key in ("workflowId", "firstRunId")})] = at["root"]
        elif kind in ("opened", "revised"):
            editor = self.name_of(fact["by"]) if kind == "revised" else None
            if editor in at["edits"]:
                self.prove(fact["digest"], editor, at["edits"][editor])
            at = {**at, **{key: fact[key] for key in ("gate", "level", "policy") if key in fact}, "edits": {}}
            if kind == "opened" and fact.get("reviewers", None) is not None and fact["reviewers"] not in self.known:
                self.faults.append(f"{where}: its gate goes by a directory that none of those given is a version of")
        elif kind == "decided":
            at = self.decided(at, fact, when, where)
        elif kind == "approved":
            if fact["basis"] == "signatures":
                self.demands.append((where, fact, at["policy"], when))
            at = {**at, "approved": {**at["approved"], fact["key"]: fact["digest"]}}
        elif kind == "executed":
            self.executed(at, fact, when)
        return at

    def decided(self, at, fact, when, where):
        decision, grade = fact["decision"], fact["authentication"]
        if grade not in ("vouched", "signed"):
            return at
        name = self.name_of(decision["reviewer"])
        who = f"the decision {decision['id']} in the name of {decision['reviewer']} is not proven"
        needed = "signature" if grade == "signed" else "vouch"
        expect(needed in decision, f"{who}: nothing stands on it that makes it {grade}")

        def check(directory, *what):
            if "signature" in decision:
                check_signature(directory, *what)
            if "vouch" in decision:
                check_vouch(directory, *what)

        try:
            self.by_any(check, at, decision, when)
        except Unproven as reason:
            raise Unproven(f"{who}: {reason}")
        if "signature" in decision:
            self.counters.add(name, decision["signature"], time(decision["signature"]["issued"]), when, where)
        if decision["verdict"] == "approve":
            self.prove(decision["digest"], name, grade)
        return {**at, "edits": {**at["edits"], name: grade}} if decision["verdict"] == "edit" else at

    def executed(self, at, fact, when):
        expect(fact["key"] in at["approved"], "an effect under a key that was not approved before")
        if fact.get("receipt") == "none":
            return
        receipt = fact.get("receipt")
        expect(isinstance(receipt, dict), "an effect without a receipt")
        same = {"effectKey": fact["key"], "result": fact["result"], "digest": at["approved"][fact["key"]]}
        expect({key: receipt.get(key) for key in same} == same, "its receipt is for another effect, or another result")
        under = receipt.get("directory", hash_of(None))
        expect(under == hash_of(None) or under in self.known, "it was judged by a directory that none of those given is a version of")
        workers = [one for directory in self.directories for one in directory.get("workers", [])]
        if not workers:
            return  # worker keys are the store's word, which an export does not have
        key = next(filter(None, (key_of(worker, receipt.get("signer")) for worker in workers)), None)
        expect(key, f"its receipt is signed with the key {receipt.get('signer')}, which is no worker's")
        check_times(key, None, None, when)
        text = text_of("receipt", {name: receipt[name] for name in receipt if name != "value"})
        expect(signs(key, text, receipt), f"its receipt is not what the key {receipt['signer']} signed")

    def ended(self):
        for where, fact, policy, when in self.demands:
            try:
                self.judge(fact, policy, when)
            except Unproven as reason:
                self.faults.append(f"{where}: approved {reason}")
        return self.faults

    def judge(self, fact, policy, when):
        least = policy.get("authentication", "open")
        if not (self.until and when < self.until):
            least = max(least, self.floor, key=GRADES.index)
        level = named(policy.get("levels"), fact["level"]) or {}
        quorum, signed = (max(int(level.get(name, 0)), floor) for name, floor in (("quorum", 1), ("signedAtLeast", 0)))
        grades = {name: self.proven.get(fact["digest"], {}).get(name, "open") for name in map(self.name_of, fact["signers"])}
        for name, grade in grades.items():
            strong = GRADES.index(grade) >= GRADES.index(least)
            expect(strong, f"in the name of {name}, of whom no decision on it is on record that is {least} and holds")
        expect(least == "open" or len(grades) >= quorum, f"by {len(grades)}, where {quorum} have to")
        strong = list(grades.values()).count("signed")
        expect(strong >= signed, f"with {strong} signatures of people's own, where {signed} have to be")
