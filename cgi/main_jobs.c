/* realname-jobs: the background program. Its parent only keeps workers alive. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/prefork.h"
#include "jobs/courier.h"
#include "providers/http_client.h"

int main(int argc, char **argv)
{
	struct config config;
	struct keys keys;
	if (argc != 3 || strcmp(argv[1], "--config") != 0) {
		fprintf(stderr, "usage: realname-jobs --config FILE\n");
		return 2;
	}
	log_start("jobs");
	if (config_load(&config, argv[2]) != ST_OK || config_keys(&keys, &config) != ST_OK) {
		log_error("start", "%s", status_message());
		return 1;
	}
	http_client_start();
	struct worker_context context = {.config = &config, .keys = &keys};
	const struct prefork prefork = {
		.workers = worker_count(&config),
		.grace_s = (config.outbound_timeout_ms / 1000 > config.sftp_stall_s ? config.outbound_timeout_ms / 1000
										    : config.sftp_stall_s) +
			   10,
		.stopped_s = 2 * COURIER_HOLD(&config),
		.work = worker_run,
		.context = &context,
	};
	enum status st = prefork_run(&prefork);
	if (st != ST_OK)
		log_error("stop", "%s", status_message());
	crypt_wipe(&keys, sizeof(keys));
	config_free(&config);
	return st == ST_OK ? 0 : 1;
}
