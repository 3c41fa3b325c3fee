/* Files of a draft: which step asks for which, and what the draft does with one. It does not know how the bytes came. A clip is kept as
 * recorded. */
#include <string.h>

#include "domain/certificate.h"
#include "flow/handover.h"
#include "flow/steps.h"
#include "flow/upload.h"
#include "store/papers.h"

#define PHOTOGRAPHS_MAX 20 /* of a purpose in one draft when no reading limits them: each is a file */

/* ---- the place ---- */

static struct flow_visit *visit(struct upload *u)
{
	return u->visit;
}

const char *upload_url(struct flow_visit *v, const char *kind)
{
	return arena_printf(v->r->arena, "/%s/upload/%s?draft=%s&csrf=%s", v->flow->slug, kind, v->draft.number, session_csrf(v->r));
}

/* Chosen on the page of another draft, and sent with the token that the browser has by now. */
static bool for_another(struct upload *u)
{
	const char *number = request_query(u->r, "draft");

	return number && !text_equal(number, visit(u)->draft.number);
}

static enum status filled(struct upload *u, enum status st)
{
	const char *draft = request_query(u->r, "draft"), *digits = request_query(u->r, "digits");

	u->application_id = visit(u)->draft.id;
	u->role = text_equal(visit(u)->step ? visit(u)->step->task : NULL, "person") ? holder_role(&visit(u)->draft)
		  : visit(u)->draft.company_id                                        ? "organisation"
										      : NULL;
	u->data_key_id = visit(u)->draft.data_key_id;
	if (draft && st == ST_OK)
		u->query = arena_printf(u->r->arena, "?draft=%s", visit(u)->draft.number);
	if (text_uuid(digits))
		u->query = arena_printf(u->r->arena, "%s%sdigits=%s", u->query, draft ? "&" : "?", digits);
	return st;
}

static enum status draft_find(struct upload *u)
{
	struct flow_visit *v = u->visit = arena_alloc(u->r->arena, sizeof *v);
	enum status st = flow_find(v, u->r, u->kind->step);

	if (st == ST_OK && (!v->draft.exists || (v->draft.handover_id && !handover_offers(&v->draft, u->kind->step))))
		st = status_fail(ST_NOT_FOUND, "no draft, or not this step of it");
	if (st == ST_OK && for_another(u))
		st = status_fail(ST_NOT_FOUND, "the browser has another draft by now");
	return filled(u, st);
}

static enum status draft_enter(struct upload *u)
{
	struct flow_visit *v = u->visit = arena_alloc(u->r->arena, sizeof *v);

	enum status st = flow_enter(v, u->r, u->kind->step);

	if (st == ST_OK && for_another(u)) {
		st = flow_go_on(v);
		st = st == ST_OK ? ST_DENIED : st;
	}
	return filled(u, st);
}

static enum status draft_lock_now(struct upload *u)
{
	return flow_lock(visit(u));
}

static enum status draft_show(struct upload *u, int http_status)
{
	return flow_show(visit(u), http_status);
}

static enum status draft_go_on(struct upload *u)
{
	return flow_go_on(visit(u));
}

static enum status draft_go_kept(struct upload *u)
{
	struct flow_visit *v = visit(u);

	/* Where the page goes on by itself, the job may have ended before the page is there. */
	return flow_go(v, v->step->goes_on ? arena_printf(u->r->arena, "%s?on=1", u->kind->step) : u->kind->step);
}

/* ---- pictures ---- */

/* The new row is counted too. */
static enum status refuse_many(struct upload *u)
{
	struct db_result *sent;
	enum status st = db_query(u->r->site->db, u->r->arena, &sent, "SELECT count(*) AS sent FROM evidence WHERE application_id = $1 AND purpose = $2 AND page_of IS NULL",
	                          DB_TEXT(u->application_id), DB_TEXT(u->kind->purpose));

	if (st == ST_OK && db_int(sent, 0, "sent") > PHOTOGRAPHS_MAX)
		u->refused = "file.times";
	return st;
}

/* A picture that was refused a moment ago need not be paid for again. */
static enum status refuse_same(struct upload *u)
{
	struct db_result *r;
	struct bytes hash = {u->digest, sizeof u->digest};
	enum status st = db_query(u->r->site->db, u->r->arena, &r,
	                          "SELECT 1 FROM evidence e JOIN reading g ON g.evidence_id = e.id WHERE e.application_id = $1 AND e.original_sha256 = $2"
	                          " AND g.state = 'refused' AND g.side = $3 LIMIT 1",
	                          DB_TEXT(u->application_id), DB_BYTES(hash), DB_TEXT(u->kind->slug));

	if (st == ST_OK && db_rows(r) > 0)
		u->refused = "file.same";
	return st;
}

