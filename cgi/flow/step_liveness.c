/* 身份验证: a consent of its own, then four digits read out in a short clip. The clip is taken by flow/upload.c and verified by jobs;
 * meanwhile the page waits. Provider trouble never counts against the person. */
#include "base/clock.h"
#include "flow/agreements.h"
#include "flow/steps.h"
#include "http/messages.h"
#include "store/queue.h"

#define MANUAL_HINT_FAILURES 3 /* then the other way is shown where nobody has to look for it */

static bool consent_done(const struct draft *d)
{
	return d->face_consent;
}

static enum status consent_show(struct flow_visit *v)
{
	struct agreement t;
	enum status st = agreement_offer(v->r, "face", &t);

	return st == ST_UNAVAILABLE ? ST_OK : st; /* the way without a face is there all the same */
}

static void consent_typed(struct request *r)
{
	if (!text_equal(request_field(r, "consent"), "1"))
		form_error(r, "consent", "consent.face", NULL);
}

static enum status consent_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct agreement t;
	enum status st;

	if (text_equal(request_field(r, "action"), "manual"))
		return way_choose(v, true);
	consent_typed(r);
	st = agreement_take(r, "consent", "face", &t);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	st = flow_lock(v);
	if (st == ST_OK)
		st = consent_record(v, &t, "同意为本次实名核验处理我的人脸和声音信息");
	if (st == ST_OK)
		st = draft_consent_face(r->site->db, r->arena, &v->actor, &v->draft);
	return st == ST_OK ? db_commit(r->site->db) : st;
}

static bool liveness_done(const struct draft *d)
{
	return d->liveness_passed;
}

enum status tries_of_liveness(struct flow_visit *v, struct tries *out)
{
	const struct config *c = v->r->site->config;
	struct db_result *r;
	enum status st = db_query(v->r->site->db, v->r->arena, &r,
	                          "SELECT count(*) AS used, ceil(extract(epoch FROM min(x.at)))::bigint AS oldest FROM (SELECT f.created_at AS at"
	                          " FROM verification f JOIN application o ON o.id = f.application_id"
	                          " JOIN application a ON a.id = $1 AND a.phone_hash = o.phone_hash"
	                          " WHERE f.kind = 'liveness' AND (f.counts OR f.state = 'waiting') AND f.created_at > now() - make_interval(hours => $2::integer)"
	                          " ORDER BY f.created_at DESC LIMIT 100) x",
	                          DB_TEXT(v->draft.id), DB_INT(c->tries_hours));

	if (st != ST_OK)
		return st;
	out->left = c->liveness_tries - (int)db_int(r, 0, "used");
	out->until = db_int(r, 0, "oldest") + (int64_t)c->tries_hours * 3600;
	return ST_OK;
}

struct liveness {
	const char *state, *cause; /* of the newest attempt with the clip in use; NULL: none */
	struct live_code code;
	bool code_usable;
};

static enum status liveness_load(struct flow_visit *v, struct liveness *out)
{
	struct request *r = v->r;
	struct db_result *found;
	enum status st;

	*out = (struct liveness){0};
	st = db_query(r->site->db, r->arena, &found,
	              "SELECT state, cause FROM verification WHERE application_id = $1 AND kind = 'liveness' AND evidence_id = $2"
	              " ORDER BY created_at DESC LIMIT 1",
	              DB_TEXT(v->draft.id), DB_TEXT(v->draft.clip_evidence_id));
	if (st == ST_OK && db_rows(found) == 1) {
		out->state = db_text(found, 0, "state");
		out->cause = db_text(found, 0, "cause");
	}
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &found,
		              "SELECT id, state, digits, floor(extract(epoch FROM expires_at))::bigint AS expires_at FROM live_code WHERE application_id = $1"
		              " ORDER BY created_at DESC LIMIT 1",
		              DB_TEXT(v->draft.id));
	if (st == ST_OK && db_rows(found) == 1) {
		out->code.id = db_text(found, 0, "id");
		out->code.state = db_text(found, 0, "state");
		out->code.digits = db_text(found, 0, "digits");
		out->code.expires_at = db_int(found, 0, "expires_at");
		out->code_usable = text_equal(out->code.state, "requested") || text_equal(out->code.state, "unavailable") ||
		                   (text_equal(out->code.state, "ready") && out->code.expires_at > clock_now());
	}
	return st;
}

