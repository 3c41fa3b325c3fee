/* The prefork parent with real processes. Workers report by one struct written to a pipe; its end of file tells that the
 * last of them is gone. */
#include "base/prefork.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "test.h"

enum event { STARTED, ENDED, EVENT_MAX };
struct report {
	enum event event;
	int worker;
	pid_t pid;
};

static int reports[2], control[2];

static void tell(enum event event, int worker)
{
	struct report r = {event, worker, getpid()};
	if (write(reports[1], &r, sizeof(r)) != (ssize_t)sizeof(r))
		_exit(99);
}

/* The next report within five seconds. */
static bool hear(struct report *r)
{
	struct pollfd p = {.fd = reports[0], .events = POLLIN};
	return poll(&p, 1, 5000) == 1 && read(reports[0], r, sizeof(*r)) == (ssize_t)sizeof(*r);
}

static bool all_gone(void)
{
	struct report r;
	struct pollfd p = {.fd = reports[0], .events = POLLIN};
	while (poll(&p, 1, 5000) == 1) {
		if (read(reports[0], &r, sizeof(r)) == 0)
			return true;
	}
	return false;
}

static pid_t start_with(int workers, int grace_s, int stopped_s, int (*work)(void *, int))
{
	if (pipe2(reports, O_CLOEXEC) != 0 || pipe2(control, O_CLOEXEC) != 0)
		exit(99);
	fflush(stdout);
	pid_t parent = fork();
	if (parent == 0) {
		struct prefork p = {.workers = workers, .grace_s = grace_s, .stopped_s = stopped_s, .work = work};
		close(reports[0]);
		close(control[1]);
		_exit(prefork_run(&p) == ST_OK ? 0 : 1);
	}
	close(reports[1]);
	close(control[0]);
	return parent;
}

static pid_t start(int workers, int grace_s, int (*work)(void *, int))
{
	return start_with(workers, grace_s, 60, work);
}

