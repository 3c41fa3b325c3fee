/* The tasks that watch files for carriers: their time (an instruction wants its file within six hours), and who carries them. */
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

/* Its parent ends a process that stays stopped (base/prefork.h), and then the slot goes on. This is for the one whose parent is stopped or
 * dead too: its session may still be open at the server, so nobody may take the slot, and only people can end it. */
enum status maintain_sftp_slots(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	struct db_result *r;
	(void)config;
	(void)keys;
	enum status st = db_query(
		db, a, &r,
		"SELECT s.destination, s.number, w.host, w.pid, extract(epoch FROM clock_timestamp() - s.held_until)::bigint AS late_s "
		"FROM sftp_slot s JOIN worker w ON w.id = s.worker WHERE s.held_until < clock_timestamp() - interval '1 minute'");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		log_alarm("sftp_slots",
			  "destination=%s slot=%" PRId64 " is kept by host=%s pid=%" PRId64
			  ", which does nothing (seconds=%" PRId64 "): end it with kill -9; until then there is a session less",
			  db_text(r, i, "destination"), db_int(r, i, "number"), db_text(r, i, "host"), db_int(r, i, "pid"),
			  db_int(r, i, "late_s"));
	return st;
}
