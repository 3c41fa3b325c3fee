/* Urlencoded fields, field tables and the message table. */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "http/form.h"
#include "http/messages.h"
#include "http/request_io.h"

static struct arena *arena;
static struct tpl *tpl;
static struct site site;

static enum status parse(struct form *f, const char *text)
{
	return form_parse(arena, f, text, strlen(text));
}

static void test_form__decodes(void)
{
	struct form f;

	CHECK(parse(&f, "a=1&b=%E5%BC%A0+x&&c&d=x=y&a=2&e=") == ST_OK);
	CHECK(f.count == 6);
	CHECK_TEXT(form_get(&f, "a"), "1");
	CHECK_TEXT(form_get(&f, "b"), "张 x");
	CHECK_TEXT(form_get(&f, "c"), "");
	CHECK_TEXT(form_get(&f, "d"), "x=y");
	CHECK_TEXT(form_get(&f, "e"), "");
	CHECK(form_get(&f, "f") == NULL);
	CHECK(parse(&f, "") == ST_OK && f.count == 0);
}

static void test_form__refuses_bad_bytes(void)
{
	static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "a=%00", "%00=a", "a=%ff", "a=\xff", "a=%ED%A0%80", "a=%C0%AF"};
	struct form f;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(parse(&f, bad[i]) == ST_INVALID);
	CHECK(form_parse(arena, &f, "a=\0b", 4) == ST_INVALID);
	CHECK(form_parse(arena, &f, "a=%41", 4) == ST_INVALID); /* the escape ends behind the text */
}

static void test_form__limits(void)
{
	struct form f;
	char *text = malloc(FORM_BODY_MAX + 2);

	memset(text, 'x', FORM_BODY_MAX + 1);
	memcpy(text, "a=", 2);
	CHECK(form_parse(arena, &f, text, 2 + FORM_VALUE_MAX) == ST_OK);
	CHECK(form_parse(arena, &f, text, 3 + FORM_VALUE_MAX) == ST_LIMIT);
	CHECK(form_parse(arena, &f, text, FORM_BODY_MAX + 1) == ST_LIMIT);
	for (int i = 0; i < FORM_FIELDS_MAX + 1; i++)
		memcpy(text + 2 * i, "a&", 2);
	CHECK(form_parse(arena, &f, text, 2 * FORM_FIELDS_MAX) == ST_OK);
	CHECK(form_parse(arena, &f, text, 2 * FORM_FIELDS_MAX + 1) == ST_LIMIT);
	free(text);
}

static const char *rule_vin(struct arena *a, const char *clean, const char **argument)
{
	if (!*clean)
		return "vin.empty";
	if (strlen(clean) == 17)
		return NULL;
	*argument = arena_printf(a, "%zu", strlen(clean));
	return "vin.len";
}

static const struct field fields[] = {{"vin", text_code, rule_vin}, {"phone", text_phone, NULL}, {NULL, NULL, NULL}};

static void post(struct request *r, const char *body)
{
	const struct request_memory m = {.method = "POST", .target = "/x", .body = body, .body_size = strlen(body)};

	CHECK(request_begin_memory(r, arena, &site, &m) == ST_OK);
	r->form = arena_alloc(arena, sizeof(*r->form));
	CHECK(parse(r->form, body) == ST_OK);
}

static const char *shown(struct request *r)
{
	struct buffer out;

	buffer_init(&out, arena, 10000);
	CHECK(tpl_render(tpl, request_view(r), "form", &out) == ST_OK);
	return out.data;
}

static void test_form__checks_fields(void)
{
	const char *values[2];
	struct request r;

	post(&r, "vin=ltest-0a1&phone=%2B86+138+0013+8000");
	CHECK(form_check(&r, fields, values) == 1);
	CHECK(form_errors(&r) == 1);
	CHECK_TEXT(values[0], "LTEST0A1");
	CHECK_TEXT(values[1], "13800138000");
	form_error(&r, "vin", "vin.empty", NULL); /* the first error of a field stays */
	form_error(&r, NULL, "card.none", NULL);
	form_error(&r, NULL, "dup", NULL);
	CHECK(form_errors(&r) == 3);
	CHECK_TEXT(shown(&r), "1|ltest-0a1|车架号应为 17 位，您输入了 8 位|+86 138 0013 8000|"
	                      "vin:车架号应为 17 位，您输入了 8 位;:请至少选择一张车联网卡;:已收到您的提交，无需重复操作;");
}

static void test_form__absent_field_is_empty(void)
{
	const char *values[2];
	struct request r;

	post(&r, "");
	CHECK(form_check(&r, fields, values) == 1);
	CHECK_TEXT(values[0], "");
	CHECK_TEXT(values[1], "");
	CHECK_TEXT(shown(&r), "1||请输入车架号||vin:请输入车架号;");
}

static void test_messages__table_keeps_its_rules(void)
{
	const char *last = "";

	for (int i = 0; message_key(i); i++) {
		const char *key = message_key(i), *text = message_text(arena, key, "{x}"), *bare = message_text(arena, key, NULL);
		const char *open = strchr(text, '{');
		bool good = strcmp(last, key) < 0 && *text && text_is_utf8(text, strlen(text));

		good = good && !strpbrk(text, "<>&\"\\"); /* stands in the built-in error page and in JSON */
		good = good && (!open || !strchr(open + 1, '{')) && !strchr(bare, '{') && text_characters(bare) <= 38;
		CHECK(good);
		if (!good)
			printf("# key %s\n", key);
		last = key;
	}
	CHECK(message_key(-1) == NULL);
}

static void test_messages__placeholder(void)
{
	CHECK_TEXT(message_text(arena, "code.wrong", "3"), "验证码不正确，还可以再试 3 次");
	CHECK_TEXT(message_text(arena, "dup", "3"), "已收到您的提交，无需重复操作");
}

int main(void)
{
	static const char page[] = "<?cs var:Page.error ?>|<?cs var:Field.vin.value ?>|<?cs var:Field.vin.error ?>|<?cs var:Field.phone.value ?>|"
				   "<?cs each:e = Errors ?><?cs var:e.field ?>:<?cs var:e.text ?>;<?cs /each ?>";
	char dir[] = "/tmp/test_form_XXXXXX", path[64];
	FILE *file;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/form.cs", dir);
	file = fopen(path, "w");
	if (!file || fputs(page, file) < 0 || fclose(file) != 0)
		return 1;
	arena = arena_create();
	if (tpl_open(&tpl, dir) != ST_OK)
		return 1;
	site.tpl = tpl;
	RUN(test_form__decodes);
	RUN(test_form__refuses_bad_bytes);
	RUN(test_form__limits);
	RUN(test_form__checks_fields);
	RUN(test_form__absent_field_is_empty);
	RUN(test_messages__table_keeps_its_rules);
	RUN(test_messages__placeholder);
	arena_destroy(arena);
	tpl_close(tpl);
	unlink(path);
	rmdir(dir);
	return test_failures;
}
