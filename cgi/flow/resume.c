/* Resumable uploads: tus 1.0.0 with creation, termination, checksum and expiration. It knows the protocol; what a file has to be is in
 * upload_kinds.c, who may send it where is the place's (upload.h), what becomes of a piece is in resume_piece.c. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/resume.h"
#include "flow/steps.h"
#include "http/messages.h"
#include "store/datakey.h"
#include "store/lifetime.h"
#include "store/limits.h"

#define TUS_VERSION "1.0.0"
#define METADATA_MAX 1000

enum status resume_answer(struct request *r, int status, const char *key)
{
	const char *text = key ? message_text(r->arena, key, NULL) : "";

	if (r->wants_json && status >= 400)
		return respond_json(r, status, arena_printf(r->arena, "{\"text\":\"%s\"}", text));
	return respond_text(r, status, text);
}

void resume_number_header(struct request *r, const char *name, int64_t value)
{
	response_header(r, name, arena_printf(r->arena, "%lld", (long long)value));
}

/* A decimal number of at most 15 digits; false for anything else. */
static bool read_number(const char *text, int64_t *out)
{
	size_t digits = text ? strspn(text, "0123456789") : 0;

	if (digits == 0 || digits > 15 || text[digits])
		return false;
	*out = 0;
	for (const char *p = text; *p; p++)
		*out = *out * 10 + (*p - '0');
	return true;
}

/* "name value, name": values in Base64. */
static bool metadata_valid(struct arena *a, const char *text)
{
	char *rest = arena_strdup(a, text), *pair;

	while ((pair = strsep(&rest, ",")) != NULL) {
		const char *value;
		struct bytes decoded;
		size_t name;

		pair += strspn(pair, " ");
		name = strcspn(pair, " ");
		value = pair[name] ? pair + name + 1 : "";
		if (name == 0 || (*value && base64_decode(a, value, &decoded) != ST_OK))
			return false;
	}
	return true;
}

/* Speaks our version, or is told which one we speak. */
static bool version_spoken(struct request *r, enum status *st)
{
	response_header(r, "Tus-Resumable", TUS_VERSION);
	if (text_equal(request_header(r, "Tus-Resumable"), TUS_VERSION))
		return true;
	response_header(r, "Tus-Version", TUS_VERSION);
	*st = resume_answer(r, 412, NULL);
	return false;
}

/* "KIND" or "KIND/ID". */
static enum status begin_of_tail(struct upload *u, struct request *r)
{
	return upload_begin(u, r, arena_strndup(r->arena, r->tail, strcspn(r->tail, "/")));
}

enum status resume_options_serve(struct request *r)
{
	struct upload u;
	enum status st = begin_of_tail(&u, r);

	if (st != ST_OK)
		return st;
	response_header(r, "Tus-Resumable", TUS_VERSION);
	response_header(r, "Tus-Version", TUS_VERSION);
	response_header(r, "Tus-Extension", "creation,termination,checksum,expiration");
	response_header(r, "Tus-Checksum-Algorithm", "sha1");
	resume_number_header(r, "Tus-Max-Size", u.kind->maximum(r->site->config));
	return resume_answer(r, 204, NULL);
}

/* ---- creation ---- */

/* The row, under the application's lock; ST_LIMIT: it has begun too many. */
static enum status create(struct upload *u, const struct resumable *wanted, int64_t *expires_at)
{
	struct request *r = u->r;
	struct db *db = r->site->db;
	const struct limit_key event = {"upload.draft", u->application_id};
	struct resumable_files replaced;
	struct limit_refusal refusal;
	enum status st = u->place->lock(u);

	if (st != ST_OK)
		return st;
	st = limits_check(db, r->arena, r->site->config, r->site->keys, &event, 1, &refusal);
	if (st == ST_OK && refusal.kind)
		st = status_fail(ST_LIMIT, "too many uploads of one application");
	if (st == ST_OK)
		st = limits_record(db, r->arena, r->site->keys, &event, 1);
	if (st == ST_OK)
		st = resumable_create(db, r->arena, &u->actor, u->application_id, wanted, expires_at, &replaced);
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK) {
		db_rollback(db);
		return st;
	}
	for (int i = 0; i < replaced.count; i++) /* what stays is swept up */
		if (evidence_delete(r->site->config->evidence_dir, replaced.storage_keys[i]) != ST_OK)
			log_warn("upload", "piece of a replaced upload: %s", status_message());
	return ST_OK;
}

