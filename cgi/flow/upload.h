/* What both ways of sending a file share, the plain form (upload.c) and the resumable one (resume.c): kinds, checks, keeping
 * (upload_kinds.c), and what the sender is told. */
#ifndef FLOW_UPLOAD_H
#define FLOW_UPLOAD_H

#include "flow/steps.h"
#include "image/convert.h"
#include "store/datakey.h"
#include "store/evidence.h"

struct upload;

/* What can be uploaded: a segment of the address. */
struct upload_kind {
	const char *slug;
	const char *step;
	const char *purpose; /* of the evidence */
	const char *words;   /* what to take or choose when there is no file */
	const char *big;     /* message key: more than maximum */
	int megabyte;        /* bytes of what that message calls one */
	int64_t (*maximum)(const struct config *config); /* bytes */
	enum status (*start)(struct upload *u);
	enum status (*data)(struct upload *u, const void *bytes, size_t length);
	enum status (*keep)(struct upload *u); /* all bytes are there */
};

struct upload {
	struct flow_visit v;
	const struct upload_kind *kind;
	struct crypt_key key; /* of the draft; wiped by who loaded it */
	bool given;           /* a byte came */
	const char *refused, *argument; /* message key of what is wrong with the file */
	struct crypt_sha256 *hash;      /* of the bytes as sent; made by the first byte */
	unsigned char digest[CRYPT_HASH_SIZE];
	struct image_convert *image;
	struct evidence_writer *writer;
	int64_t size;
	unsigned char head[64]; /* the first bytes, to tell what it is */
	size_t head_length;
	enum status (*kept)(struct upload *u); /* more to write in the transaction that keeps the file, NULL: nothing; ST_CONFLICT gives it up */
};

/* NULL: no such kind. */
const struct upload_kind *upload_kind_of(const char *slug);
/* Says in u->refused that the file is too big. */
void upload_too_big(struct upload *u);
/* The next bytes of the file; context is the struct upload. ST_LIMIT with u->refused: the file is at fault. */
enum status upload_take(void *context, const void *bytes, size_t length) MUST_CHECK;
/* All bytes are there: checks and keeps them. ST_OK with u->refused: the file is at fault; ST_CONFLICT: the draft was changed meanwhile.
 * Leaves no transaction open. */
enum status upload_keep(struct upload *u) MUST_CHECK;
/* What is wrong with the file: on the page of the step, or as JSON with this status. */
enum status upload_answer_refused(struct upload *u, int http_status) MUST_CHECK;
/* On to the page that shows the file. */
enum status upload_answer_kept(struct upload *u) MUST_CHECK;

#endif
