/* Streaming reader of multipart/form-data. The delimiter is "\r\n--boundary", and CR stands nowhere else in it, so a
 * mismatch can only begin again at its first byte: one counter finds it across any split of the input. */
#include "http/multipart.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define BOUNDARY_MAX 70

enum state {
	PREAMBLE,     /* before the first delimiter */
	DELIMITER,    /* behind one: blanks and CRLF, or "--" */
	DELIMITER_LF, /* the LF of that CRLF */
	CLOSING,      /* the second '-' */
	HEADERS,
	BODY,
	EPILOGUE,
	FAILED
};

enum target { TO_FIELD, TO_FILE, TO_NOWHERE };

struct multipart {
	struct multipart_sink sink;
	char delimiter[BOUNDARY_MAX + 5];
	size_t delimiter_length, matched;
	enum state state;
	enum target target;
	enum status failure;
	bool too_large, blanks; /* blanks: some followed the delimiter */
	int parts;
	char headers[MULTIPART_HEADERS_MAX + 1];
	size_t headers_length;
	char value[MULTIPART_VALUE_MAX + 1];
	size_t value_length;
	char name[MULTIPART_NAME_MAX + 1];
	char filename[MULTIPART_HEADERS_MAX + 1];
	bool has_name, has_filename;
};

static bool is_token(char c)
{
	return c > 0x20 && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* One "; name=value" of a header value at *at: the name (borrowed, with length) and the value without quotes and escapes into
 * value (size bytes). 1: got one; 0: end of the text; -1: malformed or too long. */
static int next_parameter(const char **at, const char **name, size_t *name_length, char *value, size_t size)
{
	const char *p = *at + strspn(*at, " \t");
	size_t n = 0;

	if (!*p)
		return 0;
	if (*p++ != ';')
		return -1;
	p += strspn(p, " \t");
	if (!*p) { /* a last ';' with nothing behind it */
		*at = p;
		return 0;
	}
	*name = p;
	while (is_token(*p))
		p++;
	*name_length = (size_t)(p - *name);
	if (!*name_length || *p++ != '=')
		return -1;
	if (*p != '"') {
		for (; is_token(*p) || (*p && strchr("()/:?=", *p)); p++) { /* a boundary without quotes may hold these */
			if (n + 1 >= size)
				return -1;
			value[n++] = *p;
		}
	} else {
		for (p++; *p != '"'; p++) {
			if (*p == '\\' && (p[1] == '"' || p[1] == '\\')) /* any other backslash is part of an old path */
				p++;
			if (!*p || n + 1 >= size)
				return -1;
			value[n++] = *p;
		}
		p++;
	}
	value[n] = '\0';
	*at = p;
	return 1;
}

static bool name_is(const char *name, size_t length, const char *wanted)
{
	return length == strlen(wanted) && strncasecmp(name, wanted, length) == 0;
}

static bool boundary_valid(const char *b)
{
	size_t length = strlen(b);

	for (const char *p = b; *p; p++)
		if (!(*p >= '0' && *p <= '9') && !(*p >= 'A' && *p <= 'Z') && !(*p >= 'a' && *p <= 'z') && !strchr("'()+_,-./:=? ", *p))
			return false;
	return length > 0 && b[length - 1] != ' ';
}

enum status multipart_start(struct multipart **out, struct arena *a, const char *content_type, const struct multipart_sink *sink)
{
	static const char type[] = "multipart/form-data";
	const char *at, *name;
	char value[BOUNDARY_MAX + 1], boundary[BOUNDARY_MAX + 1] = "";
	size_t name_length;
	struct multipart *m;
	int got;

	if (!content_type || strncasecmp(content_type, type, sizeof(type) - 1) != 0)
		return status_fail(ST_INVALID, "body is not multipart/form-data");
	at = content_type + sizeof(type) - 1;
	while ((got = next_parameter(&at, &name, &name_length, value, sizeof(value))) > 0) {
		if (!name_is(name, name_length, "boundary"))
			continue;
		if (*boundary)
			return status_fail(ST_INVALID, "multipart type has two boundaries");
		memcpy(boundary, value, sizeof(boundary));
	}
	if (got < 0 || !boundary_valid(boundary))
		return status_fail(ST_INVALID, "multipart type has no usable boundary");
	m = arena_alloc(a, sizeof(*m));
	m->sink = *sink;
	m->delimiter_length = 4 + strlen(boundary);
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary, strlen(boundary) + 1);
	m->matched = 2; /* the first delimiter stands at the very beginning, without a line end before it */
	m->state = PREAMBLE;
	*out = m;
	return ST_OK;
}

