/* The certificate table, what a number tells, validities. */
#include "domain/certificate.h"
#include "test.h"

#include "base/text.h"

static const struct date TODAY = {2026, 11, 21};

static void test_table(void)
{
	for (int i = 0; i < CERTIFICATE_TYPE_MAX; i++) {
		const struct certificate *c = certificate_get((enum certificate_type)i);

		CHECK(c->name && c->label && c->front && c->check);
		CHECK(certificate_by_name(c->name) == c);
		CHECK(c->organisation == (i >= CERTIFICATE_BIZ_LICENSE));
		CHECK(c->automatic == (i == CERTIFICATE_ID_CARD));
		CHECK(certificate_number_check(c, "", TODAY, NULL) == NUMBER_EMPTY);
	}
	CHECK(certificate_by_name("NOTHING") == NULL);
	CHECK(certificate_by_name(NULL) == NULL);
	CHECK(certificate_get(CERTIFICATE_ID_CARD)->back != NULL);
	CHECK(certificate_get(CERTIFICATE_PASSPORT_FOREIGN)->back == NULL);
}

static void test_number_of_each_type(void)
{
	static const struct {
		const char *type, *number;
		enum number_fault fault;
	} vectors[] = {
		{"ID_CARD", "110101199003070011", NUMBER_OK},
		{"ID_CARD", "110101199003070012", NUMBER_CHECK},
		{"ID_CARD", "810000198001010014", NUMBER_TYPE},
		{"TEMP_ID", "310101198506151238", NUMBER_OK},
		{"HUKOU", "11010120200101001X", NUMBER_OK},
		{"PLA_ID", "军字第2001988号", NUMBER_OK},
		{"PAP_ID", "123", NUMBER_LENGTH},
		{"HM_PERMIT", "H12345678", NUMBER_OK},
		{"TW_PERMIT", "12345678", NUMBER_OK},
		{"PASSPORT_FOREIGN", "E12345678", NUMBER_OK},
		{"HMT_RESIDENCE", "820000198012310022", NUMBER_OK},
		{"HMT_RESIDENCE", "110101199003070011", NUMBER_REGION},
		{"FPR_ID", "911124198108030024", NUMBER_OK},
		{"BIZ_LICENSE", "91110000MA00000077", NUMBER_OK},
		{"INSTITUTION", "12110000000000000K", NUMBER_OK},
		{"SOCIAL_ORG", "511100005000000071", NUMBER_OK},
		{"SOCIAL_ORG", "511100005000000072", NUMBER_CHECK},
		{"ORG_CODE", "12345678X", NUMBER_OK},
		{"OTHER_ORG", "京A0001", NUMBER_OK},
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		int position = 99;

		CHECK(certificate_number_check(certificate_by_name(vectors[i].type), vectors[i].number, TODAY, &position) ==
		      vectors[i].fault);
		CHECK(position != 99);
	}
}

static void test_sex_birth_age(void)
{
	struct date born;

	CHECK(certificate_sex("110101199003070011") == SEX_MALE);
	CHECK(certificate_sex("11010119900307002X") == SEX_FEMALE);
	CHECK(certificate_sex("911124198108030024") == SEX_UNKNOWN);
	CHECK(certificate_sex("E12345678") == SEX_UNKNOWN);
	CHECK(certificate_sex(NULL) == SEX_UNKNOWN);
	CHECK_TEXT(certificate_sex_label(SEX_MALE), "男");
	CHECK_TEXT(certificate_sex_label(SEX_UNKNOWN), "");
	CHECK(certificate_birth(&born, "440300200002291011"));
	CHECK(born.year == 2000 && born.month == 2 && born.day == 29);
	CHECK(!certificate_birth(&born, "110101199013070015"));
	CHECK(!certificate_birth(&born, "H12345678"));
	CHECK(certificate_age("11010120200101001X", TODAY) == 6);
	CHECK(certificate_age("110101199003070011", (struct date){2026, 3, 6}) == 35);
	CHECK(certificate_age("110101199003070011", (struct date){2026, 3, 7}) == 36);
	CHECK(certificate_age("110101209912310015", TODAY) == -1);
	CHECK(certificate_age("E12345678", TODAY) == -1);
}

