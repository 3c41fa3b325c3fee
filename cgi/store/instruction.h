/* What carriers send to us, in the database: each call is one statement that either happened whole or not at all, and may be repeated. */
#ifndef STORE_INSTRUCTION_H
#define STORE_INSTRUCTION_H

#include "db/db.h"

/* Accepts a collection instruction: when it returns ST_OK, the answer is kept and the delivery with it. *cause: NULL for accepted, else
 * a code of table 4; *other is true when the RequestID was used before for another Code or ICCID, and nothing changed. */
enum status instruction_accept(struct db *db, struct arena *a, const char *connection_id, const char *request_id, const char *code, const char *iccid,
                               const char *address, const char **cause, bool *other) MUST_CHECK;

/* The result of a message that a carrier had accepted before. *answer: "kept", "other" (there is another result) or "unknown". */
enum status instruction_result(struct db *db, struct arena *a, const char *connection_id, const char *request_id, bool done, const char *cause,
                               const char **answer) MUST_CHECK;

/* Records that calls were refused for their authentication; address is that of the first. */
enum status instruction_refused(struct db *db, struct arena *a, int calls, const char *address) MUST_CHECK;

/* The connections of one automaker: id, platform_id, profile, codes (of its manufacturers, each between blanks). */
enum status instruction_connections(struct db *db, struct arena *a, const char *automaker, struct db_result **out) MUST_CHECK;

#endif
