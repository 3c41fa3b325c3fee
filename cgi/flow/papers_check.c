/* What the check page of a company shows of its papers and its responsible person, and why people should look at them. The cars and the
 * submission are the check page's own. */
#include <string.h>

#include "domain/certificate.h"
#include "domain/review.h"
#include "flow/steps.h"
#include "store/papers.h"

static void row(struct flow_visit *v, int *n, const char *label, const char *value, const char *change)
{
	struct view *view = request_view(v->r);

	view_item(view, "Rows", *n, "label", label);
	view_item(view, "Rows", *n, "value", value);
	if (change)
		view_item(view, "Rows", *n, "change", arena_printf(v->r->arena, "/%s/%s", v->flow->slug, change));
	++*n;
}

static void picture(struct flow_visit *v, int *n, const char *label, const char *name, const char *step)
{
	struct view *view = request_view(v->r);

	view_item(view, "Pictures", *n, "label", label);
	view_item(view, "Pictures", *n, "url", arena_printf(v->r->arena, "/%s/picture/%s?v=%d", v->flow->slug, name, v->draft.version));
	view_item(view, "Pictures", *n, "change", arena_printf(v->r->arena, "/%s/%s", v->flow->slug, step));
	++*n;
}

static const char *validity_text(struct arena *a, const char *from, const char *until, bool long_term)
{
	struct validity validity = {.long_term = long_term};

	if (from && !date_parse(&validity.from, from))
		validity.from = (struct date){0};
	if (until && !date_parse(&validity.to, until))
		validity.to = (struct date){0};
	return certificate_validity_page(a, &validity);
}

enum status papers_check_fill(struct flow_visit *v, int *rows, int *pictures)
{
	struct request *r = v->r;
	struct arena *a = r->arena;
	const struct draft *d = &v->draft;
	const struct certificate *type, *person_type;
	struct organisation o;
	struct holder h;
	enum status st = organisation_load(r->site->db, a, r->site->keys, d, &o);

	if (st == ST_OK)
		st = holder_load(r->site->db, a, r->site->keys, d, &h);
	if (st != ST_OK)
		return st;
	type = certificate_by_name(o.certificate_type ? o.certificate_type : "");
	person_type = certificate_by_name(h.certificate_type ? h.certificate_type : "");
	if (!o.exists || !h.exists || !type || !person_type)
		return status_fail(ST_ERROR, "a company's draft on its check page has no company or no person");
	row(v, rows, "单位名称", o.name, "company");
	row(v, rows, "统一社会信用代码", o.code, NULL);
	row(v, rows, "单位证件", type->label, NULL);
	row(v, rows, "单位地址", o.address, NULL);
	if (!text_empty(o.postal_address) && !text_equal(o.postal_address, o.address))
		row(v, rows, "通讯地址", o.postal_address, NULL);
	row(v, rows, "有效期", validity_text(a, o.valid_from, o.valid_until, o.long_term), NULL);
	row(v, rows, "责任人", mask_name(a, h.name), "identity");
	row(v, rows, "责任人证件", arena_printf(a, "%s %s", person_type->label, mask_number(a, h.number)), NULL);
	row(v, rows, "责任人手机号", h.telephone ? mask_phone(a, h.telephone) : "", NULL);
	row(v, rows, "身份验证", d->manual ? "不用人脸，由工作人员审核" : "已通过", d->manual ? "papers" : NULL);
	row(v, rows, "附件", arena_printf(a, "%d 个文件", d->attachments), "attachments");
	picture(v, pictures, type->label, "business", "company");
	picture(v, pictures, "授权书", "letter", "letter");
	picture(v, pictures, person_type->front, "front", "front");
	if (person_type->back)
		picture(v, pictures, person_type->back, "back", "back");
	if (d->manual)
		picture(v, pictures, "手持证件照", "other", "papers");
	return ST_OK;
}

/* The rules for the company. */
static enum status company_reasons(struct flow_visit *v, unsigned *reasons)
{
	struct request *r = v->r;
	struct organisation o;
	struct reading read;
	struct db_result *known;
	enum status st = organisation_load(r->site->db, r->arena, r->site->keys, &v->draft, &o);

	if (st == ST_OK)
		st = reading_load(r->site->db, r->arena, r->site->keys, &v->draft, v->draft.business_evidence_id, &read);
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &known, "SELECT name, trusted_at IS NOT NULL AS trusted FROM company WHERE id = $1",
			      DB_TEXT(v->draft.company_id));
	if (st != ST_OK)
		return st;
	if (!o.exists || !certificate_by_name(o.certificate_type))
		return status_fail(ST_ERROR, "a company's draft has no company");
	const struct review_company facts = {
		.certificate = certificate_by_name(o.certificate_type),
		.name = o.name,
		.code = o.code,
		.read_name = read.name,
		.read_code = read.number,
		.known_name = db_rows(known) == 1 ? db_text(known, 0, "name") : NULL,
		.trusted = db_rows(known) == 1 && db_bool(known, 0, "trusted"),
	};
	*reasons |= review_company_reasons(r->arena, &facts);
	return ST_OK;
}

enum status papers_reasons(struct flow_visit *v, unsigned *reasons)
{
	struct request *r = v->r;
	struct holder h;
	struct reading front;
	enum status st = holder_load(r->site->db, r->arena, r->site->keys, &v->draft, &h);

	*reasons = 0;
	if (st == ST_OK)
		st = reading_load(r->site->db, r->arena, r->site->keys, &v->draft, v->draft.front_evidence_id, &front);
	if (st != ST_OK)
		return st;
	const struct review_facts facts = {
		.certificate = certificate_by_name(h.certificate_type ? h.certificate_type : ""),
		.name = h.name,
		.number = h.number,
		.read_name = front.name,
		.read_number = front.number,
		.manual_identity = v->draft.manual,
		.validity_edited = h.edited && strstr(h.edited, "validity"),
	};
	if (!h.exists || !facts.certificate)
		return status_fail(ST_ERROR, "a company's draft has no responsible person");
	*reasons = review_reasons(r->arena, &facts);
	return company_reasons(v, reasons);
}
