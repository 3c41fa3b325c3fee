/* Bounded text. Everything here takes hostile bytes: bad UTF-8 is dropped, never read past. */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- growing buffer ---- */

void buffer_init(struct buffer *b, struct arena *a, size_t limit)
{
	*b = (struct buffer){.arena = a, .capacity = limit < 256 ? limit : 256, .limit = limit};
	b->data = arena_alloc(a, b->capacity + 1);
}

/* Makes room for length more bytes. After the first refusal everything is refused: what was kept is a clean beginning. */
static bool buffer_room(struct buffer *b, size_t length)
{
	if (b->overflow || length > b->limit - b->length) {
		b->overflow = true;
		return false;
	}
	size_t wanted = b->length + length;
	if (wanted <= b->capacity)
		return true;
	size_t capacity = b->capacity;
	while (capacity < wanted)
		capacity = capacity > b->limit / 2 ? b->limit : capacity * 2;
	char *data = arena_alloc(b->arena, capacity + 1);
	memcpy(data, b->data, b->length);
	b->data = data;
	b->capacity = capacity;
	return true;
}

void buffer_add(struct buffer *b, const void *bytes, size_t length)
{
	if (!length || !buffer_room(b, length))
		return;
	memcpy(b->data + b->length, bytes, length);
	b->length += length;
	b->data[b->length] = '\0';
}

void buffer_text(struct buffer *b, const char *text)
{
	if (text)
		buffer_add(b, text, strlen(text));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !buffer_room(b, (size_t)length))
		return;
	va_start(args, format);
	vsnprintf(b->data + b->length, (size_t)length + 1, format, args);
	va_end(args);
	b->length += (size_t)length;
}

/* ---- UTF-8 ---- */

