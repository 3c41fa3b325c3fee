/* Connection, statements and transactions; with db_result.c and db_value.c the only user of libpq. It never lets a parameter value, a detail or a hint of
 * the server into a message: they hold the data of the rows. */
#include "db/db.h"

#include <assert.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/db_result.h"
#include "db/db_value.h"

#define SLOTS 4096 /* a power of two, several times the number of statements in the program */
#define OID_BYTEA 17
#define RETRY_MS 1000
#define SESSION_SETTINGS "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c timezone=UTC"

/* One prepared statement "s<slot>". */
struct statement {
	const char *sql;
};

struct db {
	PGconn *conn;
	char *dsn, *listen;
	char part[64];
	char constraint[64];
	int64_t failed_at; /* the last attempt to connect, when it failed */
	bool stale;
	unsigned long changes;
	int statements;
	struct statement cache[SLOTS];
};

/* ---- errors ---- */

/* Records the failure of a statement. Takes no ownership. */
static enum status fail(struct db *db, const PGresult *result, const char *sql)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *primary = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *constraint = result ? PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME) : NULL;
	snprintf(db->constraint, sizeof(db->constraint), "%s", constraint ? constraint : "");
	if (!state) { /* libpq says so by itself: whatever it thinks of its connection, nothing more can be had from that */
		db->stale = true;
		return status_fail(ST_UNAVAILABLE, "db: no answer to: %.80s", sql);
	}
	/* the plan no longer fits the tables, the server forgot it, or it has become a standby: the next db_ready connects afresh */
	if (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0 || strcmp(state, "25006") == 0)
		db->stale = true;
	enum status st = db_status_of(state);
	if (PQstatus(db->conn) == CONNECTION_BAD)
		st = ST_UNAVAILABLE;
	if (strncmp(state, "22", 2) == 0) /* these quote the value itself */
		primary = "a value is not acceptable";
	return status_fail(st, "db: %s %.120s, in: %.80s", state, primary ? primary : "", sql);
}

/* ---- connection ---- */

static void drop_notice(void *context, const char *text)
{
	(void)context;
	(void)text;
}

static void disconnect(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	db->stale = false;
	db->statements = 0;
	memset(db->cache, 0, sizeof(db->cache));
}

/* Our session settings, then the options of the DSN, which win. NULL when the DSN cannot be read; free() it. */
static char *session_options(const char *dsn)
{
	char *problem = NULL, *options = NULL;
	PQconninfoOption *parts = PQconninfoParse(dsn, &problem);
	PQfreemem(problem); /* it may quote the password */
	if (!parts)
		return NULL;
	const char *own = "";
	for (const PQconninfoOption *part = parts; part->keyword; part++) {
		if (strcmp(part->keyword, "options") == 0 && part->val)
			own = part->val;
	}
	if (asprintf(&options, "%s %s", SESSION_SETTINGS, own) < 0)
		options = NULL;
	PQconninfoFree(parts);
	return options;
}

static enum status connect_now(struct db *db)
{
	disconnect(db);
	char *options = session_options(db->dsn);
	if (!options)
		return status_fail(ST_INVALID, "db: the connection settings cannot be read");
	const char *const names[] = {"dbname",          "application_name", "options", "client_encoding",
				     "connect_timeout", "tcp_user_timeout", NULL};
	const char *const values[] = {db->dsn, db->part, options, "UTF8", "5", "20000", NULL};
	db->conn = PQconnectdbParams(names, values, 1);
	free(options);
	db->failed_at = clock_monotonic_ms();
	if (PQstatus(db->conn) != CONNECTION_OK) {
		const char *text = db->conn ? PQerrorMessage(db->conn) : "no memory";
		status_fail(ST_UNAVAILABLE, "db: cannot connect: %.*s", (int)strcspn(text, "\n"), text);
		disconnect(db);
		return ST_UNAVAILABLE;
	}
	PQsetNoticeProcessor(db->conn, drop_notice, NULL);
	if (db->listen && db_script(db, db->listen) != ST_OK) {
		disconnect(db); /* a connection that hears nothing would go unnoticed */
		return ST_UNAVAILABLE;
	}
	db->failed_at = 0;
	return ST_OK;
}

