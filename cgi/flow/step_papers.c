/* 人工审核: instead of a face verification people compare photographs. The certificate's are there already; here the main page of the
 * vehicle licence, one more picture if the person likes, and a few words. Going back to the verification is possible until the end. */
#include "flow/steps.h"

#define NOTE_CHARACTERS_MAX 200

bool way_by_face(const struct draft *d)
{
	return !d->manual;
}

enum status way_choose(struct flow_visit *v, bool manual)
{
	struct db *db = v->r->site->db;
	enum status st = flow_lock(v);

	if (st == ST_OK)
		st = draft_set_way(db, v->r->arena, &v->actor, &v->draft, manual);
	return st == ST_OK ? db_commit(db) : st;
}

static bool papers_needed(const struct draft *d)
{
	return d->manual;
}

/* What people compare the certificate with: the vehicle's licence; for a responsible person a photograph with his certificate in his hand. */
static bool has_proof(const struct draft *d)
{
	return d->company_id ? d->other_evidence_id : d->licence_evidence_id;
}

static bool papers_done(const struct draft *d)
{
	return has_proof(d) && d->papers_given;
}

/* One picture is asked for at a time: the licence first; a posted file that was refused says which. */
static bool asks_for_licence(const struct flow_visit *v)
{
	const char *asked = v->r->method == METHOD_POST ? v->r->tail : request_query(v->r, "photo");

	return !v->draft.company_id && (!v->draft.licence_evidence_id || text_equal(asked, "licence"));
}

static enum status papers_show(struct flow_visit *v)
{
	struct view *view = request_view(v->r);
	struct arena *a = v->r->arena;
	bool licence = asks_for_licence(v);
	const char *evidence = licence ? v->draft.licence_evidence_id : v->draft.other_evidence_id;
	char *note = NULL;
	enum status st = ST_OK;

	view_set(view, "Papers.licence_url", v->draft.licence_evidence_id ? arena_printf(a, "/%s/picture/licence?v=%d", v->flow->slug, v->draft.version) : NULL);
	view_flag(view, "Papers.asks_for_licence", licence);
	view_set(view, "Papers.again_url", arena_printf(a, "/%s/papers?photo=licence", v->flow->slug));
	view_set(view, "Side.label", licence ? "行驶证主页" : v->draft.company_id ? "手持证件照" : "其他材料");
	view_set(view, "Upload.url", upload_url(v, licence ? "licence" : "other"));
	if (evidence)
		view_set(view, "Picture.url", arena_printf(a, "/%s/picture/%s?v=%d", v->flow->slug, licence ? "licence" : "other", v->draft.version));
	if (request_field(v->r, "note"))
		return ST_OK; /* typed, and shown again */
	st = draft_opened(v->r->site->db, a, v->r->site->keys, &v->draft, "papers_note", &note);
	if (st == ST_OK && note)
		form_value(v->r, "note", note);
	return st;
}

static const char *rule_note(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	return text_characters(clean) > NOTE_CHARACTERS_MAX ? "note.long" : NULL;
}

static enum status papers_submit(struct flow_visit *v)
{
	static const struct field fields[] = {{"note", text_clean, rule_note}, {0}};
	struct request *r = v->r;
	const char *value[1];
	enum status st;

	if (text_equal(request_field(r, "action"), "face"))
		return way_choose(v, false);
	if (form_check(r, fields, value) > 0)
		return ST_OK;
	st = flow_lock(v);
	if (st == ST_OK && !has_proof(&v->draft)) {
		db_rollback(r->site->db);
		form_error(r, "file", "file.none", v->draft.company_id ? "手持证件的照片" : "行驶证照片");
		return ST_OK;
	}
	if (st == ST_OK)
		st = draft_give_papers(r->site->db, r->arena, r->site->keys, &v->actor, &v->draft, value[0]);
	return st == ST_OK ? db_commit(r->site->db) : st;
}

const struct step step_papers = {.slug = "papers",
                                 .template_name = "step/papers",
                                 .heading = "人工审核材料",
                                 .part = 4,
                                 .needed = papers_needed,
                                 .done = papers_done,
                                 .show = papers_show,
                                 .submit = papers_submit};
