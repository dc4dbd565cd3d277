"""`python -m stripe_stand_in`: serves a stand-in for Stripe until Ctrl-C."""

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence

from stripe_stand_in.outbox import Webhook
from stripe_stand_in.running import RunningStandIn, running_stand_in
from stripe_stand_in.stand_in import SECRET_KEY
from stripe_stand_in.switches import ApiFault, Fault, Mischief, Settlement, Switches

OK, COULD_NOT_RUN = 0, 2
_CHUNK = 4096
_GRACE_S = 8.0
_FAULTS: dict[str, Fault] = {str(fault): fault for kind in (ApiFault, Mischief, Settlement) for fault in kind}
_EXAMPLES = f"""\
examples (from the repository's root, with PYTHONPATH=scripts):
  python -m stripe_stand_in                                      any free port, events are kept and sent to nobody
  python -m stripe_stand_in --port 12111 \\
      --webhook http://127.0.0.1:5001/webhooks/stripe --webhook-secret whsec_local
                                                                 events go there, signed
  python -m stripe_stand_in --webhook URL --webhook-secret whsec_new --webhook-secret whsec_old
                                                                 signed with both, as while a secret is rotated
  python -m stripe_stand_in --fault duplicate=0.2 --fault delay=0.1 --seed 7
                                                                 things go wrong, the same way each time

faults (name=probability): {", ".join(_FAULTS)}

The SDK:  stripe.StripeClient("{SECRET_KEY}", base_addresses={{"api": "http://127.0.0.1:PORT"}})
Controls: POST /_stand_in/clock, /_stand_in/faults, ...: docs/guide/stripe-stand-in.md
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when it was stopped, 2 when it could not run."""
    args = _parser().parse_args(arguments)
    stopped = threading.Event()
    if args.until_input_ends:
        threading.Thread(target=_follow_input, args=(stopped.set,), name="stripe-stand-in-input", daemon=True).start()
    try:
        with running_stand_in(
            webhooks=[Webhook(url=url, secrets=args.webhook_secret) for url in args.webhook]
            + [Webhook(url=url, secrets=args.webhook_secret, connect=True) for url in args.connect_webhook],
            connected_accounts=args.account,
            secret_key=args.secret_key,
            seed=args.seed,
            switches=Switches(args.seed, dict(args.fault)),
            delivers=True,
            host=args.host,
            port=args.port,
        ) as stand_in:
            # A plain `kill` ends it as Ctrl-C does: in order.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stopped.set())
            _announce(stand_in, as_json=args.json)
            stopped.wait()
    except OSError as error:
        print(f"stripe_stand_in: cannot listen on {args.host}:{args.port}: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stripe_stand_in",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", metavar="HOST", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=int, default=0, metavar="N", help="port (default: any free one)")
    add("--secret-key", default=SECRET_KEY, metavar="KEY", help=f"the only key it takes (default: {SECRET_KEY})")
    add("--webhook", action="append", default=[], metavar="URL", help="where events go; may be given again")
    add("--connect-webhook", action="append", default=[], metavar="URL", help="where connected accounts' events go")
    add("--webhook-secret", action="append", default=[], metavar="SECRET", help="signs events; may be given again")
    add("--account", action="append", default=[], metavar="acct_ID", help="a connected account; may be given again")
    add("--fault", action="append", default=[], type=_fault, metavar="NAME=P", help="a fault with its probability")
    add("--seed", type=int, default=0, metavar="N", help="what identifiers and faults are drawn from (default: 0)")
    add("--json", action="store_true", help="announce itself with one line of JSON on standard output")
    add(
        "--until-input-ends", action="store_true", help="end when standard input does: with whoever holds its other end"
    )
    return parser


def _fault(text: str) -> tuple[Fault, float]:
    name, _, probability = text.partition("=")
    if name not in _FAULTS:
        raise argparse.ArgumentTypeError(f"{name!r} is no fault; there are {', '.join(_FAULTS)}")
    try:
        rate = float(probability)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give a probability between 0 and 1, as in {name}=0.2")
    return _FAULTS[name], rate


def _announce(stand_in: RunningStandIn, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"kind": "ready", "url": stand_in.base_url, "secret_key": stand_in.secret_key}), flush=True)
        return
    print(f"Stand-in for Stripe at {stand_in.base_url}, key {stand_in.secret_key}", file=sys.stderr)
    for webhook in stand_in.outbox.webhooks:
        print(f"  events {'of connected accounts ' if webhook.connect else ''}go to {webhook.url}", file=sys.stderr)
    print("No money moves. Ctrl-C ends it.", file=sys.stderr, flush=True)


def _follow_input(end: Callable[[], None]) -> None:
    """The system ends the input when its other end is gone, by `kill -9` as well."""
    # Not sys.stdin: a thread that waits in it when the interpreter ends is a fatal error.
    while os.read(0, _CHUNK):
        pass
    end()
    time.sleep(_GRACE_S)
    os._exit(1)  # nobody is left who could end what hangs


if __name__ == "__main__":
    sys.exit(main())
