"""Listens for adverts and asks who has the VIPs, at the same time, for as long as it takes to know.

What is kept is bounded whatever arrives: so many virtual routers, machines in each, and answers for each VIP; the
first ones stay, as those that were there before a flood.
"""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from checks._vrrp.actives import is_enough
from checks._vrrp.differences import UNICAST
from checks._vrrp.kernel import Kernel
from checks._vrrp.past import Told, fall_silent, find_beginning, is_still_ours, read_past
from checks._vrrp.picture import OUR_PASSWORD, SECOND_NS, Answer, Picture, Router, Sent, Speaker, Terms, Vip
from checks._vrrp.plan import MOST_ROUTERS, MOST_VIPS, Plan, key_of
from checks._vrrp.trying import Trials, is_echo, plan_trials
from watchdog.linux.inet import ETHERTYPE_IPV4, ETHERTYPE_IPV6
from watchdog.linux.keepalived_vrrp import digest_password
from watchdog.linux.vrrp_packet import (
    STEPPING_DOWN,
    Advert,
    MalformedAdvertError,
    goes_on,
    parse_advert,
    read_password,
)
from watchdog.plugin import Frame, Heed, Host, Question, Wire, ask_owner, own_macs, read_answer

MOST_SPEAKERS = 8
MOST_ANSWERS = 8
MOST_QUESTIONS = 64
_ASK_EVERY_SECONDS = 0.25
# A machine that stood still for longer than this (paused, frozen) heard nothing meanwhile.
_STANDSTILL_SECONDS = 1.0
# How often the picture is looked at as a whole, and the kernel asked whether a VIP came or went.
_STEP_SECONDS = 0.1

Key = tuple[str, int, int]


