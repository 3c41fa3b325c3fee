/* 身份证上传: one page a side. A picture is sent to flow/upload.c; here its reading is shown, and what to do when there is none.
 * Another kind of certificate is chosen on the first page, is typed in and goes to review. */
#include "domain/certificate.h"
#include "flow/steps.h"
#include "http/messages.h"

#define READINGS_A_TRY 4 /* readings of any result for each refused one that is allowed */

const struct certificate *draft_certificate(const struct draft *d)
{
	const struct certificate *c = d->certificate_type ? certificate_by_name(d->certificate_type) : NULL;

	return c ? c : certificate_get(CERTIFICATE_ID_CARD);
}

static bool front_done(const struct draft *d)
{
	return d->front_evidence_id && d->front_ready;
}

static bool back_done(const struct draft *d)
{
	return d->back_evidence_id && d->back_ready;
}

static bool back_needed(const struct draft *d)
{
	return draft_certificate(d)->back != NULL;
}

enum status tries_of_readings(struct flow_visit *v, struct tries *out)
{
	const struct config *c = v->r->site->config;
	struct db_result *r;
	/* Counted over all drafts of the phone: a new draft gives no new tries. Every reading is paid for, so those that went well have
	 * an end too, far above what a person needs. */
	enum status st = db_query(v->r->site->db, v->r->arena, &r,
	                          "SELECT count(*) FILTER (WHERE x.refused) AS used, ceil(extract(epoch FROM min(x.at) FILTER (WHERE x.refused)))::bigint AS oldest,"
	                          " count(*) AS whole, ceil(extract(epoch FROM min(x.at)))::bigint AS first"
	                          " FROM (SELECT g.created_at AS at, g.state = 'refused' AS refused FROM reading g"
	                          " JOIN application o ON o.id = g.application_id JOIN application a ON a.id = $1 AND a.phone_hash = o.phone_hash"
	                          " WHERE g.side <> 'licence' AND g.created_at > now() - make_interval(hours => $2::integer) ORDER BY g.created_at DESC LIMIT 1000) x",
	                          DB_TEXT(v->draft.id), DB_INT(c->tries_hours));
	int whole;

	if (st != ST_OK)
		return st;
	/* Two sides a person. */
	out->left = 2 * c->reading_tries - (int)db_int(r, 0, "used");
	out->until = db_int(r, 0, "oldest") + (int64_t)c->tries_hours * 3600;
	whole = READINGS_A_TRY * 2 * c->reading_tries - (int)db_int(r, 0, "whole");
	if (whole < out->left) {
		out->left = whole;
		out->until = db_int(r, 0, "first") + (int64_t)c->tries_hours * 3600;
	}
	return ST_OK;
}

static void show_field(struct flow_visit *v, int *n, const char *label, const char *value)
{
	if (text_empty(value))
		return;
	view_item(request_view(v->r), "Reading", *n, "label", label);
	view_item(request_view(v->r), "Reading", *n, "value", value);
	++*n;
}

void reading_fill(struct flow_visit *v, const struct reading *reading)
{
	int n = 0;

	show_field(v, &n, "姓名", reading->name);
	show_field(v, &n, "性别", reading->sex);
	show_field(v, &n, "身份证号", reading->number ? mask_number(v->r->arena, reading->number) : NULL);
	show_field(v, &n, "签发机关", reading->authority);
	show_field(v, &n, "有效期", reading->validity);
}

/* Reading.*: what became of the picture of this side. */
static enum status show_reading(struct flow_visit *v, const char *evidence, bool ready)
{
	struct view *view = request_view(v->r);
	struct arena *a = v->r->arena;
	struct reading reading;
	struct tries tries;
	const char *state;
	enum status st = reading_load(v->r->site->db, a, v->r->site->keys, &v->draft, evidence, &reading);

	if (st == ST_OK)
		st = tries_of_readings(v, &tries);
	if (st != ST_OK)
		return st;
	state = !evidence ? "none" : ready && !text_equal(reading.state, "done") ? "manual" : reading.exists ? reading.state : "none";
	view_set(view, "Reading.state", state);
	v->waits = text_equal(state, "waiting");
	if (text_equal(reading.state, "refused"))
		view_set(view, "Reading.cause", message_text(a, reading.cause ? reading.cause : "id.notid", NULL));
	if (tries.left <= 3)
		view_int(view, "Tries.left", tries.left > 0 ? tries.left : 0);
	if (tries.left <= 0)
		view_set(view, "Tries.clock", clock_page(a, tries.until));
	reading_fill(v, &reading);
	return ST_OK;
}

void side_fill(struct flow_visit *v, const char *side)
{
	struct view *view = request_view(v->r);
	struct arena *a = v->r->arena;
	const struct certificate *type = draft_certificate(&v->draft);
	bool front = text_equal(side, "front");

	v->heading = arena_printf(a, "上传%s", front ? type->front : type->back);
	view_set(view, "Side.name", side);
	view_set(view, "Side.sample", type->automatic ? side : NULL);
	view_set(view, "Side.label", front ? type->front : type->back);
	view_set(view, "Type.name", type->name);
	view_set(view, "Type.label", type->label);
	view_flag(view, "Type.automatic", type->automatic);
}

