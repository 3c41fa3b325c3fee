/* Transitions of cards with what follows from them, and the messages of a push. */
#include <sys/wait.h>

#include "fixture.h"
#include "store/submission.h"

static struct catalogue cat;

#define COUNT_SMS(name)                                                                                                                    \
	VALUE(owner, "SELECT count(*)::text AS value FROM sms_message WHERE application_id = $1 AND template = '" name "'", app.id)
#define STATE(row) VALUE(owner, "SELECT state AS value FROM application_card WHERE id = $1", (row))

static void test_push_writes_messages(void)
{
	struct application app;
	fixture_catalogue(&cat, "13900000002");
	fixture_draft(&app, &cat, 2);
	fixture_submit(&app, 2, true);
	CHECK_TEXT(STATE(app.row[0]), "pushing");
	CHECK_TEXT(STATE(app.row[1]), "pushing");
	CHECK_TEXT(VALUE(owner,
			 "SELECT string_agg(kind || sequence || state, ' ' ORDER BY sequence) AS value FROM t1_message WHERE "
			 "application_card_id = $1",
			 app.row[0]),
		   "account1waiting vehicle2waiting");
	CHECK_TEXT(VALUE(owner,
			 "SELECT string_agg(m.kind || CASE WHEN j.behind THEN ' behind' ELSE '' END, ', ' ORDER BY j.id) AS value FROM job j JOIN t1_message m ON m.id = j.subject JOIN application_card c "
			 "ON c.id = m.application_card_id WHERE j.kind = 't1_send' AND c.application_id = $1",
			 app.id),
		   "account, vehicle behind, account, vehicle behind");
	struct db_result *r;
	char *inputs = NULL;
	OK(db_query(owner, a, &r, "SELECT id, inputs_sealed FROM t1_message WHERE application_card_id = $1 AND kind = 'account'",
		    DB_TEXT(app.row[0])));
	OK(opened_text(a, &app.key, "t1_message", "inputs", db_text(r, 0, "id"), db_bytes(r, 0, "inputs_sealed"), &inputs));
	CHECK(inputs && strstr(inputs, "\"CustomerName\":\"张三\"") && strstr(inputs, "\"CustomerCertType\":\"01\""));
	CHECK(inputs && strstr(inputs, "\"CustomerCertDate\":\"20150101-20350101\"") && strstr(inputs, "\"VehicleStatus\":\"4\""));
	CHECK(inputs && !strstr(inputs, "PhoName"));
	OK(db_query(owner, a, &r, "SELECT id, inputs_sealed FROM t1_message WHERE application_card_id = $1 AND kind = 'vehicle'",
		    DB_TEXT(app.row[0])));
	OK(opened_text(a, &app.key, "t1_message", "inputs", db_text(r, 0, "id"), db_bytes(r, 0, "inputs_sealed"), &inputs));
	CHECK(inputs && strstr(inputs, "\"VehicleStaffName\":\"系统\"") && strstr(inputs, "\"MotorNum\":\"M1\"") &&
	      !strstr(inputs, "EngineNum"));
}

static void test_push_of_incomplete_data_writes_nothing(void)
{
	struct application app;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&app, &cat, 2);
	fixture_submit(&app, 2, false);
	OK(db_query(owner, a, NULL, "UPDATE vehicle SET sales_time = 'yesterday' WHERE id = $1", DB_TEXT(cat.vehicle)));
	OK(db_begin(web));
	CHECK_STATUS(cards_push(web, a, &config, &keys, &tester, app.id), ST_INVALID);
	CHECK(strstr(status_message(), "VehicleSalesTime") != NULL);
	OK(db_commit(web)); /* even the caller that goes on has written nothing */
	CHECK_TEXT(STATE(app.row[0]), "submitted");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM t1_message WHERE card_id = $1", cat.card[0]), "0");
}

static void test_wrong_transition_changes_nothing(void)
{
	struct application app;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&app, &cat, 1);
	OK(db_begin(web));
	CHECK_STATUS(fixture_move(web, app.row[0], CARD_DONE), ST_CONFLICT);
	OK(db_commit(web));
	CHECK_TEXT(STATE(app.row[0]), "draft");
	CHECK_STATUS(fixture_move(web, crypt_uuid(a), CARD_SUBMITTED), ST_NOT_FOUND);
}

static void test_one_open_row_a_card(void)
{
	struct application app, second;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&app, &cat, 1);
	fixture_draft(&second, &cat, 1);
	fixture_submit(&app, 1, true);
	OK(db_begin(web));
	CHECK_STATUS(fixture_move(web, second.row[0], CARD_SUBMITTED), ST_CONFLICT);
	CHECK_TEXT(db_constraint(web), "application_card_open");
	db_rollback(web);
}

static void finish(struct application *p, int i, enum card_state to)
{
	OK(db_begin(jobs));
	OK(fixture_move(jobs, p->row[i], to));
	OK(db_commit(jobs));
}

