/* The flow tables and the engine's rules, without HTTP: drafts with given answers, where they lead, what may be entered. */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "flow/handover.h"
#include "flow/qr.h"
#include "flow/routes.h"
#include "flow/steps.h"

static struct arena *a;
static const struct flow *owner;

/* A draft whose answers are given up to and including the step. */
static struct draft answered_to(const char *slug)
{
	struct draft d = {.exists = true};
	static const char *const order[] = {"notice", "vehicle", "cards", "phone", "code", "front", "back", "identity", "consent", "liveness", "agreements", NULL};

	for (int i = 0; order[i]; i++) {
		if (strcmp(order[i], "vehicle") == 0)
			d.vehicle_id = "v";
		if (strcmp(order[i], "cards") == 0)
			d.cards_chosen = true;
		if (strcmp(order[i], "phone") == 0)
			d.has_phone = true;
		if (strcmp(order[i], "code") == 0)
			d.phone_proved = true;
		if (strcmp(order[i], "front") == 0) {
			d.front_evidence_id = "f";
			d.front_ready = true;
		}
		if (strcmp(order[i], "back") == 0) {
			d.back_evidence_id = "b";
			d.back_ready = true;
		}
		if (strcmp(order[i], "identity") == 0)
			d.certificate_confirmed = true;
		if (strcmp(order[i], "consent") == 0)
			d.face_consent = true;
		if (strcmp(order[i], "liveness") == 0)
			d.liveness_passed = true;
		if (strcmp(order[i], "agreements") == 0)
			d.agreed = true;
		if (strcmp(order[i], slug) == 0)
			break;
	}
	return d;
}

static void test_flow__every_step_has_its_template(void)
{
	for (const struct flow *const *f = flows; *f; f++)
		for (const struct step *const *s = (*f)->steps; *s; s++) {
			char *path = arena_printf(a, "templates/%s.cs", (*s)->template_name);

			CHECK(access(path, R_OK) == 0);
			CHECK((*s)->part >= 0 && (*s)->part <= (*f)->parts);
			CHECK((*s)->slug && (*s)->heading && flow_step(*f, (*s)->slug) == *s);
		}
}

static void test_flow__slugs_are_unique(void)
{
	for (const struct flow *const *f = flows; *f; f++)
		for (const struct step *const *s = (*f)->steps; *s; s++)
			for (const struct step *const *t = s + 1; *t; t++)
				CHECK(strcmp((*s)->slug, (*t)->slug) != 0);
}

static void test_flow__resume_walks_every_step(void)
{
	static const char *const order[] = {"notice", "vehicle", "cards", "phone", "code", "front", "back", "identity", "consent", "liveness", "agreements", "check"};
	struct draft none = {0};

	CHECK_TEXT(flow_resume(owner, &none)->slug, "notice");
	for (size_t i = 0; i + 1 < sizeof order / sizeof *order; i++) {
		struct draft d = answered_to(order[i]);

		CHECK_TEXT(flow_resume(owner, &d)->slug, order[i + 1]);
	}
}

static void test_flow__no_step_can_be_skipped(void)
{
	struct draft d = answered_to("cards");

	CHECK(flow_may_enter(owner, &d, flow_step(owner, "vehicle")));
	CHECK(flow_may_enter(owner, &d, flow_step(owner, "phone")));
	CHECK(!flow_may_enter(owner, &d, flow_step(owner, "code")));
	CHECK(!flow_may_enter(owner, &d, flow_step(owner, "check")));
}

static void test_flow__a_forgotten_answer_leads_back(void)
{
	struct draft d = answered_to("agreements");

	CHECK_TEXT(flow_resume(owner, &d)->slug, "check");
	d.phone_proved = false; /* the phone was changed from the check page */
	CHECK_TEXT(flow_resume(owner, &d)->slug, "code");
	CHECK(!flow_may_enter(owner, &d, flow_step(owner, "check")));
	d.phone_proved = true;
	CHECK_TEXT(flow_resume(owner, &d)->slug, "check");
}

static void test_flow__one_sided_certificates_skip_the_back(void)
{
	struct draft d = answered_to("front");

	d.certificate_type = "PASSPORT_FOREIGN";
	CHECK_TEXT(flow_resume(owner, &d)->slug, "identity");
	CHECK(!flow_may_enter(owner, &d, flow_step(owner, "back")));
	d.certificate_type = "ID_CARD";
	CHECK_TEXT(flow_resume(owner, &d)->slug, "back");
}

static void test_flow__a_picture_without_reading_is_not_done(void)
{
	struct draft d = answered_to("front");

	d.front_ready = false;
	CHECK_TEXT(flow_resume(owner, &d)->slug, "front");
}

static void test_flow__a_phone_that_took_over_has_the_photo_and_video_steps_only(void)
{
	struct draft d = answered_to("agreements");
	int allowed = 0;

	d.handover_id = "h";
	for (const struct step *const *s = owner->steps; *s; s++) {
		CHECK(!flow_may_enter(owner, &d, *s) || handover_offers(&d, (*s)->slug));
		allowed += flow_may_enter(owner, &d, *s);
	}
	CHECK(allowed == 3);
	d.back_ready = false;
	CHECK(flow_may_enter(owner, &d, flow_step(owner, "back")));
	CHECK(!flow_may_enter(owner, &d, flow_step(owner, "liveness")));
}

