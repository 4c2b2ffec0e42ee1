"""A wrong header, length or body loses its own message, and the next one is answered."""

from __future__ import annotations

import json
import random

import pytest

from codekin.lsp.framing import MAX_BODY_BYTES, Body, Broken, Framer

GOOD = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "codekin/status", "params": {}}).encode()
LENGTH = len(GOOD)


def framed(body=GOOD, length=None):
    return b"Content-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body


def headed(header, body=GOOD):
    return header + b"\r\n\r\n" + body


def numbered(number, **more):
    return framed(json.dumps({"jsonrpc": "2.0", "id": number, "method": "codekin/status", **more}).encode())


ANSWERED, REFUSED = 7, "error"
CASES = {
    # name: (bytes, what is answered: 7 its request, "error" its failure, None nothing)
    "as it should be": (framed(), ANSWERED),
    "lower case": (headed(b"content-length: %d" % LENGTH), ANSWERED),
    "upper case": (headed(b"CONTENT-LENGTH: %d" % LENGTH), ANSWERED),
    "no space": (headed(b"Content-Length:%d" % LENGTH), ANSWERED),
    "spaces behind": (headed(b"Content-Length: %d   " % LENGTH), ANSWERED),
    "space before the colon": (headed(b"Content-Length : %d" % LENGTH), ANSWERED),
    "line feeds alone": (b"Content-Length: %d\n\n" % LENGTH + GOOD, ANSWERED),
    "type first": (
        headed(b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d" % LENGTH),
        ANSWERED,
    ),
    "type last": (headed(b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc" % LENGTH), ANSWERED),
    "unknown header": (headed(b"X-Trace: 5\r\nContent-Length: %d" % LENGTH), ANSWERED),
    "the same length twice": (headed(b"Content-Length: %d\r\nContent-Length: %d" % (LENGTH, LENGTH)), ANSWERED),
    "leading zeros": (headed(b"Content-Length: 000%d" % LENGTH), ANSWERED),
    "byte order mark": (framed(b"\xef\xbb\xbf" + GOOD), ANSWERED),
    "empty lines before": (b"\r\n\r\n" + framed(), ANSWERED),
    "spaces around the body": (framed(b"  " + GOOD + b"\n "), ANSWERED),
    "too long by 1": (framed(length=LENGTH + 1), REFUSED),
    "too long by 5": (framed(length=LENGTH + 5), REFUSED),
    "too long by 20": (framed(length=LENGTH + 20), REFUSED),
    "too long by 1,000": (framed(length=LENGTH + 1_000), REFUSED),
    "too long by a gigabyte": (framed(length=10**9), REFUSED),
    "too short by 1": (framed(length=LENGTH - 1), REFUSED),
    "too short by 5": (framed(length=LENGTH - 5), REFUSED),
    "one": (framed(length=1), REFUSED),
    "zero": (framed(length=0), REFUSED),
    "negative": (headed(b"Content-Length: -5"), REFUSED),
    "a word": (headed(b"Content-Length: abc"), REFUSED),
    "nothing": (headed(b"Content-Length:"), REFUSED),
    "plus": (headed(b"Content-Length: +%d" % LENGTH), REFUSED),
    "a fraction": (headed(b"Content-Length: %d.0" % LENGTH), REFUSED),
    "hexadecimal": (headed(b"Content-Length: 0x%x" % LENGTH), REFUSED),
    "two numbers": (headed(b"Content-Length: %d, %d" % (LENGTH, LENGTH)), REFUSED),
    "Arabic digits": (headed("Content-Length: \u0665".encode()), REFUSED),
    "10**12": (headed(b"Content-Length: 1000000000000"), REFUSED),
    "30 nines": (headed(b"Content-Length: " + b"9" * 30), REFUSED),
    "300 nines": (headed(b"Content-Length: " + b"9" * 300), REFUSED),
    "two lengths": (headed(b"Content-Length: 5\r\nContent-Length: %d" % LENGTH), REFUSED),
    "two lengths, the right one first": (headed(b"Content-Length: %d\r\nContent-Length: 5" % LENGTH), REFUSED),
    "no header": (GOOD + b"\r\n\r\n", REFUSED),
    "no empty line": (b"Content-Length: %d\r\n" % LENGTH + GOOD, REFUSED),
    "another protocol": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", REFUSED),
    "a megabyte of header": (headed(b"X: " + b"a" * 1_000_000 + b"\r\nContent-Length: %d" % LENGTH), "both"),
    "random bytes": (random.Random(5).randbytes(500) + b"\r\n\r\n", REFUSED),
    "NULs": (b"\0" * 1_000 + b"\r\n\r\n", REFUSED),
    "UTF-16": (framed(GOOD.decode().encode("utf-16")), REFUSED),
    "not UTF-8": (framed(GOOD.replace(b"status", b"st\xfftus")), REFUSED),
    "not JSON": (framed(b"{"), REFUSED),
    "half of a message": (framed()[:-9], REFUSED),
}


SHORT = {name: data for name, (data, _) in CASES.items() if len(data) < 10_000}


@pytest.mark.parametrize(
    ("size", "cases"), [(1, SHORT), (7, SHORT), (1 << 16, {name: data for name, (data, _) in CASES.items()})]
)
def test_the_next_message_is_found_however_the_bytes_come(size, cases):
    for name, data in cases.items():
        framer, stream, last = Framer(), data + numbered(8), None
        for at in range(0, len(stream), size):
            for item in framer.feed(stream[at : at + size]):
                last = item
                if isinstance(item, Body) and not is_json(item.data):
                    framer.refused(item)
        assert isinstance(last, Body), name
        assert json.loads(last.data)["id"] == 8, name


def is_json(data):
    try:
        json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return False
    return True


def test_a_server_survives_each_case_and_says_what_it_could_not_read(raw, sample):
    server = raw()
    server.initialize(sample)
    server.wait_ready()
    for number, (name, (data, expected)) in enumerate(CASES.items(), 20_000):
        server.write(data)
        server.write(numbered(number))
        answers = server.answers_until(number)
        ids = [answer["id"] for answer in answers]
        assert all(
            "result" in answer if answer["id"] == 7 else answer["error"]["code"] == -32700 for answer in answers
        ), name
        if expected == ANSWERED:
            assert ids == [7], name
        elif expected == REFUSED:
            assert ids, name
            assert set(ids) == {None}, name
        else:
            assert ids == [None, 7], name
    assert server.close() == 1


def test_random_bytes_changed_in_a_stream_cost_few_messages(raw, sample):
    """40 streams of 40 requests, 1, 3 or 20 bytes changed in each."""
    server = raw()
    server.initialize(sample)
    random_ = random.Random(9)
    for stream in range(40):
        first = 100_000 + 1_000 * stream
        data = bytearray(b"".join(numbered(first + n) for n in range(40)))
        changed = random_.choice([1, 3, 20])
        for _ in range(changed):
            data[random_.randrange(len(data))] = random_.randrange(256)
        server.write(bytes(data))
        server.write(numbered(first + 999))
        answered = {answer["id"] for answer in server.answers_until(first + 999)}
        whole = sum(first + n in answered for n in range(40))
        assert whole >= 40 - 2 * changed, (stream, changed, whole)


def test_a_long_body_is_not_searched_again_for_each_piece_of_it():
    text = json.dumps({"text": "def f():\n    pass\n" * 200_000}).encode()
    framer, found = Framer(), []
    data = framed(text)
    for at in range(0, len(data), 4096):
        found += framer.feed(data[at : at + 4096])
    assert found == [Body(text)]


def test_what_is_no_message_is_not_kept():
    framer = Framer()
    for _ in range(100):
        assert not list(framer.feed(b"x" * 100_000))
    assert [type(item) for item in framer.feed(framed(b"{}"))] == [Broken, Body]
    (broken,) = framer.feed(b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1))
    assert str(MAX_BODY_BYTES) in broken.reason