static void test_result_is_told_once_all_have_ended(void)
{
	struct application app;
	fixture_catalogue(&cat, "13900000002");
	fixture_draft(&app, &cat, 2);
	fixture_submit(&app, 2, true);
	finish(&app, 0, CARD_DONE);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM sms_message WHERE application_id = $1", app.id), "0");
	CHECK_TEXT(VALUE(owner, "SELECT holder AS value FROM registration WHERE ended_at IS NULL AND card_id = $1", cat.card[0]), "person");
	finish(&app, 1, CARD_DONE);
	CHECK_TEXT(COUNT_SMS("result_ok"), "1");
	CHECK_TEXT(COUNT_SMS("owner_notice"), "1");
	CHECK_TEXT(VALUE(owner,
			 "SELECT count(*)::text AS value FROM job j JOIN sms_message m ON m.id = j.subject WHERE m.application_id = $1",
			 app.id),
		   "2");
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(action, ' ' ORDER BY number) AS value FROM audit WHERE application_id = $1", app.id),
		   "card.submitted card.submitted card.pushing card.pushing card.done card.done");
}

static void test_same_phone_gets_no_owner_notice(void)
{
	struct application app;
	fixture_catalogue(&cat, "13800000001");
	fixture_draft(&app, &cat, 2);
	fixture_submit(&app, 2, true);
	finish(&app, 0, CARD_DONE);
	finish(&app, 1, CARD_REFUSED);
	CHECK_TEXT(COUNT_SMS("result_refused"), "1");
	CHECK_TEXT(COUNT_SMS("result_ok"), "0");
	CHECK_TEXT(COUNT_SMS("owner_notice"), "0");
}

/* Sent with the car that it has left, it would be registered to whom it does not belong. */
static void test_a_card_that_left_the_car_is_not_pushed(void)
{
	struct application app;
	struct catalogue other;
	fixture_catalogue(&other, NULL);
	fixture_catalogue(&cat, NULL);
	fixture_draft(&app, &cat, 2);
	fixture_submit(&app, 2, false);
	OK(db_query(owner, a, NULL, "UPDATE card_binding SET bound_until = now() WHERE card_id = $1", DB_TEXT(cat.card[1])));
	fixture_bind(cat.card[1], other.vehicle);
	OK(db_begin(web));
	CHECK_STATUS(cards_push(web, a, &config, &keys, &tester, app.id), ST_INVALID);
	CHECK(strstr(status_message(), "is not in the car of the application any more") != NULL);
	OK(db_commit(web));
	CHECK_TEXT(STATE(app.row[0]), "submitted");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM t1_message m JOIN application_card c ON c.id = m.application_card_id WHERE c.application_id = $1", app.id), "0");
	OK(db_query(owner, a, NULL, "UPDATE card_binding SET vehicle_id = $2 WHERE card_id = $1 AND bound_until IS NULL", DB_TEXT(cat.card[1]), DB_TEXT(cat.vehicle)));
	OK(db_begin(web));
	OK(cards_push(web, a, &config, &keys, &tester, app.id));
	OK(db_commit(web));
	CHECK_TEXT(STATE(app.row[1]), "pushing");
}

static void test_review_is_told_once(void)
{
	struct application app;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&app, &cat, 2);
	fixture_submit(&app, 2, false);
	OK(db_begin(web));
	OK(fixture_move(web, app.row[0], CARD_REVIEW));
	OK(fixture_move(web, app.row[1], CARD_REVIEW));
	OK(db_commit(web));
	CHECK_TEXT(COUNT_SMS("review"), "1");
	/* the decision of people, by the operator's command */
	struct db *operator_db = fixture_connect("realname_operator");
	OK(db_begin(operator_db));
	OK(cards_push(operator_db, a, &config, &keys, &(struct actor){.name = "operator:test"}, app.id));
	OK(db_commit(operator_db));
	CHECK_TEXT(STATE(app.row[1]), "pushing");
	db_close(operator_db);
}

static void test_withdrawn_needs_no_message(void)
{
	struct application app;
	fixture_catalogue(&cat, "13900000002");
	fixture_draft(&app, &cat, 1);
	fixture_submit(&app, 1, false);
	OK(db_begin(web));
	OK(fixture_move(web, app.row[0], CARD_WITHDRAWN));
	OK(db_commit(web));
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM sms_message WHERE application_id = $1", app.id), "0");
}

static void test_sequence_goes_on_within_the_card(void)
{
	struct application first, second;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&first, &cat, 1);
	fixture_submit(&first, 1, true);
	finish(&first, 0, CARD_REFUSED);
	fixture_draft(&second, &cat, 1);
	fixture_submit(&second, 1, true);
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(kind || sequence, ' ' ORDER BY sequence) AS value FROM t1_message WHERE card_id = $1",
			 cat.card[0]),
		   "account1 vehicle2 account3 vehicle4");
}