/* The exit status of the parent. */
static int finish(pid_t parent)
{
	int how = -1;
	waitpid(parent, &how, 0);
	close(reports[0]);
	close(control[1]);
	return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

static int work_until_stop(void *context, int worker)
{
	(void)context;
	tell(STARTED, worker);
	while (!prefork_stopping())
		prefork_wait(NULL, 0, -1);
	tell(ENDED, worker);
	return 0;
}

static void test_prefork_stops_cleanly(void)
{
	struct report r;
	int started = 0, ended = 0;
	pid_t parent = start(3, 60, work_until_stop);
	for (int i = 0; i < 3; i++) {
		CHECK(hear(&r) && r.event == STARTED);
		started |= 1 << r.worker;
	}
	kill(parent, SIGTERM);
	for (int i = 0; i < 3; i++) {
		CHECK(hear(&r) && r.event == ENDED);
		ended |= 1 << r.worker;
	}
	CHECK(started == 7 && ended == 7);
	CHECK(finish(parent) == 0);
}

static int work_busy(void *context, int worker)
{
	char byte;
	(void)context;
	bool before = prefork_stopping(); /* the signal may come as soon as the start is told */
	tell(STARTED, worker);
	if (read(control[0], &byte, 1) != 1) /* work in hand: SIGTERM must not interrupt it */
		return 9;
	while (!prefork_stopping()) /* seen without a wait, too */
		continue;
	tell(ENDED, before);
	return 0;
}

static void test_prefork_finishes_work_in_hand(void)
{
	struct report r;
	pid_t parent = start(1, 60, work_busy);
	CHECK(hear(&r) && r.event == STARTED);
	kill(parent, SIGINT);
	CHECK(write(control[1], "x", 1) == 1);
	CHECK(hear(&r) && r.event == ENDED && r.worker == 0);
	CHECK(finish(parent) == 0);
}

static int work_under_load(void *context, int worker)
{
	int fds[] = {control[0], reports[1]};
	(void)context;
	tell(STARTED, worker);
	for (unsigned mask; (mask = prefork_wait(fds, 1, -1));) { /* readable all the time */
		if (mask != 1)
			return 9;
	}
	tell(ENDED, prefork_stopping());
	return 0;
}

static void test_prefork_stops_under_load(void)
{
	struct report r;
	pid_t parent = start(1, 60, work_under_load);
	CHECK(write(control[1], "x", 1) == 1);
	CHECK(hear(&r) && r.event == STARTED);
	kill(parent, SIGTERM);
	CHECK(hear(&r) && r.event == ENDED && r.worker == 1);
	CHECK(finish(parent) == 0);
}

static int work_crash(void *context, int worker)
{
	(void)context;
	tell(STARTED, worker);
	if (worker == 1)
		return work_until_stop(context, worker);
	_exit(3);
}

static void test_prefork_restarts_with_growing_delay(void)
{
	struct report r;
	int64_t began = clock_monotonic_ms();
	pid_t parent = start(2, 60, work_crash), steady = 0;
	for (int crashes = 0; crashes < 4;) {
		CHECK(hear(&r) && r.event == STARTED);
		crashes += r.worker == 0;
		CHECK(r.worker == 0 || !steady || steady == r.pid); /* the other worker is left alone */
		if (r.worker == 1)
			steady = r.pid;
	}
	CHECK(clock_monotonic_ms() - began >= 100 + 200 + 400);
	kill(parent, SIGTERM);
	CHECK(finish(parent) == 0);
}

static int work_once(void *context, int worker)
{
	(void)context;
	tell(STARTED, worker);
	return 0;
}

static void test_prefork_replaces_without_delay(void)
{
	struct report r;
	int64_t began = clock_monotonic_ms();
	pid_t parent = start(1, 60, work_once);
	for (int i = 0; i < 10; i++)
		CHECK(hear(&r) && r.event == STARTED);
	CHECK(clock_monotonic_ms() - began < 15000); /* the back-off would add up to 21 s */
	kill(parent, SIGTERM);
	CHECK(finish(parent) == 0);
}

static void test_prefork_hangup_replaces_all(void)
{
	struct report r;
	pid_t parent = start(2, 60, work_until_stop), old[2] = {0}, new[2] = {0};
	for (int i = 0; i < 2; i++) {
		CHECK(hear(&r) && r.event == STARTED);
		old[r.worker & 1] = r.pid;
	}
	kill(parent, SIGHUP);
	for (int ended = 0, started = 0; ended < 2 || started < 2;) {
		if (!hear(&r)) {
			CHECK(!"heard of all four");
			break;
		}
		ended += r.event == ENDED;
		started += r.event == STARTED;
		if (r.event == STARTED)
			new[r.worker & 1] = r.pid;
	}
	CHECK(old[0] && old[1] && new[0] && new[1] && new[0] != old[0] && new[1] != old[1]);
	kill(parent, SIGTERM);
	CHECK(finish(parent) == 0);
}

static int work_stubborn(void *context, int worker)
{
	(void)context;
	tell(STARTED, worker);
	while (poll(NULL, 0, -1) <= 0)
		continue;
	return 0;
}

static void test_prefork_kills_the_stubborn(void)
{
	struct report r;
	pid_t parent = start(1, 0, work_stubborn);
	CHECK(hear(&r) && r.event == STARTED);
	kill(parent, SIGTERM);
	CHECK(finish(parent) == 1);
}

static void test_prefork_kills_who_stays_stopped(void)
{
	struct report r = {0};
	pid_t parent = start_with(1, 60, 1, work_until_stop);
	CHECK(hear(&r) && r.event == STARTED);
	pid_t stopped = r.pid;
	kill(stopped, SIGSTOP);
	CHECK(hear(&r) && r.event == STARTED && r.pid != stopped); /* it never told its end */
	CHECK(kill(stopped, 0) == -1);
	kill(parent, SIGTERM);
	CHECK(hear(&r) && r.event == ENDED);
	CHECK(finish(parent) == 0);
}

static void test_prefork_leaves_who_goes_on(void)
{
	struct report r = {0};
	pid_t parent = start_with(1, 60, 1, work_until_stop);
	CHECK(hear(&r) && r.event == STARTED);
	pid_t worker = r.pid;
	kill(worker, SIGSTOP);
	poll(NULL, 0, 200);
	kill(worker, SIGCONT);
	struct pollfd p = {.fd = reports[0], .events = POLLIN};
	CHECK(poll(&p, 1, 1500) == 0); /* longer than it may stay stopped */
	kill(parent, SIGTERM);
	CHECK(hear(&r) && r.event == ENDED && r.pid == worker);
	CHECK(finish(parent) == 0);
}

static void test_prefork_workers_follow_a_killed_parent(void)
{
	struct report r;
	pid_t parent = start(2, 60, work_until_stop);
	CHECK(hear(&r) && hear(&r));
	kill(parent, SIGKILL);
	CHECK(all_gone());
	CHECK(finish(parent) == 128 + SIGKILL);
}

static void test_prefork_wait_outside_of_workers(void)
{
	int fds[2];
	CHECK(pipe(fds) == 0);
	CHECK(prefork_wait(fds, 1, 20) == 0 && !prefork_stopping());
	CHECK(write(fds[1], "x", 1) == 1);
	CHECK(prefork_wait(fds, 1, -1) == 1);
	int both[] = {fds[0], fds[0]};
	CHECK(prefork_wait(both, 2, 0) == 3);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	RUN(test_prefork_stops_cleanly);
	RUN(test_prefork_finishes_work_in_hand);
	RUN(test_prefork_stops_under_load);
	RUN(test_prefork_restarts_with_growing_delay);
	RUN(test_prefork_replaces_without_delay);
	RUN(test_prefork_hangup_replaces_all);
	RUN(test_prefork_kills_the_stubborn);
	RUN(test_prefork_kills_who_stays_stopped);
	RUN(test_prefork_leaves_who_goes_on);
	RUN(test_prefork_workers_follow_a_killed_parent);
	RUN(test_prefork_wait_outside_of_workers);
	return test_failures;
}
