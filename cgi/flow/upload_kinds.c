/* The kinds of files: how each is checked while it arrives and kept in the draft when it is whole. It does not know how the bytes
 * came. A picture goes through the sandboxed decoder and is kept as a new JPEG; a clip is kept as recorded. */
#include "flow/upload.h"

#include <string.h>

#include "domain/certificate.h"
#include "http/messages.h"

#define PAPERS_MAX 20 /* photographs of a purpose in one draft: each is a file */

void upload_too_big(struct upload *u)
{
	u->refused = u->kind->big;
	u->argument = arena_printf(u->v.r->arena, "%d", (int)(u->kind->maximum(u->v.r->site->config) / u->kind->megabyte));
}

/* Commits what a file changed, with what the way it came has to say about it. */
static enum status commit(struct upload *u)
{
	enum status st = u->kept ? u->kept(u) : ST_OK;

	return st == ST_OK ? db_commit(u->v.r->site->db) : st;
}

static enum status write_evidence(struct upload *u, const char *media_type, const char *retention, const struct evidence_file *file, char **id)
{
	const struct evidence_row row = {
		.application_id = u->v.draft.id,
		.role = "holder",
		.purpose = u->kind->purpose,
		.media_type = media_type,
		.retention_class = retention,
		.data_key_id = u->key.id,
		.original_sha256 = {u->digest, sizeof u->digest},
	};
	return evidence_insert(u->v.r->site->db, u->v.r->arena, &row, file, id);
}

static int64_t picture_maximum(const struct config *config)
{
	return (int64_t)config->picture_max_mb << 20;
}

static enum status picture_start(struct upload *u)
{
	return image_start(&u->image, u->v.r->arena, u->v.r->site->config->image_program, u->v.r->site->config);
}

static enum status picture_data(struct upload *u, const void *bytes, size_t length)
{
	enum status st = image_feed(u->image, bytes, length);

	if (st == ST_LIMIT)
		upload_too_big(u);
	return st;
}

/* A picture that was refused a moment ago need not be paid for again. */
static enum status refused_before(struct upload *u, bool *same)
{
	struct db_result *r;
	struct bytes hash = {u->digest, sizeof u->digest};
	enum status st = db_query(u->v.r->site->db, u->v.r->arena, &r,
	                          "SELECT 1 FROM evidence e JOIN reading g ON g.evidence_id = e.id WHERE e.application_id = $1 AND e.original_sha256 = $2"
	                          " AND g.state = 'refused' AND g.side = $3 LIMIT 1",
	                          DB_TEXT(u->v.draft.id), DB_BYTES(hash), DB_TEXT(u->kind->slug));

	*same = st == ST_OK && db_rows(r) > 0;
	return st;
}

/* The new JPEG, when the decoder found nothing wrong (u->refused). */
static enum status picture_finish(struct upload *u, struct bytes *jpeg)
{
	int width, height;
	enum status st = image_finish(u->image, jpeg, &width, &height, &u->refused);

	if (u->refused && strcmp(u->refused, u->kind->big) == 0)
		upload_too_big(u);
	return st;
}

/* The object is there before the row; a crash between them leaves a file that is swept up. */
static enum status picture_store(struct upload *u, struct bytes jpeg, struct evidence_file *file)
{
	enum status st = evidence_start(&u->writer, u->v.r->arena, u->v.r->site->config->evidence_dir, &u->key);

	if (st == ST_OK)
		st = evidence_write(u->writer, jpeg.data, jpeg.length);
	return st == ST_OK ? evidence_finish(u->writer, file) : st;
}

static enum status picture_keep(struct upload *u)
{
	struct request *r = u->v.r;
	const struct certificate *type;
	bool same;
	struct evidence_file file;
	struct bytes jpeg;
	struct tries tries;
	char *id;
	enum status st = picture_finish(u, &jpeg);

