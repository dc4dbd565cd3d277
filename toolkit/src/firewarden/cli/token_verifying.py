"""How a local Firestore verifies ID tokens, as its options say."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from firewarden.cli.options import needs_extra
from firewarden.errors import FirewardenError

if TYPE_CHECKING:
    from firewarden.server.auth import Verify


def verify_of(args: argparse.Namespace, *, report: Callable[[str], None]) -> Verify | None:
    """Who verifies tokens; None if they are taken as they are."""
    if args.verify_tokens is None:
        if args.token_certificates is not None or args.admin_token is not None:
            raise FirewardenError("There is nothing to verify.", hint="Name the project with --verify-tokens.")
        return None
    with needs_extra("tokens"):
        # Most do without, and cryptography takes long to load.
        from firewarden.server.certificates import Fetched, from_file  # noqa: PLC0415
        from firewarden.server.verifying import VerifiedTokens  # noqa: PLC0415
    file = args.token_certificates
    certificates = Fetched(report=report) if file is None else from_file(file)
    return VerifiedTokens(args.verify_tokens, certificates, admin_token=args.admin_token or "")
