/* A changed status of a car that the carrier does not hold: refused, or told another one by a registration that was under way. What the
 * messages say otherwise is in test_t1_messages.c. */
#include "party.h"
#include "sender.h"
#include "store/vehicle_status.h"

static void carrier_says(const char *result)
{
	carrier_answers(200, result, *result == '2' ? "状态有误" : NULL);
	while (run_one())
		;
}

/* A registration of the car's card, submitted and not sent yet. */
static void registering(struct application *p)
{
	drop_jobs();
	fixture_catalogue(&cat, NULL);
	profile_set(&cat, PROFILE_WITH(""));
	fixture_draft(p, &cat, 1);
	fixture_submit(p, 1, true);
}

/* One command of the operator, in a transaction of its own. */
static enum status change_status(int status, int64_t at, struct vehicle_told *out)
{
	struct db *op = fixture_connect("realname_operator");
	OK(db_begin(op));
	enum status st = vehicle_status_change(op, a, &config, &keys, &tester, VALUE(owner, "SELECT vin AS value FROM vehicle WHERE id = $1", cat.vehicle),
					       status, at, out);
	if (st == ST_OK)
		OK(db_commit(op));
	db_close(op);
	return st;
}

/* How the applications that told a status of the car stand, oldest first. */
static const char *status_told(void)
{
	return VALUE(owner, "SELECT string_agg(c.state, ' ' ORDER BY o.submitted_at) AS value FROM application_card c "
			    "JOIN application o ON o.id = c.application_id WHERE o.kind = 'vehicle_status' AND o.vehicle_id = $1", cat.vehicle);
}

static const char *status_sent(void)
{
	const char *row = VALUE(owner, "SELECT c.id::text AS value FROM application_card c JOIN application o ON o.id = c.application_id "
				       "WHERE o.kind = 'vehicle_status' AND o.vehicle_id = $1 ORDER BY o.submitted_at DESC LIMIT 1", cat.vehicle);
	const cJSON *m = message_of(row, 0);
	return arena_printf(a, "%s %s", told(m, "VehicleStatus"), told(m, "StatusUpdateTime"));
}

/* The carrier refused what it was told: with the same status it is told again, without a false one in between. */
static void test_a_refused_status_is_told_again(void)
{
	struct application p;
	struct vehicle_told out;
	registering(&p);
	carrier_says("1");
	CHECK_STATUS(change_status(4, 0, &out), ST_CONFLICT); /* told when it was registered */
	OK(change_status(6, 1700000000, &out));
	CHECK_STATUS(change_status(6, 0, &out), ST_CONFLICT); /* on its way */
	CHECK(strstr(status_message(), "has status 6 already") != NULL);
	carrier_says("2");
	CHECK_TEXT(status_told(), "refused");
	OK(change_status(6, 0, &out));
	CHECK(out.cards == 1 && out.again && out.since == 1700000000);
	CHECK_TEXT(status_sent(), "6 20231115061320");
	carrier_says("2");
	OK(change_status(6, 1700000001, &out)); /* the time was wrong */
	CHECK_TEXT(status_sent(), "6 20231115061321");
	carrier_says("1");
	CHECK_TEXT(status_told(), "refused refused done");
	CHECK_STATUS(change_status(6, 0, &out), ST_CONFLICT);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM audit WHERE action = 'vehicle.status_told_again' AND object = 'vehicle:' || $1", cat.vehicle),
		   "2");
	CHECK_TEXT(VALUE(owner, "SELECT from_application_id::text AS value FROM registration WHERE ended_at IS NULL AND card_id = $1", cat.card[0]), p.id);
}

/* A registration was under way when the car was scrapped: it told 4. */
static void test_a_status_while_a_registration_is_under_way(void)
{
	struct application p;
	struct vehicle_told out;
	registering(&p);
	OK(change_status(6, 1700000000, &out));
	CHECK(out.cards == 0 && out.under_way == 1);
	CHECK_STATUS(change_status(6, 0, &out), ST_CONFLICT);
	carrier_says("1");
	OK(change_status(6, 0, &out));
	CHECK(out.cards == 1 && out.under_way == 0);
	CHECK_TEXT(status_sent(), "6 20231115061320");
	carrier_says("1");
	CHECK_STATUS(change_status(6, 0, &out), ST_CONFLICT);
}

int main(void)
{
	fixture_start();
	sender_start();
	RUN(test_a_refused_status_is_told_again);
	RUN(test_a_status_while_a_registration_is_under_way);
	return fixture_end();
}
