/* The database layer against a real server: TEST_DATABASE is the DSN of a role that may create tables and terminate its own
 * connections. Uses temporary tables only. */
#include "db/db.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/clock.h"

static struct arena *a;
static struct db *db, *second;

static void test_db_session_settings(void)
{
	struct db_result *r = NULL;
	CHECK(db_query(db, a, &r,
		       "select current_setting('statement_timeout') as st, current_setting('lock_timeout') as lt, "
		       "current_setting('idle_in_transaction_session_timeout') as it, current_setting('timezone') as tz, "
		       "current_setting('client_encoding') as ce, current_setting('application_name') as name") == ST_OK);
	CHECK_TEXT(db_text(r, 0, "st"), "15s");
	CHECK_TEXT(db_text(r, 0, "lt"), "5s");
	CHECK_TEXT(db_text(r, 0, "it"), "30s");
	CHECK_TEXT(db_text(r, 0, "tz"), "UTC");
	CHECK_TEXT(db_text(r, 0, "ce"), "UTF8");
	CHECK_TEXT(db_text(r, 0, "name"), "test");
}

static enum status round_trip(struct db_result **r, struct db_value t, struct db_value n, struct db_value b, struct db_value f,
			      struct db_value at)
{
	return db_query(db, a, r,
			"select $1::text as t, $2::bigint as n, $3::bytea as b, $4::boolean as f, extract(epoch from "
			"to_timestamp($5))::bigint as at",
			t, n, b, f, at);
}

static void test_db_values_round_trip(void)
{
	static const unsigned char raw[] = {0, 1, 0xff, '\\', 'x', 0};
	struct bytes none = {NULL, 0}, empty = {raw, 0}, bytes = {raw, sizeof(raw)};
	struct db_result *r = NULL;
	CHECK(round_trip(&r, DB_TEXT("张三'; drop"), DB_INT(INT64_MIN), DB_BYTES(bytes), DB_BOOL(true), DB_TIME(1795263300)) == ST_OK);
	CHECK(db_rows(r) == 1 && db_affected(r) == 1);
	CHECK_TEXT(db_text(r, 0, "t"), "张三'; drop");
	CHECK(db_int(r, 0, "n") == INT64_MIN);
	struct bytes back = db_bytes(r, 0, "b");
	CHECK(back.length == sizeof(raw) && memcmp(back.data, raw, sizeof(raw)) == 0);
	CHECK(db_bool(r, 0, "f"));
	CHECK(db_int(r, 0, "at") == 1795263300);
	CHECK(round_trip(&r, DB_TEXT((const char *)NULL), DB_NULL, DB_BYTES(none), DB_BOOL(false), DB_TIME(0)) == ST_OK);
	CHECK(db_is_null(r, 0, "t") && db_text(r, 0, "t") == NULL && db_is_null(r, 0, "n") && db_int(r, 0, "n") == 0);
	CHECK(db_is_null(r, 0, "b") && db_bytes(r, 0, "b").data == NULL && !db_bool(r, 0, "f") && db_is_null(r, 0, "at"));
	CHECK(round_trip(&r, DB_TEXT(""), DB_INT(1), DB_BYTES(empty), DB_NULL, DB_TIME(1)) == ST_OK);
	CHECK(!db_is_null(r, 0, "t") && db_bytes(r, 0, "b").data != NULL && db_bytes(r, 0, "b").length == 0 && !db_bool(r, 0, "f"));
}

static void test_db_null_bytes_first_then_bytes(void)
{
	struct bytes bytes = {(const unsigned char *)"\0\1", 2};
	struct db_result *r = NULL;
	CHECK(db_script(db, "create temporary table blobs (b bytea)") == ST_OK);
	for (int i = 0; i < 2; i++)
		CHECK(db_query(db, a, &r, "insert into blobs values ($1) returning b", i ? DB_BYTES(bytes) : DB_NULL) == ST_OK);
	CHECK(db_bytes(r, 0, "b").length == 2);
}

