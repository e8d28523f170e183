"""SHA-1 in PostgreSQL's own SQL, which has every other hash of the family but this one.

The extension pgcrypto has it, but a query cannot ask for that without failing where it is not
there. About a millisecond for each 64 bytes.
"""

from __future__ import annotations

from typing import Any

from manybase.dialects.composed import Composed

_PADDED = """
    bytes || '\\x80'::bytea
    || decode(repeat('00', (120 - (octet_length(bytes) + 1) % 64) % 64), 'hex')
    || int8send(octet_length(bytes) * 8::bigint) AS bytes
"""
_TYPED = "1732584193::bigint, 4023233417::bigint, 2562383102::bigint, 271733878::bigint"

_ROUNDS = f"""
    SELECT 0 AS i, {_TYPED}, 3285377520::bigint, {_TYPED}, 3285377520::bigint,
        array_fill(0::bigint, ARRAY[16])
    UNION ALL
    SELECT i + 1, next.a, next.b, next.c, next.d, next.e,
        CASE WHEN i % 80 = 79 THEN next.a ELSE h0 END,
        CASE WHEN i % 80 = 79 THEN next.b ELSE h1 END,
        CASE WHEN i % 80 = 79 THEN next.c ELSE h2 END,
        CASE WHEN i % 80 = 79 THEN next.d ELSE h3 END,
        CASE WHEN i % 80 = 79 THEN next.e ELSE h4 END,
        rounds.w[2:16] || word.w
    FROM rounds, message,
    LATERAL (SELECT i / 80 * 64 + i % 80 * 4 AS at) AS place,
    LATERAL (SELECT w[14] # w[9] # w[3] # w[1] AS x) AS mixed,
    LATERAL (SELECT CASE
        WHEN i % 80 < 16 THEN get_byte(bytes, at)::bigint * 16777216
            + get_byte(bytes, at + 1) * 65536 + get_byte(bytes, at + 2) * 256
            + get_byte(bytes, at + 3)
        ELSE ((x << 1) | (x >> 31)) & 4294967295 END AS w) AS word,
    LATERAL (SELECT CASE i % 80 / 20
        WHEN 0 THEN ((b & c) | ((b # 4294967295) & d)) + 1518500249
        WHEN 1 THEN (b # c # d) + 1859775393
        WHEN 2 THEN ((b & c) | (b & d) | (c & d)) + 2400959708
        ELSE (b # c # d) + 3395469782 END AS f) AS chosen,
    LATERAL (SELECT
        ((((a << 5) | (a >> 27)) & 4294967295) + f + e + word.w) & 4294967295 AS a,
        a AS b, ((b << 30) | (b >> 2)) & 4294967295 AS c, c AS d, d AS e) AS turned,
    LATERAL (SELECT CASE WHEN i % 80 = 79 THEN 1 ELSE 0 END AS last) AS ending,
    LATERAL (SELECT (turned.a + last * h0) & 4294967295 AS a,
        (turned.b + last * h1) & 4294967295 AS b, (turned.c + last * h2) & 4294967295 AS c,
        (turned.d + last * h3) & 4294967295 AS d, (turned.e + last * h4) & 4294967295 AS e) AS next
    WHERE i < octet_length(bytes) / 64 * 80
"""
_SHOWN = " || ".join(f"lpad(to_hex(h{n}), 8, '0')" for n in range(5))


def _line(text: str) -> str:
    return " ".join(text.split())


def sha1(text: Any) -> Any:
    """Return the SHA-1 hash of a text's UTF-8 bytes, in hexadecimal digits."""
    return Composed(
        "(WITH RECURSIVE given AS (SELECT convert_to(",
        text,
        ", 'UTF8') AS bytes), message AS (SELECT ",
        _line(_PADDED),
        " FROM given WHERE bytes IS NOT NULL), ",
        "rounds(i, a, b, c, d, e, h0, h1, h2, h3, h4, w) AS (",
        _line(_ROUNDS),
        f") SELECT {_SHOWN} FROM rounds, message ORDER BY i DESC LIMIT 1)",
    )
