/* realnamectl import on a real database: what is stored, sealed, updated, moved and refused. */
#include "operator_fixture.h"
#include "store/datakey.h"

#define VIN_ONE "LTESTFX00RA000001"
#define VIN_TWO "LTESTFX02RA000002"

static void test_import_stores_what_the_file_says(void)
{
	struct db_result *r;
	struct crypt_key key;
	char *name = NULL, *phone = NULL;

	CHECK(import_text("\xef\xbb\xbf" CAR_HEADER "\n" CAR("ltestfx00ra000001", "861440000900001", "8986049900000000019", "白",
							     "person,张 三,11010119900307002x,138 0013 8000,京A00001"),
			  "") == 0);
	CHECK(says("1 rows: 1 new cars, 1 new cards, 0 cards moved; 0 rows skipped"));
	CHECK(db_query(db, a, &r,
		       "SELECT v.id, v.data_key_id, v.owner_name_sealed, v.owner_phone_sealed, v.owner_number_hash, v.network_date, "
		       "v.status, c.msisdn, "
		       "to_char(v.status_updated_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISS') AS since FROM vehicle v "
		       "JOIN card_binding b ON b.vehicle_id = v.id AND b.bound_until IS NULL JOIN card c ON c.id = b.card_id WHERE v.vin = "
		       "'" VIN_ONE "'") == ST_OK);
	CHECK(db_rows(r) == 1);
	CHECK_TEXT(db_text(r, 0, "network_date"), "2020-03-03");
	CHECK_TEXT(db_text(r, 0, "status"), "4");
	CHECK_TEXT(db_text(r, 0, "since"), "20200201190405");
	CHECK_TEXT(db_text(r, 0, "msisdn"), "1440000900001");
	CHECK(datakey_load(db, a, &keys, db_text(r, 0, "data_key_id"), &key) == ST_OK);
	CHECK(opened_text(a, &key, "vehicle", "owner_name", db_text(r, 0, "id"), db_bytes(r, 0, "owner_name_sealed"), &name) == ST_OK);
	CHECK(opened_text(a, &key, "vehicle", "owner_phone", db_text(r, 0, "id"), db_bytes(r, 0, "owner_phone_sealed"), &phone) == ST_OK);
	CHECK_TEXT(name, "张三");
	CHECK_TEXT(phone, "13800138000");
	struct bytes hash = crypt_lookup(a, keys_current(&keys.lookup), "owner", "11010119900307002X"),
		     stored = db_bytes(r, 0, "owner_number_hash");
	CHECK(stored.length == hash.length && memcmp(stored.data, hash.data, hash.length) == 0);
	CHECK_TEXT(value("SELECT detail->>'cars_new' AS x FROM audit WHERE action = 'import.cars' AND actor LIKE 'operator:_%' ORDER BY id "
			 "DESC LIMIT 1"),
		   "1");
}

static void test_import_again_updates(void)
{
	const char *key = value("SELECT data_key_id AS x FROM vehicle WHERE vin = '" VIN_ONE "'");

	CHECK(import_text(CAR_HEADER "\n" CAR(VIN_ONE, "1440000900002", "89860499000000000197", "黑", NO_OWNER), "") == 0);
	CHECK(says("0 new cars, 0 new cards, 0 cards moved"));
	CHECK_TEXT(value("SELECT body_color AS x FROM vehicle WHERE vin = '" VIN_ONE "'"), "黑");
	CHECK_TEXT(value("SELECT data_key_id AS x FROM vehicle WHERE vin = '" VIN_ONE "'"), key);
	CHECK_TEXT(value("SELECT msisdn || ' ' || iccid AS x FROM card WHERE iccid_key = '8986049900000000019'"),
		   "1440000900002 89860499000000000197");
	CHECK_TEXT(value("SELECT (owner_name_sealed IS NULL)::text AS x FROM vehicle WHERE vin = '" VIN_ONE "'"), "true");
}

