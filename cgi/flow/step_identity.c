/* 核对身份信息: what was read, to be checked by the person; for other certificates, typed in. The correction is kept beside the
 * reading, which is never overwritten. */
#include <string.h>

#include "domain/certificate.h"
#include "domain/field_rules.h"
#include "flow/steps.h"

enum { FIELD_NAME, FIELD_NUMBER, FIELD_ADDRESS, FIELD_FROM, FIELD_UNTIL, FIELD_MAX };
static const char *any_text(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	(void)clean;
	(void)argument;
	return NULL; /* judged below: the rule depends on the certificate or on another field */
}
/* In the order of the page, so that the summary of errors is too: the number is judged between the two. */
static const struct field person_fields[] = {{"name", text_name, rule_person_name}, {"number", text_code, any_text}, {0}};
static const struct field telephone_fields[] = {{"telephone", text_phone, rule_phone}, {0}};
static const struct field other_fields[] = {
	{"address", text_clean, rule_address}, {"valid_from", text_clean, any_text}, {"valid_until", text_clean, any_text}, {0}};

static bool identity_done(const struct draft *d)
{
	return d->certificate_confirmed;
}

/* Both readings, the fields of the front and the validity of the back in one. */
static enum status load_readings(struct flow_visit *v, struct reading *front, struct reading *back)
{
	struct request *r = v->r;
	enum status st = reading_load(r->site->db, r->arena, r->site->keys, &v->draft, v->draft.front_evidence_id, front);

	if (st == ST_OK)
		st = reading_load(r->site->db, r->arena, r->site->keys, &v->draft, v->draft.back_evidence_id, back);
	return st;
}

void identity_fill(struct request *r, const struct holder *known)
{
	struct view *view = request_view(r);
	const char *number = known->number;
	struct date birth;

	if (r->method == METHOD_POST) { /* form_check has put back what was typed */
		number = text_code(r->arena, request_field(r, "number") ? request_field(r, "number") : "");
		form_value(r, "long_term", text_equal(request_field(r, "long_term"), "1") ? "1" : NULL);
	} else {
		form_value(r, "name", known->name);
		form_value(r, "number", number);
		form_value(r, "address", known->address);
		form_value(r, "valid_from", known->valid_from);
		form_value(r, "valid_until", known->valid_until);
		form_value(r, "long_term", known->long_term ? "1" : NULL);
		form_value(r, "telephone", known->telephone);
	}
	if (number && certificate_birth(&birth, number)) {
		view_set(view, "Identity.sex", certificate_sex_label(certificate_sex(number)));
		view_set(view, "Identity.birth", date_iso(r->arena, birth));
	}
}

/* What was read, as far as it was, in the form of a confirmed person. */
static struct holder read_person(struct arena *a, const struct reading *front, const struct reading *back)
{
	struct validity validity = {0};

	if (back->validity && !certificate_validity_parse(&validity, back->validity))
		validity = (struct validity){0};
	return (struct holder){
		.name = front->name,
		.number = front->number,
		.address = front->address,
		.valid_from = validity.from.year ? date_iso(a, validity.from) : NULL,
		.valid_until = validity.to.year ? date_iso(a, validity.to) : NULL,
		.long_term = validity.long_term,
	};
}

static enum status identity_show(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	struct reading front, back;
	struct holder h;
	enum status st = load_readings(v, &front, &back);

	if (st == ST_OK)
		st = holder_load(r->site->db, r->arena, r->site->keys, &v->draft, &h);
	if (st != ST_OK)
		return st;
	view_set(view, "Type.label", draft_certificate(&v->draft)->label);
	view_flag(view, "Identity.read", front.number != NULL);
	view_flag(view, "Identity.manual", front.number == NULL);
	view_flag(view, "Identity.telephone", v->draft.company_id != NULL);
	/* What was typed before, if it belongs to these pictures; otherwise what was read. */
	if (!h.exists || !(v->draft.certificate_confirmed || h.kept))
		h = read_person(r->arena, &front, &back);
	identity_fill(r, &h);
	return ST_OK;
}

/* The fields whose rule depends on the certificate. */
static void check_number(struct request *r, const struct certificate *type, const char *number)
{
	const char *argument = NULL;
	int position = 0;
	const char *key;

	if (type->automatic) {
		key = rule_id_number(r->arena, number, &argument);
		if (key)
			form_error(r, "number", key, argument);
	} else if (certificate_number_check(type, number, clock_today(), &position) != NUMBER_OK) {
		form_error(r, "number", text_empty(number) ? "number.empty" : "number.bad", NULL);
	}
}

