/* 补充材料: one paper after another, exactly what was asked for. A person's is sent by its phone, a company's batch by whoever is signed in for
 * that company. Another's application is as good as none. */
#include "flow/supplement.h"

#include <string.h>

#include "base/text.h"
#include "flow/flow.h"
#include "flow/records.h"
#include "flow/upload.h"
#include "store/company.h"
#include "store/supplement.h"

struct visit {
	const char *application_id, *number, *data_key_id;
	const char *member_id; /* whose company's batch it is; NULL: a person's */
	bool wanted, in_review; /* a card waits for it; is looked at */
	struct supplement asked[SUPPLEMENTS_MAX];
	int count, next; /* next: the first that is not given; count when there is none */
	const struct supplement *sent; /* what a file is for */
};

/* ST_DENIED: not signed in. ST_NOT_FOUND: not an application of this phone or company, or nothing was asked for. */
static enum status load(struct request *r, struct visit *v)
{
	const char *number = request_query(r, "number");
	struct bytes phone_hash;
	struct company company;
	struct db_result *found;
	char *phone;
	bool signed_in;
	enum status st = records_visitor(r, &phone_hash, &phone, &signed_in);

	*v = (struct visit){0};
	if (st != ST_OK)
		return st;
	if (!signed_in)
		return status_fail(ST_DENIED, "not signed in");
	st = company_of_session(r->site->db, r->arena, session_hash(r), &company);
	if (st != ST_OK)
		return st;
	st = db_query(r->site->db, r->arena, &found,
	              "SELECT a.id, a.number, a.data_key_id, a.company_id IS NOT NULL AS batch, EXISTS (SELECT FROM application_card c WHERE c.application_id = a.id AND c.state = 'needs_more') AS wanted,"
	              " EXISTS (SELECT FROM application_card c WHERE c.application_id = a.id AND c.state = 'review') AS in_review"
	              " FROM application a WHERE a.number = $1 AND a.submitted_at IS NOT NULL AND CASE WHEN a.company_id IS NULL"
	              " THEN a.phone_hash = $2 AND a.phone_proved_at IS NOT NULL ELSE a.company_id = $3::uuid END",
	              DB_TEXT(number ? number : ""), DB_BYTES(phone_hash), DB_TEXT(company.id));
	if (st != ST_OK)
		return st;
	if (db_rows(found) != 1)
		return ST_NOT_FOUND;
	v->application_id = db_text(found, 0, "id");
	v->number = db_text(found, 0, "number");
	v->data_key_id = db_text(found, 0, "data_key_id");
	v->member_id = db_bool(found, 0, "batch") ? company.member_id : NULL;
	v->wanted = db_bool(found, 0, "wanted");
	v->in_review = db_bool(found, 0, "in_review");
	st = supplement_load(r->site->db, r->arena, v->application_id, v->asked, &v->count);
	while (v->next < v->count && v->asked[v->next].given)
		v->next++;
	return st == ST_OK && v->count == 0 ? ST_NOT_FOUND : st;
}

/* Whoever was signed in for a company in this browser signs in for one again. The number of the address decides nothing: a stranger shall not
 * learn whose it is. */
static enum status sign_in_again(struct request *r)
{
	struct db_result *s;
	enum status st = db_query(r->site->db, r->arena, &s, "SELECT FROM session WHERE id_hash = $1 AND expires_at > now() AND company_member_id IS NOT NULL",
	                          DB_BYTES(session_hash(r)));

	return st == ST_OK ? respond_redirect(r, db_rows(s) == 1 ? "/records/phone?to=fleet" : "/records/phone") : st;
}

/* The same; ST_DENIED: it has answered with the way to sign in. */
static enum status enter(struct request *r, struct visit *v)
{
	enum status st = load(r, v), answered = st == ST_DENIED ? sign_in_again(r) : ST_OK;

	return answered == ST_OK ? st : answered;
}

