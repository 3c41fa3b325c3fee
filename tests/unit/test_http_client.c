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
static FILE *said;
static const char *url;

static char *file(const char *name)
{
	return arena_printf(a, "%s/%s", folder, name);
}

static bool run(const char *command)
{
	return system(command) == 0; /* NOLINT: a command of ours */
}

/* openssl prints where it listens, then what clients send, until its standard input ends. */
static bool serve(void)
{
	int in[2], out[2], port = 0;
	char line[200];
	if (!mkdtemp(folder) || pipe(in) != 0 || pipe(out) != 0 ||
	    !run(arena_printf(a, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
				 "-addext subjectAltName=DNS:localhost -keyout %s/key -out %s/certificate >%s/log 2>&1",
			      folder, folder, folder)))
		return false;
	server = fork();
	if (server == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-key", file("key"), "-cert", file("certificate"), (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	said = fdopen(out[0], "r");
	while (port == 0 && fgets(line, sizeof(line), said))
		if (sscanf(line, "ACCEPT 127.0.0.1:%d", &port) != 1)
			port = 0;
	url = arena_printf(a, "https://localhost:%d/", port);
	return port > 0;
}

static const char *post(const char *text, int64_t send_by)
{
	struct http_answer answer;
	const struct http_call call = {.url = url, .body = {(const unsigned char *)text, strlen(text)}, .ca_file = file("certificate"), .connect_ms = 20000,
				       .timeout_ms = send_by ? 20000 : 500, .send_by = send_by};
	CHECK(http_post(a, &call, &answer) == ST_UNAVAILABLE); /* this server never answers */
	return answer.error;
}

static void test_nothing_is_sent_after_its_time(void)
{
	char line[200] = "";
	bool late = false;
	CHECK_TEXT(post("too late\n", clock_monotonic_ms() - 1), "connect");
	CHECK_TEXT(post("in time\n", 0), "timeout");
	while (!strstr(line, "in time") && fgets(line, sizeof(line), said))
		late = late || strstr(line, "too late");
	CHECK(strstr(line, "in time") && !late);
}

int main(void)
{
	a = arena_create();
	alarm(60); /* rather than wait for a server that says nothing */
	http_client_start();
	CHECK(serve());
	RUN(test_nothing_is_sent_after_its_time);
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	(void)run(arena_printf(a, "rm -rf %s", folder));
	arena_destroy(a);
	return test_failures;
}
