"""Asks a Firestore server over REST what recordings say an official emulator was asked."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from firewarden.cli.options import needs_extra
from firewarden.errors import FirewardenError
from firewarden.rules import OFFICIAL_1_19_9, Compatibility
from firewarden.rules.recordings import answers, sending
from firewarden.rules.recordings.answers import Answer, Documents
from firewarden.rules.recordings.discrepancy import Discrepancy, Record
from firewarden.rules.recordings.recorder import CLAIMS
from firewarden.rules.recordings.sending import Outgoing

_TIMEOUT_S = 120.0
UNSENT: Mapping[str, str] = {
    "expr": "a server tells whether a request is allowed, not what an expression comes to",
    "limits": "a server does not tell what an expression costs",
}
"""Formats that cannot be asked of a server, and why."""


class Conversation:
    """One connection to a server, one project of which is ours to fill, to empty and to put rules in.

    With another `project` than the recorded one, names are changed on the way out and back on the way in.
    """

    def __init__(self, address: str, *, project: str = sending.PROJECT) -> None:
        self._address = address
        self._project = project
        self._connection = http.client.HTTPConnection(address, timeout=_TIMEOUT_S)
        self._put: tuple[str, Answer] | None = None
        self._stored: Mapping[str, Any] | None = None

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def ask(self, format_: str, record: Record) -> Discrepancy | None:
        """In what the server's answer differs from the recorded one."""
        if format_ in ("compile", "program"):
            return self._ask_source(format_, record)
        is_refused = record["outcome"] == "compile_error"
        put = self._put_rules(record["rules"])
        if is_refused or not put.is_ok:
            return answers.compared_rules({"accepted": not is_refused, "error": record["message"]}, put)
        self._fill(record["documents"])
        return self._ask_request(record, tells_changes="changed" in record)

    def _ask_source(self, format_: str, record: Record) -> Discrepancy | None:
        put = self._put_rules(record["source"])
        difference = answers.compared_rules(record, put)
        if difference is not None or format_ == "compile" or not put.is_ok:
            return difference
        self._fill({})
        path = record["request"]["path"].partition("/documents/")[2]
        answer = self._send(sending.request({"method": "get", "path": path}, CLAIMS))
        return answers.compared_program(record, answer)

    def _ask_request(self, record: Record, *, tells_changes: bool) -> Discrepancy | None:
        before = self._everything() if tells_changes else {}
        transaction = self._set_up(record)
        answer = self._send(_within(transaction, sending.request(record["request"], record["auth"])))
        if record["request"]["method"] not in sending.READING:
            self._stored = None
        after = self._everything() if tells_changes else {}
        if transaction:
            self._send(sending.request({"method": "rollback", "body": {"transaction": transaction}}, sending.OWNER))
        return answers.compared_request(record, answer, before, after)

    def _set_up(self, record: Record) -> str:
        """Send what was sent before the request; the name of the transaction that this has begun, if any."""
        transaction = ""
        for each in record.get("setup", ()):
            answer = self._send(_within(transaction, sending.request(each, record["auth"])))
            if isinstance(answer.body, dict) and "transaction" in answer.body:
                transaction = answer.body["transaction"]
        return transaction

    def _put_rules(self, source: str) -> Answer:
        if self._put is None or self._put[0] != source:
            self._put = (source, self._send(sending.rules_put(source)))
        return self._put[1]

    def _fill(self, documents: Mapping[str, Any]) -> None:
        if self._stored == documents:
            return
        self._send(sending.cleared())
        if documents:
            answer = self._send(sending.stored(documents))
            if not answer.is_ok:
                raise ValueError(f"the server does not store the documents: {answer.message}")
        self._stored = documents

    def _everything(self) -> Documents:
        return answers.documents_of(self._send(sending.everything()))

    def _send(self, outgoing: Outgoing) -> Answer:
        headers = {"Content-Type": "application/json"}
        if outgoing.authorization:
            headers["Authorization"] = outgoing.authorization
        body = None if outgoing.body is None else self._outwards(outgoing.body)
        try:
            self._connection.request(
                outgoing.verb, self._outwards(outgoing.target), None if body is None else body.encode(), headers
            )
            response = self._connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise FirewardenError(
                f"{self._address} does not answer: {error!r}.", hint="Is a Firestore server running there?"
            ) from error
        return Answer(response.status, self._inwards(_decoded(text)))

    def _outwards(self, text: str) -> str:
        return text.replace(f"projects/{sending.PROJECT}", f"projects/{self._project}")

    def _inwards(self, body: Any) -> Any:
        if isinstance(body, dict):
            return {name: self._inwards(each) for name, each in body.items()}
        if isinstance(body, list):
            return list(map(self._inwards, body))
        if isinstance(body, str):
            for head in ("projects/", "dev~"):
                body = body.replace(head + self._project, head + sending.PROJECT)
        return body


def _within(transaction: str, outgoing: Outgoing) -> Outgoing:
    if not transaction or outgoing.body is None:
        return outgoing
    return replace(outgoing, body=outgoing.body.replace(sending.TRANSACTION, transaction))


def _decoded(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else {}
    except ValueError:
        return text


@contextmanager
def conversation(
    at: tuple[str, int] | None, *, project: str = sending.PROJECT, compatibility: Compatibility = OFFICIAL_1_19_9
) -> Iterator[Conversation]:
    """With the server at an address, or else with an empty one of ours that behaves as `compatibility` says."""
    if at is not None:
        host, port = at
        with closing(Conversation(f"{host}:{port}", project=project)) as other:
            yield other
        return
    with needs_extra("server"):
        from firewarden.limits import EMULATOR, PRODUCTION  # noqa: PLC0415 - see needs_extra
        from firewarden.server.engine import Engine  # noqa: PLC0415 - see needs_extra
        from firewarden.server.options import Options  # noqa: PLC0415 - see needs_extra
        from firewarden.server.serving import Server  # noqa: PLC0415 - see needs_extra
        from firewarden.store import Store  # noqa: PLC0415 - see needs_extra
    limits = EMULATOR if compatibility == OFFICIAL_1_19_9 else PRODUCTION
    engine = Engine(Store(), options=Options(compatibility=compatibility, limits=limits))
    with closing(engine), Server(engine) as server, closing(Conversation(server.address, project=project)) as ours:
        yield ours
