/* Every number vector of the rules: all synthetic. */
#include "domain/identifiers.h"
#include "test.h"

#include "base/text.h"

static const struct date TODAY = {2026, 11, 21};

static void test_vin_form(void)
{
	static const char *const good[] = {"LTEST0A12RA000001", "LTEST0A15SB000123", "LTEST0A11TA123456",
					   "LTEST0A1XRA000005", "11111111111111111", "1M8GDM9AXKP042788"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK(vin_check(good[i]) == VIN_OK);
		CHECK(vin_check_digit_ok(good[i]));
	}
	CHECK(vin_check("LTEST0A10RA000001") == VIN_OK);
	CHECK(!vin_check_digit_ok("LTEST0A10RA000001"));
	CHECK(vin_check_digit("LTEST0A10RA000001") == '2');
	CHECK(vin_check("LTEST0A12RA00001") == VIN_LENGTH);
	CHECK(vin_check("LTEST0A12RA0000011") == VIN_LENGTH);
	CHECK(vin_check("") == VIN_LENGTH);
	CHECK(vin_check(NULL) == VIN_LENGTH);
	CHECK(vin_check("LTESTOA12RA000001") == VIN_LETTERS);
	CHECK(vin_check("LTESTOA12RA00000*") == VIN_CHARACTERS);
	CHECK(vin_check("*TESTOA12RA000001") == VIN_CHARACTERS);
	CHECK(vin_check("车TEST0A12RA000001") == VIN_CHARACTERS);
	CHECK(vin_check("ltest0a12ra000001") == VIN_CHARACTERS);
	CHECK(vin_check_digit("LTESTOA12RA000001") == '\0');
	CHECK(!vin_check_digit_ok("车TEST0A12RA000001"));
}

static void test_vin_import_is_only_a_hint(void)
{
	CHECK(vin_check("WVWZZZ1KZAW000001") == VIN_OK);
	CHECK(!vin_check_digit_ok("WVWZZZ1KZAW000001"));
	CHECK(vin_check_digit("WVWZZZ1KZAW000001") == '0');
	CHECK(!vin_domestic("WVWZZZ1KZAW000001"));
	CHECK(vin_domestic("LTEST0A10RA000001"));
	CHECK(!vin_domestic(NULL));
}

static void test_vin_suggestion(void)
{
	struct arena *a = arena_create();

	CHECK_TEXT(vin_suggest(a, "LTESTOA12RA000001"), "LTEST0A12RA000001");
	CHECK_TEXT(vin_suggest(a, "LTESTQAI2RA000001"), "LTEST0A12RA000001");
	CHECK_TEXT(vin_suggest(a, NULL), "");
	arena_destroy(a);
}

static void test_iccid(void)
{
	CHECK(iccid_check("898602F512190000118") == NUMBER_OK);
	CHECK(iccid_check("8984444412190000139") == NUMBER_OK);
	CHECK(iccid_check("89860400000000000007") == NUMBER_OK);
	CHECK(iccid_check("89860400000000000001") == NUMBER_OK);
	CHECK(iccid_check("898604000000000000") == NUMBER_LENGTH);
	CHECK(iccid_check("898604000000000000070") == NUMBER_LENGTH);
	CHECK(iccid_check("89860G00000000000007") == NUMBER_CHARACTERS);
	CHECK(iccid_check(NULL) == NUMBER_EMPTY);
	CHECK(iccid_same("8986040000000000000", "89860400000000000007"));
	CHECK(!iccid_same("8986040000000000001", "89860400000000000007"));
	CHECK(!iccid_same("", ""));
}

static void test_msisdn(void)
{
	CHECK(msisdn_check("14800000001") == NUMBER_OK);
	CHECK(msisdn_check("1440000000001") == NUMBER_OK);
	CHECK(msisdn_check("1064800000001") == NUMBER_OK);
	CHECK(msisdn_check("8614800000001") == NUMBER_OK);
	CHECK(msisdn_check("861440000000001") == NUMBER_OK);
	CHECK(msisdn_check("144000000000") == NUMBER_LENGTH);
	CHECK(msisdn_check("12345678901") == NUMBER_FORM);
	CHECK(msisdn_check("1450000000001") == NUMBER_FORM);
	CHECK(msisdn_check("1480000000a") == NUMBER_CHARACTERS);
	CHECK(msisdn_check("") == NUMBER_EMPTY);
	CHECK(msisdn_check(NULL) == NUMBER_EMPTY);
	CHECK_TEXT(msisdn_local("8614800000001"), "14800000001");
	CHECK_TEXT(msisdn_local("14800000001"), "14800000001");
}

