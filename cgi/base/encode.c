/* Hexadecimal and Base64 (declared in text.h). Decoders are strict: one text for one value. */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

static char *hex(struct arena *a, const void *bytes, size_t length, const char *digits)
{
	const unsigned char *from = bytes;
	char *text = arena_alloc(a, length * 2 + 1);
	for (size_t i = 0; i < length; i++) {
		text[2 * i] = digits[from[i] >> 4];
		text[2 * i + 1] = digits[from[i] & 15];
	}
	return text;
}

char *hex_encode(struct arena *a, const void *bytes, size_t length)
{
	return hex(a, bytes, length, "0123456789abcdef");
}

char *hex_encode_upper(struct arena *a, const void *bytes, size_t length)
{
	return hex(a, bytes, length, "0123456789ABCDEF");
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum status hex_decode(struct arena *a, const char *text, struct bytes *out)
{
	size_t length = text ? strlen(text) : 1;
	if (length % 2)
		return status_fail(ST_INVALID, "hex text of odd length");
	unsigned char *data = arena_alloc(a, length / 2 + 1);
	for (size_t i = 0; i < length; i += 2) {
		int high = hex_value(text[i]), low = hex_value(text[i + 1]);
		if (high < 0 || low < 0)
			return status_fail(ST_INVALID, "not a hex digit at %zu", i);
		data[i / 2] = (unsigned char)(high << 4 | low);
	}
	*out = (struct bytes){data, length / 2};
	return ST_OK;
}

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *base64(struct arena *a, const void *bytes, size_t length, const char *alphabet, bool padding)
{
	const unsigned char *from = bytes;
	char *text = arena_alloc(a, (length + 2) / 3 * 4 + 1), *to = text;
	for (; length >= 3; length -= 3, from += 3) {
		*to++ = alphabet[from[0] >> 2];
		*to++ = alphabet[(from[0] & 3) << 4 | from[1] >> 4];
		*to++ = alphabet[(from[1] & 15) << 2 | from[2] >> 6];
		*to++ = alphabet[from[2] & 63];
	}
	if (length) {
		unsigned second = length == 2 ? from[1] : 0;
		*to++ = alphabet[from[0] >> 2];
		*to++ = alphabet[(from[0] & 3) << 4 | second >> 4];
		if (length == 2)
			*to++ = alphabet[(second & 15) << 2];
		else if (padding)
			*to++ = '=';
		if (padding)
			*to++ = '=';
	}
	return text;
}

char *base64_encode(struct arena *a, const void *bytes, size_t length)
{
	return base64(a, bytes, length, standard, true);
}

char *base64url_encode(struct arena *a, const void *bytes, size_t length)
{
	return base64(a, bytes, length, for_urls, false);
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

enum status base64_decode(struct arena *a, const char *text, struct bytes *out)
{
	size_t length = text ? strlen(text) : 1, padding = 0;
	if (length % 4)
		return status_fail(ST_INVALID, "Base64 text of a length that is no multiple of 4");
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	unsigned char *data = arena_alloc(a, length / 4 * 3 + 1), *to = data;
	uint32_t group = 0;
	for (size_t i = 0; i < length; i++) {
		int value = i < length - padding ? base64_value(text[i]) : 0;
		if (value < 0)
			return status_fail(ST_INVALID, "not a Base64 character at %zu", i);
		group = group << 6 | (uint32_t)value;
		if (i % 4 == 3) {
			*to++ = (unsigned char)(group >> 16 & 255);
			*to++ = (unsigned char)(group >> 8 & 255);
			*to++ = (unsigned char)(group & 255);
		}
	}
	/* the bits behind the last byte must be zero */
	if ((padding == 1 && (group & 0xff)) || (padding == 2 && (group & 0xffff)))
		return status_fail(ST_INVALID, "Base64 text with stray bits");
	size_t real = length / 4 * 3 - padding;
	data[real] = 0;
	*out = (struct bytes){data, real};
	return ST_OK;
}
