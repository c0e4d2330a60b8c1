#!/usr/bin/env python3
"""Whether a passkey signed a text, without any code of Countersign's. Needs the module cryptography.

python3 passkey.py ../../schemas/vectors/passkey.json  # judges the vectors that ship
"""
import base64, datetime, hashlib, json, re, sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

UP, UV, BE, BS, AT, ED, RESERVED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80, 0x22
BASE64URL = r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?"
BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = rf"(?:localhost|(?:{LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)"
ID = r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?"
TIME = r"(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?Z"
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")  # then x and y
ED25519 = bytes.fromhex("302a300506032b6570032100")  # then 32 bytes


class Fault(Exception):
    pass


def passkey_fault(entry, text, assertion):
    """What does not hold, as a sentence; None where the passkey of the directory's entry signed the text."""
    try:
        check_entry(entry)
        for name, most in (("authenticatorData", 512), ("clientDataJSON", 3072)):
            encoded(f"the assertion: {name}", assertion.get(name), BASE64URL, 1, most)
        encoded("the assertion: value", assertion.get("value"), BASE64, 1, 1026)
        client, data = url_decoded(assertion["clientDataJSON"]), url_decoded(assertion["authenticatorData"])
        key = public_key(entry["alg"], base64.b64decode(entry["spki"]))
        check_client_data(entry["origins"], text, client)
        check_authenticator_data(entry, data)
        check_signature(key, base64.b64decode(assertion["value"]), data + hashlib.sha256(client).digest())
    except Fault as fault:
        return str(fault)
    except Exception:
        return "the assertion cannot be judged"
    return None


def url_decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def expect(holds, sentence):
    if not holds:
        raise Fault(sentence)


def matches(pattern, value, most=10_000):
    return type(value) is str and len(value) <= most and re.fullmatch(pattern, value, re.ASCII) is not None


def encoded(what, value, pattern, least, most):
    fits = matches(pattern, value) and least <= len(value.rstrip("=")) * 3 // 4 <= most
    form = "base64url without padding" if pattern is BASE64URL else "base64 with padding"
    expect(fits, f"{what} must be {form}, of {least} to {most} bytes")


def check_entry(entry):
    needed = {"id", "kind", "credential", "spki", "alg", "rpId", "origins", "backupEligible"}
    expect(type(entry) is dict and needed <= entry.keys() <= needed | {"from", "until", "revoked"}, "the entry: its fields")
    expect(matches(ID, entry["id"]) and entry["kind"] == "passkey", "the entry: id or kind")
    encoded("the entry: credential", entry["credential"], BASE64URL, 16, 1023)
    encoded("the entry: spki", entry["spki"], BASE64, 1, 1200)
    expect(type(entry["alg"]) is int and entry["alg"] in (-7, -8, -257), "the entry: alg")
    expect(matches(HOST, entry["rpId"], 253), "the entry: rpId must be a domain in lower case, or localhost")
    expect(type(entry["backupEligible"]) is bool, "the entry: backupEligible")
    expect(type(entry["origins"]) is list and 1 <= len(entry["origins"]) <= 20, "the entry: origins")
    for origin in entry["origins"]:
        expect(is_origin(origin, entry["rpId"]), "the entry: an origin")
    for time in entry.keys() & {"from", "until", "revoked"}:
        expect(is_time(entry[time]), f"the entry: {time}")


def is_origin(origin, rp_id):
    if not matches(rf"https?://{HOST}(?::[1-9][0-9]{{0,4}})?", origin, 300):
        return False
    scheme, host, port = re.fullmatch(r"(https?)://([^:]+)(?::(\d+))?", origin).groups()
    return (
        (host == rp_id or host.endswith("." + rp_id))
        and (scheme == "https" or host == "localhost")
        and (port is None or (int(port) <= 65535 and port != {"http": "80", "https": "443"}[scheme]))
    )


def is_time(text):
    if not matches(TIME, text):
        return False
    try:
        return datetime.date(*map(int, re.match(TIME, text).groups())) is not None
    except ValueError:
        return False


