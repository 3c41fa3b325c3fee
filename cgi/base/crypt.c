/* The only file that knows OpenSSL. Algorithms are fetched once per process. A failure inside the library that no input
 * can cause ends the process: going on without randomness or without a hash would be worse. */
#include "base/crypt.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define SEALED_VERSION 1
#define SEALED_AES_256_GCM 1
#define PIECE_MAX (1 << 30) /* OpenSSL counts in int */

static _Noreturn void fatal(const char *what)
{
	char reason[128];
	ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
	log_error("crypt", "%s failed: %s", what, reason);
	abort();
}

/* ---- the algorithms ---- */

static EVP_MD *digest_sha256(void)
{
	static EVP_MD *md;
	if (!md && !(md = EVP_MD_fetch(NULL, "SHA256", NULL)))
		fatal("fetching SHA256");
	return md;
}

static EVP_MD *digest_sha1(void)
{
	static EVP_MD *md;
	if (!md && !(md = EVP_MD_fetch(NULL, "SHA1", NULL)))
		fatal("fetching SHA1");
	return md;
}

static EVP_MD *digest_sm3(void)
{
	static EVP_MD *md;
	if (!md && !(md = EVP_MD_fetch(NULL, "SM3", NULL)))
		fatal("fetching SM3");
	return md;
}

/* One context for all: to find the algorithms anew takes longer than to compute. */
static EVP_MAC_CTX *hmac_sha256(void)
{
	static EVP_MAC_CTX *ctx;
	if (!ctx) {
		char name[] = "SHA256";
		const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()};
		EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
		if (!mac || !(ctx = EVP_MAC_CTX_new(mac)) || EVP_MAC_CTX_set_params(ctx, params) != 1)
			fatal("fetching HMAC");
		EVP_MAC_free(mac);
	}
	return ctx;
}

enum cipher { AES_256_GCM, SM4_ECB, SM4_CBC, CIPHER_MAX };

static EVP_CIPHER *cipher(enum cipher which)
{
	static const char *const names[CIPHER_MAX] = {[AES_256_GCM] = "AES-256-GCM", [SM4_ECB] = "SM4-ECB", [SM4_CBC] = "SM4-CBC"};
	static EVP_CIPHER *ciphers[CIPHER_MAX];
	if (!ciphers[which] && !(ciphers[which] = EVP_CIPHER_fetch(NULL, names[which], NULL)))
		fatal(names[which]);
	return ciphers[which];
}

/* ---- randomness ---- */

void crypt_random(void *out, size_t length)
{
	for (unsigned char *to = out; length;) {
		size_t piece = length < PIECE_MAX ? length : PIECE_MAX;
		if (RAND_bytes(to, (int)piece) != 1)
			fatal("randomness");
		to += piece;
		length -= piece;
	}
}

char *crypt_uuid(struct arena *a)
{
	unsigned char r[16];
	crypt_random(r, sizeof(r));
	r[6] = (r[6] & 0x0f) | 0x40; /* version 4 */
	r[8] = (r[8] & 0x3f) | 0x80; /* variant of RFC 4122 */
	return arena_printf(a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3], r[4], r[5],
			    r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15]);
}

char *crypt_token(struct arena *a)
{
	unsigned char r[32];
	crypt_random(r, sizeof(r));
	char *token = base64url_encode(a, r, sizeof(r));
	crypt_wipe(r, sizeof(r));
	return token;
}

/* Every character equally likely: random bytes beyond the last whole multiple of the alphabet are thrown away. */
static char *random_text(struct arena *a, size_t length, const char *alphabet)
{
	size_t letters = strlen(alphabet), limit = 256 - 256 % letters, done = 0;
	char *text = arena_alloc(a, length + 1);
	unsigned char r[64];
	while (done < length) {
		crypt_random(r, sizeof(r));
		for (size_t i = 0; i < sizeof(r) && done < length; i++) {
			if (r[i] < limit)
				text[done++] = alphabet[r[i] % letters];
		}
	}
	crypt_wipe(r, sizeof(r));
	return text;
}

