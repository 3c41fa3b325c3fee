/* Audit rows and the chain over them. The text of a row is made by the database in one place, so that writing and checking the
 * chain cannot differ. */
#include "store/audit.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

/* Columns in a fixed order, joined by U+001F; NULL is an empty text. */
#define ROW_TEXT \
	"concat_ws(chr(31), a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), a.actor, a.action, " \
	"coalesce(a.application_id::text, ''), coalesce(a.number::text, ''), coalesce(a.object, ''), a.result, " \
	"coalesce(a.address, ''), a.detail::text) AS row_text"
#define CHAIN_BATCH 1000
#define VERIFY_BATCH 2000
#define CHAIN_LOCK 7301 /* advisory lock of whoever writes the chain */

enum status audit_write(struct db *db, struct arena *a, const struct actor *actor, const char *action, const char *application_id,
			const char *object, const char *result, const char *detail)
{
	struct db_value number = DB_NULL;
	if (application_id) {
		struct db_result *r;
		/* the lock of this row is what makes the numbers follow each other */
		enum status st = db_query(db, a, &r, "UPDATE application SET audit_count = audit_count + 1 WHERE id = $1 RETURNING audit_count",
					  DB_TEXT(application_id));
		if (st != ST_OK)
			return st;
		if (db_rows(r) == 0)
			return status_fail(ST_NOT_FOUND, "audit of an application that does not exist");
		number = DB_INT(db_int(r, 0, "audit_count"));
	}
	return db_query(db, a, NULL,
			"INSERT INTO audit (actor, action, application_id, number, object, result, address, detail) "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8::jsonb, '{}'))",
			DB_TEXT(actor->name), DB_TEXT(action), DB_TEXT(application_id), number, DB_TEXT(object), DB_TEXT(result),
			DB_TEXT(actor->address), DB_TEXT(detail));
}

static void link_hash(unsigned char hash[CRYPT_HASH_SIZE], struct arena *a, const char *row_text)
{
	struct crypt_sha256 *h = crypt_sha256_start(a);
	crypt_sha256_add(h, hash, CRYPT_HASH_SIZE);
	crypt_sha256_add(h, row_text, strlen(row_text));
	crypt_sha256_end(h, hash);
}

/* The last link: hash (zeros before the first) and sequence. */
static enum status chain_end(struct db *db, struct arena *a, unsigned char hash[CRYPT_HASH_SIZE], int64_t *sequence)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT sequence, hash FROM audit_chain ORDER BY sequence DESC LIMIT 1");
	if (st != ST_OK)
		return st;
	memset(hash, 0, CRYPT_HASH_SIZE);
	*sequence = 0;
	if (db_rows(r) == 0)
		return ST_OK;
	struct bytes last = db_bytes(r, 0, "hash");
	if (last.length != CRYPT_HASH_SIZE)
		return status_fail(ST_CONFLICT, "the audit chain ends in a hash of a wrong length");
	memcpy(hash, last.data, CRYPT_HASH_SIZE);
	*sequence = db_int(r, 0, "sequence");
	return ST_OK;
}

/* Rows become visible out of the order of their ids, so "id greater than the last" would skip some. The search goes back as far
 * as the last 200000 links: two big batches side by side write 50000 while one of them is open. A transaction that stays open longer is
 * ended by the database. */
static enum status chain_batch(struct db *db, struct arena *a, int *chained)
{
	unsigned char hash[CRYPT_HASH_SIZE];
	int64_t sequence;
	struct db_result *r;
	enum status st = chain_end(db, a, hash, &sequence);
	if (st != ST_OK)
		return st;
	st = db_query(db, a, &r,
		      "SELECT a.id, " ROW_TEXT " FROM audit a WHERE a.id > coalesce((SELECT min(audit_id) FROM "
		      "(SELECT audit_id FROM audit_chain ORDER BY sequence DESC LIMIT 200000) recent), 0) - 1 "
		      "AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_id = a.id) ORDER BY a.id LIMIT 1000");
	if (st != ST_OK)
		return st;
	*chained = db_rows(r);
	if (*chained == 0)
		return ST_OK;
	struct buffer ids, hashes;
	buffer_init(&ids, a, (size_t)CHAIN_BATCH * 24);
	buffer_init(&hashes, a, (size_t)CHAIN_BATCH * 72);
	for (int i = 0; i < db_rows(r); i++) {
		link_hash(hash, a, db_text(r, i, "row_text"));
		buffer_printf(&ids, "%s%s", i ? "," : "{", db_text(r, i, "id"));
		buffer_printf(&hashes, "%s%s", i ? "," : "{", hex_encode(a, hash, sizeof(hash)));
	}
	buffer_text(&ids, "}");
	buffer_text(&hashes, "}");
	return db_query(db, a, NULL,
			"INSERT INTO audit_chain (sequence, audit_id, hash) SELECT $1::bigint + t.n, t.id, decode(t.hash, 'hex') "
			"FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS t (id, hash, n)",
			DB_INT(sequence), DB_TEXT(ids.data), DB_TEXT(hashes.data));
}

