"""What whoever runs the stand-in can do over HTTP: move the clock, switch faults, act as customer, bank or dashboard.

POST /_stand_in/clock    {"advance_s": 1860}
POST /_stand_in/faults   {"fault": "lost_answer", "times": 1}    or {"rates": {"duplicate": 0.2}}    or {"clear": true}
POST /_stand_in/{action} {"id": "cs_test_...", ...}              pay, authenticate, settle, expire, refund,
                                                                 settle_refund, dispute, close_dispute, redeliver
POST /_stand_in/deliver  {}                                      sends what is due
GET  /_stand_in/idle?timeout_s=60                                answers when nothing is due or under way
GET  /_stand_in/events                                           all events, and what their endpoints answered
"""

from dataclasses import asdict, is_dataclass

from flask import Blueprint, Response, jsonify, request

from stripe_stand_in.account import Object
from stripe_stand_in.errors import StripeError
from stripe_stand_in.stand_in import StandIn
from stripe_stand_in.switches import ApiFault, Fault, Mischief, Settlement

_FAULTS: dict[str, Fault] = {str(fault): fault for kind in (ApiFault, Mischief, Settlement) for fault in kind}


ACTIONS = (
    "pay", "authenticate", "settle", "expire", "refund", "settle_refund", "dispute", "close_dispute", "redeliver",
    "deliver",
)  # fmt: skip
"""Methods of the stand-in that can be called, with the names of their arguments."""


def controls_of(stand_in: StandIn) -> Blueprint:
    """The controls of this stand-in."""
    controls = Blueprint("controls", __name__, url_prefix="/_stand_in")

    @controls.post("/clock")
    def move_clock() -> Response:
        stand_in.clock.advance(float(_body()["advance_s"]))
        stand_in.wake()
        return jsonify({"now": stand_in.clock.seconds()})

    @controls.post("/faults")
    def switch_faults() -> Response:
        body = _body()
        if body.get("clear"):
            stand_in.switches.clear()
        for name, rate in body.get("rates", {}).items():
            stand_in.switches.rates[_fault(name)] = float(rate)
        if "fault" in body:
            stand_in.switches.once(
                _fault(body["fault"]), times=int(body.get("times", 1)), path=body.get("path"), method=body.get("method")
            )
        return jsonify({"rates": {str(fault): rate for fault, rate in stand_in.switches.rates.items()}})

    @controls.get("/idle")
    def idle() -> Response:
        return jsonify({"idle": stand_in.wait_until_idle(float(request.args.get("timeout_s", 60)))})

    @controls.get("/events")
    def events() -> Response:
        return jsonify({"events": stand_in.events, "waiting": stand_in.outbox.waiting})

    @controls.post("/<action>")
    def act(action: str) -> Response | tuple[Response, int]:
        if action not in ACTIONS:
            return jsonify({"error": {"message": f"No such action: {action}"}}), 404
        body = _body()
        names = [body.pop("id")] if "id" in body else []
        done = getattr(stand_in, action)(*names, **body)
        shown = asdict(done) if is_dataclass(done) and not isinstance(done, type) else done
        return jsonify({"done": shown})

    @controls.errorhandler(StripeError)
    def refused(error: StripeError) -> tuple[Response, int]:
        return jsonify(error.body()), error.status

    @controls.errorhandler(KeyError)
    @controls.errorhandler(TypeError)
    @controls.errorhandler(ValueError)
    def misunderstood(error: Exception) -> tuple[Response, int]:
        return jsonify({"error": {"message": f"The request is not understood: {error}"}}), 400

    return controls


def _body() -> Object:
    body = request.get_json(silent=True)
    return dict(body) if isinstance(body, dict) else {}


def _fault(name: str) -> Fault:
    if name not in _FAULTS:
        raise ValueError(f"{name} is no fault; there are {', '.join(_FAULTS)}")
    return _FAULTS[name]
