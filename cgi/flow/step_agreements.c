/* 同意协议: three texts, each a page of its own with a version, and one tick that names all three. What was agreed is kept with the
 * SHA-256 of the text, time, address and browser. Also the consents of the other steps, and the page of a text. */
#include <string.h>

#include "base/clock.h"
#include "flow/agreements.h"
#include "flow/steps.h"

/* Addresses of the texts; step: asked for by the agreements step. */
static const struct {
	const char *slug, *kind;
	const char *asked_by; /* kinds of applications that agree to it in the agreements step */
	const char *name;     /* what it is called while the text itself cannot be read; the automaker's may have another title */
} texts[] = {
	{"network", "network", "register", "车联网卡入网协议"},
	{"responsibility", "responsibility", "register", "实名制责任告知书"},
	{"cancellation", "cancellation", "cancel", "车联网卡实名注销协议"},
	{"allocation", "allocation", "", "车联网卡分配管理协议"}, /* of companies: signed on paper */
	{"personal-information", "personal_information", "register cancel update", "个人信息处理规则"},
	{"privacy", "privacy_notice", "", "隐私告知"},
	{"face", "face", "", "人脸及声音信息处理单独同意书"},
};
enum { TEXTS = sizeof texts / sizeof *texts };

static enum status agreement_load(struct request *r, const char *kind, struct agreement *out)
{
	struct db_result *t;
	enum status st = db_query(r->site->db, r->arena, &t,
	                          "SELECT t.id, t.version, t.title, t.body, t.sha256, extract(epoch FROM t.valid_from)::bigint AS valid_from"
	                          " FROM agreement_shown t JOIN automaker m ON m.id = t.automaker_id WHERE m.slug = $1 AND t.kind = $2",
	                          DB_TEXT(r->site->config->automaker), DB_TEXT(kind));

	if (st != ST_OK)
		return st;
	if (db_rows(t) != 1)
		return status_fail(ST_UNAVAILABLE, "no agreement text of kind %s is loaded", kind);
	*out = (struct agreement){
		.id = db_text(t, 0, "id"),
		.kind = kind,
		.version = db_text(t, 0, "version"),
		.title = db_text(t, 0, "title"),
		.body = db_text(t, 0, "body"),
		.sha256 = db_bytes(t, 0, "sha256"),
		.valid_from = db_int(t, 0, "valid_from"),
	};
	return ST_OK;
}

enum status agreement_offer(struct request *r, const char *kind, struct agreement *out)
{
	enum status st = agreement_load(r, kind, out);

	if (st != ST_OK)
		return st;
	view_set(request_view(r), arena_printf(r->arena, "Agree.shown.%s.kind", kind), kind);
	view_set(request_view(r), arena_printf(r->arena, "Agree.shown.%s.id", kind), out->id);
	return ST_OK;
}

enum status agreement_take(struct request *r, const char *field, const char *kind, struct agreement *out)
{
	enum status st = agreement_load(r, kind, out);

	if (st == ST_OK && !text_equal(request_field(r, arena_printf(r->arena, "shown_%s", kind)), out->id))
		form_error(r, field, "agree.changed", NULL);
	return st;
}

enum status agreement_serve(struct request *r)
{
	struct agreement t;
	struct view *v = request_view(r);
	char *rest, *line;
	int n = 0;

	for (int i = 0; i < TEXTS; i++) {
		if (strcmp(texts[i].slug, r->tail) != 0)
			continue;
		enum status st = agreement_load(r, texts[i].kind, &t);

		if (st != ST_OK)
			return st;
		view_set(v, "Text.title", t.title);
		view_set(v, "Text.version", t.version);
		view_set(v, "Text.date", arena_strndup(r->arena, clock_page(r->arena, t.valid_from), 10));
		rest = arena_strdup(r->arena, t.body);
		while ((line = strsep(&rest, "\n")) != NULL) {
			bool heading = text_prefix(line, "## ");

			if (text_empty(text_clean(r->arena, line)))
				continue;
			view_item(v, "Lines", n, "text", heading ? line + 3 : line);
			if (heading)
				view_item(v, "Lines", n, "heading", "1");
			n++;
		}
		page_common(r, t.title, NULL);
		return respond_page(r, 200, "agreement");
	}
	return ST_NOT_FOUND;
}

enum status consent_record(struct flow_visit *v, const struct agreement *t, const char *statement)
{
	struct request *r = v->r;
	enum status st = db_query(r->site->db, r->arena, NULL,
	                          "INSERT INTO consent (id, application_id, agreement_text_id, sha256, address, browser, statement) VALUES ($1, $2, $3, $4, $5, $6, $7)",
	                          DB_TEXT(crypt_uuid(r->arena)), DB_TEXT(v->draft.id), DB_TEXT(t->id), DB_BYTES(t->sha256), DB_TEXT(r->address),
	                          DB_TEXT(r->user_agent ? r->user_agent : ""), DB_TEXT(statement));

