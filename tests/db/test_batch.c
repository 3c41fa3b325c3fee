/* Batches of a company from the basket to the result: what fits, one submission for all, pushing some at a time, one car's bad data, two
 * batches with the same cars, crashes in between. */
#include <signal.h>
#include <sys/wait.h>

#include "batch.h"
#include "domain/review.h"

#define OF(what, p) VALUE(owner, "SELECT " what " AS value FROM application_card WHERE application_id = $1", (p).id)
#define STANDINGS(f) \
	VALUE(owner, "SELECT string_agg(s, ' ' ORDER BY s) AS value FROM (SELECT standing || ':' || count(*) AS s FROM company_vehicle WHERE company_id = $1 GROUP BY standing) x", (f).company)
/* "yes" when the numbers of the audit are 1, 2, ... as many as the application counts */
#define AUDIT_WHOLE(p)                                                                                                                     \
	VALUE(owner,                                                                                                                       \
	      "SELECT CASE WHEN count(*) = max(a.number) AND count(DISTINCT a.number) = count(*) AND min(a.number) = 1 AND max(a.number) = " \
	      "max(p.audit_count) THEN 'yes' ELSE 'no' END AS value FROM audit a JOIN application p ON p.id = a.application_id WHERE p.id = $1",  \
	      (p).id)

static void push_some(struct batch *b, struct batch_push *p)
{
	OK(db_begin(jobs));
	OK(batch_push(jobs, a, &keys, &job_actor, b->p.id, p));
	OK(db_commit(jobs));
}

static void test_two_cars_with_three_cards(void)
{
	struct fleet f;
	struct batch b;
	fleet_company(&f);
	fleet_cars(&f, 1, 2);
	fleet_cars(&f, 1, 1);
	fleet_draft(&b, &f, "register");
	CHECK(fleet_put(&b, fleet_all(&f)) == 2);
	CHECK(fleet_put(&b, fleet_all(&f)) == 0);
	CHECK_TEXT(STANDINGS(f), "free:2");
	OK(fleet_submit(web, &b, 0));
	OK(db_commit(web));
	CHECK_TEXT(STATES(b.p), "submitted:3");
	CHECK_TEXT(STANDINGS(f), "busy:2");
	CHECK_TEXT(VALUE(owner, "SELECT (push_decided_at IS NOT NULL)::text AS value FROM application WHERE id = $1", b.p.id), "true");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM batch_vehicle WHERE application_id = $1", b.p.id), "0");
	CHECK_STATUS(fleet_submit(web, &b, 0), ST_CONFLICT); /* a draft is submitted once */
	db_rollback(web);
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:3");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM job WHERE lane = 'batch'", NULL), "0");
	CHECK_TEXT(VALUE(owner,
			 "SELECT string_agg(x.n || ':' || x.kinds, ' ' ORDER BY x.n, x.kinds) AS value FROM (SELECT count(*) AS n, string_agg(m.kind || m.sequence, "
			 "',' ORDER BY m.sequence) AS kinds FROM t1_message m JOIN application_card c ON c.id = m.application_card_id WHERE c.application_id = $1 "
			 "GROUP BY c.id) x",
			 b.p.id),
		   "2:account1,vehicle2 2:account1,vehicle2 2:account1,vehicle2");
	CHECK_TEXT(VALUE(owner,
			 "SELECT count(*) FILTER (WHERE NOT behind) || '/' || count(*) FILTER (WHERE behind) AS value FROM job j JOIN t1_message m ON m.id = "
			 "j.subject JOIN application_card c ON c.id = m.application_card_id WHERE c.application_id = $1 AND (m.kind = 'vehicle') = j.behind",
			 b.p.id),
		   "3/3");
	end_all(&b.p, CARD_DONE);
	CHECK_TEXT(STATES(b.p), "done:3");
	CHECK_TEXT(STANDINGS(f), "registered:2");
	CHECK_TEXT(VALUE(owner,
			 "SELECT count(*) || min(g.holder) || min(p.role) AS value FROM registration g JOIN application_party p ON p.id = g.holder_id "
			 "WHERE g.from_application_id = $1 AND g.ended_at IS NULL",
			 b.p.id),
		   "3organisationorganisation");
	const char *number = VALUE(owner, "SELECT number AS value FROM application WHERE id = $1", b.p.id);
	CHECK_TEXT(SMS(b.p), arena_printf(a, "batch_done{%s,3,0}", number));
	CHECK_TEXT(AUDIT_WHOLE(b.p), "yes");
}

