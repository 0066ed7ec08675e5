"""Traps that need real commits, several transactions or another process: told, and tested."""

from lab.catalogue import Told

TOLD = (
    Told(
        "Two overlapping cron runs publish everything twice",
        (21, 26),
        "Read what is due, then publish it: both runs have read before either has written. "
        "Five posts, ten announcements.",
        "Compare under the row's lock, in one transaction for each post: five announcements, "
        "whoever comes first.",
        "tests/test_signal_traps.py::test_check_then_act_publishes_twice",
    ),
    Told(
        "A recount in one statement is wrong under concurrency",
        (13,),
        "`UPDATE … SET count = (SELECT count(*) …)` waits for the other's row lock, but has "
        "counted with the eyes of its beginning: one of two is missing.",
        "Lock the row in a first statement, count in a second one, which sees what was "
        "committed meanwhile.",
        "tests/test_signal_traps.py::test_a_recount_in_one_statement_is_wrong",
    ),
    Told(
        "Two moderators approve one comment, and two mails go out",
        (23, 29),
        "Both find it pending, both approve, both announce.",
        "Compare under the lock: the second one changes nothing and is told who was first.",
        "tests/comments/test_moderating.py::test_two_moderators_approve_at_once",
    ),
    Told(
        "A slow reader puts the old page back",
        (5, 28),
        "The key is deleted after the commit, as it should be, and then a reader stores the page "
        "it built from the rows before: stale until it expires.",
        "A clock is read before the database; a change gives what it touches a younger reading, "
        "and the slow reader keeps a page that is too old already.",
        "tests/blog/invalidation/test_fresh_pages.py::test_a_slow_reader_stores_nothing_stale",
    ),
    Told(
        "Outside a transaction, on_commit comes before the other receivers",
        (4, 5),
        "In autocommit there is nothing to wait for: the callback runs at once, and receivers "
        "behind it have not run yet.",
        "Doors open a transaction; then every receiver has run before the first callback.",
        "tests/test_signal_traps.py::test_on_commit_in_autocommit_comes_before_the_other_receivers",
    ),
    Told(
        "A robust callback without a name leaks another error",
        (),
        "`on_commit(partial(…), robust=True)` logs the failure by `__qualname__`, which a partial "
        "has not: the caller gets an AttributeError after all.",
        "After-commit receivers catch and log by their uid, and need no `robust`.",
        "tests/test_signal_traps.py::test_a_robust_callback_without_a_name_leaks_another_error",
    ),
    Told(
        "A patched module silences nothing",
        (33,),
        "`mock.patch('accounts.receivers.…')` replaces a name; what was connected is the function "
        "itself, which still runs.",
        "`muted(receiver, reason=…)` for the length of the test.",
        "tests/test_signal_traps.py::test_patching_a_module_silences_nothing",
    ),
)