static void refuse_tries(struct upload *u, const struct tries *tries, const char *key)
{
	if (tries->left > 0)
		return;
	u->refused = key;
	u->argument = arena_printf(u->r->arena, "%d", u->r->site->config->tries_hours);
}

/* In use, and not to be read once more. */
static enum status picture_there(struct upload *u, bool *there)
{
	struct db_result *r;
	enum status st = db_query(u->r->site->db, u->r->arena, &r,
	                          "SELECT FROM evidence e WHERE e.id = $1 AND e.original_sha256 = $2"
	                          " AND coalesce((SELECT g.state FROM reading g WHERE g.evidence_id = e.id ORDER BY g.created_at DESC LIMIT 1), 'done')"
	                          " IN ('waiting', 'done')",
	                          DB_TEXT(picture_used(&visit(u)->draft, u->kind->slug)), DB_BYTES(((struct bytes){u->digest, sizeof u->digest})));

	*there = st == ST_OK && db_rows(r) > 0;
	return st;
}

static enum status use_side(struct upload *u, const char *evidence_id)
{
	struct flow_visit *v = visit(u);
	const struct certificate *type = draft_certificate(&v->draft);
	bool automatic = type && type->automatic;
	struct tries tries;
	enum status st = tries_of_readings(v, &tries); /* under the lock: pictures sent at once get no more tries */

	if (st != ST_OK)
		return st;
	refuse_tries(u, &tries, "id.tries");
	if (!u->refused)
		st = automatic ? refuse_same(u) : refuse_many(u);
	return st == ST_OK && !u->refused ? draft_set_picture(u->r->site->db, u->r->arena, &u->actor, &v->draft, u->kind->slug, evidence_id, automatic) : st;
}

static enum status keep_side(struct upload *u)
{
	return upload_keep_picture(u, use_side);
}

/* A photograph for people: nothing is read from it. */
static enum status use_paper(struct upload *u, const char *evidence_id)
{
	enum status st = refuse_many(u);

	return st == ST_OK && !u->refused ? draft_set_paper(u->r->site->db, u->r->arena, &u->actor, &visit(u)->draft, u->kind->slug, evidence_id) : st;
}

static enum status keep_paper(struct upload *u)
{
	return upload_keep_picture(u, use_paper);
}

/* ---- papers of a company ---- */

static enum status use_certificate(struct upload *u, const char *evidence_id)
{
	enum status st = refuse_many(u);

	return st == ST_OK && !u->refused ? papers_set_certificate(u->r->site->db, u->r->arena, &u->actor, &visit(u)->draft, evidence_id) : st;
}

static enum status keep_certificate(struct upload *u)
{
	return upload_keep_document(u, use_certificate);
}

static enum status use_letter(struct upload *u, const char *evidence_id)
{
	enum status st = refuse_many(u);

	return st == ST_OK && !u->refused ? papers_set_letter(u->r->site->db, u->r->arena, &u->actor, &visit(u)->draft, evidence_id) : st;
}

static enum status keep_letter(struct upload *u)
{
	return upload_keep_document(u, use_letter);
}

static enum status use_attachment(struct upload *u, const char *evidence_id)
{
	enum status st = refuse_many(u);

	if (st != ST_OK || u->refused)
		return st;
	st = papers_add_attachment(u->r->site->db, u->r->arena, &u->actor, &visit(u)->draft, evidence_id);
	if (st != ST_LIMIT)
		return st;
	u->refused = "paper.count";
	u->argument = arena_printf(u->r->arena, "%d", ATTACHMENTS_MAX);
	return ST_OK;
}

static enum status attachment_there(struct upload *u, bool *there)
{
	return papers_attached(u->r->site->db, u->r->arena, u->application_id, (struct bytes){u->digest, sizeof u->digest}, there);
}

static enum status keep_attachment(struct upload *u)
{
	return upload_keep_document(u, use_attachment);
}

/* ---- the clip ---- */

static int64_t clip_maximum(const struct config *config)
{
	return (int64_t)config->clip_max_kb * 1000;
}

static enum status clip_start(struct upload *u)
{
	return evidence_start(&u->writer, u->r->arena, u->r->site->config->evidence_dir, &u->key);
}

static enum status clip_data(struct upload *u, const void *bytes, size_t length)
{
	if (u->size > u->kind->maximum(u->r->site->config)) {
		upload_too_big(u);
		return ST_LIMIT;
	}
	return evidence_write(u->writer, bytes, length);
}

