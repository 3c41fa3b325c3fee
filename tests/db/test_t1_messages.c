/* What the messages of each business say, for persons, agents and organisations, and what happens to cards, cars and bindings when the
 * carrier has taken them. */
#include "party.h"
#include "sender.h"
#include "store/vehicle_status.h"

#define KINDS(row)                                                                                                                         \
	VALUE(owner,                                                                                                                       \
	      "SELECT string_agg(kind || coalesce('=' || oper_type, ''), ' ' ORDER BY sequence) AS value FROM t1_message "                 \
	      "WHERE application_card_id = $1",                                                                                            \
	      (row))

/* A catalogue with codes for everything, and a draft of a kind. */
static void draft_of(struct application *p, const char *kind, const char *profile)
{
	drop_jobs();
	fixture_catalogue(&cat, NULL);
	profile_set(&cat, profile);
	fixture_draft(p, &cat, 1);
	set_kind(p, kind);
}

/* Submits it; the messages go out and the carrier takes them all. */
static void done(struct application *p)
{
	fixture_submit(p, 1, true);
	carrier_answers(200, "1", NULL);
	while (run_one())
		;
	CHECK_TEXT(CARD_STATE_OF(*p), "done");
}

/* The car's cards as they are registered: a person's, done before the application of the test. */
static void registered(struct application *p, const char *profile)
{
	draft_of(p, "register", profile);
	done(p);
}

static void next(struct application *p, const char *kind)
{
	fixture_draft(p, &cat, 1);
	set_kind(p, kind);
}

static void car_status(int status)
{
	OK(db_query(owner, a, NULL, "UPDATE vehicle SET status = $2, status_updated_at = '2021-03-04 05:06:07+08' WHERE id = $1",
		    DB_TEXT(cat.vehicle), DB_INT(status)));
}

static void test_messages_of_a_person(void)
{
	struct application p;
	draft_of(&p, "register", PROFILE_WITH(""));
	OK(db_query(owner, a, NULL, "UPDATE application_party SET postal_address_sealed = $2 WHERE id = $1", DB_TEXT(p.party),
		    DB_BYTES(sealed_text(a, &p.key, "application_party", "postal_address", p.party, "北京市东城区信箱 1 号"))));
	fixture_submit(&p, 1, true);
	const cJSON *m = message_of(p.row[0], 0);
	CHECK_TEXT(KINDS(p.row[0]), "account=register vehicle");
	CHECK_TEXT(told(m, "CustomerType"), "1");
	CHECK_TEXT(told(m, "CustomerName"), "张三");
	CHECK_TEXT(told(m, "CustomerPosterAddress"), "北京市东城区信箱 1 号");
	CHECK_TEXT(told(m, "VehicleStatus"), "4");
	CHECK_TEXT(told(m, "StatusUpdateTime"), "20200101080000");
	CHECK_TEXT(told(m, "AcceptTime"), VALUE(owner,
						"SELECT to_char(submitted_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDDHH24MISS') AS value "
						"FROM application WHERE id = $1",
						p.id));
	CHECK_TEXT(told(m, "CompanyName"), "-");
	CHECK_TEXT(told(m, "OperatorName"), "-");
	CHECK_TEXT(told(m, "PhoName"), "-");
}

