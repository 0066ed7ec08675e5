import signal as os_signal
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import timedelta
from json import dumps as to_json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from signalflow import conf, deliveries, registry
from signalflow.models import Delivery, Trace
from signalflow.operating import catalogue, operations, trees, wiring
from signalflow.signals import pruning_requested
from signalflow.worker import Worker


class Command(BaseCommand):
    help = "See the wiring, execute deliveries, and look after those that failed."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name,
            subcommand,
            formatter_class=RawDescriptionHelpFormatter,
            epilog="Example: manage.py signals work --until-empty",
            **kwargs,
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        wiring = acts.add_parser("list", help="which receiver hears which signal, and when it runs")
        wiring.add_argument("--signal", help="only signals whose name contains this")
        wiring.add_argument("--app", help="only receivers of this app")
        form = wiring.add_mutually_exclusive_group()
        form.add_argument("--orphans", action="store_true", help="signals that nobody hears")
        form.add_argument("--json", action="store_true", help="as data")
        form.add_argument("--dot", action="store_true", help="as a drawing for Graphviz")
        acts.add_parser("catalogue", help="every signal in full, as a page of Markdown")
        work = acts.add_parser("work", help="execute deliveries until stopped")
        work.add_argument("--until-empty", action="store_true", help="end when nothing is due")
        work.add_argument("--limit", type=int, metavar="N", help="end after N attempts")
        acts.add_parser("failed", help="deliveries that need a person, and those tried again")
        for name, text in (("retry", "give a fresh start to"), ("skip", "never run")):
            act = acts.add_parser(name, help=f"{text} these deliveries")
            act.add_argument("ids", nargs="+", type=int, metavar="ID")
        traces = acts.add_parser("traces", help="what ran lately, each action as a tree")
        traces.add_argument("--errors", action="store_true", help="only those with a failure")
        traces.add_argument("--follow", action="store_true", help="go on showing new ones")
        traces.add_argument("--limit", type=int, default=10, metavar="N", help="how many (10)")
        again = acts.add_parser("replay", help="give a receiver its ended deliveries once more")
        again.add_argument("--receiver", required=True, metavar="UID")
        again.add_argument("--since", required=True, metavar="WHEN", help="2026-11-23T09:00+00:00")
        again.add_argument("--dry-run", action="store_true", help="only say how many")
        prune = acts.add_parser("prune", help="delete deliveries that ended well long ago")
        prune.add_argument("--days", type=int, help="how long ago (default: option KEEP_DAYS)")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        getattr(self, f"do_{act}")(**options)

    def do_list(
        self, *, signal: str | None, app: str | None, orphans: bool, json: bool, dot: bool, **_: Any
    ) -> None:
        if orphans:
            found = wiring.orphans()
            self.stdout.write("\n".join([*found, f"{len(found)} signals that nobody hears."]))
            return
        rows = wiring.select(
            wiring.edges(fired=wiring.observed() if json else None),
            signal=signal or "",
            app=app or "",
        )
        if json:
            self.stdout.write(to_json(wiring.as_json(rows), indent=2))
        elif dot:
            self.stdout.write(wiring.as_dot(rows))
        else:
            for row in rows:
                self.stdout.write(
                    f"{row.signal}  from {row.sender}  → {row.receiver}  ({row.phase})"
                )
            self.stdout.write(f"{len(rows)} connections.")

    def do_catalogue(self, **options: Any) -> None:
        self.stdout.write(catalogue.page(), ending="")

    def do_traces(self, *, errors: bool, follow: bool, limit: int, **options: Any) -> None:
        rows = trees.with_errors() if errors else Trace.objects.all()
        shown: set[str] = set()
        try:
            while True:
                for trace in reversed(rows.exclude(pk__in=shown)[:limit]):
                    shown.add(trace.pk)
                    self.stdout.write(f"{trace.created_at:%Y-%m-%d %H:%M:%S}  {trace.pk}")
                    self.stdout.write("\n".join(trees.lines(trees.joined(trace), 1)))
                if not follow:
                    return
                time.sleep(1)
        except KeyboardInterrupt:
            return

    def do_replay(self, *, receiver: str, since: str, dry_run: bool, **options: Any) -> None:
        moment = parse_datetime(since)
        if moment is None or timezone.is_naive(moment):
            raise CommandError("--since is a moment with its offset: 2026-11-23T09:00+00:00")
        if registry.find(receiver) is None:
            raise CommandError(f"No receiver is registered as {receiver}.")
        with transaction.atomic():
            count = len(operations.replay(receiver, moment))
            transaction.set_rollback(dry_run)
        self.stdout.write(f"{count} deliveries {'would be' if dry_run else 'are'} given again.")

    def do_work(self, *, until_empty: bool, limit: int | None, **options: Any) -> None:
        worker = Worker(until_empty=until_empty, limit=limit)
        for number in (os_signal.SIGTERM, os_signal.SIGINT):
            os_signal.signal(number, lambda *_: worker.stop())
        outcomes = worker.run()
        parts = [f"{count} {outcome.value}" for outcome, count in outcomes.items()]
        self.stdout.write(f"Deliveries: {', '.join(parts) or 'none due'}.")
        bad = outcomes[deliveries.Outcome.FAILED] + outcomes[deliveries.Outcome.ORPHANED]
        if until_empty and bad:
            raise CommandError(f"{bad} need attention: manage.py signals failed")

    def do_failed(self, **options: Any) -> None:
        self._show("Need a person (retry or skip):", Delivery.objects.needs_attention())
        again = Delivery.objects.filter(state=Delivery.State.PENDING).exclude(error="")
        self._show("Failed before, will be tried again:", again)

    def _show(self, title: str, rows: QuerySet[Delivery]) -> None:
        if not rows:
            return
        self.stdout.write(title)
        for row in rows.order_by("pk"):
            self.stdout.write(
                f"  {row.pk}  {row.receiver}  {row.state}, {row.attempts} attempts"
                f"  {row.key and 'key ' + row.key}  {row.error}"
            )

    def do_retry(self, *, ids: list[int], **options: Any) -> None:
        self._say(operations.retry(*ids), ids, "will be tried again")

    def do_skip(self, *, ids: list[int], **options: Any) -> None:
        self._say(operations.skip(*ids), ids, "will not run")

    def _say(self, count: int, ids: list[int], what: str) -> None:
        self.stdout.write(f"{count} deliveries {what}.")
        if count < len(set(ids)):
            raise CommandError(f"{len(set(ids)) - count} of these are not failed or do not exist.")

    def do_prune(self, *, days: int | None, **options: Any) -> None:
        kept = conf.options().keep_days if days is None else days
        self.stdout.write(f"{operations.prune(before_days=kept)} deliveries deleted.")
        before = timezone.now() - timedelta(days=kept)
        pruning_requested.send(sender=type(self), before=before)
