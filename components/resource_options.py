"""Options of the resources that hold data."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi


def data_options(
    parent: pulumi.Resource,
    *,
    protect: bool,
    depends_on: Sequence[pulumi.Resource] = (),
    ignore_changes: Sequence[str] = (),
) -> pulumi.ResourceOptions:
    """Options of what outlives the stack: never deleted by a program, and by nobody while protected."""
    return pulumi.ResourceOptions(
        parent=parent,
        protect=protect,
        retain_on_delete=True,
        depends_on=list(depends_on),
        ignore_changes=list(ignore_changes),
    )
