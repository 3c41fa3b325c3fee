/* 短信验证, first page: the phone number; going on sends the code. */
#include "domain/field_rules.h"
#include "flow/codes.h"
#include "flow/steps.h"

static const struct field fields[] = {{"phone", text_phone, rule_phone}, {0}};

static bool phone_done(const struct draft *d)
{
	return d->has_phone;
}

static enum status phone_show(struct flow_visit *v)
{
	char *phone = NULL;
	enum status st = ST_OK;

	if (!request_field(v->r, "phone")) {
		st = draft_phone(v->r->site->db, v->r->arena, v->r->site->keys, &v->draft, &phone);
		if (st == ST_OK && phone)
			form_value(v->r, "phone", phone);
	}
	return st;
}

static void phone_typed(struct request *r)
{
	const char *value[1];

	form_check(r, fields, value);
}

static enum status phone_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	const char *value[1];
	char *before = NULL;
	bool there = false;
	enum status st;

	if (form_check(r, fields, value) > 0)
		return ST_OK;
	st = flow_lock(v);
	if (st == ST_OK)
		st = draft_phone(r->site->db, r->arena, r->site->keys, &v->draft, &before);
	if (st != ST_OK)
		return st;
	/* The number that was proved already needs no code. */
	if (!(v->draft.phone_proved && text_equal(before, value[0]))) {
		const struct code_request q = {.purpose = "draft", .application_id = v->draft.id, .phone = value[0], .vin = v->draft.vin};

		st = code_send(r, &v->actor, &q, "phone");
		if (st == ST_OK && form_errors(r) > 0)
			st = code_there(r, "draft", crypt_lookup(r->arena, keys_current(&r->site->keys->lookup), "phone", value[0]), &there);
		if (st != ST_OK)
			return st;
		/* No code was sent and there is none: the page says why, and keeps no number that would look as if there was. */
		if (form_errors(r) > 0 && !there)
			return db_commit(r->site->db);
	}
	st = draft_set_phone(r->site->db, r->arena, r->site->keys, &v->actor, &v->draft, value[0]);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	/* Came back within the wait: the code on its way is still good. */
	return st == ST_OK && there ? flow_go(v, "code") : st;
}

const struct step step_phone = {.slug = "phone",
                                .template_name = "step/phone",
                                .heading = "手机号验证",
                                .part = 2,
                                .done = phone_done,
                                .show = phone_show,
                                .submit = phone_submit,
                                .typed = phone_typed};
