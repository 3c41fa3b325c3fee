/* The statements of the instruction program, whose role may do nothing else. Knows nothing of JSON and passwords. */
#include "store/instruction.h"

#define VALUE_MAX 128 /* more than the longest value, quoted */

/* One more text of an array, as the database reads it. */
static void array_add(struct buffer *array, const char *value)
{
	buffer_text(array, array->length ? ",\"" : "{\"");
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			buffer_text(array, "\\");
		buffer_add(array, value, 1);
	}
	buffer_text(array, "\"");
}

enum status instruction_accept(struct db *db, struct arena *a, struct instruction *const *list, int count)
{
	enum { CONNECTIONS, REQUESTS, CODES, ICCIDS, SENDERS, ARRAYS };
	struct buffer arrays[ARRAYS];
	struct db_result *r;
	enum status st;

	for (int k = 0; k < ARRAYS; k++)
		buffer_init(&arrays[k], a, (size_t)INSTRUCTIONS_MAX * VALUE_MAX);
	for (int i = 0; i < count; i++) {
		array_add(&arrays[CONNECTIONS], list[i]->connection_id);
		array_add(&arrays[REQUESTS], list[i]->request_id);
		array_add(&arrays[CODES], list[i]->code);
		array_add(&arrays[ICCIDS], list[i]->iccid);
		array_add(&arrays[SENDERS], list[i]->address);
	}
	for (int k = 0; k < ARRAYS; k++) {
		buffer_text(&arrays[k], "}");
		if (arrays[k].overflow)
			return status_fail(ST_LIMIT, "%d instructions are too long", count);
	}
	st = db_query(db, a, &r, "SELECT cause FROM instruction_accept($1, $2, $3, $4, $5) AS cause", DB_TEXT(arrays[CONNECTIONS].data),
		      DB_TEXT(arrays[REQUESTS].data), DB_TEXT(arrays[CODES].data), DB_TEXT(arrays[ICCIDS].data),
		      DB_TEXT(arrays[SENDERS].data));
	if (st == ST_OK && db_rows(r) != count)
		st = status_fail(ST_ERROR, "%d instructions got %d answers", count, db_rows(r));
	for (int i = 0; st == ST_OK && i < count; i++) {
		list[i]->cause = db_text(r, i, "cause");
		list[i]->other = text_equal(list[i]->cause, "other");
	}
	return st;
}

enum status instruction_result(struct db *db, struct arena *a, const char *connection_id, const char *request_id, bool done,
			       const char *cause, const char **answer)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT t1_complete($1, $2, $3, $4) AS answer", DB_TEXT(connection_id), DB_TEXT(request_id),
				  DB_INT(done ? 1 : 2), DB_TEXT(cause));

	if (st == ST_OK)
		*answer = db_text(r, 0, "answer");
	return st;
}

enum status instruction_refused(struct db *db, struct arena *a, int calls, const char *address)
{
	return db_query(db, a, NULL, "SELECT instruction_refused($1, $2)", DB_INT(calls), DB_TEXT(address));
}

enum status instruction_connections(struct db *db, struct arena *a, const char *automaker, struct db_result **out)
{
	return db_query(
		db, a, out,
		"SELECT n.id, n.platform_id, n.profile, (SELECT ' ' || string_agg(m.code, ' ' ORDER BY m.code) || ' ' FROM manufacturer m"
		" WHERE m.automaker_id = n.automaker_id) AS codes"
		" FROM carrier_connection n JOIN automaker k ON k.id = n.automaker_id WHERE k.slug = $1 ORDER BY n.id",
		DB_TEXT(automaker));
}
