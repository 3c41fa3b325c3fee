/* How T1 messages are signed and enciphered: SM3, SM4. */
#ifndef STANDIN_T1_CRYPT_H
#define STANDIN_T1_CRYPT_H

#include <stdbool.h>
#include <stddef.h>

#define SM3_HEX 65
#define SM4_KEY 16

enum t1_cipher { T1_ECB, T1_CBC, T1_PLAIN }; /* CBC: 16 bytes of IV in front. PLAIN: the JSON as it is */

struct t1_crypt {
	enum t1_cipher cipher;
	bool hex; /* else base64 */
	unsigned char key[SM4_KEY];
};

/* Upper-case hex of the SM3 digest of platform id followed by password. */
void t1_sign(char out[SM3_HEX], const char *platform_id, const char *password);
/* Compares without regard to case and in constant time. */
bool t1_sign_equals(const char *signature, const char *given);
/* The clear text, malloc'd and terminated, UTF-8 without zero bytes. NULL when the text does not open. */
char *t1_decrypt(const struct t1_crypt *crypt, const char *text);

bool t1_crypt_self_test(void);

#endif
