/* Inside 我的信息: who is signed in, and the applications of that phone. */
#ifndef FLOW_MINE_OWN_H
#define FLOW_MINE_OWN_H

#include "http/request.h"
#include "store/audit.h"

#define OWN_PAGE 20
#define OWN_COPY_MAX 50                       /* applications in one copy */
#define OWN_COPY_BYTES ((int64_t)40 << 20)    /* files in one copy */

struct own_visit {
	struct request *r;
	struct actor actor;
	struct bytes phone_hash;
	char *phone;
	struct bytes proof; /* what was proved within the time, {NULL, 0}: nothing */
};

/* ST_DENIED: nobody is signed in, and it has answered with the way to the sign-in. */
enum status own_enter(struct own_visit *v, struct request *r) MUST_CHECK;

/* One application in clear. */
struct own {
	const char *id, *number, *kind, *data_key_id;
	const char *reason; /* why it is kept: draft, open, registered, ended, refused (store/erasure.h) */
	int64_t at, until;  /* until 0: no day is known */
	const char *vin, *brand, *model, *certificate_type, *valid_from, *valid_until;
	bool long_term, face; /* face: a consent that was not withdrawn */
	char *name, *number_clear, *address; /* NULL: not given */
	bool open; /* the certificate is proved, or there is none */
};

/* The applications of the phone that still hold personal data, newest first; id NULL: all. Returns at most max. */
enum status own_load(struct own_visit *v, const char *id, int max, int offset, struct own **out, int *count) MUST_CHECK;
/* The one with this id: ST_NOT_FOUND when it is not an id, or of somebody else. */
enum status own_one(struct own_visit *v, const char *id, struct own **out) MUST_CHECK;
/* The same, and it must be open. ST_DENIED: it has answered with the way to the proof. */
enum status own_opened(struct own_visit *v, const char *id, struct own **out) MUST_CHECK;
/* The keyed hash that stands for "this phone has proved these last 4". */
struct bytes own_proof(struct own_visit *v, const char *last4);
const char *own_last4(struct arena *a, const char *number);

/* What was done before (?done=), as a notice of the page. */
void own_tell(struct request *r);
/* Page words: why it is kept, as text; the day or NULL. */
const char *own_reason_text(struct arena *a, const struct own *o, int refused_days);
const char *own_kind_text(const struct own *o);
/* What a file shows, and the end of its name. */
const char *own_file_label(const char *purpose);
const char *own_file_ending(const char *media_type);

#endif
