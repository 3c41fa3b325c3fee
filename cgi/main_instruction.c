/* The instruction program: what carriers call (docs/t1.md). Opens the socket, keeps the workers alive, serves requests. It has a role of
 * its own in the database, and no key but the passwords of the connections. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcgiapp.h>
#include <fcgios.h>

#include "base/listener.h"
#include "base/log.h"
#include "base/prefork.h"
#include "carrier/endpoint.h"
#include "http/request_io.h"
#include "http/response.h"

#define BACKLOG 4096 /* a storm waits here; behind it nginx would be told that nobody listens */
#define STOP_GRACE_S 30
#define STOPPED_S 300
#define SEATS INSTRUCTIONS_MAX

struct program {
	struct config config;
	int socket;
};

/* One connection of nginx, and the call that came over it. */
struct seat {
	FCGX_Request fcgx;
	struct arena *arena;
	struct request r;
};

struct worker {
	struct site site;
	struct endpoint endpoint;
	struct seat seats[SEATS];
	struct call calls[SEATS];
};

/* Takes one call, if there is one; false when not. */
static bool take(struct worker *w, int i, int *accepted)
{
	struct seat *s = &w->seats[i];

	*accepted = FCGX_Accept_r(&s->fcgx);
	if (*accepted < 0)
		return false;
	if (request_begin(&s->r, s->arena, &w->site, &s->fcgx) != ST_OK)
		s->r.path = ""; /* of none of ours */
	log_request(s->r.id);
	endpoint_take(&w->endpoint, &w->calls[i], &s->r);
	log_request(NULL);
	return true;
}

static void send_answers(struct worker *w, int count)
{
	for (int i = 0; i < count; i++) {
		response_send(&w->seats[i].r);
		request_finish(&w->seats[i].r);
		arena_reset(w->seats[i].arena);
	}
}

/* What comes within the time of gathering is accepted with one commit: that, and not to be woken by each call, is most of what a call
 * costs. */
static bool serve_round(struct worker *w, int gather_ms)
{
	int count = 0, accepted = 0;

	directory_refresh(w->endpoint.directory, w->site.db);
	prefork_wait(NULL, 0, gather_ms);
	while (count < SEATS && take(w, count, &accepted))
		count++;
	endpoint_settle(&w->endpoint, &w->site, w->calls, count);
	send_answers(w, count);
	refusals_tell(&w->endpoint.refusals, w->site.db, w->seats[0].arena, false);
	arena_reset(w->seats[0].arena);
	if (accepted < 0 && accepted != -EAGAIN && accepted != -EINTR) {
		log_error("accept", "code=%d", accepted);
		return false;
	}
	return true;
}

static int work(void *context, int number)
{
	struct program *program = context;
	struct worker *w = calloc(1, sizeof *w);
	bool good = w && FCGX_Init() == 0;

	(void)number;
	for (int i = 0; good && i < SEATS; i++) {
		w->seats[i].arena = arena_create();
		good = FCGX_InitRequest(&w->seats[i].fcgx, program->socket, 0) == 0;
	}
	if (!good || db_open(&w->site.db, program->config.database, "instruction") != ST_OK) {
		log_error("start", "message=\"%s\"", status_message());
		return 1;
	}
	w->site.config = &program->config;
	w->endpoint.directory = directory_create(&program->config);
	directory_refresh(w->endpoint.directory, w->site.db);
	while (good && prefork_wait_accept(program->socket))
		good = serve_round(w, program->config.instruction_gather_ms);
	refusals_tell(&w->endpoint.refusals, w->site.db, w->seats[0].arena, true);
	OS_LibShutdown();
	directory_destroy(w->endpoint.directory);
	db_close(w->site.db);
	for (int i = 0; i < SEATS; i++)
		arena_destroy(w->seats[i].arena);
	free(w);
	return good ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
	const struct rlimit no_core = {0, 0};
	const char *config_file = getenv("REALNAME_CONFIG");
	struct program program = {.socket = -1};
	struct prefork prefork = {.grace_s = STOP_GRACE_S, .stopped_s = STOPPED_S, .work = work, .context = &program};
	enum status status;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'c') {
			fprintf(stderr, "usage: %s [--config FILE]\n", argv[0]);
			return 2;
		}
		config_file = optarg;
	}
	log_start("instruction");
	umask(0077);
	setrlimit(RLIMIT_CORE, &no_core); /* a core file would hold passwords */
	status = config_load(&program.config, config_file);
	if (status == ST_OK)
		status = listener_open(&program.socket, program.config.instruction_socket, BACKLOG);
	if (status == ST_OK) {
		log_info("start", "workers=%d socket=%s", program.config.instruction_workers, program.config.instruction_socket);
		prefork.workers = program.config.instruction_workers;
		status = prefork_run(&prefork);
		unlink(program.config.instruction_socket);
		close(program.socket);
		log_info("stop", "status=%s", status_name(status));
	} else {
		log_error("start", "status=%s message=\"%s\"", status_name(status), status_message());
	}
	config_free(&program.config);
	return status == ST_OK ? 0 : 1;
}
