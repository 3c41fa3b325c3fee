/* /metrics: numbers for monitoring in Prometheus' text form. No personal data. nginx lets nobody read it but who is allowed to.
 * Cheap whatever the tables hold: messages are counted when they change (t1_count), ages are the first entry of an index, and of the
 * jobs only what waits is in the table. */
#include <string.h>

#include "flow/pages.h"
#include "http/response.h"

#define BYTES_MAX ((size_t)1024 * 1024)

/* A connection as people know it. */
#define NAMED " JOIN carrier k ON k.id = n.carrier_id JOIN automaker m ON m.id = n.automaker_id "
/* A lane by its class and, when it leads to a carrier, by that one's name. */
#define LANE_NAMED(lane)                                                                                                                   \
	" LEFT JOIN carrier_connection n ON n.id::text = split_part(" lane ", ':', 2) LEFT JOIN carrier k ON k.id = n.carrier_id "         \
	"LEFT JOIN automaker m ON m.id = n.automaker_id "
#define LANE_LABELS(lane) "split_part(" lane ", ':', 1) AS lane, coalesce(k.slug, '') AS carrier, coalesce(m.slug, '') AS automaker"

static const char MESSAGES[] = "SELECT k.slug AS carrier, m.slug AS automaker, c.kind, c.state, sum(c.n) AS value FROM t1_count c JOIN "
			       "carrier_connection n ON n.id = c.connection_id" NAMED "WHERE c.kind <> 'instruction' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4";
static const char INSTRUCTIONS[] = "SELECT k.slug AS carrier, m.slug AS automaker, c.state, sum(c.n) AS value FROM t1_count c JOIN "
				   "carrier_connection n ON n.id = c.connection_id" NAMED "WHERE c.kind = 'instruction' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
static const char FILES[] =
	"SELECT k.slug AS carrier, m.slug AS automaker, f.source, count(*) FILTER (WHERE f.state <> 'failed') AS waiting, "
	"count(*) FILTER (WHERE f.state = 'failed') AS failed, coalesce(extract(epoch FROM min(f.due_at) FILTER (WHERE f.state <> 'failed') - now()), "
	"86400)::numeric(20, 1) AS due FROM t1_file f JOIN carrier_connection n ON n.id = f.connection_id" NAMED
	"WHERE f.state <> 'done' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
static const char OLDEST[] =
	"SELECT k.slug AS carrier, m.slug AS automaker, w.kind, coalesce(extract(epoch FROM now() - (SELECT min(x.created_at) FROM "
	"t1_message x "
	"WHERE x.connection_id = n.id AND x.kind = w.kind AND x.state IN ('waiting', 'sent', 'accepted'))), 0)::numeric(20, 1) AS value "
	"FROM carrier_connection n" NAMED "CROSS JOIN (VALUES ('account'), ('vehicle')) w (kind) ORDER BY 1, 2, 3";
static const char SUSPENDED[] =
	"SELECT k.slug AS carrier, m.slug AS automaker, (n.suspended_at IS NOT NULL)::integer AS value FROM carrier_connection n" NAMED
	"ORDER BY 1, 2";
static const char JOBS[] = "SELECT " LANE_LABELS(
	"j.lane") ", j.kind, j.waiting, j.dead, j.parked, j.oldest FROM (SELECT lane, kind, "
		  "count(*) FILTER (WHERE dead_at IS NULL AND NOT parked) AS waiting, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead, "
		  "count(*) FILTER (WHERE parked AND dead_at IS NULL) AS parked, "
		  "coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE dead_at IS NULL AND NOT parked)), 0)::numeric(20, 1) "
		  "AS oldest "
		  "FROM job GROUP BY lane, kind) j" LANE_NAMED("j.lane") "ORDER BY 1, 2, 3, 4";
static const char BREAKERS[] = "SELECT " LANE_LABELS(
	"l.name") ", CASE l.state WHEN 'open' THEN 2 WHEN 'half_open' THEN 1 ELSE 0 END AS value FROM (SELECT name, state FROM lane "
		  "UNION ALL SELECT 't1:' || id, NULL FROM carrier_connection c WHERE NOT EXISTS (SELECT FROM lane WHERE name = 't1:' || "
		  "c.id)) l" LANE_NAMED("l.name") "ORDER BY 1, 2, 3";
static const char WORKERS[] =
	"SELECT role, count(*) FILTER (WHERE seen_at > now() - interval '20 seconds') AS value FROM worker GROUP BY role ORDER BY role";
static const char TASKS[] = "SELECT kind AS task, extract(epoch FROM now() - done_at)::numeric(20, 1) AS value FROM job_schedule ORDER BY kind";
static const char STAFF[] =
	"SELECT what, count(since) AS waiting, coalesce(extract(epoch FROM now() - min(since)), 0)::numeric(20, 1) AS oldest FROM "
	"(VALUES ('misuse'), ('complaint'), ('correction'), ('company_admin')) w (what) LEFT JOIN "
	"(SELECT 'misuse' AS what, created_at AS since FROM misuse_report WHERE closed_at IS NULL "
	"UNION ALL SELECT 'complaint', created_at FROM complaint WHERE state <> 'answered' "
	"UNION ALL SELECT 'correction', created_at FROM correction WHERE answered_at IS NULL "
	"UNION ALL SELECT 'company_admin', added_at FROM company_member WHERE state = 'waiting') x USING (what) GROUP BY what ORDER BY what";

