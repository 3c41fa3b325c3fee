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

struct refusal {
	const char *code, *key;
};
static const struct refusal refusals[] = {
	{"empty", "file.empty"},   {"big", "file.big"},       {"heic", "file.heic"}, {"type", "file.type"},
	{"broken", "file.broken"}, {"pixels", "file.pixels"}, {"small", "id.small"},	 {NULL, NULL},
};
static const struct refusal pdf_refusals[] = {
	{"empty", "file.empty"},     {"big", "file.big"},       {"type", "paper.type"}, {"locked", "paper.locked"},
	{"broken", "paper.broken"}, {"long", "paper.long"}, {NULL, NULL},
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

enum status pdf_start(struct image_convert **out, struct arena *a, const char *program, const struct config *c)
{
	size_t limit = (size_t)c->picture_max_mb << 20;
	char *argv[] = {arena_strdup(a, program), arena_strdup(a, "--max-bytes"), arena_printf(a, "%zu", limit), NULL};

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
				return status_fail(ST_ERROR, "image program answers with more than %zu bytes", answer->length);
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
	if (WIFEXITED(status) && WEXITSTATUS(status) == IMAGE_CANNOT_DRAW) { /* a page that cannot be drawn */
		*crashed = true;
		return ST_OK;
	}
	if (!WIFSIGNALED(status))
		return status_fail(ST_ERROR, "image program ended with %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	*crashed = true;
	if (WTERMSIG(status) == SIGSYS)
		log_alarm("image_sandbox", "a picture made the decoder ask for a forbidden system call");
	else
		log_warn("image_crash", "signal=%d", WTERMSIG(status));
	return ST_OK;
}

/* The next line of what is left, without its end, in line (LINE_MAX_BYTES + 1). False: there is none. */
static bool next_line(struct bytes *rest, char *line)
{
	const unsigned char *end = memchr(rest->data, '\n', rest->length < LINE_MAX_BYTES ? rest->length : LINE_MAX_BYTES);
	size_t size = end ? (size_t)(end - rest->data) : 0;

	if (!end)
		return false;
	memcpy(line, rest->data, size);
	line[size] = '\0';
	*rest = (struct bytes){end + 1, rest->length - size - 1};
	return true;
}

/* Whether the line refuses; *key for a code that is known. */
static bool refuses(const char *line, const struct refusal *table, const char **key)
{
	char code[16];

	*key = NULL;
	if (sscanf(line, "refused %15s", code) != 1)
		return false;
	while (table->code && strcmp(table->code, code) != 0)
		table++;
	*key = table->key;
	return true;
}

static bool is_jpeg(struct bytes b)
{
	return b.length >= 4 && memcmp(b.data, "\xFF\xD8\xFF", 3) == 0;
}

static enum status parse_answer(struct bytes rest, struct bytes *jpeg, int *width, int *height, const char **refused)
{
	char line[LINE_MAX_BYTES + 1], type[16];
	int w, h;

	if (!next_line(&rest, line))
		return status_fail(ST_ERROR, "image program: no first line");
	if (refuses(line, refusals, refused))
		return *refused ? ST_OK : status_fail(ST_ERROR, "image program: unknown refusal");
	if (sscanf(line, "ok %5d %5d %15s", &w, &h, type) != 3 || w < 1 || h < 1 || w > SIDE_MAX || h > SIDE_MAX || !is_jpeg(rest))
		return status_fail(ST_ERROR, "image program: bad answer");
	*jpeg = rest;
	*width = w;
	*height = h;
	return ST_OK;
}

static enum status parse_pages(struct bytes rest, struct pdf_pages *out, const char **refused)
{
	char line[LINE_MAX_BYTES + 1];
	int w, h;
	size_t size;

	*out = (struct pdf_pages){0};
	if (!next_line(&rest, line))
		return status_fail(ST_ERROR, "PDF program: no first line");
	if (refuses(line, pdf_refusals, refused))
		return *refused ? ST_OK : status_fail(ST_ERROR, "PDF program: unknown refusal");
	if (sscanf(line, "ok %3d", &out->count) != 1 || out->count < 1 || out->count > PDF_PAGES_MAX)
		return status_fail(ST_ERROR, "PDF program: bad answer");
	for (int i = 0; i < out->count; i++) {
		if (!next_line(&rest, line) || sscanf(line, "%5d %5d %9zu", &w, &h, &size) != 3 || size > rest.length)
			return status_fail(ST_ERROR, "PDF program: page %d is not whole", i + 1);
		out->page[i] = (struct bytes){rest.data, size};
		if (!is_jpeg(out->page[i]))
			return status_fail(ST_ERROR, "PDF program: page %d is no JPEG", i + 1);
		rest = (struct bytes){rest.data + size, rest.length - size};
	}
	return rest.length == 0 ? ST_OK : status_fail(ST_ERROR, "PDF program: more than its pages");
}

/* Everything that the child answered; *crashed: it did not end well, for which we blame the file. */
static enum status finish(struct image_convert *p, size_t most, struct bytes *out, bool *crashed)
{
	int64_t deadline = clock_monotonic_ms() + IMAGE_WAIT_MS;
	struct buffer answer;
	enum status st;

	buffer_init(&answer, p->arena, most + LINE_MAX_BYTES);
	shutdown(p->fd, SHUT_WR);
	st = read_answer(p, &answer, deadline);
	/* It has closed its output: it ends at once, unless it is up to something. */
	if (st == ST_OK && !wait_ready(p->pidfd, POLLIN, deadline))
		st = status_fail(ST_UNAVAILABLE, "image program does not end");
	if (st != ST_OK) {
		reap(p, true);
		return st;
	}
	*out = (struct bytes){(const unsigned char *)answer.data, answer.length};
	return judge_end(reap(p, false), crashed);
}

enum status image_finish(struct image_convert *p, struct bytes *jpeg, int *width, int *height, const char **refused)
{
	struct bytes answer;
	bool crashed;
	enum status st = finish(p, IMAGE_JPEG_MAX, &answer, &crashed);

	if (st != ST_OK)
		return st;
	*refused = crashed ? "file.broken" : NULL;
	return crashed ? ST_OK : parse_answer(answer, jpeg, width, height, refused);
}

enum status pdf_finish(struct image_convert *p, struct pdf_pages *out, const char **refused)
{
	struct bytes answer;
	bool crashed;
	enum status st = finish(p, PDF_ANSWER_MAX, &answer, &crashed);

	if (st != ST_OK)
		return st;
	*refused = crashed ? "paper.broken" : NULL;
	return crashed ? ST_OK : parse_pages(answer, out, refused);
}
