/* Cryptography: published vectors, sealed values that must not open, key files. */
#include "base/crypt.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/keys.h"
#include "test.h"

static struct arena *a;
static const unsigned char sm4_key[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};

static char *sm3_hex(const char *text)
{
	unsigned char hash[32];
	crypt_sm3(hash, text, strlen(text));
	return hex_encode(a, hash, sizeof(hash));
}

static void test_crypt_sm3_vectors(void)
{
	CHECK_TEXT(sm3_hex("abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
	CHECK_TEXT(sm3_hex("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"),
		   "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
	CHECK_TEXT(sm3_hex(""), "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b");
}

static void test_crypt_sign_nature_vectors(void)
{
	unsigned char hash[32];
	crypt_sm3(hash, "AUTOCO01secret", 14);
	CHECK_TEXT(hex_encode_upper(a, hash, 32), "2E0DF6464A5104775320EA0349692DF7771066D4AAF67AC39F362B39DA97F1CF");
	crypt_sm3(hash, "OEM-000001Abc@123456", 20);
	CHECK_TEXT(hex_encode_upper(a, hash, 32), "CEF8CA9CCE9A84244E9590AE4698AF8C6D8065D5591598ECB26985A56677F212");
}

static char *ecb_hex(const char *plain)
{
	struct bytes out = {NULL, 0};
	CHECK(crypt_sm4_ecb(a, sm4_key, plain, strlen(plain), &out) == ST_OK);
	return hex_encode(a, out.data, out.length);
}

static void test_crypt_sm4_vectors(void)
{
	static const char plain[] = "{\"CustomerName\":\"张三\"}";
	unsigned char iv[16];
	struct bytes out = {NULL, 0};
	for (int i = 0; i < 16; i++)
		iv[i] = (unsigned char)i;
	CHECK(crypt_sm4_ecb(a, sm4_key, sm4_key, 16, &out) == ST_OK && out.length == 32);
	CHECK_TEXT(hex_encode(a, out.data, 16), "681edf34d206965e86b3e94f536e4246");
	CHECK_TEXT(ecb_hex(plain), "586a277dea708bc6099d9d8e54e71ee936e46d7fd490009a8ada3f1b84630b19");
	CHECK(crypt_sm4_ecb(a, sm4_key, plain, strlen(plain), &out) == ST_OK);
	CHECK_TEXT(base64_encode(a, out.data, out.length), "WGonfepwi8YJnZ2OVOce6TbkbX/UkACaito/G4RjCxk=");
	CHECK_TEXT(ecb_hex("0123456789abcdef"), "e6887b77dbabb572ffa07fed7548b192002a8a4efa863ccad024ac0300bb40d2");
	CHECK_TEXT(ecb_hex(""), "002a8a4efa863ccad024ac0300bb40d2");
	CHECK(crypt_sm4_cbc(a, sm4_key, iv, plain, strlen(plain), &out) == ST_OK);
	CHECK_TEXT(hex_encode(a, out.data, out.length), "000102030405060708090a0b0c0d0e0f" /* the IV */
							"cad555a758a0e026da96f0654b966522a48eaa71a2e09dfbda9a70b2d6b8cdde");
}

/* CBC over zero blocks with the plaintext as IV is the cipher applied to its own output: a million rounds in one call. */
static void test_crypt_sm4_million_rounds(void)
{
	size_t length = (size_t)16 * 1000000;
	struct bytes out = {NULL, 0};
	void *zeros = calloc(1, length);
	CHECK(zeros != NULL);
	CHECK(crypt_sm4_cbc(a, sm4_key, sm4_key, zeros, length, &out) == ST_OK && out.length == length + 32);
	CHECK_TEXT(hex_encode(a, out.data + length, 16), "595298c7c6fd271f0402f804c33d3f66");
	free(zeros);
	arena_reset(a);
}

static void test_crypt_sha256_and_hmac(void)
{
	unsigned char hash[32], again[32];
	crypt_sha256(hash, "abc", 3);
	CHECK_TEXT(hex_encode(a, hash, 32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	struct crypt_sha256 *h = crypt_sha256_start(a);
	crypt_sha256_add(h, "a", 1);
	crypt_sha256_add(h, "bc", 2);
	crypt_sha256_end(h, again);
	CHECK(crypt_equal(hash, again, 32));
	unsigned char sum[CRYPT_SHA1_SIZE];
	struct crypt_sha1 *one = crypt_sha1_start(a);
	crypt_sha1_add(one, "a", 1);
	crypt_sha1_add(one, "bc", 2);
	crypt_sha1_end(one, sum);
	CHECK_TEXT(hex_encode(a, sum, sizeof(sum)), "a9993e364706816aba3e25717850c26c9cd0d89d");
	again[31] ^= 1;
	CHECK(!crypt_equal(hash, again, 32));
	crypt_hmac_sha256(hash, "Jefe", 4, "what do ya want for nothing?", 28); /* RFC 4231 case 2 */
	CHECK_TEXT(hex_encode(a, hash, 32), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	crypt_hmac_sha256(hash, NULL, 0, NULL, 0);
	CHECK_TEXT(hex_encode(a, hash, 32), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_crypt_lookup_separates_purposes(void)
{
	struct crypt_key key = {.id = "lookup-1", .key = {1, 2, 3}}, other = {.id = "lookup-2", .key = {1, 2, 4}};
	struct bytes phone = crypt_lookup(a, &key, "phone", "13812345678");
	CHECK(phone.length == 32);
	CHECK(memcmp(phone.data, crypt_lookup(a, &key, "phone", "13812345678").data, 32) == 0);
	CHECK(memcmp(phone.data, crypt_lookup(a, &key, "number", "13812345678").data, 32) != 0);
	CHECK(memcmp(phone.data, crypt_lookup(a, &other, "phone", "13812345678").data, 32) != 0);
	CHECK(memcmp(crypt_lookup(a, &key, "ab", "c").data, crypt_lookup(a, &key, "a", "bc").data, 32) != 0);
	CHECK(crypt_lookup(a, &key, "phone", NULL).data == NULL);
}

static void test_crypt_sealed_value_opens(void)
{
	struct crypt_key key = {.id = "6f1c9a1e-0000-4000-8000-000000000001", .key = {7}};
	struct bytes sealed = crypt_seal(a, &key, "person|name|1", "张三", 6), plain = {NULL, 0};
	CHECK(sealed.length == 3 + 36 + 12 + 6 + 16);
	CHECK_TEXT(crypt_sealed_key_id(a, sealed), key.id);
	CHECK(crypt_open(a, &key, "person|name|1", sealed, &plain) == ST_OK && plain.length == 6);
	CHECK_TEXT((const char *)plain.data, "张三");
	struct bytes again = crypt_seal(a, &key, "person|name|1", "张三", 6);
	CHECK(memcmp(again.data, sealed.data, sealed.length) != 0);
	struct bytes empty = crypt_seal(a, &key, "x", NULL, 0);
	CHECK(crypt_open(a, &key, "x", empty, &plain) == ST_OK && plain.length == 0 && plain.data && plain.data[0] == 0);
}

static void test_crypt_sealed_value_stays_shut(void)
{
	struct crypt_key key = {.id = "k1", .key = {7}}, same_id = {.id = "k1", .key = {8}}, other_id = {.id = "k2", .key = {7}};
	struct bytes sealed = crypt_seal(a, &key, "person|name|1", "secret", 6), plain = {NULL, 99};
	CHECK(crypt_open(a, &key, "person|name|2", sealed, &plain) == ST_INVALID);
	CHECK(crypt_open(a, &key, "", sealed, &plain) == ST_INVALID);
	CHECK(crypt_open(a, &same_id, "person|name|1", sealed, &plain) == ST_INVALID);
	CHECK(crypt_open(a, &other_id, "person|name|1", sealed, &plain) == ST_INVALID);
	for (size_t bit = 0; bit < sealed.length * 8; bit++) {
		unsigned char *copy = arena_memdup(a, sealed.data, sealed.length);
		copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
		CHECK(crypt_open(a, &key, "person|name|1", (struct bytes){copy, sealed.length}, &plain) == ST_INVALID);
	}
	for (size_t length = 0; length < sealed.length; length++) {
		unsigned char *copy = arena_memdup(a, sealed.data, length);
		CHECK(crypt_open(a, &key, "person|name|1", (struct bytes){copy, length}, &plain) == ST_INVALID);
		if (length < 3)
			CHECK(crypt_sealed_key_id(a, (struct bytes){copy, length}) == NULL);
	}
	CHECK(plain.data == NULL && plain.length == 99);
	CHECK(crypt_sealed_key_id(a, (struct bytes){NULL, 0}) == NULL);
}

static void test_crypt_gcm_vector(void)
{
	/* the GCM specification, test case 14: zero key, zero nonce, one zero block */
	unsigned char key[32] = {0}, nonce[12] = {0}, plain[16] = {0}, sealed[32], opened[16];
	crypt_gcm_seal(sealed, key, nonce, NULL, 0, plain, sizeof(plain));
	CHECK_TEXT(hex_encode(a, sealed, 32), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
	CHECK(crypt_gcm_open(opened, key, nonce, NULL, 0, sealed, sizeof(sealed)) == ST_OK && memcmp(opened, plain, 16) == 0);
	CHECK(crypt_gcm_open(opened, key, nonce, "x", 1, sealed, sizeof(sealed)) == ST_INVALID);
	CHECK(crypt_gcm_open(opened, key, nonce, NULL, 0, sealed, 15) == ST_INVALID);
}

static void test_crypt_random_texts(void)
{
	char *uuid = crypt_uuid(a);
	CHECK(strlen(uuid) == 36 && uuid[14] == '4' && strchr("89ab", uuid[19]) && strspn(uuid, "0123456789abcdef-") == 36);
	CHECK(strcmp(uuid, crypt_uuid(a)) != 0);
	CHECK(strlen(crypt_token(a)) == 43);
	CHECK(strlen(crypt_alphanumeric(a, 20)) == 20);
	char *readable = crypt_readable(a, 3000);
	CHECK(strspn(readable, "23456789ABCDEFGHJKMNPQRSTVWXYZ") == 3000);
	CHECK(strchr(readable, '2') && strchr(readable, 'Z'));
}

static enum status load(const char *content, mode_t mode, struct key_ring *ring)
{
	char path[] = "/tmp/test_keys_XXXXXX";
	int fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content) && fchmod(fd, mode) == 0);
	close(fd);
	enum status st = keys_load_ring(ring, path);
	unlink(path);
	return st;
}

#define HEX_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX_B "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"

static void test_keys_files(void)
{
	static const char *const bad[] = {"",
					  "# only a comment\n",
					  "a\n",
					  "a " HEX_A " more\n",
					  "A " HEX_A "\n",
					  "a 0011\n",
					  "a " HEX_A "00\n",
					  "a " HEX_A "\na " HEX_B "\n",
					  "a zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
					  "a1234567890123456789012345678901234567890 " HEX_A "\n"};
	struct key_ring ring = {.count = 0};
	CHECK(load("# in use\nnew-2 " HEX_A "\n\n old-1 " HEX_B "\r\n", 0600, &ring) == ST_OK && ring.count == 2);
	CHECK_TEXT(keys_current(&ring)->id, "new-2");
	CHECK(keys_find(&ring, "old-1") == &ring.keys[1] && ring.keys[1].key[0] == 0xff);
	CHECK(keys_find(&ring, "other") == NULL && keys_find(&ring, NULL) == NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(load(bad[i], 0600, &ring) == ST_INVALID);
		CHECK(!strstr(status_message(), "0102030405"));
	}
	CHECK(ring.count == 2);
	CHECK(load("bad line\n", 0600, &ring) == ST_INVALID && strstr(status_message(), ":1: "));
	CHECK(load("a " HEX_A "\n", 0640, &ring) == ST_INVALID);
	CHECK(load("a " HEX_A "\n", 0604, &ring) == ST_INVALID);
	CHECK(load("a " HEX_A, 0400, &ring) == ST_OK && ring.count == 1);
	CHECK(keys_load_ring(&ring, "/nonexistent/keys") == ST_INVALID);
	CHECK(keys_load_ring(&ring, "/tmp") == ST_INVALID);
}

int main(void)
{
	a = arena_create();
	RUN(test_crypt_sm3_vectors);
	RUN(test_crypt_sign_nature_vectors);
	RUN(test_crypt_sm4_vectors);
	RUN(test_crypt_sm4_million_rounds);
	RUN(test_crypt_sha256_and_hmac);
	RUN(test_crypt_lookup_separates_purposes);
	RUN(test_crypt_sealed_value_opens);
	RUN(test_crypt_sealed_value_stays_shut);
	RUN(test_crypt_gcm_vector);
	RUN(test_crypt_random_texts);
	RUN(test_keys_files);
	arena_destroy(a);
	return test_failures;
}
