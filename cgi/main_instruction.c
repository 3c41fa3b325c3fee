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

struct program {
	struct config config;
	int socket;
};

static void serve(struct endpoint *e, const struct site *site, struct arena *arena, FCGX_Request *fcgx)
{
	struct request r;

	if (request_begin(&r, arena, site, fcgx) != ST_OK)
		r.path = ""; /* of none of ours */
	log_request(r.id);
	endpoint_serve(e, &r);
	response_send(&r);
	request_finish(&r);
	log_request(NULL);
	arena_reset(arena);
}

static int work(void *context, int worker)
{
	struct program *program = context;
	struct site site = {.config = &program->config};
	struct endpoint endpoint = {.directory = directory_create(&program->config)};
	struct arena *arena = arena_create();
	FCGX_Request fcgx;
	int result = 0;

	(void)worker;
	if (FCGX_Init() != 0 || FCGX_InitRequest(&fcgx, program->socket, 0) != 0 || db_open(&site.db, program->config.database, "instruction") != ST_OK) {
		log_error("start", "message=\"%s\"", status_message());
		return 1;
	}
	directory_refresh(endpoint.directory, site.db);
	while (prefork_wait_accept(program->socket)) {
		int accepted = FCGX_Accept_r(&fcgx);
		if (accepted == -EAGAIN || accepted == -EINTR)
			continue;
		if (accepted < 0) {
			log_error("accept", "code=%d", accepted);
			result = 1;
			break;
		}
		serve(&endpoint, &site, arena, &fcgx);
	}
	refusals_tell(&endpoint.refusals, site.db, arena, true);
	OS_LibShutdown();
	directory_destroy(endpoint.directory);
	db_close(site.db);
	arena_destroy(arena);
	return result;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
	const struct rlimit no_core = {0, 0};
	const char *config_file = getenv("REALNAME_CONFIG");
	struct program program = {.socket = -1};
	struct prefork prefork = {.grace_s = STOP_GRACE_S, .work = work, .context = &program};
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
