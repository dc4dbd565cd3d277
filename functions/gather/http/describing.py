"""How a route is described: the parts of the OpenAPI document that every domain's routes are made of."""

from typing import Any

from gather.http.errors import STATUS_OF_CODE

ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"enum": sorted(STATUS_OF_CODE)},
                "message": {"type": "string"},
                "details": {"type": "array", "items": {"type": "object"}},
            },
        }
    },
}
_ERROR_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}


def operation(
    summary: str,
    parameters: list[dict[str, Any]],
    answers: dict[str, str],
    errors: list[str],
    *,
    body: str | None = None,
    signed: str = "no",
) -> dict[str, Any]:
    """Describe a method of a route: `errors` are codes, `body` names a schema, `signed` is no, optional or required."""
    responses: dict[str, Any] = {status: {"description": meaning} for status, meaning in answers.items()}
    for code in errors:
        described = responses.setdefault(str(STATUS_OF_CODE[code]), {"description": "", "content": _ERROR_CONTENT})
        described["description"] = " or ".join(filter(None, [described["description"], code]))
    described_operation: dict[str, Any] = {"summary": summary, "parameters": parameters, "responses": responses}
    if body is not None:
        described_operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}},
        }
    if signed != "no":
        described_operation["security"] = [{"idToken": []}] if signed == "required" else [{}, {"idToken": []}]
    return described_operation


def in_path(name: str) -> dict[str, Any]:
    """Describe a part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def in_query(name: str) -> dict[str, Any]:
    """Describe a parameter of the query string."""
    return {"name": name, "in": "query", "schema": {"type": "string"}}


def in_header(name: str) -> dict[str, Any]:
    """Describe a header."""
    return {"name": name, "in": "header", "schema": {"type": "string"}}