static void test_phone_and_plate(void)
{
	CHECK(phone_check("13800138000") == NUMBER_OK);
	CHECK(phone_check("19912345678") == NUMBER_OK);
	CHECK(phone_check("12800138000") == NUMBER_FORM);
	CHECK(phone_check("1380013800") == NUMBER_LENGTH);
	CHECK(phone_check("1440000000001") == NUMBER_LENGTH);
	CHECK(phone_check("1380013800x") == NUMBER_CHARACTERS);
	CHECK(phone_check(NULL) == NUMBER_EMPTY);

	CHECK(plate_check("京A12345") == NUMBER_OK);
	CHECK(plate_check("京AD12345") == NUMBER_OK);
	CHECK(plate_check("粤Z1234港") == NUMBER_OK);
	CHECK(plate_check("京A1234学") == NUMBER_OK);
	CHECK(plate_check("京A1234I") == NUMBER_CHARACTERS);
	CHECK(plate_check("京A12O45") == NUMBER_CHARACTERS);
	CHECK(plate_check("京A1234天") == NUMBER_CHARACTERS);
	CHECK(plate_check("AA12345") == NUMBER_FORM);
	CHECK(plate_check("京112345") == NUMBER_FORM);
	CHECK(plate_check("京A123") == NUMBER_LENGTH);
	CHECK(plate_check("京京京京京京京") == NUMBER_FORM);
	CHECK(plate_check("") == NUMBER_EMPTY);
}

static void test_organisations(void)
{
	static const char *const good[] = {"91110000MA00000077", "92310115MA1K00007M", "12110000000000000K", "511100005000000071",
					   "52310000MJ5000009B", "91110000MA00000820", "91110000MA0000269Y", "91350100M000100Y43"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(uscc_check(good[i]) == NUMBER_OK);
	CHECK(uscc_check("91110000MA00000078") == NUMBER_CHECK);
	CHECK(uscc_check("91110000MI00000077") == NUMBER_CHARACTERS);
	CHECK(uscc_check("9111000MA00000077") == NUMBER_LENGTH);
	CHECK(uscc_check("9111000XMA00000077") == NUMBER_REGION);
	CHECK(uscc_check("公1110000MA00000077") == NUMBER_CHARACTERS);
	CHECK(uscc_check(NULL) == NUMBER_EMPTY);
}

static void test_identity_good(void)
{
	static const char *const good[] = {"110101199003070011", "11010119900307002X", "310101198506151238", "440300200002291011",
					   "500103199912319991", "11010120200101001X", "810000198001010014"};
	int position = 99;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK(identity_check(good[i], TODAY, &position) == NUMBER_OK);
		CHECK(position == 0);
	}
	CHECK(identity_check(good[0], TODAY, NULL) == NUMBER_OK);
}

static void test_identity_lower_case_x(void)
{
	struct arena *a = arena_create();

	CHECK(identity_check(text_code(a, "11010119900307002x"), TODAY, NULL) == NUMBER_OK);
	CHECK(identity_check(text_code(a, " 110101 19900307 ００２ｘ "), TODAY, NULL) == NUMBER_OK);
	arena_destroy(a);
}

static void test_identity_bad(void)
{
	static const struct {
		const char *number;
		enum number_fault fault;
		int position;
	} bad[] = {
		{"110101199003070012", NUMBER_CHECK, 18},
		{"110101199002300014", NUMBER_DATE, 13},
		{"110101199013070015", NUMBER_DATE, 11},
		{"110101190102290019", NUMBER_DATE, 13},
		{"110101209912310015", NUMBER_FUTURE, 7},
		{"110101202611220011", NUMBER_FUTURE, 7},
		{"000101199003070016", NUMBER_REGION, 1},
		{"160101199003070016", NUMBER_REGION, 1},
		{"911124198108030024", NUMBER_REGION, 1},
		{"110101300003070011", NUMBER_DATE, 7},
		{"110101900307001", NUMBER_OLD, 0},
		{"11010119900307001", NUMBER_LENGTH, 0},
		{"1101011990030700111", NUMBER_LENGTH, 0},
		{"1101011990O3070011", NUMBER_CHARACTERS, 11},
		{"X10101199003070011", NUMBER_CHARACTERS, 1},
		{"11010119900307001Y", NUMBER_CHARACTERS, 18},
		{"一10101199003070011", NUMBER_CHARACTERS, 1},
		{"", NUMBER_EMPTY, 0},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int position = 99;

		CHECK(identity_check(bad[i].number, TODAY, &position) == bad[i].fault);
		CHECK(position == bad[i].position);
		CHECK(identity_check(bad[i].number, TODAY, NULL) == bad[i].fault);
	}
	CHECK(identity_check(NULL, TODAY, NULL) == NUMBER_EMPTY);
}

