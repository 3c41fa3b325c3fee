/* One application of the records: its receipt to print, withdrawing it before it is pushed, reporting that it was misuse. Whoever
 * is not signed in with its phone, or may not see it, gets the page of an address that does not exist. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/certificate.h"
#include "domain/transition.h"
#include "flow/flow.h"
#include "flow/records_list.h"
#include "store/cards.h"
#include "store/datakey.h"
#include "store/limits.h"

#define SHORT_HASH 16 /* hexadecimal digits of a SHA-256 that a person can compare */

static enum status load_cards(struct request *r, struct record *out)
{
	return db_query(r->site->db, r->arena, &out->cards,
	                "SELECT ac.id, c.iccid, ac.state, extract(epoch FROM ac.state_at)::bigint AS state_at, ac.refusal_key FROM application_card ac"
	                " JOIN card c ON c.id = ac.card_id WHERE ac.application_id = $1 ORDER BY c.iccid",
	                DB_TEXT(out->id));
}

enum status record_load(struct request *r, const struct sign_in *s, const char *number, bool lock, struct record *out)
{
	struct db_result *a, *held;
	enum status st = ST_OK;

	*out = (struct record){0};
	if (lock)
		st = db_query(r->site->db, r->arena, &held, "SELECT id FROM application WHERE number = $1 AND phone_hash = $2 AND company_id IS NULL FOR UPDATE",
		              DB_TEXT(number ? number : ""), DB_BYTES(s->phone_hash));
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &a,
		              "SELECT a.id, a.number, a.kind, a.data_key_id, a.phone_sealed, extract(epoch FROM a.submitted_at)::bigint AS submitted_at,"
		              " v.vin, p.id AS party_id, p.certificate_type, p.name_sealed, p.number_sealed, m.number AS report, m.closed_at IS NOT NULL AS closed FROM application a"
		              " LEFT JOIN application_party p ON p.application_id = a.id AND p.role = CASE a.holder WHEN 'person' THEN 'holder' ELSE 'organisation' END"
		              " LEFT JOIN vehicle v ON v.id = a.vehicle_id LEFT JOIN misuse_report m ON m.application_id = a.id"
		              " WHERE a.number = $1 AND a.phone_hash = $2 AND a.company_id IS NULL AND a.phone_proved_at IS NOT NULL AND a.submitted_at IS NOT NULL"
		              " AND (a.created_at > now() - make_interval(days => $3::integer) OR p.number_hash = ANY ($4::bytea[]))",
		              DB_TEXT(number ? number : ""), DB_BYTES(s->phone_hash), DB_INT(RECORDS_OPEN_DAYS), DB_TEXT(s->holders));
	if (st != ST_OK || db_rows(a) != 1)
		return st;
	out->exists = true;
	out->id = db_text(a, 0, "id");
	out->number = db_text(a, 0, "number");
	out->kind = db_text(a, 0, "kind");
	out->data_key_id = db_text(a, 0, "data_key_id");
	out->certificate_type = db_text(a, 0, "certificate_type");
	out->phone_sealed = db_bytes(a, 0, "phone_sealed");
	out->submitted_at = db_int(a, 0, "submitted_at");
	out->vin = db_text(a, 0, "vin");
	out->party_id = db_text(a, 0, "party_id");
	out->name_sealed = db_bytes(a, 0, "name_sealed");
	out->number_sealed = db_bytes(a, 0, "number_sealed");
	out->report = db_text(a, 0, "report");
	out->closed = db_bool(a, 0, "closed");
	return load_cards(r, out);
}

/* The record of this page, for reading; ST_DENIED: it has answered already. */
static enum status enter(struct request *r, struct sign_in *s, struct record *out)
{
	enum status st = records_enter(r, s);

	if (st == ST_OK)
		st = record_load(r, s, r->tail, false, out);
	return st == ST_OK && !out->exists ? ST_NOT_FOUND : st;
}

/* What every page of one application shows. */
static enum status show_record(struct request *r, const struct record *rec, const char *heading)
{
	struct view *v = request_view(r);
	const struct flow *f = flow_of_kind(rec->kind);