static void test_import_leaves_columns_that_the_file_does_not_have(void)
{
	CHECK(import_text(CAR_HEADER ",MotorNum\n" VIN_ONE
				     ",1440000900002,8986049900000000019,FIX1,fixture,夹具汽车,1,1,夹具牌,乘用车,FX1,夹具,白,\"1,3\","
				     "EN0123456,20200101,20200202030405,2020-03-03,,,,,,MOTOR77\n",
			  "") == 0);
	CHECK(import_text(CAR_HEADER "\n" CAR(VIN_ONE, "1440000900002", "8986049900000000019", "红", NO_OWNER), "") == 0);
	CHECK_TEXT(value("SELECT body_color || ' ' || motor_num AS x FROM vehicle WHERE vin = '" VIN_ONE "'"), "红 MOTOR77");
	CHECK_TEXT(value("SELECT iccid AS x FROM card WHERE iccid_key = '8986049900000000019'"), "89860499000000000197");
}

static void test_import_moves_a_card(void)
{
	const char *before = value("SELECT (count(*) + 1)::text AS x FROM audit WHERE action = 'card.moved'");

	CHECK(import_text(CAR_HEADER "\n" CAR(VIN_TWO, "1440000900002", "8986049900000000019", "白", NO_OWNER), "") == 0);
	CHECK(says("1 new cars, 0 new cards, 1 cards moved"));
	CHECK_TEXT(value("SELECT string_agg(v.vin || CASE WHEN b.bound_until IS NULL THEN '' ELSE ' ended' END, ', ' ORDER BY v.vin) AS x "
			 "FROM card_binding b JOIN vehicle v ON v.id = b.vehicle_id JOIN card c ON c.id = b.card_id "
			 "WHERE c.iccid_key = '8986049900000000019'"),
		   VIN_ONE " ended, " VIN_TWO);
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM audit WHERE action = 'card.moved'"), before);
}

/* An application of a person for a card, in this state, with the car that the card is in; registered: its registration lives. */
static void apply_for(const char *iccid_key, const char *state, bool registered)
{
	static int count;
	const char *number = arena_printf(a, "HOLDSIT%d", ++count);

	CHECK(db_query(db, a, NULL,
		       "WITH k AS (INSERT INTO data_key (id, wrapped) VALUES (gen_random_uuid(), '\\x00') RETURNING id), "
		       "b AS (SELECT b.card_id, b.vehicle_id, v.automaker_id, c.carrier_id FROM card c JOIN card_binding b ON b.card_id = c.id "
		       "AND b.bound_until IS NULL JOIN vehicle v ON v.id = b.vehicle_id WHERE c.iccid_key = $1), "
		       "p AS (INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, "
		       "submitted_at, vehicle_id) SELECT gen_random_uuid(), $2, b.automaker_id, 'register', 'person', 'online', 'self', k.id, "
		       "now(), CASE WHEN $3 <> 'draft' THEN now() END, b.vehicle_id FROM k, b RETURNING id), "
		       "h AS (INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, "
		       "number_hash, number_hash_key, address_sealed) SELECT gen_random_uuid(), p.id, 'holder', 'ID_CARD', '\\x00'::bytea, '\\x00'::bytea, "
		       "'h'::bytea, 'k1', '\\x00'::bytea FROM p RETURNING id), "
		       "c AS (INSERT INTO application_card (id, application_id, card_id, state) SELECT gen_random_uuid(), p.id, b.card_id, $3 "
		       "FROM p, b) "
		       "INSERT INTO registration (id, card_id, carrier_id, holder_id, holder, holder_number_hash, holder_number_hash_key, "
		       "from_application_id) SELECT gen_random_uuid(), b.card_id, b.carrier_id, h.id, 'person', 'h'::bytea, 'k1', p.id FROM b, h, p WHERE $4",
		       DB_TEXT(iccid_key), DB_TEXT(number), DB_TEXT(state), DB_BOOL(registered)) == ST_OK);
}

/* The application of a card comes to a state, and its registration to an end. */
static void end_application(const char *iccid_key, const char *state)
{
	CHECK(db_query(db, a, NULL, "UPDATE application_card SET state = $2 WHERE card_id = (SELECT id FROM card WHERE iccid_key = $1)",
		       DB_TEXT(iccid_key), DB_TEXT(state)) == ST_OK);
	CHECK(db_query(db, a, NULL,
		       "UPDATE registration SET ended_at = now() WHERE ended_at IS NULL AND card_id = (SELECT id FROM card WHERE iccid_key = $1)",
		       DB_TEXT(iccid_key)) == ST_OK);
}

#define HELD "8986049900000000019" /* in VIN_TWO */
#define CAR_OF_HELD \
	value("SELECT v.vin AS x FROM card c JOIN card_binding b ON b.card_id = c.id AND b.bound_until IS NULL JOIN vehicle v ON v.id = b.vehicle_id " \
	      "WHERE c.iccid_key = '" HELD "'")
