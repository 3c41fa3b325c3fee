/* Every address of the site. */
#include "flow/routes.h"

#include "flow/agreements.h"
#include "flow/pages.h"
#include "flow/records.h"
#include "flow/steps.h"

#define BOTH (ROUTE_GET | ROUTE_POST)

/* The addresses of a flow; a more exact path stands before a wider one. */
#define FLOW(slug) \
	{"/" slug "/upload/*", ROUTE_POST, ROUTE_UPLOAD, upload_serve}, {"/" slug "/resume/*", ROUTE_POST, ROUTE_HEADER, resume_begin_serve}, \
		{"/" slug "/resume/*/*", ROUTE_HEAD | ROUTE_PATCH | ROUTE_DELETE, ROUTE_HEADER, resume_serve}, \
		{"/" slug "/resume/*", ROUTE_OPTIONS, ROUTE_OPEN, resume_options_serve}, {"/" slug "/resume/*/*", ROUTE_OPTIONS, ROUTE_OPEN, resume_options_serve}, \
		{"/" slug "/picture/*", ROUTE_GET, 0, picture_serve}, \
		{"/" slug "/refused/*", ROUTE_GET, 0, refusal_serve}, {"/" slug "/done", ROUTE_GET, 0, done_serve}, \
	{"/" slug "/*", BOTH, 0, flow_serve}

const struct route routes[] = {
	{"/", ROUTE_GET, 0, home_serve},
	{"/healthz", ROUTE_GET, ROUTE_OPEN, health_serve},
	{"/readyz", ROUTE_GET, ROUTE_OPEN, ready_serve},
	{"/agreement/*", ROUTE_GET, 0, agreement_serve},
	FLOW("register"),
	FLOW("cancel"),
	{"/records", ROUTE_GET, 0, records_serve},
	{"/records/phone", BOTH, 0, records_phone_serve},
	{"/records/code", BOTH, 0, records_code_serve},
	{"/records/continue", ROUTE_POST, 0, records_continue_serve},
	{"/records/leave", ROUTE_POST, 0, records_leave_serve},
	{0},
};
