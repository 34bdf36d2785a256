"""Opens and verifies what a kiosk sealed with two COSE libraries that are not ours. Started by `cargo xtask test`."""

import hashlib

import cbor2

from vectors import LIBRARIES, Keys, load


def main():
    rows = load()
    keys = Keys(rows)
    outer, sealed = cbor2.loads(rows["entry"])
    assert (outer, sealed) == (rows["outer"], rows["sealed"])
    assert hashlib.sha256(outer).digest() == rows["id"]
    for library in LIBRARIES:
        reader = library(keys)
        kiosk = b"110101-0007"
        outside = cbor2.loads(reader.verify(outer, kiosk))
        assert outside[6] == hashlib.sha256(sealed).digest()
        manifest = cbor2.loads(reader.verify(reader.open(sealed), kiosk))
        assert [manifest[n] for n in (2, 3, 4, 5)] == [outside[n] for n in (2, 3, 4, 5)]
        assert manifest[2] == kiosk.decode() and manifest[16] == [keys.kid]
        file = rows["attachment"]
        assert outside[7] == [hashlib.sha256(file).digest()] == [manifest[17][0][4]]
        assert reader.open_file(file, manifest[17][0][5]) == b"a page"
        receipt = cbor2.loads(reader.verify(rows["receipt"], hashlib.sha256(keys.signer).digest()[:8]))
        assert receipt[3] == kiosk.decode()
        head = cbor2.loads(reader.verify(rows["head"], kiosk))
        assert (head[2], head[4], head[5]) == (kiosk.decode(), 47, rows["id"])
        print(f"{library.name}: opened; envelope, request, receipt and head verified; attachment opened")


if __name__ == "__main__":
    main()