static void test_residence_permits(void)
{
	int position;

	CHECK(residence_permit_check("810000198001010014", TODAY, NULL) == NUMBER_OK);
	CHECK(residence_permit_check("820000198012310022", TODAY, NULL) == NUMBER_OK);
	CHECK(residence_permit_check("830000197511110030", TODAY, NULL) == NUMBER_OK);
	CHECK(residence_permit_check("110101199003070011", TODAY, &position) == NUMBER_REGION);
	CHECK(position == 1);
	CHECK(residence_permit_check("810000198001010015", TODAY, NULL) == NUMBER_CHECK);
}

static void test_permanent_residence(void)
{
	int position;

	CHECK(permanent_residence_check("911124198108030024", TODAY, &position) == NUMBER_OK);
	CHECK(permanent_residence_check("91184019850101001X", TODAY, NULL) == NUMBER_OK);
	CHECK(permanent_residence_check("911124198108030025", TODAY, &position) == NUMBER_CHECK);
	CHECK(position == 18);
	CHECK(permanent_residence_check("911124198113030024", TODAY, NULL) == NUMBER_DATE);
	CHECK(permanent_residence_check("110101199003070011", TODAY, NULL) == NUMBER_REGION);
	CHECK(permanent_residence_check("USA110081010123", TODAY, NULL) == NUMBER_OK);
	CHECK(permanent_residence_check("USA11008101012", TODAY, NULL) == NUMBER_FORM);
	CHECK(permanent_residence_check("110101900307001", TODAY, NULL) == NUMBER_LENGTH);
	CHECK(permanent_residence_check("", TODAY, NULL) == NUMBER_EMPTY);
}

static void test_permits_and_passports(void)
{
	CHECK(hm_permit_check("H12345678") == NUMBER_OK);
	CHECK(hm_permit_check("M1234567801") == NUMBER_OK);
	CHECK(hm_permit_check("H123456789") == NUMBER_FORM);
	CHECK(hm_permit_check("A12345678") == NUMBER_FORM);
	CHECK(hm_permit_check("") == NUMBER_EMPTY);
	CHECK(tw_permit_check("12345678") == NUMBER_OK);
	CHECK(tw_permit_check("1234567890") == NUMBER_OK);
	CHECK(tw_permit_check("1234567890(B)") == NUMBER_OK);
	CHECK(tw_permit_check("1234567890B") == NUMBER_OK);
	CHECK(tw_permit_check("T1234567") == NUMBER_OK);
	CHECK(tw_permit_check("123456789") == NUMBER_LENGTH);
	CHECK(tw_permit_check("12345678(B)") == NUMBER_FORM);
	CHECK(tw_permit_check("1234567890(B") == NUMBER_FORM);
	CHECK(passport_check("E12345678") == NUMBER_OK);
	CHECK(passport_check("AB12") == NUMBER_LENGTH);
	CHECK(passport_check("123456789012345678901") == NUMBER_LENGTH);
	CHECK(passport_check("E1234-5678") == NUMBER_CHARACTERS);
	CHECK(free_number_check("军字第2001988号") == NUMBER_OK);
	CHECK(free_number_check("123") == NUMBER_LENGTH);
	CHECK(free_number_check(NULL) == NUMBER_EMPTY);
}

int main(void)
{
	RUN(test_vin_form);
	RUN(test_vin_import_is_only_a_hint);
	RUN(test_vin_suggestion);
	RUN(test_iccid);
	RUN(test_msisdn);
	RUN(test_phone_and_plate);
	RUN(test_organisations);
	RUN(test_identity_good);
	RUN(test_identity_lower_case_x);
	RUN(test_identity_bad);
	RUN(test_residence_permits);
	RUN(test_permanent_residence);
	RUN(test_permits_and_passports);
	return test_failures;
}
