/* 授权书: printed from a page that is filled with the company's data, signed, uploaded. Who it names is typed here, so that a letter for
 * somebody else than the responsible person is told at once. */
#include "base/clock.h"
#include "domain/field_rules.h"
#include "flow/steps.h"
#include "store/papers.h"

static bool letter_done(const struct draft *d)
{
	return d->letter_evidence_id && d->letter_given && !d->letter_differs;
}

static enum status letter_show(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	struct arena *a = r->arena;
	const char *evidence = v->draft.letter_evidence_id;
	struct holder person;
	char *named = NULL;
	int pages = 0;
	enum status st = draft_opened(r->site->db, a, r->site->keys, &v->draft, "authorisation_name", &named);

	if (st == ST_OK)
		st = holder_load(r->site->db, a, r->site->keys, &v->draft, &person);
	if (st == ST_OK && evidence)
		st = papers_pages(r->site->db, a, evidence, &pages);
	if (st != ST_OK)
		return st;
	view_set(view, "Print.url", arena_printf(a, "/%s/print/letter", v->flow->slug));
	view_set(view, "Upload.url", upload_url(v, "letter"));
	view_set(view, "Paper.label", "授权书");
	view_flag(view, "Letter.differs", v->draft.letter_differs);
	view_set(view, "Letter.named", named);
	view_set(view, "Letter.person", person.exists ? person.name : NULL);
	if (!evidence)
		return ST_OK;
	view_set(view, "Picture.url", arena_printf(a, "/%s/picture/letter?v=%d", v->flow->slug, v->draft.version));
	view_int(view, "Picture.pages", pages);
	if (r->method != METHOD_POST)
		form_value(r, "person", named);
	return ST_OK;
}

static const char *rule_named(struct arena *a, const char *clean, const char **argument)
{
	return text_empty(clean) ? "letter.person" : rule_person_name(a, clean, argument);
}

static enum status letter_submit(struct flow_visit *v)
{
	static const struct field fields[] = {{"person", text_name, rule_named}, {0}};
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct holder person;
	const char *value[1];
	enum status st = flow_lock(v);

	if (st != ST_OK)
		return st;
	if (!v->draft.letter_evidence_id) {
		form_error(r, "file", "paper.none", NULL);
		return ST_OK;
	}
	form_check(r, fields, value);
	if (!text_equal(request_field(r, "checked"), "1"))
		form_error(r, "checked", "letter.tick", NULL);
	if (form_errors(r) > 0)
		return ST_OK;
	st = holder_load(db, r->arena, r->site->keys, &v->draft, &person);
	if (st != ST_OK)
		return st;
	/* The one that is confirmed counts; whoever mistyped the letter's name mends it here, otherwise another letter is wanted. */
	if (v->draft.certificate_confirmed && person.exists && !text_same_name(r->arena, value[0], person.name)) {
		form_error(r, "person", "letter.differs", value[0]);
		return ST_OK;
	}
	st = papers_give_letter(db, r->arena, r->site->keys, &v->actor, &v->draft, value[0]);
	return st == ST_OK ? db_commit(db) : st;
}

/* The text to be printed. What is not known yet is left as a line to be filled in by hand. */
enum status letter_print_serve(struct request *r)
{
	struct view *view = request_view(r);
	struct arena *a = r->arena;
	struct organisation o;
	struct holder person;
	struct db_result *company;
	struct flow_visit v;
	enum status st = flow_enter(&v, r, step_letter.slug);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	st = organisation_load(r->site->db, a, r->site->keys, &v.draft, &o);
	if (st == ST_OK)
		st = holder_load(r->site->db, a, r->site->keys, &v.draft, &person);
	if (st == ST_OK)
		st = db_query(r->site->db, a, &company, "SELECT c.name, c.code, m.name AS automaker FROM company c JOIN automaker m ON m.id = c.automaker_id WHERE c.id = $1",
			      DB_TEXT(v.draft.company_id));
	if (st != ST_OK)
		return st;
	if (db_rows(company) != 1)
		return ST_NOT_FOUND;
	view_set(view, "Letter.company", o.exists ? o.name : db_text(company, 0, "name"));
	view_set(view, "Letter.code", o.exists ? o.code : db_text(company, 0, "code"));
	view_set(view, "Letter.address", o.exists ? o.address : NULL);
	view_set(view, "Letter.automaker", db_text(company, 0, "automaker"));
	view_set(view, "Letter.person", person.exists ? person.name : NULL);
	view_set(view, "Letter.number", person.exists ? person.number : NULL);
	view_set(view, "Letter.telephone", person.exists ? person.telephone : NULL);
	view_set(view, "Letter.business", text_equal(v.draft.kind, "cancel") ? "注销实名登记" : text_equal(v.draft.kind, "update") ? "责任人变更" : "实名登记");
	view_int(view, "Letter.cars", v.draft.batch_cars);
	view_set(view, "Letter.batch", v.draft.number);
	page_common(r, "单位授权书", NULL);
	view_set(view, "Page.back", arena_printf(a, "/%s/%s", v.flow->slug, step_letter.slug));
	return respond_page(r, 200, "fleet/letter_print");
}

const struct step step_letter = {.slug = "letter",
				 .task = "letter",
				 .template_name = "fleet/letter",
				 .heading = "授权书",
				 .done = letter_done,
				 .show = letter_show,
				 .submit = letter_submit};
