/* 核对并提交: everything shown masked, change links that return here; one press submits once, however often it is pressed: the
 * draft's row is locked and can be submitted once only. The hidden token is the draft's version: what was shown is what is sent. */
#include <string.h>

#include "base/clock.h"
#include "domain/certificate.h"
#include "domain/eligibility.h"
#include "domain/kind.h"
#include "domain/review.h"
#include "flow/steps.h"
#include "store/submission.h"

static void row(struct flow_visit *v, int *n, const char *label, const char *value, const char *change, const char *what)
{
	struct view *view = request_view(v->r);

	view_item(view, "Rows", *n, "label", label);
	view_item(view, "Rows", *n, "value", value);
	if (change) {
		view_item(view, "Rows", *n, "change", arena_printf(v->r->arena, "/%s/%s", v->flow->slug, change));
		view_item(view, "Rows", *n, "what", what);
	}
	++*n;
}

static void picture(struct flow_visit *v, int *n, const char *label, const char *side, const char *step)
{
	struct view *view = request_view(v->r);

	view_item(view, "Pictures", *n, "label", label);
	view_item(view, "Pictures", *n, "url", arena_printf(v->r->arena, "/%s/picture/%s?v=%d", v->flow->slug, side, v->draft.version));
	view_item(view, "Pictures", *n, "change", arena_printf(v->r->arena, "/%s/%s", v->flow->slug, step));
	++*n;
}

void check_fill(struct flow_visit *v, const struct holder *h, const struct certificate *type, const char *phone)
{
	struct arena *a = v->r->arena;
	const struct draft *d = &v->draft;
	struct validity validity = {.long_term = h->long_term};
	struct buffer cards;
	int rows = 0;

	if (h->valid_from && !date_parse(&validity.from, h->valid_from))
		validity.from = (struct date){0};
	if (h->valid_until && !date_parse(&validity.to, h->valid_until))
		validity.to = (struct date){0};
	buffer_init(&cards, a, 400);
	for (int i = 0; i < d->card_count; i++)
		if (d->cards[i].chosen)
			buffer_printf(&cards, "%s尾号 %s", cards.length ? "，" : "", d->cards[i].iccid + strlen(d->cards[i].iccid) - 4);
	row(v, &rows, "车辆", arena_printf(a, "%s %s（%s）", d->brand, d->model, d->color), "vehicle", "车辆");
	row(v, &rows, "车架号", mask_vin(a, d->vin), NULL, NULL);
	row(v, &rows, "车联网卡", cards.data, "cards", "车联网卡");
	row(v, &rows, "手机号", mask_phone(a, phone), "phone", "手机号");
	row(v, &rows, "证件类型", type->label, "front", "证件");
	row(v, &rows, "姓名", mask_name(a, h->name), "identity", "身份信息");
	row(v, &rows, "证件号码", mask_number(a, h->number), NULL, NULL);
	row(v, &rows, "证件地址", mask_address(a, h->address), NULL, NULL);
	row(v, &rows, "有效期", certificate_validity_page(a, &validity), NULL, NULL);
	if (d->manual)
		row(v, &rows, "身份验证", "不用人脸，由工作人员审核", "papers", "审核材料");
	else
		row(v, &rows, "身份验证", "已通过", NULL, NULL);
	view_flag(request_view(v->r), "Check.manual", d->manual);
	view_int(request_view(v->r), "Page.token", d->version);
}

static enum status check_show(struct flow_visit *v)
{
	struct request *r = v->r;
	const struct draft *d = &v->draft;
	const struct certificate *type;
	struct holder h;
	char *phone;
	int pictures = 0;
	enum status st = holder_load(r->site->db, r->arena, r->site->keys, d, &h);

	if (st == ST_OK)
		st = draft_phone(r->site->db, r->arena, r->site->keys, d, &phone);
	if (st != ST_OK)
		return st;
	type = certificate_by_name(h.certificate_type ? h.certificate_type : "ID_CARD");
	if (!h.exists || !type)
		return status_fail(ST_ERROR, "a draft on its check page has no holder");
	check_fill(v, &h, type, phone);
	picture(v, &pictures, type->front, "front", "front");
	if (type->back)
		picture(v, &pictures, type->back, "back", "back");
	if (d->manual)
		picture(v, &pictures, "行驶证主页", "licence", "papers?photo=licence");
	if (d->manual && d->other_evidence_id)
		picture(v, &pictures, "其他材料", "other", "papers");
	return ST_OK;
}

enum status person_refusal(struct flow_visit *v, struct bytes number_hash, const char **slug)
{
	struct eligibility_facts facts = {.cards_maximum = v->r->site->config->cards_per_person, .card_registered = true};
	enum status st;

