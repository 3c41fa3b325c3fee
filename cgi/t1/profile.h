/* A carrier profile: how one carrier wants T1 (../shared decisions are documented in docs/t1.md). Parsed from the JSON of
 * carrier_connection.profile; holds names of secrets, never secrets. */
#ifndef T1_PROFILE_H
#define T1_PROFILE_H

#include "base/config.h"
#include "domain/certificate.h"

struct t1_profile {
	char *account_url, *vehicle_url;
	char *ca_file;                       /* NULL: outbound_ca_file */
	bool annex_confirmed;                /* false: only loopback endpoints are allowed */
	bool sign_upper;                     /* SignNature in upper-case hex */
	char *password_secret;               /* name in secrets_dir */
	enum { T1_SM4_ECB, T1_SM4_CBC, T1_NONE } cipher;
	char *cipher_key_secret;             /* 32 hex digits */
	enum { T1_BASE64, T1_HEX_UPPER, T1_HEX_LOWER } encoding;
	bool cert_date_end_only;
	char *pho_name;                      /* template, NULL: not sent */
	char *default_channel_name, *default_staff_name, *default_channel_address;
	int timeout_ms;
	/* maps: semantic name -> code; looked up by functions */
	void *maps;
};
/* ST_INVALID with the field named. Unknown members are refused. */
enum status t1_profile_parse(struct t1_profile *out, struct arena *a, const char *json) MUST_CHECK;
const char *t1_profile_oper_type(const struct t1_profile *p, const char *kind);          /* "register" -> "1"; NULL when not mapped */
const char *t1_profile_certificate(const struct t1_profile *p, const char *certificate); /* "ID_CARD" -> "01"; NULL */

#endif