static void test_messages_of_an_agent(void)
{
	struct application p;
	draft_of(&p, "register", PROFILE_WITH(""));
	OK(db_query(owner, a, NULL, "UPDATE application SET acting = 'agent' WHERE id = $1", DB_TEXT(p.id)));
	fixture_submit(&p, 1, false);
	OK(db_begin(web));
	CHECK_STATUS(cards_push(web, a, &config, &keys, &tester, p.id), ST_INVALID);
	CHECK(strstr(status_message(), "OperatorName") != NULL); /* somebody acts, and nobody says who */
	db_rollback(web);
	party_add(&p, &(struct party){"agent", "PASSPORT_FOREIGN", "王五", "E12345678", "上海市黄浦区", "上海市信箱 2 号", NULL});
	OK(db_begin(web));
	CHECK_STATUS(cards_push(web, a, &config, &keys, &tester, p.id), ST_INVALID);
	CHECK(strstr(status_message(), "OperatorTelephone") != NULL);
	db_rollback(web);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM t1_message WHERE application_card_id = $1", p.row[0]), "0");
	CHECK_TEXT(CARD_STATE_OF(p), "submitted");
	OK(db_query(owner, a, NULL, "DELETE FROM application_party WHERE application_id = $1 AND role = 'agent'", DB_TEXT(p.id)));
	party_add(&p, &(struct party){"agent", "PASSPORT_FOREIGN", "王五", "E12345678", "上海市黄浦区", "上海市信箱 2 号", "13900139000"});
	OK(db_begin(web));
	OK(cards_push(web, a, &config, &keys, &tester, p.id));
	OK(db_commit(web));
	const cJSON *m = message_of(p.row[0], 0);
	CHECK_TEXT(told(m, "CustomerName"), "张三");
	CHECK_TEXT(told(m, "OperatorName"), "王五");
	CHECK_TEXT(told(m, "OperatorCertType"), "08");
	CHECK_TEXT(told(m, "OperatorCertNumber"), "E12345678");
	CHECK_TEXT(told(m, "OperatorCertAddress"), "上海市黄浦区");
	CHECK_TEXT(told(m, "OperatorPosterAddress"), "上海市信箱 2 号");
	CHECK_TEXT(told(m, "OperatorTelephone"), "13900139000");
}

static void test_messages_of_an_organisation(void)
{
	struct application p;
	draft_of(&p, "register", PROFILE_WITH(""));
	make_organisation(&p);
	done(&p);
	const cJSON *m = message_of(p.row[0], 0);
	CHECK_TEXT(told(m, "CustomerType"), "2");
	CHECK_TEXT(told(m, "CustomerName"), "李四"); /* the cards stand under the responsible person's name */
	CHECK_TEXT(told(m, "CustomerCertType"), "01");
	CHECK_TEXT(told(m, "CustomerCertDate"), "20150101-长期");
	CHECK_TEXT(told(m, "CompanyName"), "示例物流有限公司");
	CHECK_TEXT(told(m, "CompanyCertType"), "20");
	CHECK_TEXT(told(m, "CompanyCertNumber"), "91110105MA01K3XY5T");
	CHECK_TEXT(told(m, "CompanyPosterAddress"), "北京市朝阳区某路 1 号收发室");
	CHECK_TEXT(told(m, "CorporationName"), "李四");
	CHECK_TEXT(told(m, "CorporationCertAddress"), "北京市西城区某街 2 号");
	CHECK_TEXT(told(m, "CorporationPosterAddress"), "-");
	CHECK_TEXT(told(m, "CorporationTelephone"), "13800138000");
	CHECK_TEXT(VALUE(owner,
			 "SELECT g.holder || ' ' || p.role AS value FROM registration g JOIN application_party p ON p.id = g.holder_id "
			 "WHERE g.card_id = $1",
			 cat.card[0]),
		   "organisation organisation");
}

static void test_the_profile_can_want_the_organisation_as_customer(void)
{
	struct application p;
	draft_of(&p, "register", PROFILE_WITH(",\"organisation_customer\":\"organisation\""));
	make_organisation(&p);
	fixture_submit(&p, 1, true);
	const cJSON *m = message_of(p.row[0], 0);
	CHECK_TEXT(told(m, "CustomerName"), "示例物流有限公司");
	CHECK_TEXT(told(m, "CustomerCertType"), "20");
	CHECK_TEXT(told(m, "CustomerPosterAddress"), "北京市朝阳区某路 1 号收发室");
	CHECK_TEXT(told(m, "CorporationName"), "李四");
}