/* Where the person sees how it stands. */
static const char *place_of(struct request *r, const struct visit *v)
{
	return v->member_id ? arena_printf(r->arena, COMPANY_PLACE "/batch/%s", v->number) : "/records";
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

		view_set(view, s->paper->company ? "Paper.label" : "Side.label", s->paper->label);
		view_set(view, "Supplement.label", s->paper->label);
		view_set(view, "Supplement.words", s->words);
		view_set(view, "Upload.url", arena_printf(a, "/supplement/upload/%s?number=%s&csrf=%s", s->paper->slug, v->number, session_csrf(r)));
	}
	request_here(r, arena_printf(a, "/supplement?number=%s", v->number));
	page_common(r, open ? "补充材料" : "材料已收到", NULL);
	view_set(view, "Page.back", place_of(r, v));
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
		return respond_redirect(r, place_of(r, &v));
	/* The page of a batch says by itself how it goes on. */
	if (v.member_id && !v.wanted)
		return respond_redirect(r, arena_printf(r->arena, "%s?said=given", place_of(r, &v)));
	return show(r, &v, 200);
}

/* ---- what is sent: see upload.h ---- */

static struct visit *visit(struct upload *u)
{
	return u->visit;
}

static enum status page(struct upload *u)
{
	return respond_redirect(u->r, arena_printf(u->r->arena, "/supplement%s", u->query));
}

static enum status filled(struct upload *u, enum status st)
{
	struct visit *v = u->visit;

	if (st != ST_OK)
		return st;
	u->application_id = v->application_id;
	u->data_key_id = v->data_key_id;
	u->query = arena_printf(u->r->arena, "?number=%s", v->number);
	if (v->member_id) {
		u->actor.name = arena_printf(u->r->arena, "member:%s", v->member_id);
		u->role = text_prefix(u->kind->purpose, "certificate_") ? "responsible_person" : "organisation";
	}
	return ST_OK;
}

static enum status sent_find(struct upload *u)
{
	enum status st = load(u->r, u->visit = arena_alloc(u->r->arena, sizeof(struct visit)));

	return filled(u, st == ST_DENIED ? ST_NOT_FOUND : st);
}

static enum status sent_enter(struct upload *u)
{
	struct visit *v = u->visit = arena_alloc(u->r->arena, sizeof *v);
	enum status st = filled(u, enter(u->r, v));

	for (int i = 0; st == ST_OK && i < v->count && v->wanted; i++)
		if (strcmp(v->asked[i].paper->slug, u->kind->slug) == 0 && !v->asked[i].given)
			v->sent = &v->asked[i];
	if (st != ST_OK || v->sent)
		return st;
	st = page(u); /* given already, or by another tab */
	return st == ST_OK ? ST_DENIED : st;
}

static enum status sent_lock(struct upload *u)
{
	struct db *db = u->r->site->db;
	enum status st = db_begin(db);

	if (st == ST_OK)
		st = db_query(db, u->r->arena, NULL, "SELECT FROM application WHERE id = $1 FOR UPDATE", DB_TEXT(u->application_id));
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

static enum status sent_show(struct upload *u, int http_status)
{
	return show(u->r, u->visit, http_status);
}

static enum status use_sent(struct upload *u, const char *evidence_id)
{
	struct request *r = u->r;

	return supplement_give(r->site->db, r->arena, r->site->config, r->site->keys, &u->actor, u->application_id, visit(u)->sent, evidence_id);
}

static enum status keep_photograph(struct upload *u)
{
	return upload_keep_picture(u, use_sent);
}

static enum status keep_paper(struct upload *u)
{
	return upload_keep_document(u, use_sent);
}

/* Whatever can be asked for can be sent. */
static const struct upload_kind *sent_kind(struct arena *a, const char *slug)
{
	static const struct upload_kind photograph = {UPLOAD_PICTURE, .keep = keep_photograph}, document = {UPLOAD_DOCUMENT, .keep = keep_paper};
	const struct paper *what = paper_by_slug(slug);
	struct upload_kind *kind = arena_alloc(a, sizeof *kind);

	if (!what)
		return NULL;
	*kind = what->company ? document : photograph;
	kind->slug = what->slug;
	kind->name = arena_printf(a, "supplement-%s", what->slug);
	kind->purpose = what->name;
	kind->words = what->label;
	return kind;
}

const struct upload_place upload_supplement = {sent_kind, sent_find, sent_enter, sent_lock, sent_show, page, page};