#define MOVED(vin) CAR_HEADER "\n" CAR(vin, "1440000900002", HELD, "白", NO_OWNER)

static void test_import_leaves_a_card_where_an_application_holds_it(void)
{
	static const char *const open[] = {"submitted", "review", "needs_more", "pushing"};

	apply_for(HELD, "draft", false); /* nobody owns what he has only looked at */
	CHECK(import_text(MOVED(VIN_ONE), "") == 0 && says("1 cards moved"));
	CHECK(import_text(MOVED(VIN_TWO), "") == 0 && says("1 cards moved"));
	for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
		end_application(HELD, open[i]);
		CHECK(import_text(MOVED(VIN_ONE), "") == 1);
		CHECK(says("line 2: ICCID: is in an application that is not finished, with car " VIN_TWO ": it cannot come into this car before that has ended"));
		CHECK_TEXT(CAR_OF_HELD, VIN_TWO);
		CHECK(import_text(MOVED(VIN_ONE), " --skip-bad") == 0 && says("0 cards moved; 1 rows skipped"));
		CHECK(import_text(MOVED(VIN_TWO), "") == 0 && says("0 cards moved")); /* where it is, it is known as ever */
	}
	end_application(HELD, "withdrawn");
	CHECK(import_text(MOVED(VIN_ONE), "") == 0 && says("1 cards moved"));
	CHECK(import_text(MOVED(VIN_TWO), "") == 0 && says("1 cards moved"));
}

static void test_import_leaves_a_registered_card(void)
{
	apply_for(HELD, "done", true);
	CHECK(import_text(MOVED(VIN_ONE), "") == 1);
	CHECK(says("line 2: ICCID: is registered, with car " VIN_TWO ": it cannot come into this car before the registration has ended"));
	CHECK_TEXT(CAR_OF_HELD, VIN_TWO);
	/* it was moved before this was looked at: it may come back */
	CHECK(db_query(db, a, NULL,
		       "UPDATE card_binding b SET vehicle_id = v.id FROM card c, vehicle v WHERE c.id = b.card_id AND b.bound_until IS NULL "
		       "AND c.iccid_key = '" HELD "' AND v.vin = '" VIN_ONE "'") == ST_OK);
	CHECK(import_text(MOVED("LTESTFX08RA000005"), "") == 1);
	CHECK(import_text(MOVED(VIN_TWO), "") == 0 && says("1 cards moved"));
	end_application(HELD, "done");
	CHECK(import_text(MOVED(VIN_ONE), "") == 0 && says("1 cards moved"));
	CHECK(import_text(MOVED(VIN_TWO), "") == 0);
}

#define NUMBERED(msisdn, iccid) CAR_HEADER "\n" CAR(VIN_TWO, msisdn, iccid, "白", NO_OWNER)
#define NUMBER_OF_HELD value("SELECT msisdn || ' ' || iccid AS x FROM card WHERE iccid_key = '" HELD "'")
#define RENUMBERED value("SELECT count(*)::text AS x FROM audit WHERE action = 'card.number_changed'")

static void test_import_puts_another_number_on_record(void)
{
	const char *before = value("SELECT (count(*) + 1)::text AS x FROM audit WHERE action = 'card.number_changed'");

	CHECK(import_text(NUMBERED("1440000900003", HELD), "") == 0 && says("1 known cards: another MSISDN or ICCID"));
	CHECK_TEXT(NUMBER_OF_HELD, "1440000900003 89860499000000000197");
	CHECK_TEXT(RENUMBERED, before);
	CHECK_TEXT(value("SELECT a.detail::text AS x FROM audit a JOIN card c ON a.object = 'card:' || c.id WHERE c.iccid_key = '" HELD "' "
			 "AND a.action = 'card.number_changed' AND a.actor LIKE 'operator:_%' ORDER BY a.id DESC LIMIT 1"),
		   "{\"iccid\": false, \"msisdn\": true}");
	CHECK(import_text(NUMBERED("1440000900003", HELD), "") == 0 && !strstr(printed, "another MSISDN"));
	CHECK_TEXT(RENUMBERED, before);
	CHECK_TEXT(value("SELECT detail->>'cards_renumbered' AS x FROM audit WHERE action = 'import.cars' ORDER BY id DESC LIMIT 1"), "0");
	CHECK(import_text(NUMBERED("1440000900002", HELD), "") == 0);
}