static void test_an_organisation_needs_every_field(void)
{
	static const struct {
		const char *column, *role, *field;
	} rows[] = {
		{"postal_address_sealed", "organisation", "CompanyPosterAddress"},
		{"telephone_sealed", "responsible_person", "CorporationTelephone"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct application p;
		draft_of(&p, "register", PROFILE_WITH(""));
		make_organisation(&p);
		if (i == 0)
			OK(db_query(owner, a, NULL, "UPDATE application_party SET postal_address_sealed = NULL WHERE application_id = $1",
				    DB_TEXT(p.id)));
		else
			OK(db_query(owner, a, NULL, "UPDATE application_party SET telephone_sealed = NULL WHERE application_id = $1",
				    DB_TEXT(p.id)));
		fixture_submit(&p, 1, false);
		OK(db_begin(web));
		CHECK_STATUS(cards_push(web, a, &config, &keys, &tester, p.id), ST_INVALID);
		CHECK(strstr(status_message(), rows[i].field) != NULL);
		db_rollback(web);
	}
	/* the legal representative stands in for a responsible person that nobody named */
	struct application p;
	draft_of(&p, "register", PROFILE_WITH(""));
	make_organisation(&p);
	OK(db_query(owner, a, NULL,
		    "UPDATE application_party SET role = 'legal_representative' WHERE application_id = $1 AND role = 'responsible_person'",
		    DB_TEXT(p.id)));
	fixture_submit(&p, 1, true);
	CHECK_TEXT(told(message_of(p.row[0], 0), "CorporationName"), "李四");
}

static void test_cancelling_a_scrapped_car(void)
{
	struct application p, c;
	registered(&p, PROFILE_WITH(""));
	car_status(6);
	next(&c, "cancel");
	done(&c);
	CHECK_TEXT(KINDS(c.row[0]), "account=cancel");
	CHECK_TEXT(told(message_of(c.row[0], 0), "VehicleStatus"), "6");
	CHECK_TEXT(told(message_of(c.row[0], 0), "StatusUpdateTime"), "20210304050607");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM registration WHERE ended_at IS NULL AND card_id = $1", cat.card[0]),
		   "0");
	registered(&p, PROFILE_WITH(""));
	next(&c, "cancel");
	fixture_submit(&c, 1, true);
	CHECK_TEXT(told(message_of(c.row[0], 0), "VehicleStatus"), "4");
}

static void test_a_transfer(void)
{
	struct application p, t;
	registered(&p, PROFILE_WITH(",\"messages\":{\"transfer\":[\"former_account\",\"account\",\"vehicle\"]}"));
	next(&t, "transfer");
	party_add(&t, &(struct party){"former_holder", "ID_CARD", "赵六", "110101199003070011", "北京市东城区", NULL, NULL});
	done(&t);
	CHECK_TEXT(KINDS(t.row[0]), "account=cancel account=transfer vehicle");
	const cJSON *former = message_of(t.row[0], 0), *m = message_of(t.row[0], 1);
	CHECK_TEXT(told(former, "CustomerName"), "赵六");
	CHECK_TEXT(told(former, "VehicleStatus"), "4");
	CHECK_TEXT(told(m, "CustomerName"), "张三");
	CHECK_TEXT(told(m, "VehicleStatus"), "5");
	CHECK_TEXT(told(m, "StatusUpdateTime"), told(m, "AcceptTime"));
	/* the car was transferred, and its card belongs to the new holder */
	CHECK_TEXT(VALUE(owner,
			 "SELECT v.status || ' ' || (v.status_updated_at = o.submitted_at) AS value FROM vehicle v JOIN application o ON "
			 "o.vehicle_id = v.id "
			 "WHERE o.id = $1",
			 t.id),
		   "5 true");
	CHECK_TEXT(VALUE(owner, "SELECT from_application_id::text AS value FROM registration WHERE ended_at IS NULL AND card_id = $1",
			 cat.card[0]),
		   t.id);
	next(&p, "update");
	done(&p);
	CHECK_TEXT(KINDS(p.row[0]), "account=update");
	CHECK_TEXT(told(message_of(p.row[0], 0), "VehicleStatus"), "5");
}