enum status audit_chain(struct db *db, struct arena *a, int *chained)
{
	struct db_result *r;
	int total = 0, batch = 0;
	enum status st;
	do {
		if ((st = db_begin(db)) != ST_OK)
			return st;
		st = db_query(db, a, &r, "SELECT pg_try_advisory_xact_lock($1) AS mine", DB_INT(CHAIN_LOCK));
		batch = 0;
		if (st == ST_OK && db_bool(r, 0, "mine"))
			st = chain_batch(db, a, &batch);
		if (st == ST_OK)
			st = db_commit(db);
		if (st != ST_OK) {
			db_rollback(db);
			return st;
		}
		total += batch;
	} while (batch == CHAIN_BATCH && total < 20 * CHAIN_BATCH);
	*chained = total;
	return ST_OK;
}

/* One page of the chain behind *last, which moves on; *rows 0 at its end. */
static enum status verify_page(struct db *db, const struct audit_link *kept, struct audit_link *last, int *rows)
{
	struct arena *page = arena_create();
	struct db_result *r;
	enum status st = db_query(db, page, &r,
				  "SELECT c.sequence, c.audit_id, c.hash, " ROW_TEXT " FROM audit_chain c LEFT JOIN audit a ON a.id = c.audit_id "
				  "WHERE c.sequence > $1 ORDER BY c.sequence LIMIT 2000",
				  DB_INT(last->sequence));
	if (st != ST_OK)
		goto out;
	for (int i = 0; i < db_rows(r); i++) {
		struct bytes wanted = db_bytes(r, i, "hash");
		link_hash(last->hash, page, db_text(r, i, "row_text"));
		if (db_int(r, i, "sequence") != last->sequence + 1 || wanted.length != CRYPT_HASH_SIZE ||
		    !crypt_equal(last->hash, wanted.data, CRYPT_HASH_SIZE)) {
			st = status_fail(ST_CONFLICT, "the audit chain breaks at audit id %" PRId64, db_int(r, i, "audit_id"));
			goto out;
		}
		last->sequence += 1;
		if (kept && kept->sequence == last->sequence && !crypt_equal(kept->hash, last->hash, CRYPT_HASH_SIZE)) {
			st = status_fail(ST_CONFLICT, "link %" PRId64 " is another than the one that was kept: the chain was written anew", last->sequence);
			goto out;
		}
	}
	*rows = db_rows(r);
out:
	arena_destroy(page);
	return st;
}

/* What the chain itself cannot tell: rows cut off behind its end, and rows that never came into it. Each query is one aggregate over the
 * whole table, so that it takes seconds with millions of rows. */
static enum status verify_rest(struct db *db, struct arena *a, const struct audit_link *last)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT min(p.id::text) AS id FROM application p LEFT JOIN (SELECT application_id, count(*) AS rows FROM audit "
				  "WHERE application_id IS NOT NULL GROUP BY application_id) a ON a.application_id = p.id "
				  "WHERE coalesce(a.rows, 0) <> p.audit_count");
	if (st != ST_OK)
		return st;
	if (!db_is_null(r, 0, "id"))
		return status_fail(ST_CONFLICT, "audit rows of application %s are missing", db_text(r, 0, "id"));
	st = db_query(db, a, &r,
		      "SELECT min(a.id) AS id, extract(epoch FROM min(a.at))::bigint AS since, "
		      "min(a.id) > coalesce((SELECT max(audit_id) FROM audit_chain), 0) OR " /* ids become visible out of order: or by time */
		      "min(a.at) > (SELECT u.at FROM audit_chain l JOIN audit u ON u.id = l.audit_id ORDER BY l.sequence DESC LIMIT 1) - interval '10 minutes' AS tail "
		      "FROM audit a "
		      "WHERE a.at < now() - interval '10 minutes' AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_id = a.id)");
	if (st != ST_OK || db_is_null(r, 0, "id"))
		return st;
	if (db_bool(r, 0, "tail"))
		return status_fail(ST_UNAVAILABLE, "the audit chain is whole up to link %" PRId64 "; the tail since %s is not chained yet (is realname-jobs running?)",
				   last->sequence, clock_page(a, db_int(r, 0, "since")));
	return status_fail(ST_CONFLICT, "audit id %" PRId64 " is not in the chain", db_int(r, 0, "id"));
}

enum status audit_verify(struct db *db, struct arena *a, const struct audit_link *kept, struct audit_link *last)
{
	struct audit_link at = {0};
	int page = VERIFY_BATCH;
	enum status st = ST_OK;

	while (st == ST_OK && page == VERIFY_BATCH)
		st = verify_page(db, kept, &at, &page);
	if (st == ST_OK && kept && kept->sequence > at.sequence)
		st = status_fail(ST_CONFLICT, "the audit chain ends at link %" PRId64 ", before the one that was kept (%" PRId64 "): it was cut, or the database is an older one",
				 at.sequence, kept->sequence);
	if (st == ST_OK)
		st = verify_rest(db, a, &at);
	if (st == ST_OK)
		*last = at;
	return st;
}