/* The container, by its first bytes; the name and the type that a browser says are not looked at. */
static const char *clip_type(const unsigned char *head, size_t length)
{
	static const struct {
		size_t at;
		const char *magic, *also; /* also: at 8, for containers that share the first bytes */
		const char *type;
	} types[] = {
		{4, "ftypqt", NULL, "video/quicktime"}, {4, "ftyp3gp", NULL, "video/3gpp"},         {4, "ftyp", NULL, "video/mp4"},
		{0, "\x1a\x45\xdf\xa3", NULL, "video/webm"}, {0, "RIFF", "AVI ", "video/x-msvideo"}, {0, "FLV", NULL, "video/x-flv"},
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		size_t n = strlen(types[i].magic);

		if (types[i].at + n <= length && memcmp(head + types[i].at, types[i].magic, n) == 0 &&
		    (!types[i].also || (length >= 12 && memcmp(head + 8, types[i].also, 4) == 0)))
			return types[i].type;
	}
	return NULL;
}

/* The digits that the page of the clip showed: the id of a live_code. Others may have been asked for since, in another window. */
static const char *digits_shown(struct upload *u)
{
	const char *id = request_query(u->r, "digits");

	return id ? id : "";
}

static enum status clip_there(struct upload *u, bool *there)
{
	struct db_result *r;
	enum status st = db_query(u->r->site->db, u->r->arena, &r,
	                          "SELECT FROM verification f JOIN evidence e ON e.id = f.evidence_id WHERE f.application_id = $1 AND f.live_code_id::text = $2"
	                          " AND e.original_sha256 = $3 LIMIT 1",
	                          DB_TEXT(u->application_id), DB_TEXT(digits_shown(u)), DB_BYTES(((struct bytes){u->digest, sizeof u->digest})));

	*there = st == ST_OK && db_rows(r) > 0;
	return st;
}

static enum status use_clip(struct upload *u, const char *evidence_id)
{
	struct db *db = u->r->site->db;
	struct db_result *code;
	struct tries tries;
	enum status st = tries_of_liveness(visit(u), &tries); /* under the lock, with those that are under way */

	if (st == ST_OK)
		st = db_query(db, u->r->arena, &code,
		              "SELECT id FROM live_code WHERE application_id = $1 AND id::text = $2 AND " LIVE_CODE_USABLE,
		              DB_TEXT(u->application_id), DB_TEXT(digits_shown(u)));
	if (st != ST_OK)
		return st;
	if (db_rows(code) == 0)
		u->refused = "live.expired";
	refuse_tries(u, &tries, "live.tries");
	return u->refused ? ST_OK : draft_set_clip(db, u->r->arena, &u->actor, &visit(u)->draft, evidence_id, db_text(code, 0, "id"));
}

static enum status keep_clip(struct upload *u)
{
	const char *type = clip_type(u->head, u->head_length);
	struct evidence_file file;
	enum status st;

	if (!type)
		u->refused = "clip.type";
	else if (u->size < 2000)
		u->refused = "live.short";
	if (u->refused)
		return ST_OK;
	st = evidence_finish(u->writer, &file);
	return st == ST_OK ? upload_keep_file(u, type, &file, use_clip) : st;
}

/* ---- the table ---- */

#define PHOTOGRAPH(kind) .slug = kind, .name = kind, UPLOAD_PICTURE
#define PAPER(kind) .slug = kind, .name = kind, UPLOAD_DOCUMENT

static const struct upload_kind kinds[] = {
	{PHOTOGRAPH("front"), .step = "front", .purpose = "certificate_front", .words = "证件照片", .keep = keep_side, .there = picture_there},
	{PHOTOGRAPH("back"), .step = "back", .purpose = "certificate_back", .words = "证件照片", .keep = keep_side, .there = picture_there},
	{PHOTOGRAPH("licence"), .step = "papers", .purpose = "vehicle_licence", .words = "行驶证照片", .keep = keep_paper, .there = picture_there},
	{PHOTOGRAPH("other"), .step = "papers", .purpose = "other_photo", .words = "照片", .keep = keep_paper, .there = picture_there},
	{PAPER("business"), .step = "company", .purpose = "business_licence", .words = "单位证件", .keep = keep_certificate, .there = picture_there},
	{PAPER("letter"), .step = "letter", .purpose = "authorisation", .words = "授权书", .keep = keep_letter, .there = picture_there},
	{PAPER("attachment"), .step = "attachments", .purpose = "attachment", .words = "附件", .keep = keep_attachment, .there = attachment_there},
	{.slug = "clip", .name = "clip", .step = "liveness", .purpose = "clip", .retention = "clip", .words = "录像", .big = "clip.big", .megabyte = 1000000,
	 .maximum = clip_maximum, .start = clip_start, .data = clip_data, .keep = keep_clip, .there = clip_there},
};

static const struct upload_kind *draft_kind(struct arena *a, const char *slug)
{
	(void)a;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].slug, slug) == 0)
			return &kinds[i];
	return NULL;
}

const struct upload_place upload_draft = {draft_kind, draft_find, draft_enter, draft_lock_now, draft_show, draft_go_on, draft_go_kept};
