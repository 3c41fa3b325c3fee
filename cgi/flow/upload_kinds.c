/* How a file is checked while it arrives and kept when it is whole. It knows neither how the bytes came nor what they are for. */
#include "flow/upload.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "http/form.h"
#include "http/messages.h"
#include "http/response.h"

enum status upload_begin(struct upload *u, struct request *r, const char *slug)
{
	*u = (struct upload){
		.r = r,
		.place = text_prefix(r->path, "/supplement/") ? &upload_supplement : &upload_draft,
		.query = "",
		.actor = {.name = "visitor", .address = r->address},
	};
	u->kind = u->place->kind(r->arena, slug);
	return u->kind ? ST_OK : status_fail(ST_NOT_FOUND, "no such kind of file");
}

void upload_too_big(struct upload *u)
{
	u->refused = u->kind->big;
	u->argument = arena_printf(u->r->arena, "%d", (int)(u->kind->maximum(u->r->site->config) / u->kind->megabyte));
}

int64_t upload_picture_maximum(const struct config *config)
{
	return (int64_t)config->picture_max_mb << 20;
}

enum status upload_picture_start(struct upload *u)
{
	return image_start(&u->image, u->r->arena, u->r->site->config->image_program, u->r->site->config);
}

enum status upload_picture_data(struct upload *u, const void *bytes, size_t length)
{
	enum status st = image_feed(u->image, bytes, length);

	if (st == ST_LIMIT)
		upload_too_big(u);
	return st;
}

static enum status write_row(struct upload *u, const char *media_type, const struct evidence_file *file, char **id)
{
	struct evidence_row row = {
		.application_id = u->application_id,
		.role = u->role ? u->role : "holder",
		.purpose = u->kind->purpose,
		.media_type = media_type,
		.retention_class = u->kind->retention,
		.data_key_id = u->key.id,
		.original_sha256 = {u->digest, sizeof u->digest},
	};
	char *page_id;
	enum status st = evidence_insert(u->r->site->db, u->r->arena, &row, file, id);

	row.media_type = "image/jpeg";
	row.page_of = *id;
	for (int i = 0; st == ST_OK && i < u->page_count; i++) {
		row.page = i + 1;
		st = evidence_insert(u->r->site->db, u->r->arena, &row, &u->pages[i], &page_id);
	}
	return st;
}

static void drop(struct upload *u, const struct evidence_file *file)
{
	if (evidence_delete(u->r->site->config->evidence_dir, file->storage_key) != ST_OK)
		log_warn("upload", "a file that is not kept stays until it is swept up");
}

enum status upload_keep_file(struct upload *u, const char *media_type, const struct evidence_file *file, upload_use *use)
{
	struct db *db = u->r->site->db;
	char *id = NULL;
	bool there = false, spare;
	enum status st = u->place->lock(u);

	if (st == ST_OK && u->kind->there)
		st = u->kind->there(u, &there);
	if (st == ST_OK && !there)
		st = write_row(u, media_type, file, &id);
	if (st == ST_OK && !there)
		st = use(u, id);
	if (st == ST_OK && !u->refused && u->kept)
		st = u->kept(u);
	spare = there || st != ST_OK || u->refused;
	if (st == ST_OK && !u->refused)
		st = db_commit(db);
	if (!spare) /* when nobody knows whether it was committed, the file stays: a row without a file cannot be */
		return st;
	if (db_in_transaction(db))
		db_rollback(db);
	drop(u, file);
	for (int i = 0; i < u->page_count; i++)
		drop(u, &u->pages[i]);
	return st;
}

enum status upload_keep_picture(struct upload *u, upload_use *use)
{
	struct evidence_file file;
	struct bytes jpeg;
	int width, height;
	enum status st = image_finish(u->image, &jpeg, &width, &height, &u->refused);

	if (u->refused && strcmp(u->refused, u->kind->big) == 0)
		upload_too_big(u);
	if (st != ST_OK || u->refused)
		return st;
	/* The object is there before the row; a crash between them leaves a file that is swept up. */
	st = evidence_start(&u->writer, u->r->arena, u->r->site->config->evidence_dir, &u->key);
	if (st == ST_OK)
		st = evidence_write(u->writer, jpeg.data, jpeg.length);
	if (st == ST_OK)
		st = evidence_finish(u->writer, &file);
	return st == ST_OK ? upload_keep_file(u, "image/jpeg", &file, use) : st;
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
		u->hash = crypt_sha256_start(u->r->arena);
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
	if (!u->given) {
		u->refused = "file.none";
		u->argument = u->kind->words;
		return ST_OK;
	}
	crypt_sha256_end(u->hash, u->digest);
	return u->kind->keep(u);
}

enum status upload_answer_refused(struct upload *u, int http_status)
{
	struct request *r = u->r;
	const char *text = message_text(r->arena, u->refused, u->argument);

	if (r->wants_json) /* texts come from our own table: no character that JSON would have to escape */
		return respond_json(r, http_status, arena_printf(r->arena, "{\"errors\":[{\"field\":\"file\",\"text\":\"%s\"}]}", text));
	form_error(r, "file", u->refused, u->argument);
	return u->place->show(u, http_status);
}
