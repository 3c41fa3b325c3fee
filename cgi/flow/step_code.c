/* 短信验证, second page: the code. A right code proves the phone, and signs in to the records of that phone too. */
#include "domain/field_rules.h"
#include "flow/codes.h"
#include "flow/steps.h"
#include "store/datakey.h"

static const struct field fields[] = {{"code", text_code, rule_sms_code}, {0}};

static bool code_done(const struct draft *d)
{
	return d->phone_proved;
}

/* Back behind it there is nothing more to type: the code was used. */
static bool code_needed(const struct draft *d)
{
	return !d->phone_proved;
}

static enum status code_page(struct flow_visit *v)
{
	char *phone;
	enum status st = draft_phone(v->r->site->db, v->r->arena, v->r->site->keys, &v->draft, &phone);

	if (st != ST_OK)
		return st;
	view_set(request_view(v->r), "Phone.masked", mask_phone(v->r->arena, phone));
	view_set(request_view(v->r), "Phone.change", arena_printf(v->r->arena, "/%s/phone", v->flow->slug));
	return code_show(v->r, "draft", &v->waits);
}

static enum status code_waiting(struct flow_visit *v, bool *waiting)
{
	return code_show(v->r, "draft", waiting);
}

static void code_typed(struct request *r)
{
	const char *value[1];

	form_check(r, fields, value);
}

static enum status code_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	const char *value[1];
	struct bytes hash, old;
	char *phone;
	const char *right;
	enum status st;

	if (text_equal(request_field(r, "action"), "resend")) {
		st = flow_lock(v);
		if (st == ST_OK)
			st = draft_phone(db, a, r->site->keys, &v->draft, &phone);
		if (st == ST_OK) {
			const struct code_request q = {.purpose = "draft", .application_id = v->draft.id, .phone = phone, .vin = v->draft.vin};

			st = code_send(r, &v->actor, &q, "code");
		}
		if (st == ST_OK)
			st = db_commit(db);
		return st != ST_OK || form_errors(r) > 0 ? st : flow_go(v, "code");
	}
	if (form_check(r, fields, value) > 0)
		return ST_OK;
	st = flow_lock(v);
	if (st == ST_OK) /* the phone as it is under the lock: its code must be the right one, not that of one given before */
		st = draft_phone(db, a, r->site->keys, &v->draft, &phone);
	if (st != ST_OK)
		return st;
	hash = crypt_lookup(a, keys_current(&r->site->keys->lookup), "phone", phone);
	st = code_check(r, &v->actor, "draft", v->draft.id, hash, value[0], &right);
	if (st != ST_OK)
		return st;
	if (!right)
		return db_commit(db);
	st = draft_prove_phone(db, a, &v->actor, &v->draft);
	if (st != ST_OK)
		return st;
	/* Rights grow: a new session id. */
	old = session_hash(r);
	session_renew_after(r, right);
	st = db_query(db, a, NULL,
		      "UPDATE session SET id_hash = $2, phone_hash = $3, phone_hash_key = $4, phone_sealed = $5, signed_in_at = now(),"
		      " signed_in_until = now() + make_interval(mins => $6::integer), seen_at = now(), records_holders = '{}', "
		      "records_search = NULL"
		      " WHERE id_hash = $1",
		      DB_BYTES(old), DB_BYTES(session_hash(r)), DB_BYTES(hash), DB_TEXT(keys_current(&r->site->keys->lookup)->id),
		      DB_BYTES(sealed_by_master(a, r->site->keys, "session", "phone", "sign-in", phone)),
		      DB_INT(r->site->config->records_minutes));
	return st == ST_OK ? db_commit(db) : st;
}

static enum status code_unheard(struct flow_visit *v, bool *again)
{
	return code_again(v->r, "draft", again);
}

const struct step step_code = {.slug = "code",
                               .template_name = "step/code",
                               .heading = "填写短信验证码",
                               .part = 2,
                               .needed = code_needed,
                               .done = code_done,
                               .show = code_page,
                               .submit = code_submit,
                               .unheard = code_unheard,
                               .typed = code_typed,
                               .waiting = code_waiting};
