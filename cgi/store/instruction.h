/* What carriers send to us, in the database: each call is one statement that either happened whole or not at all, and may be repeated. */
#ifndef STORE_INSTRUCTION_H
#define STORE_INSTRUCTION_H

#include "db/db.h"

/* One collection instruction, and what became of it. */
struct instruction {
	const char *connection_id, *request_id, *code, *iccid, *address;
	const char *cause; /* out: NULL for accepted, else a code of table 4 */
	bool other;        /* out: the RequestID was used before for another Code or ICCID, and nothing changed */
};
#define INSTRUCTIONS_MAX 64

/* Accepts them with one commit: on ST_OK all answers are kept, and the deliveries with them; else none are. */
enum status instruction_accept(struct db *db, struct arena *a, struct instruction *const *list, int count) MUST_CHECK;

/* The result of a message that a carrier had accepted before. *answer: "kept", "other" (there is another result) or "unknown". */
enum status instruction_result(struct db *db, struct arena *a, const char *connection_id, const char *request_id, bool done,
			       const char *cause, const char **answer) MUST_CHECK;

/* Records that calls were refused for their authentication; address is that of the first. */
enum status instruction_refused(struct db *db, struct arena *a, int calls, const char *address) MUST_CHECK;

/* The connections of one automaker: id, platform_id, profile, codes (of its manufacturers, each between blanks). */
enum status instruction_connections(struct db *db, struct arena *a, const char *automaker, struct db_result **out) MUST_CHECK;

#endif
