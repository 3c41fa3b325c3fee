/* /session: what is left of a session, and more of it. Knows roles, not what is done in them. */
#include "flow/keep.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/url.h"
#include "http/response.h"
#include "http/session.h"

static const char *const names[LIFETIME_ROLES] = {
	[LIFETIME_DRAFT] = "draft", [LIFETIME_RECORDS] = "records", [LIFETIME_HANDOVER] = "handover"};

/* "20:15", with the day when it is not today. */
static const char *until_text(struct request *r, int64_t until)
{
	bool today = text_equal(clock_day(r->arena, until), clock_day(r->arena, clock_now()));

	return today ? clock_page_hour(r->arena, until) : clock_page(r->arena, until);
}

static enum status load(struct request *r, struct lifetime out[LIFETIME_ROLES])
{
	return lifetime_load(r->site->db, r->arena, r->site->config, session_hash(r), out);
}

enum status keep_show(struct request *r, enum lifetime_role role)
{
	struct lifetime all[LIFETIME_ROLES];
	enum status st = load(r, all);

	if (st == ST_OK)
		keep_view(r, role, &all[role]);
	return st;
}

void keep_view(struct request *r, enum lifetime_role role, const struct lifetime *l)
{
	struct view *v = request_view(r);

	if (l->left <= 0)
		return;
	view_set(v, "Keep.role", names[role]);
	view_int(v, "Keep.left", l->left);
	view_flag(v, "Keep.last", l->last);
	view_set(v, "Keep.until", until_text(r, l->until));
	view_set(v, "Keep.whose", l->whose);
}

/* {"csrf":…, "draft":[seconds left, 1 when it cannot be lengthened, the time in words], …}: the token too, since another tab may have
 * changed the session's id. */
static enum status tell(struct request *r)
{
	struct lifetime all[LIFETIME_ROLES];
	struct buffer b;
	enum status st = load(r, all);

	if (st != ST_OK)
		return st;
	buffer_init(&b, r->arena, 256);
	buffer_printf(&b, "{\"csrf\":\"%s\"", session_csrf(r)); /* base64url */
	for (int i = 0; i < LIFETIME_ROLES; i++)
		if (all[i].left > 0)
			buffer_printf(&b, ",\"%s\":[%d,%d,\"%s\"]", names[i], all[i].left, all[i].last, until_text(r, all[i].until));
	buffer_text(&b, "}");
	return respond_json(r, 200, b.data);
}

enum status keep_serve(struct request *r)
{
	const char *to = request_field(r, "to");
	enum status st = ST_OK;

	if (r->method == METHOD_POST)
		st = lifetime_extend(r->site->db, r->arena, r->site->config, session_hash(r));
	if (st != ST_OK)
		return st;
	return r->wants_json ? tell(r) : respond_redirect(r, to && url_path_is_own(to) ? to : "/");
}