	view_set(v, "Record.number", rec->number);
	view_set(v, "Record.kind", f ? f->title : "");
	view_set(v, "Record.vin", rec->vin ? mask_vin(r->arena, rec->vin) : NULL);
	view_set(v, "Record.time", clock_page(r->arena, rec->submitted_at));
	view_set(v, "Record.report", rec->report);
	view_flag(v, "Record.closed", rec->closed);
	for (int i = 0; i < db_rows(rec->cards); i++) {
		const char *iccid = db_text(rec->cards, i, "iccid");
		enum card_state state;

		if (!transition_by_name(&state, db_text(rec->cards, i, "state")))
			return status_fail(ST_ERROR, "an application card has an unknown state");
		view_item(v, "Cards", i, "tail", iccid + strlen(iccid) - 4);
		view_item(v, "Cards", i, "state", transition_label(state, text_equal(rec->kind, "cancel")));
		view_item(v, "Cards", i, "time", clock_page(r->arena, db_int(rec->cards, i, "state_at")));
	}
	page_common(r, heading, NULL);
	view_set(v, "Page.back", "/records");
	view_set(v, "Page.action", r->path);
	return ST_OK;
}

/* ---- receipt ---- */

/* Name, number and phone, masked; nothing of them when the key was erased. */
static enum status show_person(struct request *r, const struct record *rec)
{
	struct view *v = request_view(r);
	struct arena *a = r->arena;
	struct crypt_key key;
	char *name = NULL, *number = NULL, *phone = NULL;
	const struct certificate *type = rec->certificate_type ? certificate_by_name(rec->certificate_type) : NULL;
	enum status st = datakey_load(r->site->db, a, r->site->keys, rec->data_key_id, &key);

	if (st != ST_OK)
		return st == ST_NOT_FOUND ? ST_OK : st;
	if (rec->party_id)
		st = opened_text(a, &key, "application_party", "name", rec->party_id, rec->name_sealed, &name);
	if (st == ST_OK && rec->party_id)
		st = opened_text(a, &key, "application_party", "number", rec->party_id, rec->number_sealed, &number);
	if (st == ST_OK)
		st = opened_text(a, &key, "application", "phone", rec->id, rec->phone_sealed, &phone);
	crypt_wipe(&key, sizeof key);
	if (st != ST_OK)
		return st;
	view_set(v, "Record.name", name ? mask_name(a, name) : NULL);
	view_set(v, "Record.certificate", type ? type->label : NULL);
	view_set(v, "Record.certificate_number", number ? mask_number(a, number) : NULL);
	view_set(v, "Record.phone", phone ? mask_phone(a, phone) : NULL);
	return ST_OK;
}

static enum status show_agreements(struct request *r, const struct record *rec)
{
	struct db_result *t;
	enum status st = db_query(r->site->db, r->arena, &t,
	                          "SELECT t.title, t.version, c.sha256, extract(epoch FROM min(c.given_at))::bigint AS at FROM consent c"
	                          " JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = $1"
	                          " GROUP BY t.title, t.version, c.sha256 ORDER BY 4, 1 LIMIT 20",
	                          DB_TEXT(rec->id));

	for (int i = 0; st == ST_OK && i < db_rows(t); i++) {
		struct bytes sha256 = db_bytes(t, i, "sha256");

		view_item(request_view(r), "Texts", i, "title", db_text(t, i, "title"));
		view_item(request_view(r), "Texts", i, "version", db_text(t, i, "version"));
		view_item(request_view(r), "Texts", i, "sha256", arena_strndup(r->arena, hex_encode(r->arena, sha256.data, sha256.length), SHORT_HASH));
		view_item(request_view(r), "Texts", i, "time", clock_page(r->arena, db_int(t, i, "at")));
	}
	return st;
}

enum status records_receipt_serve(struct request *r)
{
	struct sign_in s;
	struct record rec;
	enum status st = enter(r, &s, &rec);

	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st == ST_OK)
		st = show_record(r, &rec, "办理凭证");
	if (st == ST_OK)
		st = show_person(r, &rec);
	if (st == ST_OK)
		st = show_agreements(r, &rec);
	view_set(request_view(r), "Record.printed", clock_page(r->arena, clock_now()));
	return st == ST_OK ? respond_page(r, 200, "records/receipt") : st;
}

/* ---- withdrawing ---- */

static bool may_withdraw(const struct record *rec)
{
	enum card_state state;

	for (int i = 0; i < db_rows(rec->cards); i++)
		if (transition_by_name(&state, db_text(rec->cards, i, "state")) && transition_allowed(state, CARD_WITHDRAWN))
			return true;
	return false;
}

static bool was_withdrawn(const struct record *rec)
{
	for (int i = 0; i < db_rows(rec->cards); i++)
		if (text_equal(db_text(rec->cards, i, "state"), transition_name(CARD_WITHDRAWN)))
			return true;
	return false;
}

