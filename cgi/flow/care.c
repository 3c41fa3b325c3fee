/* 大字版: large text, kept in a cookie. A link and not a form: it works on every page, also on those of errors, which have no session
 * and no token; it changes nothing but how this browser is shown pages. */
#include "base/url.h"
#include "flow/pages.h"
#include "http/response.h"

#define CARE_S (365 * 24 * 3600)

enum status care_serve(struct request *r)
{
	const char *to = request_query(r, "to");
	bool on = text_equal(r->tail, "on");

	if (!on && !text_equal(r->tail, "off"))
		return status_fail(ST_NOT_FOUND, "no such mode");
	response_cookie(r, "care", on ? "1" : "", on ? CARE_S : 0);
	return respond_redirect(r, to && url_path_is_own(to) && !text_prefix(to, "/care/") ? to : "/");
}
