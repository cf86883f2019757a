"""What every screen has in common: who asks, in which environment, and what becomes of a refusal."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.dateparse import parse_date

from sluis.control import queries
from sluis.control.actor import Actor
from sluis.control.errors import NotFound
from sluis.control.models import Configuration, ConnectionAccount, Environment
from sluis.errors import SluisError
from sluis.web import words


class Request(HttpRequest):
    """A request of somebody who is logged in."""

    actor: Actor
    environment: Environment
    account: ConnectionAccount


P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponseBase]
Rest = TypeVar("Rest")


def in_environment(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Resolve ``environment`` of the address, for the layout too: a view gets the row. One that is not seen is 404."""

    @functools.wraps(view)
    def resolved(request: Request, environment: int, **rest: Any) -> HttpResponseBase:
        request.environment = queries.environment_by_id(request.actor, environment)
        return view(request, request.environment, **rest)

    return resolved


def on_account(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Resolve ``environment`` and ``account`` of the address; an account of another environment is 404."""

    @functools.wraps(view)
    @in_environment
    def resolved(request: Request, environment: Environment, account: int, **rest: Any) -> HttpResponseBase:
        request.account = queries.account_by_id(request.actor, environment, account)
        return view(request, request.account, **rest)

    return resolved


def on_configuration(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Resolve ``configuration`` of the address too; one of another account is 404."""

    @functools.wraps(view)
    @on_account
    def resolved(request: Request, account: ConnectionAccount, configuration: int, **rest: Any) -> HttpResponseBase:
        found: Configuration = queries.configuration_by_id(request.actor, account, configuration)
        return view(request, found, **rest)

    return resolved


@contextmanager
def refusals_in(form: BaseForm) -> Iterator[None]:
    """Show what an action refuses above the form, with its remedy; what is not there stays a page of its own.

    Where it refuses, what stands behind the block is done: show the form again there.
    """
    try:
        yield
    except NotFound:
        raise
    except SluisError as error:
        form.add_error(None, words.told(error))


def day(text: str) -> dt.date | None:
    """A day of a filter in the address; None for none, and for what is no day."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def show(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page. A form that was refused comes with 422, so that nobody takes it for done."""
    form = (context or {}).get("form")
    refused = isinstance(form, BaseForm) and form.is_bound and bool(form.errors)
    return render(request, template, context, status=422 if refused and status == HTTPStatus.OK else status)