static enum status show_side(struct flow_visit *v, const char *side)
{
	struct view *view = request_view(v->r);
	struct arena *a = v->r->arena;
	bool front = text_equal(side, "front");
	const char *evidence = front ? v->draft.front_evidence_id : v->draft.back_evidence_id;

	side_fill(v, side);
	view_set(view, "Upload.url", upload_url(v, side));
	if (evidence)
		view_set(view, "Picture.url", arena_printf(a, "/%s/picture/%s?v=%d", v->flow->slug, side, v->draft.version));
	return show_reading(v, evidence, front ? v->draft.front_ready : v->draft.back_ready);
}

static enum status front_show(struct flow_visit *v)
{
	int n = 0;

	for (int i = 0; i < CERTIFICATE_TYPE_MAX; i++) {
		const struct certificate *c = certificate_get((enum certificate_type)i);

		if (c->organisation || !c->online)
			continue;
		view_item(request_view(v->r), "Types", n, "name", c->name);
		view_item(request_view(v->r), "Types", n, "label", c->label);
		if (c == draft_certificate(&v->draft))
			view_item(request_view(v->r), "Types", n, "checked", "1");
		n++;
	}
	return show_side(v, "front");
}

static enum status back_show(struct flow_visit *v)
{
	return show_side(v, "back");
}

static enum status side_waiting(struct flow_visit *v, const char *evidence, bool *waiting)
{
	struct reading reading;
	enum status st = reading_load(v->r->site->db, v->r->arena, v->r->site->keys, &v->draft, evidence, &reading);

	*waiting = st == ST_OK && text_equal(reading.state, "waiting");
	return st;
}

static enum status front_waiting(struct flow_visit *v, bool *waiting)
{
	return side_waiting(v, v->draft.front_evidence_id, waiting);
}

static enum status back_waiting(struct flow_visit *v, bool *waiting)
{
	return side_waiting(v, v->draft.back_evidence_id, waiting);
}

static enum status change_type(struct flow_visit *v)
{
	struct request *r = v->r;
	const struct certificate *c = certificate_by_name(request_field(r, "type") ? request_field(r, "type") : "");
	enum status st;

	if (!c || c->organisation || !c->online) {
		form_error(r, "type", "type.choose", NULL);
		return ST_OK;
	}
	if (c == draft_certificate(&v->draft) && v->draft.certificate_type)
		return flow_go(v, "front");
	st = flow_lock(v);
	if (st == ST_OK)
		st = draft_set_certificate_type(r->site->db, r->arena, &v->actor, &v->draft, c->name);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	return st == ST_OK ? flow_go(v, "front") : st;
}

/* next: on, if the side is ready. retry: read again. manual: the reader is away, the person types it in. */
static enum status side_submit(struct flow_visit *v, const char *side)
{
	struct request *r = v->r;
	bool front = text_equal(side, "front");
	const char *evidence = front ? v->draft.front_evidence_id : v->draft.back_evidence_id, *action = request_field(r, "action");
	struct reading reading;
	bool retry = text_equal(action, "retry"), manual = text_equal(action, "manual");
	enum status st;

	if (front && text_equal(action, "type"))
		return change_type(v);
	if (!evidence) {
		form_error(r, "file", "file.none", front ? draft_certificate(&v->draft)->front : draft_certificate(&v->draft)->back);
		return ST_OK;
	}
	st = reading_load(r->site->db, r->arena, r->site->keys, &v->draft, evidence, &reading);
	if (st != ST_OK)
		return st;
	if ((retry || manual) && text_equal(reading.state, "unavailable")) {
		st = flow_lock(v);
		if (st == ST_OK && !text_equal(evidence, front ? v->draft.front_evidence_id : v->draft.back_evidence_id))
			return ST_CONFLICT; /* another picture came: it has a reading of its own */
		if (st == ST_OK)
			st = draft_read_again(r->site->db, r->arena, &v->actor, &v->draft, side, retry);
		if (st == ST_OK)
			st = db_commit(r->site->db);
		return st == ST_OK ? flow_go(v, retry ? side : front && back_needed(&v->draft) ? "back" : "identity") : st;
	}
	/* Not ready: the page tells why. Ready: to the next page, or back to the check page when all else is there. */
	return ST_OK;
}

static enum status front_submit(struct flow_visit *v)
{
	return side_submit(v, "front");
}

static enum status back_submit(struct flow_visit *v)
{
	return side_submit(v, "back");
}

const struct step step_front = {.slug = "front",
                                .task = "person",
                                .template_name = "step/front",
                                .heading = "上传证件",
                                .part = 3,
                                .done = front_done,
                                .show = front_show,
                                .submit = front_submit,
                                .waiting = front_waiting};
const struct step step_back = {.slug = "back",
                               .task = "person",
                               .template_name = "step/back",
                               .heading = "上传证件",
                               .part = 3,
                               .needed = back_needed,
                               .done = back_done,
                               .show = back_show,
                               .submit = back_submit,
                               .waiting = back_waiting};