enum status resume_begin_serve(struct request *r)
{
	struct upload u;
	struct resumable wanted = {.id = crypt_uuid(r->arena)};
	const char *metadata = request_header(r, "Upload-Metadata");
	int64_t expires_at = 0;
	enum status st = ST_OK;

	if (!version_spoken(r, &st))
		return st;
	st = upload_begin(&u, r, r->tail);
	if (st != ST_OK)
		return st;
	wanted.kind = u.kind->name;
	if (!read_number(request_header(r, "Upload-Length"), &wanted.length))
		return resume_answer(r, 400, "error.400");
	if (metadata && (strlen(metadata) > METADATA_MAX || !metadata_valid(r->arena, metadata)))
		return resume_answer(r, 400, "error.400");
	st = u.place->enter(&u);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (wanted.length == 0)
		u.refused = "file.empty";
	else if (wanted.length > u.kind->maximum(r->site->config))
		upload_too_big(&u);
	if (u.refused)
		return upload_answer_refused(&u, wanted.length == 0 ? 422 : 413);
	if (metadata) {
		st = datakey_load(r->site->db, r->arena, r->site->keys, u.data_key_id, &u.key);
		if (st != ST_OK)
			return st;
		wanted.metadata_sealed = sealed_text(r->arena, &u.key, "upload", "metadata_sealed", wanted.id, metadata);
		crypt_wipe(&u.key, sizeof u.key);
	}
	st = create(&u, &wanted, &expires_at);
	if (st == ST_CONFLICT)
		return u.place->go_on(&u);
	if (st == ST_LIMIT)
		return resume_answer(r, 429, "error.429");
	if (st != ST_OK)
		return st;
	response_header(r, "Location", arena_printf(r->arena, "%s/%s%s", r->path, wanted.id, u.query));
	response_header(r, "Upload-Expires", clock_http(r->arena, expires_at));
	return resume_answer(r, 201, NULL);
}

/* ---- one upload ---- */

/* The metadata as the client gave it, NULL when it gave none. */
static enum status open_metadata(struct resume *s, char **out)
{
	struct request *r = s->u.r;
	struct crypt_key key;
	enum status st;

	*out = NULL;
	if (!s->row.metadata_sealed.data)
		return ST_OK;
	st = datakey_load(r->site->db, r->arena, r->site->keys, s->u.data_key_id, &key);
	if (st == ST_OK)
		st = opened_text(r->arena, &key, "upload", "metadata_sealed", s->row.id, s->row.metadata_sealed, out);
	crypt_wipe(&key, sizeof key);
	return st;
}

static enum status serve_head(struct resume *s)
{
	struct request *r = s->u.r;
	char *metadata;
	enum status st = open_metadata(s, &metadata);

	if (st != ST_OK)
		return st;
	resume_number_header(r, "Upload-Offset", s->row.received);
	resume_number_header(r, "Upload-Length", s->row.length);
	if (metadata)
		response_header(r, "Upload-Metadata", metadata);
	if (s->row.open)
		response_header(r, "Upload-Expires", clock_http(r->arena, s->row.expires_at));
	return resume_answer(r, 200, NULL);
}

static enum status serve_delete(struct resume *s)
{
	struct request *r = s->u.r;
	const char *action = s->row.open ? "upload.cancelled" : NULL; /* what was kept stays kept */
	enum status st = resumable_remove(r->site->db, r->arena, r->site->config->evidence_dir, &s->u.actor, action, s->row.id);

	return st == ST_OK ? resume_answer(r, 204, NULL) : st;
}