#define CONNECTION "carrier automaker"
#define LANE "lane carrier automaker"

/* Who adds tables adds lines. Rows beside each other with the same question share its answer. */
static const struct metric {
	const char *name, *type, *help;
	const char *labels; /* names of columns */
	const char *value;  /* column */
	const char *sql;
} metrics[] = {
	{"realname_t1_messages", "gauge", "Messages to carriers by state, all that there ever were.", CONNECTION " kind state", "value",
	 MESSAGES},
	{"realname_t1_oldest_seconds", "gauge", "Age of the oldest message without a final answer; 0 when there is none.",
	 CONNECTION " kind", "value", OLDEST},
	{"realname_t1_suspended", "gauge", "1: the carrier refused our credential, its messages wait for staff.", CONNECTION, "value",
	 SUSPENDED},
	{"realname_t1_instructions", "counter", "Instructions of carriers that were accepted or refused with a code of table 4.", CONNECTION " state",
	 "value", INSTRUCTIONS},
	{"realname_t1_files_waiting", "gauge", "Files to carriers that are not delivered yet.", CONNECTION " source", "waiting", FILES},
	{"realname_t1_files_failed", "gauge", "Files that were given up; staff decide.", CONNECTION " source", "failed", FILES},
	{"realname_t1_files_due_seconds", "gauge", "Until the earliest of the waiting files is due; below 0: late. 86400 when none waits.",
	 CONNECTION " source", "due", FILES},
	{"realname_jobs_waiting", "gauge", "Jobs that are due, wait for their next try or behind another.", LANE " kind", "waiting", JOBS},
	{"realname_jobs_parked", "gauge", "Jobs that wait for a result of the carrier.", LANE " kind", "parked", JOBS},
	{"realname_jobs_dead", "gauge", "Jobs that were given up.", LANE " kind", "dead", JOBS},
	{"realname_jobs_oldest_seconds", "gauge", "Age of the oldest waiting job; 0 when there is none.", LANE " kind", "oldest", JOBS},
	{"realname_lane_breaker", "gauge", "The circuit breaker of a lane: 0 closed, 1 half open, 2 open.", LANE, "value", BREAKERS},
	{"realname_workers", "gauge", "Background processes that gave a sign of life in the last 20 seconds.", "role", "value", WORKERS},
	{"realname_task_done_seconds", "gauge", "Since a maintenance task was last done.", "task", "value", TASKS},
	{"realname_staff_waiting", "gauge", "What people sent and staff have not answered.", "what", "waiting", STAFF},
	{"realname_staff_oldest_seconds", "gauge", "Age of the oldest of them; 0 when there is none.", "what", "oldest", STAFF},
};

static void add_value(struct buffer *b, const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			buffer_text(b, "\\n");
		else {
			if (*text == '"' || *text == '\\')
				buffer_text(b, "\\");
			buffer_add(b, text, 1);
		}
}

static void add_labels(struct buffer *b, const struct db_result *r, int row, const char *labels)
{
	const char *separator = "{";

	while (*labels) {
		size_t length = strcspn(labels, " ");
		const char *name = arena_strndup(b->arena, labels, length);

		buffer_printf(b, "%s%s=\"", separator, name);
		add_value(b, db_text(r, row, name));
		buffer_text(b, "\"");
		separator = ",";
		labels += length + (labels[length] == ' ');
	}
	buffer_text(b, "}");
}

static void add_metric(struct buffer *b, const struct metric *m, const struct db_result *r)
{
	buffer_printf(b, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name, m->type);
	for (int row = 0; row < db_rows(r); row++) {
		buffer_text(b, m->name);
		add_labels(b, r, row, m->labels);
		buffer_printf(b, " %s\n", db_text(r, row, m->value));
	}
}

enum status metrics_serve(struct request *r)
{
	const char *asked = NULL;
	struct db_result *answer = NULL;
	struct buffer b;
	enum status st = r->monitor ? db_ready(r->site->db) : ST_NOT_FOUND;

	buffer_init(&b, r->arena, BYTES_MAX);
	for (size_t i = 0; st == ST_OK && i < sizeof metrics / sizeof *metrics; i++) {
		if (metrics[i].sql != asked)
			st = db_query(r->site->db, r->arena, &answer, metrics[i].sql);
		asked = metrics[i].sql;
		if (st == ST_OK)
			add_metric(&b, &metrics[i], answer);
	}
	if (st == ST_OK && b.overflow)
		st = status_fail(ST_LIMIT, "more metrics than fit");
	return st == ST_OK ? respond_text(r, 200, b.data) : st;
}
