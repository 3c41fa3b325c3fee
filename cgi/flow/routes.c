/* Every address of the site. */
#include "flow/routes.h"

#include "flow/agreements.h"
#include "flow/company_pages.h"
#include "flow/entry.h"
#include "flow/fleet_batch.h"
#include "flow/fleet_cars.h"
#include "flow/handover.h"
#include "flow/keep.h"
#include "flow/mine.h"
#include "flow/pages.h"
#include "flow/records.h"
#include "flow/steps.h"
#include "flow/supplement.h"

#define BOTH (ROUTE_GET | ROUTE_POST)

/* Where files are sent, at once or piece by piece. */
#define UPLOADS(place) \
	{"/" place "/upload/*", ROUTE_POST, ROUTE_UPLOAD, upload_serve}, {"/" place "/resume/*", ROUTE_POST, ROUTE_HEADER, resume_begin_serve}, \
		{"/" place "/resume/*/*", ROUTE_HEAD | ROUTE_PATCH | ROUTE_DELETE, ROUTE_HEADER, resume_serve}, \
		{"/" place "/resume/*", ROUTE_OPTIONS, ROUTE_OPEN, resume_options_serve}, {"/" place "/resume/*/*", ROUTE_OPTIONS, ROUTE_OPEN, resume_options_serve}

/* The addresses of a flow; a more exact path stands before a wider one. */
#define FLOW(slug) \
	UPLOADS(slug), {"/" slug "/picture/*", ROUTE_GET, 0, picture_serve}, \
		{"/" slug "/handover/*", ROUTE_POST, 0, handover_serve}, \
		{"/" slug "/refused/*", ROUTE_GET, 0, refusal_serve}, {"/" slug "/done", ROUTE_GET, 0, done_serve}, \
	{"/" slug "/*", BOTH, 0, flow_serve}

/* A flow of companies has papers to be printed, and cars that come in thousands. */
#define COMPANY_FLOW(slug) \
	{"/" slug "/print/letter", ROUTE_GET, 0, letter_print_serve}, {"/" slug "/upload/cars", ROUTE_POST, ROUTE_UPLOAD, fleet_take_serve}, \
		{"/" slug "/cars/good", ROUTE_POST, 0, fleet_good_serve}, {"/" slug "/cars/*", ROUTE_GET, 0, fleet_file_serve}, FLOW(slug)

/* The practice of a flow: nothing is kept, so no database is needed. */
#define PRACTICE(slug) {"/practice/" slug "/*", BOTH, ROUTE_OPEN, practice_serve}

const struct route routes[] = {
	{"/", ROUTE_GET, 0, home_serve},
	{"/healthz", ROUTE_GET, ROUTE_OPEN, health_serve},
	{"/metrics", ROUTE_GET, ROUTE_OPEN, metrics_serve},
	{"/readyz", ROUTE_GET, ROUTE_OPEN, ready_serve},
	{"/agreement/*", ROUTE_GET, 0, agreement_serve},
	{"/care/*", ROUTE_GET, ROUTE_OPEN, care_serve},
	{"/help", ROUTE_GET, ROUTE_OPEN, help_serve},
	{"/complaint", BOTH, 0, complaint_serve},
	{"/complaint/follow", BOTH, 0, complaint_follow_serve},
	{"/complaint/state", ROUTE_GET, 0, complaint_state_serve},
	FLOW("register"),
	FLOW("cancel"),
	FLOW("update"),
	COMPANY_FLOW("fleet/register"),
	COMPANY_FLOW("fleet/cancel"),
	COMPANY_FLOW("fleet/person"),
	FLOW("fleet/open"),
	{"/supplement", ROUTE_GET, 0, supplement_serve},
	UPLOADS("supplement"),
	{"/practice", ROUTE_GET, ROUTE_OPEN, practice_serve},
	PRACTICE("register"),
	PRACTICE("cancel"),
	PRACTICE("update"),
	{"/session", BOTH, 0, keep_serve},
	{"/paused", BOTH, 0, paused_serve},
	{"/records", ROUTE_GET, 0, records_serve},
	{"/records/phone", BOTH, 0, records_phone_serve},
	{"/records/code", BOTH, 0, records_code_serve},
	{"/records/continue", ROUTE_POST, 0, records_continue_serve},
	{"/records/leave", ROUTE_POST, 0, records_leave_serve},
	{"/records/search", ROUTE_POST, 0, records_search_serve},
	{"/records/older", BOTH, 0, records_older_serve},
	{"/records/retry", ROUTE_POST, 0, records_retry_serve},
	{"/records/receipt/*", ROUTE_GET, 0, records_receipt_serve},
	{"/records/withdraw/*", BOTH, 0, records_withdraw_serve},
	{"/records/misuse/*", BOTH, 0, records_misuse_serve},
	{"/c/*", BOTH, 0, handover_link_serve},
	{"/handover", BOTH, 0, handover_phone_serve},
	{"/e/*", BOTH, 0, entry_serve},
	{"/api/link", ROUTE_POST, ROUTE_NO_CSRF, entry_api_serve},
	{"/fleet", ROUTE_GET, 0, fleet_serve},
	{"/fleet/choose", BOTH, 0, fleet_choose_serve},
	{"/fleet/batch/*", ROUTE_GET, 0, fleet_batch_serve},
	{"/fleet/batch/*/*", BOTH, 0, fleet_batch_part_serve},
	{"/fleet/continue", ROUTE_POST, 0, fleet_continue_serve},
	{"/fleet/members", BOTH, 0, fleet_members_serve},
	{"/fleet/members/*", BOTH, 0, fleet_remove_serve},
	{"/fleet/add", BOTH, 0, fleet_add_serve},
	{"/mine", ROUTE_GET, 0, mine_serve},
	{"/mine/item/*", ROUTE_GET, 0, mine_item_serve},
	{"/mine/picture/*", ROUTE_GET, 0, mine_picture_serve},
	{"/mine/proof", BOTH, 0, mine_proof_serve},
	{"/mine/download", ROUTE_POST, 0, mine_copy_serve},
	{"/mine/correct", BOTH, 0, mine_correct_serve},
	{"/mine/withdraw", ROUTE_POST, 0, mine_withdraw_serve},
	{"/mine/delete", ROUTE_POST, 0, mine_delete_serve},
	{0},
};
