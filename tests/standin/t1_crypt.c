/* How T1 messages are signed and enciphered. */
#include "t1_crypt.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "encode.h"

#define SM3_SIZE 32
#define SM4_BLOCK 16

void t1_sign(char out[SM3_HEX], const char *platform_id, const char *password)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char digest[SM3_SIZE];

	if (!context || !EVP_DigestInit_ex(context, EVP_sm3(), NULL) || !EVP_DigestUpdate(context, platform_id, strlen(platform_id)) ||
	    !EVP_DigestUpdate(context, password, strlen(password)) || !EVP_DigestFinal_ex(context, digest, NULL))
		abort();
	EVP_MD_CTX_free(context);
	encode_hex(out, digest, sizeof(digest));
	for (char *c = out; *c; c++)
		*c = (char)toupper((unsigned char)*c);
}

bool t1_sign_equals(const char *signature, const char *given)
{
	char upper[SM3_HEX];

	if (strlen(given) != SM3_HEX - 1)
		return false;
	for (size_t i = 0; i < SM3_HEX; i++)
		upper[i] = (char)toupper((unsigned char)given[i]);
	return CRYPTO_memcmp(upper, signature, SM3_HEX - 1) == 0;
}

/* Malloc'd bytes of hex or base64, NULL when the text is neither. */
static unsigned char *decode(bool hex, const char *text, size_t *n)
{
	size_t length = strlen(text);
	unsigned char *bytes;

	if (!hex)
		return encode_unbase64(text, length, n);
	*n = length / 2;
	bytes = malloc(*n + 1);
	if (!bytes)
		abort();
	if (!encode_unhex(bytes, *n, text)) {
		free(bytes);
		bytes = NULL;
	}
	return bytes;
}

/* Opens in PKCS7; -1 when the padding or the length is wrong. */
static int open_sm4(const struct t1_crypt *crypt, const unsigned char *bytes, size_t n, unsigned char *out)
{
	bool cbc = crypt->cipher == T1_CBC;
	size_t skip = cbc ? SM4_BLOCK : 0;
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int first = 0, last = 0, total = -1;

	if (!context)
		abort();
	if (n >= skip + SM4_BLOCK && (n - skip) % SM4_BLOCK == 0 &&
	    EVP_DecryptInit_ex(context, cbc ? EVP_sm4_cbc() : EVP_sm4_ecb(), NULL, crypt->key, cbc ? bytes : NULL) &&
	    EVP_DecryptUpdate(context, out, &first, bytes + skip, (int)(n - skip)) && EVP_DecryptFinal_ex(context, out + first, &last))
		total = first + last;
	EVP_CIPHER_CTX_free(context);
	return total;
}

char *t1_decrypt(const struct t1_crypt *crypt, const char *text)
{
	size_t n = 0;
	unsigned char *bytes;
	char *clear;
	int length;

	if (crypt->cipher == T1_PLAIN)
		return strdup(text);
	bytes = decode(crypt->hex, text, &n);
	if (!bytes)
		return NULL;
	clear = malloc(n + 1);
	if (!clear)
		abort();
	length = open_sm4(crypt, bytes, n, (unsigned char *)clear);
	free(bytes);
	if (length < 0 || !encode_is_utf8(clear, (size_t)length)) {
		free(clear);
		return NULL;
	}
	clear[length] = '\0';
	return clear;
}

static bool report(bool good, const char *name)
{
	printf("%s t1 %s\n", good ? "ok" : "FAILED", name);
	return good;
}

static bool opens(enum t1_cipher cipher, bool hex, const char *text, const char *clear)
{
	struct t1_crypt crypt = {.cipher = cipher, .hex = hex};
	char *opened;
	bool good;

	if (!encode_unhex(crypt.key, SM4_KEY, "0123456789abcdeffedcba9876543210"))
		return false;
	opened = t1_decrypt(&crypt, text);
	good = opened && clear ? strcmp(opened, clear) == 0 : opened == clear;
	free(opened);
	return good;
}

bool t1_crypt_self_test(void)
{
	static const char json[] = "{\"CustomerName\":\"张三\"}";
	char signature[SM3_HEX];
	bool good = true;

	t1_sign(signature, "abc", "");
	good &= report(t1_sign_equals(signature, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"), "SM3 of abc");
	t1_sign(signature, "AUTOCO01", "secret");
	good &= report(strcmp(signature, "2E0DF6464A5104775320EA0349692DF7771066D4AAF67AC39F362B39DA97F1CF") == 0,
		       "signature, first vector");
	t1_sign(signature, "OEM-000001", "Abc@123456");
	good &= report(strcmp(signature, "CEF8CA9CCE9A84244E9590AE4698AF8C6D8065D5591598ECB26985A56677F212") == 0,
		       "signature, second vector");
	good &= report(!t1_sign_equals(signature, "CEF8"), "refuses a short signature");
	good &= report(opens(T1_ECB, false, "WGonfepwi8YJnZ2OVOce6TbkbX/UkACaito/G4RjCxk=", json), "SM4-ECB in base64");
	good &= report(opens(T1_ECB, true, "586a277dea708bc6099d9d8e54e71ee936e46d7fd490009a8ada3f1b84630b19", json), "SM4-ECB in hex");
	good &= report(opens(T1_CBC, true,
			     "000102030405060708090a0b0c0d0e0fcad555a758a0e026da96f0654b966522a48eaa71a2e09dfbda9a70b2d6b8cdde", json),
		       "SM4-CBC, IV in front");
	good &= report(opens(T1_ECB, true, "e6887b77dbabb572ffa07fed7548b192002a8a4efa863ccad024ac0300bb40d2", "0123456789abcdef"),
		       "SM4-ECB, a full block of padding");
	good &= report(opens(T1_ECB, true, "002a8a4efa863ccad024ac0300bb40d2", ""), "SM4-ECB of nothing");
	good &= report(opens(T1_ECB, true, "681edf34d206965e86b3e94f536e4246", NULL), "refuses a block without padding");
	good &= report(opens(T1_ECB, true, "681edf34", NULL), "refuses part of a block");
	return good;
}