char *crypt_alphanumeric(struct arena *a, size_t length)
{
	return random_text(a, length, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

char *crypt_readable(struct arena *a, size_t length)
{
	return random_text(a, length, "23456789ABCDEFGHJKMNPQRSTVWXYZ");
}

/* ---- hashes ---- */

void crypt_sha256(unsigned char out[CRYPT_HASH_SIZE], const void *bytes, size_t length)
{
	if (EVP_Digest(bytes, length, out, NULL, digest_sha256(), NULL) != 1)
		fatal("SHA256");
}

void crypt_sm3(unsigned char out[32], const void *bytes, size_t length)
{
	if (EVP_Digest(bytes, length, out, NULL, digest_sm3(), NULL) != 1)
		fatal("SM3");
}

void crypt_hmac_sha256(unsigned char out[CRYPT_HASH_SIZE], const void *key, size_t key_length, const void *bytes, size_t length)
{
	size_t written = 0;
	EVP_MAC_CTX *ctx = hmac_sha256();
	if (EVP_MAC_init(ctx, key_length ? key : "", key_length, NULL) != 1 || EVP_MAC_update(ctx, bytes, length) != 1 ||
	    EVP_MAC_final(ctx, out, &written, CRYPT_HASH_SIZE) != 1 || written != CRYPT_HASH_SIZE)
		fatal("HMAC");
}

bool crypt_equal(const void *a, const void *b, size_t length)
{
	return CRYPTO_memcmp(a, b, length) == 0;
}

struct crypt_sha256 {
	EVP_MD_CTX *ctx;
};

struct crypt_sha1 {
	EVP_MD_CTX *ctx;
};

static void digest_release(void *object)
{
	EVP_MD_CTX_free(object);
}

static EVP_MD_CTX *digest_start(struct arena *a, const EVP_MD *md)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestInit_ex2(ctx, md, NULL) != 1)
		fatal("digest");
	arena_cleanup(a, digest_release, ctx);
	return ctx;
}

static void digest_add(EVP_MD_CTX *ctx, const void *bytes, size_t length)
{
	if (EVP_DigestUpdate(ctx, bytes, length) != 1)
		fatal("digest");
}

