/* Text: UTF-8, what people type, masks, encodings, the bounded buffer. */
#include "base/text.h"

#include <stdlib.h>

#include "test.h"

static struct arena *a;

static void test_text_utf8_is_strict(void)
{
	static const struct {
		const char *text;
		size_t length;
		bool good;
	} cases[] = {
		{"", 0, true},
		{"abc", 3, true},
		{"张三", 6, true},
		{"\xf0\xa0\x80\x80", 4, true}, /* U+20000 */
		{"\xf4\x8f\xbf\xbf", 4, true}, /* U+10FFFF */
		{"a\0b", 3, false},            /* NUL */
		{"\xc0\x80", 2, false},        /* overlong */
		{"\xe0\x80\xaf", 3, false},
		{"\xf0\x80\x80\xaf", 4, false},
		{"\xed\xa0\x80", 3, false},     /* surrogate */
		{"\xf4\x90\x80\x80", 4, false}, /* above U+10FFFF */
		{"\xe5\xbc", 2, false},         /* cut */
		{"\x80", 1, false},
		{"\xff", 1, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(text_is_utf8(cases[i].text, cases[i].length) == cases[i].good);
	CHECK(text_characters("张三a") == 3);
	CHECK(text_characters(NULL) == 0);
}

static void test_text_small_helpers(void)
{
	CHECK(text_empty(NULL) && text_empty("") && !text_empty("x"));
	CHECK(text_equal(NULL, NULL) && !text_equal(NULL, "") && text_equal("x", "x") && !text_equal("x", "y"));
	CHECK(text_uuid("0189abcd-ef01-4234-8567-89abcdef0123") && !text_uuid(NULL) && !text_uuid("") && !text_uuid("0189abcd-ef01-4234-8567-89abcdef012") &&
	      !text_uuid("0189abcd-ef01-4234-8567-89abcdef01234") && !text_uuid("0189ABCD-ef01-4234-8567-89abcdef0123") && !text_uuid("0189abcd0ef01-4234-8567-89abcdef0123"));
	CHECK(text_prefix("abc", "ab") && !text_prefix("a", "ab") && !text_prefix(NULL, "a"));
}

static void test_text_clean(void)
{
	CHECK_TEXT(text_clean(a, "　ＡＢＣ１２３！　"), "ABC123!");
	CHECK_TEXT(text_clean(a, " a \t\r\n b "), "a b");
	CHECK_TEXT(text_clean(a, "\xef\xbb\xbf"
				 "1\xe2\x80\x8b"
				 "3\xe2\x81\xa0"
				 "8\xe2\x80\xae"),
		   "138");
	CHECK_TEXT(text_clean(a, "a\x01\x7f\xc2\x85"
				 "b"),
		   "a b"); /* U+0085 is a line end */
	CHECK_TEXT(text_clean(a, "a\xff\xe5\xbc"
				 "b\xed\xa0\x80"),
		   "ab");
	CHECK_TEXT(text_clean(a, "a\xe5"), "a");
	CHECK_TEXT(text_clean(a, NULL), "");
	CHECK_TEXT(text_clean(a, " \xe3\x80\x80 "), "");
}

static void test_text_lines(void)
{
	CHECK_TEXT(text_lines(a, ""), "");
	CHECK_TEXT(text_lines(a, " \r\n\n \t\n"), "");
	CHECK_TEXT(text_lines(a, "  昨天，办过。 \r\n\r\n 没\x1b[1m有   Ａ\n"), "昨天，办过。\n没[1m有 Ａ");
	CHECK_TEXT(text_lines(a, "\xe2\x80\x8b\n一"), "一");
}

static void test_text_code(void)
{
	CHECK_TEXT(text_code(a, " ltest0a1 2ra-000001 "), "LTEST0A12RA000001");
	CHECK_TEXT(text_code(a, "11010119900307002ｘ"), "11010119900307002X");
	CHECK_TEXT(text_code(a, "1.2/3–4—5·6．7"), "1234567");
	CHECK_TEXT(text_code(a, "京A12345"), "京A12345");
}

static void test_text_phone(void)
{
	static const char *const same[] = {"13812345678",
					   "+86 138 1234 5678",
					   "+86-138-1234-5678",
					   "008613812345678",
					   "8613812345678",
					   "＋８６１３８１２３４５６７８",
					   "138\xe2\x80\x8b"
					   "12345678"};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		CHECK_TEXT(text_phone(a, same[i]), "13812345678");
	CHECK_TEXT(text_phone(a, "86123"), "86123");
	CHECK_TEXT(text_phone(a, "86138123456789"), "86138123456789");
	CHECK_TEXT(text_phone(a, "+8613812345x78"), "+8613812345X78");
}

static void test_text_name(void)
{
	CHECK_TEXT(text_name(a, " 张　三 "), "张三");
	CHECK_TEXT(text_name(a, "阿卜杜拉•买买提"), "阿卜杜拉·买买提");
	CHECK_TEXT(text_name(a, "阿卜杜拉 ． 买买提"), "阿卜杜拉·买买提");
	CHECK_TEXT(text_name(a, "阿卜杜拉.买买提"), "阿卜杜拉·买买提");
	CHECK_TEXT(text_name(a, "阿・卜‧杜･拉"), "阿·卜·杜·拉");
	CHECK_TEXT(text_name(a, "John  A. Smith"), "John A. Smith");
	CHECK_TEXT(text_name(a, "John 张"), "John张");
	CHECK_TEXT(text_name(a, "\xf0\xa0\x80\x80 张.张.张.张"), "\xf0\xa0\x80\x80张·张·张·张");
}

static void test_text_same_name(void)
{
	CHECK(text_same_name(a, "阿卜杜拉·买买提", "阿卜杜拉买买提"));
	CHECK(text_same_name(a, "JOHN SMITH", "John Smith"));
	CHECK(text_same_name(a, "JOSÉ", "José"));
	CHECK(text_same_name(a, "Ｊohn A. Smith", "john a smith"));
	CHECK(!text_same_name(a, "张三", "张四"));
	CHECK(!text_same_name(a, "张三", "张三丰"));
	CHECK(!text_same_name(a, "", ""));
	CHECK(!text_same_name(a, NULL, NULL));
	CHECK(!text_same_name(a, "·", "."));
}

static void test_text_masks(void)
{
	CHECK_TEXT(mask_phone(a, "13812345678"), "138****5678");
	CHECK_TEXT(mask_phone(a, "12345"), "*****");
	CHECK_TEXT(mask_phone(a, NULL), "");
	CHECK_TEXT(mask_name(a, "张三"), "张*");
	CHECK_TEXT(mask_name(a, "欧阳娜娜"), "欧**");
	CHECK_TEXT(mask_name(a, "张"), "*");
	CHECK_TEXT(mask_name(a, ""), "");
	CHECK_TEXT(mask_name(a, NULL), "");
	CHECK_TEXT(mask_number(a, "110101199003070011"), "110***********0011");
	CHECK_TEXT(mask_number(a, "E12345678"), "E******78");
	CHECK_TEXT(mask_number(a, "1234"), "****");
	CHECK_TEXT(mask_vin(a, "LTEST0A12RA000001"), "LTEST0A******0001");
	CHECK_TEXT(mask_address(a, "北京市东城区某某街道一号"), "北京市东城区***");
	CHECK_TEXT(mask_address(a, "北京市东"), "北京***");
	CHECK_TEXT(mask_address(a, NULL), "");
}

static void test_text_hex(void)
{
	struct bytes out = {NULL, 0};
	CHECK_TEXT(hex_encode(a, "\x00\xff\x1a", 3), "00ff1a");
	CHECK_TEXT(hex_encode_upper(a, "\x00\xff\x1a", 3), "00FF1A");
	CHECK(hex_decode(a, "00fF1a", &out) == ST_OK && out.length == 3 && memcmp(out.data, "\x00\xff\x1a\x00", 4) == 0);
	CHECK(hex_decode(a, "", &out) == ST_OK && out.length == 0);
	CHECK(hex_decode(a, "0", &out) == ST_INVALID);
	CHECK(hex_decode(a, "0g", &out) == ST_INVALID);
	CHECK(hex_decode(a, NULL, &out) == ST_INVALID);
}

static void test_text_base64(void)
{
	/* RFC 4648 chapter 10 */
	static const char *const pairs[][2] = {{"", ""},
					       {"f", "Zg=="},
					       {"fo", "Zm8="},
					       {"foo", "Zm9v"},
					       {"foob", "Zm9vYg=="},
					       {"fooba", "Zm9vYmE="},
					       {"foobar", "Zm9vYmFy"}};
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9 v", "Zm9v\n", "Zm-v", "=Zg="};
	struct bytes out = {NULL, 0};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		CHECK_TEXT(base64_encode(a, pairs[i][0], strlen(pairs[i][0])), pairs[i][1]);
		CHECK(base64_decode(a, pairs[i][1], &out) == ST_OK && out.length == strlen(pairs[i][0]));
		CHECK_TEXT((const char *)out.data, pairs[i][0]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(base64_decode(a, bad[i], &out) == ST_INVALID);
	CHECK(base64_decode(a, NULL, &out) == ST_INVALID);
	CHECK_TEXT(base64url_encode(a, "\xfb\xff\xfe\xff", 4), "-__-_w");
	CHECK_TEXT(base64_encode(a, "\xfb\xff\xfe\xff", 4), "+//+/w==");
}

static void test_text_buffer_is_bounded(void)
{
	struct buffer b;
	buffer_init(&b, a, 1000);
	for (int i = 0; i < 99; i++)
		buffer_printf(&b, "%010d", i);
	CHECK(b.length == 990 && !b.overflow && strlen(b.data) == 990);
	buffer_text(&b, "12345678901");
	CHECK(b.overflow && b.length == 990);
	buffer_add(&b, "x", 1); /* a clean beginning: nothing comes after a gap */
	CHECK(b.length == 990);
	buffer_init(&b, a, 0);
	buffer_text(&b, "");
	CHECK(!b.overflow);
	buffer_text(&b, "x");
	CHECK(b.overflow && b.data[0] == '\0');
}

/* Random bytes: results stay valid UTF-8 and nothing is read or written outside (the sanitizer watches). */
static void test_text_survives_random_bytes(void)
{
	srand(1);
	for (int round = 0; round < 20000; round++) {
		char text[64];
		size_t length = (size_t)rand() % (sizeof(text) - 1);
		for (size_t i = 0; i < length; i++)
			text[i] = (char)(rand() % 3 ? 0xe0 + rand() % 32 : rand() % 256);
		text[length] = '\0';
		const char *results[] = {text_clean(a, text), text_code(a, text), text_phone(a, text), text_name(a, text),
					 mask_phone(a, text), mask_name(a, text), mask_vin(a, text),   mask_address(a, text)};
		for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
			CHECK(text_is_utf8(results[i], strlen(results[i])));
		CHECK_TEXT(text_clean(a, results[0]), results[0]);
		CHECK_TEXT(text_name(a, results[3]), results[3]);
		arena_reset(a);
	}
}

int main(void)
{
	a = arena_create();
	RUN(test_text_utf8_is_strict);
	RUN(test_text_small_helpers);
	RUN(test_text_clean);
	RUN(test_text_lines);
	RUN(test_text_code);
	RUN(test_text_phone);
	RUN(test_text_name);
	RUN(test_text_same_name);
	RUN(test_text_masks);
	RUN(test_text_hex);
	RUN(test_text_base64);
	RUN(test_text_buffer_is_bounded);
	RUN(test_text_survives_random_bytes);
	arena_destroy(a);
	return test_failures;
}
