/* What the jobs ask of outside providers; implementations are tables of functions (one file each). A new provider is one file and
 * one line in provider.c. Every answer is a value: the status only tells whether we could ask. */
#ifndef PROVIDERS_PROVIDER_H
#define PROVIDERS_PROVIDER_H

#include "base/config.h"
#include "providers/http_client.h"

enum provider_class {
	PROVIDER_PASS,
	PROVIDER_USER,      /* the user must do it again: cause tells how */
	PROVIDER_MISMATCH,  /* the data do not agree */
	PROVIDER_REVIEW,    /* people must look */
	PROVIDER_TRANSIENT, /* provider trouble: never counts against the user */
	PROVIDER_OPERATOR   /* our account, key or request: alarm; never counts against the user */
};

struct provider_result {
	enum provider_class class;
	const char *cause; /* message key for the user ("id.blur", "live.voice", ...); NULL for PASS */
	char *raw_code;    /* for staff: the provider's code, "http.503", "http.timeout", "unreadable", "config"; never NULL */
	char *request_id;  /* the provider's; NULL when there was none */
	double score;      /* -1 when none */
};

struct identity_card_front {
	char *name, *sex, *nation, *birth, *address, *number;
};
struct identity_card_back {
	char *authority, *validity; /* as printed: 2010.07.21-2020.07.21 */
};

/* The certificate of an organisation. */
struct identity_licence {
	char *name, *code, *address, *validity; /* validity as printed: 1998年11月至长期 */
};

struct identity_provider {
	const char *name;
	/* picture: JPEG. */
	void (*read_front)(const struct config *c, struct arena *a, struct bytes picture, struct identity_card_front *out,
			   struct provider_result *result);
	void (*read_back)(const struct config *c, struct arena *a, struct bytes picture, struct identity_card_back *out,
			  struct provider_result *result);
	/* Texts that do not stand there are "". */
	void (*read_licence)(const struct config *c, struct arena *a, struct bytes picture, struct identity_licence *out,
			     struct provider_result *result);
	void (*live_code)(const struct config *c, struct arena *a, char **digits, struct provider_result *result);
	/* name and number against the authority's picture (identity cards). best_frame: JPEG, {NULL,0} when none. */
	void (*liveness)(const struct config *c, struct arena *a, const char *name, const char *number, const char *digits,
			 struct bytes clip, struct bytes *best_frame, struct provider_result *result);
	/* The same against a picture that we hold (certificates of other kinds). */
	void (*liveness_compare)(const struct config *c, struct arena *a, struct bytes picture, const char *digits, struct bytes clip,
				 struct bytes *best_frame, struct provider_result *result);
};
const struct identity_provider *identity_provider(const struct config *c);

struct sms_provider {
	const char *name;
	/* phone: 11 digits. template_id and parameters as registered with the provider. serial: the provider's id of the message. */
	void (*send)(const struct config *c, struct arena *a, const char *phone, const char *template_id, const char *const *parameters,
		     int count, char **serial, struct provider_result *result);
};
const struct sms_provider *sms_provider(const struct config *c);

/* After PROVIDER_TRANSIENT: true when the provider may have done (and billed, or sent) what was asked although we have no answer.
 * Then a short message is never sent again by itself, and a liveness check at most once. */
bool provider_may_have_acted(const struct provider_result *result);

#endif