/* Each card is told with its own car. */
static void test_each_card_has_its_car(void)
{
	struct fleet f;
	struct batch b;
	struct db_result *r;
	sent(&b, &f, 3, 1);
	push_all();
	OK(db_query(owner, a, &r,
		    "SELECT ac.id, v.vin, v.motor_num, c.iccid FROM application_card ac JOIN vehicle v ON v.id = ac.vehicle_id JOIN card c ON c.id = ac.card_id "
		    "WHERE ac.application_id = $1",
		    DB_TEXT(b.p.id)));
	CHECK(db_rows(r) == 3);
	for (int i = 0; i < db_rows(r); i++) {
		const cJSON *account = message_of(db_text(r, i, "id"), 0), *vehicle = message_of(db_text(r, i, "id"), 1);
		CHECK_TEXT(told(account, "ICCID"), db_text(r, i, "iccid"));
		CHECK_TEXT(told(account, "CustomerType"), "2");
		CHECK_TEXT(told(account, "CustomerName"), "李四");
		CHECK_TEXT(told(account, "CompanyName"), "示例物流有限公司");
		CHECK_TEXT(told(vehicle, "VIN"), db_text(r, i, "vin"));
		CHECK_TEXT(told(vehicle, "MotorNum"), db_text(r, i, "motor_num"));
	}
}

static void test_bad_data_refuses_a_card_alone(void)
{
	struct fleet f;
	struct batch b;
	fleet_filled(&b, &f, 4, 1);
	OK(db_query(owner, a, NULL, "UPDATE vehicle SET sales_time = 'yesterday' WHERE id = (SELECT max(vehicle_id::text)::uuid FROM company_vehicle WHERE company_id = $1)",
		    DB_TEXT(f.company)));
	OK(fleet_submit(web, &b, 0));
	OK(db_commit(web));
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:3 refused:1");
	CHECK_TEXT(VALUE(owner, "SELECT refusal_key || '|' || refusal_raw AS value FROM application_card WHERE application_id = $1 AND state = 'refused'", b.p.id),
		   "fleet.data|vehicle message: VehicleSalesTime is missing or malformed");
	CHECK_TEXT(STANDINGS(f), "busy:3 free:1");
	CHECK(SMS(b.p) == NULL);
	end_all(&b.p, CARD_DONE);
	CHECK(strstr(SMS(b.p), ",3,1}") != NULL);
	CHECK_TEXT(AUDIT_WHOLE(b.p), "yes");
}

/* What is sealed of one car and cannot be opened is that car's own matter too. */
static void test_unreadable_car_is_refused_alone(void)
{
	struct fleet f;
	struct batch b;
	fleet_filled(&b, &f, 3, 1);
	OK(db_query(owner, a, NULL,
		    "UPDATE vehicle SET license_plate_sealed = '\\x0102' WHERE id = (SELECT max(vehicle_id::text)::uuid FROM company_vehicle WHERE company_id = $1)",
		    DB_TEXT(f.company)));
	OK(fleet_submit(web, &b, 0));
	OK(db_commit(web));
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:2 refused:1");
	CHECK_TEXT(VALUE(owner, "SELECT refusal_key AS value FROM application_card WHERE application_id = $1 AND state = 'refused'", b.p.id), "fleet.data");
}

