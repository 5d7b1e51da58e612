"""From what is asked for to what is answered: check each message, store those that can be sent, ring."""

from collections.abc import Sequence

from webpanel.intake.asking import Caller, Place, Repeat, Result, Ring, Submitted, Wanted
from webpanel.intake.clerk import Clerk, Draft
from webpanel.intake.storing import Ask, commit, known
from webpanel.store import Store
from webpanel.vault import Vault
from webpanel.wire.problem import Refused


def submit(  # noqa: PLR0913 - who asks, for what, of what panel
    store: Store,
    *,
    vault: Vault,
    caller: Caller,
    place: Place,
    wanted: Sequence[Wanted],
    ring: Ring,
    repeat: Repeat | None = None,
) -> Submitted:
    """Store every message that can be sent, all in one commit; returns once that is on disk.

    Each is accepted or refused by itself. Raises StoreUnavailable, and Refused (field ``repeat``) when
    the key of ``repeat`` was used for another request.
    """
    if repeat is not None and caller.grant is not None:
        with store.reading() as connection:
            if (before := known(connection, caller.grant.application_id, repeat)) is not None:
                return before
    results: list[Result] = [Result(None)] * len(wanted)
    drafts: list[Draft] = []
    with store.reading() as connection:
        clerk = Clerk(connection, vault, caller, place)
        for number, each in enumerate(wanted):
            try:
                drafts.append(clerk.draft(number, each))
            except Refused as refused:
                results[number] = Result(None, refused.problems)
    if not drafts:
        return Submitted(tuple(results))

    submitted, rung = store.write_together(commit, Ask(caller, place, drafts, results, repeat))
    for gateway_id in rung:
        ring(gateway_id)
    return submitted
