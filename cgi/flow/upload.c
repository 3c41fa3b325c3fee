/* The plain upload: one file a request as a form, as soon as it is chosen. With script the answer is JSON, without it is the page. */
#include "base/log.h"
#include "flow/steps.h"
#include "flow/upload.h"
#include "http/form.h"
#include "http/multipart.h"
#include "store/datakey.h"

/* The file of a form. */
struct sending {
	struct upload u;
	bool closed; /* a file with bytes is whole; a second one is passed over */
};

static enum status on_file_data(void *context, const void *bytes, size_t length)
{
	struct sending *s = context;

	return s->closed ? ST_OK : upload_take(&s->u, bytes, length);
}

static enum status on_file_end(void *context)
{
	struct sending *s = context;

	s->closed = s->u.given;
	return ST_OK;
}

/* Forms without script offer two inputs of the same name, camera and album: the one with bytes counts. */
static enum status read_body(struct request *r, struct sending *s)
{
	return form_multipart(r, &(struct multipart_sink){.context = s, .file_data = on_file_data, .file_end = on_file_end});
}

enum status upload_serve(struct request *r)
{
	struct sending s = {0};
	struct upload *u = &s.u;
	enum status st = upload_begin(u, r, r->tail);

	if (st == ST_OK)
		st = u->place->enter(u);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	st = datakey_load(r->site->db, r->arena, r->site->keys, u->data_key_id, &u->key);
	if (st == ST_OK)
		st = read_body(r, &s);
	if (st == ST_OK)
		st = upload_keep(u);
	if (st == ST_CONFLICT)
		st = u->place->go_on(u);
	else if ((st == ST_OK || st == ST_LIMIT) && u->refused)
		st = upload_answer_refused(u, 422);
	else if (st == ST_OK) {
		log_info("upload", "kind=%s bytes=%lld", u->kind->name, (long long)u->size);
		st = u->place->go_kept(u);
	}
	crypt_wipe(&u->key, sizeof u->key);
	return st;
}