/* Length of the character at s, 0 when it is not strict UTF-8 (or NUL). */
static size_t decode(const unsigned char *s, size_t left, uint32_t *out)
{
	static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
	size_t length = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
	if (!length || length > left)
		return 0;
	uint32_t c = length == 1 ? s[0] : s[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return length;
}

/* Writes a character, returns behind it. */
static char *encode(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* The next character of a text; bad bytes are stepped over. 0 at the end. */
static uint32_t next(const char **text, const char *end)
{
	uint32_t c;
	while (*text < end) {
		size_t length = decode((const unsigned char *)*text, (size_t)(end - *text), &c);
		*text += length ? length : 1;
		if (length && c)
			return c;
	}
	return 0;
}

bool text_is_utf8(const char *text, size_t length)
{
	uint32_t c;
	for (size_t step, i = 0; i < length; i += step) {
		step = decode((const unsigned char *)text + i, length - i, &c);
		if (!step || !c)
			return false;
	}
	return true;
}

size_t text_characters(const char *utf8)
{
	if (!utf8)
		return 0;
	size_t count = 0;
	for (const char *end = utf8 + strlen(utf8); next(&utf8, end);)
		count++;
	return count;
}

bool text_empty(const char *text)
{
	return !text || !text[0];
}

bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_prefix(const char *text, const char *prefix)
{
	return text && prefix && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (!text || strlen(text) != sizeof form - 1)
		return false;
	for (size_t i = 0; i < sizeof form - 1; i++)
		if (form[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	return true;
}

/* ---- what people type ---- */

struct range {
	uint32_t first, last;
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return false;
}
#define IN(ranges, c) in_ranges(ranges, sizeof(ranges) / sizeof((ranges)[0]), c)

static const struct range blanks[] = {{0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
				      {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
/* control, zero-width, direction marks, soft hyphen, not characters */
static const struct range nothing[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x180e, 0x180e}, {0x200b, 0x200f},
				       {0x202a, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xfffe, 0xffff}};
static const struct range middle_dots[] = {{0xb7, 0xb7},     {0x387, 0x387},   {0x1427, 0x1427}, {0x2022, 0x2022}, {0x2024, 0x2024},
					   {0x2027, 0x2027}, {0x2219, 0x2219}, {0x22c5, 0x22c5}, {0x25cf, 0x25cf}, {0x2e31, 0x2e31},
					   {0x30fb, 0x30fb}, {0xa78f, 0xa78f}, {0xff0e, 0xff0e}, {0xff65, 0xff65}};
/* also the private area: rare Han characters of old GB 18030 tables stand there */
static const struct range han[] = {{0x2e80, 0x2fdf}, {0x3005, 0x3007}, {0x3021, 0x3029}, {0x3400, 0x4dbf},
				   {0x4e00, 0x9fff}, {0xe000, 0xf8ff}, {0xf900, 0xfaff}, {0x20000, 0x323af}};
static const struct range hyphens[] = {{'-', '-'}, {0x2010, 0x2015}, {0x2212, 0x2212}, {0xfe63, 0xfe63}};

enum { NARROW = 1, DOTS = 2 }; /* full-width to half-width; every middle dot to U+00B7 */

static char *clean(struct arena *a, const char *utf8, unsigned how)
{
	if (!utf8)
		return arena_strdup(a, "");
	size_t length = strlen(utf8);
	char *result = arena_alloc(a, length + 1), *to = result;
	bool blank = false;
	uint32_t c;
	/* no replacement is longer than what it replaces, and a blank is only written for one that was read */
	for (const char *end = utf8 + length; (c = next(&utf8, end));) {
		if (IN(blanks, c)) {
			blank = to != result;
			continue;
		}
		if (IN(nothing, c))
			continue;
		if (how & DOTS && IN(middle_dots, c))
			c = 0xb7;
		else if (how & NARROW && c >= 0xff01 && c <= 0xff5e)
			c -= 0xfee0;
		if (blank)
			*to++ = ' ';
		blank = false;
		to = encode(to, c);
	}
	*to = '\0';
	return result;
}

char *text_clean(struct arena *a, const char *utf8)
{
	return clean(a, utf8, NARROW);
}

char *text_lines(struct arena *a, const char *utf8)
{
	struct buffer b;

	buffer_init(&b, a, 2 * strlen(utf8) + 1);
	for (const char *line = utf8; *line; line += line[0] == '\n') {
		size_t length = strcspn(line, "\n");
		const char *text = clean(a, arena_strndup(a, line, length), 0);

		if (*text)
			buffer_printf(&b, "%s%s", b.length ? "\n" : "", text);
		line += length;
	}
	return b.length ? b.data : arena_strdup(a, "");
}

char *text_code(struct arena *a, const char *utf8)
{
	char *result = text_clean(a, utf8), *to = result;
	const char *from = result, *end = result + strlen(result);
	for (uint32_t c; (c = next(&from, end));) {
		if (c == ' ' || c == '.' || c == '/' || IN(hyphens, c) || IN(middle_dots, c))
			continue;
		to = encode(to, c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
	}
	*to = '\0';
	return result;
}

char *text_phone(struct arena *a, const char *utf8)
{
	static const char *const prefixes[] = {"+86", "0086", "86"};
	char *code = text_code(a, utf8);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i]);
		if (text_prefix(code, prefixes[i]) && strspn(code + length, "0123456789") == 11 && !code[length + 11])
			return code + length;
	}
	return code;
}

char *text_name(struct arena *a, const char *utf8)
{
	const char *from = clean(a, utf8, NARROW | DOTS), *end = from + strlen(from);
	char *result = arena_alloc(a, (size_t)(end - from) * 2 + 1), *to = result; /* "." may become the longer middle dot */
	uint32_t before = 0, c = next(&from, end), after;
	for (; c; c = after) {
		after = next(&from, end);
		bool beside_han = IN(han, before) || IN(han, after);
		if (c == ' ' && (beside_han || before == 0xb7 || after == 0xb7))
			continue;
		if (c == '.' && beside_han)
			c = 0xb7;
		to = encode(to, c);
		before = c;
	}
	*to = '\0';
	return result;
}

/* The next character that counts when names are compared, small Latin letters as capitals. */
static uint32_t next_letter(const char **text, const char *end)
{
	uint32_t c;
	while ((c = next(text, end))) {
		if (c == ' ' || c == '.' || c == 0xb7)
			continue;
		bool small = (c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7);
		return small ? c - 0x20 : c;
	}
	return 0;
}

bool text_same_name(struct arena *a, const char *one, const char *other)
{
	const char *p = text_name(a, one), *q = text_name(a, other), *p_end = p + strlen(p), *q_end = q + strlen(q);
	for (bool any = false;; any = true) {
		uint32_t c = next_letter(&p, p_end), d = next_letter(&q, q_end);
		if (c != d)
			return false;
		if (!c)
			return any; /* two empty names name nobody */
	}
}

/* ---- masks ---- */

/* Where the character number index begins. */
static const char *skip(const char *utf8, size_t index)
{
	uint32_t c;
	for (const char *end = utf8 + strlen(utf8); index && utf8 < end; index--) {
		size_t length = decode((const unsigned char *)utf8, (size_t)(end - utf8), &c);
		utf8 += length ? length : 1;
	}
	return utf8;
}

/* Keeps head characters at the start and tail at the end; a short text keeps less, so that at least three are hidden. */
static char *mask_middle(struct arena *a, const char *text, size_t head, size_t tail)
{
	if (!text)
		return arena_strdup(a, "");
	text = text_clean(a, text);
	size_t count = text_characters(text);
	if (count < head + tail + 3) {
		head = count >= 6 ? 1 : 0;
		tail = count >= 6 ? 2 : 0;
	}
	struct buffer b;
	buffer_init(&b, a, strlen(text));
	buffer_add(&b, text, (size_t)(skip(text, head) - text));
	for (size_t i = head + tail; i < count; i++)
		buffer_add(&b, "*", 1);
	buffer_text(&b, skip(text, count - tail));
	return b.data;
}

char *mask_phone(struct arena *a, const char *phone)
{
	return mask_middle(a, phone, 3, 4);
}

char *mask_name(struct arena *a, const char *name)
{
	name = text_clean(a, name);
	size_t count = text_characters(name);
	if (count < 2)
		return arena_strdup(a, count ? "*" : "");
	return arena_printf(a, "%.*s%s", (int)(skip(name, 1) - name), name, count > 2 ? "**" : "*");
}

char *mask_number(struct arena *a, const char *number)
{
	return mask_middle(a, number, 3, 4);
}

char *mask_vin(struct arena *a, const char *vin)
{
	return mask_middle(a, vin, 7, 4);
}

char *mask_address(struct arena *a, const char *address)
{
	address = text_clean(a, address);
	size_t count = text_characters(address), keep = count >= 12 ? 6 : count / 2;
	if (!count)
		return arena_strdup(a, "");
	return arena_printf(a, "%.*s***", (int)(skip(address, keep) - address), address);
}
