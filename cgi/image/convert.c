/* A child process with three descriptors and an empty environment. What it answers is not trusted: a decoder that was
 * taken over can say anything, so sizes and form are checked. */
#include "image/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define LINE_MAX_BYTES 80
#define SIDE_MAX 65535

struct image_convert {
	struct arena *arena;
	pid_t pid;     /* 0: reaped */
	int pidfd, fd; /* -1: none; fd is our end of the child's standard input and output */
	size_t fed, limit;
	bool deaf; /* the child takes no more */
};

static const struct {
	const char *code, *key;
} refusals[] = {
	{"empty", "file.empty"},   {"big", "file.big"},       {"heic", "file.heic"}, {"type", "file.type"},
	{"broken", "file.broken"}, {"pixels", "file.pixels"}, {"small", "id.small"},
};

static void close_descriptor(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Reaps the child; a child that is still there is killed first when kill_it. Its wait status, -1 when there is none. */
static int reap(struct image_convert *p, bool kill_it)
{
	int status = -1;

	if (p->pid > 0) {
		if (kill_it)
			kill(p->pid, SIGKILL);
		while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
			;
		p->pid = 0;
	}
	close_descriptor(&p->pidfd);
	close_descriptor(&p->fd);
	return status;
}

static void release(void *object)
{
	reap(object, true);
}

/* One socket is the child's input and output; standard error goes nowhere, since only a broken child would write there. */
static int spawn_child(pid_t *pid, const char *program, int socket, char *const *argv)
{
	static char *const no_environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, pipe;
	int rc;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	rc = posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(&attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(&attributes, &pipe);
	if (rc == 0)
		rc = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (rc == 0)
		rc = posix_spawn(pid, program, &actions, &attributes, argv, no_environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* A socket pair of which neither end is 0, 1 or 2: the order of the child's dup2 calls then cannot hurt. */
static enum status make_socket(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return status_fail(ST_UNAVAILABLE, "socketpair: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		int high = ends[i] > STDERR_FILENO ? ends[i] : fcntl(ends[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

		if (high < 0) {
			int saved = errno;

			close(ends[0]);
			close(ends[1]);
			return status_fail(ST_UNAVAILABLE, "descriptor: %s", strerror(saved));
		}
		if (high != ends[i])
			close(ends[i]);
		ends[i] = high;
	}
	return ST_OK;
}

/* Waits until fd is ready for events; false when the deadline (clock_monotonic_ms) is over. */
static bool wait_ready(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = events};
		int64_t left = deadline - clock_monotonic_ms();
		int rc = poll(&ready, 1, left > 0 ? (int)left : 0);

		if (rc > 0)
			return true;
		if (rc == 0 || errno != EINTR)
			return false;
	}
}

static enum status hand_over(struct image_convert *p, const void *bytes, size_t length)
{
	int64_t deadline = clock_monotonic_ms() + IMAGE_WAIT_MS;
	const char *from = bytes;

	while (length > 0 && !p->deaf) {
		ssize_t put = send(p->fd, from, length, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put >= 0) {
			from += put;
			length -= (size_t)put;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			p->deaf = true;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!wait_ready(p->fd, POLLOUT, deadline))
				return status_fail(ST_UNAVAILABLE, "image program takes no bytes");
		} else if (errno != EINTR) {
			return status_fail(ST_ERROR, "image program: %s", strerror(errno));
		}
	}
	return ST_OK;
}

enum status image_feed(struct image_convert *p, const void *bytes, size_t length)
{
	if (length > p->limit - p->fed)
		return status_fail(ST_LIMIT, "picture above %zu bytes", p->limit);
	p->fed += length;
	return hand_over(p, bytes, length);
}

static enum status start(struct image_convert **out, struct arena *a, const char *program, size_t limit, char *const *argv)
{
	struct image_convert *p = arena_alloc(a, sizeof(*p));
	int ends[2], rc;
	enum status st = make_socket(ends);

	if (st != ST_OK)
		return st;
	*p = (struct image_convert){.arena = a, .limit = limit, .pidfd = -1, .fd = ends[0]};
	arena_cleanup(a, release, p);
	rc = spawn_child(&p->pid, program, ends[1], argv);
	close(ends[1]);
	if (rc != 0) {
		p->pid = 0;
		return status_fail(ST_UNAVAILABLE, "%s: %s", program, strerror(rc));
	}
	p->pidfd = pidfd_open(p->pid, 0);
	if (p->pidfd < 0)
		return status_fail(ST_UNAVAILABLE, "pidfd_open: %s", strerror(errno));
	*out = p;
	return ST_OK;
}

enum status image_start(struct image_convert **out, struct arena *a, const char *program, const struct config *c)
{
	size_t limit = (size_t)c->picture_max_mb << 20;
	char *argv[] = {
		arena_strdup(a, program),
		arena_strdup(a, "--max-bytes"),
		arena_printf(a, "%zu", limit),
		arena_strdup(a, "--max-megapixels"),
		arena_printf(a, "%d", c->picture_max_megapixels),
		NULL,
	};

	return start(out, a, program, limit, argv);
}

enum status image_start_marked(struct image_convert **out, struct arena *a, const char *program, const struct config *c,
			       const struct recode_mark *mark)
{
	char *argv[] = {
		arena_strdup(a, program),
		arena_strdup(a, "--max-bytes"),
		arena_printf(a, "%u", IMAGE_JPEG_MAX),
		arena_strdup(a, "--max-megapixels"),
		arena_printf(a, "%d", c->picture_max_megapixels),
		arena_strdup(a, "--min-side"),
		arena_strdup(a, "1"),
		arena_strdup(a, "--mark-width"),
		arena_printf(a, "%d", mark->width),
		arena_strdup(a, "--mark-height"),
		arena_printf(a, "%d", mark->height),
		NULL,
	};
	enum status st = start(out, a, program, IMAGE_JPEG_MAX, argv);

	return st == ST_OK ? hand_over(*out, mark->coverage, (size_t)mark->width * (size_t)mark->height) : st;
}

/* Everything the child writes until it closes its end. */
static enum status read_answer(struct image_convert *p, struct buffer *answer, int64_t deadline)
{
	char piece[16384];

	for (;;) {
		ssize_t got = recv(p->fd, piece, sizeof(piece), MSG_DONTWAIT);

		if (got > 0) {
			buffer_add(answer, piece, (size_t)got);
			if (answer->overflow)
				return status_fail(ST_ERROR, "image program answers with more than %u bytes", IMAGE_JPEG_MAX);
		} else if (got == 0 || errno == ECONNRESET) {
			return ST_OK;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!wait_ready(p->fd, POLLIN, deadline))
				return status_fail(ST_UNAVAILABLE, "image program gives no answer");
		} else if (errno != EINTR) {
			return status_fail(ST_ERROR, "image program: %s", strerror(errno));
		}
	}
}

