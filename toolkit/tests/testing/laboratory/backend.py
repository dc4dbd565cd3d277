"""A small backend: likes of a post are counted, rightly and wrongly; and a job that runs by the clock."""

from typing import Any

from firebase_admin import firestore as admin
from firebase_functions import firestore_fn, options, scheduler_fn
from google.cloud import firestore

LIKE = "posts/{post}/likes/{uid}"


def retried(function: Any) -> Any:
    function.__firebase_endpoint__.eventTrigger["retry"] = True
    return function


@retried
@firestore_fn.on_document_written(document=LIKE)
def count_likes(event: Any) -> None:
    """Right: what is there is counted in a transaction, whatever has changed."""
    client = admin.client()
    post = client.document("posts", event.params["post"])

    @firestore.transactional
    def count(transaction: Any) -> None:
        likes = len(list(post.collection("likes").stream(transaction=transaction)))
        transaction.set(post, {"likes": likes}, merge=True)

    count(client.transaction(max_attempts=50))


@retried
@firestore_fn.on_document_created(document=LIKE)
def add_like(event: Any) -> None:
    """Wrong: a delivery that comes twice counts twice, though none gets lost."""
    post = admin.client().document("posts", event.params["post"])
    post.set({"added": firestore.Increment(1)}, merge=True)


@retried
@firestore_fn.on_document_created(document=LIKE)
def read_then_write(event: Any) -> None:
    """Wrong: two at the same time read the same number."""
    post = admin.client().document("posts", event.params["post"])
    likes = (post.get().to_dict() or {}).get("likes", 0)
    post.set({"likes": likes + 1}, merge=True)


@firestore_fn.on_document_created(document=LIKE)
def copy_in_two_steps(event: Any) -> None:
    """Not retried: when it dies in between, the second step never happens."""
    client = admin.client()
    client.document("copies", f"{event.params['uid']}-1").set({})
    client.document("copies", f"{event.params['uid']}-2").set({})


@retried
@firestore_fn.on_document_created(document="always/{fails}")
def always_fails(event: Any) -> None:
    raise RuntimeError("no luck")


@firestore_fn.on_document_deleted(document="holds/{hold}")
def hold_ended(event: Any) -> None:
    admin.client().document("ended", event.params["hold"]).set({"at": event.time})


@scheduler_fn.on_schedule(schedule="every 10 minutes")
def sweep(event: scheduler_fn.ScheduledEvent) -> None:
    sweeps = admin.client().collection("sweeps")
    sweeps.document(f"{event.schedule_time:%H:%M}").set({"job": event.job_name})


@scheduler_fn.on_schedule(schedule="0 10 * * *", timezone=options.Timezone("Europe/Berlin"))
def daily(event: scheduler_fn.ScheduledEvent) -> None:
    if admin.client().document("orders", "fail").get().exists:
        raise RuntimeError("the day was short")
    admin.client().document("days", f"{event.schedule_time:%m-%d %H:%M}").set({})
