/* The streaming multipart reader: every case is fed whole, byte by byte, and cut at each place. */
#include "test.h"

#include <stdlib.h>

#include "base/text.h"
#include "http/multipart.h"

#define TYPE "multipart/form-data; boundary=XbX"
#define FIELD(name, value) "--XbX\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_PART(name, filename, bytes) \
	"--XbX\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" filename "\"\r\nContent-Type: image/jpeg\r\n\r\n" bytes "\r\n"
#define END "--XbX--\r\n"

static struct arena *arena;

/* Writes down what the sink is told; file bytes above limit are refused. */
struct record {
	struct buffer text;
	size_t file_bytes, limit;
};

static enum status on_field(void *context, const char *name, const char *value, size_t length)
{
	struct record *rec = context;
	buffer_printf(&rec->text, "[%s=%.*s]", name, (int)length, value);
	return strcmp(name, "stop") == 0 ? ST_DENIED : ST_OK;
}

static enum status on_start(void *context, const char *name, const char *filename)
{
	struct record *rec = context;
	rec->file_bytes = 0;
	buffer_printf(&rec->text, "{%s,%s:", name, filename);
	return ST_OK;
}

static enum status on_data(void *context, const void *bytes, size_t length)
{
	struct record *rec = context;
	size_t room = rec->limit - rec->file_bytes;
	buffer_add(&rec->text, bytes, length < room ? length : room);
	rec->file_bytes += length < room ? length : room;
	return length > room ? ST_LIMIT : ST_OK;
}

static enum status on_end(void *context)
{
	struct record *rec = context;
	buffer_text(&rec->text, "}");
	return ST_OK;
}

/* Feeds body in two pieces cut at cut, or byte by byte when step is set. */
static enum status feed(struct record *rec, const char *type, const char *body, size_t length, size_t cut, bool step)
{
	const struct multipart_sink sink = {rec, on_field, on_start, on_data, on_end, NULL};
	struct multipart *m;
	enum status status;

	buffer_init(&rec->text, arena, 1 << 20);
	buffer_text(&rec->text, "");
	rec->limit = 40;
	status = multipart_start(&m, arena, type, &sink);
	if (status != ST_OK)
		return status;
	for (size_t at = 0; at < length && status == ST_OK;) {
		size_t n = step ? 1 : at < cut ? cut - at : length - at;
		status = multipart_feed(m, body + at, n);
		at += n;
	}
	return status == ST_OK ? multipart_end(m) : status;
}

static void expect_bytes(const char *body, size_t length, enum status wanted, const char *text)
{
	struct record rec = {0};
	enum status status = feed(&rec, TYPE, body, length, length, false);

	CHECK(status == wanted);
	if (text)
		CHECK_TEXT(rec.text.data, text);
	for (size_t cut = 0; cut <= length && length < 2000; cut++) {
		struct record other = {0};
		if (feed(&other, TYPE, body, length, cut, cut == 0) != status || strcmp(other.text.data, rec.text.data) != 0) {
			CHECK(!"another outcome when cut");
			printf("# cut at %zu: %s\n", cut, other.text.data);
			return;
		}
	}
}

static void expect(const char *body, enum status wanted, const char *text)
{
	expect_bytes(body, strlen(body), wanted, text);
}

static void test_multipart__fields_and_files(void)
{
	expect(FIELD("a", "1") FILE_PART("photo", "x.jpg", "\xff\xd8\r\n--Xb\r\n\r\r\n--XbY") FIELD("b", "") END, ST_OK,
	       "[a=1]{photo,x.jpg:\xff\xd8\r\n--Xb\r\n\r\r\n--XbY}[b=]");
	expect("preamble\r\n" FIELD("a", "1") "--XbX-- \r\nepilogue\r\n--XbX\r\n", ST_OK, "[a=1]");
	expect("--XbX--", ST_OK, "");
	expect("--XbX \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XbX--", ST_OK, "[a=1]");
	expect(FILE_PART("photo", "", "") END, ST_OK, "{photo,:}");
}

static void test_multipart__file_names(void)
{
	expect(FILE_PART("p", "a\\\"b\\\\c", "1") END, ST_OK, "{p,a\"b\\c:1}");
	expect(FILE_PART("p", "C:\\fake\\x.jpg", "1") END, ST_OK, "{p,C:\\fake\\x.jpg:1}");
	expect(FILE_PART("p", "张;三.jpg", "1") END, ST_OK, "{p,张;三.jpg:1}");
	expect(FILE_PART("p", "\xd5\xc5.jpg", "1") END, ST_OK, "{p,:1}"); /* GBK: not shown, not an error */
	expect("--XbX\r\ncontent-disposition:form-data;name=p;filename=\"a\";filename*=UTF-8''%e4\r\n\r\n1\r\n--XbX--", ST_OK, "{p,a:1}");
}

