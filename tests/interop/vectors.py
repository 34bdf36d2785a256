"""The vectors of docs/envelope.md, and how two COSE libraries that are not ours read each part of them."""

import hashlib
import pathlib
import re

import cbor2
import cwt
import pycose.keys
from cryptography.hazmat.primitives.asymmetric import ec
from pycose.messages import CoseMessage, Enc0Message, EncMessage, Sign1Message

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "envelope.md"


class Refused(Exception):
    """The library did not accept what it was given."""


def load():
    """The rows between the marks, as name -> bytes."""
    text = PAGE.read_text(encoding="utf-8").split("<!-- vectors -->")[1]
    rows = re.findall(r"^(\S[^\n]*):\n    ([0-9a-f]+)$", text, re.M)
    return {name: bytes.fromhex(value) for name, value in rows}


class Keys:
    """What a platform knows: its own sealing key, and the kiosk's public key."""

    def __init__(self, rows):
        self.secret = rows["sealing key, secret"]
        number = int.from_bytes(self.secret, "big")
        point = ec.derive_private_key(number, ec.SECP256R1()).public_key().public_numbers()
        self.x, self.y = (n.to_bytes(32, "big") for n in (point.x, point.y))
        self.kid = hashlib.sha256(b"\x04" + self.x + self.y).digest()[:8]
        self.signer = rows["signing key, public"]


class Cwt:
    """python-cwt."""

    name = "cwt"

    def __init__(self, keys):
        self.cose = cwt.COSE.new(alg_auto_inclusion=False, kid_auto_inclusion=False)
        parts = {1: 2, 3: -31, 2: keys.kid, -1: 1, -2: keys.x, -3: keys.y, -4: keys.secret}
        self.recipient = cwt.COSEKey.new(parts)
        self.public = keys.signer

    def verify(self, message, kid):
        """The payload of a COSE_Sign1."""
        key = cwt.COSEKey.new({1: 1, 3: -8, 2: kid, -1: 6, -2: self.public})
        return self.cose.decode(message, key)

    def open(self, message):
        """The content of a COSE_Encrypt."""
        return self.cose.decode(message, [self.recipient], context={"alg": "A256KW"})

    def open_file(self, message, key):
        """The content of a COSE_Encrypt0."""
        return self.cose.decode(message, cwt.COSEKey.new({1: 4, 3: 3, -1: key}))


class Pycose:
    """pycose."""

    name = "pycose"

    def __init__(self, keys):
        own = {"KID": keys.kid}
        self.recipient = pycose.keys.EC2Key(crv="P_256", x=keys.x, y=keys.y, d=keys.secret, optional_params=own)
        self.signer = pycose.keys.OKPKey(crv="ED25519", x=keys.signer)

    def verify(self, message, _kid):
        """The payload of a COSE_Sign1."""
        message = self.decoded(message, Sign1Message)
        message.key = self.signer
        if not message.verify_signature():
            raise Refused("signature")
        return message.payload

    def open(self, message):
        """The content of a COSE_Encrypt."""
        message = self.decoded(message, EncMessage)
        recipient = message.recipients[0]
        recipient.key = self.recipient
        return message.decrypt(recipient)

    def open_file(self, message, key):
        """The content of a COSE_Encrypt0."""
        message = self.decoded(message, Enc0Message)
        message.key = pycose.keys.SymmetricKey(key)
        return message.decrypt()

    @staticmethod
    def decoded(message, kind):
        """A message, when it is of this kind."""
        found = CoseMessage.decode(message)
        if not isinstance(found, kind):
            raise Refused(type(found).__name__)
        return found


LIBRARIES = (Cwt, Pycose)


def has_one_form(item):
    """Whether these bytes are the deterministic form of what they say, and nothing behind it (docs/envelope.md)."""
    return cbor2.dumps(cbor2.loads(item), canonical=True) == item
