/* Pictures that are sent outside a flow (flow/upload.c). */
#ifndef FLOW_PICTURE_H
#define FLOW_PICTURE_H

#include "http/request.h"
#include "store/evidence.h"

struct uploaded_picture {
	const char *refused, *argument; /* message key of what is wrong with the file; nothing was stored then */
	struct evidence_file file;      /* in the store; its row is the caller's */
	unsigned char original_sha256[CRYPT_HASH_SIZE];
};
/* Reads the multipart body of the request, writes its picture anew (sandboxed decoder) and seals it into the evidence store. */
enum status upload_picture(struct request *r, const struct crypt_key *key, struct uploaded_picture *out) MUST_CHECK;

#endif
