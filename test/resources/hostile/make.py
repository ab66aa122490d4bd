"""Writes the damaged and hostile files beside this script, and expected.tsv: what reading each of them must complain about.
Columns: file, rows of the array it belongs to (bitmaps and manifests), byte offset, field, a part of what was found."""
import json, struct
from pathlib import Path

HERE = Path(__file__).parent
LINES = []
U32, U64 = 2**32 - 1, 2**64 - 1


def case(file, content, offset, field, found, rows="-"):
    path = HERE / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    LINES.append(f"{file}\t{rows}\t{offset}\t{field}\t{found}\n")


# --- metadata.npkm

def header(count=1, magic=b"NPKB", version=1, total=24):
    return struct.pack("<4sIQI", magic, version, total, count)


def text(value):
    b = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<I", len(b)) + b


def entry(name="ab", shape=(3, 2), file="data_ab.npkd", size=24, dtype=10, algorithm=0, block=b"\0"):
    return (text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape) + text(file)
            + struct.pack("<QQBBIQQ", 1, size, dtype, algorithm, 0, 0, 0) + block)


def metadata(name, content, offset, field, found):
    case(f"metadata/{name}.npkm", content, offset, field, found)


good = header() + entry()
assert len(good) == 101
metadata("empty-file", b"", 0, "magic", "end of the file")
metadata("cut-in-header", good[:17], 16, "array_count", "end of the file")
metadata("cut-in-entry", good[:100], 100, "block flag", "end of the file")
metadata("cut-before-last-entry", header(2) + entry(), 16, "array_count", "2")
metadata("wrong-magic", header(magic=b"\x93NUM") + entry(), 0, "magic", "934e554d")
metadata("zeros", bytes(101), 0, "magic", "00000000")
metadata("version-0", header(version=0) + entry(), 4, "version", "0")
metadata("version-2", header(version=2) + entry(), 4, "version", "2")
metadata("count-4-billion", header(U32) + entry(), 16, "array_count", str(U32))
metadata("count-too-small", header(1) + entry() + entry("c", file="data_c.npkd"), 101, "end", "more bytes")
metadata("trailing-byte", good + b"\0", 101, "end", "1 more bytes")
metadata("name-length-4-billion", header() + struct.pack("<I", U32) + entry()[4:], 20, "name length", str(U32))
metadata("name-beyond-end", header() + struct.pack("<I", 200) + entry()[4:], 20, "name length", "200")
metadata("name-246-bytes", header() + entry("n" * 246), 20, "name length", "246")
metadata("name-not-utf8", header() + entry(b"a\xff"), 25, "name", "0xff")
metadata("name-overlong-utf8", header() + entry(b"a\xc0\xaf"), 25, "name", "0xc0")
metadata("name-surrogate", header() + entry(b"\xed\xa0\x80"), 24, "name", "0xed")
metadata("name-with-slash", header() + entry("../a"), 24, "name", "'/' at index 2")
metadata("name-with-nul", header() + entry("a\0b"), 24, "name", "NUL at index 1")
metadata("name-twice", header(2) + entry() + entry(file="data_c.npkd"), 105, "name", '"ab"')
metadata("ndim-0-of-several-elements", header() + entry(shape=()), 54, "size_bytes", "24")
metadata("ndim-65", header() + entry(shape=(1,) * 65), 26, "ndim", "65")
metadata("ndim-4-billion", header() + entry()[:6] + struct.pack("<I", U32) + entry()[10:], 26, "ndim", str(U32))
metadata("ndim-beyond-end", header() + entry()[:6] + struct.pack("<I", 60) + entry()[10:], 26, "ndim", "60")
metadata("rows-beyond-long", header() + entry(shape=(2**63, 2)), 30, "shape[0]", str(2**63))
metadata("shape-overflows", header() + entry(shape=(2**61, 4), size=2**63 - 1), 30, "shape", "2305843009213693952 4")
metadata("shape-overflows-to-24", header() + entry(shape=(2**62 + 3, 2), size=24), 30, "shape", "2^63-1")
metadata("shape-overflows-beside-empty-axis", header() + entry(shape=(2**40, 2**40, 0), size=0), 30, "shape", "2^63-1")
for name, file in {"absolute": "/etc/passwd.npkd", "parent": "../data_ab.npkd", "subfolder": "x/data_ab.npkd", "other-extension": "metadata.npkm",
                   "bitmap": "deleted_ab.npkb", "nul": "data_ab\0.npkd", "own-folder": ".numpack.npkd", "dots": ".."}.items():
    metadata(f"data-file-{name}", header() + entry(file=file), 50, "data_file", file[:4].replace("\0", "?"))