static void test_a_card_is_replaced(void)
{
	struct application p, n;
	registered(&p, PROFILE_WITH(""));
	fixture_draft(&n, &cat, 2);
	set_kind(&n, "replace_card");
	OK(db_query(owner, a, NULL, "DELETE FROM card_binding WHERE card_id = $1", DB_TEXT(cat.card[1]))); /* the new one comes with it */
	OK(db_query(owner, a, NULL,
		    "UPDATE application_card SET part = CASE WHEN card_id = $2 THEN 'old' ELSE 'new' END WHERE application_id = $1",
		    DB_TEXT(n.id), DB_TEXT(cat.card[0])));
	fixture_submit(&n, 2, true);
	carrier_answers(200, "1", NULL);
	while (run_one())
		;
	CHECK_TEXT(KINDS(n.row[0]), "account=cancel");
	CHECK_TEXT(KINDS(n.row[1]), "account=replace_card vehicle");
	CHECK_TEXT(told(message_of(n.row[0], 0), "ICCID"), VALUE(owner, "SELECT iccid AS value FROM card WHERE id = $1", cat.card[0]));
	CHECK_TEXT(told(message_of(n.row[1], 0), "ICCID"), VALUE(owner, "SELECT iccid AS value FROM card WHERE id = $1", cat.card[1]));
	CHECK_TEXT(VALUE(owner,
			 "SELECT card_id || ' ' || from_application_id AS value FROM registration g WHERE ended_at IS NULL AND card_id IN "
			 "(SELECT card_id FROM application_card WHERE application_id = $1)",
			 n.id),
		   arena_printf(a, "%s %s", cat.card[1], n.id));
	CHECK_TEXT(VALUE(owner,
			 "SELECT string_agg(card_id || (CASE WHEN bound_until IS NULL THEN ' in' ELSE ' out' END), ' ' ORDER BY "
			 "bound_from) AS value "
			 "FROM card_binding WHERE vehicle_id = $1",
			 cat.vehicle),
		   arena_printf(a, "%s out %s in", cat.card[0], cat.card[1]));
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(template, ' ') AS value FROM sms_message WHERE application_id = $1", n.id), "update_ok");
}

static void test_a_changed_status_is_told(void)
{
	struct application p;
	struct db *op = fixture_connect("realname_operator");
	const struct actor actor = {.name = "operator:test"};
	const char *vin;
	struct vehicle_told cards;
	registered(&p, PROFILE_WITH(""));
	vin = VALUE(owner, "SELECT vin AS value FROM vehicle WHERE id = $1", cat.vehicle);
	OK(db_begin(op));
	OK(vehicle_status_change(op, a, &config, &keys, &actor, vin, 6, 1700000000, &cards));
	OK(db_commit(op));
	CHECK(cards.cards == 1 && !cards.again && cards.under_way == 0);
	const char *row = VALUE(owner,
				"SELECT c.id::text AS value FROM application_card c JOIN application o ON o.id = c.application_id "
				"WHERE o.kind = 'vehicle_status' AND o.vehicle_id = $1",
				cat.vehicle);
	CHECK_TEXT(KINDS(row), "account=vehicle_status");
	CHECK_TEXT(told(message_of(row, 0), "CustomerName"), "张三");
	CHECK_TEXT(told(message_of(row, 0), "CustomerCertNumber"), "110101199003070011");
	CHECK_TEXT(told(message_of(row, 0), "VehicleStatus"), "6");
	CHECK_TEXT(told(message_of(row, 0), "StatusUpdateTime"), "20231115061320");
	/* told while the one before is on its way: its order would not be sure */
	OK(db_begin(op));
	CHECK_STATUS(vehicle_status_change(op, a, &config, &keys, &actor, vin, 4, 1700000001, &cards), ST_CONFLICT);
	CHECK(strstr(status_message(), "not finished") != NULL);
	db_rollback(op);
	carrier_answers(200, "1", NULL);
	while (run_one())
		;
	CHECK_TEXT(VALUE(owner, "SELECT state AS value FROM application_card WHERE id = $1", row), "done");
	CHECK_TEXT(VALUE(owner, "SELECT from_application_id::text AS value FROM registration WHERE ended_at IS NULL AND card_id = $1",
			 cat.card[0]),
		   p.id);
	CHECK_TEXT(VALUE(owner,
			 "SELECT count(*)::text AS value FROM sms_message m JOIN application o ON o.id = m.application_id "
			 "WHERE o.kind = 'vehicle_status' AND o.vehicle_id = $1",
			 cat.vehicle),
		   "0");
	CHECK_TEXT(VALUE(owner,
			 "SELECT actor || ' ' || (detail->>'to') AS value FROM audit WHERE action = 'vehicle.status_changed' AND object = "
			 "'vehicle:' || $1",
			 cat.vehicle),
		   "operator:test 6");
	/* the same again, a car that nobody knows, and a carrier that is not told */
	OK(db_begin(op));
	CHECK_STATUS(vehicle_status_change(op, a, &config, &keys, &actor, vin, 6, 1700000001, &cards), ST_CONFLICT);
	CHECK_STATUS(vehicle_status_change(op, a, &config, &keys, &actor, "LTEST0A12RA999999", 6, 1700000001, &cards), ST_NOT_FOUND);
	db_rollback(op);
	profile_set(&cat, PROFILE_WITH(",\"messages\":{\"vehicle_status\":[]}"));
	OK(db_begin(op));
	OK(vehicle_status_change(op, a, &config, &keys, &actor, vin, 4, 1700000001, &cards));
	OK(db_commit(op));
	CHECK(cards.cards == 0);
	CHECK_TEXT(VALUE(owner, "SELECT status::text AS value FROM vehicle WHERE id = $1", cat.vehicle), "4");
	db_close(op);
}