static void digest_end(EVP_MD_CTX *ctx, unsigned char *out)
{
	if (EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		fatal("digest");
}

struct crypt_sha256 *crypt_sha256_start(struct arena *a)
{
	struct crypt_sha256 *h = arena_alloc(a, sizeof(*h));
	h->ctx = digest_start(a, digest_sha256());
	return h;
}

void crypt_sha256_add(struct crypt_sha256 *h, const void *bytes, size_t length)
{
	digest_add(h->ctx, bytes, length);
}

void crypt_sha256_end(struct crypt_sha256 *h, unsigned char out[CRYPT_HASH_SIZE])
{
	digest_end(h->ctx, out);
}

struct crypt_sha1 *crypt_sha1_start(struct arena *a)
{
	struct crypt_sha1 *h = arena_alloc(a, sizeof(*h));
	h->ctx = digest_start(a, digest_sha1());
	return h;
}

void crypt_sha1_add(struct crypt_sha1 *h, const void *bytes, size_t length)
{
	digest_add(h->ctx, bytes, length);
}

void crypt_sha1_end(struct crypt_sha1 *h, unsigned char out[CRYPT_SHA1_SIZE])
{
	digest_end(h->ctx, out);
}

struct bytes crypt_lookup(struct arena *a, const struct crypt_key *key, const char *purpose, const char *value)
{
	if (!value)
		return (struct bytes){NULL, 0};
	size_t purpose_size = strlen(purpose) + 1, value_length = strlen(value);
	unsigned char *message = arena_alloc(a, purpose_size + value_length), *hash = arena_alloc(a, CRYPT_HASH_SIZE + 1);
	memcpy(message, purpose, purpose_size);
	memcpy(message + purpose_size, value, value_length);
	crypt_hmac_sha256(hash, key->key, CRYPT_KEY_SIZE, message, purpose_size + value_length);
	return (struct bytes){hash, CRYPT_HASH_SIZE};
}

/* ---- ciphers ---- */

/* Runs all of from through the cipher; to NULL for additional data. */
static void cipher_update(EVP_CIPHER_CTX *ctx, unsigned char *to, const void *from, size_t length)
{
	const unsigned char *bytes = from;
	while (length) {
		int written = 0;
		size_t piece = length < PIECE_MAX ? length : PIECE_MAX;
		if (EVP_CipherUpdate(ctx, to, &written, bytes, (int)piece) != 1)
			fatal("cipher");
		if (to)
			to += written;
		bytes += piece;
		length -= piece;
	}
}

static EVP_CIPHER_CTX *cipher_start(enum cipher which, const unsigned char *key, const unsigned char *iv, bool encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	if (!ctx || EVP_CipherInit_ex2(ctx, cipher(which), key, iv, encrypt, NULL) != 1)
		fatal("cipher");
	return ctx;
}

void crypt_gcm_seal(unsigned char *out, const unsigned char key[CRYPT_KEY_SIZE], const unsigned char nonce[CRYPT_NONCE_SIZE],
		    const void *aad, size_t aad_length, const void *plain, size_t length)
{
	int written = 0;
	EVP_CIPHER_CTX *ctx = cipher_start(AES_256_GCM, key, nonce, true);
	cipher_update(ctx, NULL, aad, aad_length);
	cipher_update(ctx, out, plain, length);
	if (EVP_EncryptFinal_ex(ctx, out + length, &written) != 1 || written ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CRYPT_TAG_SIZE, out + length) != 1)
		fatal("AES-256-GCM");
	EVP_CIPHER_CTX_free(ctx);
}

enum status crypt_gcm_open(unsigned char *out, const unsigned char key[CRYPT_KEY_SIZE], const unsigned char nonce[CRYPT_NONCE_SIZE],
			   const void *aad, size_t aad_length, const void *sealed, size_t length)
{
	if (length < CRYPT_TAG_SIZE)
		return status_fail(ST_INVALID, "sealed bytes are too short");
	length -= CRYPT_TAG_SIZE;
	int written = 0;
	unsigned char tag[CRYPT_TAG_SIZE], none[1];
	memcpy(tag, (const unsigned char *)sealed + length, sizeof(tag));
	EVP_CIPHER_CTX *ctx = cipher_start(AES_256_GCM, key, nonce, false);
	cipher_update(ctx, NULL, aad, aad_length);
	cipher_update(ctx, out, sealed, length);
	if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1)
		fatal("AES-256-GCM");
	bool genuine = EVP_DecryptFinal_ex(ctx, none, &written) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (genuine)
		return ST_OK;
	ERR_clear_error();
	crypt_wipe(out, length);
	return status_fail(ST_INVALID, "sealed bytes do not match their tag");
}