static void test_multipart__refuses(void)
{
	static const char *const bad[] = {
		"",
		"nothing",
		FIELD("a", "1"),
		FIELD("a", "1") "--XbX-",
		"--XbX\nContent-Disposition: form-data; name=\"a\"\n\n1\n--XbX--",
		"--XbX\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition : form-data; name=\"a\"\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--XbX--",
		"--XbX\r\nContent-Disposition: form-data; name=\"a\"\r\nno colon\r\n\r\n1\r\n--XbX--",
		FIELD("a", "\xff") END,
		FIELD("a", "1") "--XbXtra\r\n",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		expect(bad[i], ST_INVALID, NULL);
	expect_bytes(FIELD("a", "x\0y") END, sizeof(FIELD("a", "x\0y") END) - 1, ST_INVALID, NULL);
}

static void test_multipart__sink_decides(void)
{
	expect(FIELD("stop", "1") FIELD("a", "1") END, ST_DENIED, "[stop=1]");
	expect(FILE_PART("p", "big", "0123456789012345678901234567890123456789+") FIELD("a", "1") END, ST_LIMIT,
	       "{p,big:0123456789012345678901234567890123456789[a=1]");
	expect(FILE_PART("p", "fits", "0123456789012345678901234567890123456789") END, ST_OK,
	       "{p,fits:0123456789012345678901234567890123456789}");
}

static void test_multipart__limits(void)
{
	struct buffer b;

	buffer_init(&b, arena, 1 << 20);
	for (int i = 0; i < MULTIPART_PARTS_MAX; i++)
		buffer_text(&b, FIELD("a", "1"));
	buffer_text(&b, END);
	expect(b.data, ST_OK, NULL);
	b.length -= strlen(END);
	buffer_text(&b, FIELD("a", "1") END);
	expect(b.data, ST_LIMIT, NULL);

	buffer_init(&b, arena, 1 << 20);
	buffer_printf(&b, "--XbX\r\nContent-Disposition: form-data; name=\"a\"\r\nX: %*s\r\n\r\n1\r\n" END, MULTIPART_HEADERS_MAX, "x");
	expect(b.data, ST_LIMIT, "");
	for (int extra = 0; extra < 2; extra++) {
		buffer_init(&b, arena, 1 << 20);
		buffer_printf(&b, "--XbX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n%*s\r\n" END, MULTIPART_VALUE_MAX + extra, "x");
		expect(b.data, extra ? ST_LIMIT : ST_OK, NULL);
		buffer_init(&b, arena, 1 << 20);
		buffer_text(&b, "--XbX\r\nContent-Disposition: form-data; name=\"");
		for (int i = 0; i < MULTIPART_NAME_MAX + extra; i++)
			buffer_text(&b, "n");
		buffer_text(&b, "\"\r\n\r\n1\r\n" END);
		expect(b.data, extra ? ST_INVALID : ST_OK, NULL);
	}
}

static void test_multipart__content_type(void)
{
	static const struct {
		const char *type;
		enum status wanted;
	} cases[] = {
		{"multipart/form-data; boundary=XbX", ST_OK},
		{"Multipart/Form-Data;charset=utf-8 ; BOUNDARY=\"XbX\"", ST_OK},
		{NULL, ST_INVALID},
		{"", ST_INVALID},
		{"text/plain; boundary=XbX", ST_INVALID},
		{"multipart/form-data", ST_INVALID},
		{"multipart/form-data; boundary=", ST_INVALID},
		{"multipart/form-data; boundary=\"XbX \"", ST_INVALID},
		{"multipart/form-data; boundary=\"X", ST_INVALID},
		{"multipart/form-data; boundary=\"X\rX\"", ST_INVALID},
		{"multipart/form-data; boundary=XbX; boundary=XbX", ST_INVALID},
		{"multipart/form-dataX; boundary=XbX", ST_INVALID},
		{"multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890", ST_INVALID},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct record rec = {0};
		const char *body = FIELD("a", "1") END;
		CHECK(feed(&rec, cases[i].type, body, strlen(body), 0, false) == cases[i].wanted);
	}
}

int main(void)
{
	arena = arena_create();
	RUN(test_multipart__fields_and_files);
	RUN(test_multipart__file_names);
	RUN(test_multipart__refuses);
	RUN(test_multipart__sink_decides);
	RUN(test_multipart__limits);
	RUN(test_multipart__content_type);
	arena_destroy(arena);
	return test_failures;
}