/* A card that was moved to another car between the submission and the push is told with neither. */
static void test_a_card_that_left_its_car_is_refused_alone(void)
{
	struct fleet f;
	struct batch b;
	sent(&b, &f, 3, 1);
	const char *row = VALUE(owner, "SELECT min(id::text) AS value FROM application_card WHERE application_id = $1", b.p.id);
	OK(db_query(owner, a, NULL, "UPDATE card_binding SET vehicle_id = $2 WHERE bound_until IS NULL AND card_id = (SELECT card_id FROM application_card WHERE id = $1)",
		    DB_TEXT(row), DB_TEXT(f.cat.vehicle)));
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:2 refused:1");
	CHECK_TEXT(VALUE(owner, "SELECT state || ' ' || refusal_key AS value FROM application_card WHERE id = $1", row), "refused fleet.data");
	CHECK_TEXT(VALUE(owner, "SELECT (refusal_raw LIKE '%is not in the car of the application%')::text AS value FROM application_card WHERE id = $1", row), "true");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM t1_message WHERE application_card_id = $1", row), "0");
}

/* What is nobody's fault but ours holds the cards of that carrier; nobody is refused for it. */
static void test_missing_profile_holds(void)
{
	struct fleet f;
	struct batch b;
	fleet_company(&f);
	fleet_cars(&f, 2, 1);
	profile_set(&f.cat, "{\"account_url\":\"https://127.0.0.1:1/a\",\"vehicle_url\":\"https://127.0.0.1:1/v\",\"password_secret\":\"password\"}");
	fleet_draft(&b, &f, "register");
	fleet_put(&b, fleet_all(&f));
	OK(fleet_submit(web, &b, 0));
	OK(db_commit(web));
	push_all();
	CHECK_TEXT(STATES(b.p), "submitted:2");
	CHECK_TEXT(VALUE(owner, "SELECT attempts || last_error AS value FROM job WHERE kind = 'batch_push' AND subject = $1", b.p.id),
		   "1cards cannot be pushed: profile, connection or papers");
	profile_set(&f.cat, PROFILE_WITH(""));
	OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now(), attempts = 0 WHERE kind = 'batch_push'"));
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:2");
}

/* What is approved and not sent when its company is closed waits until it is open again. */
static void test_a_closed_company_holds(void)
{
	struct fleet f;
	struct batch b;
	struct batch_push p = {0};
	sent(&b, &f, 60, 2);
	push_some(&b, &p);
	CHECK(p.pushed == 100 && p.more && !p.closed);
	OK(db_query(owner, a, NULL, "UPDATE company SET closed_at = now() WHERE id = $1", DB_TEXT(f.company)));
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:100 submitted:20");
	CHECK_TEXT(VALUE(owner, "SELECT last_error AS value FROM job WHERE kind = 'batch_push' AND subject = $1", b.p.id), "the company is closed");
	OK(db_query(owner, a, NULL, "UPDATE company SET closed_at = NULL WHERE id = $1", DB_TEXT(f.company)));
	OK(db_query(owner, a, NULL, "SELECT job_wake('batch_push', $1, false)", DB_TEXT(b.p.id)));
	OK(db_query(owner, a, NULL, "UPDATE job SET attempts = 0 WHERE kind = 'batch_push'"));
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:120");
	/* Ended by people: nothing waits any more. */
	sent(&b, &f, 1, 2);
	OK(db_query(owner, a, NULL, "UPDATE company SET closed_at = now() WHERE id = $1", DB_TEXT(f.company)));
	push_all();
	CHECK(withdraw(&b) == 2);
	OK(db_query(owner, a, NULL, "UPDATE job SET attempts = 0 WHERE kind = 'batch_push'"));
	push_all();
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM job WHERE kind = 'batch_push' AND subject = $1", b.p.id), "0");
}

