/* The statements of the instruction program, whose role may do nothing else. Knows nothing of JSON and passwords. */
#include "store/instruction.h"

enum status instruction_accept(struct db *db, struct arena *a, const char *connection_id, const char *request_id, const char *code, const char *iccid,
                               const char *address, const char **cause, bool *other)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT cause FROM instruction_accept($1, $2, $3, $4, $5)", DB_TEXT(connection_id), DB_TEXT(request_id),
	                          DB_TEXT(code), DB_TEXT(iccid), DB_TEXT(address));

	if (st != ST_OK)
		return st;
	*cause = db_text(r, 0, "cause");
	*other = text_equal(*cause, "other");
	return ST_OK;
}

enum status instruction_result(struct db *db, struct arena *a, const char *connection_id, const char *request_id, bool done, const char *cause,
                               const char **answer)
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
	return db_query(db, a, out,
	                "SELECT n.id, n.platform_id, n.profile, (SELECT ' ' || string_agg(m.code, ' ' ORDER BY m.code) || ' ' FROM manufacturer m"
	                " WHERE m.automaker_id = n.automaker_id) AS codes"
	                " FROM carrier_connection n JOIN automaker k ON k.id = n.automaker_id WHERE k.slug = $1 ORDER BY n.id",
	                DB_TEXT(automaker));
}
