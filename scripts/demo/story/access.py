"""Who may see and change what: the access table, played."""

from demo.acts import changes, creates, later, lists_upcoming, reads
from demo.facts import in_feed, teaser
from demo.people import GUEST
from demo.steps import Chapter, Step, denied

_NOT_A_MEMBER = "the event is for members"
_NOT_INVITED = "the event is private, and only its creator, its guests and admins read it"
_DRAFT = "the event is a draft of somebody else's"

ACCESS = Chapter(
    "Ana, a member, puts four events online. Who may see them?",
    (
        Step(
            "ana",
            "creates a public workshop with 3 seats and a waitlist",
            creates(
                "workshop",
                title="Open workshop",
                startAt=later(7, 18),
                visibility="public",
                published=True,
                maxAttendees=3,
                isWaitlistEnabled=True,
            ),
            facts=(teaser("workshop", exists=True), in_feed("workshop", exists=True)),
        ),
        Step(
            "ana",
            "creates an evening for members",
            creates("evening", title="Members' evening", startAt=later(9, 19), visibility="members", published=True),
            facts=(teaser("evening", exists=True), in_feed("evening", exists=False)),
        ),
        Step(
            "ana",
            "creates a private party and invites eli",
            creates(
                "party",
                title="Surprise party",
                startAt=later(12, 20),
                visibility="private",
                invitedUsers=["eli"],
                published=True,
            ),
            facts=(teaser("party", exists=False), in_feed("party", exists=False)),
        ),
        Step(
            "ana",
            "drafts a spring fair",
            creates("fair", title="Spring fair", startAt=later(30, 10), visibility="public", published=False),
            facts=(teaser("fair", exists=False), in_feed("fair", exists=False)),
        ),
        Step(GUEST, "reads the workshop", reads("events/workshop")),
        Step(GUEST, "reads the members' evening", reads("events/evening"), denied(_NOT_A_MEMBER)),
        Step("ben", "reads the members' evening", reads("events/evening")),
        Step(
            "eli",
            "(not a member) reads the members' evening",
            reads("events/evening"),
            denied(_NOT_A_MEMBER),
        ),
        Step("ben", "reads the private party", reads("events/party"), denied(_NOT_INVITED)),
        Step("eli", "(invited) reads the private party", reads("events/party")),
        Step("ben", "reads the draft", reads("events/fair"), denied(_DRAFT)),
        Step("root", "(admin) reads the draft", reads("events/fair")),
        Step(GUEST, "lists upcoming public events", lists_upcoming(published_only=True)),
        Step(
            GUEST,
            "lists them without asking for published ones only",
            lists_upcoming(published_only=False),
            denied("such a list could hold drafts"),
        ),
        Step(
            GUEST,
            "creates an event",
            creates("spam", title="Spam", startAt=later(1), visibility="public", published=True),
            denied("only members create events"),
        ),
        Step(
            "ben",
            "creates an event in ana's name",
            creates("fake", title="Fake", startAt=later(1), visibility="public", createdBy="ana"),
            denied("createdBy is not the caller"),
        ),
        Step(
            "ben", "renames ana's workshop", changes("workshop", title="Ben's workshop"), denied("it is not his event")
        ),
        Step(
            "ana",
            "sets her workshop's seat count herself",
            changes("workshop", attendingCount=99),
            denied("counts belong to the functions"),
        ),
    ),
)
