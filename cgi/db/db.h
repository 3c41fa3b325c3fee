/* The only user of libpq. Every statement is prepared once per connection and has parameters; the SQL text must be a
 * string literal (it is looked up by its address). Results live in the arena. Columns are read by name. */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct db;
struct db_result;

/* One value. Build with the macros below. */
struct db_value {
	enum { DB_VALUE_NULL, DB_VALUE_TEXT, DB_VALUE_INT, DB_VALUE_BYTES, DB_VALUE_BOOL, DB_VALUE_TIME } type;
	const char *text;
	int64_t number;
	struct bytes bytes;
};
#define DB_TEXT(t) ((struct db_value){.type = (t) ? DB_VALUE_TEXT : DB_VALUE_NULL, .text = (t)})
#define DB_INT(n) ((struct db_value){.type = DB_VALUE_INT, .number = (n)})
#define DB_BOOL(b) ((struct db_value){.type = DB_VALUE_BOOL, .number = (b)})
#define DB_TIME(t) ((struct db_value){.type = (t) ? DB_VALUE_TIME : DB_VALUE_NULL, .number = (t)}) /* UTC seconds, 0 = NULL */
#define DB_BYTES(b) ((struct db_value){.type = (b).data ? DB_VALUE_BYTES : DB_VALUE_NULL, .bytes = (b)})
#define DB_NULL ((struct db_value){.type = DB_VALUE_NULL})

/* Connects with application_name part; statement_timeout, lock_timeout and idle_in_transaction_session_timeout are set.
 * ST_INVALID when the DSN cannot be read. When the database is away the result is ST_OK all the same (a warning is logged):
 * db_ready tells, and tries again, so that a worker can start and answer "unavailable". */
enum status db_open(struct db **out, const char *dsn, const char *part) MUST_CHECK;
void db_close(struct db *db);
/* Makes sure that there is a live connection outside a transaction: connects again when it was lost (after a failure at
 * most once a second). Call at the start of each request and job. ST_UNAVAILABLE when the database is away. */
enum status db_ready(struct db *db) MUST_CHECK;

/* Runs one statement. out may be NULL. Status by SQLSTATE: 23505 and 23P01 ST_CONFLICT, 40001, 40P01, 55P03 and 57014 (took
 * too long) ST_BUSY, 42501 ST_DENIED, 22xxx and 23xxx ST_INVALID, 08xxx, 57P0x, 53xxx, 25006 (a standby) and a lost connection
 * ST_UNAVAILABLE, the rest ST_ERROR. */
enum status db_run(struct db *db, struct arena *a, struct db_result **out, const char *sql, const struct db_value *values, int count) MUST_CHECK;
#define db_query(db, a, out, sql, ...) \
	db_run((db), (a), (out), (sql), (const struct db_value[]){{0}, ##__VA_ARGS__} + 1, \
	       (int)(sizeof((const struct db_value[]){{0}, ##__VA_ARGS__}) / sizeof(struct db_value)) - 1)

/* The constraint or index named by the last ST_CONFLICT, "" when unknown. Borrowed until the next statement. */
const char *db_constraint(const struct db *db);

enum status db_begin(struct db *db) MUST_CHECK;
enum status db_commit(struct db *db) MUST_CHECK;
void db_rollback(struct db *db); /* harmless outside a transaction */
bool db_in_transaction(const struct db *db);
/* Grows with every transaction that was committed and every statement outside one that is not a SELECT: unchanged, nothing was kept. */
unsigned long db_changes(const struct db *db);

/* Several statements without parameters (migrations, LISTEN). A script that begins with "listen " (the last one given) is
 * run again after each reconnect by db_ready. */
enum status db_script(struct db *db, const char *sql) MUST_CHECK;
/* For LISTEN: the socket, and whether a notification arrived (all waiting ones are taken). */
int db_socket(const struct db *db);
/* Another number after each reconnect; 0 without a connection. What belongs to a session, as its locks, is gone with it. */
int db_session(const struct db *db);
bool db_notified(struct db *db);

int db_rows(const struct db_result *r);
long db_affected(const struct db_result *r);
bool db_is_null(const struct db_result *r, int row, const char *column);
const char *db_text(const struct db_result *r, int row, const char *column);   /* borrowed; NULL when null */
int64_t db_int(const struct db_result *r, int row, const char *column);        /* 0 when null */
bool db_bool(const struct db_result *r, int row, const char *column);
struct bytes db_bytes(const struct db_result *r, int row, const char *column); /* {NULL,0} when null; arena */
/* A time column must be selected as extract(epoch from x)::bigint; then use db_int. */

#endif