enum status db_open(struct db **out, const char *dsn, const char *part)
{
	struct db *db = calloc(1, sizeof(*db));
	if (!db || !(db->dsn = strdup(dsn ? dsn : ""))) {
		free(db);
		return status_fail(ST_ERROR, "db: no memory");
	}
	snprintf(db->part, sizeof(db->part), "%s", part);
	enum status st = connect_now(db);
	if (st == ST_INVALID) {
		db_close(db);
		return st;
	}
	if (st != ST_OK)
		log_warn("db", "%s", status_message());
	*out = db;
	return ST_OK;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	disconnect(db);
	if (db->dsn)
		explicit_bzero(db->dsn, strlen(db->dsn));
	free(db->dsn);
	free(db->listen);
	free(db);
}

/* A server that went away has closed the socket; a few reads find the end behind its last words. */
static bool lost(struct db *db)
{
	if (PQstatus(db->conn) != CONNECTION_OK || db->stale)
		return true;
	for (int i = 0; i < 16; i++) {
		struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};
		if (poll(&p, 1, 0) <= 0)
			return false;
		if (!PQconsumeInput(db->conn) || PQstatus(db->conn) != CONNECTION_OK)
			return true;
	}
	return false;
}

enum status db_ready(struct db *db)
{
	if (db->conn && !lost(db)) {
		PGTransactionStatusType state = PQtransactionStatus(db->conn);
		if (state == PQTRANS_IDLE)
			return ST_OK;
		log_error("db", "a transaction was left open (state %d)", (int)state);
		db_rollback(db);
		if (PQtransactionStatus(db->conn) == PQTRANS_IDLE)
			return ST_OK;
	}
	if (db->conn) {
		log_warn("db", "the connection was lost");
		disconnect(db);
	}
	if (db->failed_at && clock_monotonic_ms() - db->failed_at < RETRY_MS)
		return status_fail(ST_UNAVAILABLE, "db: away; next attempt within a second");
	enum status st = connect_now(db);
	if (st != ST_OK) {
		log_warn("db", "%s", status_message());
		return ST_UNAVAILABLE;
	}
	log_info("db", "connected");
	return ST_OK;
}

/* ---- statements ---- */

/* Where the linker put the program and its constants. */
extern const char __executable_start, edata;

/* The rule that the SQL is a literal: statements are known by their address, which built text would share with other text. */
static bool is_literal(const char *sql)
{
	return sql >= &__executable_start && sql < &edata;
}

