"""Makes PDF files that no EKG device would send, and one plain sheet that it could."""

import io
import zlib
from collections.abc import Sequence

import pikepdf
from PIL import Image

CURVE = b"".join(b"%d %d l\n" % (20 + x, 100 + (x * 7919) % 90) for x in range(4000))
DRAWING = b"q 0.5 w 1 0.7 0.7 RG\n20 100 m\n" + CURVE + b"S Q\nBT /F1 12 Tf 30 760 Td (Afledning \\(I\\)) Tj ET\n"
RESOURCES = b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>%s>>"
BOX = b"/MediaBox[0 0 595 842]"


def stream(data: bytes, extra: bytes = b"", *, flate: bool = False, length: int | None = None) -> bytes:
    """A stream object's body."""
    data = zlib.compress(data) if flate else data
    extra += b"/Filter/FlateDecode" if flate else b""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data) if length is None else length, extra, data)


def file(objects: Sequence[bytes], version: bytes = b"1.4") -> bytes:
    """A file of these objects, numbered from 1, with a right cross-reference table; 1 is the catalogue."""
    out = bytearray(b"%%PDF-%s\n%%\xe2\xe3\xcf\xd3\n" % version)
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out) + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def sheet(
    drawing: bytes | None = None,
    *,
    catalogue: bytes = b"",
    page: bytes = BOX,
    resources: bytes = b"",
    more: Sequence[bytes] = (),
    version: bytes = b"1.4",
) -> bytes:
    """One page that draws; `drawing` is a stream body (object 4), `more` are objects from 5 on."""
    return file(
        [
            b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R%s%s>>" % (RESOURCES % resources, page),
            stream(DRAWING, flate=True) if drawing is None else drawing,
            *more,
        ],
        version,
    )


def pages(count: int) -> bytes:
    """So many pages that share one drawing."""
    kids = b" ".join(b"%d 0 R" % (number + 4) for number in range(count))
    one = b"<</Type/Page/Parent 2 0 R/Contents 3 0 R%s%s>>" % (RESOURCES % b"", BOX)
    tree = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)
    return file([b"<</Type/Catalog/Pages 2 0 R>>", tree, stream(DRAWING, flate=True), *[one] * count])


def deep_tree(depth: int) -> bytes:
    """One page under so many nested page tree nodes."""
    nodes = [b"<</Type/Pages/Count 1/Kids[%d 0 R]/Parent %d 0 R>>" % (n + 3, max(n + 1, 2)) for n in range(depth)]
    leaf = b"<</Type/Page/Parent %d 0 R%s%s>>" % (depth + 1, BOX, RESOURCES % b"")
    return file([b"<</Type/Catalog/Pages 2 0 R>>", *nodes, leaf])


def cyclic_tree() -> bytes:
    """A page tree that is its own grandchild."""
    kid = b"<</Type/Pages/Count 1/Kids[%d 0 R]/Parent %d 0 R>>"
    return file([b"<</Type/Catalog/Pages 2 0 R>>", kid % (3, 3), kid % (2, 2)])


def flipped() -> bytes:
    """One bit changed in the midst of a compressed drawing."""
    data = bytearray(sheet())
    data[data.index(b"stream\n") + 4000] ^= 1
    return bytes(data)


def cut_short() -> bytes:
    """A compressed drawing whose second half is missing, in a file that is otherwise whole."""
    packed = zlib.compress(DRAWING)
    return sheet(stream(packed[: len(packed) // 2], b"/Filter/FlateDecode"))


def cut_file(share: float) -> bytes:
    """The start of a file, as an interrupted transfer leaves it."""
    data = sheet()
    return data[: int(len(data) * share)]


def broken_xref() -> bytes:
    """Whole in all but the table that says where things are."""
    data = sheet()
    return data.replace(b"startxref\n", b"startxref\n9", 1).replace(b"\nxref\n", b"\nfrex\n")


def encrypted(user: str, owner: str) -> bytes:
    """Encrypted with AES-256."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(sheet())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=user, owner=owner))
    return out.getvalue()


def bomb(size: int, layers: int = 1) -> bytes:
    """A stream body that unpacks to `size` zeros (whole megabytes), packed `layers` times."""
    packer = zlib.compressobj(9)
    head = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = head + again * ((size >> 20) - 1) + packer.flush()
    for _ in range(layers - 1):
        packed = zlib.compress(packed, 9)
    return stream(packed, b"/Filter[%s]" % (b"/FlateDecode" * layers))


def image(body: bytes, width: int, height: int) -> bytes:
    """A page that draws one image with the given stream body."""
    head = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % (
        width,
        height,
    )
    return sheet(stream(b"500 0 0 500 20 20 cm /I Do"), resources=b"/XObject<</I 5 0 R>>", more=[head + body[2:]])


def photo() -> bytes:
    """A JPEG of 90 × 90 grey points."""
    packed = io.BytesIO()
    Image.effect_noise((90, 90), 60).save(packed, "JPEG")
    return packed.getvalue()


def object_stream_bomb(size: int) -> bytes:
    """A file whose catalogue lies in an object stream that unpacks to `size`."""
    packer = zlib.compressobj(9)
    inside = packer.compress(b"1 0 2 30 <</Type/Catalog/Pages 2 0 R>>  ") + packer.flush(zlib.Z_FULL_FLUSH)
    spaces = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    inside += spaces * (size >> 20)
    out = bytearray(b"%PDF-1.5\n")
    first = len(out)
    out += b"3 0 obj\n" + stream(inside, b"/Type/ObjStm/N 2/First 9/Filter/FlateDecode") + b"\nendobj\n"
    table = len(out)
    rows = [(0, 0, 0), (2, 3, 0), (2, 3, 1), (1, first, 0), (1, table, 0)]
    packed = b"".join(bytes((kind,)) + where.to_bytes(4, "big") + bytes((index,)) for kind, where, index in rows)
    out += b"4 0 obj\n" + stream(packed, b"/Type/XRef/W[1 4 1]/Size 5/Root 1 0 R") + b"\nendobj\n"
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % table


def laughing_forms(levels: int = 12, times: int = 10) -> bytes:
    """Forms that each draw the next ten times: small to read, without end to paint."""
    forms = [
        stream(
            b"/N Do\n" * times, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</N %d 0 R>>>>" % (n + 6)
        )
        for n in range(levels)
    ]
    last = stream(b"0 0 m 9 9 l S", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<>>")
    return sheet(stream(b"/N Do"), resources=b"/XObject<</N 5 0 R>>", more=[*forms, last])


def form_of_itself() -> bytes:
    """A form that draws itself."""
    inside = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</N 5 0 R>>>>"
    return sheet(resources=b"/XObject<</N 5 0 R>>", more=[stream(b"0 0 m 9 9 l S /N Do", inside)])


def slow_groups(times: int = 20_000) -> bytes:
    """Transparent groups as large as the largest page, one upon the other: hours to paint, in little memory."""
    group = b"/Type/XObject/Subtype/Form/BBox[0 0 14400 14400]/Group<</S/Transparency>>/Resources<<>>"
    return sheet(
        stream(b"/G gs " + b"/N Do\n" * times, flate=True),
        page=b"/MediaBox[0 0 14400 14400]",
        resources=b"/ExtGState<</G<</ca 0.5/CA 0.5>>>>/XObject<</N 5 0 R>>",
        more=[stream(b"0 0 m 14400 14400 l S", group)],
    )
