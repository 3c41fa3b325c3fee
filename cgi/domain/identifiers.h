/* The form of every number that people type or that a file brings: car, card, phone, person, organisation. Pure rules.
 * All functions expect text that went through text_code (text_phone for contact phones); NULL counts as "". */
#ifndef DOMAIN_IDENTIFIERS_H
#define DOMAIN_IDENTIFIERS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/clock.h"

/* --- vehicle --- */
enum vin_fault {
	VIN_OK = 0,
	VIN_LENGTH,     /* not 17 characters */
	VIN_LETTERS,    /* only fault: I, O or Q; vin_suggest gives the likely form */
	VIN_CHARACTERS, /* anything else that is not a letter or a digit */
	VIN_FAULT_MAX
};
/* Form only: the check digit is vin_check_digit_ok, since imported cars need not have one. */
enum vin_fault vin_check(const char *vin);
/* The VIN with O and Q as 0 and I as 1. Arena. To be offered, never to be taken without asking. */
char *vin_suggest(struct arena *a, const char *vin);
/* Position 9 fits (GB 16735). False for a VIN that is not well formed. */
bool vin_check_digit_ok(const char *vin);
/* The character that position 9 should have; '\0' when vin_check is not VIN_OK. */
char vin_check_digit(const char *vin);
/* Made in China by its first letter: there a wrong check digit is an error, elsewhere a hint. */
bool vin_domestic(const char *vin);

/* --- everything else --- */
enum number_fault {
	NUMBER_OK = 0,
	NUMBER_EMPTY,
	NUMBER_LENGTH,
	NUMBER_OLD,        /* the 15-digit identity number, no longer valid */
	NUMBER_CHARACTERS, /* a character that cannot stand where it stands */
	NUMBER_REGION,     /* no such province, or not the prefix of this certificate */
	NUMBER_DATE,       /* no such day */
	NUMBER_FUTURE,     /* born after today */
	NUMBER_CHECK,      /* check character; for organisations a hint only, real codes with wrong ones exist */
	NUMBER_TYPE,       /* a good number of another certificate type */
	NUMBER_FORM,       /* does not look like such a number */
	NUMBER_FAULT_MAX
};

/* 19 or 20 hex characters, any issuer, no Luhn. */
enum number_fault iccid_check(const char *iccid);
/* The same card: equal in the first 19 characters (the 20th is sometimes a vendor's code). */
bool iccid_same(const char *one, const char *other);
/* A card's number: 11 or 13 digits, with or without 86 before it. */
enum number_fault msisdn_check(const char *msisdn);
/* msisdn without a leading 86. Borrowed from the argument. */
const char *msisdn_local(const char *msisdn);
/* A mainland mobile phone: 1[3-9] and nine digits. */
enum number_fault phone_check(const char *phone);
/* Licence plate, 7 or 8 characters. */
enum number_fault plate_check(const char *plate);
/* Unified social credit code (GB 32100). */
enum number_fault uscc_check(const char *code);

/* Numbers of 18 with a date and ISO 7064 MOD 11-2. today: no birth later than this. *position (NULL allowed) gets the
 * 1-based place that people should look at, 0 when there is none. */
enum number_fault identity_check(const char *number, struct date today, int *position);            /* resident identity card */
enum number_fault residence_permit_check(const char *number, struct date today, int *position);    /* 810000, 820000, 830000 */
enum number_fault permanent_residence_check(const char *number, struct date today, int *position); /* 9…, or 3 letters and 12 digits */

enum number_fault hm_permit_check(const char *number);   /* H or M and 8 or 10 digits */
enum number_fault tw_permit_check(const char *number);   /* 8 or 10 digits (a letter may follow), or a letter and 7 digits */
enum number_fault passport_check(const char *number);    /* 5 to 20 letters and digits */
enum number_fault free_number_check(const char *number); /* 4 to 20 characters of any kind */

#endif
