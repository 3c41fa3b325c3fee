/* A carrier profile: how one carrier wants T1 (docs/t1.md says why each point is open). Parsed from the JSON of
 * carrier_connection.profile; holds names of secrets, never secrets. */
#ifndef T1_PROFILE_H
#define T1_PROFILE_H

#include "base/config.h"
#include "domain/certificate.h"
#include "t1/network.h"

/* What can be asked of a carrier. */
enum t1_operation { T1_REGISTER, T1_SUPPLEMENT, T1_TRANSFER, T1_UPDATE, T1_CANCEL, T1_REPLACE_CARD, T1_VEHICLE_STATUS, T1_OPERATION_MAX };

enum t1_cipher { T1_SM4_ECB, T1_SM4_CBC, T1_NONE };
enum t1_encoding { T1_BASE64, T1_HEX_UPPER, T1_HEX_LOWER };

/* What a card of an application can need (docs/t1.md): the messages of a business, in their order. */
enum t1_business {
	T1_BUSINESS_REGISTER,
	T1_BUSINESS_CANCEL,
	T1_BUSINESS_TRANSFER,
	T1_BUSINESS_UPDATE,
	T1_BUSINESS_REPLACE_CARD,     /* the new card */
	T1_BUSINESS_REPLACE_CARD_OLD, /* the card that it takes the place of */
	T1_BUSINESS_VEHICLE_STATUS,
	T1_BUSINESS_MAX
};
enum t1_part {
	T1_PART_ACCOUNT,
	T1_PART_VEHICLE,
	T1_PART_FORMER_ACCOUNT, /* of a transfer: an account message that cancels for the holder before */
	T1_PART_MAX
};
struct t1_parts {
	int count;
	enum t1_part part[T1_PART_MAX];
};

/* Pictures over SFTP; host is NULL when the carrier takes none. */
struct t1_sftp {
	char *host;
	int port; /* 22 */
	char *user;
	char *key_secret;            /* name in secrets_dir of the private key, PEM */
	char *key_passphrase_secret; /* NULL: none */
	char *host_key_sha256;       /* base64, as libcurl wants it */
	char *folder;                /* template of {PlatformID}, {yyyyMMdd}, {RequestID}, {Code} */
	enum t1_cipher cipher;       /* of the .bin: T1_SM4_CBC or T1_SM4_ECB */
	char *bin_key_secret;        /* name in secrets_dir of 32 hex digits */
	char *kh_name, *ht_name;     /* templates of {RequestID}, {Code}, {ICCID}: names without suffix */
};

#define T1_ADDRESSES_MAX 32

#define T1_RECONCILE_HOURS 24 /* unless the profile says otherwise */

/* Every text lives in the arena that t1_profile_parse was given. */
struct t1_profile {
	char *account_url, *vehicle_url;
	char *ca_file;         /* NULL: outbound_ca_file */
	bool annex_confirmed;  /* false: only loopback endpoints are allowed */
	bool sign_upper;       /* SignNature in upper-case hex */
	char *password_secret; /* name in secrets_dir */
	enum t1_cipher cipher;
	char *cipher_key_secret; /* name in secrets_dir of 32 hex digits; NULL with T1_NONE */
	enum t1_encoding encoding;
	bool cert_date_end_only;
	char *pho_name; /* template, NULL: not sent */
	char *default_channel_name, *default_staff_name, *default_channel_address;
	int timeout_ms;                     /* 0: outbound_timeout_ms */
	char *oper_types[T1_OPERATION_MAX]; /* the carrier's codes, NULL: not mapped */
	char *certificate_types[CERTIFICATE_TYPE_MAX];
	char *password_secret_next; /* tried once when password_secret is refused (store/t1_result.h); NULL: none */
	bool completion_callback;   /* OprRst 1 only takes the message; its result comes to /t1/result */
	int reconcile_hours;        /* a message without final answer for so long is asked for again */
	struct t1_parts messages[T1_BUSINESS_MAX];
	bool customer_organisation; /* of an organisation: Customer… carries the organisation, not the responsible person */
	bool pho_name_always;       /* also when no pictures will follow */
	struct t1_sftp sftp;
	/* instructions of the carrier: both passwords are valid, password_secret and its next when not given */
	char *instruction_password_secret, *instruction_password_secret_next;
	struct t1_network instruction_addresses[T1_ADDRESSES_MAX]; /* none: any */
	int instruction_address_count;
	char *instruction_client_ca; /* absolute path of the CA of client certificates; NULL: none wanted */
};

/* ST_INVALID with the member named. Unknown members are refused. */
enum status t1_profile_parse(struct t1_profile *out, struct arena *a, const char *json) MUST_CHECK;
const char *t1_profile_oper_type(const struct t1_profile *p, const char *kind);          /* "register" -> "1"; NULL when not mapped */
const char *t1_profile_certificate(const struct t1_profile *p, const char *certificate); /* "ID_CARD" -> "01"; NULL */
/* A template of the profile with its holes filled; name is "{RequestID}", a NULL name ends them. Arena. */
struct t1_hole {
	const char *name, *value;
};
char *t1_template(struct arena *a, const char *text, const struct t1_hole *holes);
/* The name of the picture archive for PhoName, NULL when the carrier wants none. Arena. */
char *t1_profile_pho_name(struct arena *a, const struct t1_profile *p, const char *iccid, const char *request_id, const char *code);
/* Which messages a business needs: its name is "register", "replace_card_old", ...; NULL when there is no such business. */
const struct t1_parts *t1_profile_messages(const struct t1_profile *p, const char *business);
/* Whether the carrier may call from here; address is an IPv4 or IPv6 address as text. */
bool t1_profile_address_allowed(const struct t1_profile *p, const char *address);
/* The 16 bytes of the key from the text of cipher_key_secret. ST_INVALID when it is not 32 hex digits. */
enum status t1_profile_cipher_key(struct arena *a, const char *secret, struct bytes *out) MUST_CHECK;

#endif
