/* Field rules, eligibility, review reasons, transitions. */
#include "domain/eligibility.h"
#include "domain/field_rules.h"
#include "domain/review.h"
#include "domain/transition.h"
#include "test.h"

static struct arena *arena;

typedef const char *rule(struct arena *a, const char *clean, const char **argument);

static void expect(rule *r, const char *clean, const char *key, const char *argument)
{
	const char *got_argument = "unset", *got = r(arena, clean, &got_argument);

	if (key)
		CHECK_TEXT(got, key);
	else
		CHECK(got == NULL);
	if (argument)
		CHECK_TEXT(got_argument, argument);
	else
		CHECK(got_argument == NULL);
}

static void test_field_rules_of_the_car(void)
{
	expect(rule_vin, "LTEST0A12RA000001", NULL, NULL);
	expect(rule_vin, "WVWZZZ1KZAW000001", NULL, NULL);
	expect(rule_vin, "LTEST0A10RA000001", NULL, NULL);
	expect(rule_vin, "", "vin.empty", NULL);
	expect(rule_vin, "LTEST0A12RA00001", "vin.len", "16");
	expect(rule_vin, "LTESTOA12RA000001", "vin.ioq", "LTEST0A12RA000001");
	expect(rule_vin, "LTEST0A12RA00000车", "vin.chars", NULL);
	expect(rule_last_six, "A12345", NULL, NULL);
	expect(rule_last_six, "", "engine.empty", NULL);
	expect(rule_last_six, "12345", "engine.len", NULL);
	expect(rule_last_six, "12345*", "engine.len", NULL);
}

static void test_field_rules_of_complaints(void)
{
	char text[4000] = "";

	expect(rule_complaint_text, "", "complaint.empty", NULL);
	expect(rule_complaint_text, "一二三四五六七八九", "complaint.short", NULL);
	expect(rule_complaint_text, "一二三四五六七八九十", NULL, NULL);
	for (int i = 0; i < 1000; i++)
		memcpy(text + 3 * i, "字", 4);
	expect(rule_complaint_text, text, NULL, NULL);
	strcat(text, "x");
	expect(rule_complaint_text, text, "complaint.long", NULL);
	expect(rule_complaint_number, "", "complaint.number_empty", NULL);
	expect(rule_complaint_number, "23456789AB", NULL, NULL);
	expect(rule_complaint_number, "23456789A0", "complaint.number", NULL);
	expect(rule_complaint_number, "23456789ABC", "complaint.number", NULL);
	expect(rule_application_number, "", NULL, NULL);
	expect(rule_application_number, "23456789ABCD", NULL, NULL);
	expect(rule_application_number, "23456789ABC", "complaint.application", NULL);
	expect(rule_application_number, "23456789abcd", "complaint.application", NULL);
	expect(rule_phone_tail, "", NULL, NULL);
	expect(rule_phone_tail, "0000", NULL, NULL);
	expect(rule_phone_tail, "00000", "complaint.tail", NULL);
	expect(rule_phone_tail, "000X", "complaint.tail", NULL);
}

static void test_field_rules_of_persons(void)
{
	char text[700];

	expect(rule_phone, "13800138000", NULL, NULL);
	expect(rule_phone, "", "phone.empty", NULL);
	expect(rule_phone, "1380013800", "phone.bad", NULL);
	expect(rule_sms_code, "123456", NULL, NULL);
	expect(rule_sms_code, "", "code.empty", NULL);
	expect(rule_sms_code, "12345", "code.len", NULL);
	expect(rule_sms_code, "12345A", "code.len", NULL);
	expect(rule_person_name, "张三", NULL, NULL);
	expect(rule_person_name, "阿卜杜拉·买买提", NULL, NULL);
	expect(rule_person_name, "O'Brien-Smith, Anne", NULL, NULL);
	expect(rule_person_name, "𠀀𪜀", NULL, NULL);
	expect(rule_person_name, "", "name.empty", NULL);
	expect(rule_person_name, "张", "name.len", NULL);
	expect(rule_person_name, "张3", "name.bad", NULL);
	expect(rule_person_name, "<b>张三", "name.bad", NULL);
	memset(text, 'A', sizeof(text) - 1);
	text[51] = '\0';
	expect(rule_person_name, text, "name.len", NULL);
	expect(rule_address, "北京市东城区", NULL, NULL);
	expect(rule_address, "北京市东城", "address.short", NULL);
	expect(rule_address, "", "address.empty", NULL);
	memset(text, 'A', 201);
	text[201] = '\0';
	expect(rule_address, text, "address.long", NULL);
	expect(rule_date, "2026-11-21", NULL, NULL);
	expect(rule_date, "2026年2月29日", "date.bad", NULL);
	expect(rule_date, "", "date.empty", NULL);
	expect(rule_id_number, "110101199003070011", NULL, NULL);
	expect(rule_id_number, "", "id.empty", NULL);
	expect(rule_id_number, "110101900307001", "id.num18", NULL);
	expect(rule_id_number, "11010119900307001", "id.num18", NULL);
	expect(rule_id_number, "110101199013070015", "id.num", "11");
	expect(rule_id_number, "110101199003070012", "id.num", "18");
	expect(rule_id_number, "810000198001010014", "id.type", NULL);
	expect(rule_uscc, "91110000MA00000077", NULL, NULL);
	expect(rule_uscc, "91110000MA00000078", NULL, NULL);
	expect(rule_uscc, "91110000MI00000077", "org.code", NULL);
	expect(rule_uscc, "", "org.empty", NULL);
}