class Listener(msgspec.Struct, kw_only=True):
    """What was seen and heard so far. `held` are this host's addresses, `passwords` the digests heard."""

    host: Host
    wire: Wire
    kernel: Kernel
    plan: Plan
    routers: dict[Key, Router]
    speakers: dict[Key, dict[str, Speaker]] = msgspec.field(default_factory=dict)
    answers: dict[Question, dict[str, Answer]] = msgspec.field(default_factory=dict)
    passwords: dict[Key, list[str]] = msgspec.field(default_factory=dict)
    asked: dict[Question, list[int]] = msgspec.field(default_factory=dict)
    unasked: dict[Question, str] = msgspec.field(default_factory=dict)
    held: dict[tuple[str, str], tuple[int, int]] = msgspec.field(default_factory=dict)
    own: frozenset[str] = frozenset()
    own_macs: frozenset[str] = frozenset()
    _read_again_ns: int = 0
    _rounds: int = 0
    _link_changes: dict[str, str | None] = msgspec.field(default_factory=dict)
    crowd: int = 0
    malformed: dict[str, str] = msgspec.field(default_factory=dict)
    trials: Trials = msgspec.field(default_factory=Trials)

    def listen(self, limit_seconds: float) -> Picture:
        """Look until every router is settled, or the limit is reached."""
        began_ns = looked_ns = now_ns = self.host.stamp().boottime_ns
        ends_ns = now_ns + round(limit_seconds * SECOND_NS)
        cached = self._read_cache()
        self.trials = self._plan_trials()
        self._link_changes = {name: self._count_changes(name) for name in self.plan.interfaces}
        ask_ns = now_ns
        self._read_held(now_ns)
        began_ns = self._take_past(now_ns, limit_seconds)
        while True:
            self._read_held(now_ns)
            picture = self._picture(began_ns, looked_ns, now_ns, cached)
            if is_enough(picture, self.plan.named) or now_ns >= ends_ns:
                return picture
            if now_ns >= ask_ns:
                self._ask(now_ns)
                self.trials.send(self.wire)
                ask_ns = now_ns + round(_ASK_EVERY_SECONDS * SECOND_NS)
            # The moment before the frames are taken: whatever came before it has been heard then.
            before_ns, now_ns = now_ns, self.host.stamp().boottime_ns
            for frame in self.wire.frames(min(_STEP_SECONDS, (ends_ns - now_ns) / SECOND_NS)):
                self._take(frame)
            if now_ns - before_ns > _STANDSTILL_SECONDS * SECOND_NS:
                began_ns = looked_ns = now_ns

    def _picture(self, began_ns: int, looked_ns: int, now_ns: int, cached: dict[tuple[str, str], str]) -> Picture:
        own = {link.mac for link in self.kernel.interfaces.values()}
        proxying = {mac for question in self._controls() for mac in self.answers.get(question, {})} - own
        leaking = {
            mac: question.address
            for question in self._real_servers()
            for mac in self.answers.get(question, {})
            if mac not in proxying
        }
        return Picture(
            boot_id=self.host.stamp().boot_id,
            began_ns=began_ns,
            looked_ns=looked_ns,
            ended_ns=now_ns,
            routers=tuple(self._routers(looked_ns, now_ns, cached)),
            interfaces=self.plan.interfaces,
            problems=dict(self._problems()),
            leaking=leaking,
            proxying=tuple(sorted(proxying)),
            notes=(*self.plan.notes, *self.malformed.values()),
            lost_frames=self.wire.lost_frames(),
            crowd=self.crowd,
        )

    def _routers(self, looked_ns: int, now_ns: int, cached: dict[tuple[str, str], str]) -> Iterator[Router]:
        planned = {key_of(router) for router in self.plan.routers}
        for key, router in self.routers.items():
            seen = fall_silent(self._router(key, router, cached), looked_ns, now_ns)
            # One that nobody missed, and that was over before the look began, is none of its.
            if seen.speakers or key in planned or seen.silent_since_ns is None:
                yield seen

    def _router(self, key: Key, router: Router, cached: dict[tuple[str, str], str]) -> Router:
        return replace(
            router,
            speakers=tuple(
                replace(speaker, macs=tuple(self.answers.get(_question(key, speaker), {})))
                for speaker in self.speakers.get(key, {}).values()
            ),
            vips=tuple(self._vip(vip, cached) for vip in router.vips),
        )

    def _vip(self, vip: Vip, cached: dict[tuple[str, str], str]) -> Vip:
        question = Question(interface=vip.interface, address=vip.address)
        since, until = self.held.get((vip.held_on, vip.address), (None, None))
        return replace(
            vip,
            held_since_ns=since,
            held_until_ns=until,
            asked_ns=tuple(self.asked.get(question, ())),
            unasked="" if question in self.asked else self.unasked.get(question, ""),
            answers=tuple(self.answers.get(question, {}).values()),
            cached_mac=cached.get((vip.interface, vip.address), ""),
            tried=self.trials.of(vip),
        )

    def _problems(self) -> Iterator[tuple[str, str]]:
        for name in self.plan.interfaces:
            link = self.kernel.interfaces.get(name)
            if link is None:
                yield name, "does not exist on this host"
            elif not link.is_up or not link.has_carrier:
                yield name, "has no link: nothing can be heard or asked there"
            elif self._count_changes(name) != self._link_changes[name]:
                yield name, "lost its link, or got it back, while it was listened to"
            elif problem := self.wire.problems.get(name):
                yield name, problem

    # --- This host ---

    def _read_cache(self) -> dict[tuple[str, str], str]:
        """Read our neighbour cache for the VIPs, before asking for them renews it."""
        addresses = {vip.address for router in self.routers.values() for vip in router.vips}
        return self.kernel.read_neighbours(addresses) if addresses else {}

    def _plan_trials(self) -> Trials:
        """Plan to try those of our VIPs that were in trouble and are here."""
        mistrusted = [
            vip for router in self.plan.routers if router.instance and router.was_split for vip in router.vips
        ]
        if not mistrusted:
            return Trials()
        neighbours, held = self.kernel.read_who_is_near(), self.kernel.read_addresses()
        return Trials(trials=plan_trials(mistrusted, neighbours, tuple(held)))

    def _count_changes(self, interface: str) -> str | None:
        return self.host.read_text(f"/sys/class/net/{interface}/carrier_changes")

    def _read_held(self, now_ns: int) -> None:
        if now_ns < self._read_again_ns:
            return
        present = self.kernel.read_addresses()
        # A host with thousands of addresses shall not spend the whole look on reading them.
        spent_ns = self.host.stamp().boottime_ns - now_ns
        self._read_again_ns = now_ns + 5 * spent_ns
        self.own = frozenset(address for _, address in present)
        self.held = {one: (self.held.get(one, (now_ns, 0))[0], now_ns) for one in present}

    # --- What we send ---

    def _ask(self, now_ns: int) -> None:
        # Those of our own routers have a turn of their own, however many of others are heard.
        ours = [*self._controls(), *self._questions(ours=True), *self._real_servers()]
        for question in (*take_turn(ours, self._rounds), *take_turn([*self._questions(ours=False)], self._rounds)):
            if problem := ask_owner(self.wire, question):
                self.unasked[question] = problem
            else:
                self.asked.setdefault(question, []).append(now_ns)
        self._rounds += 1

    def _questions(self, *, ours: bool) -> Iterator[Question]:
        for key, router in self.routers.items():
            if (router.instance is not None) == ours:
                yield from (_question(key, speaker) for speaker in self.speakers.get(key, {}).values())
                yield from (Question(interface=vip.interface, address=vip.address) for vip in router.vips)

    def _controls(self) -> list[Question]:
        """Return questions for addresses of our own: who answers those answers for any, by proxy ARP."""
        vips = {vip.address for router in self.routers.values() for vip in router.vips}
        found: dict[str, Question] = {}
        for interface, address in sorted(self.held):
            if interface in self.wire.sockets and address not in vips and ":" not in address:
                found.setdefault(interface, Question(interface=interface, address=address))
        return list(found.values())

    def _real_servers(self) -> list[Question]:
        interfaces = {vip.interface for router in self.routers.values() for vip in router.vips}
        return [
            Question(interface=interface, address=address)
            for interface in sorted(interfaces)
            for address in self.plan.real_servers
            if address not in self.own
        ]

    # --- What we hear ---

    def _take_past(self, now_ns: int, limit_seconds: float) -> int:
        """Take in what was heard before, if somebody listened; return from when on that is all that there was."""
        vips = {(vip.interface, vip.address) for router in self.routers.values() for vip in router.vips}
        ours = frozenset((name, address) for name, address in self.held if name in self.wire.sockets)
        past = self.wire.past(Heed(addresses=ours | vips, ours=ours))
        problems = dict(self._problems())
        listened = [name for name in self.plan.interfaces if name not in problems]
        began_ns = find_beginning(past, listened, now_ns, limit_seconds)
        for told in read_past(past, began_ns):
            router = self.routers.get((told.frame.interface, told.advert.family, told.advert.vrid))
            is_own = told.frame.outgoing
            if not is_own or (router and is_still_ours(told, router, self.held, now_ns)):
                self._take_advert(told)
        return began_ns

    def _take(self, frame: Frame) -> None:
        if answer := read_answer(frame):
            self._take_answer(*answer, frame.boottime_ns)
        elif is_echo(frame):
            self.trials.take(frame)
        elif frame.protocol in (ETHERTYPE_IPV4, ETHERTYPE_IPV6):
            try:
                advert = parse_advert(frame.packet)
                self._take_advert(Told(frame=frame, advert=advert, first_ns=frame.boottime_ns, times=1))
            except MalformedAdvertError as error:
                if len(self.malformed) < MOST_SPEAKERS:
                    self.malformed.setdefault(frame.mac, f"{frame.mac} sends what is no advert: {error}")

    def _take_answer(self, question: Question, mac: str, now_ns: int) -> None:
        if question not in self.asked or mac in self.own_macs:
            return
        answers = self.answers.setdefault(question, {})
        if known := answers.get(mac):
            answers[mac] = replace(known, last_ns=now_ns, answers=known.answers + 1)
        elif len(answers) < MOST_ANSWERS:
            answers[mac] = Answer(mac=mac, first_ns=now_ns, last_ns=now_ns, answers=1)

    def _take_advert(self, told: Told) -> None:
        frame, advert = told.frame, told.advert
        key = (frame.interface, advert.family, advert.vrid)
        if frame.outgoing or advert.source in self.own:
            # Sent by us, or sent by us and reflected by a virtual switch.
            if frame.outgoing and key in self.routers and advert.priority != STEPPING_DOWN:
                self._take_own(key, told)
            return
        if key not in self.routers:
            if len(self.routers) >= MOST_ROUTERS:
                self.crowd += 1
                return
            self.routers[key] = _heard(frame.interface, advert)
        speakers = self.speakers.setdefault(key, {})
        known = speakers.get(advert.source)
        if known is None and len(speakers) >= MOST_SPEAKERS:
            self.crowd += 1
            return
        stepping_down = advert.priority == STEPPING_DOWN
        speakers[advert.source] = Speaker(
            address=advert.source,
            mac=frame.mac,
            priority=known.priority if known and stepping_down else advert.priority,
            terms=self._terms(key, frame, advert),
            ttl=advert.ttl,
            checksum=advert.checksum,
            first_ns=known.first_ns if known and _goes_on(known, told) else told.first_ns,
            last_ns=frame.boottime_ns,
            adverts=known.adverts + told.times if known else told.times,
            stepped_down=stepping_down,
        )

    def _take_own(self, key: Key, told: Told) -> None:
        known = self.routers[key].sent
        sent = Sent(
            source=known.source if known else told.advert.source,
            first_ns=known.first_ns if known and _goes_on(known, told) else told.first_ns,
            last_ns=told.frame.boottime_ns,
            adverts=known.adverts + told.times if known else told.times,
            priority=told.advert.priority,
        )
        self.routers[key] = replace(self.routers[key], sent=sent)

    def _terms(self, key: Key, frame: Frame, advert: Advert) -> Terms:
        return Terms(
            version=advert.version,
            interval_seconds=advert.interval_seconds,
            auth=advert.auth,
            password=self._number(key, frame.packet),
            destination=advert.destination if advert.is_multicast else UNICAST,
            addresses=advert.addresses,
        )

    def _number(self, key: Key, packet: bytes) -> int | None:
        """Return the number of an advert's password: OUR_PASSWORD, or its place among the others heard."""
        password = read_password(packet)
        if password is None:
            return None
        digest = digest_password(password)
        heard = self.passwords.setdefault(key, [self.plan.digests.get(key, "")])
        if digest not in heard and len(heard) <= MOST_SPEAKERS:
            heard.append(digest)
        return heard.index(digest) if digest in heard else OUR_PASSWORD + len(heard)


