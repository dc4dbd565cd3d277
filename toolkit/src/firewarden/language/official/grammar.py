"""The grammar that the official compiler must have, inferred from its answers alone.

Alternatives are in its order (the earlier wins where two fit). `@name` is an action of `actions.py`, `{n}?` guards an
operator by its precedence. Alternatives that only exist to say something clearer are part of the grammar too.
"""

from __future__ import annotations

from typing import Final

GRAMMAR: Final = {
    "file": "version? import* (function | service)+ EOF",
    "version": "'rules_version' '=' STRING ';'?",
    "import": "'import' STRING ';' | 'import' STRING @alias IDENTIFIER IDENTIFIER ';'",
    "service": """
        'service' @service_name SERVICE_NAME '{' (match | function | bare_path)+ '}'
        | 'service' @service_name SERVICE_NAME '{' @empty_service '}'
    """,
    "match": """
        'match' path '{' (match | function | allow | bare_path)+ '}'
        | 'match' path '{' @empty_match '}'
    """,
    "bare_path": "@bare_path path '{' '}'",
    "path": "segment+",
    "segment": "PATH_SEGMENT | '/' capture | '/' glob | @lone_slash '/'",
    "capture": """
        '{' IDENTIFIER ('=' '*')? '}'
        | '{' IDENTIFIER ('=' '*')? '}' @extra_brace '}'
    """,
    "glob": """
        '{' IDENTIFIER '=' '**' '}'
        | '{' IDENTIFIER '=' '**' '}' @extra_brace_of_glob '}'
    """,
    "allow": """
        'allow' IDENTIFIER (',' IDENTIFIER)* (@trailing_comma ',')? condition? ';'?
        | 'allow' @no_method
    """,
    "condition": """
        ':' 'if' expression
        | ':' 'if' @no_condition
        | ':' @no_if expression
        | @no_colon 'if' expression
    """,
    "function": """
        'function' name signature '{' body '}'
        | 'function' name signature '{' @no_body '}'
        | 'function' name @no_signature '{' body '}'
        | 'function' @no_name signature '{' body '}'
    """,
    "signature": "'(' parameters? ')' | '(' parameters? ')' @extra_parenthesis ')'",
    "name": "IDENTIFIER",
    "parameters": "IDENTIFIER (',' IDENTIFIER)*",
    "body": "let* 'return' expression ';'?",
    "let": "'let' name '=' expression ';'",
    "expression": """
        (
            '!' expression[10]
            | '-' postfix
            | ('++' | '--') @increment postfix
            | postfix
            | postfix ('++' | '--') @increment
        ) (
            {9}? ('*' | '/' | '%') expression[10]
            | {8}? ('+' | '-') expression[9]
            | {7}? ('<' | '<=' | '>' | '>=') expression[8]
            | {6}? ('==' | '!=') expression[7]
            | {5}? 'is' type @type
            | {4}? 'in' expression[5]
            | {3}? '&&' expression[4]
            | {2}? '||' expression[3]
            | {1}? '?' expression ':' expression[1]
        )*
    """,
    "type": "IDENTIFIER",
    "postfix": """
        primary (
            '.' member
            | '.' IDENTIFIER '(' arguments? ')'
            | '[' (expression | expression ':' | ':' expression | ':' | expression ':' expression) ']'
        )*
    """,
    "member": """
        IDENTIFIER | 'true' | 'false' | 'null' | 'if' | 'in' | 'is' | 'let' | 'return' | 'function' | 'match' | 'allow'
        | 'service' | 'import' | 'not' | 'for' | 'while' | 'else' | 'var' | 'default' | 'arguments' | 'break' | 'case'
        | 'continue' | 'deny' | 'do' | 'each' | 'extends' | 'goto' | 'package' | 'switch' | 'then'
    """,
    "primary": """
        '(' expression ')'
        | 'null' | 'true' | 'false'
        | NUM_INT | NUM_FLOAT | STRING | BYTES
        | UNPAIRED_SINGLE_QUOTE @open_single
        | UNPAIRED_DOUBLE_QUOTE @open_double
        | value_path
        | IDENTIFIER
        | IDENTIFIER '(' arguments? ')'
        | '[' arguments? ']'
        | '{' entries? '}'
    """,
    "arguments": "expression (',' expression)* ','?",
    "entries": "entry (',' entry)* ','?",
    "entry": "expression ':' expression",
    "value_path": "(segment | '/' '$' '(' expression ')')+",
}

TOKEN_ORDER: Final = (
    *(
        "'&&'",
        "':'",
        "','",
        "'--'",
        "'.'",
        "'='",
        "'=='",
        "'>'",
        "'>='",
        "'++'",
        "'{'",
        "'['",
        "'<'",
        "'<='",
        "'('",
    ),
    *(
        "'-'",
        "'%'",
        "'!='",
        "'!'",
        "'||'",
        "'+'",
        "'}'",
        "')'",
        "']'",
        "';'",
        "'/'",
        "'*'",
        "'**'",
        "'?'",
        "'$'",
    ),
    *("'allow'", "'false'", "'function'", "'if'", "'import'", "'in'", "'is'", "'let'", "'match'", "'null'"),
    *(
        "'return'",
        "'service'",
        "'true'",
        "'rules_version'",
        "PATH_SEGMENT",
        "IDENTIFIER",
        "NUM_INT",
        "NUM_FLOAT",
    ),
    *("UNPAIRED_DOUBLE_QUOTE", "UNPAIRED_SINGLE_QUOTE", "STRING", "BYTES", "SERVICE_NAME", "EOF"),
)
"""The order in which the official compiler lists what it expected."""