def public_key(alg, der):
    """In one encoding alone: another form of the same key would pass for another key."""
    if alg == -7:
        expect(len(der) == 91 and der.startswith(P256), "the public key is not an uncompressed point of P-256, which alg -7 needs")
    if alg == -8:
        expect(len(der) == 44 and der.startswith(ED25519), "the public key is not Ed25519, which alg -8 needs")
        check_point(der[12:])
    try:
        key = load_der_public_key(der)
    except Exception:
        raise Fault("the public key does not parse")
    if alg == -257:
        expect(isinstance(key, rsa.RSAPublicKey), "the public key is not RSA, which alg -257 needs")
        numbers = key.public_numbers()
        expect(2048 <= key.key_size <= 8192, "the public key's modulus needs 2048 to 8192 bits")
        expect(numbers.n % 2 == 1, "the public key's modulus is even")
        expect(numbers.e % 2 == 1 and 65537 <= numbers.e < 2**32, "the public key's exponent is not odd, or not from 65537 to 2^32")
    again = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    expect(again == der, "the public key is not in canonical DER")
    return key


def check_point(raw):
    """Under a point of small order anybody can sign, and not every library refuses it."""
    p = 2**255 - 19
    y = int.from_bytes(raw, "little") % 2**255
    order_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    expect(y < p, "the public key is no point of the curve: y is not below 2^255 - 19")
    expect(y not in (0, 1, p - 1, order_8, p - order_8), "the public key is a point of small order, under which anybody can sign")
    d = -121665 * pow(121666, -1, p)
    expect(pow((y * y - 1) * (d * y * y + 1), (p - 1) // 2, p) == 1, "the public key is no point of the curve")


def check_client_data(origins, text, client):
    try:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode().rstrip("=")
    except UnicodeEncodeError:
        raise Fault("the text holds a lone surrogate, which has no UTF-8")
    try:
        text_of_client = client.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("clientDataJSON is not UTF-8")
    begin = '{"type":"webauthn.get","challenge":"'
    expect(text_of_client.startswith(begin), f"clientDataJSON does not begin with {begin}")
    begin += challenge + '","origin":"'
    expect(text_of_client.startswith(begin), "the challenge is not SHA-256 of the text, followed by the origin")
    ends = tuple(begin + origin + end for origin in origins for end in ('",', '"}'))
    expect(text_of_client.startswith(ends), "the origin is none of the entry's")
    try:
        members = json.loads(text_of_client, object_pairs_hook=unique_members, parse_constant=refuse_constant)
        deep = depth(members) > 8
    except ValueError:
        raise Fault("clientDataJSON is not JSON")
    except RecursionError:
        deep = True
    expect(not deep, "clientDataJSON is nested more than 8 deep")
    expect(members.get("crossOrigin", False) is False, "crossOrigin is there and is not false")
    expect("topOrigin" not in members, "topOrigin is there")


def unique_members(members):
    expect(len({name for name, _ in members}) == len(members), "clientDataJSON has a member twice")
    return dict(members)


def refuse_constant(name):
    raise ValueError(name)  # NaN and Infinity are no JSON


def depth(value):
    within = value.values() if type(value) is dict else value if type(value) is list else None
    return 0 if within is None else 1 + max(map(depth, within), default=0)


def check_authenticator_data(entry, data):
    expect(len(data) >= 37, "authenticatorData has fewer than 37 bytes")
    flags = data[32]
    expect(not flags & AT, "authenticatorData holds a new credential (AT): it is from a registration")
    expect(not flags & ED, "authenticatorData holds extensions (ED), and none were asked for")
    expect(len(data) == 37, "authenticatorData has more than 37 bytes")
    expect(data[:32] == hashlib.sha256(entry["rpId"].encode()).digest(), "rpIdHash is not that of the entry's rpId")
    expect(flags & UP, "nobody was present (UP)")
    expect(flags & UV, "nobody was verified (UV)")
    expect(not flags & RESERVED, "a reserved flag is set")
    expect(bool(flags & BE) is entry["backupEligible"], "backup eligibility (BE) is not as enrolled")
    expect(flags & BE or not flags & BS, "backup state (BS) is set without backup eligibility (BE)")


def check_signature(key, value, signed):
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, signed, ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(value, signed)
    except Exception:
        raise Fault("the signature is not what the key signed")


def main(path):
    with open(path, encoding="utf-8") as file:
        shipped = json.load(file)
    otherwise = 0
    for vector in shipped["vectors"]:
        entry, text = shipped["entries"][vector["entry"]], shipped["texts"][vector["text"]]
        fault = passkey_fault(entry, text, vector["assertion"])
        if (fault is None) != vector["holds"]:
            otherwise += 1
            print(f"{vector['name']}: {fault or 'holds'}")
    print(f"{len(shipped['vectors'])} vectors: {otherwise} judged otherwise")
    return 1 if otherwise else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
