/* Reads urlencoded fields and runs field tables over them. Knows no rule itself: rules come with the tables. */
#include "http/form.h"

#include <string.h>

#include "http/messages.h"
#include "http/multipart.h"

#define NAME_MAX_BYTES 100
#define ERRORS_MAX 64

struct form_errors {
	const char *fields[ERRORS_MAX]; /* NULL: belongs to no input */
	int count;
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes one name or value. */
static enum status decode(struct arena *a, const char **out, const char *text, size_t length, size_t max)
{
	char *decoded;
	size_t n = 0;

	if (length > max * 3)
		return status_fail(ST_LIMIT, "form name or value is too long");
	decoded = arena_alloc(a, length + 1);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '%') {
			int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
			int low = i + 2 < length ? hex_digit(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return status_fail(ST_INVALID, "bad escape in form");
			decoded[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			decoded[n++] = text[i] == '+' ? ' ' : text[i];
		}
	}
	decoded[n] = '\0';
	if (n > max)
		return status_fail(ST_LIMIT, "form name or value is too long");
	if (memchr(decoded, '\0', n) || !text_is_utf8(decoded, n))
		return status_fail(ST_INVALID, "form is not UTF-8");
	*out = decoded;
	return ST_OK;
}

enum status form_parse(struct arena *a, struct form *out, const char *text, size_t length)
{
	enum status status;

	out->count = 0;
	if (length > FORM_BODY_MAX)
		return status_fail(ST_LIMIT, "form is too long");
	for (size_t at = 0, end; at < length; at = end + 1) {
		const char *stop = memchr(text + at, '&', length - at), *equals;
		struct form_field field;

		end = stop ? (size_t)(stop - text) : length;
		if (end == at)
			continue;
		if (out->count == FORM_FIELDS_MAX)
			return status_fail(ST_LIMIT, "form has too many fields");
		equals = memchr(text + at, '=', end - at);
		if (!equals)
			equals = text + end;
		status = decode(a, &field.name, text + at, (size_t)(equals - (text + at)), NAME_MAX_BYTES);
		if (status != ST_OK)
			return status;
		if (equals < text + end)
			equals++;
		status = decode(a, &field.value, equals, (size_t)(text + end - equals), FORM_VALUE_MAX);
		if (status != ST_OK)
			return status;
		out->fields[out->count++] = field;
	}
	return ST_OK;
}

const char *form_get(const struct form *f, const char *name)
{
	for (int i = 0; i < f->count; i++)
		if (strcmp(f->fields[i].name, name) == 0)
			return f->fields[i].value;
	return NULL;
}

enum status form_multipart(struct request *r, const struct multipart_sink *sink)
{
	struct multipart *m;
	unsigned char block[16384];
	size_t got;
	enum status st = multipart_start(&m, r->arena, r->content_type ? r->content_type : "", sink);

	while (st == ST_OK) {
		st = request_read(r, block, sizeof block, &got);
		if (st != ST_OK || got == 0)
			break;
		st = multipart_feed(m, block, got);
	}
	return st == ST_OK ? multipart_end(m) : st;
}

int form_check(struct request *r, const struct field *fields, const char **values)
{
	int wrong = 0;

	for (int i = 0; fields[i].name; i++) {
		const char *typed = request_field(r, fields[i].name), *key, *argument = NULL;

		if (!typed)
			typed = "";
		form_value(r, fields[i].name, typed);
		values[i] = fields[i].clean ? fields[i].clean(r->arena, typed) : typed;
		key = fields[i].rule ? fields[i].rule(r->arena, values[i], &argument) : NULL;
		if (key) {
			form_error(r, fields[i].name, key, argument);
			wrong++;
		}
	}
	return wrong;
}

static bool already_wrong(const struct form_errors *e, const char *field)
{
	for (int i = 0; i < e->count; i++)
		if (text_equal(e->fields[i], field))
			return true;
	return false;
}

void form_error(struct request *r, const char *field, const char *key, const char *argument)
{
	struct view *view = request_view(r);
	const char *text = message_text(r->arena, key, argument);

	if (!r->errors)
		r->errors = arena_alloc(r->arena, sizeof(*r->errors));
	if (r->errors->count == ERRORS_MAX || (field && already_wrong(r->errors, field)))
		return;
	if (field) {
		view_set(view, arena_printf(r->arena, "Field.%s.error", field), text);
		view_item(view, "Errors", r->errors->count, "field", field);
	}
	view_item(view, "Errors", r->errors->count, "text", text);
	view_flag(view, "Page.error", 1);
	r->errors->fields[r->errors->count++] = field;
}

void form_value(struct request *r, const char *field, const char *value)
{
	view_set(request_view(r), arena_printf(r->arena, "Field.%s.value", field), value);
}

int form_errors(const struct request *r)
{
	return r->errors ? r->errors->count : 0;
}
