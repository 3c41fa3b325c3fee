/* 企业信息: the company's certificate, read by the provider, checked and mended by a person. What cannot be read is typed in. The number
 * must be the company's own, when the draft has one; a draft that opens a company brings its number here. */
#include <string.h>

#include "domain/certificate.h"
#include "domain/field_rules.h"
#include "domain/review.h"
#include "flow/steps.h"
#include "http/messages.h"
#include "store/papers.h"

enum { FIELD_NAME, FIELD_CODE, FIELD_ADDRESS, FIELD_POSTAL, FIELD_FROM, FIELD_UNTIL, FIELD_MAX };
static const char *any_text(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	(void)clean;
	(void)argument;
	return NULL;
}
static const char *rule_postal(struct arena *a, const char *clean, const char **argument)
{
	return text_empty(clean) ? NULL : rule_address(a, clean, argument); /* empty: the same as on the certificate */
}
static const struct field fields[] = {
	{"name", text_clean, rule_organisation_name}, {"code", text_code, rule_uscc},         {"address", text_clean, rule_address},
	{"postal_address", text_clean, rule_postal},  {"valid_from", text_clean, any_text}, {"valid_until", text_clean, any_text},
	{0},
};

static bool company_done(const struct draft *d)
{
	return d->business_evidence_id && d->company_confirmed;
}

/* What was read, in the form of what is confirmed. */
static struct organisation read_organisation(struct arena *a, const struct reading *reading)
{
	struct validity validity = {0};

	if (reading->validity && !certificate_validity_parse(&validity, reading->validity))
		validity = (struct validity){0};
	return (struct organisation){
		.certificate_type = certificate_get(certificate_type_of_code(reading->number ? text_code(a, reading->number) : "91"))->name,
		.name = reading->name,
		.code = reading->number,
		.address = reading->address,
		.valid_from = validity.from.year ? date_iso(a, validity.from) : NULL,
		.valid_until = validity.to.year ? date_iso(a, validity.to) : NULL,
		.long_term = validity.long_term,
	};
}

static void fill_types(struct request *r, const char *chosen)
{
	struct view *view = request_view(r);
	int n = 0;

	for (int i = 0; i < CERTIFICATE_TYPE_MAX; i++) {
		const struct certificate *c = certificate_get((enum certificate_type)i);

		if (!c->organisation || !c->online)
			continue;
		view_item(view, "Types", n, "name", c->name);
		view_item(view, "Types", n, "label", c->label);
		view_item(view, "Types", n++, "checked", text_equal(c->name, chosen) ? "1" : NULL);
	}
}

