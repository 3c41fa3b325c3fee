/* What carriers send: tables 1 and 2 and results, read exactly; table 3, written exactly. */
#include "test.h"

#include <stdlib.h>

#include "base/crypt.h"
#include "t1/incoming.h"
#include "t1/wire.h"

#define SIGN "0123456789abcdefABCDEF00112233445566778899aabbccddeeff0123456789"
#define ID "Ab3456789012345678901234"
#define AUTH "\"Auth\":{\"PlatformID\":\"P1\",\"SignNature\":\"" SIGN "\"}"
#define GOOD "{" AUTH ",\"RequestID\":\"" ID "\",\"Code\":\"TSTA\",\"ICCID\":\"8986012345678901234a\"}"

static struct arena *a;
static struct t1_incoming m;

static bool read_text(const char *text)
{
	return t1_incoming_read(&m, a, (struct bytes){(const unsigned char *)text, strlen(text)});
}

/* The whole of an instruction with one part replaced. */
static bool instruction(const char *from, const char *to)
{
	const char *at = strstr(GOOD, from);

	return read_text(arena_printf(a, "%.*s%s%s", (int)(at - GOOD), GOOD, to, at + strlen(from))) && t1_incoming_instruction(&m, a);
}

static void test_an_instruction_is_read(void)
{
	CHECK(read_text(GOOD) && m.signature_hex && t1_incoming_instruction(&m, a));
	CHECK_TEXT(m.platform_id, "P1");
	CHECK_TEXT(m.request_id, ID);
	CHECK_TEXT(m.code, "TSTA");
	CHECK_TEXT(m.iccid, "8986012345678901234A");
	CHECK(m.signature[0] == 0x01 && m.signature[8] == 0xab && m.signature[31] == 0x89);
	CHECK(instruction("\"Code\"", "\"Other\":[1,{\"a\":null}],\"Code\"")); /* what is not in the table says nothing */
	CHECK(instruction("8986012345678901234a", "8986012345678901234"));
}

static void test_signature_without_regard_to_case(void)
{
	unsigned char first[T1_SIGNATURE_SIZE];

	CHECK(instruction("abcdefABCDEF", "ABCDEFabcdef"));
	memcpy(first, m.signature, sizeof first);
	CHECK(instruction("abcdefABCDEF", "abcdefabcdef") && memcmp(first, m.signature, sizeof first) == 0);
	CHECK(instruction(SIGN, "zz") && !m.signature_hex);
	CHECK(instruction(SIGN, SIGN "0") && !m.signature_hex);
	CHECK(instruction("0123", "012g") && !m.signature_hex);
}