static void test_crash_between_chunks(void)
{
	struct fleet f;
	struct batch b;
	sent(&b, &f, 125, 2);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) { /* one part is written; it dies in the middle of the next */
		struct batch_push p = {0};
		struct db *mine = fixture_connect("realname_jobs");
		if (db_begin(mine) != ST_OK || batch_push(mine, a, &keys, &job_actor, b.p.id, &p) != ST_OK || db_commit(mine) != ST_OK ||
		    db_begin(mine) != ST_OK || batch_push(mine, a, &keys, &job_actor, b.p.id, &p) != ST_OK)
			_exit(1);
		raise(SIGKILL);
	}
	int how;
	CHECK(waitpid(child, &how, 0) == child && WIFSIGNALED(how));
	CHECK_TEXT(STATES(b.p), "pushing:100 submitted:150");
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:250");
	CHECK_TEXT(VALUE(owner,
			 "SELECT count(*) || ' ' || min(n) || ' ' || max(n) AS value FROM (SELECT count(*) AS n FROM t1_message m JOIN application_card c ON c.id = "
			 "m.application_card_id WHERE c.application_id = $1 GROUP BY c.id) x",
			 b.p.id),
		   "250 2 2");
	CHECK_TEXT(AUDIT_WHOLE(b.p), "yes");
}

/* Two admins submit the same cars: the second waits for the first, then learns that it is no longer so, and nothing of it is kept. */
static void test_two_batches_race(void)
{
	struct fleet f;
	struct batch first, second;
	struct batch_look look;
	fleet_company(&f);
	fleet_cars(&f, 20, 2);
	fleet_draft(&first, &f, "register");
	fleet_draft(&second, &f, "register");
	CHECK(fleet_put(&first, fleet_all(&f)) == 20);
	CHECK(fleet_put(&second, fleet_all(&f)) == 20);
	fflush(stdout);
	OK(fleet_submit(web, &first, 0)); /* not committed */
	pid_t child = fork();
	if (child == 0) {
		struct db *mine = fixture_connect("realname_web");
		enum status st = fleet_submit(mine, &second, 0);
		if (st != ST_CONFLICT || !text_equal(db_constraint(mine), "application_card_open"))
			printf("# %s: %s (%s)\n", status_name(st), status_message(), db_constraint(mine)), fflush(stdout), _exit(1);
		_exit(0);
	}
	int how = 0;
	const char *waits;
	do
		waits = VALUE(owner, "SELECT count(*)::text AS value FROM pg_locks WHERE NOT granted", NULL);
	while (text_equal(waits, "0") && waitpid(child, &how, WNOHANG) == 0);
	OK(db_commit(web));
	CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
	CHECK_TEXT(STATES(first.p), "submitted:40");
	CHECK(STATES(second.p) == NULL);
	OK(batch_look(web, a, &second.d, &second.scope, &look));
	CHECK(look.cars == 0 && look.unfit_cars == 20 && look.unfit[BATCH_BUSY] == 20);
	CHECK_STATUS(fleet_submit(web, &second, 0), ST_CONFLICT);
	db_rollback(web);
	fleet_cars(&f, 3, 1);
	CHECK(fleet_put(&second, fleet_all(&f)) == 3);
	OK(fleet_submit(web, &second, 0)); /* what still fits goes on its own */
	OK(db_commit(web));
	CHECK_TEXT(STATES(second.p), "submitted:3");
	push_all();
}

/* What was shown is what is sent. */
static void test_changed_since_it_was_shown(void)
{
	struct fleet f;
	struct batch b;
	struct batch_look look;
	fleet_filled(&b, &f, 2, 1);
	OK(batch_look(web, a, &b.d, &b.scope, &look));
	OK(db_query(owner, a, NULL, "DELETE FROM company_vehicle WHERE vehicle_id = (SELECT max(vehicle_id::text)::uuid FROM company_vehicle WHERE company_id = $1)",
		    DB_TEXT(f.company)));
	OK(draft_lock(web, a, &b.d));
	CHECK_STATUS(batch_submit(web, a, &keys, &tester, &b.d, &b.scope, 0, &look), ST_CONFLICT);
	db_rollback(web);
	OK(batch_look(web, a, &b.d, &b.scope, &look));
	CHECK(look.cars == 1 && look.unfit[BATCH_NOT_YOURS] == 1);
	CHECK(STATES(b.p) == NULL);
	CHECK_TEXT(VALUE(owner, "SELECT (submitted_at IS NULL)::text AS value FROM application WHERE id = $1", b.p.id), "true");
}