bool validity_typed(struct request *r, const char *from, const char *until, struct validity *out)
{
	struct validity words; /* "长期" in the place of the date, as it is printed */
	bool long_term = text_equal(request_field(r, "long_term"), "1") || (certificate_validity_parse(&words, until) && words.long_term);

	*out = (struct validity){.long_term = long_term};
	if (!text_empty(from) && !date_parse(&out->from, from))
		form_error(r, "valid_from", "date.bad", NULL);
	if (!long_term && (text_empty(until) || !date_parse(&out->to, until)))
		form_error(r, "valid_until", text_empty(until) ? "date.empty" : "date.bad", NULL);
	if (form_errors(r) > 0)
		return false;
	if (!long_term && out->from.year && date_compare(out->to, out->from) < 0)
		form_error(r, "valid_until", "date.order", NULL);
	else if (certificate_not_yet_valid(out, clock_today()))
		form_error(r, "valid_from", "date.bad", NULL);
	return form_errors(r) == 0;
}

/* Every rule of the page; false: errors are in the page. */
static bool check_person(struct request *r, const struct certificate *type, const char **value, struct validity *validity)
{
	form_check(r, person_fields, value);
	check_number(r, type, value[FIELD_NUMBER]);
	form_check(r, other_fields, value + FIELD_ADDRESS);
	return validity_typed(r, value[FIELD_FROM], value[FIELD_UNTIL], validity);
}

/* What the certificate itself rules out; NULL: nothing. */
static const char *certificate_refusal(struct request *r, const char *number, const struct validity *validity)
{
	int age = certificate_age(number, clock_today());

	if (age >= 0 && age < r->site->config->age_minimum)
		return "under-age";
	return certificate_expired(validity, clock_today()) ? "certificate-expired" : NULL;
}

/* In earnest a page of its own says what the certificate rules out; here it is told beside the field. */
static void identity_typed(struct request *r)
{
	const char *value[FIELD_MAX], *slug;
	struct validity validity;

	if (!check_person(r, certificate_get(CERTIFICATE_ID_CARD), value, &validity))
		return;
	slug = certificate_refusal(r, value[FIELD_NUMBER], &validity);
	if (text_equal(slug, "under-age"))
		form_error(r, "number", "number.young", arena_printf(r->arena, "%d", r->site->config->age_minimum));
	else if (slug)
		form_error(r, "valid_until", "id.expired", NULL);
}

static enum status identity_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	const struct certificate *type;
	const char *value[FIELD_MAX], *telephone = NULL, *slug;
	struct reading front, back;
	struct validity validity, read;
	struct buffer edited;
	enum status st = flow_lock(v);

	if (st == ST_OK)
		st = load_readings(v, &front, &back);
	if (st != ST_OK)
		return st;
	type = draft_certificate(&v->draft);
	check_person(r, type, value, &validity);
	if (v->draft.company_id)
		form_check(r, telephone_fields, &telephone);
	if (form_errors(r) > 0)
		return ST_OK;
	/* Which of the read fields the person changed. */
	buffer_init(&edited, a, 200);
	buffer_text(&edited, "{");
	if (front.name && !text_same_name(a, front.name, value[FIELD_NAME]))
		buffer_text(&edited, "name,");
	if (front.number && !text_equal(text_code(a, front.number), value[FIELD_NUMBER]))
		buffer_text(&edited, "number,");
	if (front.address && !text_equal(text_clean(a, front.address), value[FIELD_ADDRESS]))
		buffer_text(&edited, "address,");
	if (back.validity && certificate_validity_parse(&read, back.validity) &&
	    (read.long_term != validity.long_term || (!read.long_term && date_compare(read.to, validity.to) != 0)))
		buffer_text(&edited, "validity,");
	if (edited.length > 1)
		edited.data[--edited.length] = 0;
	buffer_text(&edited, "}");
	const struct holder h = {
		.certificate_type = type->name,
		.name = arena_strdup(a, value[FIELD_NAME]),
		.number = arena_strdup(a, value[FIELD_NUMBER]),
		.address = arena_strdup(a, value[FIELD_ADDRESS]),
		.valid_from = validity.from.year ? date_iso(a, validity.from) : NULL,
		.valid_until = validity.long_term ? NULL : date_iso(a, validity.to),
		.long_term = validity.long_term,
		.edited = edited.data,
		.telephone = telephone ? arena_strdup(a, telephone) : NULL,
	};
	slug = certificate_refusal(r, h.number, &validity);
	/* Cards of an organisation are not counted against its responsible person, nor is it asked who holds them now. */
	if (!slug && !v->draft.company_id)
		st = person_refusal(v, holder_number_hash(a, r->site->keys, h.certificate_type, h.number), &slug);
	/* A refusal keeps what was typed: the person comes back to it. */
	if (st == ST_OK)
		st = holder_save(db, a, r->site->keys, &v->actor, &v->draft, &h, slug == NULL);
	if (st == ST_OK)
		st = db_commit(db);
	return st == ST_OK && slug ? refuse(v, slug) : st;
}

const struct step step_identity = {.slug = "identity",
                                   .task = "person",
                                   .template_name = "step/identity",
                                   .heading = "核对身份信息",
                                   .part = 3,
                                   .done = identity_done,
                                   .show = identity_show,
                                   .submit = identity_submit,
                                   .typed = identity_typed};