	if (st != ST_OK || u->refused)
		return st;
	st = tries_of_readings(&u->v, &tries);
	if (st == ST_OK && tries.left <= 0) {
		u->refused = "id.tries";
		u->argument = arena_printf(r->arena, "%d", r->site->config->tries_hours);
		return ST_OK;
	}
	if (st == ST_OK)
		st = refused_before(u, &same);
	if (st == ST_OK && same) {
		u->refused = "file.same";
		return ST_OK;
	}
	if (st == ST_OK)
		st = picture_store(u, jpeg, &file);
	if (st == ST_OK)
		st = flow_lock(&u->v);
	if (st != ST_OK)
		return st;
	type = draft_certificate(&u->v.draft);
	st = write_evidence(u, "image/jpeg", "enrolment", &file, &id);
	if (st == ST_OK)
		st = draft_set_picture(r->site->db, r->arena, &u->v.actor, &u->v.draft, u->kind->slug, id, type && type->automatic);
	return st == ST_OK ? commit(u) : st;
}

/* A photograph for people: nothing is read from it. */
static enum status paper_keep(struct upload *u)
{
	struct request *r = u->v.r;
	struct db_result *sent;
	struct evidence_file file;
	struct bytes jpeg;
	char *id;
	enum status st = picture_finish(u, &jpeg);

	if (st != ST_OK || u->refused)
		return st;
	st = picture_store(u, jpeg, &file);
	if (st == ST_OK)
		st = flow_lock(&u->v);
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &sent, "SELECT count(*) AS sent FROM evidence WHERE application_id = $1 AND purpose = $2",
		              DB_TEXT(u->v.draft.id), DB_TEXT(u->kind->purpose));
	if (st == ST_OK && db_int(sent, 0, "sent") >= PAPERS_MAX) {
		db_rollback(r->site->db);
		u->refused = "file.times";
		return evidence_delete(r->site->config->evidence_dir, file.storage_key);
	}
	if (st == ST_OK)
		st = write_evidence(u, "image/jpeg", "enrolment", &file, &id);
	if (st == ST_OK)
		st = draft_set_paper(r->site->db, r->arena, &u->v.actor, &u->v.draft, u->kind->slug, id);
	return st == ST_OK ? commit(u) : st;
}

static int64_t clip_maximum(const struct config *config)
{
	return (int64_t)config->clip_max_kb * 1000;
}

static enum status clip_start(struct upload *u)
{
	return evidence_start(&u->writer, u->v.r->arena, u->v.r->site->config->evidence_dir, &u->key);
}

static enum status clip_data(struct upload *u, const void *bytes, size_t length)
{
	if (u->size > u->kind->maximum(u->v.r->site->config)) {
		upload_too_big(u);
		return ST_LIMIT;
	}
	return evidence_write(u->writer, bytes, length);
}

/* The container, by its first bytes; the name and the type that a browser says are not looked at. */
static const char *clip_type(const unsigned char *head, size_t length)
{
	static const struct {
		size_t at;
		const char *magic, *also; /* also: at 8, for containers that share the first bytes */
		const char *type;
	} types[] = {
		{4, "ftypqt", NULL, "video/quicktime"}, {4, "ftyp3gp", NULL, "video/3gpp"},         {4, "ftyp", NULL, "video/mp4"},
		{0, "\x1a\x45\xdf\xa3", NULL, "video/webm"}, {0, "RIFF", "AVI ", "video/x-msvideo"}, {0, "FLV", NULL, "video/x-flv"},
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		size_t n = strlen(types[i].magic);

		if (types[i].at + n <= length && memcmp(head + types[i].at, types[i].magic, n) == 0 &&
		    (!types[i].also || (length >= 12 && memcmp(head + 8, types[i].also, 4) == 0)))
			return types[i].type;
	}
	return NULL;
}

static enum status clip_keep(struct upload *u)
{
	struct request *r = u->v.r;
	struct db *db = r->site->db;
	const char *type = clip_type(u->head, u->head_length);
	struct evidence_file file;
	struct db_result *code;
	struct tries tries;
	char *id;
	enum status st;

