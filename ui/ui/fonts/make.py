#!/usr/bin/env python3
"""Cuts the two faces of the screens out of Debian's Noto Sans CJK SC. See README.md."""
import sys
from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = "/usr/share/fonts/opentype/noto/NotoSansCJK-{}.ttc"
SIMPLIFIED = 2  # the index of "Noto Sans CJK SC" in the collection
FAMILY = "Bianmin Sans"


def encoded(codec, first_rows, columns):
    """Every character that a two-byte encoding has in these rows and columns."""
    for row in first_rows:
        for column in columns:
            try:
                yield from bytes((row, column)).decode(codec)
            except UnicodeDecodeError:
                pass


def characters():
    """Unicode code points of the subset."""
    wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))
    wanted |= set(range(0x2010, 0x2040)) | set(range(0x2190, 0x2194)) | {0x20AC, 0x2116, 0x2713, 0x2717}
    wanted |= set(range(0x3000, 0x3020)) | set(range(0xFF01, 0xFF5F)) | {0xFFE5, 0xFFFD}
    wanted |= {ord(c) for c in encoded("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))}
    big5_columns = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    wanted |= {ord(c) for c in encoded("big5", range(0xA4, 0xC7), big5_columns)}
    return wanted


def cut(face):
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    font = TTFont(SOURCE.format(face), fontNumber=SIMPLIFIED)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    # The original leaves 1.448 em a line, which headings would have to undercut, and undercut text loses its
    # descenders on this renderer. A line of 1.25 em is the smallest that the screens use.
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = 980, -270, 0
    os2 = font["OS/2"]
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = 980, -270, 0
    os2.usWinAscent, os2.usWinDescent = 980, 270
    # The space that does not break. The source has none, and the toolkit breaks at U+00A0 all the same.
    for table in font["cmap"].tables:
        table.cmap[0x202F] = table.cmap[0x20]
    # A name of its own: the installed full family must stay apart, or it could not serve as the fallback.
    for record in list(font["name"].names):
        if record.nameID in (1, 3, 4, 6, 16, 17):
            font["name"].removeNames(nameID=record.nameID)
    for name_id, text in {1: FAMILY, 3: f"{FAMILY} {face}", 4: f"{FAMILY} {face}",
                          6: f"BianminSans-{face}"}.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font["name"].names = [r for r in font["name"].names if r.platformID == 3 and r.langID == 0x409]
    font["CFF "].cff.fontNames[0] = f"BianminSans-{face}"
    font["CFF "].cff[0].FamilyName = FAMILY
    font["CFF "].cff[0].FullName = f"{FAMILY} {face}"
    font.save(f"BianminSans-{face}.otf")
    print(face, len(font.getGlyphOrder()), "glyphs")


for name in sys.argv[1:] or ["Regular", "Bold"]:
    cut(name)