/* What the newest digits are, and how many were asked for. Under the draft's lock. */
struct asked {
	bool on_way, ready;
	int just_now, hour;
};

static enum status count_asked(struct flow_visit *v, struct asked *out)
{
	struct db_result *r;
	enum status st = db_query(v->r->site->db, v->r->arena, &r,
	                          "SELECT count(*) FILTER (WHERE state = 'requested') AS on_way, count(*) FILTER (WHERE state = 'ready' AND expires_at > now()) AS ready,"
	                          " count(*) FILTER (WHERE created_at > now() - interval '5 seconds') AS just_now,"
	                          " count(*) FILTER (WHERE created_at > now() - interval '1 hour') AS hour FROM live_code WHERE application_id = $1",
	                          DB_TEXT(v->draft.id));

	if (st != ST_OK)
		return st;
	*out = (struct asked){
		.on_way = db_int(r, 0, "on_way") > 0,
		.ready = db_int(r, 0, "ready") > 0,
		.just_now = (int)db_int(r, 0, "just_now"),
		.hour = (int)db_int(r, 0, "hour"),
	};
	return ST_OK;
}

/* The row and its job. In the caller's transaction. */
static enum status add_digits(struct flow_visit *v)
{
	char *id = crypt_uuid(v->r->arena);
	enum status st = db_query(v->r->site->db, v->r->arena, NULL, "INSERT INTO live_code (id, application_id) VALUES ($1, $2)", DB_TEXT(id),
	                          DB_TEXT(v->draft.id));

	return st == ST_OK ? queue_add(v->r->site->db, v->r->arena, "live_code_fetch", id, 0) : st;
}

/* Asks for digits unless another visit of this page has done so meanwhile. */
static enum status ask_digits(struct flow_visit *v)
{
	struct asked asked;
	enum status st = flow_lock(v);

	if (st == ST_OK)
		st = count_asked(v, &asked);
	if (st == ST_OK && !asked.on_way && !asked.ready)
		st = add_digits(v);
	return st == ST_OK ? db_commit(v->r->site->db) : st;
}

static const char *state_of(const struct liveness *l, const struct tries *t)
{
	if (text_equal(l->state, "waiting"))
		return "verifying";
	if (t->left <= 0)
		return "locked";
	if (text_equal(l->state, "unavailable"))
		return "unavailable";
	if (text_equal(l->code.state, "unavailable"))
		return "digits_unavailable";
	return text_equal(l->code.state, "ready") && l->code_usable ? "ready" : "digits_waiting";
}

