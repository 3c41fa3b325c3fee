/* A carrier profile: how one carrier wants T1 (docs/t1.md says why each point is open). Parsed from the JSON of
 * carrier_connection.profile; holds names of secrets, never secrets. */
#ifndef T1_PROFILE_H
#define T1_PROFILE_H

#include "base/config.h"
#include "domain/certificate.h"

/* What can be asked of a carrier. */
enum t1_operation {
	T1_REGISTER,
	T1_SUPPLEMENT,
	T1_TRANSFER,
	T1_UPDATE,
	T1_CANCEL,
	T1_REPLACE_CARD,
	T1_VEHICLE_STATUS,
	T1_OPERATION_MAX
};

enum t1_cipher { T1_SM4_ECB, T1_SM4_CBC, T1_NONE };
enum t1_encoding { T1_BASE64, T1_HEX_UPPER, T1_HEX_LOWER };

/* Every text lives in the arena that t1_profile_parse was given. */
struct t1_profile {
	char *account_url, *vehicle_url;
	char *ca_file;           /* NULL: outbound_ca_file */
	bool annex_confirmed;    /* false: only loopback endpoints are allowed */
	bool sign_upper;         /* SignNature in upper-case hex */
	char *password_secret;   /* name in secrets_dir */
	enum t1_cipher cipher;
	char *cipher_key_secret; /* name in secrets_dir of 32 hex digits; NULL with T1_NONE */
	enum t1_encoding encoding;
	bool cert_date_end_only;
	char *pho_name;          /* template, NULL: not sent */
	char *default_channel_name, *default_staff_name, *default_channel_address;
	int timeout_ms;          /* 0: outbound_timeout_ms */
	char *oper_types[T1_OPERATION_MAX];           /* the carrier's codes, NULL: not mapped */
	char *certificate_types[CERTIFICATE_TYPE_MAX];
};

/* ST_INVALID with the member named. Unknown members are refused. */
enum status t1_profile_parse(struct t1_profile *out, struct arena *a, const char *json) MUST_CHECK;
const char *t1_profile_oper_type(const struct t1_profile *p, const char *kind);          /* "register" -> "1"; NULL when not mapped */
const char *t1_profile_certificate(const struct t1_profile *p, const char *certificate); /* "ID_CARD" -> "01"; NULL */
/* The name of the picture archive for PhoName, NULL when the carrier wants none. Arena. */
char *t1_profile_pho_name(struct arena *a, const struct t1_profile *p, const char *iccid, const char *request_id, const char *code);
/* The 16 bytes of the key from the text of cipher_key_secret. ST_INVALID when it is not 32 hex digits. */
enum status t1_profile_cipher_key(struct arena *a, const char *secret, struct bytes *out) MUST_CHECK;

#endif