/* Another company's car is nobody's. */
static void test_cars_of_others_stay_out(void)
{
	struct fleet mine, other;
	struct batch b;
	fleet_company(&mine);
	fleet_company(&other);
	fleet_cars(&mine, 1, 1);
	fleet_cars(&other, 2, 1);
	fleet_draft(&b, &mine, "register");
	CHECK(fleet_put(&b, fleet_all(&other)) == 0);
	OK(db_query(owner, a, NULL, "INSERT INTO batch_vehicle (application_id, vehicle_id) SELECT $1, vehicle_id FROM company_vehicle WHERE company_id = $2",
		    DB_TEXT(b.p.id), DB_TEXT(other.company))); /* even when it came into the basket */
	CHECK(fleet_put(&b, fleet_all(&mine)) == 1);
	OK(fleet_submit(web, &b, 0));
	OK(db_commit(web));
	CHECK_TEXT(STATES(b.p), "submitted:1");
	push_all();
}

static void test_cancel_takes_registered_cars_only(void)
{
	struct fleet f;
	struct batch b, cancel;
	struct db_result *r;
	fleet_company(&f);
	fleet_cars(&f, 2, 2);
	registered(&f, &b);
	fleet_cars(&f, 1, 1); /* not registered */
	fleet_draft(&cancel, &f, "cancel");
	OK(db_query(web, a, &r, "SELECT string_agg(coalesce(reason, 'fits') || cards, ' ' ORDER BY reason) AS value FROM batch_cars($1, $2::uuid[], true, $3::bytea[], NULL)",
		    DB_TEXT(f.company), DB_TEXT(fleet_all(&f)), DB_TEXT(cancel.scope.own)));
	CHECK_TEXT(db_text(r, 0, "value"), "not_registered0 fits2 fits2");
	CHECK(fleet_put(&cancel, fleet_all(&f)) == 2);
	OK(fleet_submit(web, &cancel, 0));
	OK(db_commit(web));
	push_all();
	CHECK_TEXT(STATES(cancel.p), "pushing:4");
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(DISTINCT m.kind || m.oper_type, ' ') AS value FROM t1_message m JOIN application_card c ON c.id = m.application_card_id WHERE c.application_id = $1 AND m.kind = 'account'", cancel.p.id), "accountcancel");
	end_all(&cancel.p, CARD_DONE);
	CHECK_TEXT(STANDINGS(f), "free:3");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM registration WHERE until_application_id = $1 AND ended_at IS NOT NULL", cancel.p.id), "4");
}

static void test_registration_of_somebody_else(void)
{
	struct fleet f;
	struct batch b, cancel;
	struct batch_look look;
	fleet_company(&f);
	fleet_cars(&f, 2, 1);
	registered(&f, &b);
	OK(db_query(owner, a, NULL, "UPDATE application SET company_id = NULL, holder = 'person' WHERE id = $1", DB_TEXT(b.p.id)));
	fleet_draft(&cancel, &f, "cancel");
	CHECK(fleet_put(&cancel, fleet_all(&f)) == 0);
	OK(db_query(owner, a, NULL, "INSERT INTO batch_vehicle (application_id, vehicle_id) SELECT $1, vehicle_id FROM company_vehicle WHERE company_id = $2",
		    DB_TEXT(cancel.p.id), DB_TEXT(f.company)));
	OK(batch_look(web, a, &cancel.d, &cancel.scope, &look));
	CHECK(look.unfit[BATCH_OTHER_HOLDER] == 2 && look.cars == 0);
	/* registered at a counter under the company's number: its own */
	OK(db_query(owner, a, NULL, "UPDATE registration SET holder_number_hash = $2 WHERE from_application_id = $1", DB_TEXT(b.p.id),
		    DB_BYTES(holder_number_hash(a, &keys, "BIZ_LICENSE", f.who.code))));
	OK(batch_look(web, a, &cancel.d, &cancel.scope, &look));
	CHECK(look.cars == 2 && look.unfit_cars == 0);
}

