"""Counters of passkeys: one that does not grow may speak of a copy of the key. It is named, and nothing is refused for it."""
import base64


class Counters:
    def __init__(self):
        self.uses = {}

    def add(self, person, signature, issued, at, where):  # the same signature counts once, wherever it stands
        if len(signature.get("authenticatorData", "")) == 50:
            data = base64.urlsafe_b64decode(signature["authenticatorData"] + "==")
            use = issued, at, int.from_bytes(data[33:37]), where
            self.uses.setdefault((person, signature["key"]), {}).setdefault(signature["value"], use)

    def remarks(self):
        for (person, key), uses in self.uses.items():
            ordered = sorted(uses.values(), key=lambda use: use[:3])
            for (*_, before, _), (*_, now, where) in zip(ordered, ordered[1:]):
                if 0 < max(before, now) and now <= before:
                    counts = f"the passkey {key} of {person} counts {now} after {before}"
                    yield f"{where}: {counts}: a counter that does not grow may speak of a copy of the key"
