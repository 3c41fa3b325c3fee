/* What every way of sending a file shares, the plain form (upload.c) and the resumable one (resume.c): checks and keeping
 * (upload_kinds.c), and the places that files go to: a step of a draft (upload_draft.c), what people asked for in review (supplement.c). */
#ifndef FLOW_UPLOAD_H
#define FLOW_UPLOAD_H

#include "http/request.h"
#include "image/convert.h"
#include "store/audit.h"
#include "store/evidence.h"

struct upload;

/* What can be uploaded. */
struct upload_kind {
	const char *slug;    /* in addresses */
	const char *name;    /* in rows and the log */
	const char *step;    /* of a flow that asks for it; NULL outside of flows */
	const char *purpose, *retention; /* of the evidence */
	const char *words;   /* what to take or choose when there is no file */
	const char *big;     /* message key: more than maximum */
	int megabyte;        /* bytes of what that message calls one */
	int64_t (*maximum)(const struct config *config); /* bytes */
	enum status (*start)(struct upload *u);
	enum status (*data)(struct upload *u, const void *bytes, size_t length);
	enum status (*keep)(struct upload *u); /* all bytes are there */
	/* Under the place's lock: whether this file (u->digest) is in use already, sent once more since the answer was lost, so that it must be
	 * neither kept nor paid for twice. NULL: whoever sends it has said by its address what it is for, once (supplement.c). */
	enum status (*there)(struct upload *u, bool *there);
};

/* Where files go to: the first segment of the address. */
struct upload_place {
	const struct upload_kind *(*kind)(struct arena *a, const char *slug); /* NULL: no such kind here */
	/* Whose upload it is: fills application_id, data_key_id and what the functions below need. ST_NOT_FOUND: nobody's. */
	enum status (*find)(struct upload *u);
	/* The same, and that the file may be sent now; ST_DENIED: it has answered with where to go. */
	enum status (*enter)(struct upload *u);
	/* Begins a transaction and locks the application. ST_CONFLICT, with nothing open: the file is not wanted any more. */
	enum status (*lock)(struct upload *u);
	enum status (*show)(struct upload *u, int http_status); /* the page, after the errors were put in */
	enum status (*go_on)(struct upload *u);                 /* on to where things are now: they were changed by another request */
	enum status (*go_kept)(struct upload *u);               /* on to the page that shows the file */
};

struct upload {
	struct request *r;
	const struct upload_place *place;
	const struct upload_kind *kind;
	const char *application_id, *data_key_id;
	const char *query; /* what the address of an upload needs besides its path: "" or "?NAME=VALUE" */
	struct actor actor;
	void *visit;          /* of the place */
	struct crypt_key key; /* of the application; wiped by who loaded it */
	bool given;           /* a byte came */
	const char *refused, *argument; /* message key of what is wrong with the file */
	struct crypt_sha256 *hash;      /* of the bytes as sent; made by the first byte */
	unsigned char digest[CRYPT_HASH_SIZE];
	struct image_convert *image;
	struct evidence_writer *writer;
	struct evidence_file *pages; /* of a PDF, as pictures */
	int page_count;
	const char *role; /* of the evidence: whose it is */
	int64_t size;
	unsigned char head[64]; /* the first bytes, to tell what it is */
	size_t head_length;
	enum status (*kept)(struct upload *u); /* more to write in the transaction that keeps the file, NULL: nothing; ST_CONFLICT gives it up */
};

extern const struct upload_place upload_draft, upload_supplement;

/* An upload of this request's place and of the kind called slug. ST_NOT_FOUND: no such kind there. */
enum status upload_begin(struct upload *u, struct request *r, const char *slug) MUST_CHECK;
/* Says in u->refused that the file is too big. */
void upload_too_big(struct upload *u);
/* The next bytes of the file; context is the struct upload. ST_LIMIT with u->refused: the file is at fault. */
enum status upload_take(void *context, const void *bytes, size_t length) MUST_CHECK;
/* All bytes are there: checks and keeps them. ST_OK with u->refused: the file is at fault; ST_CONFLICT: it is not wanted any more.
 * Leaves no transaction open. */
enum status upload_keep(struct upload *u) MUST_CHECK;
/* What is wrong with the file: on the page, or as JSON with this status. */
enum status upload_answer_refused(struct upload *u, int http_status) MUST_CHECK;

/* For kinds. A picture goes through the sandboxed decoder and is kept as a new JPEG. */
int64_t upload_picture_maximum(const struct config *config);
enum status upload_picture_start(struct upload *u) MUST_CHECK;
enum status upload_picture_data(struct upload *u, const void *bytes, size_t length) MUST_CHECK;
#define UPLOAD_PICTURE .retention = "enrolment", .big = "file.big", .megabyte = 1 << 20, .maximum = upload_picture_maximum, .start = upload_picture_start, .data = upload_picture_data
/* A paper: such a picture, or a PDF, which is kept as it came, and its pages as pictures. For upload_keep_document. */
enum status upload_document_start(struct upload *u) MUST_CHECK;
enum status upload_document_data(struct upload *u, const void *bytes, size_t length) MUST_CHECK;
#define UPLOAD_DOCUMENT .retention = "enrolment", .big = "file.big", .megabyte = 1 << 20, .maximum = upload_picture_maximum, .start = upload_document_start, .data = upload_document_data
/* What happens to the application with the new evidence, under the place's lock; u->refused: it is not to be kept. */
typedef enum status upload_use(struct upload *u, const char *evidence_id);
/* Ends the decoding and keeps the JPEG. */
enum status upload_keep_picture(struct upload *u, upload_use *use) MUST_CHECK;
/* The same of a paper. */
enum status upload_keep_document(struct upload *u, upload_use *use) MUST_CHECK;
/* Writes the row of a file in the store, uses it and commits. What is not kept is deleted. */
enum status upload_keep_file(struct upload *u, const char *media_type, const struct evidence_file *file, upload_use *use) MUST_CHECK;

#endif