static void test_eligibility(void)
{
	const struct eligibility_facts good = {
		.network_date = {2021, 9, 28},
		.network_limit = {2021, 9, 28},
		.cards_held = 8,
		.cards_wanted = 2,
		.cards_maximum = 10,
	};
	struct eligibility_facts f = good;

	CHECK(eligibility_register(&f) == REFUSAL_NONE);
	f.cards_wanted = 3;
	CHECK(eligibility_register(&f) == REFUSAL_TOO_MANY_CARDS);
	f.cards_maximum = 0;
	CHECK(eligibility_register(&f) == REFUSAL_NONE);
	f = good;
	f.network_date.day = 29;
	CHECK(eligibility_register(&f) == REFUSAL_TOO_NEW);
	f.network_limit.year = 0;
	CHECK(eligibility_register(&f) == REFUSAL_NONE);
	f = good;
	f.network_date.year = 0;
	CHECK(eligibility_register(&f) == REFUSAL_TOO_NEW);
	f.no_card = true;
	CHECK(eligibility_register(&f) == REFUSAL_NO_CARD);
	f.company_owner = true;
	CHECK(eligibility_register(&f) == REFUSAL_COMPANY);
	CHECK(eligibility_cancel(&f) == REFUSAL_COMPANY);
	f.open_elsewhere = true;
	CHECK(eligibility_register(&f) == REFUSAL_OPEN);
	CHECK(eligibility_cancel(&f) == REFUSAL_OPEN);
	f.card_registered = true;
	CHECK(eligibility_register(&f) == REFUSAL_REGISTERED);
	f = good;
	CHECK(eligibility_cancel(&f) == REFUSAL_NOT_REGISTERED);
	f.card_registered = true;
	f.network_date.year = 2030;
	CHECK(eligibility_cancel(&f) == REFUSAL_NONE);
	CHECK_TEXT(refusal_page(REFUSAL_TOO_NEW), "too-new");
	CHECK_TEXT(refusal_page(REFUSAL_TOO_MANY_CARDS), "too-many-cards");
	for (int i = 0; i < REFUSAL_MAX; i++)
		CHECK((refusal_page((enum refusal)i) == NULL) == (i == REFUSAL_NONE));
}

static void test_review(void)
{
	const struct review_facts good = {
		.certificate = certificate_get(CERTIFICATE_ID_CARD),
		.name = "张三",
		.number = "110101199003070011",
		.read_name = "张 三",
		.read_number = "110101199003070011",
	};
	struct review_facts f = good;

	CHECK(review_reasons(arena, &f) == 0);
	CHECK_TEXT(review_names(arena, 0), "");
	f.owner_name = "张三";
	f.owner_number = "110101199003070011";
	CHECK(review_reasons(arena, &f) == 0);
	f.owner_name = "李四";
	CHECK(review_reasons(arena, &f) == 1u << REVIEW_OWNER_NAME);
	f = good;
	f.owner_number = "11010119900307002X";
	CHECK(review_reasons(arena, &f) == 1u << REVIEW_OWNER_NUMBER);
	f = good;
	f.read_number = "110101199003070O11";
	CHECK(review_reasons(arena, &f) == 1u << REVIEW_NUMBER_EDITED);
	f = good;
	f.read_name = "张二";
	CHECK(review_reasons(arena, &f) == 1u << REVIEW_NAME_EDITED);
	f = good;
	f.read_name = NULL;
	f.read_number = "";
	CHECK(review_reasons(arena, &f) == 1u << REVIEW_NOT_READ);
	f.certificate = certificate_get(CERTIFICATE_PASSPORT_FOREIGN);
	CHECK(review_reasons(arena, &f) == 1u << REVIEW_CERTIFICATE_TYPE);
	f = good;
	f.manual_identity = true;
	CHECK(review_reasons(arena, &f) == 1u << REVIEW_MANUAL_IDENTITY);
	CHECK_TEXT(review_names(arena, 1u << REVIEW_OWNER_NAME | 1u << REVIEW_NAME_EDITED), "owner_name,name_edited");
	for (int i = 0; i < REVIEW_REASON_MAX; i++)
		CHECK(review_name((enum review_reason)i) && review_label((enum review_reason)i));
}

