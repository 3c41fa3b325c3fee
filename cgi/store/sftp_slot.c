/* Slots as rows: see sftp_slot.h. It knows nothing of sessions. */
#include "store/sftp_slot.h"

static enum status take_free(struct db *db, struct arena *a, const char *destination, int worker, int hold_s, int *number)
{
	struct db_result *r;
	enum status st =
		db_query(db, a, &r,
			 "UPDATE sftp_slot SET worker = $2, held_until = clock_timestamp() + make_interval(secs => $3) "
			 "WHERE destination = $1 AND number = (SELECT number FROM sftp_slot WHERE destination = $1 AND worker IS NULL "
			 "AND (held_until IS NULL OR held_until <= clock_timestamp()) ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) "
			 "RETURNING number",
			 DB_TEXT(destination), DB_INT(worker), DB_INT(hold_s));
	*number = st == ST_OK && db_rows(r) == 1 ? (int)db_int(r, 0, "number") : 0;
	return st;
}

enum status sftp_slot_take(struct db *db, struct arena *a, const char *destination, int worker, int hold_s, int *number)
{
	struct db_result *r;
	enum status st = take_free(db, a, destination, worker, hold_s, number);
	if (st != ST_OK || *number)
		return st;
	st = db_query(db, a, &r, "SELECT FROM sftp_slot WHERE destination = $1 LIMIT 1", DB_TEXT(destination));
	if (st != ST_OK || db_rows(r) > 0)
		return st;
	st = db_query(db, a, NULL,
		      "INSERT INTO sftp_slot (destination, number) SELECT $1, generate_series(1, $2::integer) ON CONFLICT DO NOTHING",
		      DB_TEXT(destination), DB_INT(SFTP_SLOTS));
	return st == ST_OK ? take_free(db, a, destination, worker, hold_s, number) : st;
}

enum status sftp_slot_needed(struct db *db, struct arena *a, const char *destination, int number, const char *lane, bool *needed)
{
	struct db_result *r;
	enum status st =
		db_query(db, a, &r,
			 "SELECT (SELECT count(*) FROM (SELECT FROM job WHERE lane = $3 AND NOT behind AND NOT parked AND dead_at IS NULL "
			 "AND run_at <= now() LIMIT 21) x) > (SELECT count(*) FROM sftp_slot WHERE destination = $1 AND number < $2 "
			 "AND worker IS NOT NULL AND resting) AS needed",
			 DB_TEXT(destination), DB_INT(number), DB_TEXT(lane));
	if (st == ST_OK)
		*needed = db_bool(r, 0, "needed");
	return st;
}

enum status sftp_slot_rests(struct db *db, struct arena *a, const char *destination, int number, int worker, bool resting)
{
	return db_query(db, a, NULL, "UPDATE sftp_slot SET resting = $4 WHERE destination = $1 AND number = $2 AND worker = $3",
			DB_TEXT(destination), DB_INT(number), DB_INT(worker), DB_BOOL(resting));
}

enum status sftp_slot_keep(struct db *db, struct arena *a, const char *destination, int number, int worker, int hold_s)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "UPDATE sftp_slot SET held_until = clock_timestamp() + make_interval(secs => $4) "
				  "WHERE destination = $1 AND number = $2 AND worker = $3",
				  DB_TEXT(destination), DB_INT(number), DB_INT(worker), DB_INT(hold_s));
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK : status_fail(ST_CONFLICT, "slot %d of %s was given up", number, destination);
}

enum status sftp_slot_give(struct db *db, struct arena *a, const char *destination, int number, int worker, int grace_s)
{
	return db_query(db, a, NULL,
			"UPDATE sftp_slot SET worker = NULL, held_until = clock_timestamp() + make_interval(secs => $4) "
			"WHERE destination = $1 AND number = $2 AND worker = $3",
			DB_TEXT(destination), DB_INT(number), DB_INT(worker), DB_INT(grace_s));
}