	if (st == ST_OK)
		st = audit_write(r->site->db, r->arena, &v->actor, "consent.given", v->draft.id, arena_printf(r->arena, "agreement_text:%s", t->id), "ok", NULL);
	return st;
}

/* Whether the flow of this visit asks for text number i. */
static bool asked(const struct flow_visit *v, int i)
{
	return strstr(texts[i].asked_by, v->flow->kind) != NULL;
}

char *agreements_asked(struct arena *a, const char *kind)
{
	struct buffer b;

	buffer_init(&b, a, 400);
	for (int i = 0; i < TEXTS; i++)
		if (strstr(texts[i].asked_by, kind))
			buffer_printf(&b, "%s%s", b.length ? "," : "", texts[i].kind);
	return arena_printf(a, "{%s}", b.length ? b.data : "");
}

static bool agreements_done(const struct draft *d)
{
	return d->agreed;
}

/* Of each text that the flow asks for the one that is shown now; for a posted form it has to be the one that was shown then. */
static enum status load_asked(struct flow_visit *v, bool posted, struct agreement out[TEXTS])
{
	enum status st = ST_OK;

	for (int i = 0; st == ST_OK && i < TEXTS; i++)
		if (asked(v, i))
			st = posted ? agreement_take(v->r, "agree", texts[i].kind, &out[i]) : agreement_offer(v->r, texts[i].kind, &out[i]);
	return st;
}

/* "我已阅读并同意《入网协议》《…》《…》": the words beside the tick, kept with each consent. */
static char *statement_of(struct flow_visit *v, const struct agreement loaded[TEXTS])
{
	struct buffer b;

	buffer_init(&b, v->r->arena, 1000);
	buffer_text(&b, "我已阅读并同意");
	for (int i = 0; i < TEXTS; i++)
		if (asked(v, i))
			buffer_printf(&b, "《%s》", loaded[i].title);
	return b.data;
}

enum status agreements_to_print(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	struct db_result *loaded;
	int n = 0;
	enum status st = db_query(r->site->db, r->arena, &loaded,
	                          "SELECT t.kind, t.title FROM agreement_shown t JOIN automaker m ON m.id = t.automaker_id"
	                          " WHERE m.slug = $1 AND t.kind IN ('network', 'responsibility', 'allocation')",
	                          DB_TEXT(r->site->config->automaker));

	for (int i = 0; st == ST_OK && i < TEXTS; i++)
		for (int k = 0; k < db_rows(loaded); k++) {
			if (!text_equal(texts[i].kind, db_text(loaded, k, "kind")))
				continue;
			view_item(view, "Texts", n, "title", db_text(loaded, k, "title"));
			view_item(view, "Texts", n++, "url", arena_printf(r->arena, "/agreement/%s", texts[i].slug));
		}
	return st;
}

void agreements_name(struct flow_visit *v)
{
	struct view *view = request_view(v->r);
	int n = 0;

	for (int i = 0; i < TEXTS; i++) {
		if (!asked(v, i))
			continue;
		view_item(view, "Texts", n, "title", texts[i].name);
		view_item(view, "Texts", n, "version", "");
		view_item(view, "Texts", n, "url", arena_printf(v->r->arena, "/agreement/%s", texts[i].slug));
		n++;
	}
}

static enum status agreements_show(struct flow_visit *v)
{
	struct view *view = request_view(v->r);
	struct agreement loaded[TEXTS];
	int n = 0;
	enum status st = load_asked(v, false, loaded);

	if (st != ST_OK)
		return st;
	view_set(view, "Agree.statement", statement_of(v, loaded));
	for (int i = 0; i < TEXTS; i++) {
		if (!asked(v, i))
			continue;
		view_item(view, "Texts", n, "title", loaded[i].title);
		view_item(view, "Texts", n, "version", loaded[i].version);
		view_item(view, "Texts", n, "url", arena_printf(v->r->arena, "/agreement/%s", texts[i].slug));
		n++;
	}
	return ST_OK;
}

static void agreements_typed(struct request *r)
{
	if (!text_equal(request_field(r, "agree"), "1"))
		form_error(r, "agree", "agree.all", NULL);
}

static enum status agreements_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct agreement loaded[TEXTS];
	enum status st;

	agreements_typed(r);
	st = load_asked(v, true, loaded);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	st = flow_lock(v);
	for (int i = 0; st == ST_OK && i < TEXTS; i++)
		if (asked(v, i))
			st = consent_record(v, &loaded[i], statement_of(v, loaded));
	if (st == ST_OK)
		st = draft_agree(r->site->db, r->arena, &v->actor, &v->draft);
	return st == ST_OK ? db_commit(r->site->db) : st;
}

const struct step step_agreements = {.slug = "agreements",
                                     .template_name = "step/agreements",
                                     .heading = "同意协议",
                                     .part = 5,
                                     .done = agreements_done,
                                     .show = agreements_show,
                                     .submit = agreements_submit,
                                     .typed = agreements_typed};
