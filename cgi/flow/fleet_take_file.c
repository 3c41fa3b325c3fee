/* The tables of 选择车辆 as files: the one that was uploaded stays with the draft, so that it can be given back with the reasons; and the
 * empty one. Who may, and what is in it, is known to fleet_take_read.c. */
#include <string.h>

#include "flow/fleet_take.h"
#include "http/messages.h"
#include "store/datakey.h"
#include "store/evidence.h"
#include "table/back.h"

/* ---- the file that stays ---- */

enum status take_keep_file(struct take *t)
{
	struct request *r = t->v.r;
	struct crypt_key key;
	struct evidence_writer *w;
	struct evidence_file file;
	char *id;
	enum status st = datakey_load(r->site->db, r->arena, r->site->keys, t->v.draft.data_key_id, &key);

	if (st == ST_OK)
		st = evidence_start(&w, r->arena, r->site->config->evidence_dir, &key);
	if (st == ST_OK)
		st = evidence_write(w, t->body.data, t->body.length);
	if (st == ST_OK)
		st = evidence_finish(w, &file);
	const struct evidence_row row = {.application_id = t->v.draft.id,
					 .role = "organisation",
					 .purpose = "table",
					 .media_type = table_media_type(t->about->kind),
					 .retention_class = "draft",
					 .data_key_id = key.id};
	if (st == ST_OK)
		st = flow_lock(&t->v);
	if (st == ST_OK)
		st = evidence_insert(r->site->db, r->arena, &row, &file, &id);
	crypt_wipe(&key, sizeof key);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	if (st == ST_OK)
		t->kept = id;
	return st;
}

enum status take_load_file(struct take *t)
{
	struct request *r = t->v.r;
	const char *named = r->method == METHOD_POST ? request_field(r, "table") : request_query(r, "table");
	struct db_result *f;
	struct bytes file;
	char *type;
	enum status st = db_query(r->site->db, r->arena, &f,
				  "SELECT id FROM evidence WHERE application_id = $1 AND id::text = $2 AND purpose = 'table' AND deleted_at IS NULL",
				  DB_TEXT(t->v.draft.id), DB_TEXT(named));

	if (st == ST_OK && db_rows(f) == 0)
		st = status_fail(ST_NOT_FOUND, "the draft has no such table");
	if (st == ST_OK)
		st = evidence_load(r->site->db, r->arena, r->site->keys, r->site->config->evidence_dir, t->v.draft.id, db_text(f, 0, "id"),
				   TAKE_BYTES_MAX, &file, &type);
	if (st != ST_OK)
		return st;
	t->table = true;
	t->kept = db_text(f, 0, "id");
	buffer_init(&t->body, r->arena, TAKE_BYTES_MAX + 1);
	buffer_add(&t->body, file.data, file.length);
	return ST_OK;
}

/* ---- files to download ---- */

static enum status write_template(struct request *r, enum table_kind kind, struct bytes *out)
{
	static const struct table_head columns[] = {{"车架号", 22}, {"ICCID（可以不填）", 24}, {"备注（可以不填）", 24}};
	struct table_writer *w;
	enum status st = table_write_begin(&w, r->arena, kind, "车辆", columns, sizeof columns / sizeof *columns);

	return st == ST_OK ? table_write_end(w, out) : st;
}

static enum status write_back(struct take *t, enum table_kind kind, struct bytes *out)
{
	struct arena *a = t->v.r->arena;
	struct table_verdict *verdicts;
	enum status st = take_load_file(t);

	if (st == ST_OK)
		st = take_look(t);
	if (st != ST_OK)
		return st;
	if (t->problem)
		return status_fail(ST_NOT_FOUND, "the table that was kept cannot be read");
	verdicts = arena_alloc(a, (size_t)(t->count + 1) * sizeof *verdicts);
	for (int i = 0; i < t->count; i++)
		verdicts[i] = (struct table_verdict){.row = t->rows[i].row,
						     .result = t->rows[i].fault ? "有误" : "通过",
						     .reason = t->rows[i].fault ? message_text(a, t->rows[i].fault, NULL) : NULL};
	return table_write_back(a, (struct bytes){(const unsigned char *)t->body.data, t->body.length}, take_limits, kind, t->header_row,
				verdicts, (size_t)t->count, out);
}

enum status fleet_file_serve(struct request *r)
{
	struct take t = {0};
	struct bytes file = {0};
	enum table_kind kind = strstr(r->tail, ".xlsx") ? TABLE_XLSX : TABLE_CSV;
	bool back = text_prefix(r->tail, "back.");
	enum status st = strcmp(r->tail, arena_printf(r->arena, "%s%s", back ? "back" : "template", table_extension(kind))) == 0
				 ? take_begin(&t, r)
				 : ST_NOT_FOUND;

	if (st == ST_OK)
		st = back ? write_back(&t, kind, &file) : write_template(r, kind, &file);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	return respond_attachment(r, table_media_type(kind),
				  arena_printf(r->arena, "%s%s", back ? "cars-with-reasons" : "cars-template", table_extension(kind)),
				  file);
}