static void test_import_leaves_the_number_of_a_card_that_is_held(void)
{
	static const char other[] = "line 2: MSISDN: is another one than that of the card, which is ";

	apply_for(HELD, "pushing", false);
	CHECK(import_text(NUMBERED("1440000900003", HELD), "") == 1);
	CHECK(says(arena_printf(a, "%sin an application that is not finished, with car " VIN_TWO, other)));
	end_application(HELD, "refused");
	apply_for(HELD, "done", true);
	CHECK(import_text(NUMBERED("1440000900003", HELD), "") == 1);
	CHECK(says(arena_printf(a, "%sregistered, with car " VIN_TWO, other)));
	CHECK(import_text(NUMBERED("1440000900002", HELD "3"), "") == 1 && says("line 2: ICCID: is another one than that of the card"));
	CHECK_TEXT(NUMBER_OF_HELD, "1440000900002 89860499000000000197");
	/* a last character that nobody knew when it was registered: nothing contradicts, and nothing changes */
	CHECK(db_query(db, a, NULL, "UPDATE card SET iccid = iccid_key WHERE iccid_key = '" HELD "'") == ST_OK);
	CHECK(import_text(NUMBERED("1440000900002", HELD "7"), "") == 0);
	CHECK_TEXT(NUMBER_OF_HELD, "1440000900002 " HELD);
	end_application(HELD, "done");
	CHECK(import_text(NUMBERED("1440000900002", HELD "7"), "") == 0 && says("1 known cards: another MSISDN or ICCID"));
	CHECK_TEXT(NUMBER_OF_HELD, "1440000900002 " HELD "7");
}

static const char BAD_FILE[] = CAR_HEADER "\n" CAR("LTESTFX04RA000003", "1440000900101", "8986049900000000101", "白", NO_OWNER)
	CAR("LTESTFX01RA000004", "1440000900102", "8986049900000000102", "白", NO_OWNER)
		CAR("LTESTFX08RA000005", "1440000900103", "8986049900000000103", "白", NO_OWNER)
			CAR("LTESTFX08RA000005", "1440000900104", "8986049900000000104", "黑", NO_OWNER)
				CAR("WVWZZZ1KZAW000777", "1440000900002", "8986049900000000105", "白", "somebody,,,,");

static void test_import_is_all_or_nothing(void)
{
	const char *cars = value("SELECT count(*)::text AS x FROM vehicle"), *audit = value("SELECT count(*)::text AS x FROM audit");

	CHECK(import_text(BAD_FILE, "") == 1);
	CHECK(says("line 3: VIN: the check digit (character 9) is wrong for a domestic car: it should be 6\n"));
	CHECK(says("line 5: BodyColor: differs from line 4, which has the same VIN\n"));
	CHECK(says("line 6: OwnerType: wants person or organisation\n"));
	CHECK(says("3 of 5 rows are bad: nothing is imported"));
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM vehicle"), cars);
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM audit"), audit);
}

static void test_import_skips_bad_rows_when_told(void)
{
	CHECK(import_text(BAD_FILE, " --skip-bad --dry-run") == 0);
	CHECK(says("dry run, nothing is written: 2 rows: 2 new cars, 2 new cards"));
	CHECK(value("SELECT vin AS x FROM card c JOIN card_binding b ON b.card_id = c.id JOIN vehicle v ON v.id = b.vehicle_id WHERE "
		    "c.msisdn = '1440000900103'") == NULL);
	CHECK(import_text(BAD_FILE, " --skip-bad") == 0);
	CHECK(says("2 rows: 2 new cars, 2 new cards, 0 cards moved; 3 rows skipped"));
	CHECK_TEXT(value("SELECT vin AS x FROM card c JOIN card_binding b ON b.card_id = c.id JOIN vehicle v ON v.id = b.vehicle_id WHERE "
			 "c.msisdn = '1440000900103'"),
		   "LTESTFX08RA000005");
}