static void test_validity_forms(void)
{
	static const struct {
		const char *text, *t1, *end_only, *page;
	} good[] = {
		{"2010.07.21-2020.07.21", "20100721-20200721", "20200721", "2010-07-21 至 2020-07-21"},
		{"20100721-长期", "20100721-长期", "长期", "2010-07-21 至 长期"},
		{"2010.07.21-长期", "20100721-长期", "长期", "2010-07-21 至 长期"},
		{"20100721-20200721", "20100721-20200721", "20200721", "2010-07-21 至 2020-07-21"},
		{"2010-07-21 - 2020-07-21", "20100721-20200721", "20200721", "2010-07-21 至 2020-07-21"},
		{"2010-07-21-2020-07-21", "20100721-20200721", "20200721", "2010-07-21 至 2020-07-21"},
		{"2010年7月21日至2020年7月21日", "20100721-20200721", "20200721", "2010-07-21 至 2020-07-21"},
		{"1998年11月至长期", "19981101-长期", "长期", "1998-11-01 至 长期"},
		{"1998/1/5—2030/1/5", "19980105-20300105", "20300105", "1998-01-05 至 2030-01-05"},
		{"2030-07-21", "20300721", "20300721", "2030-07-21"},
		{"20300721", "20300721", "20300721", "2030-07-21"},
		{"长期有效", "长期", "长期", "长期"},
	};
	struct arena *a = arena_create();

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct validity v;
		bool read = certificate_validity_parse(&v, good[i].text);

		CHECK(read);
		if (!read)
			continue;
		CHECK_TEXT(certificate_validity_t1(a, &v, false, NULL), good[i].t1);
		CHECK_TEXT(certificate_validity_t1(a, &v, true, NULL), good[i].end_only);
		CHECK_TEXT(certificate_validity_page(a, &v), good[i].page);
	}
	arena_destroy(a);
}

static void test_validity_rejects(void)
{
	static const char *const bad[] = {"",
					  " ",
					  "-",
					  "2010.07.21-",
					  "-2020.07.21",
					  "2010.07.21-2009.07.21",
					  "2010.02.30-2020.02.28",
					  "2010.07.21-2020.13.01",
					  "2010.07.21-2020.07.21x",
					  "长期-2020.07.21",
					  "2010",
					  "2010.07",
					  "201007211-长期",
					  "2010.07.21-2020.07.21-2030.07.21",
					  "0000.00.00-长期"};
	struct validity v;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!certificate_validity_parse(&v, bad[i]));
	CHECK(!certificate_validity_parse(&v, NULL));
}

static void test_validity_on_a_day(void)
{
	struct arena *a = arena_create();
	struct validity v = {0};

	CHECK(certificate_validity_parse(&v, "2010.07.21-2020.07.21"));
	CHECK(!certificate_expired(&v, (struct date){2020, 7, 21}));
	CHECK(certificate_expired(&v, (struct date){2020, 7, 22}));
	CHECK(certificate_not_yet_valid(&v, (struct date){2010, 7, 20}));
	CHECK(!certificate_not_yet_valid(&v, (struct date){2010, 7, 21}));
	CHECK(certificate_validity_parse(&v, "2010.07.21-长期"));
	CHECK(!certificate_expired(&v, (struct date){2199, 1, 1}));
	CHECK_TEXT(certificate_validity_t1(a, &v, false, "20991231"), "20100721-20991231");
	CHECK_TEXT(certificate_validity_t1(a, &v, true, "20991231"), "20991231");
	arena_destroy(a);
}

int main(void)
{
	RUN(test_table);
	RUN(test_number_of_each_type);
	RUN(test_sex_birth_age);
	RUN(test_validity_forms);
	RUN(test_validity_rejects);
	RUN(test_validity_on_a_day);
	return test_failures;
}
