/* The certificates that prove a person or an organisation: one table, and what can be told from a number or a validity. */
#ifndef DOMAIN_CERTIFICATE_H
#define DOMAIN_CERTIFICATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/clock.h"
#include "domain/identifiers.h"

enum certificate_type {
	CERTIFICATE_ID_CARD,
	CERTIFICATE_TEMP_ID,
	CERTIFICATE_HUKOU,
	CERTIFICATE_PLA_ID,
	CERTIFICATE_PAP_ID,
	CERTIFICATE_HM_PERMIT,
	CERTIFICATE_TW_PERMIT,
	CERTIFICATE_PASSPORT_FOREIGN,
	CERTIFICATE_HMT_RESIDENCE,
	CERTIFICATE_FPR_ID,
	CERTIFICATE_BIZ_LICENSE,
	CERTIFICATE_INSTITUTION,
	CERTIFICATE_SOCIAL_ORG,
	CERTIFICATE_ORG_CODE,
	CERTIFICATE_OTHER_ORG,
	CERTIFICATE_TYPE_MAX
};

struct certificate {
	const char *name;  /* stable, in the database and in carrier profiles: "ID_CARD" */
	const char *label; /* on pages */
	bool organisation;
	bool automatic;    /* read by OCR and verified with the authority; all others go to people */
	bool online;       /* owners may use it without coming to a counter */
	const char *front; /* what the first picture shows */
	const char *back;  /* the second picture; NULL when one is enough */
	enum number_fault (*check)(const char *number, struct date today, int *position);
};

/* The row of a type; type must be below CERTIFICATE_TYPE_MAX. */
const struct certificate *certificate_get(enum certificate_type type);
/* What kind of organisation has this unified code, by its first two characters; CERTIFICATE_OTHER_ORG when they tell none of ours. */
enum certificate_type certificate_type_of_code(const char *code);
/* NULL when no type has this name. */
const struct certificate *certificate_by_name(const char *name);
/* The number (after text_code) against the rule of the type; *position (NULL allowed) as in identity_check. */
enum number_fault certificate_number_check(const struct certificate *c, const char *number, struct date today, int *position);

enum sex { SEX_UNKNOWN, SEX_MALE, SEX_FEMALE, SEX_MAX };
/* From a number of 18; SEX_UNKNOWN when the number does not tell. */
enum sex certificate_sex(const char *number);
const char *certificate_sex_label(enum sex s); /* 男, 女, "" */
/* False when the number does not tell. */
bool certificate_birth(struct date *out, const char *number);
/* Full years on a day, -1 when the number does not tell. */
int certificate_age(const char *number, struct date on);

struct validity {
	struct date from; /* year 0: not known (some certificates print the end only) */
	struct date to;   /* year 0 when long_term */
	bool long_term;
};

/* "2010.07.21-2020.07.21", "20100721-长期", "2010年7月21日至2020年7月21日", "1998年11月至长期", an end alone ("2030-07-21",
 * "长期"). False when it is none of these, a day does not exist, or the end is before the beginning. */
bool certificate_validity_parse(struct validity *out, const char *text);
/* For T1: "20100721-20200721", or "20200721" when end_only or the beginning is not known. long_term is what stands
 * for no end, NULL for 长期. Arena. */
char *certificate_validity_t1(struct arena *a, const struct validity *v, bool end_only, const char *long_term);
/* For pages: "2010-07-21 至 长期". Arena. */
char *certificate_validity_page(struct arena *a, const struct validity *v);
/* The last day still counts as valid. */
bool certificate_expired(const struct validity *v, struct date on);
/* The certificate begins after this day. */
bool certificate_not_yet_valid(const struct validity *v, struct date on);

#endif
