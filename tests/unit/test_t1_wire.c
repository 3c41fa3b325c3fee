/* T1 messages and answers: the published values of SignNature and SM4, and every row of the table of answers. */
#include "test.h"

#include "base/json.h"
#include "t1/wire.h"

#define ID "0123456789abcdefGHIJ"
#define TEXT(text) ((struct bytes){(const unsigned char *)(text), strlen(text)})

static struct arena *arena;
static const unsigned char key[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
static const unsigned char iv[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static struct t1_envelope envelope(const char *kind)
{
	return (struct t1_envelope){.kind = kind,
				    .platform_id = "AUTOCO01",
				    .password = "secret",
				    .request_id = ID,
				    .code = "WTST",
				    .oper_type = "1",
				    .inputs = "{\"CustomerName\":\"张三\"}",
				    .iv = {iv, 16},
				    .cipher_key = {key, 16}};
}

static void sign_natures(void)
{
	CHECK_TEXT(t1_sign(arena, "AUTOCO01", "secret", true), "2E0DF6464A5104775320EA0349692DF7771066D4AAF67AC39F362B39DA97F1CF");
	CHECK_TEXT(t1_sign(arena, "OEM-000001", "Abc@123456", true), "CEF8CA9CCE9A84244E9590AE4698AF8C6D8065D5591598ECB26985A56677F212");
	CHECK_TEXT(t1_sign(arena, "AUTOCO01", "secret", false), "2e0df6464a5104775320ea0349692df7771066d4aaf67ac39f362b39da97f1cf");
}

#define AUTH "\"Auth\":{\"PlatformID\":\"AUTOCO01\",\"SignNature\":\"2E0DF6464A5104775320EA0349692DF7771066D4AAF67AC39F362B39DA97F1CF\"}"
#define CBC "cad555a758a0e026da96f0654b966522a48eaa71a2e09dfbda9a70b2d6b8cdde"

static void an_account_message(void)
{
	struct t1_profile p = {.sign_upper = true, .cipher = T1_SM4_ECB, .encoding = T1_BASE64};
	struct t1_envelope e = envelope("account");
	struct bytes one, two;
	CHECK(t1_body(arena, &p, &e, &one) == ST_OK);
	CHECK_TEXT((const char *)one.data, "{\"OperType\":\"1\"," AUTH ",\"RequestID\":\"" ID "\",\"Code\":\"WTST\","
					   "\"EncryptUserInfo\":\"WGonfepwi8YJnZ2OVOce6TbkbX/UkACaito/G4RjCxk=\"}");
	CHECK(t1_body(arena, &p, &e, &two) == ST_OK);
	CHECK(one.length == two.length && memcmp(one.data, two.data, one.length) == 0);
}

static void a_vehicle_message(void)
{
	struct t1_profile p = {.sign_upper = true, .cipher = T1_SM4_CBC, .encoding = T1_HEX_LOWER};
	struct t1_envelope e = envelope("vehicle");
	struct bytes body;
	CHECK(t1_body(arena, &p, &e, &body) == ST_OK);
	CHECK_TEXT((const char *)body.data,
		   "{" AUTH ",\"RequestID\":\"" ID "\",\"Code\":\"WTST\",\"EncryptCarInfo\":\"000102030405060708090a0b0c0d0e0f" CBC "\"}");
}

static void ciphers_and_encodings(void)
{
	static const struct {
		const char *inputs;
		enum t1_cipher cipher;
		enum t1_encoding encoding;
		const char *wanted;
	} rows[] = {
		{"{\"CustomerName\":\"张三\"}", T1_SM4_ECB, T1_HEX_LOWER,
		 "586a277dea708bc6099d9d8e54e71ee936e46d7fd490009a8ada3f1b84630b19"},
		{"{\"CustomerName\":\"张三\"}", T1_SM4_ECB, T1_HEX_UPPER,
		 "586A277DEA708BC6099D9D8E54E71EE936E46D7FD490009A8ADA3F1B84630B19"},
		{"0123456789abcdef", T1_SM4_ECB, T1_HEX_LOWER, "e6887b77dbabb572ffa07fed7548b192002a8a4efa863ccad024ac0300bb40d2"},
		{"{\"a\":\"\\\"\"}", T1_NONE, T1_BASE64, "{\"a\":\"\\\"\"}"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct t1_profile p = {.sign_upper = true, .cipher = rows[i].cipher, .encoding = rows[i].encoding};
		struct t1_envelope e = envelope("account");
		struct bytes body;
		e.inputs = rows[i].inputs;
		CHECK(t1_body(arena, &p, &e, &body) == ST_OK);
		CHECK_TEXT(json_string(json_read_object(arena, body), "EncryptUserInfo"), rows[i].wanted);
	}
}

static void malformed_envelopes_are_refused(void)
{
	struct t1_profile p = {.sign_upper = true, .cipher = T1_SM4_CBC};
	struct bytes body;
	struct t1_envelope e;
#define REFUSED(change)                                                                                                                    \
	e = envelope("account");                                                                                                           \
	change;                                                                                                                            \
	CHECK(t1_body(arena, &p, &e, &body) == ST_INVALID)
	REFUSED(e.kind = "accounts");
	REFUSED(e.kind = NULL);
	REFUSED(e.platform_id = "");
	REFUSED(e.password = NULL);
	REFUSED(e.request_id = "short");
	REFUSED(e.request_id = "0123456789abcdef_GHIJ");
	REFUSED(e.code = "A\"");
	REFUSED(e.oper_type = NULL);
	REFUSED(e.inputs = "");
	REFUSED(e.inputs = "\xff");
	REFUSED(e.iv.length = 15);
	REFUSED(e.cipher_key = (struct bytes){0});
#undef REFUSED
	e = envelope("vehicle");
	e.oper_type = NULL;
	CHECK(t1_body(arena, &p, &e, &body) == ST_OK);
}

#define GOOD "{\"RequestID\":\"" ID "\",\"OprRst\":\"1\"}"
#define BAD(cause) "{\"RequestID\":\"" ID "\",\"OprRst\":\"2\",\"FailureCause\":" cause "}"

static void every_row_of_the_table_of_answers(void)
{
	static const struct {
		int status;
		const char *body;
		enum t1_outcome outcome;
		const char *cause;
	} rows[] = {
		{200, GOOD, T1_DONE, NULL},
		{200, " \r\n" GOOD "\n", T1_DONE, NULL},
		{201, "{\"RequestID\":\"" ID "\",\"OprRst\":1,\"FailureCause\":\"\"}", T1_DONE, NULL},
		{200, BAD("\"400\""), T1_REFUSED, "400"},
		{200, BAD("501"), T1_REFUSED, "501"},
		{400, BAD("\"400\""), T1_REFUSED, "400"},
		{200, BAD("\"姓名与证件\\n不符\""), T1_REFUSED, "姓名与证件 不符"},
		{200, BAD("\"6040\""), T1_REFUSED, "6040"},
		{200, BAD("\"401\""), T1_CREDENTIAL, "401"},
		{200, BAD("401"), T1_CREDENTIAL, "401"},
		{200, BAD("\"401 unauthorized\""), T1_CREDENTIAL, "401 unauthorized"},
		{200, BAD("\"405\""), T1_CREDENTIAL, "405"},
		{405, BAD("\"405\""), T1_CREDENTIAL, "405"},
		{401, "", T1_CREDENTIAL, "HTTP 401"},
		{401, GOOD, T1_CREDENTIAL, "HTTP 401"},
		{403, "<html>", T1_CREDENTIAL, "HTTP 403"},
		{200, BAD("\"604\""), T1_UNKNOWN, "604"},
		{200, BAD("\" 604\""), T1_UNKNOWN, "604"},
		{200, BAD("\"604：内部错误\""), T1_UNKNOWN, "604：内部错误"},
		{500, GOOD, T1_UNKNOWN, "HTTP 500"},
		{503, BAD("\"400\""), T1_UNKNOWN, "HTTP 503"},
		{429, GOOD, T1_UNKNOWN, "HTTP 429"},
		{302, GOOD, T1_UNKNOWN, "HTTP 302"},
		{0, GOOD, T1_UNKNOWN, "no answer"},
		{404, GOOD, T1_UNKNOWN, "HTTP 404"},
		{405, "", T1_UNKNOWN, "HTTP 405"},
		{200, "", T1_UNKNOWN, "unreadable"},
		{200, "<html>", T1_UNKNOWN, "unreadable"},
		{200, "[" GOOD "]", T1_UNKNOWN, "unreadable"},
		{200, GOOD "x", T1_UNKNOWN, "unreadable"},
		{200, "{\"RequestID\":\"" ID "\",\"OprRst\":\"3\"}", T1_UNKNOWN, "unreadable"},
		{200, "{\"RequestID\":\"" ID "\",\"OprRst\":1.5}", T1_UNKNOWN, "unreadable"},
		{200, "{\"RequestID\":\"" ID "\",\"OprRst\":true}", T1_UNKNOWN, "unreadable"},
		{200, "{\"RequestID\":\"" ID "\",\"OprRst\":\"1\",\"OprRst\":\"2\"}", T1_UNKNOWN, "unreadable"},
		{200, "{\"RequestID\":\"" ID "\",\"oprrst\":\"1\"}", T1_UNKNOWN, "unreadable"},
		{200, "{\"RequestID\":\"" ID "\",\"OprRst\":\"2\"}", T1_UNKNOWN, "unreadable"},
		{200, BAD("\"  \""), T1_UNKNOWN, "unreadable"},
		{200, BAD("{\"a\":1}"), T1_UNKNOWN, "unreadable"},
		{200, BAD("\"\xff\""), T1_UNKNOWN, "unreadable"},
		{200, "{\"RequestID\":\"0123456789abcdefGHIK\",\"OprRst\":\"1\"}", T1_UNKNOWN, "another RequestID"},
		{200, "{\"RequestID\":\"" ID "\\u0000\",\"OprRst\":\"1\"}", T1_UNKNOWN, "unreadable"},
		{200, "{\"OprRst\":\"1\"}", T1_UNKNOWN, "another RequestID"},
		{200, "{\"OprRst\":\"2\",\"FailureCause\":\"400\"}", T1_UNKNOWN, "another RequestID"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct t1_answer answer;
		t1_read_answer(arena, rows[i].status, TEXT(rows[i].body), ID, &answer);
		if (answer.outcome != rows[i].outcome)
			printf("# row %zu: outcome %d\n", i, (int)answer.outcome);
		CHECK(answer.outcome == rows[i].outcome);
		if (rows[i].cause)
			CHECK_TEXT(answer.cause, rows[i].cause);
		else
			CHECK(!answer.cause);
	}
}

static void answers_are_bounded(void)
{
	struct t1_answer answer;
	size_t size = T1_ANSWER_BYTES_MAX + 1;
	char *body = arena_alloc(arena, size + 1);
	memset(body, ' ', size);
	memcpy(body, GOOD, strlen(GOOD));
	t1_read_answer(arena, 200, (struct bytes){(unsigned char *)body, size}, ID, &answer);
	CHECK(answer.outcome == T1_UNKNOWN);
	t1_read_answer(arena, 200, (struct bytes){(unsigned char *)body, size - 1}, ID, &answer);
	CHECK(answer.outcome == T1_DONE);
	memset(body, '[', size - 1);
	t1_read_answer(arena, 200, (struct bytes){(unsigned char *)body, size - 1}, ID, &answer);
	CHECK(answer.outcome == T1_UNKNOWN);
	struct buffer b;
	buffer_init(&b, arena, 10000);
	for (int i = 0; i < 1000; i++)
		buffer_text(&b, "错");
	t1_read_answer(arena, 200, TEXT(arena_printf(arena, BAD("\"%s\""), b.data)), ID, &answer);
	CHECK(answer.outcome == T1_REFUSED && text_characters(answer.cause) == T1_CAUSE_CHARACTERS_MAX);
}

static void refusals_have_a_message(void)
{
	static const struct {
		const char *cause, *key;
	} rows[] = {
		{"501", "t1.norecord"},
		{"400", "t1.data"},
		{"400 bad request", "t1.data"},
		{"证件已过期", "t1.expired"},
		{"姓名与证件不符", "t1.name"},
		{"身份证校验失败", "t1.certificate"},
		{"该号码已实名", "t1.registered"},
		{"超过10张", "t1.limit"},
		{"照片不清晰", "t1.picture"},
		{"VIN错误", "t1.vehicle"},
		{"用户黑名单", "t1.shop"},
		{"其他", "t1.refused"},
		{"", "t1.refused"},
		{NULL, "t1.refused"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_TEXT(t1_refusal_key(rows[i].cause), rows[i].key);
}

int main(void)
{
	arena = arena_create();
	RUN(sign_natures);
	RUN(an_account_message);
	RUN(a_vehicle_message);
	RUN(ciphers_and_encodings);
	RUN(malformed_envelopes_are_refused);
	RUN(every_row_of_the_table_of_answers);
	RUN(answers_are_bounded);
	RUN(refusals_have_a_message);
	arena_destroy(arena);
	return test_failures;
}
