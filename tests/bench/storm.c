/* Sends JSON bodies, each over a TLS connection of its own without resumption, and tells how the answers came.
 * usage: storm PORT PATH FILE EXPECT rate PER_SECOND     one body after the other at a constant rate, however slow the answers are
 *        storm PORT PATH FILE EXPECT at-once CONNECTIONS as fast as the answers come, over so many connections at a time
 * On 127.0.0.1. FILE has a body a line; each is sent once. An answer is good when its status is 200 and EXPECT stands in it. It prints
 * "sent N good N seconds S p50_ms M p99_ms M max_ms M" and, on stderr, the first answers that were not good. A time begins when the call
 * was due, not when it was begun, so that waiting for a slow server is not left out. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OPEN_MAX 8192
#define ANSWER_MAX 8192
#define REQUEST_MAX 8192
#define PATIENCE_NS (INT64_C(30) * 1000000000)
#define EVENTS 256
#define TOLD 5

struct call {
	SSL *ssl;
	int fd, next; /* next free one */
	int64_t due;
	bool connected, asked;
	int request_length, sent;
	size_t got;
	uint32_t waits;
	char request[REQUEST_MAX], answer[ANSWER_MAX + 1];
};

static struct call *calls;
static int free_calls, in_flight, set, told;
static SSL_CTX *context;
static const char *path, *expect, *bodies, *bodies_end;
static in_port_t port;
static float *times;
static long answered, good;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The next line of the file; false when all are sent. */
static bool next_body(const char **body, int *length)
{
	const char *end;

	if (bodies == bodies_end)
		return false;
	end = memchr(bodies, '\n', (size_t)(bodies_end - bodies));
	*body = bodies;
	*length = (int)((end ? end : bodies_end) - bodies);
	bodies = end ? end + 1 : bodies_end;
	return true;
}

static void end_call(struct call *c, bool was_good, const char *why)
{
	times[answered++] = (float)((double)(now_ns() - c->due) / 1e6);
	good += was_good;
	if (!was_good && told++ < TOLD) {
		const char *body = c->got ? strstr(c->answer, "\r\n\r\n") : NULL;

		fprintf(stderr, "storm: %s: %.*s %s\n", why, (int)strcspn(c->answer, "\r"), c->answer, body ? body + 4 : "");
	}
	SSL_shutdown(c->ssl); /* the notice alone */
	SSL_free(c->ssl);
	close(c->fd);
	ERR_clear_error();
	c->ssl = NULL;
	c->next = free_calls;
	free_calls = (int)(c - calls);
	in_flight--;
}

static void wait_for(struct call *c, uint32_t what)
{
	struct epoll_event e = {.events = what, .data.u32 = (uint32_t)(c - calls)};

	if (c->waits != what && epoll_ctl(set, c->waits ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &e) != 0)
		give_up("epoll_ctl");
	c->waits = what;
}

