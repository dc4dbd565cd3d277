"""Request bodies: JSON, validated by a pydantic model, refused with every fault at once."""

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest

from gather.http.errors import ApiError

BODY_BYTES_MAX = 64 * 1024

Model = TypeVar("Model", bound=BaseModel)


def read_body(model: type[Model]) -> Model:
    """Return the request's body as `model`, or refuse with `validation_failed` and one detail per fault."""
    return validated(model, read_json())


def validated(model: type[Model], content: Any) -> Model:
    """Return what was read as `model`, or refuse as `read_body` does."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        details = [
            {"field": ".".join(str(part) for part in fault["loc"]), "problem": fault["msg"]}
            for fault in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise ApiError("validation_failed", "the body does not fit; see details", details) from error


def read_json(*, default: Any = None) -> Any:
    """Return the request's body, or `default` where that is given and nothing was sent; refuse what is not JSON."""
    if default is not None and not request.get_data():
        return default
    try:
        return request.get_json(force=True)
    except BadRequest as error:
        raise ApiError("validation_failed", "the body is not JSON", [{"field": "", "problem": "not JSON"}]) from error