/* Two people submit for the same two cards at the same moment, their rows in opposite orders: whoever comes second is told that
 * the card is taken, and the first one is not hurt (they would wait for each other in a circle if each began with its own row). */
static void test_two_submissions_for_the_same_cards(void)
{
	struct application first, second;
	int status;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&first, &cat, 2);
	/* the second one's rows are named so that its card with the greater id comes first by row */
	int low = strcmp(cat.card[0], cat.card[1]) < 0 ? 0 : 1;
	do
		fixture_draft(&second, &cat, 2);
	while (strcmp(second.row[!low], second.row[low]) > 0);
	OK(db_begin(web));
	OK(fixture_move(web, first.row[low], CARD_SUBMITTED));
	pid_t child = fork();
	if (child == 0) {
		struct db *other = fixture_connect("realname_web");
		const struct draft d = {.id = second.id, .kind = "register"};
		enum status st = db_begin(other);
		if (st == ST_OK)
			st = submission_decide(other, a, &config, &keys, &tester, &d, 1);
		_exit(st == ST_CONFLICT && strcmp(db_constraint(other), "application_card_open") == 0 ? 0 : 1);
	}
	const char *waits;
	do
		waits = VALUE(owner, "SELECT count(*)::text AS value FROM pg_locks WHERE NOT granted", NULL);
	while (waits && strcmp(waits, "0") == 0 && waitpid(child, &status, WNOHANG) == 0);
	OK(fixture_move(web, first.row[!low], CARD_SUBMITTED));
	OK(db_commit(web));
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* What the person was shown may be of before another application began and ended. */
static void test_a_card_that_was_registered_meanwhile(void)
{
	struct application first, second, cancel;
	struct draft d = {.kind = "register"};
	fixture_catalogue(&cat, NULL);
	fixture_draft(&second, &cat, 1);
	fixture_draft(&first, &cat, 1);
	fixture_submit(&first, 1, true);
	finish(&first, 0, CARD_DONE);
	d.id = second.id;
	OK(db_begin(web));
	CHECK_STATUS(submission_decide(web, a, &config, &keys, &tester, &d, 1), ST_CONFLICT);
	db_rollback(web);
	CHECK_TEXT(STATE(second.row[0]), "draft");
	fixture_draft(&cancel, &cat, 1);
	d = (struct draft){.id = cancel.id, .kind = "cancel"};
	OK(db_begin(web));
	OK(submission_decide(web, a, &config, &keys, &tester, &d, 1));
	OK(db_commit(web));
	CHECK_TEXT(STATE(cancel.row[0]), "review");
}

/* A change by the holder: the registration ends and goes on from the new application, in one moment. */
static void test_update_moves_the_registration(void)
{
	struct application first, app;

	fixture_catalogue(&cat, "13900000009");
	fixture_draft(&first, &cat, 1);
	fixture_submit(&first, 1, true);
	finish(&first, 0, CARD_DONE);
	fixture_draft(&app, &cat, 1);
	OK(db_query(owner, a, NULL, "UPDATE application SET kind = 'update' WHERE id = $1", DB_TEXT(app.id)));
	fixture_submit(&app, 1, false);
	OK(db_begin(web));
	OK(fixture_move(web, app.row[0], CARD_PUSHING));
	OK(db_commit(web));
	CHECK_TEXT(VALUE(owner, "SELECT from_application_id::text AS value FROM registration WHERE ended_at IS NULL AND card_id = $1",
			 cat.card[0]),
		   first.id);
	finish(&app, 0, CARD_DONE);
	CHECK_TEXT(
		VALUE(owner,
		      "SELECT from_application_id || ' ' || holder_id AS value FROM registration WHERE ended_at IS NULL AND card_id = $1",
		      cat.card[0]),
		arena_printf(a, "%s %s", app.id, app.party));
	CHECK_TEXT(VALUE(owner,
			 "SELECT from_application_id || ' ' || until_application_id AS value FROM registration WHERE ended_at IS NOT NULL "
			 "AND card_id = $1",
			 cat.card[0]),
		   arena_printf(a, "%s %s", first.id, app.id));
	CHECK_TEXT(COUNT_SMS("update_ok"), "1");
	CHECK_TEXT(COUNT_SMS("owner_notice"), "0");
}

int main(void)
{
	fixture_start();
	RUN(test_push_writes_messages);
	RUN(test_push_of_incomplete_data_writes_nothing);
	RUN(test_wrong_transition_changes_nothing);
	RUN(test_one_open_row_a_card);
	RUN(test_result_is_told_once_all_have_ended);
	RUN(test_same_phone_gets_no_owner_notice);
	RUN(test_a_card_that_left_the_car_is_not_pushed);
	RUN(test_review_is_told_once);
	RUN(test_withdrawn_needs_no_message);
	RUN(test_sequence_goes_on_within_the_card);
	RUN(test_two_submissions_for_the_same_cards);
	RUN(test_a_card_that_was_registered_meanwhile);
	RUN(test_update_moves_the_registration);
	return fixture_end();
}
