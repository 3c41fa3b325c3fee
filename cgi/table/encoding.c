/* The only user of iconv. Knows bytes and characters, not tables. */
#include "table/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#define NO_CONVERSION ((iconv_t)-1)

struct decoder {
	iconv_t conversion; /* NO_CONVERSION: the bytes are UTF-8 */
	const char *from;
	size_t left;
	bool failed;
};

static const struct mark {
	const char *encoding, *bytes;
	size_t length;
} marks[] = {{"UTF-8", "\xef\xbb\xbf", 3}, {"UTF-16LE", "\xff\xfe", 2}, {"UTF-16BE", "\xfe\xff", 2}};

static const struct mark *find_mark(struct bytes file)
{
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (file.length >= marks[i].length && memcmp(file.data, marks[i].bytes, marks[i].length) == 0)
			return &marks[i];
	return NULL;
}

static void close_decoder(void *object)
{
	struct decoder *d = object;

	if (d->conversion != NO_CONVERSION)
		iconv_close(d->conversion);
}

static struct decoder *open_decoder(struct arena *a, struct bytes file, const char *encoding)
{
	struct decoder *d = arena_alloc(a, sizeof *d);
	const struct mark *mark = find_mark(file);
	size_t skip = mark ? mark->length : 0;

	d->from = (const char *)file.data + skip;
	d->left = file.length - skip;
	d->conversion = NO_CONVERSION;
	if (strcmp(encoding, "UTF-8") != 0) {
		d->conversion = iconv_open("UTF-8", encoding);
		d->failed = d->conversion == NO_CONVERSION;
	}
	arena_cleanup(a, close_decoder, d);
	return d;
}

/* The next characters; 0 at the end and at bytes that are none. size: room for a character at least. */
static size_t decode(struct decoder *d, char *out, size_t size)
{
	char *to = out, *from;
	size_t room = size;

	if (d->failed || d->left == 0)
		return 0;
	if (d->conversion == NO_CONVERSION) {
		if (size > d->left)
			size = d->left;
		memcpy(out, d->from, size);
		d->from += size;
		d->left -= size;
		return size;
	}
	memcpy(&from, &d->from, sizeof from); /* iconv wants it without const, and does not write there */
	if (iconv(d->conversion, &from, &d->left, &to, &room) == (size_t)-1 && errno != E2BIG)
		d->failed = true;
	d->from = from;
	return size - room;
}

/* Text has no control characters but blanks and line ends. */
static bool is_text(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f)
			return false;
	}
	return true;
}

static bool decodes(struct arena *a, struct bytes file, const char *encoding)
{
	struct decoder *d = open_decoder(a, file, encoding);
	char block[8192];
	size_t got;

	while ((got = decode(d, block, sizeof block)) > 0)
		if (!is_text(block, got))
			return false;
	return !d->failed;
}

const char *encoding_find(struct arena *a, struct bytes file)
{
	const struct mark *mark = find_mark(file);
	const char *encoding = mark ? mark->encoding : "UTF-8";

	if (strcmp(encoding, "UTF-8") == 0 && !text_is_utf8((const char *)file.data, file.length)) {
		if (mark)
			return NULL;
		encoding = "GB18030";
	}
	return decodes(a, file, encoding) ? encoding : NULL;
}

static ssize_t read_decoder(void *cookie, char *out, size_t size)
{
	/* stdio asks for whole blocks; were it for less than a character, decode would find no room and say the end too early */
	return (ssize_t)decode(cookie, out, size);
}

static void close_stream(void *object)
{
	fclose(object);
}

FILE *encoding_open(struct arena *a, struct bytes file, const char *encoding)
{
	struct decoder *d = open_decoder(a, file, encoding);
	FILE *stream = fopencookie(d, "r", (cookie_io_functions_t){.read = read_decoder});

	if (stream)
		arena_cleanup(a, close_stream, stream);
	return stream;
}