static void test_change_of_the_responsible_person(void)
{
	struct fleet f;
	struct batch b, change;
	fleet_company(&f);
	fleet_cars(&f, 2, 1);
	registered(&f, &b);
	fleet_draft(&change, &f, "update");
	CHECK(fleet_put(&change, fleet_all(&f)) == 2);
	OK(fleet_submit(web, &change, 0));
	OK(db_commit(web));
	push_all();
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(DISTINCT m.oper_type, ' ') AS value FROM t1_message m JOIN application_card c ON c.id = m.application_card_id WHERE c.application_id = $1 AND m.kind = 'account'", change.p.id), "update");
	end_all(&change.p, CARD_DONE);
	CHECK_TEXT(STANDINGS(f), "registered:2");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM registration WHERE from_application_id = $1 AND ended_at IS NULL", change.p.id), "2");
}

/* New cars are registered at a shop; cars without cards, and registered ones, cannot be registered. */
static void test_what_does_not_fit_says_why(void)
{
	struct fleet f;
	struct batch b;
	struct batch_look look;
	fleet_company(&f);
	fleet_cars(&f, 1, 1);
	registered(&f, &b);
	fleet_cars(&f, 2, 1);
	OK(db_query(owner, a, NULL, "UPDATE vehicle SET network_date = '2021-09-29' WHERE id = (SELECT vehicle_id FROM company_vehicle WHERE company_id = $1 ORDER BY vin DESC LIMIT 1)", DB_TEXT(f.company)));
	OK(db_query(owner, a, NULL, "INSERT INTO company_vehicle (company_id, vehicle_id, vin, model, standing, source) SELECT $1, id, vin, vehicle_model, 'free', 'import' FROM vehicle WHERE id = $2",
		    DB_TEXT(f.company), DB_TEXT(f.cat.vehicle)));
	fleet_draft(&b, &f, "register");
	OK(db_query(owner, a, NULL, "INSERT INTO batch_vehicle (application_id, vehicle_id) SELECT $1, vehicle_id FROM company_vehicle WHERE company_id = $2",
		    DB_TEXT(b.p.id), DB_TEXT(f.company)));
	OK(batch_look(web, a, &b.d, &b.scope, &look));
	CHECK(look.cars == 1 && look.cards == 1 && look.unfit[BATCH_REGISTERED] == 1 && look.unfit[BATCH_NEW] == 1 && look.unfit[BATCH_NO_CARD] == 1 &&
	      look.unfit_cars == 3);
}

/* A car stands as the cards that are in it: one that leaves it, by an import or because it was replaced, counts no more. */
static void test_a_card_that_leaves_its_car(void)
{
	struct fleet f;
	struct batch b;
	struct db_result *r;
	sent(&b, &f, 1, 2);
	push_all();
	OK(db_query(owner, a, &r, "SELECT id, card_id FROM application_card WHERE application_id = $1 ORDER BY id", DB_TEXT(b.p.id)));
	end_card(db_text(r, 0, "id"), CARD_DONE);
	end_card(db_text(r, 1, "id"), CARD_REFUSED);
	CHECK_TEXT(STANDINGS(f), "part:1");
	OK(db_query(owner, a, NULL, "UPDATE card_binding SET bound_until = now() WHERE card_id = $1", DB_TEXT(db_text(r, 1, "card_id"))));
	CHECK_TEXT(STANDINGS(f), "registered:1");
	OK(db_query(owner, a, NULL, "UPDATE card_binding SET bound_until = now() WHERE card_id = $1", DB_TEXT(db_text(r, 0, "card_id"))));
	CHECK_TEXT(STANDINGS(f), "free:1");
}

