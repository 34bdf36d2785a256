"""Opens the vectors of docs/envelope.md with two COSE libraries that are not ours.

    python3 -m venv /tmp/cose && /tmp/cose/bin/pip install cwt==3.3.0 pycose==1.1.0
    /tmp/cose/bin/python tests/interop/open_vectors.py
"""

import hashlib
import pathlib
import re

import cbor2
import cwt
import pycose.keys
from cryptography.hazmat.primitives.asymmetric import ec
from pycose.messages import CoseMessage

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "envelope.md"


def vectors():
    """The rows between the marks, as name -> bytes."""
    text = PAGE.read_text(encoding="utf-8").split("<!-- vectors -->")[1]
    rows = re.findall(r"^(\S[^\n]*):\n    ([0-9a-f]+)$", text, re.M)
    return {name: bytes.fromhex(value) for name, value in rows}


def with_cwt(v, secret, x, y, kid):
    cose = cwt.COSE.new(alg_auto_inclusion=False, kid_auto_inclusion=False)
    recipient = cwt.COSEKey.new({1: 2, 3: -31, 2: kid, -1: 1, -2: x, -3: y, -4: secret})
    inner = cose.decode(v["sealed"], [recipient], context={"alg": "A256KW"})
    verifier = cwt.COSEKey.new({1: 1, 3: -8, 2: b"110101-0007", -1: 6, -2: v["signing key, public"]})
    assert cose.decode(v["outer"], verifier)
    manifest = cbor2.loads(cose.decode(inner, verifier))
    key = cwt.COSEKey.new({1: 4, 3: 3, -1: manifest[17][0][5]})
    return manifest, cose.decode(v["attachment"], key)


def with_pycose(v, secret, x, y, kid):
    ours = pycose.keys.EC2Key(crv="P_256", x=x, y=y, d=secret, optional_params={"KID": kid})
    signer = pycose.keys.OKPKey(crv="ED25519", x=v["signing key, public"])
    message = CoseMessage.decode(v["sealed"])
    recipient = message.recipients[0]
    recipient.key = ours
    inner = message.decrypt(recipient)
    manifest = None
    for signed in (v["outer"], inner):
        signed = CoseMessage.decode(signed)
        signed.key = signer
        assert signed.verify_signature()
        manifest = cbor2.loads(signed.payload)
    file = CoseMessage.decode(v["attachment"])
    file.key = pycose.keys.SymmetricKey(manifest[17][0][5])
    return manifest, file.decrypt()


def main():
    v = vectors()
    secret = v["sealing key, secret"]
    point = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1()).public_key().public_numbers()
    x, y = (n.to_bytes(32, "big") for n in (point.x, point.y))
    kid = hashlib.sha256(b"\x04" + x + y).digest()[:8]
    outer, sealed = cbor2.loads(v["entry"])
    assert (outer, sealed) == (v["outer"], v["sealed"])
    assert hashlib.sha256(outer).digest() == v["id"]
    for name, opened in (("cwt", with_cwt), ("pycose", with_pycose)):
        manifest, page = opened(v, secret, x, y, kid)
        assert page == b"a page" and manifest[2] == "110101-0007" and manifest[16] == [kid], name
        print(f"{name}: opened, both signatures verified, attachment opened")


if __name__ == "__main__":
    main()
