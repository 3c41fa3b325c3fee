/* The task that watches the time of files for carriers. An instruction wants its file within six hours. */
#include <inttypes.h>

#include "base/log.h"
#include "jobs/maintenance.h"

enum status maintain_file_deadline(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	struct db_result *r;
	(void)config;
	(void)keys;
	/* one line a carrier and share, however many files; each share is told once a file */
	enum status st = db_query(
		db, a, &r,
		"WITH open AS (SELECT id, CASE WHEN now() >= due_at THEN 100 WHEN source = 'KH' THEN 0 "
		"WHEN now() >= due_at - interval '72 minutes' THEN 80 WHEN now() >= due_at - interval '3 hours' THEN 50 ELSE 0 END AS "
		"share "
		"FROM t1_file WHERE state <> 'done' AND due_at < now() + interval '3 hours' AND cause IS DISTINCT FROM 'file_erased'), "
		"told AS (UPDATE t1_file f SET alarmed = open.share FROM open WHERE f.id = open.id AND open.share > f.alarmed "
		"RETURNING f.connection_id, f.source, f.alarmed, f.due_at) "
		"SELECT connection_id, source, alarmed, count(*) AS files, extract(epoch FROM min(due_at) - now())::bigint AS left_s "
		"FROM told GROUP BY connection_id, source, alarmed ORDER BY alarmed DESC");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		log_alarm("file_deadline",
			  "connection=%s source=%s files=%" PRId64 " not delivered after percent=%" PRId64
			  " of their time, seconds left=%" PRId64,
			  db_text(r, i, "connection_id"), db_text(r, i, "source"), db_int(r, i, "files"), db_int(r, i, "alarmed"),
			  db_int(r, i, "left_s"));
	return st;
}
