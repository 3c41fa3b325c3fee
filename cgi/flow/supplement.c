/* 补充材料: one paper after another, exactly what was asked for. Another's application is as good as none. */
#include "flow/supplement.h"

#include <string.h>

#include "base/log.h"
#include "flow/flow.h"
#include "flow/picture.h"
#include "flow/records.h"
#include "http/messages.h"
#include "store/datakey.h"
#include "store/supplement.h"

struct visit {
	const char *application_id, *number, *data_key_id;
	bool wanted, in_review; /* a card waits for it; is looked at */
	struct supplement asked[SUPPLEMENTS_MAX];
	int count, next; /* next: the first that is not given; count when there is none */
};

/* ST_DENIED: it has answered with the way to sign in. ST_NOT_FOUND: not an application of this phone, or nothing was asked for. */
static enum status enter(struct request *r, struct visit *v)
{
	const char *number = request_query(r, "number");
	struct bytes phone_hash;
	struct db_result *found;
	char *phone;
	bool signed_in;
	enum status st = records_visitor(r, &phone_hash, &phone, &signed_in);

	*v = (struct visit){0};
	if (st != ST_OK)
		return st;
	if (!signed_in) {
		st = respond_redirect(r, "/records/phone");
		return st == ST_OK ? ST_DENIED : st;
	}
	st = db_query(r->site->db, r->arena, &found,
	              "SELECT a.id, a.number, a.data_key_id, EXISTS (SELECT FROM application_card c WHERE c.application_id = a.id AND c.state = 'needs_more') AS wanted,"
	              " EXISTS (SELECT FROM application_card c WHERE c.application_id = a.id AND c.state = 'review') AS in_review"
	              " FROM application a WHERE a.number = $1 AND a.phone_hash = $2 AND a.phone_proved_at IS NOT NULL AND a.submitted_at IS NOT NULL",
	              DB_TEXT(number ? number : ""), DB_BYTES(phone_hash));
	if (st != ST_OK)
		return st;
	if (db_rows(found) != 1)
		return ST_NOT_FOUND;
	v->application_id = db_text(found, 0, "id");
	v->number = db_text(found, 0, "number");
	v->data_key_id = db_text(found, 0, "data_key_id");
	v->wanted = db_bool(found, 0, "wanted");
	v->in_review = db_bool(found, 0, "in_review");
	st = supplement_load(r->site->db, r->arena, v->application_id, v->asked, &v->count);
	while (v->next < v->count && v->asked[v->next].given)
		v->next++;
	return st == ST_OK && v->count == 0 ? ST_NOT_FOUND : st;
}

static enum status show(struct request *r, const struct visit *v, int http_status)
{
	struct view *view = request_view(r);
	struct arena *a = r->arena;
	bool open = v->wanted && v->next < v->count;

	for (int i = 0; i < v->count; i++) {
		view_item(view, "Asked", i, "label", v->asked[i].paper->label);
		view_item(view, "Asked", i, "words", v->asked[i].words);
		view_item(view, "Asked", i, "given", v->asked[i].given ? "1" : NULL);
	}
	view_set(view, "Application.number", v->number);
	view_flag(view, "Supplement.open", open);
	if (open) {
		const struct supplement *s = &v->asked[v->next];

		view_set(view, "Side.label", s->paper->label);
		view_set(view, "Supplement.words", s->words);
		view_set(view, "Upload.url", arena_printf(a, "/supplement/upload/%s?number=%s&csrf=%s", s->paper->slug, v->number, session_csrf(r)));
	}
	request_here(r, arena_printf(a, "/supplement?number=%s", v->number));
	page_common(r, open ? "补充材料" : "材料已收到", NULL);
	view_set(view, "Page.back", "/records");
	return respond_page(r, http_status, "supplement");
}

enum status supplement_serve(struct request *r)
{
	struct visit v;
	enum status st = enter(r, &v);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	/* Withdrawn or decided meanwhile: nothing is wanted, and nobody looks at it. */
	if (!v.wanted && !v.in_review)
		return respond_redirect(r, "/records");
	return show(r, &v, 200);
}

static enum status answer_refused(struct request *r, const struct visit *v, const char *key, const char *argument)
{
	if (r->wants_json) /* texts come from our own table: no character that JSON would have to escape */
		return respond_json(r, 422, arena_printf(r->arena, "{\"errors\":[{\"field\":\"file\",\"text\":\"%s\"}]}", message_text(r->arena, key, argument)));
	form_error(r, "file", key, argument);
	return show(r, v, 422);
}

/* The picture is in the store: its row, and what follows from it. */
static enum status keep(struct request *r, const struct visit *v, const struct supplement *s, const struct crypt_key *key, const struct uploaded_picture *picture)
{
	const struct actor actor = {.name = "visitor", .address = r->address};
	const struct evidence_row row = {
		.application_id = v->application_id,
		.role = "holder",
		.purpose = s->paper->name,
		.media_type = "image/jpeg",
		.retention_class = "enrolment",
		.data_key_id = key->id,
		.original_sha256 = {picture->original_sha256, sizeof picture->original_sha256},
	};
	struct db *db = r->site->db;
	char *id;
	enum status st = db_begin(db);

	if (st == ST_OK)
		st = evidence_insert(db, r->arena, &row, &picture->file, &id);
	if (st == ST_OK)
		st = supplement_give(db, r->arena, r->site->config, r->site->keys, &actor, v->application_id, s, id);
	if (st == ST_OK)
		st = db_commit(db);
	if (db_in_transaction(db))
		db_rollback(db);
	return st;
}

enum status supplement_upload_serve(struct request *r)
{
	const struct paper *what = paper_by_slug(r->tail);
	const struct supplement *s = NULL;
	struct uploaded_picture picture = {0};
	struct crypt_key key;
	struct visit v;
	const char *page;
	enum status st = what ? enter(r, &v) : ST_NOT_FOUND;

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	page = arena_printf(r->arena, "/supplement?number=%s", v.number);
	for (int i = 0; i < v.count && v.wanted; i++)
		if (v.asked[i].paper == what && !v.asked[i].given)
			s = &v.asked[i];
	if (!s) /* given already, or by another tab */
		return respond_redirect(r, page);
	st = datakey_load(r->site->db, r->arena, r->site->keys, v.data_key_id, &key);
	if (st == ST_OK)
		st = upload_picture(r, &key, &picture);
	if (st == ST_OK && picture.refused) {
		st = answer_refused(r, &v, picture.refused, picture.argument ? picture.argument : what->label);
	} else if (st == ST_OK) {
		st = keep(r, &v, s, &key, &picture);
		if (st == ST_CONFLICT)
			st = evidence_delete(r->site->config->evidence_dir, picture.file.storage_key);
		if (st == ST_OK) {
			log_info("upload", "kind=supplement-%s bytes=%lld", what->slug, (long long)picture.file.size);
			st = respond_redirect(r, page);
		}
	}
	crypt_wipe(&key, sizeof key);
	return st;
}
