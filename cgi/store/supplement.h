/* What people ask for in review (待补充), and what the person sends. */
#ifndef STORE_SUPPLEMENT_H
#define STORE_SUPPLEMENT_H

#include <stdbool.h>

#include "base/config.h"
#include "db/db.h"
#include "domain/paper.h"
#include "store/audit.h"

#define SUPPLEMENTS_MAX 8

struct supplement {
	const char *id, *words;
	const struct paper *paper;
	bool given;
};

/* What was asked for, in the order in which it was asked; what was given in an earlier round is left out as soon as a new one is open.
 * At most SUPPLEMENTS_MAX. Borrowed from the arena. */
enum status supplement_load(struct db *db, struct arena *a, const char *application_id, struct supplement *out, int *count) MUST_CHECK;

/* In the caller's transaction, the application's row locked: asks for the paper, and moves the cards in review to needs_more, which tells
 * the person. ST_CONFLICT with db_constraint "supplement_open": it is asked for already. ST_LIMIT: there are ATTACHMENTS_MAX attachments. */
enum status supplement_ask(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                           const char *application_id, const struct paper *what, const char *words) MUST_CHECK;

/* In the caller's transaction: locks the application and takes the evidence for what is asked, in the place of what was there (an attachment beside the others). With the
 * last one the cards go back to review. ST_CONFLICT: it is not asked for (any more). */
enum status supplement_give(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                            const char *application_id, const struct supplement *s, const char *evidence_id) MUST_CHECK;

#endif