/* Of an organisation, nobody could end or change what the person has. */
static void test_import_leaves_a_car_to_the_person_who_registered_it(void)
{
#define PERSONS_CARD "8986049900000000103"
#define OWNED(type) CAR_HEADER "\n" CAR("LTESTFX08RA000005", "1440000900103", PERSONS_CARD, "白", type ",,,,")
	CHECK(import_text(OWNED(""), "") == 0);
	apply_for(PERSONS_CARD, "review", false);
	CHECK(import_text(OWNED("organisation"), "") == 1);
	CHECK(says("line 2: OwnerType: cannot become organisation now: a person has registered a card of the car, or applies for one"));
	CHECK(import_text(OWNED("person"), "") == 0);
	end_application(PERSONS_CARD, "withdrawn");
	apply_for(PERSONS_CARD, "done", true);
	CHECK(import_text(OWNED("organisation"), "") == 1 && says("line 2: OwnerType: "));
	CHECK_TEXT(value("SELECT owner_type AS x FROM vehicle WHERE vin = 'LTESTFX08RA000005'"), "person");
	end_application(PERSONS_CARD, "done");
	CHECK(import_text(OWNED("organisation"), "") == 0);
	CHECK(import_text(OWNED("organisation"), "") == 0);
}

static void test_import_refuses_what_the_database_has_otherwise(void)
{
	CHECK(import_text(CAR_HEADER "\n" CAR(VIN_ONE, "1440000900002", "8986049900000000201", "白", NO_OWNER) VIN_TWO
			  ",1440000900202,8986049900000000202,ZZZZ,fixture,夹具汽车,1,1,夹具牌,乘用车,FX1,夹具,白,1,EN0123456,20200101,"
			  "20200202030405,2020-03-03,,,,,\n"
			  "LTESTFX04RA000003,1440000900203,8986049900000000203,FIX1,nobody,夹具汽车,1,1,夹具牌,乘用车,FX1,夹具,白,1,"
			  "EN0123456,20200101,20200202030405,2020-03-03,,,,,\n",
			  "") == 1);
	CHECK(says("line 2: MSISDN: belongs to another card: ICCID ending in 0019\n"));
	CHECK(says("line 3: Code: there is no manufacturer with this code\n"));
	CHECK(says("line 4: carrier: there is no such carrier\n"));
}

/* What the carrier would refuse for want of a number is refused here, with its line. */
static void test_import_wants_what_drives_the_car(void)
{
#define DRIVEN(vin, card, fuel, engine) \
	vin ",14400009003" card ",89860499000000003" card ",FIX1,fixture,夹具汽车,1,2,夹具牌,乘用车,FX1,夹具,白," fuel "," engine ",20200101,20200202030405,2020-03-03,,,,,,"
	CHECK(import_text(CAR_HEADER ",MotorNum\n" DRIVEN("LTESTFX04RA000003", "01", "1", "") "M123456\n" DRIVEN("LTESTFX06RA000004", "02", "3", "E123456") "\n" DRIVEN(
				  "LTESTFX08RA000005", "03", "\"11\"", "E123456") "\n",
			  "") == 1);
	CHECK(says("line 2: EngineNum: is missing; wants a text: by FuelType the car has an engine\n"));
	CHECK(says("line 3: MotorNum: is missing; wants a text: by FuelType the car has an electric motor\n"));
	CHECK(says("line 4: MotorNum: is missing"));
}

static void test_import_wants_its_columns(void)
{
	CHECK(import_text("VIN,Colour\n", "") == 1);
	CHECK(says("line 1: there is no column Colour\n") && says("line 1: ICCID: the column is missing\n"));
	CHECK(import_text("", "") == 1);
	CHECK(says("the file is empty"));
}

int main(void)
{
	start_fixture();
	RUN(test_import_stores_what_the_file_says);
	RUN(test_import_again_updates);
	RUN(test_import_leaves_columns_that_the_file_does_not_have);
	RUN(test_import_moves_a_card);
	RUN(test_import_leaves_a_card_where_an_application_holds_it);
	RUN(test_import_leaves_a_registered_card);
	RUN(test_import_puts_another_number_on_record);
	RUN(test_import_leaves_the_number_of_a_card_that_is_held);
	RUN(test_import_is_all_or_nothing);
	RUN(test_import_skips_bad_rows_when_told);
	RUN(test_import_leaves_a_car_to_the_person_who_registered_it);
	RUN(test_import_refuses_what_the_database_has_otherwise);
	RUN(test_import_wants_what_drives_the_car);
	RUN(test_import_wants_its_columns);
	end_fixture();
	return test_failures;
}