/* A batch of a company: its tasks in any order, and on within one until it is done. */
static void test_flow__tasks_have_no_order(void)
{
	const struct flow *f = flow_of_path("/fleet/register/tasks");
	struct draft d = {.exists = true, .company_id = "c", .kind = "register", .batch_cars = 1};

	CHECK(f && f->tasks == &step_tasks && flow_of_draft(&d) == f);
	CHECK_TEXT(flow_resume(f, &d)->slug, "tasks");
	CHECK(flow_may_enter(f, &d, &step_attachments) && flow_may_enter(f, &d, &step_front) && flow_may_enter(f, &d, &step_letter));
	CHECK(!flow_may_enter(f, &d, &step_identity) && !flow_may_enter(f, &d, &step_consent));
	d.front_evidence_id = "f";
	d.front_ready = true;
	CHECK_TEXT(flow_path_from(a, f, &d, &step_front), "/fleet/register/back");
	CHECK_TEXT(flow_path_from(a, f, &d, &step_letter), "/fleet/register/letter");
	CHECK_TEXT(flow_path(a, f, &d), "/fleet/register/tasks");
	d.back_evidence_id = "b";
	d.back_ready = d.certificate_confirmed = true;
	CHECK_TEXT(flow_path_from(a, f, &d, &step_identity), "/fleet/register/tasks");
	d.business_evidence_id = d.letter_evidence_id = "e";
	d.company_confirmed = d.letter_given = d.attachments_given = true;
	d.attachments = 1;
	CHECK(flow_may_enter(f, &d, &step_consent));
	d.letter_differs = true;
	CHECK_TEXT(flow_resume(f, &d)->slug, "tasks");
	CHECK(!flow_may_enter(f, &d, &step_consent));
}

static void test_qr__is_a_path_of_whole_squares(void)
{
	char *path, *long_text = arena_alloc(a, 302);
	int size = 0, squares = 0, x, y, wide, back, used;

	path = qr_path(a, "https://register.example.com/c/ABCDEFGHIJKLMNOPQRSTUVWX", &size);
	CHECK(path && size >= 8 + 21 && size <= 8 + 57);
	CHECK(strncmp(path, "M4 4h7v1h-7z", 12) == 0); /* the corner square, behind the quiet zone */
	for (const char *p = path; p && *p; p += used, squares += wide) {
		if (sscanf(p, "M%d %dh%dv1h-%dz%n", &x, &y, &wide, &back, &used) != 4)
			break;
		CHECK(x >= 4 && y >= 4 && wide > 0 && wide == back && x + wide <= size - 4 && y < size - 4);
	}
	CHECK(squares > (size - 8) * (size - 8) / 3 && squares < (size - 8) * (size - 8) * 2 / 3);
	memset(long_text, 'x', 301);
	long_text[301] = 0;
	CHECK(qr_path(a, long_text, &size) == NULL);
}

static void test_flow__photographs_instead_of_a_face(void)
{
	static const char *const slugs[] = {"register", "cancel", "update"};

	for (size_t i = 0; i < sizeof slugs / sizeof *slugs; i++) {
		const struct flow *f = flow_of_kind(slugs[i]);
		struct draft d = answered_to("identity");

		CHECK_TEXT(flow_resume(f, &d)->slug, "consent");
		CHECK(!flow_may_enter(f, &d, flow_step(f, "papers")));
		d.manual = true;
		CHECK_TEXT(flow_resume(f, &d)->slug, "papers");
		CHECK(!flow_may_enter(f, &d, flow_step(f, "consent")));
		CHECK(!flow_may_enter(f, &d, flow_step(f, "liveness")));
		CHECK(!flow_may_enter(f, &d, flow_step(f, "agreements")));
		d.papers_given = true;
		CHECK_TEXT(flow_resume(f, &d)->slug, "papers"); /* the licence is missing */
		d.licence_evidence_id = "l";
		CHECK_TEXT(flow_resume(f, &d)->slug, "agreements");
		d.manual = false;
		CHECK_TEXT(flow_resume(f, &d)->slug, "consent");
	}
}

static void test_flow__paths(void)
{
	struct draft d = answered_to("vehicle");

	CHECK_TEXT(flow_path(a, owner, &d), "/register/cards");
	d.submitted_at = 5;
	CHECK_TEXT(flow_path(a, owner, &d), "/register/done");
	CHECK(flow_of_kind("register") == owner);
	CHECK(flow_of_kind("nothing") == NULL);
	CHECK(flow_step(owner, "nothing") == NULL);
}

static void test_routes__are_well_formed(void)
{
	for (const struct route *r = routes; r->path; r++) {
		CHECK(r->path[0] == '/' && r->serve && r->methods);
		/* these have no form to carry the token */
		CHECK(!(r->methods & (ROUTE_PATCH | ROUTE_DELETE)) || (r->flags & ROUTE_HEADER));
		for (const struct route *s = r + 1; s->path; s++)
			CHECK(strcmp(r->path, s->path) != 0 || !(r->methods & s->methods));
	}
}

int main(void)
{
	a = arena_create();
	owner = flow_of_kind("register");
	RUN(test_flow__every_step_has_its_template);
	RUN(test_flow__slugs_are_unique);
	RUN(test_flow__resume_walks_every_step);
	RUN(test_flow__no_step_can_be_skipped);
	RUN(test_flow__a_forgotten_answer_leads_back);
	RUN(test_flow__one_sided_certificates_skip_the_back);
	RUN(test_flow__a_picture_without_reading_is_not_done);
	RUN(test_flow__a_phone_that_took_over_has_the_photo_and_video_steps_only);
	RUN(test_flow__tasks_have_no_order);
	RUN(test_qr__is_a_path_of_whole_squares);
	RUN(test_flow__photographs_instead_of_a_face);
	RUN(test_flow__paths);
	RUN(test_routes__are_well_formed);
	arena_destroy(a);
	return test_failures != 0;
}