/* Splits a sealed value; false when it is not one. id_length is 1..CRYPT_KEY_ID_MAX. */
static bool sealed_parts(struct bytes sealed, const unsigned char **id, size_t *id_length, const unsigned char **nonce)
{
	if (!sealed.data || sealed.length < 3 || sealed.data[0] != SEALED_VERSION || sealed.data[1] != SEALED_AES_256_GCM)
		return false;
	*id_length = sealed.data[2];
	if (!*id_length || *id_length > CRYPT_KEY_ID_MAX || sealed.length < 3 + *id_length + CRYPT_NONCE_SIZE + CRYPT_TAG_SIZE)
		return false;
	*id = sealed.data + 3;
	*nonce = *id + *id_length;
	for (size_t i = 0; i < *id_length; i++) {
		unsigned char c = (*id)[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-'))
			return false;
	}
	return true;
}

struct bytes crypt_seal(struct arena *a, const struct crypt_key *key, const char *aad, const void *plain, size_t length)
{
	size_t id_length = strnlen(key->id, sizeof(key->id)), head = 3 + id_length;
	assert(id_length && id_length <= CRYPT_KEY_ID_MAX && aad);
	size_t total = head + CRYPT_NONCE_SIZE + length + CRYPT_TAG_SIZE;
	unsigned char *sealed = arena_alloc(a, total + 1), *nonce = sealed + head;
	sealed[0] = SEALED_VERSION;
	sealed[1] = SEALED_AES_256_GCM;
	sealed[2] = (unsigned char)id_length;
	memcpy(sealed + 3, key->id, id_length);
	crypt_random(nonce, CRYPT_NONCE_SIZE);
	crypt_gcm_seal(nonce + CRYPT_NONCE_SIZE, key->key, nonce, aad, strlen(aad), plain, length);
	return (struct bytes){sealed, total};
}

enum status crypt_open(struct arena *a, const struct crypt_key *key, const char *aad, struct bytes sealed, struct bytes *out)
{
	const unsigned char *id, *nonce;
	size_t id_length;
	if (!sealed_parts(sealed, &id, &id_length, &nonce))
		return status_fail(ST_INVALID, "not a sealed value");
	if (strnlen(key->id, sizeof(key->id)) != id_length || memcmp(key->id, id, id_length) != 0)
		return status_fail(ST_INVALID, "sealed under another key");
	const unsigned char *body = nonce + CRYPT_NONCE_SIZE;
	size_t length = sealed.length - (size_t)(body - sealed.data);
	unsigned char *plain = arena_alloc(a, length - CRYPT_TAG_SIZE + 1);
	enum status st = crypt_gcm_open(plain, key->key, nonce, aad, strlen(aad), body, length);
	if (st == ST_OK)
		*out = (struct bytes){plain, length - CRYPT_TAG_SIZE};
	return st;
}

char *crypt_sealed_key_id(struct arena *a, struct bytes sealed)
{
	const unsigned char *id, *nonce;
	size_t id_length;
	if (!sealed_parts(sealed, &id, &id_length, &nonce))
		return NULL;
	char *copy = arena_alloc(a, id_length + 1);
	memcpy(copy, id, id_length);
	return copy;
}

static enum status sm4(struct arena *a, enum cipher which, const unsigned char *key, const unsigned char *iv, const void *plain,
		       size_t length, struct bytes *out)
{
	if (length > INT_MAX - 64)
		return status_fail(ST_LIMIT, "%zu bytes are too many for one SM4 text", length);
	int written = 0, last = 0;
	size_t front = iv ? 16 : 0;
	unsigned char *whole = arena_alloc(a, front + length + 32), *sealed = whole + front;
	EVP_CIPHER_CTX *ctx = cipher_start(which, key, iv, true);
	if (iv)
		memcpy(whole, iv, front);
	if ((length && EVP_EncryptUpdate(ctx, sealed, &written, plain, (int)length) != 1) ||
	    EVP_EncryptFinal_ex(ctx, sealed + written, &last) != 1)
		fatal("SM4");
	EVP_CIPHER_CTX_free(ctx);
	sealed[written + last] = 0;
	*out = (struct bytes){whole, front + (size_t)(written + last)};
	return ST_OK;
}

enum status crypt_sm4_ecb(struct arena *a, const unsigned char key[16], const void *plain, size_t length, struct bytes *out)
{
	return sm4(a, SM4_ECB, key, NULL, plain, length, out);
}

enum status crypt_sm4_cbc(struct arena *a, const unsigned char key[16], const unsigned char iv[16], const void *plain, size_t length,
			  struct bytes *out)
{
	return sm4(a, SM4_CBC, key, iv, plain, length, out);
}

void crypt_wipe(void *bytes, size_t length)
{
	if (length)
		OPENSSL_cleanse(bytes, length);
}