static void test_an_organisation_afterwards(void)
{
	struct application p, c;
	struct db *op = fixture_connect("realname_operator");
	struct vehicle_told cards;
	draft_of(&p, "register", PROFILE_WITH(""));
	make_organisation(&p);
	done(&p);
	OK(db_begin(op));
	OK(vehicle_status_change(op, a, &config, &keys, &tester, VALUE(owner, "SELECT vin AS value FROM vehicle WHERE id = $1", cat.vehicle), 6, 1700000000,
				 &cards));
	OK(db_commit(op));
	db_close(op);
	const char *row = VALUE(owner, "SELECT c.id::text AS value FROM application_card c JOIN application o ON o.id = c.application_id "
				       "WHERE o.kind = 'vehicle_status' AND o.vehicle_id = $1", cat.vehicle);
	const cJSON *m = message_of(row, 0);
	CHECK_TEXT(told(m, "CustomerType"), "2");
	CHECK_TEXT(told(m, "CompanyPosterAddress"), "北京市朝阳区某路 1 号收发室");
	CHECK_TEXT(told(m, "CorporationTelephone"), "13800138000");
	carrier_answers(200, "1", NULL);
	while (run_one())
		;
	next(&c, "cancel");
	make_organisation(&c);
	done(&c);
	CHECK_TEXT(told(message_of(c.row[0], 0), "CompanyName"), "示例物流有限公司");
	CHECK_TEXT(VALUE(owner, "SELECT count(*) || ' ' || count(ended_at) AS value FROM registration WHERE card_id = $1", cat.card[0]), "1 1");
}

#define SFTP                                                                                                                               \
	",\"sftp\":{\"host\":\"127.0.0.1\",\"user\":\"u\",\"key_secret\":\"k\",\"host_key_sha256\":\"47DEQpj8HBSa+/"                       \
	"TImW+5JCeuQeRkm5NMpJWZG3hSuFU\"}"

static void test_the_name_of_the_pictures(void)
{
	struct application p, c;
	const char *iccid;
	registered(&p, PROFILE_WITH(",\"pho_name\":\"{ICCID}xcz.zip\"" SFTP));
	iccid = VALUE(owner, "SELECT iccid AS value FROM card WHERE id = $1", cat.card[0]);
	CHECK_TEXT(told(message_of(p.row[0], 0), "PhoName"), arena_printf(a, "%sxcz.zip", iccid));
	next(&c, "cancel"); /* nothing begins: no pictures follow */
	fixture_submit(&c, 1, true);
	CHECK_TEXT(told(message_of(c.row[0], 0), "PhoName"), "-");
	registered(&p, PROFILE_WITH(",\"pho_name\":\"{ICCID}xcz.zip\"")); /* no pictures at all */
	CHECK_TEXT(told(message_of(p.row[0], 0), "PhoName"), "-");
	registered(&p, PROFILE_WITH(",\"pho_name\":\"KH_{RequestID}_{Code}.zip\",\"pho_name_always\":true"));
	CHECK_TEXT(
		told(message_of(p.row[0], 0), "PhoName"),
		arena_printf(a, "KH_%s_%s.zip",
			     VALUE(owner, "SELECT request_id AS value FROM t1_message WHERE kind = 'account' AND application_card_id = $1",
				   p.row[0]),
			     cat.code));
	next(&c, "cancel");
	fixture_submit(&c, 1, true);
	CHECK(strncmp(told(message_of(c.row[0], 0), "PhoName"), "KH_", 3) == 0);
}