static void fill_form(struct request *r, const struct organisation *o)
{
	const struct {
		const char *name, *value;
	} rows[] = {
		{"name", o->name},		   {"code", o->code},		    {"address", o->address},
		{"postal_address", o->postal_address}, {"valid_from", o->valid_from}, {"valid_until", o->valid_until},
		{"long_term", o->long_term ? "1" : NULL},
	};

	if (r->method == METHOD_POST) { /* form_check has put back what was typed */
		form_value(r, "long_term", text_equal(request_field(r, "long_term"), "1") ? "1" : NULL);
		fill_types(r, request_field(r, "type"));
		return;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		form_value(r, rows[i].name, rows[i].value);
	fill_types(r, o->certificate_type);
}

static enum status company_show(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	struct arena *a = r->arena;
	const char *evidence = v->draft.business_evidence_id;
	struct organisation o;
	struct reading reading;
	int pages = 0;
	enum status st = reading_load(r->site->db, a, r->site->keys, &v->draft, evidence, &reading);

	if (st == ST_OK)
		st = organisation_load(r->site->db, a, r->site->keys, &v->draft, &o);
	if (st == ST_OK && evidence)
		st = papers_pages(r->site->db, a, evidence, &pages);
	if (st != ST_OK)
		return st;
	view_set(view, "Upload.url", upload_url(v, "business"));
	view_set(view, "Paper.label", "单位证件");
	if (!evidence)
		return ST_OK;
	view_set(view, "Picture.url", arena_printf(a, "/%s/picture/business?v=%d", v->flow->slug, v->draft.version));
	view_int(view, "Picture.pages", pages);
	v->waits = text_equal(reading.state, "waiting");
	view_set(view, "Reading.state", reading.state);
	if (text_equal(reading.state, "refused"))
		view_set(view, "Reading.cause", message_text(a, reading.cause ? reading.cause : "licence.unread", NULL));
	if (v->waits)
		return ST_OK;
	if (!v->draft.company_confirmed)
		o = read_organisation(a, &reading);
	fill_form(r, &o);
	return ST_OK;
}

static enum status company_waiting(struct flow_visit *v, bool *waiting)
{
	struct reading reading;
	enum status st = reading_load(v->r->site->db, v->r->arena, v->r->site->keys, &v->draft, v->draft.business_evidence_id, &reading);

	*waiting = st == ST_OK && text_equal(reading.state, "waiting");
	return st;
}

/* The code is this company's. */
static enum status check_own(struct flow_visit *v, const char *code)
{
	struct request *r = v->r;
	struct db_result *found;
	enum status st;

	if (!v->draft.company_id)
		return ST_OK;
	st = db_query(r->site->db, r->arena, &found, "SELECT code FROM company WHERE id = $1", DB_TEXT(v->draft.company_id));
	if (st == ST_OK && db_rows(found) == 1 && !text_equal(db_text(found, 0, "code"), code))
		form_error(r, "code", "licence.other", db_text(found, 0, "code"));
	return st;
}

/* What is likely a mistake, but need not be one: once said, it may be confirmed. */
static void check_likely(struct request *r, const struct certificate *type, const char *code)
{
	bool confirmed = text_equal(request_field(r, "sure"), "1"), checked = uscc_check(code) == NUMBER_OK,
	     fits = certificate_get(certificate_type_of_code(code)) == type;

	if (checked && fits)
		return;
	view_flag(request_view(r), "Company.unlikely", true);
	if (!confirmed)
		form_error(r, checked ? "type" : "code", checked ? "licence.type" : "licence.check", NULL);
}

static const char *edited_fields(struct arena *a, const struct reading *read, const char *const *value)
{
	struct buffer b;

	buffer_init(&b, a, 200);
	buffer_text(&b, "{");
	if (!text_empty(read->name) && !text_same_name(a, read->name, value[FIELD_NAME]))
		buffer_text(&b, "name,");
	if (!text_empty(read->number) && !text_equal(text_code(a, read->number), value[FIELD_CODE]))
		buffer_text(&b, "number,");
	if (!text_empty(read->address) && !text_equal(text_clean(a, read->address), value[FIELD_ADDRESS]))
		buffer_text(&b, "address,");
	if (b.length > 1)
		b.data[--b.length] = 0;
	buffer_text(&b, "}");
	return b.data;
}

/* Reads the posted form; false: errors are in the page. */
static enum status typed_organisation(struct flow_visit *v, const struct reading *read, struct organisation *out)
{
	struct request *r = v->r;
	struct arena *a = r->arena;
	const struct certificate *type = certificate_by_name(request_field(r, "type") ? request_field(r, "type") : "");
	const char *value[FIELD_MAX];
	struct validity validity;
	enum status st;

	if (!type || !type->organisation || !type->online)
		form_error(r, "type", "type.choose", NULL);
	form_check(r, fields, value);
	if (!validity_typed(r, value[FIELD_FROM], value[FIELD_UNTIL], &validity))
		return ST_OK;
	if (certificate_expired(&validity, clock_today()))
		form_error(r, "valid_until", "licence.expired", NULL);
	st = check_own(v, value[FIELD_CODE]);
	if (st == ST_OK && form_errors(r) == 0)
		check_likely(r, type, value[FIELD_CODE]);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	*out = (struct organisation){
		.exists = true,
		.certificate_type = type->name,
		.name = arena_strdup(a, value[FIELD_NAME]),
		.code = arena_strdup(a, value[FIELD_CODE]),
		.address = arena_strdup(a, value[FIELD_ADDRESS]),
		.postal_address = arena_strdup(a, value[text_empty(value[FIELD_POSTAL]) ? FIELD_ADDRESS : FIELD_POSTAL]),
		.valid_from = validity.from.year ? date_iso(a, validity.from) : NULL,
		.valid_until = validity.long_term ? NULL : date_iso(a, validity.to),
		.long_term = validity.long_term,
		.edited = edited_fields(a, read, value),
	};
	return ST_OK;
}

static enum status company_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	bool again = text_equal(request_field(r, "action"), "retry");
	struct organisation typed = {0};
	struct reading reading;
	enum status st = flow_lock(v);

	if (st == ST_OK && !v->draft.business_evidence_id) {
		form_error(r, "file", "licence.file", NULL);
		return ST_OK;
	}
	if (st == ST_OK)
		st = reading_load(db, r->arena, r->site->keys, &v->draft, v->draft.business_evidence_id, &reading);
	if (st != ST_OK)
		return st;
	if (text_equal(reading.state, "waiting"))
		return flow_go(v, v->step->slug);
	if (again) {
		if (!text_equal(reading.state, "unavailable"))
			return flow_go(v, v->step->slug);
		st = papers_read_again(db, r->arena, &v->actor, &v->draft);
		if (st == ST_OK)
			st = db_commit(db);
		return st == ST_OK ? flow_go(v, v->step->slug) : st;
	}
	st = typed_organisation(v, &reading, &typed);
	if (st != ST_OK || !typed.exists)
		return st;
	st = organisation_save(db, r->arena, r->site->keys, &v->actor, &v->draft, &typed);
	return st == ST_OK ? db_commit(db) : st;
}

const struct step step_company = {.slug = "company",
				  .task = "company",
				  .template_name = "fleet/company",
				  .heading = "企业信息",
				  .done = company_done,
				  .show = company_show,
				  .submit = company_submit,
				  .waiting = company_waiting};
