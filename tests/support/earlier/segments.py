"""Segments as format 2 stored them."""

from __future__ import annotations

import numpy as np

from codekin.storage import segment_file
from codekin.storage.lexical import packing
from codekin.storage.trigrams.coding import decoded_lists, encoded


def postings_to_format_2(path):
    """Write the segment of postings at `path` again, as format 2 had it."""
    segment = segment_file.open_segment(path)
    arrays = {name: array.copy() for name, array in segment.arrays.items()}
    every = slice(0, len(arrays["rows"]))
    if "counts" in arrays:
        arrays["listed_at"] = np.flatnonzero(arrays["counts"] == packing._LISTED).astype("<u4")
    if "frequent" in arrays:
        rows = packing.opened_rows(arrays).of([every])
        arrays["rows_high"] = (rows >> packing._LOW_BITS).astype(arrays["rows_high"].dtype)
    for name in ("frequent", "frequent_ends", "listed_before"):
        arrays.pop(name, None)
    arrays["first"] = arrays["first"].astype("<i8")
    for name in packing.FIELDS:
        arrays[f"length_{name}"] = arrays[f"length_{name}"].astype("<f4")
    segment_file.write_segment(path, segment.fields, arrays)
    _set_version(path, 2)


def trigrams_to_format_2(path):
    """Write the segment of trigrams at `path` again, with no list as bits."""
    segment = segment_file.open_segment(path)
    arrays = {name: array.copy() for name, array in segment.arrays.items()}
    rows, first = decoded_lists(arrays["lists"], arrays["first"], len(arrays["keys"]))
    arrays["lists"], arrays["first"] = encoded(rows, first)
    fields = {name: value for name, value in segment.fields.items() if name != "lists"}
    segment_file.write_segment(path, fields, arrays)
    _set_version(path, 2)


def _set_version(path, version):
    data = bytearray(path.read_bytes())
    magic, _, *rest = segment_file.PREAMBLE.unpack_from(data)
    segment_file.PREAMBLE.pack_into(data, 0, magic, version, *rest)
    path.write_bytes(data)
