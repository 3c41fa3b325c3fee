/* /healthz and /readyz: for the operator's monitoring; no personal data, no version. */
#include <cjson/cJSON.h>
#include <string.h>

#include "flow/pages.h"
#include "http/response.h"
#include "store/evidence.h"

enum status health_serve(struct request *r)
{
	return respond_text(r, 200, "ok\n");
}

static bool database_well(struct request *r)
{
	return db_ready(r->site->db) == ST_OK;
}

/* One question to the database that a part is well when it answers true. */
static bool asked(struct request *r, const char *answer_is, struct db_result *answer)
{
	(void)r;
	return answer && db_rows(answer) == 1 && db_bool(answer, 0, answer_is);
}

static bool store_well(struct request *r)
{
	return evidence_well(r->site->config->evidence_dir);
}

enum status ready_serve(struct request *r)
{
	/* queue: of the lanes that people at the pages wait for. Those of carriers (docs/queue.md) have their own alarms and numbers: they may be
	 * away for hours, and the pages serve. */
	static const char STATE[] = "SELECT (SELECT count(DISTINCT role) = 2 FROM worker WHERE role IN ('prompt', 't1') AND seen_at > "
				    "now() - interval '20 seconds') AS jobs,"
				    " NOT EXISTS (SELECT 1 FROM job WHERE dead_at IS NULL AND NOT behind AND NOT parked"
				    " AND strpos(lane, ':') = 0 AND run_at < now() - interval '10 minutes') AS queue,"
				    " NOT EXISTS (SELECT 1 FROM job WHERE dead_at IS NOT NULL) AS dead_letters,"
				    " NOT EXISTS (SELECT 1 FROM carrier_connection WHERE suspended_at IS NOT NULL) AS carriers,"
				    " (SELECT count(DISTINCT kind) = 6 FROM agreement_text WHERE valid_from <= now() AND kind <> 'allocation') AS agreements";
	static const char *const parts[] = {"jobs", "queue", "dead_letters", "carriers", "agreements"};
	struct db_result *state = NULL;
	cJSON *json = cJSON_CreateObject();
	bool well, all;
	char *text;
	enum status st;

	if (!json)
		return ST_ERROR;
	well = database_well(r);
	all = well;
	cJSON_AddBoolToObject(json, "database", well);
	cJSON_AddBoolToObject(json, "evidence_store", store_well(r));
	all = all && store_well(r);
	cJSON_AddBoolToObject(json, "templates", true); /* a template that does not parse stops the start */
	if (well && db_query(r->site->db, r->arena, &state, STATE) != ST_OK)
		state = NULL;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		bool part = asked(r, parts[i], state);

		cJSON_AddBoolToObject(json, parts[i], part);
		/* Dead letters and a suspended carrier are alarms; pages still serve. */
		if (strcmp(parts[i], "dead_letters") != 0 && strcmp(parts[i], "carriers") != 0)
			all = all && part;
	}
	cJSON_AddBoolToObject(json, "ready", all);
	text = cJSON_PrintUnformatted(json);
	st = text ? respond_json(r, all ? 200 : 503, arena_strdup(r->arena, text)) : ST_ERROR;
	cJSON_free(text);
	cJSON_Delete(json);
	return st;
}
