/* The plain upload: one file a request as a form, as soon as it is chosen. With script the answer is JSON, without it is the page. */
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "flow/upload.h"
#include "http/multipart.h"

/* The file of a form. */
struct sending {
	struct upload u;
	bool closed; /* a file with bytes is whole; a second one is passed over */
};

static enum status on_field(void *context, const char *name, const char *value, size_t length)
{
	(void)context;
	(void)name;
	(void)value;
	(void)length;
	return ST_OK;
}

/* Forms without script offer two inputs of the same name, camera and album: the one with bytes counts. */
static enum status on_file_start(void *context, const char *name, const char *filename)
{
	(void)context;
	(void)name;
	(void)filename;
	return ST_OK;
}

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

/* Reads the whole body through the multipart reader. */
static enum status read_body(struct request *r, struct sending *s)
{
	const struct multipart_sink sink = {s, on_field, on_file_start, on_file_data, on_file_end};
	struct multipart *m;
	unsigned char block[16384];
	size_t got;
	enum status st = multipart_start(&m, r->arena, r->content_type ? r->content_type : "", &sink);

	while (st == ST_OK) {
		st = request_read(r, block, sizeof block, &got);
		if (st != ST_OK || got == 0)
			break;
		st = multipart_feed(m, block, got);
	}
	return st == ST_OK ? multipart_end(m) : st;
}

enum status upload_serve(struct request *r)
{
	struct sending s = {.u = {.kind = upload_kind_of(r->tail)}};
	struct upload *u = &s.u;
	enum status st;

	if (!u->kind)
		return ST_NOT_FOUND;
	st = flow_enter(&u->v, r, u->kind->step);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	st = datakey_load(r->site->db, r->arena, r->site->keys, u->v.draft.data_key_id, &u->key);
	if (st == ST_OK)
		st = read_body(r, &s);
	if (st == ST_OK)
		st = upload_keep(u);
	if (st == ST_CONFLICT)
		st = flow_go_on(&u->v);
	else if ((st == ST_OK || st == ST_LIMIT) && u->refused)
		st = upload_answer_refused(u, 422);
	else if (st == ST_OK) {
		log_info("upload", "kind=%s bytes=%lld", u->kind->slug, (long long)u->size);
		st = upload_answer_kept(u);
	}
	crypt_wipe(&u->key, sizeof u->key);
	return st;
}

/* The visitor's own pictures. */
static const struct picture_of {
	const char *slug, *step;
	size_t member; /* of struct draft */
} pictures[] = {
	{"front", "front", offsetof(struct draft, front_evidence_id)},
	{"back", "back", offsetof(struct draft, back_evidence_id)},
	{"licence", "papers", offsetof(struct draft, licence_evidence_id)},
	{"other", "papers", offsetof(struct draft, other_evidence_id)},
};

enum status picture_serve(struct request *r)
{
	const struct picture_of *picture = NULL;
	struct flow_visit v;
	struct bytes content;
	char *media_type;
	const char *id;
	enum status st;

	for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
		if (strcmp(pictures[i].slug, r->tail) == 0)
			picture = &pictures[i];
	if (!picture)
		return ST_NOT_FOUND;
	st = flow_enter(&v, r, picture->step);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	memcpy(&id, (const char *)&v.draft + picture->member, sizeof id);
	if (!id)
		return ST_NOT_FOUND;
	st = evidence_load(r->site->db, r->arena, r->site->keys, r->site->config->evidence_dir, v.draft.id, id, IMAGE_JPEG_MAX, &content, &media_type);
	return st == ST_OK ? respond_bytes(r, media_type, content) : st;
}
