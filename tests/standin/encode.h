/* Bytes and text for the stand-ins: base64, hex, UTF-8, digests, files. Knows nothing of HTTP or of the wire formats. */
#ifndef STANDIN_ENCODE_H
#define STANDIN_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#define SHA256_SIZE 32
#define SHA256_HEX 65

/* Lower-case hex with a terminator: out has room for 2 * n + 1. */
void encode_hex(char *out, const unsigned char *bytes, size_t n);
/* Either case. False when text is not exactly 2 * n hex digits. */
bool encode_unhex(unsigned char *out, size_t n, const char *text);

/* Malloc'd text, the caller frees it. */
char *encode_base64(const void *bytes, size_t n);
/* Standard alphabet with padding and nothing else. NULL when text is anything else; else malloc'd, *n bytes and a terminator. */
unsigned char *encode_unbase64(const char *text, size_t length, size_t *n);

/* Whole and well-formed (no overlong forms, no surrogates) and without a zero byte. */
bool encode_is_utf8(const char *text, size_t n);
/* The number of characters of well-formed UTF-8. */
size_t encode_count_utf8(const char *text);

void encode_sha256(unsigned char out[SHA256_SIZE], const void *bytes, size_t n);
void encode_sha256_hex(char out[SHA256_HEX], const void *bytes, size_t n);

/* The whole file, malloc'd and terminated; length may be NULL. NULL when it cannot be read or is over 16 MiB. */
char *encode_read_file(const char *path, size_t *length);
/* The same without the white space at the end: for keys and passwords. */
char *encode_read_secret(const char *path);

#endif