/* The slot of a statement: its own, or the free one where it belongs. */
static struct statement *slot_of(struct db *db, const char *sql)
{
	size_t i = ((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 52; /* the top 12 bits: SLOTS is 4096 */
	while (db->cache[i].sql && db->cache[i].sql != sql)
		i = (i + 1) % SLOTS;
	return &db->cache[i];
}

static enum status prepare(struct db *db, const char *sql, const struct db_value *values, int count, char name[16])
{
	struct statement *slot = slot_of(db, sql);
	snprintf(name, 16, "s%d", (int)(slot - db->cache));
	if (slot->sql)
		return ST_OK;
	assert(is_literal(sql));
	assert(db->statements < SLOTS / 2);
	Oid types[DB_VALUES_MAX];
	for (int i = 0; i < count; i++)
		types[i] = values[i].type == DB_VALUE_BYTES ? OID_BYTEA : 0;
	PGresult *result = PQprepare(db->conn, name, sql, count, types);
	enum status st = PQresultStatus(result) == PGRES_COMMAND_OK ? ST_OK : fail(db, result, sql);
	PQclear(result);
	if (st == ST_OK) {
		*slot = (struct statement){sql};
		db->statements++;
	}
	return st;
}

static void release_result(void *object)
{
	PQclear(object);
}

enum status db_run(struct db *db, struct arena *a, struct db_result **out, const char *sql, const struct db_value *values, int count)
{
	char name[16];
	struct db_parameters p;
	assert(count >= 0 && count <= DB_VALUES_MAX);
	db->constraint[0] = '\0';
	if (!db->conn)
		return status_fail(ST_UNAVAILABLE, "db: not connected");
	enum status st = prepare(db, sql, values, count, name);
	if (st != ST_OK)
		return st;
	st = db_parameters(&p, values, count);
	if (st != ST_OK)
		return st;
	PGresult *result = PQexecPrepared(db->conn, name, count, p.texts, p.lengths, p.formats, 0);
	ExecStatusType kind = PQresultStatus(result);
	if (kind != PGRES_TUPLES_OK && kind != PGRES_COMMAND_OK) {
		st = fail(db, result, sql);
		PQclear(result);
		return st;
	}
	if (!db_in_transaction(db) && strncmp(PQcmdStatus(result), "SELECT", 6) != 0)
		db->changes++;
	if (!out) {
		PQclear(result);
		return ST_OK;
	}
	arena_cleanup(a, release_result, result);
	struct db_result *r = arena_alloc(a, sizeof(*r));
	*r = (struct db_result){.arena = a, .result = result, .rows = PQntuples(result), .columns = PQnfields(result), .next = arena_alloc(a, sizeof(int))};
	*out = r;
	return ST_OK;
}

const char *db_constraint(const struct db *db)
{
	return db->constraint;
}

/* ---- transactions and scripts ---- */

/* Runs text that has no parameters; tag receives the command tag of its last statement. */
static enum status execute(struct db *db, const char *sql, char tag[32])
{
	db->constraint[0] = tag[0] = '\0';
	if (!db->conn)
		return status_fail(ST_UNAVAILABLE, "db: not connected");
	PGresult *result = PQexec(db->conn, sql);
	ExecStatusType kind = PQresultStatus(result);
	enum status st = ST_OK;
	if (kind == PGRES_COPY_IN || kind == PGRES_COPY_OUT || kind == PGRES_COPY_BOTH) {
		db->stale = true;
		st = status_fail(ST_ERROR, "db: copy is not served here");
	} else if (kind != PGRES_TUPLES_OK && kind != PGRES_COMMAND_OK && kind != PGRES_EMPTY_QUERY) {
		st = fail(db, result, sql);
	}
	snprintf(tag, 32, "%s", result ? PQcmdStatus(result) : "");
	PQclear(result);
	return st;
}

enum status db_begin(struct db *db)
{
	char tag[32];
	if (db_in_transaction(db))
		return status_fail(ST_ERROR, "db: a transaction is open already");
	return execute(db, "begin", tag);
}

enum status db_commit(struct db *db)
{
	char tag[32];
	enum status st = execute(db, "commit", tag);
	if (st == ST_OK && strcmp(tag, "COMMIT") != 0) /* after a failed statement the server answers ROLLBACK */
		return status_fail(ST_ERROR, "db: the transaction had failed and was rolled back");
	db->changes += st == ST_OK;
	return st;
}

unsigned long db_changes(const struct db *db)
{
	return db->changes;
}

void db_rollback(struct db *db)
{
	char tag[32], constraint[sizeof(db->constraint)];
	if (!db_in_transaction(db))
		return;
	memcpy(constraint, db->constraint, sizeof(constraint));
	if (execute(db, "rollback", tag) != ST_OK)
		db->stale = true;
	memcpy(db->constraint, constraint, sizeof(constraint)); /* still wanted by whoever handles the conflict */
}

bool db_in_transaction(const struct db *db)
{
	if (!db->conn)
		return false;
	PGTransactionStatusType state = PQtransactionStatus(db->conn);
	return state == PQTRANS_INTRANS || state == PQTRANS_INERROR || state == PQTRANS_ACTIVE;
}

enum status db_script(struct db *db, const char *sql)
{
	char tag[32];
	enum status st = execute(db, sql, tag);
	if ((st == ST_OK || st == ST_UNAVAILABLE) && sql != db->listen && strncmp(sql, "listen ", 7) == 0) {
		char *copy = strdup(sql);
		free(db->listen);
		db->listen = copy;
	}
	return st;
}

int db_socket(const struct db *db)
{
	return db->conn ? PQsocket(db->conn) : -1;
}

int db_session(const struct db *db)
{
	return db->conn ? PQbackendPID(db->conn) : 0;
}

bool db_notified(struct db *db)
{
	bool any = false;
	if (!db->conn || !PQconsumeInput(db->conn))
		return false;
	for (PGnotify *one; (one = PQnotifies(db->conn)); any = true)
		PQfreemem(one);
	return any;
}
