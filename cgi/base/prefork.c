/* The parent waits for signals and children only; it touches no request, no database and no key. SIGTERM of a worker is
 * blocked except inside ppoll, so that no signal is lost between a test and a wait, and work in hand is finished. */
#include "base/prefork.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define DELAY_FIRST_MS 100
#define DELAY_MOST_MS 5000
#define EARLY_DEATH_MS 1000
#define FDS_MAX 32

static volatile sig_atomic_t stop_asked;

struct worker {
	pid_t pid;        /* 0: not running */
	int64_t started;  /* monotonic ms, like all times here */
	int64_t start_at; /* when it is to be started, while it is not running */
	int delay;        /* the last back-off */
	bool dismissed;   /* was sent SIGTERM by us */
	int64_t kill_at;  /* dismissed, or stopped by somebody's signal; 0 for never */
};

struct parent {
	const struct prefork *settings;
	struct worker *workers;
	sigset_t waited, before; /* the signals of the parent; the mask that it was started with */
	bool stopping, killed;
	int replacing; /* the worker that is being replaced for SIGHUP, -1 for none */
	bool replace_again;
};

/* ---- in a worker ---- */

static void on_stop(int signal_number)
{
	(void)signal_number;
	stop_asked = 1;
}

bool prefork_stopping(void)
{
	sigset_t pending;
	if (!stop_asked && sigpending(&pending) == 0 && sigismember(&pending, SIGTERM))
		stop_asked = 1;
	return stop_asked;
}

unsigned prefork_wait(const int *fds, int count, int timeout_ms)
{
	struct pollfd polled[FDS_MAX];
	sigset_t open_mask;
	int64_t end = clock_monotonic_ms() + timeout_ms;
	assert(count >= 0 && count <= FDS_MAX);
	for (int i = 0; i < count; i++)
		polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	sigprocmask(SIG_SETMASK, NULL, &open_mask);
	sigdelset(&open_mask, SIGTERM);
	/* asked before each ppoll: with a readable descriptor ppoll returns without delivering a pending signal */
	while (!prefork_stopping()) {
		int64_t left = timeout_ms < 0 ? 0 : end - clock_monotonic_ms();
		left = left < 0 ? 0 : left;
		struct timespec timeout = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
		int ready = ppoll(polled, (nfds_t)count, timeout_ms < 0 ? NULL : &timeout, &open_mask);
		if (ready < 0 && errno == EINTR)
			continue;
		unsigned mask = 0;
		for (int i = 0; i < count && ready > 0; i++)
			mask |= polled[i].revents ? 1u << i : 0;
		return stop_asked ? 0 : mask;
	}
	return 0;
}

bool prefork_wait_accept(int listener)
{
	static int set = -1; /* of this worker: made after the fork */
	static sigset_t open_mask;
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};

	if (set < 0) {
		set = epoll_create1(EPOLL_CLOEXEC);
		if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, listener, &event) != 0) {
			log_error("worker", "epoll: %s", strerror(errno));
			abort();
		}
		sigprocmask(SIG_SETMASK, NULL, &open_mask);
		sigdelset(&open_mask, SIGTERM);
	}
	while (!prefork_stopping())
		if (epoll_pwait(set, &event, 1, -1, &open_mask) > 0)
			return !stop_asked;
	return false;
}

static _Noreturn void run_worker(const struct parent *p, int number, pid_t parent)
{
	struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};
	struct rlimit none = {0, 0};
	sigset_t mask = p->before;
	/* a worker whose parent died, also just now, has nobody who would stop it */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
	/* memory holds personal data: no core files, no tracing */
	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its leak check traces the process */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	sigaction(SIGTERM, &stop, NULL);  /* without SA_RESTART */
	sigaction(SIGINT, &ignore, NULL); /* Ctrl-C reaches the whole group; the parent passes it on as SIGTERM */
	sigaction(SIGHUP, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaddset(&mask, SIGTERM);
	sigdelset(&mask, SIGINT);
	sigdelset(&mask, SIGHUP);
	sigdelset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	exit(p->settings->work(p->settings->context, number));
}

/* ---- in the parent ---- */

static void start_worker(struct parent *p, int number)
{
	struct worker *w = &p->workers[number];
	pid_t parent = getpid();
	fflush(NULL); /* or the worker would write it a second time */
	pid_t pid = fork();
	if (pid == 0)
		run_worker(p, number, parent);
	w->started = clock_monotonic_ms();
	if (pid < 0) {
		log_error("worker", "number=%d cannot start: %s", number, strerror(errno));
		w->start_at = w->started + EARLY_DEATH_MS;
		return;
	}
	w->pid = pid;
	w->dismissed = false;
	w->kill_at = 0;
	log_info("worker", "number=%d pid=%d started", number, (int)pid);
}

static void dismiss(struct parent *p, struct worker *w)
{
	if (!w->pid || w->dismissed)
		return;
	w->dismissed = true;
	w->kill_at = clock_monotonic_ms() + (int64_t)p->settings->grace_s * 1000;
	kill(w->pid, SIGTERM);
}

/* Goes on with the replacement behind worker number `from`: the next one that runs is dismissed. */
static void replace_next(struct parent *p, int from)
{
	p->replacing = -1;
	if (p->stopping)
		return;
	for (int i = from; i < p->settings->workers && p->replacing < 0; i++) {
		if (!p->workers[i].pid)
			continue; /* it will start anew anyway */
		p->replacing = i;
		dismiss(p, &p->workers[i]);
	}
	if (p->replacing < 0 && p->replace_again) {
		p->replace_again = false;
		replace_next(p, 0);
	}
}