	if (application_kind(v->draft.kind)->ends) {
		st = submission_other_holder(v->r->site->db, v->r->arena, &v->draft, number_hash, &facts.other_holder);
		*slug = st == ST_OK ? refusal_page(eligibility_cancel(&facts)) : NULL;
		return st;
	}
	st = submission_count_cards(v->r->site->db, v->r->arena, &v->draft, number_hash, db_in_transaction(v->r->site->db), &facts.cards_held,
	                                        &facts.cards_wanted);

	if (st != ST_OK)
		return st;
	/* Only the count is judged here; the car was judged on its own page. */
	*slug = facts.cards_held + facts.cards_wanted > facts.cards_maximum ? refusal_page(REFUSAL_TOO_MANY_CARDS) : NULL;
	return ST_OK;
}

static enum status reasons_of(struct flow_visit *v, const struct holder *h, unsigned *reasons)
{
	struct request *r = v->r;
	struct review_facts facts = {.certificate = certificate_by_name(h->certificate_type), .name = h->name, .number = h->number};
	struct reading front;
	char *owner_name, *owner_number;
	enum status st;

	if (!facts.certificate)
		return status_fail(ST_ERROR, "the holder has a certificate of an unknown kind");
	st = reading_load(r->site->db, r->arena, r->site->keys, &v->draft, v->draft.front_evidence_id, &front);

	owner_name = owner_number = NULL;
	/* Who owns the car matters for a registration; the rest is for the registered holder, whoever owns it. */
	if (st == ST_OK && !application_kind(v->draft.kind)->ends)
		st = submission_known_owner(r->site->db, r->arena, r->site->keys, v->draft.vehicle_id, &owner_name, &owner_number);
	if (st != ST_OK)
		return st;
	facts.manual_identity = v->draft.manual;
	facts.validity_edited = h->edited && strstr(h->edited, "validity");
	facts.read_name = front.name;
	facts.read_number = front.number;
	facts.owner_name = owner_name;
	facts.owner_number = owner_number;
	*reasons = review_reasons(r->arena, &facts);
	return ST_OK;
}

static enum status check_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	struct holder h;
	struct validity validity = {0};
	unsigned reasons;
	bool ends = application_kind(v->flow->kind)->ends;
	const char *slug;
	int left;
	enum status st = flow_lock(v);

	if (st == ST_OK)
		st = submission_hold_cards(db, a, &v->draft, &left);
	if (st == ST_OK) /* waiting for an import, it may have become another car */
		st = draft_load(db, a, session_hash(r), &v->draft);
	if (st != ST_OK)
		return st;
	if (!v->draft.exists || flow_resume(v->flow, &v->draft) != v->step)
		return ST_CONFLICT;
	if (!text_equal(request_field(r, "token"), arena_printf(a, "%d", v->draft.version))) {
		db_rollback(db);
		view_set(request_view(r), "Page.notice", "内容有变化，请再核对一遍后提交");
		return flow_show(v, 409);
	}
	st = holder_load(db, a, r->site->keys, &v->draft, &h);
	if (st == ST_OK) /* the car's other cards are nothing he has chosen */
		slug = left > 0 ? refusal_page(REFUSAL_MOVED) : NULL;
	if (st == ST_OK && !slug)
		st = cards_refusal(v, &slug);
	for (int i = 0; st == ST_OK && !slug && i < v->draft.card_count; i++)
		if (v->draft.cards[i].chosen && !card_free(&v->draft, &v->draft.cards[i]))
			slug = refusal_page(v->draft.cards[i].open ? REFUSAL_OPEN : ends ? REFUSAL_NOT_REGISTERED : REFUSAL_REGISTERED);
	if (st == ST_OK && !slug)
		st = person_refusal(v, h.number_hash, &slug);
	if (st == ST_OK && !slug && h.valid_until && date_parse(&validity.to, h.valid_until) && certificate_expired(&validity, clock_today()))
		slug = "certificate-expired";
	if (st != ST_OK)
		return st;
	if (slug) {
		db_rollback(db);
		return refuse(v, slug);
	}
	st = reasons_of(v, &h, &reasons);
	if (st == ST_OK)
		st = submission_decide(db, a, r->site->config, r->site->keys, &v->actor, &v->draft, reasons);
	if (st == ST_CONFLICT && text_equal(db_constraint(db), "application_card_open")) {
		db_rollback(db);
		return refuse(v, refusal_page(REFUSAL_OPEN)); /* another application was a moment faster */
	}
	return st == ST_OK ? db_commit(db) : st;
}

const struct step step_check = {
	.slug = "check", .template_name = "step/check", .heading = "核对并提交", .part = 6, .show = check_show, .submit = check_submit};