static enum status broken(const char *what)
{
	return status_fail(ST_INVALID, "multipart: %s", what);
}

static bool has_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			return true;
	return false;
}

static enum status read_disposition(struct multipart *m, const char *value)
{
	char text[MULTIPART_HEADERS_MAX + 1];
	const char *at, *name;
	size_t name_length;
	int got;

	if (m->has_name || strncasecmp(value, "form-data", 9) != 0)
		return broken("bad Content-Disposition");
	at = value + 9;
	while ((got = next_parameter(&at, &name, &name_length, text, sizeof(text))) > 0) {
		if (name_is(name, name_length, "name")) {
			if (m->has_name)
				return broken("two names");
			if (!*text || strlen(text) > MULTIPART_NAME_MAX || has_control(text) || !text_is_utf8(text, strlen(text)))
				return broken("bad name");
			memcpy(m->name, text, strlen(text) + 1);
			m->has_name = true;
		} else if (name_is(name, name_length, "filename")) {
			if (m->has_filename)
				return broken("two file names");
			m->has_filename = true;
			/* The name is only shown: one that cannot be shown does not spoil the upload. */
			if (!has_control(text) && text_is_utf8(text, strlen(text)))
				memcpy(m->filename, text, strlen(text) + 1);
		}
	}
	return got < 0 || !m->has_name ? broken("bad Content-Disposition") : ST_OK;
}

static enum status read_header(struct multipart *m, char *line)
{
	char *colon = strchr(line, ':'), *value;
	size_t name_length = colon ? (size_t)(colon - line) : 0;

	if (!name_length)
		return broken("header without a name");
	for (size_t i = 0; i < name_length; i++) /* refuses folded lines and blanks before the colon, too */
		if (!is_token(line[i]))
			return broken("bad header name");
	value = colon + 1 + strspn(colon + 1, " \t");
	if (name_is(line, name_length, "content-disposition"))
		return read_disposition(m, value);
	if (name_is(line, name_length, "content-transfer-encoding") && strcasecmp(value, "binary") != 0 && strcasecmp(value, "8bit") != 0 &&
	    strcasecmp(value, "7bit") != 0)
		return broken("transfer encoding");
	return ST_OK;
}

/* All header lines of a part are in m->headers, the empty one included. */
static enum status begin_part(struct multipart *m)
{
	enum status status;

	m->has_name = m->has_filename = false;
	m->filename[0] = '\0';
	if (++m->parts > MULTIPART_PARTS_MAX)
		return status_fail(ST_LIMIT, "multipart: too many parts");
	for (char *line = m->headers, *end; line[0] != '\r'; line = end + 2) {
		end = strstr(line, "\r\n");
		*end = '\0';
		status = read_header(m, line);
		if (status != ST_OK)
			return status;
	}
	if (!m->has_name)
		return broken("part without a name");
	m->value_length = 0;
	m->matched = 0;
	m->state = BODY;
	bool as_file = m->has_filename || (m->sink.long_field && strcmp(m->name, m->sink.long_field) == 0);

	m->target = as_file ? TO_FILE : TO_FIELD;
	return as_file && m->sink.file_start ? m->sink.file_start(m->sink.context, m->name, m->filename) : ST_OK;
}

/* Bytes of a part's body. */
static enum status give(struct multipart *m, const char *bytes, size_t length)
{
	enum status status;

	if (!length || m->target == TO_NOWHERE)
		return ST_OK;
	if (m->target == TO_FIELD) {
		if (length > MULTIPART_VALUE_MAX - m->value_length)
			return status_fail(ST_LIMIT, "multipart: value is too long");
		memcpy(m->value + m->value_length, bytes, length);
		m->value_length += length;
		return ST_OK;
	}
	status = m->sink.file_data(m->sink.context, bytes, length);
	if (status == ST_LIMIT) {
		m->too_large = true;
		m->target = TO_NOWHERE;
		return ST_OK;
	}
	return status;
}

