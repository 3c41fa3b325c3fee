/* The only file that knows OpenSSL: random, hashes, keyed hashes, sealed values, the national ciphers of T1. */
#ifndef BASE_CRYPT_H
#define BASE_CRYPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

#define CRYPT_HASH_SIZE 32
#define CRYPT_KEY_SIZE 32
#define CRYPT_KEY_ID_MAX 40
#define CRYPT_TAG_SIZE 16
#define CRYPT_NONCE_SIZE 12

/* A symmetric key with the id that stands in every header. */
struct crypt_key {
	char id[CRYPT_KEY_ID_MAX + 1]; /* [0-9a-z-], a name for master and look-up keys, a UUID for data keys */
	unsigned char key[CRYPT_KEY_SIZE];
};

void crypt_random(void *out, size_t length); /* ends the process when the system has no randomness */
char *crypt_uuid(struct arena *a);           /* random UUID, lower case, 36 characters */
char *crypt_token(struct arena *a);          /* 256 random bits, base64url, 43 characters */
/* length characters of the alphabet "0-9A-Za-z" (T1 RequestID). */
char *crypt_alphanumeric(struct arena *a, size_t length);
/* length characters of "23456789ABCDEFGHJKMNPQRSTVWXYZ": numbers that people read out. */
char *crypt_readable(struct arena *a, size_t length);

void crypt_sha256(unsigned char out[CRYPT_HASH_SIZE], const void *bytes, size_t length);
void crypt_hmac_sha256(unsigned char out[CRYPT_HASH_SIZE], const void *key, size_t key_length, const void *bytes, size_t length);
bool crypt_equal(const void *a, const void *b, size_t length); /* constant time */

/* Streaming SHA-256. */
struct crypt_sha256;
struct crypt_sha256 *crypt_sha256_start(struct arena *a);
void crypt_sha256_add(struct crypt_sha256 *h, const void *bytes, size_t length);
void crypt_sha256_end(struct crypt_sha256 *h, unsigned char out[CRYPT_HASH_SIZE]);

/* Streaming SHA-1, for the checksum that a client sends with a piece of an upload; protects nothing. */
#define CRYPT_SHA1_SIZE 20
struct crypt_sha1;
struct crypt_sha1 *crypt_sha1_start(struct arena *a);
void crypt_sha1_add(struct crypt_sha1 *h, const void *bytes, size_t length);
void crypt_sha1_end(struct crypt_sha1 *h, unsigned char out[CRYPT_SHA1_SIZE]);

/* Keyed hash for look-up (certificate number, phone, session id): HMAC-SHA-256 under key over "purpose\0value".
 * Two purposes never give comparable values. Result: 32 bytes in the arena. */
struct bytes crypt_lookup(struct arena *a, const struct crypt_key *key, const char *purpose, const char *value);

/* Sealed value: version(1)=1 | algorithm(1)=1 AES-256-GCM | key id length(1) | key id | nonce(12) | ciphertext | tag(16).
 * aad is the row identity, "table|column|row id": a value moved to another row or column does not open. */
struct bytes crypt_seal(struct arena *a, const struct crypt_key *key, const char *aad, const void *plain, size_t length);
/* ST_INVALID when it is not ours, the key id differs, or the tag does not match. */
enum status crypt_open(struct arena *a, const struct crypt_key *key, const char *aad, struct bytes sealed, struct bytes *out) MUST_CHECK;
/* The key id in the header, NULL when it is not a sealed value. Arena. */
char *crypt_sealed_key_id(struct arena *a, struct bytes sealed);

/* AES-256-GCM without a header, for evidence segments: out holds length + CRYPT_TAG_SIZE bytes. */
void crypt_gcm_seal(unsigned char *out, const unsigned char key[CRYPT_KEY_SIZE], const unsigned char nonce[CRYPT_NONCE_SIZE],
                    const void *aad, size_t aad_length, const void *plain, size_t length);
/* out holds length - CRYPT_TAG_SIZE bytes. ST_INVALID when the tag does not match. */
enum status crypt_gcm_open(unsigned char *out, const unsigned char key[CRYPT_KEY_SIZE], const unsigned char nonce[CRYPT_NONCE_SIZE],
                           const void *aad, size_t aad_length, const void *sealed, size_t length) MUST_CHECK;

/* National algorithms of T1 (domain.md 1.4, vectors in chapter 6). */
void crypt_sm3(unsigned char out[32], const void *bytes, size_t length);
enum status crypt_sm4_ecb(struct arena *a, const unsigned char key[16], const void *plain, size_t length, struct bytes *out) MUST_CHECK; /* PKCS7 */
enum status crypt_sm4_cbc(struct arena *a, const unsigned char key[16], const unsigned char iv[16], const void *plain, size_t length, struct bytes *out) MUST_CHECK; /* PKCS7, the IV in front */

/* Overwrites; never optimised away. */
void crypt_wipe(void *bytes, size_t length);

#endif
