"""Keeps the administrator that asks: what schemathesis learns from lists it would else take away."""

from urllib.parse import unquote

import schemathesis

KEPT = {"admin", "user:admin"}


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.method.upper() == "GET":
        return
    # A request that is to be refused is to stay one that is.
    generation = getattr(case.meta, "generation", None)
    is_negative = generation is not None and generation.mode.is_negative
    for name, value in (case.path_parameters or {}).items():
        if (kept := unquote(str(value))) in KEPT:
            case.path_parameters[name] = "!" if is_negative else f"{kept}-other"