static void test_withdraw_what_is_not_pushed(void)
{
	struct fleet f;
	struct batch b;
	struct batch_push p = {0};
	sent(&b, &f, 60, 2);
	push_some(&b, &p);
	CHECK(p.pushed == 100 && p.more);
	end_all(&b.p, CARD_DONE);
	CHECK(SMS(b.p) == NULL);
	CHECK(withdraw(&b) == 20);
	CHECK_TEXT(STATES(b.p), "done:100 withdrawn:20");
	CHECK(strstr(SMS(b.p), ",100,0}") != NULL); /* with that the batch has ended */
	push_all();
	CHECK_TEXT(STATES(b.p), "done:100 withdrawn:20");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM job WHERE lane = 'batch'", NULL), "0");
	CHECK(withdraw(&b) == 0);
	CHECK_TEXT(AUDIT_WHOLE(b.p), "yes");
}

static void test_review_and_approval(void)
{
	struct fleet f;
	struct batch b;
	fleet_filled(&b, &f, 3, 1);
	OK(fleet_submit(web, &b, 1u << REVIEW_NOT_READ));
	OK(db_commit(web));
	CHECK_TEXT(STATES(b.p), "review:3");
	CHECK(text_prefix(SMS(b.p), "review{") && !strchr(SMS(b.p), ' '));
	push_all();
	CHECK_TEXT(STATES(b.p), "review:3");
	struct db *staff = fixture_connect("realname_operator");
	OK(db_begin(staff));
	OK(batch_approve(staff, a, &(struct actor){.name = "operator:test"}, b.p.id));
	OK(db_commit(staff));
	CHECK_TEXT(VALUE(owner, "SELECT (trusted_at IS NOT NULL)::text AS value FROM company WHERE id = $1", f.company), "true");
	OK(db_begin(staff));
	CHECK_STATUS(batch_approve(staff, a, &(struct actor){.name = "operator:test"}, b.p.id), ST_CONFLICT);
	db_rollback(staff);
	db_close(staff);
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:3");
	CHECK_TEXT(AUDIT_WHOLE(b.p), "yes");
}

static void test_ten_thousand_cars(void)
{
	struct fleet f;
	struct batch b;
	int changed = -1;
	fleet_company(&f);
	fleet_cars(&f, BATCH_CARS_MAX, 1);
	fleet_draft(&b, &f, "register");
	CHECK(fleet_put(&b, fleet_all(&f)) == BATCH_CARS_MAX);
	fleet_cars(&f, 1, 1);
	OK(db_begin(web));
	CHECK_STATUS(batch_add(web, a, &tester, &b.d, &b.scope, fleet_all(&f), &changed), ST_LIMIT);
	db_rollback(web);
	OK(fleet_submit(web, &b, 0));
	OK(db_commit(web));
	CHECK_TEXT(STATES(b.p), "submitted:10000");
	CHECK_TEXT(STANDINGS(f), "busy:10000 free:1");
	push_all();
	CHECK_TEXT(STATES(b.p), "pushing:10000");
	CHECK_TEXT(AUDIT_WHOLE(b.p), "yes");
}

int main(void)
{
	batch_start();
	RUN(test_two_cars_with_three_cards);
	RUN(test_each_card_has_its_car);
	RUN(test_bad_data_refuses_a_card_alone);
	RUN(test_unreadable_car_is_refused_alone);
	RUN(test_a_card_that_left_its_car_is_refused_alone);
	RUN(test_missing_profile_holds);
	RUN(test_a_closed_company_holds);
	RUN(test_crash_between_chunks);
	RUN(test_two_batches_race);
	RUN(test_changed_since_it_was_shown);
	RUN(test_cars_of_others_stay_out);
	RUN(test_cancel_takes_registered_cars_only);
	RUN(test_registration_of_somebody_else);
	RUN(test_change_of_the_responsible_person);
	RUN(test_what_does_not_fit_says_why);
	RUN(test_a_card_that_leaves_its_car);
	RUN(test_withdraw_what_is_not_pushed);
	RUN(test_review_and_approval);
	RUN(test_ten_thousand_cars);
	return fixture_end();
}
