/* The product's couriers with files that need no building: as many random bytes as are asked for. Everything else, from the claim to the
 * commit behind the rename, is the product's. usage: sftp_load CONFIG WORKERS BYTES; ends by SIGTERM */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/prefork.h"
#include "jobs/courier.h"
#include "providers/http_client.h"

static struct config config;
static struct keys keys;
static unsigned char *content;
static size_t size;

static enum status build(struct courier *c, const struct t1_file *f, struct file_built *out)
{
	(void)c;
	(void)f;
	out->bin = (struct bytes){content, size};
	return ST_OK;
}

static int work(void *context, int number)
{
	struct worker w = {.config = &config,
			   .keys = &keys,
			   .role = "sftp",
			   .channel = "listen job_sftp",
			   .number = number,
			   .a = arena_create(),
			   .long_lived = arena_create()};
	(void)context;
	w.lanes = lanes_create(w.long_lived, &config);
	if (db_open(&w.db, config.database, "sftp-load") != ST_OK || db_script(w.db, w.channel) != ST_OK)
		return 1;
	return courier_loop(&w, build);
}

int main(int argc, char **argv)
{
	log_start("load");
	if (argc != 4 || config_load(&config, argv[1]) != ST_OK || config_keys(&keys, &config) != ST_OK) {
		fprintf(stderr, "usage: sftp_load CONFIG WORKERS BYTES\n%s\n", status_message());
		return 2;
	}
	size = (size_t)atol(argv[3]);
	content = malloc(size);
	crypt_random(content, size);
	http_client_start();
	const struct prefork prefork = {.workers = atoi(argv[2]), .grace_s = 30, .work = work};
	return prefork_run(&prefork) == ST_OK ? 0 : 1;
}
