/* Rows of files: see t1_file.h. It does not know how they are sent. */
#include "store/t1_file.h"

#include <inttypes.h>

#define COLUMNS                                                                                                                            \
	"SELECT f.id, f.connection_id, f.card_id, f.application_id, f.source, f.request_id, f.code, f.state, f.folder, f.name, f.iv, "     \
	"f.size, f.sha256, extract(epoch FROM f.created_at)::bigint AS created_at, extract(epoch FROM f.due_at)::bigint AS due_at, "       \
	"p.erased_at IS NOT NULL AS erased, c.iccid, n.platform_id, n.profile, r.name AS carrier_name "                                    \
	"FROM t1_file f JOIN application p ON p.id = f.application_id JOIN card c ON c.id = f.card_id "                                    \
	"JOIN carrier_connection n ON n.id = f.connection_id JOIN carrier r ON r.id = n.carrier_id "

static void read_row(const struct db_result *r, struct t1_file *out)
{
	*out = (struct t1_file){
		.id = db_text(r, 0, "id"),
		.connection_id = db_text(r, 0, "connection_id"),
		.card_id = db_text(r, 0, "card_id"),
		.application_id = db_text(r, 0, "application_id"),
		.source = db_text(r, 0, "source"),
		.request_id = db_text(r, 0, "request_id"),
		.code = db_text(r, 0, "code"),
		.state = db_text(r, 0, "state"),
		.iccid = db_text(r, 0, "iccid"),
		.platform_id = db_text(r, 0, "platform_id"),
		.carrier_name = db_text(r, 0, "carrier_name"),
		.profile = db_text(r, 0, "profile"),
		.erased = db_bool(r, 0, "erased"),
		.created_at = db_int(r, 0, "created_at"),
		.due_at = db_int(r, 0, "due_at"),
		.folder = db_text(r, 0, "folder"),
		.name = db_text(r, 0, "name"),
		.iv = db_bytes(r, 0, "iv"),
		.sha256 = db_bytes(r, 0, "sha256"),
		.size = db_int(r, 0, "size"),
	};
}

enum status t1_file_load(struct db *db, struct arena *a, const char *id, struct t1_file *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, COLUMNS "WHERE f.id = $1", DB_TEXT(id));
	if (st == ST_OK && db_rows(r) == 0)
		st = status_fail(ST_NOT_FOUND, "file %s does not exist", id);
	if (st == ST_OK)
		read_row(r, out);
	return st;
}

static enum status only_one(enum status st, const struct db_result *r, const struct job *job)
{
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK
				   : status_fail(ST_CONFLICT, "job %" PRId64 " is no longer ours, or its file was settled", job->id);
}

#define HELD                                                                                                                               \
	"WITH held AS (UPDATE job SET run_at = clock_timestamp() + make_interval(secs => $3) WHERE id = $1 AND claim = $2 RETURNING "      \
	"subject) "

enum status t1_file_prepared(struct db *db, struct arena *a, const struct job *job, int lease_s, const struct t1_file *f)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		HELD "UPDATE t1_file SET state = 'prepared', cause = NULL, folder = $4, name = $5, iv = $6, sha256 = $7, size = $8, "
		     "tmp_at = now() FROM held WHERE t1_file.id = held.subject AND state <> 'done'",
		DB_INT(job->id), DB_INT(job->claim), DB_INT(lease_s), DB_TEXT(f->folder), DB_TEXT(f->name), DB_BYTES(f->iv),
		DB_BYTES(f->sha256), DB_INT(f->size));
	return only_one(st, r, job);
}

enum status t1_file_uploaded(struct db *db, struct arena *a, const struct job *job, int lease_s)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r, HELD "UPDATE t1_file SET state = 'uploaded' FROM held WHERE t1_file.id = held.subject AND state = 'prepared'",
		DB_INT(job->id), DB_INT(job->claim), DB_INT(lease_s));
	return only_one(st, r, job);
}

static enum status end(struct db *db, enum status st)
{
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

enum status t1_file_done(struct db *db, struct arena *a, const struct actor *actor, const struct job *job, const struct t1_file *f)
{
	struct db_result *r = NULL;
	enum status st = db_begin(db);
	if (st == ST_OK)
		st = queue_done(db, a, job);
	if (st == ST_OK)
		st = db_query(
			db, a, &r,
			"UPDATE t1_file SET state = 'done', cause = NULL, done_at = now(), tmp_at = NULL WHERE id = $1 AND state <> 'done'",
			DB_TEXT(f->id));
	st = only_one(st, r, job);
	if (st == ST_OK)
		st = audit_write(db, a, actor, "file.delivered", f->application_id, arena_printf(a, "t1_file:%s", f->id), "ok",
				 arena_printf(a, "{\"sha256\":\"%s\",\"size\":%" PRId64 "}",
					      hex_encode(a, f->sha256.data, f->sha256.length), f->size));
	return end(db, st);
}

enum status t1_file_failed(struct db *db, struct arena *a, const struct job *job, const char *cause, const char *error)
{
	enum status st = db_begin(db);
	if (st == ST_OK)
		st = queue_dead(db, a, job, cause, error);
	if (st == ST_OK)
		st = db_query(db, a, NULL, "UPDATE t1_file SET state = 'failed', cause = $2 WHERE id = $1 AND state <> 'done'",
			      DB_TEXT(job->subject), DB_TEXT(cause));
	return end(db, st);
}

enum status t1_file_stale(struct db *db, struct arena *a, struct t1_file *out)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		COLUMNS "WHERE f.tmp_at < now() - interval '24 hours' AND f.state <> 'done' AND n.profile ? 'sftp' AND NOT EXISTS (SELECT "
			"FROM job j WHERE j.kind = 'file_deliver' AND j.subject = f.id AND j.dead_at IS NULL) ORDER BY f.tmp_at LIMIT 1");
	if (st == ST_OK && db_rows(r) == 0)
		return ST_NOT_FOUND;
	if (st == ST_OK)
		read_row(r, out);
	return st;
}

enum status t1_file_swept(struct db *db, struct arena *a, const char *id, bool again)
{
	return db_query(db, a, NULL,
			"UPDATE t1_file SET tmp_at = CASE WHEN $2 THEN now() END WHERE id = $1 AND state <> 'done' AND NOT EXISTS (SELECT "
			"FROM job j "
			"WHERE j.kind = 'file_deliver' AND j.subject = t1_file.id AND j.dead_at IS NULL)",
			DB_TEXT(id), DB_BOOL(again));
}
