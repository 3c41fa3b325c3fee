/* What the files of resumable uploads share; the routes are in upload.h. */
#ifndef FLOW_RESUME_H
#define FLOW_RESUME_H

#include "flow/upload.h"
#include "store/resumable.h"

/* One upload, as its request sees it. */
struct resume {
	struct upload u;
	struct resumable row;
	bool checked; /* the client sent a checksum */
	unsigned char wanted[CRYPT_SHA1_SIZE];
};

/* Errors are told by the status; with words where the page's script shows them. key NULL: none. */
enum status resume_answer(struct request *r, int status, const char *key) MUST_CHECK;
void resume_number_header(struct request *r, const char *name, int64_t value);
/* The body is the piece that begins at offset. Under the upload's lock, with its key open; has answered, unless it failed. */
enum status resume_take_piece(struct resume *s, int64_t offset) MUST_CHECK;

#endif
