/* Why people look at an application before it is pushed. */
#ifndef DOMAIN_REVIEW_H
#define DOMAIN_REVIEW_H

#include <stdbool.h>

#include "base/arena.h"
#include "domain/certificate.h"

enum review_reason {
	REVIEW_CERTIFICATE_TYPE, /* not a certificate that is verified automatically */
	REVIEW_NOT_READ,         /* an automatic one, but typed by hand without a reading */
	REVIEW_OWNER_NAME,       /* unlike the owner that the automaker knows */
	REVIEW_OWNER_NUMBER,
	REVIEW_NUMBER_EDITED, /* the user changed what was read */
	REVIEW_NAME_EDITED,
	REVIEW_VALIDITY_EDITED,
	REVIEW_MANUAL_IDENTITY, /* photographs instead of a face verification */
	REVIEW_COMPANY_NEW,     /* not trusted yet: its first batch */
	REVIEW_COMPANY_READ,    /* its certificate was typed by hand */
	REVIEW_COMPANY_EDITED,  /* name or code are not as they were read */
	REVIEW_COMPANY_CODE,    /* the check character of the code is wrong */
	REVIEW_COMPANY_TYPE,    /* the kind of certificate does not fit the code */
	REVIEW_COMPANY_NAME,    /* not the name that we know the company by */
	REVIEW_REASON_MAX
};

struct review_facts {
	const struct certificate *certificate;
	const char *name, *number;             /* as submitted */
	const char *read_name, *read_number;   /* as read from the pictures; NULL or "": not read */
	bool manual_identity;                  /* no face verification: people compare photographs */
	bool validity_edited;                  /* the end of the validity is not the one that was read */
	const char *owner_name, *owner_number; /* as the automaker knows the owner; NULL or "": not known */
};

struct review_company {
	const struct certificate *certificate;
	const char *name, *code;           /* as submitted */
	const char *read_name, *read_code; /* as read; NULL or "": not read */
	const char *known_name;            /* NULL: not known */
	bool trusted;
};
unsigned review_company_reasons(struct arena *a, const struct review_company *c);
/* A bit (1u << reason) for each reason; 0: no rule asks for people. The arena is for comparing. */
unsigned review_reasons(struct arena *a, const struct review_facts *f);
/* Stable name ("certificate_type") and label for staff; r must be below REVIEW_REASON_MAX. */
const char *review_name(enum review_reason r);
const char *review_label(enum review_reason r);
/* The names of all set bits, joined by commas; "" for 0. Arena. */
char *review_names(struct arena *a, unsigned reasons);

#endif