static void test_wrong_forms_are_refused(void)
{
	static const struct {
		const char *from, *to;
	} wrong[] = {
		{ID, "Ab34567890123456789"}, /* 19 */
		{ID, ID "567890123"},        /* 33 */
		{ID, "Ab345678901234567890-234"},
		{ID, "Ab3456789012345678/../.."},
		{"\"" ID "\"", "12345678901234567890"},
		{"\"" ID "\"", "null"},
		{"\"" ID "\"", "[]"},
		{"\"TSTA\"", "\"\""},
		{"\"TSTA\"", "7"},
		{"\"TSTA\"", "\"TS TA\""},
		{"\"TSTA\"", "\"车企\""},
		{"1234a\"", "12\""},
		{"1234a\"", "1234a5\""},
		{"1234a\"", "1234g\""},
		{"1234a\"", "123 4\""},
		{"\"ICCID\"", "\"iccid\""},
		{"\"RequestID\"", "\"RequestId\""},
		{"\"Code\"", "\"Kode\""},
		{"\"P1\"", "\"\""},
		{"\"P1\"", "1"},
		{"\"" SIGN "\"", "null"},
		{"\"" SIGN "\"", "\"\""},
		{AUTH, "\"Auth\":\"P1\""},
		{AUTH, "\"Auth\":[]"},
		{AUTH, "\"Auth\":null"},
		{"\"Auth\"", "\"auth\""},
		{"{" AUTH, "[" AUTH},
		{"\"Code\"", "\"Code\":\"TSTB\",\"Code\""},
		{"\"P1\"", "\"P1\",\"PlatformID\":\"P2\""},
		{"TSTA", "TST\\u0000A"},
		{"TSTA", "TST\xff"
			 "A"},
		{"TSTA", "TST\nA"},
		{"\"TSTA\"", "\"TSTA\"}"},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (instruction(wrong[i].from, wrong[i].to)) {
			test_failed_here++;
			printf("# taken: %s for %s\n", wrong[i].to, wrong[i].from);
		}
	CHECK(!read_text("") && !read_text("{}") && !read_text("null") && !read_text("[" GOOD "]") && !read_text(GOOD "x"));
}

static void test_bounds(void)
{
	char *deep = arena_alloc(a, 4001), *long_one = arena_alloc(a, T1_INCOMING_BYTES_MAX + 1);

	memset(deep, '[', 4000);
	CHECK(!instruction("\"TSTA\"", deep));
	memset(long_one, ' ', T1_INCOMING_BYTES_MAX);
	CHECK(read_text(arena_printf(a, "%s%.*s", GOOD, (int)(T1_INCOMING_BYTES_MAX - strlen(GOOD)), long_one)));
	CHECK(!read_text(arena_printf(a, "%s%s", GOOD, long_one)));
}

static void test_request_id_is_told_back_even_when_refused(void)
{
	CHECK(!instruction("\"TSTA\"", "7"));
	CHECK_TEXT(m.request_id, ID);
	CHECK(!instruction(ID, "short"));
	CHECK_TEXT(m.request_id, "short");
	CHECK(!instruction(AUTH, "\"Auth\":1"));
	CHECK_TEXT(m.request_id, ID);
	CHECK(!instruction(ID, "12345678901234567890123456789012345678901234567890123456789012345"));
	CHECK_TEXT(m.request_id, "");
	CHECK(!read_text("{"));
	CHECK_TEXT(m.request_id, "");
}

static bool result(const char *rest)
{
	return read_text(arena_printf(a, "{" AUTH ",\"RequestID\":\"" ID "\"%s}", rest)) && t1_incoming_result(&m, a);
}

static void test_results(void)
{
	CHECK(result(",\"OprRst\":\"1\"") && m.done && !m.cause);
	CHECK(result(",\"OprRst\":1,\"FailureCause\":\"x\"") && m.done && !m.cause);
	CHECK(result(",\"OprRst\":\"2\",\"FailureCause\":\"501\"") && !m.done);
	CHECK_TEXT(m.cause, "501");
	CHECK(result(",\"OprRst\":\"2\",\"FailureCause\":\" 姓名\\n不符 \"") && !m.done);
	CHECK_TEXT(m.cause, "姓名 不符");
	CHECK(!result("") && !result(",\"OprRst\":\"3\"") && !result(",\"OprRst\":\"2\"") &&
	      !result(",\"OprRst\":\"2\",\"FailureCause\":\" \""));
	CHECK(!result(",\"OprRst\":true"));
}

static void test_answers(void)
{
	CHECK_TEXT(t1_incoming_answer(a, ID, NULL), "{\"RequestID\":\"" ID "\",\"OprRst\":\"1\"}");
	CHECK_TEXT(t1_incoming_answer(a, "", T1_UNAUTHORIZED), "{\"RequestID\":\"\",\"OprRst\":\"2\",\"FailureCause\":\"401\"}");
	CHECK_TEXT(t1_incoming_answer(a, "a\"\\\x01", "400 已"),
		   "{\"RequestID\":\"a\\\"\\\\\\u0001\",\"OprRst\":\"2\",\"FailureCause\":\"400 已\"}");
}

/* Our own sender understands our own answers: the same table. */
static void test_both_sides_agree(void)
{
	static const struct {
		const char *cause;
		enum t1_outcome outcome;
	} answers[] = {{NULL, T1_DONE},
		       {T1_BAD_REQUEST, T1_REFUSED},
		       {T1_UNAUTHORIZED, T1_CREDENTIAL},
		       {T1_METHOD, T1_CREDENTIAL},
		       {T1_NO_RECORD, T1_REFUSED},
		       {T1_INTERNAL, T1_UNKNOWN}};

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		const char *text = t1_incoming_answer(a, ID, answers[i].cause);
		struct t1_answer answer;

		t1_read_answer(a, 200, (struct bytes){(const unsigned char *)text, strlen(text)}, ID, &answer);
		CHECK(answer.outcome == answers[i].outcome);
	}
}

int main(void)
{
	a = arena_create();
	RUN(test_an_instruction_is_read);
	RUN(test_signature_without_regard_to_case);
	RUN(test_wrong_forms_are_refused);
	RUN(test_bounds);
	RUN(test_request_id_is_told_back_even_when_refused);
	RUN(test_results);
	RUN(test_answers);
	RUN(test_both_sides_agree);
	arena_destroy(a);
	return test_failures;
}