	if (u->size == 0 || !type) {
		u->refused = u->size == 0 ? "file.empty" : "clip.type";
		return ST_OK;
	}
	if (u->size < 2000) {
		u->refused = "live.short";
		return ST_OK;
	}
	st = evidence_finish(u->writer, &file);
	if (st == ST_OK)
		st = flow_lock(&u->v);
	if (st == ST_OK) /* under the lock, with those that are under way: clips sent at once get no more tries */
		st = tries_of_liveness(&u->v, &tries);
	if (st == ST_OK)
		st = db_query(db, r->arena, &code,
		              "SELECT id FROM live_code WHERE application_id = $1 AND state = 'ready' AND expires_at > now() ORDER BY created_at DESC LIMIT 1",
		              DB_TEXT(u->v.draft.id));
	if (st != ST_OK)
		return st;
	if (tries.left <= 0 || db_rows(code) == 0) {
		db_rollback(db);
		u->refused = tries.left <= 0 ? "live.tries" : "live.expired";
		u->argument = arena_printf(r->arena, "%d", r->site->config->tries_hours);
		return evidence_delete(r->site->config->evidence_dir, file.storage_key);
	}
	st = write_evidence(u, type, "clip", &file, &id);
	if (st == ST_OK)
		st = draft_set_clip(db, r->arena, &u->v.actor, &u->v.draft, id, db_text(code, 0, "id"));
	return st == ST_OK ? commit(u) : st;
}

#define PICTURE "file.big", 1 << 20, picture_maximum, picture_start, picture_data

static const struct upload_kind kinds[] = {
	{"front", "front", "certificate_front", "证件照片", PICTURE, picture_keep},
	{"back", "back", "certificate_back", "证件照片", PICTURE, picture_keep},
	{"clip", "liveness", "clip", "录像", "clip.big", 1000000, clip_maximum, clip_start, clip_data, clip_keep},
	{"licence", "papers", "vehicle_licence", "行驶证照片", PICTURE, paper_keep},
	{"other", "papers", "other_photo", "照片", PICTURE, paper_keep},
};

const struct upload_kind *upload_kind_of(const char *slug)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].slug, slug) == 0)
			return &kinds[i];
	return NULL;
}

enum status upload_take(void *context, const void *bytes, size_t length)
{
	struct upload *u = context;

	if (length == 0)
		return ST_OK;
	if (!u->given) {
		enum status st = u->kind->start(u);

		if (st != ST_OK)
			return st;
		u->hash = crypt_sha256_start(u->v.r->arena);
		u->given = true;
	}
	if (u->head_length < sizeof u->head) {
		size_t n = sizeof u->head - u->head_length < length ? sizeof u->head - u->head_length : length;

		memcpy(u->head + u->head_length, bytes, n);
		u->head_length += n;
	}
	u->size += (int64_t)length;
	crypt_sha256_add(u->hash, bytes, length);
	return u->kind->data(u, bytes, length);
}

enum status upload_keep(struct upload *u)
{
	struct db *db = u->v.r->site->db;
	enum status st;

	if (!u->given) {
		u->refused = "file.none";
		u->argument = u->kind->words;
		return ST_OK;
	}
	crypt_sha256_end(u->hash, u->digest);
	st = u->kind->keep(u);
	if (db_in_transaction(db))
		db_rollback(db);
	return st;
}

enum status upload_answer_refused(struct upload *u, int http_status)
{
	struct request *r = u->v.r;
	const char *text = message_text(r->arena, u->refused, u->argument);

	if (r->wants_json) /* texts come from our own table: no character that JSON would have to escape */
		return respond_json(r, http_status, arena_printf(r->arena, "{\"errors\":[{\"field\":\"file\",\"text\":\"%s\"}]}", text));
	form_error(r, "file", u->refused, u->argument);
	return flow_show(&u->v, http_status);
}

enum status upload_answer_kept(struct upload *u)
{
	/* Where the page goes on by itself, the job may have ended before the page is there. */
	return flow_go(&u->v, u->v.step->goes_on ? arena_printf(u->v.r->arena, "%s?on=1", u->kind->step) : u->kind->step);
}
