/* Complaints: rows whose words are sealed, found by their number. States: received, working (staff has read it), answered. */
#ifndef STORE_COMPLAINT_H
#define STORE_COMPLAINT_H

#include "base/config.h"
#include "store/audit.h"

struct complaint_new {
	const char *kind, *text;
	const char *phone, *application_number; /* NULL: not given */
	const char *once;                       /* of the form: the same text again makes no second complaint */
};
/* Writes the complaint, its key and its audit row in the caller's transaction. *id is NULL when this form was sent before. */
enum status complaint_create(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                             const struct complaint_new *new, char **id) MUST_CHECK;

struct complaint {
	const char *id, *number, *kind, *state;
	int64_t created_at, answered_at;
	bool has_phone, cleared;
	char *answer; /* NULL until it is answered, and when it was cleared */
};
/* Whose number this is, if the last four digits of its phone are right (no phone is there: tail is not looked at). *id is NULL when
 * there is none, without saying what is wrong. */
enum status complaint_find(struct db *db, struct arena *a, const struct keys *keys, const char *number, const char *tail, char **id) MUST_CHECK;

/* Lets the session of this hash see the complaint for minutes, in the caller's transaction. */
enum status complaint_keep(struct db *db, struct arena *a, struct bytes session, const char *id, int minutes) MUST_CHECK;
/* The complaint that the session may see; ST_NOT_FOUND when there is none (any more). */
enum status complaint_kept(struct db *db, struct arena *a, const struct keys *keys, struct bytes session, struct complaint *out) MUST_CHECK;

/* The kinds in the order of the form: name in the database, words for people; NULL behind the last. */
const char *complaint_kind_name(int i);
const char *complaint_kind_label(int i);

#endif