/* "9873" as "九 八 七 三". */
static char *digit_words(struct arena *a, const char *digits)
{
	static const char *const words[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
	struct buffer b;

	buffer_init(&b, a, 200);
	for (const char *p = digits; *p; p++)
		if (*p >= '0' && *p <= '9')
			buffer_printf(&b, "%s%s", b.length ? " " : "", words[*p - '0']);
	return b.data;
}

static enum status liveness_show(struct flow_visit *v)
{
	struct view *view = request_view(v->r);
	struct arena *a = v->r->arena;
	struct liveness l;
	struct tries tries;
	const char *state;
	enum status st = liveness_load(v, &l);

	if (st == ST_OK)
		st = tries_of_liveness(v, &tries);
	/* The second may be newer: the draft was read before. */
	if (st == ST_OK && (v->draft.liveness_passed || text_equal(l.state, "passed"))) {
		view_set(view, "Live.state", "passed");
		v->waits = !v->draft.liveness_passed;
		return ST_OK;
	}
	/* Digits that were used or have run out: new ones, so that the page has some whenever it is opened. */
	if (st == ST_OK && !l.code_usable && !text_equal(l.state, "waiting") && !text_equal(l.state, "unavailable") && tries.left > 0) {
		st = ask_digits(v);
		if (st == ST_OK)
			st = liveness_load(v, &l);
	}
	if (st != ST_OK)
		return st;
	state = state_of(&l, &tries);
	view_set(view, "Live.state", state);
	v->waits = text_equal(state, "verifying") || text_equal(state, "digits_waiting");
	if (text_equal(state, "ready")) {
		view_set(view, "Live.digits", l.code.digits);
		view_set(view, "Live.words", digit_words(a, l.code.digits));
		view_int(view, "Live.left", (long)(l.code.expires_at - clock_now()));
		view_set(view, "Upload.url", arena_printf(a, "%s&digits=%s", upload_url(v, "clip"), l.code.id));
	}
	if (text_equal(l.state, "failed"))
		view_set(view, "Live.cause", message_text(a, l.cause ? l.cause : "live.fail", arena_printf(a, "%d", tries.left > 0 ? tries.left : 0)));
	view_flag(view, "Live.file_first", text_equal(l.state, "failed") && text_equal(l.cause, "live.video")); /* what this browser records */
	view_flag(view, "Live.manual_hint", tries.left <= v->r->site->config->liveness_tries - MANUAL_HINT_FAILURES);
	if (tries.left <= 3)
		view_int(view, "Tries.left", tries.left > 0 ? tries.left : 0);
	if (tries.left <= 0)
		view_set(view, "Live.locked_clock", clock_page(a, tries.until));
	return ST_OK;
}

static enum status liveness_waiting(struct flow_visit *v, bool *waiting)
{
	struct liveness l;
	struct tries tries;
	enum status st = liveness_load(v, &l);

	*waiting = false;
	if (st == ST_OK)
		st = tries_of_liveness(v, &tries);
	if (st != ST_OK)
		return st;
	if (v->draft.liveness_passed)
		return ST_OK;
	/* Digits that are used or have run out are not on their way: the page has to be opened, which asks for new ones. */
	*waiting = text_equal(state_of(&l, &tries), "verifying") || (text_equal(l.code.state, "requested") && text_equal(state_of(&l, &tries), "digits_waiting"));
	return ST_OK;
}

/* digits: another set. retry: the provider was away; with the clip it is sent again with new digits, so ask for new digits. */
static enum status liveness_submit(struct flow_visit *v)
{
	const char *action = request_field(v->r, "action");
	struct liveness l;
	struct asked asked;
	enum status st;

	if (text_equal(action, "manual"))
		return way_choose(v, true);
	st = liveness_load(v, &l);
	if (st != ST_OK)
		return st;
	if (v->draft.liveness_passed || (!text_equal(action, "digits") && !text_equal(action, "retry")))
		return ST_OK; /* on to where the answers lead */
	if (text_equal(l.state, "waiting"))
		return flow_go(v, "liveness"); /* pressed twice */
	st = flow_lock(v);
	if (st == ST_OK)
		st = count_asked(v, &asked);
	if (st != ST_OK)
		return st;
	if (asked.on_way) { /* pressed twice */
		db_rollback(v->r->site->db);
		return flow_go(v, "liveness");
	}
	/* A set costs a call to the provider: not more than one in five seconds and sixty an hour. */
	if (asked.just_now > 0 || asked.hour >= 60) {
		db_rollback(v->r->site->db);
		form_error(v->r, "digits", "live.slow", NULL);
		return ST_OK;
	}
	/* The clip that could not be verified is left behind; the next one comes with the new digits. */
	if (text_equal(l.state, "unavailable"))
		st = db_query(v->r->site->db, v->r->arena, NULL, "UPDATE application SET clip_evidence_id = NULL, version = version + 1 WHERE id = $1",
		              DB_TEXT(v->draft.id));
	if (st == ST_OK)
		st = add_digits(v);
	if (st == ST_OK)
		st = db_commit(v->r->site->db);
	return st == ST_OK ? flow_go(v, "liveness") : st;
}

const struct step step_consent = {
	.slug = "consent", .template_name = "step/consent", .heading = "身份验证说明", .part = 4, .needed = way_by_face, .done = consent_done,
	.show = consent_show, .submit = consent_submit, .typed = consent_typed};
const struct step step_liveness = {.slug = "liveness",
                                   .template_name = "step/liveness",
                                   .heading = "身份验证",
                                   .part = 4,
                                   .needed = way_by_face,
                                   .done = liveness_done,
                                   .show = liveness_show,
                                   .submit = liveness_submit,
                                   .waiting = liveness_waiting,
                                   .goes_on = true};
