"""The sample's HTTP functions as a client sees them."""

from collections.abc import Callable, Iterator

import firebase_admin
import httpx
import pytest

from firewarden.errors import FirewardenError, PortInUse
from firewarden.testing import unsigned_id_token
from firewarden.triggers import Delivery, FirestoreEvent, FunctionsHost, HttpCall, Manifest, encode, listen

PROJECT = "demo-sample"


@pytest.fixture
def http(host: FunctionsHost) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{host.address}", trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "seen"),
    [
        ("GET", "/demo-sample/us-central1/hello", "/"),
        ("GET", "/demo-sample/us-central1/hello/", "/"),
        ("GET", "/demo-sample/us-central1/hello/a/b.ics", "/a/b.ics"),
        ("GET", "/demo-sample/us-central1/hello/Zo%C3%AB%20b", "/Zoë b"),
        ("POST", "/demo-sample/us-central1/hello/a", "/a"),
        ("DELETE", "/demo-sample/us-central1/hello/a", "/a"),
        ("OPTIONS", "/demo-sample/us-central1/hello/a", "/a"),
        ("GET", "/feeds/public.ics", "/feeds/public.ics"),
        ("PUT", "/", "/"),
    ],
)
def test_a_function_sees_what_follows_its_name(http: httpx.Client, method: str, path: str, seen: str) -> None:
    """The last two reach it because it is mounted at / as well."""
    answer = http.request(method, path).json()
    assert (answer["method"], answer["path"]) == (method, seen)


def test_a_function_gets_query_body_and_settings(http: httpx.Client, host: FunctionsHost) -> None:
    answer = http.post(host.url("hello"), params={"name": "ana"}, content="some words").json()
    assert answer["greeting"] == "hello ana"
    assert answer["body"] == "some words"
    assert answer["setting"] == "from-project"


def test_a_large_body_that_is_not_read_does_not_break_the_answer(http: httpx.Client, host: FunctionsHost) -> None:
    assert http.post(host.url("broken"), content=b"x" * 2_000_000).status_code == 500


@pytest.mark.parametrize("name", ["broken", "leaving"])
def test_a_failing_function_answers_500_without_details_and_the_host_lives_on(
    http: httpx.Client, host: FunctionsHost, name: str
) -> None:
    answer = http.get(host.url(name))
    assert (answer.status_code, answer.text) == (500, "Internal Server Error\n")
    assert http.get(host.url("hello")).status_code == 200


def test_a_function_is_served_in_every_region_it_names(http: httpx.Client) -> None:
    statuses = [
        http.get(f"/{PROJECT}/{region}/broken").status_code for region in ("europe-west1", "us-east1", "us-central1")
    ]
    assert statuses == [500, 500, 200]  # the last is not a region of it, so the function at / answers


@pytest.fixture
def _default_app() -> Iterator[None]:
    """What main.py of a project with callables makes; the SDK verifies tokens with it."""
    app = firebase_admin.initialize_app()
    yield
    firebase_admin.delete_app(app)


@pytest.mark.usefixtures("_default_app")
def test_a_callable_knows_its_caller_by_an_unsigned_token(http: httpx.Client, host: FunctionsHost) -> None:
    token = unsigned_id_token("ana", project=PROJECT)
    answer = http.post(
        host.url("add"), json={"data": {"numbers": [1, 2]}}, headers={"authorization": f"Bearer {token}"}
    )
    assert answer.json() == {"result": {"sum": 3, "uid": "ana"}}


def test_a_task_function_is_called_like_a_callable(http: httpx.Client, host: FunctionsHost) -> None:
    assert http.post(host.url("work"), json={"data": 7}).json() == {"result": "did 7"}


@pytest.mark.parametrize(
    ("method", "name", "headers", "status"),
    [
        ("POST", "nightly", {}, 200),
        ("POST", "nightly", {"x-cloudscheduler-jobname": "fail"}, 500),
        ("GET", "nightly", {}, 405),
        ("POST", "hello", {}, 404),
        ("POST", "nobody", {}, 404),
    ],
)
def test_a_scheduled_function_is_run_by_post(
    http: httpx.Client, method: str, name: str, headers: dict[str, str], status: int
) -> None:
    assert http.request(method, f"/__/run/{name}", headers=headers).status_code == status


