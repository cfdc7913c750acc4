"""What pydantic finds wrong, as problems of the catalogue: what was given, what is allowed."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from clustersim import messages
from clustersim.scenario.document import Document, KeyPath, number_text, shown

# pydantic's word for a wrong type -> what was expected, a key below `scenario.expected`.
EXPECTED = {
    "bool_type": "flag",
    "dict_type": "mapping",
    "float_type": "number",
    "int_type": "integer",
    "list_type": "list",
    "model_type": "mapping",
    "string_type": "text",
}
# pydantic's word for a number out of bounds -> key below `scenario.bounds`, and the bound's attribute.
BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at_least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at_most", "le"),
}
KEY_OF_MAPPING = "[key]"


def check[Model: BaseModel](model: type[Model], data: Any, document: Document, path: KeyPath) -> Model | None:
    """The data as a model, or None with its problems reported to the document.

    Args:
        path: where the data stand in the document.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _report(detail, model, document, path)
        return None


def _report(detail: ErrorDetails, model: type[BaseModel], document: Document, root: KeyPath) -> None:
    location, kind, given = detail["loc"], detail["type"], detail["input"]
    path = root + tuple(part for part in location if not _is_tag(part))
    if kind == "missing":
        document.report(path[:-1], "missing", name=path[-1])
    elif kind == "extra_forbidden" and messages.has(f"scenario.gone.{location[-1]}"):
        document.report(path, f"gone.{location[-1]}", given=shown(given))
    elif kind == "extra_forbidden":
        document.report_unknown(path, "key", location[-1], _keys(_at(model, location[:-1])[0]))
    elif kind == "literal_error":
        words = [str(word) for word in get_args(_at(model, location)[0])]
        document.report_unknown(path, "word", given, words)
    elif kind in EXPECTED:
        document.report(path, f"expected.{EXPECTED[kind]}", given=shown(given))
    elif kind == "finite_number":
        document.report(path, "not_finite", given=shown(given))
    elif kind in BOUNDS:
        _report_bound(kind, given, _at(model, location)[1], document, path)
    elif kind in ("too_short", "string_too_short"):
        document.report(path, "nothing_given")
    elif messages.has(f"scenario.{kind}"):  # our own validators; their words are keys of the catalogue
        document.report(path, kind, given=shown(given), **detail.get("ctx", {}))
    else:
        document.report(path, "not_allowed", given=shown(given))


def _report_bound(kind: str, given: Any, metadata: list[Any], document: Document, path: KeyPath) -> None:
    limits = {
        name: getattr(item, name) for item in metadata for name in ("ge", "gt", "le", "lt") if hasattr(item, name)
    }
    if {"ge", "le"} <= set(limits):
        low, high = number_text(limits["ge"]), number_text(limits["le"])
        document.report(path, "bounds.between", given=shown(given), low=low, high=high)
        return
    sentence, name = BOUNDS[kind]
    document.report(path, f"bounds.{sentence}", given=shown(given), limit=number_text(limits[name]))


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and (part == KEY_OF_MAPPING or (part.startswith("<") and part.endswith(">")))


def _keys(model: Any) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _at(model: Any, location: tuple[str | int, ...]) -> tuple[Any, list[Any]]:
    """The type and the bounds at a place of a model."""
    kind, metadata = model, list[Any]()
    for part in location:
        kind, found = _strip(_below(kind, part))
        metadata = found or metadata
    return kind, metadata


def _below(kind: Any, part: str | int) -> Any:
    """The type one step further in."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return next(field for name, field in kind.model_fields.items() if part in (name, field.alias))
    if get_origin(kind) in (Union, UnionType):
        return next(member for member in get_args(kind) if Tag(str(part)) in getattr(member, "__metadata__", ()))
    return get_args(kind)[-1]  # of a dict its values, of a list its items


def _strip(kind: Any) -> tuple[Any, list[Any]]:
    """A type without its annotations and without `| None`; and the bounds that the annotations held."""
    metadata: list[Any] = []
    while True:
        if isinstance(kind, FieldInfo):
            metadata += kind.metadata
            kind = kind.annotation
        elif get_origin(kind) is Annotated:
            for item in kind.__metadata__:
                metadata += item.metadata if isinstance(item, FieldInfo) else []
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, UnionType) and type(None) in get_args(kind):
            kind = next(member for member in get_args(kind) if member is not type(None))
        else:
            return kind, metadata