/* "sha1 BASE64"; false: something else. */
static bool read_checksum(struct resume *s)
{
	struct arena *a = s->u.r->arena;
	const char *text = request_header(s->u.r, "Upload-Checksum");
	struct bytes sum;

	s->checked = text != NULL;
	if (!text)
		return true;
	if (!text_prefix(text, "sha1 ") || base64_decode(a, text + 5, &sum) != ST_OK || sum.length != sizeof s->wanted)
		return false;
	memcpy(s->wanted, sum.data, sum.length);
	return true;
}

static enum status serve_patch(struct resume *s)
{
	struct request *r = s->u.r;
	const char *application_id = s->u.application_id;
	int64_t offset;
	enum status st = ST_OK;

	if (strcmp(r->content_type, "application/offset+octet-stream") != 0)
		return resume_answer(r, 415, "error.400");
	if (!read_number(request_header(r, "Upload-Offset"), &offset) || r->content_length < 0 || !read_checksum(s))
		return resume_answer(r, 400, "error.400");
	if (s->row.open) /* what was settled may be asked for from any later step */
		st = s->u.place->enter(&s->u);
	if (st == ST_OK && !text_equal(s->u.application_id, application_id))
		st = status_fail(ST_NOT_FOUND, "the browser has another draft by now");
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	/* A file that takes an hour on a weak network must not find its draft paused. The last piece is an answer, which puts that off by itself:
	 * it must not wait for the draft twice. */
	if (s->row.open && offset + r->content_length < s->row.length)
		st = lifetime_extend(r->site->db, r->arena, r->site->config, session_hash(r));
	if (st == ST_OK)
		st = datakey_load(r->site->db, r->arena, r->site->keys, s->u.data_key_id, &s->u.key);
	if (st == ST_OK)
		st = resume_take_piece(s, offset);
	crypt_wipe(&s->u.key, sizeof s->u.key);
	return st;
}

/* Loads the upload of the address if it is the visitor's. */
static enum status load(struct resume *s, struct request *r)
{
	const char *id = strchr(r->tail, '/') + 1;
	enum status st = begin_of_tail(&s->u, r);

	if (st == ST_OK && !text_uuid(id))
		st = status_fail(ST_NOT_FOUND, "not the address of an upload");
	if (st == ST_OK)
		st = s->u.place->find(&s->u);
	if (st == ST_OK)
		st = resumable_load(r->site->db, r->arena, s->u.application_id, id, &s->row);
	if (st == ST_OK && strcmp(s->row.kind, s->u.kind->name) != 0)
		st = status_fail(ST_NOT_FOUND, "an upload of another kind");
	return st;
}

/* Alone with the upload: two pieces do not mix, and who asks for the offset while one is being written is told to ask again instead of
 * an old one. The row is loaded once more, since whoever was there before may have changed it. */
static enum status serve_alone(struct resume *s, enum status (*serve)(struct resume *s))
{
	struct request *r = s->u.r;
	struct db *db = r->site->db;
	const char *id = s->row.id;
	bool mine;
	enum status st = resumable_lock(db, r->arena, id, &mine);

	if (st != ST_OK)
		return st;
	if (!mine)
		return resume_answer(r, 423, "error.409");
	st = resumable_load(db, r->arena, s->u.application_id, id, &s->row);
	if (st == ST_OK)
		st = serve(s);
	else if (st == ST_NOT_FOUND)
		st = resume_answer(r, 404, "error.404");
	if (db_in_transaction(db))
		db_rollback(db);
	resumable_unlock(db, r->arena, id);
	return st;
}

enum status resume_serve(struct request *r)
{
	static const struct {
		enum status (*serve)(struct resume *s);
		bool alone;
	} acts[] = {[METHOD_HEAD] = {serve_head, true}, [METHOD_PATCH] = {serve_patch, true}, [METHOD_DELETE] = {serve_delete, false}};
	struct resume s = {0};
	enum status st = ST_OK;

	if (!version_spoken(r, &st))
		return st;
	st = load(&s, r);
	if (st == ST_NOT_FOUND)
		return resume_answer(r, 404, "error.404");
	if (st != ST_OK)
		return st;
	if (s.row.expired)
		return resume_answer(r, 410, "error.404");
	return acts[r->method].alone ? serve_alone(&s, acts[r->method].serve) : acts[r->method].serve(&s);
}
