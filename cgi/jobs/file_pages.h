/* The agreements behind a registration as pictures: their texts as they were agreed to, and a page that says who agreed when. */
#ifndef JOBS_FILE_PAGES_H
#define JOBS_FILE_PAGES_H

#include "base/config.h"
#include "db/db.h"
#include "image/page.h"

struct agreed_text {
	const char *id, *title, *version, *body, *statement, *sha256; /* sha256: hex */
	int64_t given_at;
};
#define AGREED_TEXTS_MAX 4
/* The contract texts (network access, duties) that were agreed to in this application; where it has none of a kind, as a change of
 * certificate, those of the same holder's earlier registration of the card. */
enum status file_pages_load(struct db *db, struct arena *a, const char *application_id, const char *card_id, struct agreed_text *out,
			    int *count) MUST_CHECK;
/* The text itself: the same for everybody who agreed to it. */
enum status file_pages_text(struct arena *a, const char *font, const struct agreed_text *t, struct pages *out) MUST_CHECK;
/* Who agreed to what, for which car and card. ST_NOT_FOUND: the application was erased. */
enum status file_pages_signature(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				 const char *application_id, const char *iccid, const struct agreed_text *texts, int count,
				 struct pages *out) MUST_CHECK;

#endif
