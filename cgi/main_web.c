/* The web program: loads what every worker needs, opens the socket, keeps the workers alive, serves requests. It knows no
 * page and no rule. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcgiapp.h>
#include <fcgios.h>

#include "base/clock.h"
#include "base/listener.h"
#include "base/log.h"
#include "base/prefork.h"
#include "flow/routes.h"
#include "http/request_io.h"
#include "http/response.h"
#include "http/router.h"

#define BACKLOG 512
#define STOP_GRACE_S 30
#define STOPPED_S 300
#define DB_RETRY_MS 1000
#define RECYCLE_SPREAD 16 /* requests between the ends of two workers, so that they are not all new at once */

struct web {
	struct config config;
	struct keys keys;
	struct tpl *tpl;
	int socket;
};

static void serve(const struct site *site, struct arena *arena, FCGX_Request *fcgx)
{
	int64_t start = clock_monotonic_ms();
	struct request r;

	if (request_begin(&r, arena, site, fcgx) == ST_OK) {
		log_request(r.id);
		router_serve(&r, routes);
	} else {
		log_request(r.id);
		log_info("refused", "message=\"%s\"", status_message());
		respond_error(&r, 400);
	}
	response_send(&r);
	request_finish(&r);
	/* The pattern, not the path: a path may hold a number that belongs to a person. */
	log_info("request", "method=%s route=%s status=%d ms=%lld bytes=%zu", request_method_name(&r), router_pattern(&r), r.status,
	         (long long)(clock_monotonic_ms() - start), r.io->bytes_sent);
	log_request(NULL);
	arena_reset(arena);
}

/* The worker starts without a database and looks for it at most once a second; pages answer 503 until it is there. */
static void connect_db(struct site *site, int64_t *tried)
{
	if (site->db || (*tried && clock_monotonic_ms() - *tried < DB_RETRY_MS))
		return;
	*tried = clock_monotonic_ms();
	if (db_open(&site->db, site->config->database, "web") != ST_OK)
		log_warn("database", "message=\"%s\"", status_message());
}

static int work(void *context, int worker)
{
	struct web *web = context;
	struct site site = {.config = &web->config, .keys = &web->keys, .tpl = web->tpl};
	struct arena *arena = arena_create();
	int left = web->config.web_requests_per_worker + worker * RECYCLE_SPREAD, result = 0;
	int64_t tried = 0;
	FCGX_Request fcgx;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&fcgx, web->socket, 0) != 0) {
		log_error("start", "FCGX does not start");
		return 1;
	}
	connect_db(&site, &tried);
	while (left > 0 && prefork_wait_accept(web->socket)) {
		int accepted = FCGX_Accept_r(&fcgx);
		if (accepted == -EAGAIN || accepted == -EINTR)
			continue;
		if (accepted < 0) {
			log_error("accept", "code=%d", accepted);
			result = 1;
			break;
		}
		connect_db(&site, &tried);
		serve(&site, arena, &fcgx);
		left--;
	}
	OS_LibShutdown();
	db_close(site.db);
	arena_destroy(arena);
	return result;
}

static void site_number(struct web *web, const char *name, long value)
{
	char text[24];

	snprintf(text, sizeof text, "%ld", value);
	tpl_site(web->tpl, name, text);
}

/* Site.*: who runs the site, how large files may be, and the hashed addresses of the static files ("NAME PATH" a line, from the build): app.css as Site.css. */
static enum status site_values(struct web *web)
{
	static const struct {
		const char *file, *name;
	} files[] = {{"app.css", "Site.css"}, {"app.js", "Site.js"}};
	char line[512], *path;
	FILE *manifest = fopen(web->config.static_manifest, "re");

	tpl_site(web->tpl, "Site.name", web->config.site_name);
	tpl_site(web->tpl, "Site.brand", web->config.brand);
	tpl_site(web->tpl, "Site.hotline", web->config.hotline);
	tpl_site(web->tpl, "Site.hours", web->config.hotline_hours);
	site_number(web, "Site.picture_mb", web->config.picture_max_mb);
	site_number(web, "Site.picture_bytes", (long)web->config.picture_max_mb << 20);
	site_number(web, "Site.clip_mb", web->config.clip_max_kb / 1000);
	site_number(web, "Site.clip_bytes", web->config.clip_max_kb * 1000L);
	if (!manifest)
		return status_fail(ST_INVALID, "static_manifest %s: %s", web->config.static_manifest, strerror(errno));
	while (fgets(line, sizeof(line), manifest)) {
		line[strcspn(line, "\n")] = 0;
		path = strchr(line, ' ');
		if (!path)
			continue;
		*path++ = 0;
		for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
			if (strcmp(files[i].file, line) == 0)
				tpl_site(web->tpl, files[i].name, path);
	}
	fclose(manifest);
	return ST_OK;
}

static enum status prepare(struct web *web, const char *config_file)
{
	enum status status = config_load(&web->config, config_file);

	if (status == ST_OK)
		status = config_keys(&web->keys, &web->config);
	if (status == ST_OK)
		status = tpl_open(&web->tpl, web->config.templates_dir);
	if (status == ST_OK)
		status = site_values(web);
	if (status == ST_OK)
		status = listener_open(&web->socket, web->config.web_socket, BACKLOG);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
	const struct rlimit no_core = {0, 0};
	const char *config_file = getenv("REALNAME_CONFIG");
	struct web web = {.socket = -1};
	struct prefork prefork = {.grace_s = STOP_GRACE_S, .stopped_s = STOPPED_S, .work = work, .context = &web};
	enum status status;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'c') {
			fprintf(stderr, "usage: %s [--config FILE]\n", argv[0]);
			return 2;
		}
		config_file = optarg;
	}
	log_start("web");
	umask(0077);
	setrlimit(RLIMIT_CORE, &no_core); /* a core file would hold personal data */
	status = prepare(&web, config_file);
	if (status == ST_OK) {
		log_info("start", "workers=%d socket=%s", web.config.web_workers, web.config.web_socket);
		prefork.workers = web.config.web_workers;
		status = prefork_run(&prefork);
		unlink(web.config.web_socket);
		close(web.socket);
		log_info("stop", "status=%s", status_name(status));
	} else {
		log_error("start", "status=%s message=\"%s\"", status_name(status), status_message());
	}
	tpl_close(web.tpl);
	config_free(&web.config);
	crypt_wipe(&web.keys, sizeof(web.keys));
	return status == ST_OK ? 0 : 1;
}
