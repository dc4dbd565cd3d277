"""The grammar of expressions: every operator, function, method and literal with its edges, by the type of its value.

Kinds that are no types narrow what fills a hole so that most programs have a value: `key` is a key that maps here
have, `index` a small number, `pattern` a regular expression. `error` never has a value.
"""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.tests.conformance.rules.sentences import Grammar

TYPES = (
    *("bool", "bytes", "constraint", "duration", "float", "int", "latlng", "list", "vector", "set", "number"),
    *("map", "string", "timestamp", "path", "map_diff"),
)
"""What may stand behind `is`."""

_COMPARISONS = tuple(
    f"<{kind}> {operator} <{kind}>"
    for kind in ("int", "float", "string", "timestamp", "duration", "bytes")
    for operator in ("<", "<=", ">", ">=")
)
_EQUALITIES = tuple(
    f"<{kind}> {operator} <{kind}>"
    for kind in ("any", "int", "string", "bool", "list", "map", "set", "path", "float", "null")
    for operator in ("==", "!=")
)

TABLE: Mapping[str, tuple[str, ...]] = {
    "bool": (
        *("true", "false", "<bool> && <bool>", "<bool> || <bool>", "!<bool>", "<bool> ? <bool> : <bool>"),
        *("<bool> && <bool> && <bool>", "<bool> || <bool> || <bool>", "<error> || <bool>", "<bool> || <error>"),
        *("<error> && <bool>", "<bool> && <error>", "<any> || <bool>", "<bool> && <any>", "!(<bool> && <bool>)"),
        *(f"<any> is {each}" for each in TYPES),
        *_COMPARISONS,
        *_EQUALITIES,
        *("<any> == <any>", "<any> in <list>", "<string> in <strings>", "<key> in <map>", "<any> in <set>"),
        *("<int> in <numbers>", "<float> in <numbers>", "<int> == <float>", "<int> < <float>", "<float> >= <int>"),
        *("<list>.hasAll(<list>)", "<list>.hasAny(<list>)", "<list>.hasOnly(<list>)"),
        *("<strings>.hasAll(<strings>)", "<strings>.hasAny(<strings>)", "<strings>.hasOnly(<strings>)"),
        *("<set>.hasAll(<set>)", "<set>.hasAny(<list>)", "<set>.hasOnly(<set>)", "<set>.hasAll(<list>)"),
        *("<string>.matches(<pattern>)", "math.isNaN(<float>)", "<map>.keys().hasAll(<strings>)"),
        *("request.auth != null", "request.auth.uid == <string>", "request.time == request.time"),
        *("request.time > <timestamp>", "request.time - <duration> < request.time", "request.resource == null"),
        *("exists(<document>)", "existsAfter(<document>)", "debug(<bool>)", "<bool> == <bool>", "<path> == <path>"),
        *("(<bool> || <bool>) && (<bool> || <bool>)", "resource == null", "resource != null && <bool>"),
    ),
    "int": (
        *("0", "1", "2", "3", "7", "-1", "10", "100", "9223372036854775807", "-9223372036854775808", "2147483648"),
        *("<int> + <int>", "<int> - <int>", "<int> * <int>", "<int> / <int>", "<int> % <int>", "-<int>"),
        *("<string>.size()", "<list>.size()", "<map>.size()", "<set>.size()", "<bytes>.size()"),
        *("int(<string>)", "int(<float>)", "int(<int>)", "int('1')", "int('-12')", "int(string(<int>))"),
        *("math.abs(<int>)", "math.round(<float>)", "math.round(<int>)", "<numbers>[<index>]", "<index>"),
        *("<timestamp>.year()", "<timestamp>.month()", "<timestamp>.day()", "<timestamp>.hours()"),
        *("<timestamp>.minutes()", "<timestamp>.seconds()", "<timestamp>.nanos()", "<timestamp>.toMillis()"),
        *("<timestamp>.dayOfWeek()", "<timestamp>.dayOfYear()", "<duration>.seconds()", "<duration>.nanos()"),
        *("<bool> ? <int> : <int>", "{'a': <int>, 'b': <int>}.a", "{'a': <int>}.get('a', <int>)", "debug(<int>)"),
        *("<int> + <int> * <int>", "<int> - <int> - <int>", "{'k': {'a': <int>}}['k'].a", "9007199254740993"),
    ),
    "index": ("0", "1", "0", "2", "-1", "<strings>.size() - 1"),
    "float": (
        *("0.0", "-0.0", "1.0", "2.5", "-1.5", ".5", "5.", "0.1", "3.0", "1000000000000000000000.0", "123456.789"),
        *("<float> + <float>", "<float> - <float>", "<float> * <float>", "<float> / <float>", "<float> % <float>"),
        *("<int> + <float>", "<float> * <int>", "<float> / <int>", "-<float>", "float(<string>)", "float(<int>)"),
        *("float('NaN')", "float('Infinity')", "float('-Infinity')", "float('1e3')", "float('2.5')", "float('-0')"),
        *("math.abs(<float>)", "math.ceil(<float>)", "math.floor(<float>)", "math.sqrt(<float>)"),
        *("math.pow(<float>, <float>)", "math.pow(<int>, <index>)", "math.ceil(<int>)", "math.floor(<int>)"),
        *("<latlng>.latitude()", "<latlng>.longitude()", "<latlng>.distance(<latlng>)", "math.sqrt(<int>)"),
        *("<bool> ? <float> : <float>", "[<float>][0]"),
    ),
    "string": (
        *("'a'", "'b'", "''", "'x'", '"ana"', "'alice'", "'a,b'", "'A'", "'1'", "' a '", "'é'", "'ß'", "'😀'"),
        *("'\\n'", "'\\u00e9'", "'\\uD83D\\uDE00'", "'a\\tb'", "'\\''", "'ab' + 'c'", "'2020-01-02T03:04:05Z'"),
        *("<string> + <string>", "<string>.lower()", "<string>.upper()", "<string>.trim()", "<string>[<index>]"),
        *("<string>[<index>:<index>]", "<string>[<index>:]", "<string>[:<index>]", "<string>[:]", "<strings>[<index>]"),
        *("<string>.replace(<pattern>, <string>)", "'abcabc'.replace(<pattern>, <replacement>)"),
        *("<list>.join(<string>)", "<strings>.join(<string>)", "string(<int>)", "string(<float>)", "string(<bool>)"),
        *("string(<path>)", "string(null)", "string(<string>)", "<bytes>.toBase64()", "<bytes>.toHexString()"),
        *("request.auth.uid", "request.method", "<bool> ? <string> : <string>", "{'a': <string>}['a']"),
        *("'abc'[<index>:<index>]", "request.auth.token.sub", "<path>[<index>]", "<map>.get(<key>, <string>)"),
        *("request.path[<index>]", "<string>.split(<pattern>)[0]", "debug(<string>)"),
    ),
    "key": ("'a'", "'b'", "'a'", "'k'", "'c'", "'é'"),
    "pattern": (
        *("'a'", "''", "'[a-c]+'", "'(a)(b)?'", "'.'", "'a|b'", "'^a$'", "','", "'\\\\s*'", "'(?i)A'", "'b*'"),
        *("'(?P<n>a)'", "'[^a]'", "'a{1,2}'", "'\\\\d+'", "'\\\\w'", "'.*'", "'x?'", "'\\\\bA'", "'[' + ''"),
        *("'(?s).'", "'é+'", "'\\\\p{L}+'"),
    ),
    "replacement": ("''", "'z'", "'[$0]'", "'\\\\$'", "'$0$0'", "'\\\\\\\\'", "<string>"),
    "bytes": (
        *("b'a'", "b''", "b'\\x00\\xff'", "b'ab'", "b'\\303\\251'", "<string>.toUtf8()", "b'é'", 'b"z"'),
        *("hashing.md5(<string>)", "hashing.sha256(<bytes>)", "hashing.crc32(<string>)", "hashing.crc32c(<bytes>)"),
        *("hashing.md5(<bytes>)", "hashing.crc32(<bytes>)", "<bool> ? <bytes> : <bytes>"),
    ),
    "null": ("null", "resource", "[null][0]", "{'a': null}.a", "get(request.path)", "<bool> ? null : <null>"),
    "list": (
        *("[]", "[1, 2]", "[null]", "[1, 1.0]", "[[1]]", "[true, 'a', 2]", "[{'a': 1}]", "[0.0, -0.0]"),
        *("<strings>", "<numbers>", "[<any>]", "[<any>, <any>]", "[<any>, <any>, <any>]", "<list>.concat(<list>)"),
        *("<list>.removeAll(<list>)", "<list>[<index>:<index>]", "<list>[<index>:]", "<list>[:<index>]", "<list>[:]"),
        *(
            "<map>.values()",
            "<path>.segments()",
            "[<list>]",
            "<bool> ? <list> : <list>",
            "debug(<list>)",
            "{'a': <list>}.a",
            "[1, 2, 3][0:2]",
        ),
    ),
    "strings": (
        *("['a']", "['a', 'b']", "['b', 'a', 'a']", "['x', '']", "<map>.keys()", "<string>.split(<pattern>)"),
        *("[<string>]", "[<string>, <string>]", "'a,b,c'.split(',')", "<strings>.concat(<strings>)", "['a', 'b', 'k']"),
        *("<strings>.removeAll(<strings>)", "'a,b,,'.split(',')", "'abc'.split('')"),
    ),
    "numbers": ("[1]", "[1, 2, 3]", "[1.0, 2]", "[0, -1]", "[<int>, <int>]", "[<float>, <int>]", "[2.5]"),
    "map": (
        *("{}", "{'a': 1}", "{'a': 1, 'b': 2}", "{'a': 1.0}", "{'b': 'x', 'a': 'y'}", "{'a': {'b': 1}}", "{'k': null}"),
        *("{'a': <any>}", "{'a': <any>, 'b': <any>}", "{<key>: <any>, <key>: <any>}", "{'a': 1, 'a': 2}", "{'é': 1}"),
        *("<bool> ? <map> : <map>", "request.auth.token.firebase", "{'a': <map>}.a", "[<map>][0]", "{'k': <list>}"),
        *("<map>.get(<key>, <map>)", "request.auth", "{<string>: <any>}", "{'a': {'b': {'c': <any>}}}"),
    ),
    "set": (
        *("[1].toSet()", "['a', 'b'].toSet()", "[].toSet()", "<list>.toSet()", "<strings>.toSet()", "[1, 1.0].toSet()"),
        *("<set>.union(<set>)", "<set>.intersection(<set>)", "<set>.difference(<set>)", "<map_diff>.addedKeys()"),
        *("<map_diff>.removedKeys()", "<map_diff>.changedKeys()", "<map_diff>.affectedKeys()"),
        *("<map_diff>.unchangedKeys()", "{'a': 1}.diff({'a': 2}).affectedKeys()"),
    ),
    "vector": ("vector([1.0, 2.0])", "vector(<numbers>)", "vector([])"),
    "map_diff": ("{'a': 1, 'b': 2}.diff({'a': 1, 'c': 3})", "<map>.diff(<map>)", "{}.diff({})"),
    "timestamp": (
        *(
            "timestamp.value(0)",
            "timestamp.value(1600000000123)",
            "timestamp.date(2020, 2, 29)",
            "timestamp.date(1969, 12, 31)",
        ),
        *("timestamp.value('2020-01-02T03:04:05Z')", "timestamp.value('2020-01-02T03:04:05.678901234+02:00')"),
        *("timestamp.date(<int>, <index>, <index>)", "timestamp.value(<int>)", "timestamp.value(<string>)"),
        *("<timestamp> + <duration>", "<timestamp> - <duration>", "<duration> + <timestamp>", "<timestamp>.date()"),
        *("timestamp.value(-1)", "timestamp.date(2000, 1, 1)", "<bool> ? <timestamp> : <timestamp>"),
    ),
    "duration": (
        *("duration.value(1, 's')", "duration.value(90, 'm')", "duration.value(-5, 'ms')", "duration.value(3, 'd')"),
        *(
            "duration.value(<int>, <unit>)",
            "duration.time(1, 2, 3, 4)",
            "duration.time(<index>, <index>, <index>, <index>)",
        ),
        *("duration.abs(<duration>)", "<duration> + <duration>", "<duration> - <duration>", "-<duration>"),
        *("<timestamp> - <timestamp>", "<timestamp>.time()", "duration.value(0, 'ns')", "duration.value(-1, 'ns')"),
    ),
    "unit": ("'s'", "'m'", "'h'", "'d'", "'w'", "'ms'", "'ns'", "'s'", "'y'"),
    "latlng": (
        *("latlng.value(0, 0)", "latlng.value(1, 2)", "latlng.value(-89.5, 179.25)", "latlng.value(<float>, <float>)"),
        *("latlng.value(<index>, <index>)", "latlng.value(52.5, 13.4)"),
    ),
    "path": (
        *("/a/b", "/a/b/c", "/e/x", "path('a/b')", "path('/e/x')", "request.path", "/a/$(<string>)"),
        *("/a/$(<int>)", "/a/$(<path>)/z", "path('/{x}/{y}').bind({'x': 'a', 'y': <string>})", "/a/a%20b"),
        *("path(<string>)", "/a/{x}.bind({'x': <string>})", "<path>[0:2]", "<path>[1:]", "/a/$(null)", "/a/$(true)"),
        *("path('/a/{r=**}').bind({'r': /b/c})", "<document>", "/a/$(<float>)", "path('a/{x}').bind(<map>)"),
    ),
    "document": (
        *("request.path", "/databases/(default)/documents/e/x", "/databases/(default)/documents/e/y"),
        *("/databases/(default)/documents/e/$(<string>)", "/databases/(default)/documents/e"),
        *("/databases/(default)/documents/c/a/s/b", "<path>"),
    ),
    "error": (
        *("1 / 0", "nope", "{}.x", "[][0]", "nofn()", "null.size()", "'a' + 1", "1 % 0", "int('z')", "[1].nope()"),
        *(
            "resource.data.x",
            "request.nope",
            "'a'.size(1)",
            "9223372036854775807 + 1",
            "null.x",
            "math.abs('a')",
            "-'a'",
        ),
        *("math.nope(1)", "{'a': <error>}.a", "[<error>]", "<error> + <int>", "<int> + <error>", "<error>.size()"),
        *(
            "<any>[<any>]",
            "<any>.size()",
            "<any>.keys()",
            "<any> + <any>",
            "<any>.a",
            "<any> < <any>",
            "-<any>",
            "!<any>",
        ),
        *(
            "<any>.hasAny(<any>)",
            "<any>.lower()",
            "<string>.matches(<any>)",
            "<any>.toSet()",
            "<any> in <any>",
            "nofn(<any>)",
        ),
        *("<any>.get(<any>, <any>)", "<any>.diff(<any>)", "int(<any>)", "string(<any>)", "float(<any>)", "path(<any>)"),
        *(
            "get(<document>)",
            "getAfter(<path>)",
            "exists(<any>)",
            "value(<document>)",
            "<any>[<any>:<any>]",
            "<any>.bind(<any>)",
            "/a/$(<any>)",
        ),
        *("{<any>: 1}", "duration.value(<any>, <any>)", "timestamp.value(<any>)", "latlng.value(<any>, <any>)"),
        *(
            "<any> - <any>",
            "<any> * <any>",
            "<any> / <any>",
            "<any> % <any>",
            "<any> ? <any> : <any>",
            "<any> && <any>",
        ),
        *(
            "<any>.concat(<any>)",
            "<any>.join(<any>)",
            "<any>.split(<any>)",
            "<any>.replace(<any>, <any>)",
            "path('a//b')",
        ),
        *(
            "<any>.union(<any>)",
            "<any>.date()",
            "<any>.seconds()",
            "<any>.distance(<any>)",
            "path('/a/{x}')[0]",
            "true && 1",
        ),
        *("debug()", "request.auth.token.nope", "[1][2]", "'a'[5:9]", "timestamp.date(2021, 2, 30)", "<any>.values()"),
        *(
            "<any>.hasAll(<any>)",
            "<any>.removeAll(<any>)",
            "hashing.md5(<any>)",
            "math.pow(<any>, <any>)",
            "<any>.addedKeys()",
        ),
    ),
}
EXPRESSIONS = Grammar.of(TABLE)