static void bury(struct parent *p, int number, int how)
{
	struct worker *w = &p->workers[number];
	int64_t now = clock_monotonic_ms(), lived = now - w->started;
	bool good = WIFEXITED(how) && WEXITSTATUS(how) == 0;
	if (good)
		log_info("worker", "number=%d pid=%d ended", number, (int)w->pid);
	else
		log_error("worker", "number=%d pid=%d died %s=%d after ms=%lld", number, (int)w->pid, WIFSIGNALED(how) ? "signal" : "exit",
			  WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how), (long long)lived);
	if (good || w->dismissed || lived >= EARLY_DEATH_MS)
		w->delay = 0;
	else
		w->delay = !w->delay ? DELAY_FIRST_MS : w->delay * 2 < DELAY_MOST_MS ? w->delay * 2 : DELAY_MOST_MS;
	w->pid = 0;
	w->start_at = now + w->delay;
}

/* SIGSTOP and its like. Whoever stays so keeps what it holds, and nobody else may take it: it does not stay for ever. */
static void halt(struct parent *p, int number, int how)
{
	struct worker *w = &p->workers[number];
	log_warn("worker", "number=%d pid=%d stopped by signal=%d; it is killed unless it goes on within s=%d", number, (int)w->pid,
		 WSTOPSIG(how), p->settings->stopped_s);
	if (!w->dismissed)
		w->kill_at = clock_monotonic_ms() + (int64_t)p->settings->stopped_s * 1000;
}

static void hear_of(struct parent *p, int number, int how)
{
	struct worker *w = &p->workers[number];
	if (WIFSTOPPED(how))
		halt(p, number, how);
	else if (!WIFCONTINUED(how))
		bury(p, number, how);
	else if (!w->dismissed)
		w->kill_at = 0;
}

static void hear_of_children(struct parent *p)
{
	int how;
	for (pid_t pid; (pid = waitpid(-1, &how, WNOHANG | WUNTRACED | WCONTINUED)) > 0;) {
		for (int i = 0; i < p->settings->workers; i++) {
			if (p->workers[i].pid == pid)
				hear_of(p, i, how);
		}
	}
}

/* Starts who is due, kills who overstayed; the milliseconds until there is something to do again, -1 for never. */
static int64_t tend(struct parent *p, int *alive)
{
	int64_t now = clock_monotonic_ms(), next = -1;
	*alive = 0;
	for (int i = 0; i < p->settings->workers; i++) {
		struct worker *w = &p->workers[i];
		if (!w->pid && !p->stopping && w->start_at <= now) {
			start_worker(p, i);
			if (p->replacing == i && w->pid)
				replace_next(p, i + 1);
		}
		if (w->pid && w->kill_at && w->kill_at <= now) {
			log_warn("worker", "number=%d pid=%d %s", i, (int)w->pid, w->dismissed ? "did not end in time" : "was stopped for too long");
			kill(w->pid, SIGKILL);
			p->killed |= w->dismissed;
			w->kill_at = now + EARLY_DEATH_MS;
		}
	}
	for (int i = 0; i < p->settings->workers; i++) { /* after all changes: one start may have dismissed another worker */
		const struct worker *w = &p->workers[i];
		*alive += w->pid != 0;
		int64_t at = w->pid ? (w->kill_at ? w->kill_at : -1) : (p->stopping ? -1 : w->start_at);
		if (at >= 0 && (next < 0 || at < next))
			next = at;
	}
	return next < 0 ? -1 : next > now ? next - now : 0;
}

static void wait_for_signal(struct parent *p, int64_t ms)
{
	struct timespec timeout = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	int got = ms < 0 ? sigwaitinfo(&p->waited, NULL) : sigtimedwait(&p->waited, NULL, &timeout);
	if (got == SIGHUP && !p->stopping) {
		log_info("worker", "replacing all workers");
		if (p->replacing >= 0)
			p->replace_again = true;
		else
			replace_next(p, 0);
	} else if ((got == SIGTERM || got == SIGINT) && !p->stopping) {
		log_info("worker", "stopping");
		p->stopping = true;
		for (int i = 0; i < p->settings->workers; i++)
			dismiss(p, &p->workers[i]);
	}
}

enum status prefork_run(const struct prefork *settings)
{
	struct parent p = {.settings = settings, .replacing = -1};
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	int alive = 0;
	if (settings->workers < 1 || !(p.workers = calloc((size_t)settings->workers, sizeof(*p.workers))))
		return status_fail(ST_ERROR, "prefork: %d workers are not possible", settings->workers);
	sigemptyset(&p.waited);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&p.waited, signals[i]);
	sigprocmask(SIG_BLOCK, &p.waited, &p.before);
	/* a signal that is ignored would never become pending (SIGCHLD of some starters, SIGHUP of nohup) */
	struct sigaction normal = {.sa_handler = SIG_DFL}, old[sizeof(signals) / sizeof(signals[0])];
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &normal, &old[i]);
	for (;;) {
		hear_of_children(&p);
		int64_t ms = tend(&p, &alive);
		if (p.stopping && !alive)
			break;
		wait_for_signal(&p, ms);
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &old[i], NULL);
	sigprocmask(SIG_SETMASK, &p.before, NULL);
	free(p.workers);
	return p.killed ? status_fail(ST_ERROR, "prefork: a worker had to be killed") : ST_OK;
}