static void test_review_of_companies(void)
{
	struct review_company c = {
		.certificate = certificate_get(CERTIFICATE_BIZ_LICENSE),
		.name = "某物流有限公司", .code = "91350100M000100Y43", .read_name = "某物流有限公司", .read_code = "91350100M000100Y43", .known_name = "某物流有限公司",
		.trusted = true,
	};

	CHECK(review_company_reasons(arena, &c) == 0);
	c.trusted = false;
	CHECK(review_company_reasons(arena, &c) == 1u << REVIEW_COMPANY_NEW);
	c.trusted = true;
	c.read_code = NULL;
	CHECK(review_company_reasons(arena, &c) == 1u << REVIEW_COMPANY_READ);
	c.read_code = "91350100M000100Y44";
	CHECK(review_company_reasons(arena, &c) == 1u << REVIEW_COMPANY_EDITED);
	c.read_code = c.code = "91350100M000100Y44";
	CHECK(review_company_reasons(arena, &c) == 1u << REVIEW_COMPANY_CODE);
	c.read_code = c.code = "91350100M000100Y43";
	c.certificate = certificate_get(CERTIFICATE_INSTITUTION);
	CHECK(review_company_reasons(arena, &c) == 1u << REVIEW_COMPANY_TYPE);
	c.certificate = certificate_get(CERTIFICATE_BIZ_LICENSE);
	c.known_name = "另一家有限公司";
	CHECK(review_company_reasons(arena, &c) == 1u << REVIEW_COMPANY_NAME);
	CHECK(certificate_type_of_code("12100000400000000X") == CERTIFICATE_INSTITUTION);
	CHECK(certificate_type_of_code("5110") == CERTIFICATE_SOCIAL_ORG && certificate_type_of_code("9") == CERTIFICATE_OTHER_ORG);
	CHECK(certificate_type_of_code(NULL) == CERTIFICATE_OTHER_ORG);
}

static void test_transitions(void)
{
	static const char *const allowed[] = {
		"draft>submitted",     "draft>withdrawn",      "draft>expired",  "submitted>pushing", "submitted>review",
		"submitted>withdrawn", "review>pushing",       "review>refused", "review>needs_more", "review>withdrawn",
		"needs_more>review",   "needs_more>withdrawn", "needs_more>refused", "pushing>done", "pushing>refused",
	};
	int count = 0;

	for (int i = 0; i < CARD_STATE_MAX; i++)
		for (int j = 0; j < CARD_STATE_MAX; j++) {
			char way[64];
			bool listed = false;

			snprintf(way, sizeof(way), "%s>%s", transition_name((enum card_state)i), transition_name((enum card_state)j));
			for (size_t k = 0; k < sizeof(allowed) / sizeof(allowed[0]); k++)
				listed = listed || strcmp(way, allowed[k]) == 0;
			CHECK(transition_allowed((enum card_state)i, (enum card_state)j) == listed);
			count += listed;
		}
	CHECK(count == (int)(sizeof(allowed) / sizeof(allowed[0])));
	CHECK(!transition_allowed(CARD_STATE_MAX, CARD_DRAFT));
	CHECK(!transition_allowed(CARD_DRAFT, (enum card_state)77));
}

static void test_states(void)
{
	for (int i = 0; i < CARD_STATE_MAX; i++) {
		enum card_state s = CARD_STATE_MAX;

		CHECK(transition_by_name(&s, transition_name((enum card_state)i)) && (int)s == i);
		CHECK(*transition_label((enum card_state)i, false) != '\0');
	}
	CHECK(!transition_by_name(&(enum card_state){CARD_DRAFT}, "gone"));
	CHECK(!transition_by_name(&(enum card_state){CARD_DRAFT}, NULL));
	CHECK(transition_final(CARD_DONE) && transition_final(CARD_EXPIRED) && !transition_final(CARD_PUSHING));
	CHECK_TEXT(transition_label(CARD_DONE, false), "实名成功");
	CHECK_TEXT(transition_label(CARD_DONE, true), "已注销");
	CHECK_TEXT(transition_label(CARD_NEEDS_MORE, true), "待补充");
}

int main(void)
{
	arena = arena_create();
	RUN(test_field_rules_of_the_car);
	RUN(test_field_rules_of_complaints);
	RUN(test_field_rules_of_persons);
	RUN(test_eligibility);
	RUN(test_review);
	RUN(test_review_of_companies);
	RUN(test_transitions);
	RUN(test_states);
	arena_destroy(arena);
	return test_failures;
}