static void test_the_profile_says_which_messages(void)
{
	struct application p, c;
	registered(&p, PROFILE_WITH(",\"messages\":{\"register\":[\"vehicle\",\"account\"],\"cancel\":[\"account\",\"vehicle\"]}"));
	CHECK_TEXT(KINDS(p.row[0]), "vehicle account=register");
	next(&c, "cancel");
	done(&c);
	CHECK_TEXT(KINDS(c.row[0]), "account=cancel vehicle");
}

static void test_a_code_that_is_not_mapped(void)
{
	struct application p;
	draft_of(&p, "transfer", FIXTURE_PROFILE);
	fixture_submit(&p, 1, false);
	OK(db_begin(web));
	CHECK_STATUS(cards_push(web, a, &config, &keys, &tester, p.id), ST_INVALID);
	CHECK(strstr(status_message(), "OperType of transfer") != NULL);
	db_rollback(web);
}

/* Counted by the way, and right whatever happens to them. */
static void test_messages_are_counted(void)
{
	static const char wrong[] =
		"SELECT count(*)::text AS value FROM (SELECT connection_id, kind, state, sum(n) AS n FROM t1_count GROUP BY 1, 2, 3) c "
		"FULL JOIN (SELECT connection_id, kind, state, count(*) AS n FROM t1_message GROUP BY 1, 2, 3) m USING (connection_id, "
		"kind, state) "
		"WHERE coalesce(c.n, 0) <> coalesce(m.n, 0)";
	CHECK(strcmp(VALUE(owner, "SELECT count(*)::text AS value FROM t1_count", NULL), "10") > 0);
	CHECK_TEXT(VALUE(owner, wrong, NULL), "0");
	OK(db_query(jobs, a, NULL, "SELECT t1_count_settle()"));
	CHECK_TEXT(VALUE(owner, wrong, NULL), "0");
	CHECK_TEXT(VALUE(owner,
			 "SELECT count(*)::text AS value FROM (SELECT FROM t1_count GROUP BY connection_id, kind, state HAVING count(*) > "
			 "1) x",
			 NULL),
		   "0");
}

static void test_erasing_takes_everything(void)
{
	struct application p;
	draft_of(&p, "register", PROFILE_WITH(""));
	make_organisation(&p);
	fixture_submit(&p, 1, true);
	carrier_answers(200, "2", "李四的证件有误");
	CHECK(run_one());
	CHECK_TEXT(CARD_STATE_OF(p), "refused");
	OK(db_query(jobs, a, NULL, "SELECT * FROM application_erase($1, 90, true)", DB_TEXT(p.id)));
	CHECK_TEXT(VALUE(owner,
			 "SELECT count(*) || ' ' || count(postal_address_sealed) || ' ' || count(telephone_sealed) AS value FROM "
			 "application_party "
			 "WHERE application_id = $1",
			 p.id),
		   "2 0 0");
	CHECK_TEXT(VALUE(owner, "SELECT count(*) || ' ' || count(failure_cause) AS value FROM t1_message WHERE application_card_id = $1",
			 p.row[0]),
		   "2 0");
}

int main(void)
{
	fixture_start();
	sender_start();
	RUN(test_messages_of_a_person);
	RUN(test_messages_of_an_agent);
	RUN(test_messages_of_an_organisation);
	RUN(test_the_profile_can_want_the_organisation_as_customer);
	RUN(test_an_organisation_needs_every_field);
	RUN(test_cancelling_a_scrapped_car);
	RUN(test_a_transfer);
	RUN(test_a_card_is_replaced);
	RUN(test_a_changed_status_is_told);
	RUN(test_an_organisation_afterwards);
	RUN(test_the_name_of_the_pictures);
	RUN(test_the_profile_says_which_messages);
	RUN(test_a_code_that_is_not_mapped);
	RUN(test_messages_are_counted);
	RUN(test_erasing_takes_everything);
	return fixture_end();
}