metadata("data-file-empty", header() + entry(file=""), 46, "data_file length", "0")
metadata("data-file-256-bytes", header() + entry(file="d" * 251 + ".npkd"), 46, "data_file length", "256")
metadata("data-file-not-utf8", header() + entry(file=b"data_\xfe.npkd"), 55, "data_file", "0xfe")
metadata("data-file-twice", header(2) + entry() + entry("cd"), 131, "data_file", 'of array "ab"')
metadata("size-too-small", header() + entry(size=23), 70, "size_bytes", "23")
metadata("size-of-half-a-row-more", header() + entry(size=28), 70, "size_bytes", "28")
metadata("size-beyond-long", header() + entry(size=U64), 70, "size_bytes", str(U64))
metadata("size-of-empty-rows", header() + entry(shape=(3, 0), size=8), 70, "size_bytes", "8")
metadata("dtype-14", header() + entry(dtype=14), 78, "dtype", "14")
metadata("dtype-255", header() + entry(dtype=255), 78, "dtype", "255")
metadata("compression-2", header() + entry(algorithm=2), 79, "compression algorithm", "2")
block = struct.pack("<BBQQ", 1, 1, 4096, 1)
metadata("block-info-missing", header() + entry(block=b"\1"), 101, "block info enabled", "end of the file")
metadata("block-list-4-billion", header() + entry(block=block + struct.pack("<I", U32)), 118, "block list length", str(U32))
metadata("block-list-cut", header() + entry(block=block + struct.pack("<IQQ", 1, 0, 24)), 118, "block list length", "1")


# --- deleted_<name>.npkb

def bitmap(name, rows, content, offset, field, found):
    case(f"bitmap/{name}.npkb", content, offset, field, found, rows)


def words(*values):
    return struct.pack(f"<{len(values)}Q", *values)


bitmap("empty-file", 70, b"", 0, "length", "0 bytes")
bitmap("header-only", 70, words(70, 3), 16, "length", "16 bytes")
bitmap("half-a-header", 3, words(3), 8, "length", "8 bytes")
bitmap("one-word-missing", 70, words(70, 3, U64 - 9), 24, "length", "24 bytes")
bitmap("one-word-too-many", 70, words(70, 3, U64 - 9, 31, 0), 40, "length", "40 bytes")
bitmap("odd-length", 70, words(70, 3, U64 - 9, 31)[:31], 31, "length", "31 bytes")
bitmap("rows-of-another-array", 70, words(71, 3, U64 - 9, 63), 0, "total_rows", "71")
bitmap("rows-fewer", 70, words(65, 3, U64 - 9, 1), 0, "total_rows", "65")
bitmap("rows-wrap-around", 70, words(U64, 3, U64 - 9, 31), 32, "length", "32 bytes")
bitmap("rows-wrap-to-nothing", 200, words(U64 - 62, 3), 16, "length", "16 bytes")
bitmap("bit-beyond-rows", 70, words(70, 3, U64 - 9, 31 | 64), 24, "words[1]", "0x5f")
bitmap("headerless-bit-beyond-rows", 70, words(U64 - 9, 31 | 2**63), 8, "words[1]", "0x800000000000001f")
bitmap("headerless-too-short", 129, words(U64, U64), 16, "length", "16 bytes")
bitmap("no-rows-but-a-word", 0, words(1), 8, "length", "8 bytes")


# --- data_<name>.npkseg, of arrays with rows of 16 bytes

def segment(index, rows=4, file=None):
    return {"file": f"data_x_segments/seg_{index:06}.npkd" if file is None else file, "rows": rows, "bytes": rows * 16}


def manifest(name, content, at, field, found, rows=8):
    """at: a piece of the contents at whose beginning the complaint must be, or the offset (of what is not JSON: where the parser stopped)."""
    if not isinstance(content, (bytes, str)):
        content = json.dumps(content, indent=2)
    content = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    case(f"manifest/{name}.npkseg", content, at if isinstance(at, int) else content.index(at.encode()), field, found, rows)