/* The delimiter behind a part was found. */
static enum status end_part(struct multipart *m)
{
	switch (m->target) {
	case TO_FILE:
		return m->sink.file_end(m->sink.context);
	case TO_FIELD:
		if (m->value_length && (memchr(m->value, '\0', m->value_length) || !text_is_utf8(m->value, m->value_length)))
			return broken("value is not UTF-8");
		m->value[m->value_length] = '\0';
		return m->sink.field ? m->sink.field(m->sink.context, m->name, m->value, m->value_length) : ST_OK;
	case TO_NOWHERE:
		break;
	}
	return ST_OK;
}

/* PREAMBLE and BODY: takes bytes up to the delimiter or the end of the input; *used counts them. */
static enum status scan(struct multipart *m, const char *bytes, size_t length, size_t *used)
{
	size_t i = 0;
	enum status status = ST_OK;

	while (i < length && status == ST_OK) {
		if (bytes[i] == m->delimiter[m->matched]) {
			i++;
			if (++m->matched < m->delimiter_length)
				continue;
			if (m->state == BODY)
				status = end_part(m);
			m->state = DELIMITER;
			m->blanks = false;
			break;
		}
		if (m->matched) { /* what looked like the delimiter was content; the byte at hand is judged again */
			if (m->state == BODY)
				status = give(m, m->delimiter, m->matched);
			m->matched = 0;
		} else {
			const char *next = memchr(bytes + i, '\r', length - i);
			size_t run = next ? (size_t)(next - (bytes + i)) : length - i;
			if (m->state == BODY)
				status = give(m, bytes + i, run);
			i += run;
		}
	}
	*used = i;
	return status;
}

static enum status take_header_byte(struct multipart *m, char c)
{
	size_t n = m->headers_length;
	bool after_cr = n && m->headers[n - 1] == '\r';

	if (n == MULTIPART_HEADERS_MAX)
		return status_fail(ST_LIMIT, "multipart: headers are too long");
	if (!c || after_cr != (c == '\n'))
		return broken("bad line end in headers");
	m->headers[n++] = c;
	m->headers[n] = '\0';
	m->headers_length = n;
	if ((n == 2 && c == '\n') || (n >= 4 && memcmp(m->headers + n - 4, "\r\n\r\n", 4) == 0))
		return begin_part(m);
	return ST_OK;
}

/* All states that look at one byte at a time. */
static enum status take_byte(struct multipart *m, char c)
{
	switch (m->state) {
	case DELIMITER:
		if (c == '\r') {
			m->state = DELIMITER_LF;
		} else if (c == '-' && !m->blanks) {
			m->state = CLOSING;
		} else if (c == ' ' || c == '\t') {
			m->blanks = true;
		} else {
			return broken("bad delimiter");
		}
		return ST_OK;
	case DELIMITER_LF:
		if (c != '\n')
			return broken("bad delimiter");
		m->headers_length = 0;
		m->state = HEADERS;
		return ST_OK;
	case CLOSING:
		if (c != '-')
			return broken("bad delimiter");
		m->state = EPILOGUE;
		return ST_OK;
	case HEADERS:
		return take_header_byte(m, c);
	default:
		return ST_OK;
	}
}

enum status multipart_feed(struct multipart *m, const void *bytes, size_t length)
{
	const char *at = bytes;
	enum status status = ST_OK;

	if (m->state == FAILED)
		return m->failure;
	while (length && status == ST_OK && m->state != EPILOGUE) {
		size_t used = 1;
		status = m->state == PREAMBLE || m->state == BODY ? scan(m, at, length, &used) : take_byte(m, *at);
		at += used;
		length -= used;
	}
	if (status != ST_OK) {
		m->state = FAILED;
		m->failure = status;
	}
	return status;
}

enum status multipart_end(struct multipart *m)
{
	if (m->state == FAILED)
		return m->failure;
	if (m->state != EPILOGUE)
		return broken("no closing boundary");
	return m->too_large ? status_fail(ST_LIMIT, "multipart: file is too large") : ST_OK;
}
