"""What people and programs do: change gateways, ask for messages, decide about them."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import initialize, rule

from tests.chaos.machine.scene import Scene, which
from webpanel import gateways, intake
from webpanel.gateway_secrets import SecretChanges
from webpanel.intake import Caller, Place, Repeat, Wanted
from webpanel.wire.problem import Refused

NUMBERS = ("+447911123456", "+447911123457", "+447911123458")

modes = some.sampled_from(("resend", "hold", "schedule"))
changes = some.sampled_from((*("resume", "release", "enable") * 2, "hold", "off", "replace"))
paces = some.sampled_from((0.0, 0.0, 0.2, 2.0))
delays = some.sampled_from(("10 s, 30 s, 2 min, 10 min", "1 s", "5 s, 4 h"))


class People(Scene):
    # Gateways.

    @initialize(
        ends_well=some.booleans(), modes=some.tuples(modes, modes, modes), pace=paces, chain=some.booleans()
    )
    def begin(self, ends_well: bool, modes: tuple[str, ...], pace: float, chain: bool) -> None:
        self.ends_well = ends_well
        for number, mode in enumerate(modes):
            following = f"Gateway {(number + 1) % len(modes)}" if chain or number == 0 else ""
            self._add_gateway(on_ambiguous=mode, next_gateway=following, pace=pace if number == 1 else 0.0)
        self._submit(Caller("ada", "page"), [Wanted(NUMBERS[0], "Hello", gateway=self._gateway(0))])

    def _add_gateway(self, **settings: Any) -> None:
        gateway_id = self.panel.add_gateway(self.made, **settings)
        self.truth.configured(gateway_id, settings["on_ambiguous"])
        self.made += 1

    @rule(gateway=which, mode=modes, pace=paces, delays=delays, following=which)
    def save(self, gateway: int, mode: str, pace: float, delays: str, following: int) -> None:
        gateway_id = self._gateway(gateway)
        version, before = self.panel.settings(gateway_id)
        other = self.panel.tables.gateways()[self._gateway(following)].name
        settings = replace(
            before,
            on_ambiguous=mode,
            pace=pace,
            retry_delays=delays,
            next_gateway="" if other == before.name else other,
            failover_after=5.0 if following % 2 else 300.0,
        )
        gateways.save(
            self.panel.store,
            self.panel.vault,
            gateway_id,
            version,
            settings=settings,
            changes=SecretChanges(),
            actor="ada",
        )
        self.truth.configured(gateway_id, mode)
        self.truth.resumed.add(gateway_id)
        if pace != before.pace:
            self.truth.paced.pop(gateway_id, None)

    @rule(gateway=which, change=changes)
    def change_gateway(self, gateway: int, change: str) -> None:
        gateway_id, store = self._gateway(gateway), self.panel.store
        match change:
            case "resume":
                gateways.resume(store, gateway_id)
                self.truth.resumed.add(gateway_id)
            case "release":
                gateways.release(store, gateway_id)
            case "hold":
                gateways.hold(store, gateway_id, "ada")
            case "replace":
                self._replace_gateway(gateway_id)
            case _:
                gateways.set_enabled(store, gateway_id, change == "enable")

    def _replace_gateway(self, gateway_id: int) -> None:
        """Delete one; a new one takes its place, not its name."""
        sending = {each.gateway_id for each in self.panel.tables.messages() if each.state == "sending"}
        try:
            gateways.remove(self.panel.store, gateway_id, "ada")
        except Refused:
            assert gateway_id in sending
        else:
            assert gateway_id not in sending
            self._add_gateway(on_ambiguous="resend", next_gateway="Gateway 1", pace=0.0)

    # Messages.

    @rule(gateway=which, once=some.sampled_from((None, None, "one", "two")), test=some.booleans())
    def accept_one(self, gateway: int, once: str | None, test: bool) -> None:
        """Of a person, or of a program in test mode."""
        wanted = Wanted(NUMBERS[0], "Hello", gateway=self._gateway(gateway))
        if test:
            caller = Caller("tester", "api", self.panel.tables.grants["tester"])
            self._submit(caller, [replace(wanted, sensitive=True)])
        else:
            self._submit(Caller("ada", "page"), [replace(wanted, once=once)])

    @rule(
        gateway=some.none() | which,
        several=some.integers(1, 6),
        priority=some.sampled_from((0, 1, 1, 2)),
        sensitive=some.booleans(),
        mode=some.none() | modes,
        ahead=some.sampled_from((None, None, 5, 3600)),
        valid_for=some.sampled_from((None, 60, 7200)),
        key=some.sampled_from((None, None, "a", "b")),
    )
    def accept_of_a_program(self, gateway: int | None, several: int, key: str | None, **facts: Any) -> None:
        ahead, mode = facts["ahead"], facts["mode"]
        wanted = Wanted(
            NUMBERS[1],
            "Your code is 123456",
            gateway=None if gateway is None else self._gateway(gateway),
            priority=facts["priority"],
            sensitive=facts["sensitive"],
            on_ambiguous=mode,
            send_at=None if ahead is None else self.clock.present + timedelta(seconds=ahead),
            valid_for=facts["valid_for"],
        )
        caller = Caller("school", "api", self.panel.tables.grants["school"])
        self._submit(caller, [replace(wanted, to=to) for to in (NUMBERS * 2)[:several]], mode, key)

    def _submit(
        self, caller: Caller, wanted: list[Wanted], mode: str | None = None, key: str | None = None
    ) -> None:
        asked = hashlib.sha256(repr(wanted).encode()).digest()
        known = self.keys.get(key or "")
        try:
            submitted = intake.submit(
                self.panel.store,
                vault=self.panel.vault,
                caller=caller,
                place=Place("GB", timedelta(hours=24)),
                wanted=wanted,
                ring=lambda _gateway_id: None,
                repeat=None if key is None else Repeat(key, asked),
            )
        except Refused:
            assert known is not None
            assert known[0] != asked, "the same request again, and refused"
            return
        ids = [each.message_id for each in submitted.results if each.message_id is not None]
        for message_id in ids:
            self.truth.accept(message_id, mode)
        if known is not None and self.latest < known[2] + 7 * 86_400:
            assert (known[0], known[1]) == (asked, ids), "a repeated request was another one"
        elif key is not None and ids:
            self.keys[key] = asked, ids, self.latest

    @rule(message=which, what=some.sampled_from(("cancel", "resend", "sent", "failed")))
    def decide(self, message: int, what: Any) -> None:
        """What a person does with one message."""
        states = {"cancel": intake.WAITING, "resend": intake.FINAL}.get(what, ("unknown",))
        message_id = self._message(message, states)
        if message_id is None:
            return
        match what:
            case "cancel":
                assert intake.cancel(self.panel.store, self.panel.message(message_id), actor="ada")
            case "resend":
                self._resend(message_id)
            case _:
                assert intake.mark_as(self.panel.store, self.panel.message(message_id), what, actor="ada")
                self.truth.touched.add(message_id)
                self.truth.told.add(message_id)

    def _resend(self, message_id: str) -> None:
        try:
            new = intake.resend(
                self.panel.store,
                self.panel.message(message_id),
                vault=self.panel.vault,
                panel_country="GB",
                actor="ada",
                source="page",
                lifetime_hours=24,
                ring=lambda _gateway_id: None,
            )
        except Refused:
            return
        assert new not in self.truth.accepted
        self.truth.accept(new)
