"""Options of the resources that hold data."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi


def data_options(
    parent: pulumi.Resource,
    *,
    protect: bool,
    retain: bool = True,
    depends_on: Sequence[pulumi.Resource] = (),
    ignore_changes: Sequence[str] = (),
) -> pulumi.ResourceOptions:
    """Options of what outlives the stack: left in AWS while retained, and not touched while protected."""
    return pulumi.ResourceOptions(
        parent=parent,
        protect=protect,
        retain_on_delete=retain,
        depends_on=list(depends_on),
        ignore_changes=list(ignore_changes),
    )
