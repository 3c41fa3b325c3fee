/* The flows: each a row of steps. A new flow is a line here, a new step a file and its place in the rows. */
#include "flow/steps.h"

static const struct flow owner_registers = {
	.slug = "register",
	.kind = "register",
	.title = "车主实名认证",
	.parts = 6,
	.steps = {&step_notice, &step_vehicle, &step_cards, &step_phone, &step_code, &step_front, &step_back, &step_identity, &step_consent,
                  &step_liveness, &step_papers, &step_agreements, &step_check, NULL},
};

static const struct flow owner_cancels = {
	.slug = "cancel",
	.kind = "cancel",
	.title = "车主注销",
	.parts = 6,
	.steps = {&step_notice, &step_vehicle, &step_cards, &step_phone, &step_code, &step_front, &step_back, &step_identity, &step_consent,
                  &step_liveness, &step_papers, &step_agreements, &step_check, NULL},
};

/* A new phone or a renewed certificate of the registered holder: both are proved anew. */
static const struct flow holder_updates = {
	.slug = "update",
	.kind = "update",
	.title = "信息变更",
	.parts = 6,
	.steps = {&step_notice, &step_vehicle, &step_cards, &step_phone, &step_code, &step_front, &step_back, &step_identity, &step_consent,
                  &step_liveness, &step_papers, &step_agreements, &step_check, NULL},
};

/* Batches of a company's cars. The sign-in is the first part. */
#define BATCH_STEPS                                                                                                                        \
	{&step_notice,      &step_fleet_cars, &step_tasks,   &step_company,  &step_letter, &step_front,      &step_back, &step_identity,                     \
	 &step_attachments, &step_consent, &step_liveness, &step_papers, &step_agreements, &step_fleet_check, NULL}

static const struct flow fleet_registers = {
	.slug = "fleet/register",
	.kind = "register",
	.company = true,
	.title = "企业车主实名认证",
	.parts = 6,
	.steps = BATCH_STEPS,
	.tasks = &step_tasks,
};

/* A company that the operator did not import. */
static const struct flow company_opens = {
	.slug = "fleet/open",
	.kind = "opening",
	.opens = true,
	.title = "开通企业",
	.parts = 3,
	.steps = {&step_open_notice, &step_company, &step_open_check, NULL},
};

/* Scrapped or recovered cars. */
static const struct flow fleet_cancels = {
	.slug = "fleet/cancel",
	.kind = "cancel",
	.company = true,
	.title = "企业车主注销实名",
	.parts = 6,
	.steps = BATCH_STEPS,
	.tasks = &step_tasks,
};

/* Another responsible person; the company stays the holder. */
static const struct flow fleet_person = {
	.slug = "fleet/person",
	.kind = "update",
	.company = true,
	.title = "责任人变更",
	.parts = 6,
	.steps = BATCH_STEPS,
	.tasks = &step_tasks,
};

const struct flow *const flows[] = {&owner_registers, &owner_cancels, &holder_updates, &fleet_registers, &fleet_cancels, &fleet_person,
					    &company_opens, NULL};
