/* /paused: a draft that has paused goes on once its phone is proved again, by the sign-in of the records (records.c). Until then the page
 * tells no more than that there is one, and the masked phone. */
#include "domain/identifiers.h"
#include "flow/flow.h"
#include "flow/keep.h"
#include "flow/records.h"

enum status paused_here(struct request *r, bool *paused)
{
	struct draft d;
	enum status st = draft_load_paused(r->site->db, r->arena, session_hash(r), &d);

	*paused = st == ST_OK && d.exists && !d.submitted_at;
	return st;
}

static enum status show(struct request *r, int http_status, const char *phone)
{
	page_common(r, "继续上次办理", NULL);
	view_set(request_view(r), "Phone.masked", mask_phone(r->arena, phone));
	view_set(request_view(r), "Page.back", "/");
	view_set(request_view(r), "Page.action", PAUSED_PLACE);
	return respond_page(r, http_status, "paused");
}

enum status paused_serve(struct request *r)
{
	struct draft d;
	char *phone;
	bool there;
	enum status st = draft_load_paused(r->site->db, r->arena, session_hash(r), &d);

	if (st != ST_OK)
		return st;
	if (!d.exists || d.submitted_at) /* it goes on, was submitted, or has run out */
		return records_go_on(r);
	st = draft_phone(r->site->db, r->arena, r->site->keys, &d, &phone);
	if (st != ST_OK)
		return st;
	if (r->method != METHOD_POST)
		return show(r, 200, phone);
	st = records_take_phone(r, phone, CODE_OF_APPLICATION, "send", &there); /* nobody typed it now: it is the one that was proved */
	if (st != ST_OK)
		return st;
	return there ? respond_redirect(r, "/records/code?to=draft") : show(r, 429, phone);
}