static void test_db_statuses(void)
{
	CHECK(db_script(db, "create temporary table things (id int primary key, n int check (n > 0), d date)") == ST_OK);
	CHECK(db_query(db, a, NULL, "insert into things values ($1, $2)", DB_INT(1), DB_INT(5)) == ST_OK);
	CHECK(db_query(db, a, NULL, "insert into things values ($1, 5)", DB_INT(1)) == ST_CONFLICT);
	CHECK_TEXT(db_constraint(db), "things_pkey");
	CHECK(db_query(db, a, NULL, "insert into things values (2, $1)", DB_INT(-987654)) == ST_INVALID);
	CHECK(!strstr(status_message(), "987654"));
	CHECK(db_query(db, a, NULL, "insert into things values ($1, 1)", DB_TEXT("secret text")) == ST_INVALID);
	CHECK(!strstr(status_message(), "secret text") && strstr(status_message(), "22P02"));
	CHECK(db_query(db, a, NULL, "insert into things values (3, 1, $1)", DB_TEXT("19991399")) == ST_INVALID);
	CHECK(!strstr(status_message(), "19991399"));
	CHECK(db_query(db, a, NULL, "select $1::text", DB_TEXT("bad \xff utf-8")) == ST_INVALID);
	CHECK(db_query(db, a, NULL, "select nothing from nowhere") == ST_ERROR);
	CHECK(db_query(db, a, NULL, "select * from pg_authid where $1", DB_BOOL(true)) != ST_INVALID);
	struct db_result *r = NULL;
	CHECK(db_query(db, a, &r, "update things set n = n + 1") == ST_OK);
	CHECK(db_affected(r) == 1 && db_rows(r) == 0);
	CHECK_TEXT(db_constraint(db), "");
}

static void test_db_transactions(void)
{
	struct db_result *r = NULL;
	CHECK(db_script(db, "create temporary table acts (id int primary key deferrable initially deferred)") == ST_OK);
	CHECK(!db_in_transaction(db));
	CHECK(db_begin(db) == ST_OK && db_in_transaction(db));
	CHECK(db_begin(db) == ST_ERROR);
	CHECK(db_query(db, a, NULL, "insert into acts values (1)") == ST_OK);
	db_rollback(db);
	db_rollback(db);
	CHECK(!db_in_transaction(db));
	CHECK(db_begin(db) == ST_OK && db_query(db, a, NULL, "select 1/0") == ST_INVALID);
	CHECK(db_query(db, a, NULL, "insert into acts values (2)") == ST_ERROR);
	CHECK(db_commit(db) == ST_ERROR); /* the server rolled back: never taken for a success */
	CHECK(!db_in_transaction(db));
	CHECK(db_begin(db) == ST_OK);
	CHECK(db_query(db, a, NULL, "insert into acts values (3)") == ST_OK &&
	      db_query(db, a, NULL, "insert into acts values (3)") == ST_OK);
	CHECK(db_commit(db) == ST_CONFLICT); /* a rule that is judged at the end */
	CHECK_TEXT(db_constraint(db), "acts_pkey");
	CHECK(db_begin(db) == ST_OK && db_query(db, a, NULL, "insert into acts values (4)") == ST_OK && db_commit(db) == ST_OK);
	CHECK(db_query(db, a, &r, "select id from acts") == ST_OK && db_rows(r) == 1 && db_int(r, 0, "id") == 4);
	CHECK(db_begin(db) == ST_OK);
	CHECK(db_ready(db) == ST_OK && !db_in_transaction(db)); /* what was left open is rolled back */
}

static void test_db_lock_is_busy(void)
{
	CHECK(db_query(db, a, NULL, "select pg_advisory_lock(4711)") == ST_OK);
	CHECK(db_script(second, "set lock_timeout = '50ms'") == ST_OK);
	CHECK(db_query(second, a, NULL, "select pg_advisory_lock(4711)") == ST_BUSY);
	CHECK(db_script(second, "set lock_timeout = '1min'; set statement_timeout = '50ms'") == ST_OK);
	CHECK(db_query(second, a, NULL, "select pg_advisory_lock(4711)") == ST_BUSY); /* the statement took too long */
	CHECK(db_script(second, "set statement_timeout = '15s'") == ST_OK);
	CHECK(db_query(db, a, NULL, "select pg_advisory_unlock_all()") == ST_OK);
}

/* Waits for a notification, at most five seconds. */
static bool heard(struct db *who)
{
	for (int64_t end = clock_monotonic_ms() + 5000; clock_monotonic_ms() < end;) {
		if (db_notified(who))
			return true;
		struct pollfd p = {.fd = db_socket(who), .events = POLLIN};
		poll(&p, 1, 100);
	}
	return false;
}

static void test_db_notifications(void)
{
	CHECK(db_script(second, "listen test_channel") == ST_OK);
	CHECK(!db_notified(second));
	CHECK(db_script(db, "notify test_channel; notify test_channel, 'x'") == ST_OK);
	CHECK(heard(second));
}

