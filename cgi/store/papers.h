/* The papers of a company's draft: the organisation as on its certificate, the letter that authorises the responsible person, signed
 * attachments. The changes are in the transaction begun by draft_lock; each raises the version and writes an audit row. Knows no pages. */
#ifndef STORE_PAPERS_H
#define STORE_PAPERS_H

#include "store/draft.h"

#define ATTACHMENTS_MAX 10

/* The party "organisation". Borrowed from the arena. */
struct organisation {
	bool exists;
	const char *id, *certificate_type;
	char *name, *code, *address, *postal_address;
	const char *valid_from, *valid_until; /* ISO dates, NULL when not known */
	bool long_term;
	const char *edited; /* PostgreSQL array text: fields that are not as they were read */
};
enum status organisation_load(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, struct organisation *out) MUST_CHECK;
/* Writes it and marks the certificate as confirmed. */
enum status organisation_save(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d,
			      const struct organisation *o) MUST_CHECK;

/* Another certificate, with its reading and the job; it has to be confirmed. */
enum status papers_set_certificate(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *evidence_id) MUST_CHECK;
/* One more reading of the one that is there. */
enum status papers_read_again(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d) MUST_CHECK;

/* Another letter; who it names has to be given again. */
enum status papers_set_letter(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *evidence_id) MUST_CHECK;
/* Whom the letter names. */
enum status papers_give_letter(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const char *name) MUST_CHECK;
/* Says anew whether the letter names the responsible person; nothing differs while one of the two is not known. */
enum status papers_compare(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d) MUST_CHECK;

struct attachment {
	const char *id, *evidence_id;
	bool pdf;
	int pages;
};
/* In the order in which they came; out has room for ATTACHMENTS_MAX. */
enum status papers_attachments(struct db *db, struct arena *a, const char *application_id, struct attachment *out, int *count) MUST_CHECK;
/* Whether one of them came as the bytes with this SHA-256. */
enum status papers_attached(struct db *db, struct arena *a, const char *application_id, struct bytes sha256, bool *yes) MUST_CHECK;
/* ST_LIMIT: there are ATTACHMENTS_MAX. */
enum status papers_add_attachment(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *evidence_id) MUST_CHECK;
/* Nothing happens when it is not there (any more). */
enum status papers_remove_attachment(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *id) MUST_CHECK;
/* All of them are there. */
enum status papers_give_attachments(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d) MUST_CHECK;

/* The last batch that the company submitted whose papers can be read; *number NULL: none. */
enum status papers_last(struct db *db, struct arena *a, const struct draft *d, const char **id, const char **number) MUST_CHECK;
/* Copies what is still valid of that application's papers into the tasks of the draft in which nothing was given yet: the company and its
 * certificate, the person and his (not into a change of the person), attachments of an application of the same kind. letter: also the
 * letter, when it is the same cars that are done again. */
enum status papers_reuse(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
			 const struct draft *d, const char *from, bool letter) MUST_CHECK;

/* The picture that shows a paper: itself, or page number page (from 1) of a PDF. ST_NOT_FOUND: not of this application, or no such page. */
enum status papers_page(struct db *db, struct arena *a, const char *application_id, const char *evidence_id, int page, const char **out) MUST_CHECK;
/* How many there are; 0 for an evidence that does not exist. */
enum status papers_pages(struct db *db, struct arena *a, const char *evidence_id, int *out) MUST_CHECK;

#endif