def test_the_listing_says_what_is_served_and_what_is_not(http: httpx.Client) -> None:
    listing = http.get("/__/functions").json()
    functions = {function["name"]: function for function in listing["functions"]}
    assert functions["hello"] == {
        "name": "hello",
        "kind": "http",
        "regions": ["us-central1"],
        "paths": ["/demo-sample/us-central1/hello"],
    }
    assert functions["flaky"] == {
        "name": "flaky",
        "kind": "firestore",
        "regions": ["us-central1"],
        "eventType": "google.cloud.firestore.document.v1.created",
        "document": "flaky/{id}",
        "database": "(default)",
        "retry": True,
        "trigger": "us-central1-flaky-0",
    }
    assert functions["nightly"]["run"] == "/__/run/nightly"
    assert set(listing["notServed"]) == {"stored", "subscribed"}


def test_an_event_is_acknowledged_then_delivered(
    http: httpx.Client, host: FunctionsHost, make_event: Callable[..., FirestoreEvent]
) -> None:
    headers, body = encode(make_event("created", "fragile/x", after={}, id="acknowledged"))
    url = f"/functions/projects/{PROJECT}/triggers/us-central1-fragile-0"
    assert http.post(url, headers=headers, content=body).text == "acknowledged\n"
    host.settle(5)
    (delivery,) = (each for each in host.deliveries if each.event_id == "acknowledged")
    assert (delivery.function, str(delivery.outcome)) == ("fragile", "dropped")


@pytest.mark.parametrize(
    ("method", "project", "key", "status"),
    [
        ("GET", PROJECT, "us-central1-fragile-0", 405),
        ("POST", "demo-other", "us-central1-fragile-0", 404),
        ("POST", PROJECT, "us-central1-gone-0", 404),
    ],
)
def test_an_event_for_nobody_is_refused(
    http: httpx.Client,
    make_event: Callable[..., FirestoreEvent],
    method: str,
    project: str,
    key: str,
    status: int,
) -> None:
    headers, body = encode(make_event("created", "fragile/x", after={}))
    url = f"/functions/projects/{project}/triggers/{key}"
    assert http.request(method, url, headers=headers, content=body).status_code == status


def test_a_request_that_is_no_event_is_told_what_it_lacks(http: httpx.Client) -> None:
    answer = http.post(f"/functions/projects/{PROJECT}/triggers/us-central1-fragile-0")
    assert answer.status_code == 400
    assert "lacks id, source, type" in answer.text


def test_an_event_by_hand_starts_every_function_that_it_matches(
    host: FunctionsHost, make_event: Callable[..., FirestoreEvent]
) -> None:
    assert host.deliver(make_event("created", "fragile/x", after={})) == ["fragile"]
    assert host.deliver(make_event("updated", "fragile/x", after={}, before={})) == []
    assert host.deliver(make_event("created", "fragile/x/deeper/y", after={})) == []
    host.settle(5)


def test_requests_are_reported_without_query(manifest: Manifest) -> None:
    """Tokens travel in queries."""
    reports: list[Delivery | HttpCall] = []
    with (
        FunctionsHost(manifest, project=PROJECT, report=reports.append) as host,
        httpx.Client(trust_env=False) as client,
    ):
        client.get(f"{host.url('hello')}/x?token=secret")
        client.get(host.url("broken"))
        client.get(f"http://{host.address}/nothing/here")
    assert [(r.function, r.method, r.path, r.status) for r in reports if isinstance(r, HttpCall)] == [
        ("hello", "GET", "/demo-sample/us-central1/hello/x", 200),
        ("broken", "GET", "/demo-sample/europe-west1/broken", 500),
        (None, "GET", "/nothing/here", 404),
    ]
    assert [repr(r.error) for r in reports] == ["None", "LookupError('a secret detail')", "None"]


def test_a_taken_port_is_named(manifest: Manifest) -> None:
    with listen("127.0.0.1", 0) as taken:
        address = taken.getsockname()
        with pytest.raises(PortInUse, match=f"Port {address[1]} on 127.0.0.1 is in use"):
            FunctionsHost(manifest, project=PROJECT, address=address).start()


def test_a_host_can_be_given_a_port_that_was_taken_for_it(manifest: Manifest) -> None:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    with FunctionsHost(manifest, project=PROJECT, address=listener) as host:
        assert host.address == f"127.0.0.1:{port}"
    # Not by connecting: somebody else may have been given the port since.
    assert listener.fileno() == -1


@pytest.mark.parametrize("name", ["nobody", "nightly", "created"])
def test_only_an_http_function_can_be_mounted_at_the_root(manifest: Manifest, name: str) -> None:
    with pytest.raises(FirewardenError, match="is no HTTP function"):
        FunctionsHost(manifest, project=PROJECT, http_root=name)


def test_the_url_of_an_unknown_function_is_an_error(host: FunctionsHost) -> None:
    with pytest.raises(KeyError, match="nobody is not served"):
        host.url("nobody")
