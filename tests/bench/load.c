/* Asks for one page a fixed number of times over a fixed number of kept connections, as fast as the answers come.
 * usage: load PORT PATH CONNECTIONS REQUESTS COOKIE   on 127.0.0.1, plain HTTP; COOKIE may be empty
 * It prints "requests N failed N seconds S". A failed one is any answer that is not 200. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256
#define ANSWER_MAX (256 * 1024)

struct connection {
	int fd; /* -1: to be opened */
	size_t got;
	char answer[ANSWER_MAX + 1];
};

static struct connection connections[CONNECTIONS_MAX];
static struct pollfd polled[CONNECTIONS_MAX];
static char request[8192];
static int request_length, port;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void ask(struct connection *c)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};

	if (c->fd < 0) {
		c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
			give_up("connect");
	}
	c->got = 0;
	if (send(c->fd, request, (size_t)request_length, MSG_NOSIGNAL) != request_length)
		give_up("send");
}

/* The length of the whole answer, 0 while its headers are not complete. */
static size_t answer_length(struct connection *c)
{
	const char *end, *length;

	c->answer[c->got] = 0;
	end = strstr(c->answer, "\r\n\r\n");
	if (!end)
		return 0;
	length = strcasestr(c->answer, "\r\nContent-Length:");
	if (!length || length > end) {
		fprintf(stderr, "load: an answer without Content-Length\n");
		exit(1);
	}
	return (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
}

/* True when the answer is whole; *good tells whether it was 200. */
static bool take(struct connection *c, bool *good)
{
	ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX - c->got, 0);
	size_t whole;

	if (n <= 0)
		give_up("answer ended early");
	c->got += (size_t)n;
	whole = answer_length(c);
	if (whole > ANSWER_MAX)
		give_up("answer too large");
	if (!whole || c->got < whole)
		return false;
	*good = strncmp(c->answer, "HTTP/1.1 200 ", 13) == 0;
	if (strcasestr(c->answer, "\r\nConnection: close")) {
		close(c->fd);
		c->fd = -1;
	}
	return true;
}

int main(int argc, char **argv)
{
	int count = argc == 6 ? atoi(argv[3]) : 0, requests = argc == 6 ? atoi(argv[4]) : 0, asked = 0, answered = 0, failed = 0;
	struct timespec start, end;

	if (count < 1 || count > CONNECTIONS_MAX || requests < count) {
		fprintf(stderr, "usage: %s PORT PATH CONNECTIONS REQUESTS COOKIE\n", argv[0]);
		return 2;
	}
	port = atoi(argv[1]);
	request_length = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nUser-Agent: load\r\n%s%s%s\r\n", argv[2],
	                          *argv[5] ? "Cookie: " : "", argv[5], *argv[5] ? "\r\n" : "");
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < count; i++, asked++) {
		connections[i].fd = -1;
		ask(&connections[i]);
	}
	while (answered < requests) {
		for (int i = 0; i < count; i++)
			polled[i] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
		if (poll(polled, (nfds_t)count, 30000) <= 0)
			give_up("no answer within 30 s");
		for (int i = 0; i < count; i++) {
			bool good;
			if (!polled[i].revents || !take(&connections[i], &good))
				continue;
			answered++;
			failed += !good;
			if (asked < requests) {
				ask(&connections[i]);
				asked++;
			} else if (connections[i].fd >= 0) {
				close(connections[i].fd);
				connections[i].fd = -1;
			}
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("requests %d failed %d seconds %.3f\n", answered, failed,
	       (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
	return failed != 0;
}