def take_turn(questions: Sequence[Question], rounds: int) -> list[Question]:
    """Return those whose turn it is: in one round no more than MOST_QUESTIONS are asked."""
    several = list(dict.fromkeys(questions))
    begin = rounds * MOST_QUESTIONS % (len(several) + -len(several) % MOST_QUESTIONS or 1)
    return several[begin : begin + MOST_QUESTIONS]


def _goes_on(known: Speaker | Sent, told: Told) -> bool:
    """Tell whether these adverts go on from what is known of their machine."""
    gap_seconds = (told.first_ns - known.last_ns) / SECOND_NS
    is_over = isinstance(known, Speaker) and known.stepped_down
    return not is_over and goes_on(told.advert.interval_seconds, gap_seconds)


def _question(key: Key, speaker: Speaker) -> Question:
    return Question(interface=key[0], address=speaker.address)


def _heard(interface: str, advert: Advert) -> Router:
    """Return a virtual router that is known by an advert only."""
    return Router(
        interface=interface,
        family=advert.family,
        vrid=advert.vrid,
        vips=tuple(Vip(address=address, interface=interface) for address in advert.addresses[:MOST_VIPS]),
        expected_interval_seconds=advert.interval_seconds,
    )


def start_listener(host: Host, wire: Wire, kernel: Kernel, plan: Plan) -> Listener:
    """Return a listener that knows nothing yet but the plan."""
    routers = {key_of(router): router for router in plan.routers}
    return Listener(host=host, wire=wire, kernel=kernel, plan=plan, routers=routers, own_macs=own_macs(host))
