/* Bytes and text for the stand-ins. The base64 decoder is strict: OpenSSL's accepts white space, real services do not. */
#include "encode.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define FILE_MAX (16u << 20)

void encode_hex(char *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool encode_unhex(unsigned char *out, size_t n, const char *text)
{
	if (strlen(text) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

char *encode_base64(const void *bytes, size_t n)
{
	char *out = malloc(4 * ((n + 2) / 3) + 1);

	if (!out)
		abort();
	EVP_EncodeBlock((unsigned char *)out, bytes, (int)n);
	return out;
}

static int base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

unsigned char *encode_unbase64(const char *text, size_t length, size_t *n)
{
	size_t padding = 0, at = 0;
	unsigned char *out;

	if (length % 4)
		return NULL;
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	out = malloc(length / 4 * 3 + 1);
	if (!out)
		abort();
	for (size_t i = 0; i < length; i += 4) {
		uint32_t group = 0;

		for (size_t j = 0; j < 4; j++) {
			bool filler = i + j >= length - padding;
			int value = filler ? 0 : base64_value((unsigned char)text[i + j]);

			if (value < 0) {
				free(out);
				return NULL;
			}
			group = group << 6 | (uint32_t)value;
		}
		out[at++] = (unsigned char)(group >> 16);
		out[at++] = (unsigned char)(group >> 8);
		out[at++] = (unsigned char)group;
	}
	*n = at - padding;
	out[*n] = '\0';
	return out;
}

/* The length of the character that starts at s, 0 when it is malformed. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 1}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	for (size_t form = 0; form < 4; form++) {
		uint32_t code = s[0] & (unsigned char)~forms[form].mask;

		if ((s[0] & forms[form].mask) != forms[form].lead)
			continue;
		if (left < form + 1)
			return 0;
		for (size_t i = 1; i <= form; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (s[i] & 0x3f);
		}
		return code >= forms[form].least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? form + 1 : 0;
	}
	return 0;
}

bool encode_is_utf8(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t at = 0; at < n;) {
		size_t length = utf8_length(s + at, n - at);

		if (!length)
			return false;
		at += length;
	}
	return true;
}

size_t encode_count_utf8(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

void encode_sha256(unsigned char out[SHA256_SIZE], const void *bytes, size_t n)
{
	if (!EVP_Digest(bytes, n, out, NULL, EVP_sha256(), NULL))
		abort();
}

void encode_sha256_hex(char out[SHA256_HEX], const void *bytes, size_t n)
{
	unsigned char digest[SHA256_SIZE];

	encode_sha256(digest, bytes, n);
	encode_hex(out, digest, sizeof(digest));
}

char *encode_read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	size_t n;

	if (!file)
		return NULL;
	text = malloc(FILE_MAX + 1);
	if (!text)
		abort();
	n = fread(text, 1, FILE_MAX + 1, file);
	if (ferror(file) || n > FILE_MAX) {
		free(text);
		text = NULL;
	} else {
		char *exact = realloc(text, n + 1);

		text = exact ? exact : text;
		text[n] = '\0';
		if (length)
			*length = n;
	}
	fclose(file);
	return text;
}

char *encode_read_secret(const char *path)
{
	size_t n;
	char *text = encode_read_file(path, &n);

	while (text && n && (text[n - 1] == '\n' || text[n - 1] == '\r' || text[n - 1] == ' '))
		text[--n] = '\0';
	return text;
}