/* Under the application's lock: a review that decides at the same moment comes before or after, never between. */
static enum status withdraw(struct request *r, const struct record *rec)
{
	struct actor actor = records_actor(r);
	struct db_result *cards;
	enum status st = db_query(r->site->db, r->arena, &cards, "SELECT id, state FROM application_card WHERE application_id = $1 ORDER BY id FOR UPDATE",
	                          DB_TEXT(rec->id));

	for (int i = 0; st == ST_OK && i < db_rows(cards); i++) {
		const struct card_change change = {.application_card_id = db_text(cards, i, "id"), .to = CARD_WITHDRAWN};
		enum card_state state;

		if (transition_by_name(&state, db_text(cards, i, "state")) && transition_allowed(state, CARD_WITHDRAWN))
			st = card_transition(r->site->db, r->arena, r->site->config, r->site->keys, &actor, &change);
	}
	if (st == ST_OK)
		st = audit_write(r->site->db, r->arena, &actor, "application.withdrawn", rec->id, arena_printf(r->arena, "application:%s", rec->id), "ok", NULL);
	return st;
}

enum status records_withdraw_serve(struct request *r)
{
	struct sign_in s;
	struct record rec;
	bool post = r->method == METHOD_POST, may;
	enum status st = records_enter(r, &s);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (post)
		st = db_begin(r->site->db);
	if (st == ST_OK)
		st = record_load(r, &s, r->tail, post, &rec);
	if (st == ST_OK && !rec.exists)
		st = ST_NOT_FOUND;
	may = st == ST_OK && may_withdraw(&rec);
	if (st == ST_OK && post && may)
		st = withdraw(r, &rec);
	if (st == ST_OK && post)
		st = db_commit(r->site->db);
	if (st != ST_OK) {
		db_rollback(r->site->db);
		return st;
	}
	if (post || !may) /* pressed once more, the first time is told again; too late, that it is */
		return respond_redirect(r, may || was_withdrawn(&rec) ? "/records?said=withdrawn" : "/records?said=pushed");
	st = show_record(r, &rec, "撤回这次办理");
	return st == ST_OK ? respond_page(r, 200, "records/withdraw") : st;
}

/* ---- misuse ---- */

/* One report an application: pressed twice, it is the same one. Under the application's lock. */
static enum status report(struct request *r, struct record *rec)
{
	struct actor actor = records_actor(r);
	const char *id = crypt_uuid(r->arena), *number = crypt_readable(r->arena, 12);
	enum status st;

	if (rec->report)
		return ST_OK;
	st = db_query(r->site->db, r->arena, NULL, "INSERT INTO misuse_report (id, number, application_id) VALUES ($1, $2, $3)", DB_TEXT(id), DB_TEXT(number),
	              DB_TEXT(rec->id));
	if (st == ST_OK)
		st = audit_write(r->site->db, r->arena, &actor, "application.misuse_reported", rec->id, arena_printf(r->arena, "misuse_report:%s", id), "ok", NULL);
	if (st == ST_OK)
		log_alarm("misuse", "report=%s application=%s", number, rec->number);
	rec->report = number;
	return st;
}

enum status records_misuse_serve(struct request *r)
{
	struct sign_in s;
	struct record rec;
	struct limit_refusal refusal = {0};
	bool post = r->method == METHOD_POST;
	enum status st = records_enter(r, &s);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (post)
		st = db_begin(r->site->db);
	if (st == ST_OK)
		st = record_load(r, &s, r->tail, post, &rec);
	if (st == ST_OK && !rec.exists)
		st = ST_NOT_FOUND;
	const struct limit_key counted = {"records.action", s.phone};
	if (st == ST_OK && post && !rec.report) {
		st = limits_check(r->site->db, r->arena, r->site->config, r->site->keys, &counted, 1, &refusal);
		if (st == ST_OK && refusal.kind)
			st = status_fail(ST_LIMIT, "too many actions of one phone on its records");
		if (st == ST_OK)
			st = limits_record(r->site->db, r->arena, r->site->keys, &counted, 1);
		if (st == ST_OK)
			st = report(r, &rec);
	}
	if (st == ST_OK && post)
		st = db_commit(r->site->db);
	if (st != ST_OK) {
		db_rollback(r->site->db);
		return st;
	}
	if (post)
		return respond_redirect(r, arena_printf(r->arena, "/records/misuse/%s", rec.number));
	view_flag(request_view(r), "Record.withdraw", may_withdraw(&rec));
	st = show_record(r, &rec, rec.closed ? "您的报告已处理完" : rec.report ? "已收到您的报告" : "这次办理不是我本人办的");
	return st == ST_OK ? respond_page(r, 200, "records/misuse") : st;
}