/* True when the answer is whole. */
static bool whole(struct call *c)
{
	const char *end, *length;

	c->answer[c->got] = 0;
	end = strstr(c->answer, "\r\n\r\n");
	length = end ? strcasestr(c->answer, "\r\nContent-Length:") : NULL;
	return length && length < end && c->got >= (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
}

static void judge(struct call *c)
{
	bool fine = strncmp(c->answer, "HTTP/1.1 200 ", 13) == 0 && strstr(c->answer, expect);

	end_call(c, fine, "not a good answer");
}

/* What the library waits for; false when the connection is broken. */
static bool may_wait(struct call *c, int result)
{
	int why = SSL_get_error(c->ssl, result);

	if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		return false;
	wait_for(c, why == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
	return true;
}

static void go_on(struct call *c)
{
	int n;

	if (!c->connected) {
		n = SSL_connect(c->ssl);
		if (n != 1) {
			if (!may_wait(c, n))
				end_call(c, false, "no TLS connection");
			return;
		}
		c->connected = true;
	}
	if (!c->asked) {
		n = SSL_write(c->ssl, c->request, c->request_length);
		if (n <= 0) {
			if (!may_wait(c, n))
				end_call(c, false, "cut while sending");
			return;
		}
		c->asked = true;
	}
	for (;;) {
		n = SSL_read(c->ssl, c->answer + c->got, (int)(ANSWER_MAX - c->got));
		if (n <= 0) {
			if (!may_wait(c, n))
				end_call(c, false, "cut before the answer was whole");
			return;
		}
		c->got += (size_t)n;
		if (whole(c)) {
			judge(c);
			return;
		}
		if (c->got == ANSWER_MAX) {
			end_call(c, false, "the answer is too long");
			return;
		}
	}
}

static bool begin_call(int64_t due)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct call *c;
	const char *body;
	int length;

	if (!next_body(&body, &length))
		return false;
	if (free_calls < 0) { /* the server does not keep up at all */
		times[answered++] = (float)((double)PATIENCE_NS / 1e6);
		return true;
	}
	c = &calls[free_calls];
	free_calls = c->next;
	in_flight++;
	c->due = due;
	c->connected = c->asked = false;
	c->got = 0;
	c->waits = 0;
	c->answer[0] = 0;
	c->request_length = snprintf(c->request, sizeof c->request,
				     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
				     "%d\r\nConnection: close\r\n\r\n%.*s",
				     path, length, length, body);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	c->ssl = SSL_new(context);
	if (c->request_length >= REQUEST_MAX || c->fd < 0 || !c->ssl || SSL_set_fd(c->ssl, c->fd) != 1)
		give_up("connection");
	if (connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) {
		end_call(c, false, strerror(errno));
		return true;
	}
	SSL_set_connect_state(c->ssl);
	wait_for(c, EPOLLOUT);
	return true;
}

static void serve_events(int64_t until)
{
	struct epoll_event events[EVENTS];
	int64_t left = until - now_ns();
	struct timespec timeout = {.tv_sec = left > 0 ? left / 1000000000 : 0, .tv_nsec = left > 0 ? left % 1000000000 : 0};
	int n = epoll_pwait2(set, events, EVENTS, &timeout, NULL);

	if (n < 0 && errno != EINTR)
		give_up("epoll_pwait2");
	for (int i = 0; i < n; i++)
		go_on(&calls[events[i].data.u32]);
}

static void give_up_late(void)
{
	int64_t now = now_ns();

	for (int i = 0; i < OPEN_MAX; i++)
		if (calls[i].ssl && now - calls[i].due > PATIENCE_NS)
			end_call(&calls[i], false, "no answer within 30 s");
}

static void at_rate(double rate)
{
	int64_t start = now_ns(), due = start;
	bool more = true;

	for (long i = 0; more || in_flight;) {
		while (more && now_ns() >= due) {
			more = begin_call(due);
			due = start + (int64_t)((double)++i * 1e9 / rate);
		}
		serve_events(more ? due : now_ns() + 1000000000);
		if (!more)
			give_up_late();
	}
}

static void at_once(int connections)
{
	bool more = true;

	while (more || in_flight) {
		while (more && in_flight < connections)
			more = begin_call(now_ns());
		serve_events(now_ns() + 1000000000);
		give_up_late();
	}
}

static void map_bodies(const char *file)
{
	struct stat info;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	long lines = 1;

	if (fd < 0 || fstat(fd, &info) != 0 || info.st_size == 0)
		give_up(file);
	bodies = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bodies == MAP_FAILED)
		give_up(file);
	bodies_end = bodies + info.st_size;
	for (const char *p = bodies; p < bodies_end; p++)
		lines += *p == '\n';
	times = calloc((size_t)lines, sizeof *times);
	calls = calloc(OPEN_MAX, sizeof *calls);
	if (!times || !calls)
		give_up("memory");
	for (int i = 0; i < OPEN_MAX; i++)
		calls[i].next = i + 1 < OPEN_MAX ? i + 1 : -1;
}

static int by_time(const void *one, const void *other)
{
	float a = *(const float *)one, b = *(const float *)other;

	return (a > b) - (a < b);
}

static float quantile(double part)
{
	return times[(long)((double)(answered - 1) * part)];
}

int main(int argc, char **argv)
{
	double value = argc == 7 ? atof(argv[6]) : 0;
	bool rate = argc == 7 && strcmp(argv[5], "rate") == 0;
	int64_t start;

	if (value <= 0 || (!rate && (strcmp(argv[5], "at-once") != 0 || value > OPEN_MAX))) {
		fprintf(stderr, "usage: %s PORT PATH FILE EXPECT rate PER_SECOND | at-once CONNECTIONS\n", argv[0]);
		return 2;
	}
	port = htons((uint16_t)atoi(argv[1]));
	path = argv[2];
	expect = argv[4];
	map_bodies(argv[3]);
	signal(SIGPIPE, SIG_IGN); /* a connection that was cut tells so itself */
	set = epoll_create1(EPOLL_CLOEXEC);
	context = SSL_CTX_new(TLS_client_method());
	if (set < 0 || !context)
		give_up("start");
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	start = now_ns();
	if (rate)
		at_rate(value);
	else
		at_once((int)value);
	double seconds = (double)(now_ns() - start) / 1e9;
	qsort(times, (size_t)answered, sizeof *times, by_time);
	printf("sent %ld good %ld seconds %.3f p50_ms %.2f p99_ms %.2f max_ms %.2f\n", answered, good, seconds, (double)quantile(0.5),
	       (double)quantile(0.99), (double)quantile(1));
	return good != answered;
}
