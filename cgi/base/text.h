/* Bounded text: a growing buffer in an arena, UTF-8, normalisation of what people type, encodings, masks. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Bytes with a length; data is always NUL-terminated behind length. */
struct bytes {
	const unsigned char *data;
	size_t length;
};

/* A buffer that grows inside an arena, never beyond limit; after that `overflow` is true and bytes are dropped. */
struct buffer {
	struct arena *arena;
	char *data; /* NUL-terminated */
	size_t length, capacity, limit;
	bool overflow;
};
void buffer_init(struct buffer *b, struct arena *a, size_t limit);
void buffer_add(struct buffer *b, const void *bytes, size_t length);
void buffer_text(struct buffer *b, const char *text);
void buffer_printf(struct buffer *b, const char *format, ...) PRINTF_LIKE(2, 3);

bool text_is_utf8(const char *text, size_t length); /* strict: no surrogates, no overlong, no NUL */
size_t text_characters(const char *utf8);           /* code points */
bool text_empty(const char *text);                  /* NULL or "" */
bool text_equal(const char *a, const char *b);      /* NULL equals NULL only */
bool text_prefix(const char *text, const char *prefix);
bool text_uuid(const char *text);                    /* as crypt_uuid and PostgreSQL write one; false for NULL */

/* What people type (ux.md 3.0), before it is judged: full-width to half-width, zero-width and control
 * characters dropped, ends trimmed, runs of blanks made one blank. Result in the arena. */
char *text_clean(struct arena *a, const char *utf8);
/* Prose of several lines: each as text_clean makes it, but letters and stops keep their width; lines without anything are dropped. */
char *text_lines(struct arena *a, const char *utf8);
/* text_clean, then blanks, hyphens, dots and slashes dropped and letters upper-cased: VIN, ICCID, certificate numbers, codes. */
char *text_code(struct arena *a, const char *utf8);
/* text_code, then a leading +86, 0086 or 86 dropped when 11 digits remain. */
char *text_phone(struct arena *a, const char *utf8);
/* A person's name: text_clean, every kind of middle dot to U+00B7, no blanks beside Han characters. */
char *text_name(struct arena *a, const char *utf8);
/* Equal after text_name, without regard to blanks, dots and letter case. */
bool text_same_name(struct arena *a, const char *one, const char *other);

/* Masks (shown by default on every page): "138****5678", "张*" / "欧**", "110***********0011" (3 + 4),
 * "LTEST0A*******0001" (7 + 4), last four of an ICCID. Result in the arena; "" for NULL. */
char *mask_phone(struct arena *a, const char *phone);
char *mask_name(struct arena *a, const char *name);
char *mask_number(struct arena *a, const char *number);
char *mask_vin(struct arena *a, const char *vin);
char *mask_address(struct arena *a, const char *address); /* first 6 characters, then *** */

char *hex_encode(struct arena *a, const void *bytes, size_t length); /* lower case */
char *hex_encode_upper(struct arena *a, const void *bytes, size_t length);
enum status hex_decode(struct arena *a, const char *hex, struct bytes *out) MUST_CHECK;
char *base64_encode(struct arena *a, const void *bytes, size_t length);    /* standard, padded, one line */
char *base64url_encode(struct arena *a, const void *bytes, size_t length); /* no padding */
enum status base64_decode(struct arena *a, const char *text, struct bytes *out) MUST_CHECK; /* strict, standard */

#endif
