"""Gives two COSE libraries that are not ours what a kiosk sealed, changed in more than 10,000 ways: none may pass.

Prints one JSON object a library: how many were refused by the library itself (signature, authenticated encryption, or
not even readable), how many by what docs/envelope.md asks of a reader beyond COSE (one form; the hash in the signed
envelope), and every one that passed. Started by `cargo xtask test`.
"""

import collections
import concurrent.futures
import hashlib
import json
import logging
import random
import sys

import cbor2

from vectors import LIBRARIES, Keys, has_one_form, load

KIOSK = b"110101-0007"

# Fixed, so that a failure comes again.
SEED = 20261122

# What the protected header of each part says it is.
TYPES = {
    "outer": "application/vnd.bianmin.entry+cbor",
    "receipt": "application/vnd.bianmin.receipt+cbor",
    "head": "application/vnd.bianmin.head+cbor",
    "sealed": 'application/cose; cose-type="cose-sign1"',
    "attachment": "application/octet-stream",
}

# Changes of each kind where there are endlessly many.
MANY = 700


def mutations(rows):
    """(part, kind, bytes): every single bit, every length, and seeded samples of what has no end."""
    dice = random.Random(SEED)
    parts = {name: rows[name] for name in TYPES}
    for part, whole in parts.items():
        for bit in range(len(whole) * 8):
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            yield part, "bit", bytes(changed)
        for length in range(len(whole)):
            yield part, "cut", whole[:length]
        for _ in range(MANY):
            changed = bytearray(whole)
            a, b = dice.sample(range(len(whole)), 2)
            changed[a], changed[b] = changed[b], changed[a]
            yield part, "swap", bytes(changed)
        for _ in range(MANY):
            at = dice.randrange(len(whole) + 1)
            yield part, "grown", whole[:at] + dice.randbytes(dice.randint(1, 4)) + whole[at:]
        for other, found in parts.items():
            if other != part:
                yield part, "other part", found
        yield from structural(part, whole, dice)


def structural(part, whole, dice):
    """Changes that stay readable: headers added or removed, pieces of another message, recipients."""
    item = cbor2.loads(whole)

    def built(change):
        fields = [*item.value]
        change(fields)
        return part, "structure", cbor2.dumps(cbor2.CBORTag(item.tag, fields), canonical=True)

    for label in range(1, 40):
        yield built(lambda f, label=label: f.__setitem__(1, {**f[1], label + 60: label}))
    yield built(lambda f: f.__setitem__(0, b""))
    yield built(lambda f: f.__setitem__(0, cbor2.dumps({1: 1}, canonical=True)))
    yield built(lambda f: f.__setitem__(2, f[2][::-1]))
    for tag in (16, 17, 18, 96, 97, 98):
        if tag != item.tag:
            yield part, "structure", cbor2.dumps(cbor2.CBORTag(tag, item.value), canonical=True)
    # The same in a longer spelling: a tag of two bytes instead of one, of three instead of two.
    longer = b"\xd9" + item.tag.to_bytes(2, "big")
    yield part, "structure", longer + cbor2.dumps(item.value, canonical=True)
    if part != "sealed":
        return
    protected, unprotected, wrapped = item.value[3][0]
    ours = [protected, unprotected, wrapped]
    direct = [b"\xa1\x01\x25", {}, b""]
    lists = [[], [ours, ours], [direct], [direct, ours], [ours, direct], [[*ours, []]], [[protected, {}, wrapped]]]
    for _ in range(40):
        lists.append([[protected, unprotected, dice.randbytes(40)]])
        lists.append([[protected, {**unprotected, 4: dice.randbytes(8)}, wrapped]])
        lists.append([ours, [protected, {**unprotected, 4: dice.randbytes(8)}, dice.randbytes(40)]])
    for recipients in lists:
        yield built(lambda f, recipients=recipients: f.__setitem__(3, recipients))


class Platform:
    """Reads each part as a platform does, with one library."""

    def __init__(self, library, rows):
        keys = Keys(rows)
        self.reader = library(keys)
        self.rows = rows
        self.platform = hashlib.sha256(keys.signer).digest()[:8]
        self.outside = cbor2.loads(self.reader.verify(rows["outer"], KIOSK))
        inner = self.reader.open(rows["sealed"])
        self.manifest = cbor2.loads(self.reader.verify(inner, KIOSK))

    def library_accepts(self, part, message):
        """Whether the library itself opens or verifies it."""
        try:
            if part in ("outer", "head"):
                self.reader.verify(message, KIOSK)
            elif part == "receipt":
                self.reader.verify(message, self.platform)
            elif part == "sealed":
                self.reader.verify(self.reader.open(message), KIOSK)
            else:
                self.reader.open_file(message, self.manifest[17][0][5])
        except Exception:  # Whatever a library raises for nonsense is a refusal.
            return False
        return True

    def form_accepts(self, part, message):
        """Whether it also has the one form of docs/envelope.md, header for header."""
        if not has_one_form(message):
            return False
        protected, unprotected, *rest = cbor2.loads(message).value
        if cbor2.loads(protected)[3] != TYPES[part]:
            return False
        if part in ("outer", "receipt", "head"):
            return unprotected == {}
        if set(unprotected) != {5}:
            return False
        return part == "attachment" or self.recipients_accept(rest[1])

    def recipients_accept(self, recipients):
        """Whether they are those of the signed manifest, each with its labels and no more."""
        if any(len(recipient) != 3 for recipient in recipients):
            return False
        headers = [header for _, header, _ in recipients]
        if any(set(header) != {4, -1} or set(header[-1]) != {1, -1, -2, -3} for header in headers):
            return False
        return [header[4] for header in headers] == self.manifest[16]

    def hash_accepts(self, part, message):
        """Whether the signed envelope names it."""
        digest = hashlib.sha256(message).digest()
        if part == "sealed":
            return digest == self.outside[6]
        return part != "attachment" or digest in self.outside[7]


def judge(library):
    """Counts who refused what."""
    logging.disable(logging.CRITICAL)
    rows = load()
    platform = Platform(library, rows)
    refused = collections.Counter()
    beyond = collections.Counter()
    accepted = []
    seen = set()
    for part, kind, message in mutations(rows):
        if message == rows[part] or (part, message) in seen:
            continue
        seen.add((part, message))
        if not platform.library_accepts(part, message):
            refused["library"] += 1
        elif not platform.form_accepts(part, message):
            refused["form"] += 1
            beyond[f"{part}, {kind}: form"] += 1
        elif not platform.hash_accepts(part, message):
            refused["hash"] += 1
            beyond[f"{part}, {kind}: hash"] += 1
        else:
            accepted.append({"part": part, "kind": kind, "bytes": message.hex()})
    return {
        "library": library.name,
        "mutations": len(seen),
        "refused_by": dict(refused),
        "beyond_the_library": dict(beyond),
        "accepted": accepted,
    }


def main():
    good = True
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for report in pool.map(judge, LIBRARIES):
            print(json.dumps(report))
            good = good and report["mutations"] >= 10_000 and not report["accepted"]
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
