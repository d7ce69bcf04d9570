"""One call of a manifest: what is sent, and what its answers mean."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import pydantic
from pydantic import BeforeValidator, Field

from op_core.settings import expected
from op_rest_shop.expressions import Expression
from op_rest_shop.kinds import Names, Path, Tree, UrlPath
from op_rest_shop.templates import Shape, Template

__all__ = ["METHODS", "Call", "Look", "Meaning", "Rule", "Table"]

METHODS = ("get", "post", "put", "patch", "delete")
Meaning = Literal["done", "refused", "later", "ask", "login"]
_TOO_MANY = 429
_SECRET_HEADER = re.compile(r"(?i)(.*-)?(authorization|cookie|token|secret|password|(api|access)-?key)")
_SECRET_QUERY = re.compile(r"(?i)(.*_)?(api_?key|access_?(key|token)|token|secret|password)")
_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


class Table(pydantic.BaseModel):
    """A table of a manifest: frozen, without unknown keys, and silent about values."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)


def _listed(value: object) -> object:
    return [value] if isinstance(value, int) else value


class Rule(Table):
    """
    A landing rule: what an answer means. The first that fits counts.

    Attributes:
        status: The HTTP statuses that it is about; empty: any.
        when: Path to what must be there in the answer; None: nothing must.
        means: ``done``; ``refused`` (the shop said no, and did nothing); ``later`` (nothing was done, try again);
            ``ask`` (it may have happened); or ``login`` (the shop does not know us, and did nothing).
        why: In words for the shop's staff, beside ``refused``.
    """

    status: Annotated[tuple[Annotated[int, Field(ge=100, le=599)], ...], BeforeValidator(_listed)] = ()
    when: Path | None = None
    means: Meaning
    why: str = ""

    @pydantic.model_validator(mode="after")
    def _about_something(self) -> Rule:
        if not self.status and self.when is None:
            raise expected("status, or when, or both: which answers are meant")
        if _TOO_MANY in self.status and self.means in ("ask", "done"):
            raise expected('"later" or "refused" of 429: such a call is sent again at once, as it did nothing')
        return self


class Call(Table):
    """
    One call.

    Attributes:
        get: The path of a GET, with expressions in braces. Likewise *post*, *put*, *patch*, *delete*; one of them.
        name: Under which later calls use the answer.
        query: Names and values; what finds nothing is left out, a list is sent as several.
        body: The body as JSON (``json = …``).
        form: The body as a form.
        graphql: A fixed query, sent with *variables* as JSON. It is never a template.
        headers: Further headers.
        rules: What answers mean, before the usual meanings.
        each: Once for each line, as ``{line}``.
        when: Path without which it is left out, such as ``take_stock``.
        effect: Whether this call makes the effect.
        harmless: Whether what it leaves behind hurts nobody, if no later call comes.
        repeat: Whether it may be sent again though it may have landed.
        undo: The call that takes back what it made, where a later one fails before the effect.
    """

    get: UrlPath | None = None
    post: UrlPath | None = None
    put: UrlPath | None = None
    patch: UrlPath | None = None
    delete: UrlPath | None = None
    name: Annotated[str, Field(pattern=_NAME)] | None = None
    query: Names = Shape({})
    body: Tree | None = Field(None, alias="json")
    form: Names | None = None
    graphql: str | None = None
    variables: Names = Shape({})
    headers: Names = Shape({})
    rules: tuple[Rule, ...] = ()
    each: Literal["lines"] | None = None
    when: Path | None = None
    effect: bool = False
    harmless: bool = False
    repeat: bool = False
    undo: Call | None = None

    @pydantic.model_validator(mode="after")
    def _one_method(self) -> Call:
        if sum(getattr(self, method) is not None for method in METHODS) != 1:
            raise expected(f"one of {', '.join(METHODS)}, with the path")
        bodies = sum(each is not None for each in (self.body, self.form, self.graphql))
        if bodies > 1 or (bodies and self.get is not None):
            raise expected("one of json, form and graphql, and none of them beside get")
        if self.variables.tree and self.graphql is None:
            raise expected("variables beside graphql alone")
        for known, shape in ((_SECRET_HEADER, self.headers), (_SECRET_QUERY, self.query)):
            for name, value in shape.tree.items():
                if known.fullmatch(name) and isinstance(value, Template) and not value.expressions:
                    raise expected(f'{{ env = "NAME" }} of {name}: a manifest is shared, and holds no secret')
        return self

    @property
    def method(self) -> str:
        """``get``, ``post`` and so on."""
        return next(method for method in METHODS if getattr(self, method) is not None)

    @property
    def path(self) -> Template:
        """The path."""
        found: Template = getattr(self, self.method)
        return found

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "get"

    @property
    def label(self) -> str:
        """How it is called in errors: method and path, as the manifest has them."""
        return f"{self.method.upper()} {self.path.text}"

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All expressions of what is sent."""
        shapes = (self.query, self.body, self.form, self.variables, self.headers)
        inner = [each for shape in shapes if shape is not None for each in shape.expressions]
        return (*self.path.expressions, *inner)


class Look(Call):
    """A call that changes nothing, whatever its method: a query of GraphQL is a POST."""

    @property
    def reads(self) -> bool:
        """Always."""
        return True