static void end_session(void)
{
	struct db_result *r = NULL;
	CHECK(db_query(second, a, &r, "select pg_backend_pid() as pid") == ST_OK);
	CHECK(db_query(db, a, NULL, "select pg_terminate_backend($1::int, 5000)", DB_INT(db_int(r, 0, "pid"))) == ST_OK);
}

static void test_db_connects_again(void)
{
	struct db_result *r = NULL;
	end_session();
	CHECK(db_query(second, a, &r, "select 1 as one") == ST_UNAVAILABLE); /* not noticed yet */
	CHECK(!db_in_transaction(second));
	enum status st;
	while ((st = db_ready(second)) == ST_UNAVAILABLE) /* once a second at most */
		poll(NULL, 0, 20);
	CHECK(st == ST_OK && db_query(second, a, &r, "select 1 as one") == ST_OK && db_int(r, 0, "one") == 1);
	CHECK(db_script(db, "notify test_channel") == ST_OK && heard(second)); /* it listens again */
	end_session();
	while ((st = db_ready(second)) == ST_UNAVAILABLE) /* noticed without a statement */
		poll(NULL, 0, 20);
	CHECK(st == ST_OK && db_query(second, a, &r, "select 1 as one") == ST_OK);
}

/* A server that takes nothing more, while its socket still looks well to libpq: that tells the failure by itself, without a code. */
static void test_db_failure_of_libpq(void)
{
	static const char notification[] = "A\0\0\0\x13\0\0\0\1test_chan\0"; /* the literal's own end belongs to it */
	struct db_result *r = NULL;
	char many[2000 * sizeof(notification)];
	int pair[2], session = db_session(second);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	for (size_t i = 0; i < sizeof(many); i++) /* more than libpq reads at once */
		many[i] = notification[i % sizeof(notification)];
	CHECK(write(pair[1], many, sizeof(many)) == sizeof(many) && shutdown(pair[1], SHUT_RD) == 0);
	CHECK(dup2(pair[0], db_socket(second)) >= 0);
	CHECK(db_query(second, a, &r, "select 2 as two") == ST_UNAVAILABLE);
	CHECK(db_ready(second) == ST_OK && db_session(second) != session);
	if (db_session(second) != session) /* or it would wait for ever */
		CHECK(db_query(second, a, &r, "select 2 as two") == ST_OK && db_int(r, 0, "two") == 2);
	close(pair[0]);
	close(pair[1]);
}

static void test_db_results_outlive_later_statements(void)
{
	struct db_result *one = NULL, *two = NULL;
	CHECK(db_query(db, a, &one, "select generate_series(1, 3) as n") == ST_OK);
	CHECK(db_query(db, a, &two, "select 'x' as n") == ST_OK);
	CHECK(db_rows(one) == 3 && db_int(one, 2, "n") == 3);
	CHECK_TEXT(db_text(two, 0, "n"), "x");
}

static void test_db_away(void)
{
	struct db *away = NULL;
	CHECK(db_open(&away, "host=/nonexistent dbname=x", "test") == ST_OK);
	CHECK(db_ready(away) == ST_UNAVAILABLE);
	CHECK(db_query(away, a, NULL, "select 1") == ST_UNAVAILABLE);
	CHECK(db_begin(away) == ST_UNAVAILABLE && !db_in_transaction(away) && db_socket(away) == -1 && !db_notified(away));
	db_rollback(away);
	db_close(away);
	away = NULL;
	CHECK(db_open(&away, "password=hunter2 'broken", "test") == ST_INVALID && away == NULL);
	CHECK(!strstr(status_message(), "hunter2"));
	db_close(NULL);
}

int main(void)
{
	const char *dsn = getenv("TEST_DATABASE");
	a = arena_create();
	if (!dsn || db_open(&db, dsn, "test") != ST_OK || db_open(&second, dsn, "test") != ST_OK || db_ready(db) != ST_OK) {
		printf("not ok TEST_DATABASE must name a database\n");
		return 1;
	}
	RUN(test_db_session_settings);
	RUN(test_db_values_round_trip);
	RUN(test_db_null_bytes_first_then_bytes);
	RUN(test_db_statuses);
	RUN(test_db_transactions);
	RUN(test_db_lock_is_busy);
	RUN(test_db_notifications);
	RUN(test_db_connects_again);
	RUN(test_db_failure_of_libpq);
	RUN(test_db_results_outlive_later_statements);
	RUN(test_db_away);
	arena_destroy(a);
	db_close(second);
	db_close(db);
	return test_failures;
}
