/* What is sent and what is not, to a TLS server of openssl's on this machine. */
#include "providers/http_client.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "test.h"

static char folder[] = "/tmp/test_http_client.XXXXXX";
static struct arena *a;
static pid_t server;
static const char *url;

static char *file(const char *name)
{
	return arena_printf(a, "%s/%s", folder, name);
}

/* Where the server listens, 0 as long as it does not. */
static int port_of_server(void)
{
	FILE *said = fopen(file("heard"), "r");
	char line[100];
	int port = 0;
	while (said && port == 0 && fgets(line, sizeof(line), said))
		if (sscanf(line, "ACCEPT 127.0.0.1:%d", &port) != 1 || !strchr(line, '\n'))
			port = 0;
	if (said)
		fclose(said);
	return port;
}

static bool run(const char *command)
{
	return system(command) == 0; /* NOLINT: a command of ours */
}

/* openssl prints what a client sends; "ACCEPT" comes first, when it listens. */
static bool serve(void)
{
	int port = 0;
	if (!mkdtemp(folder) || !run(arena_printf(a, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
						     "-addext subjectAltName=DNS:localhost -keyout %s/key -out %s/certificate >%s/log 2>&1",
						     folder, folder, folder)))
		return false;
	server = fork();
	if (server == 0) {
		setpgid(0, 0);
		execl("/bin/sh", "sh", "-c",
		      arena_printf(a, "sleep 600 | exec openssl s_server -accept 127.0.0.1:0 -key %s/key -cert %s/certificate -naccept 3 >%s/heard 2>>%s/log",
				   folder, folder, folder, folder),
		      (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 2000 && port == 0; i++) {
		usleep(10000);
		port = port_of_server();
	}
	url = arena_printf(a, "https://localhost:%d/", port);
	return port > 0;
}

static const char *post(int64_t send_by)
{
	struct http_answer answer;
	const struct http_call call = {.url = url, .body = {(const unsigned char *)"a message", 9}, .ca_file = file("certificate"), .connect_ms = 20000,
				       .timeout_ms = send_by ? 20000 : 500, .send_by = send_by};
	CHECK(http_post(a, &call, &answer) == ST_UNAVAILABLE); /* this server never answers */
	return answer.error;
}

static void test_nothing_is_sent_after_its_time(void)
{
	CHECK_TEXT(post(clock_monotonic_ms() - 1), "connect");
	CHECK(!run(arena_printf(a, "grep -q 'a message' %s/heard", folder)));
	CHECK_TEXT(post(0), "timeout");
	CHECK(run(arena_printf(a, "grep -q 'a message' %s/heard", folder)));
}

int main(void)
{
	a = arena_create();
	http_client_start();
	CHECK(serve());
	RUN(test_nothing_is_sent_after_its_time);
	if (server > 0) {
		kill(-server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	(void)run(arena_printf(a, "rm -rf %s", folder));
	arena_destroy(a);
	return test_failures;
}