def of(*segments, version=1):
    return {"version": version, "segments": list(segments)}


manifest("empty-file", b"", 0, "manifest", "end of the file")
manifest("not-json", b"NPKB\1\0\0\0", 0, "manifest", "NPKB")
manifest("not-an-object", "[1]", 0, "manifest", "[")
manifest("cut", json.dumps(of(segment(0)))[:40], 40, "/segments/0/file", "end-of-input")
manifest("something-behind", json.dumps(of(segment(0, 8))) + " {}", len(json.dumps(of(segment(0, 8)))) + 1, "end", '"{"')
manifest("version-missing", {"segments": [segment(0, 8)]}, len(json.dumps({"segments": [segment(0, 8)]}, indent=2)) - 1, "/version", "none")
manifest("version-2", of(segment(0, 8), version=2), "2,", "/version", "2")
manifest("version-as-text", of(segment(0, 8), version="1"), '"1"', "/version", '"1"')
manifest("version-twice", '{"version": 1, "version": 1, "segments": []}', 24, "/version", "Duplicate")
manifest("segments-missing", {"version": 1}, len(json.dumps({"version": 1}, indent=2)) - 1, "/segments", "none")
manifest("segments-an-object", {"version": 1, "segments": {}}, "{}", "/segments", "{")
manifest("segment-a-number", of(7), "7", "/segments/0", "7")
manifest("file-missing", {"version": 1, "segments": [{"rows": 8, "bytes": 128}]}, "}\n  ]", "/segments/0/file", "none")
manifest("rows-missing", of({"file": "data_x_segments/seg_000000.npkd", "bytes": 128}), "}\n  ]", "/segments/0/rows", "none")
manifest("bytes-missing", of({"file": "data_x_segments/seg_000000.npkd", "rows": 8}), "}\n  ]", "/segments/0/bytes", "none")
for name, file in {"absolute": "/etc/passwd.npkd", "parent": "../seg.npkd", "parent-behind": "data_x_segments/../../y.npkd", "two-folders": "a/b/c.npkd",
                   "up-and-down": "data_x_segments/..", "folder-only": "data_x_segments/", "double-slash": "a//b.npkd", "nul": "a\0.npkd",
                   "own-folder": ".numpack/journal.npkd", "other-extension": "metadata.npkm", "here": "./a.npkd", "empty": "",
                   "too-long": "n" * 251 + ".npkd"}.items():
    manifest(f"file-{name}", of(segment(0, 8, file=file)), json.dumps(file), "/segments/0/file", '"' + file[:1])
manifest("file-half-a-surrogate-pair", of(segment(0, 8, file="\ud800.npkd")), '"\\ud800.npkd"', "/segments/0/file", "npkd")
manifest("file-a-number", of(segment(0, 8, file=1)), '1,\n      "rows"', "/segments/0/file", "1")
manifest("file-twice", json.dumps(of(segment(0), segment(0))), json.dumps(of(segment(0), segment(0))).rindex('"data_x'), "/segments/1/file", "again")
manifest("rows-negative", of(segment(0, -8)), "-8,", "/segments/0/rows", "-8")
manifest("rows-fraction", of(segment(0) | {"rows": 8.0}), "8.0", "/segments/0/rows", "8.0")
manifest("rows-beyond-long", of(segment(0) | {"rows": 2**64}), str(2**64), "/segments/0/rows", str(2**64))
manifest("rows-that-wrap-around", of(segment(0, 2**63 - 1), segment(1, 2**63 - 1), segment(2, 10)), str(2**63 - 1), "/segments/0/rows", str(2**63 - 1))
manifest("rows-too-many", of(segment(0), segment(1, 5)), "5,", "/segments/1/rows", "5")
manifest("rows-too-few", of(segment(0), segment(1, 3)), len(json.dumps(of(segment(0), segment(1, 3)), indent=2)) - 1, "/segments", "7")
manifest("bytes-negative", of(segment(0, 8) | {"bytes": -1}), "-1", "/segments/0/bytes", "-1")
manifest("not-utf8", b'{"version": 1, "segments": [{"file": "\xff.npkd"}]}', 39, "/segments/0/file", "Invalid UTF-8")
manifest("nested-too-deep", '{"x": ' + "[" * 2000, 13, "/x/0/0/0/0/0/0/0", "depth")

(HERE / "expected.tsv").write_text("".join(LINES))