/* What the end of the child says: ST_OK with *crashed when a signal ended it, which we blame on the picture. */
static enum status judge_end(int status, bool *crashed)
{
	*crashed = false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ST_OK;
	if (!WIFSIGNALED(status))
		return status_fail(ST_ERROR, "image program ended with %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	*crashed = true;
	if (WTERMSIG(status) == SIGSYS)
		log_alarm("image_sandbox", "a picture made the decoder ask for a forbidden system call");
	else
		log_warn("image_crash", "signal=%d", WTERMSIG(status));
	return ST_OK;
}

static enum status parse_answer(const struct buffer *answer, struct bytes *jpeg, int *width, int *height, const char **refused)
{
	char line[LINE_MAX_BYTES + 1], code[16];
	const char *end = memchr(answer->data, '\n', answer->length < LINE_MAX_BYTES ? answer->length : LINE_MAX_BYTES);
	size_t size;
	int w, h;

	if (!end)
		return status_fail(ST_ERROR, "image program: no first line");
	size = (size_t)(end - answer->data);
	memcpy(line, answer->data, size);
	line[size] = '\0';
	if (sscanf(line, "refused %15s", code) == 1) {
		for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
			if (strcmp(refusals[i].code, code) == 0) {
				*refused = refusals[i].key;
				return ST_OK;
			}
		return status_fail(ST_ERROR, "image program: unknown refusal");
	}
	size = answer->length - size - 1;
	if (sscanf(line, "ok %5d %5d %15s", &w, &h, code) != 3 || w < 1 || h < 1 || w > SIDE_MAX || h > SIDE_MAX || size < 4 ||
	    memcmp(end + 1, "\xFF\xD8\xFF", 3) != 0)
		return status_fail(ST_ERROR, "image program: bad answer");
	*jpeg = (struct bytes){.data = (const unsigned char *)end + 1, .length = size};
	*width = w;
	*height = h;
	*refused = NULL;
	return ST_OK;
}

enum status image_finish(struct image_convert *p, struct bytes *jpeg, int *width, int *height, const char **refused)
{
	int64_t deadline = clock_monotonic_ms() + IMAGE_WAIT_MS;
	struct buffer answer;
	enum status st;
	bool crashed;

	buffer_init(&answer, p->arena, IMAGE_JPEG_MAX + LINE_MAX_BYTES);
	shutdown(p->fd, SHUT_WR);
	st = read_answer(p, &answer, deadline);
	/* It has closed its output: it ends at once, unless it is up to something. */
	if (st == ST_OK && !wait_ready(p->pidfd, POLLIN, deadline))
		st = status_fail(ST_UNAVAILABLE, "image program does not end");
	if (st != ST_OK) {
		reap(p, true);
		return st;
	}
	st = judge_end(reap(p, false), &crashed);
	if (st != ST_OK)
		return st;
	if (crashed) {
		*refused = "file.broken";
		return ST_OK;
	}
	return parse_answer(&answer, jpeg, width, height, refused);
}
