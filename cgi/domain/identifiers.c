/* Identifier rules: GB 16735 (VIN), GB 11643 (persons), GB 32100 (organisations), cards and phones. No I/O, no messages. */
#include "domain/identifiers.h"

#include <string.h>

#include "base/text.h"

#define VIN_SIZE 17
#define IDENTITY_SIZE 18
#define OLD_IDENTITY_SIZE 15
#define USCC_SIZE 18
#define ICCID_SHORT 19
#define ICCID_LONG 20

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static const char *safe(const char *text)
{
	return text ? text : "";
}

/* Exactly count digits and nothing behind them. */
static bool all_digits(const char *text, size_t count)
{
	return strspn(text, "0123456789") == count && text[count] == '\0';
}

/* --- vehicle --- */

/* Value of a VIN character; -1 when it cannot be in one. */
static int vin_value(char c)
{
	static const signed char letters[26] = {
		1, 2, 3, 4, 5, 6, 7, 8, -1, 1, 2, 3, 4, 5, -1, 7, -1, 9, 2, 3, 4, 5, 6, 7, 8, 9,
	};

	if (is_digit(c))
		return c - '0';
	return is_upper(c) ? letters[c - 'A'] : -1;
}

enum vin_fault vin_check(const char *vin)
{
	enum vin_fault fault = VIN_OK;

	vin = safe(vin);
	if (text_characters(vin) != VIN_SIZE)
		return VIN_LENGTH;
	for (const char *c = vin; *c; c++) {
		if (vin_value(*c) >= 0)
			continue;
		if (!strchr("IOQ", *c))
			return VIN_CHARACTERS;
		fault = VIN_LETTERS;
	}
	return fault;
}

char *vin_suggest(struct arena *a, const char *vin)
{
	char *fixed = arena_strdup(a, safe(vin));

	for (char *c = fixed; *c; c++) {
		if (*c == 'O' || *c == 'Q')
			*c = '0';
		else if (*c == 'I')
			*c = '1';
	}
	return fixed;
}

char vin_check_digit(const char *vin)
{
	static const int weights[VIN_SIZE] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
	int sum = 0;

	if (vin_check(vin) != VIN_OK)
		return '\0';
	for (int i = 0; i < VIN_SIZE; i++)
		sum += vin_value(vin[i]) * weights[i];
	return "0123456789X"[sum % 11];
}

bool vin_check_digit_ok(const char *vin)
{
	char wanted = vin_check_digit(vin);

	return wanted != '\0' && vin[8] == wanted;
}

bool vin_domestic(const char *vin)
{
	return safe(vin)[0] == 'L';
}

/* --- cards and phones --- */

enum number_fault iccid_check(const char *iccid)
{
	size_t length = strlen(safe(iccid));

	if (length == 0)
		return NUMBER_EMPTY;
	if (length != ICCID_SHORT && length != ICCID_LONG)
		return NUMBER_LENGTH;
	return strspn(iccid, "0123456789ABCDEF") == length ? NUMBER_OK : NUMBER_CHARACTERS;
}

bool iccid_same(const char *one, const char *other)
{
	return iccid_check(one) == NUMBER_OK && iccid_check(other) == NUMBER_OK && strncmp(one, other, ICCID_SHORT) == 0;
}

static bool mobile_number(const char *text)
{
	return all_digits(text, 11) && text[0] == '1' && text[1] >= '3';
}

/* 13 digits of the ranges for machines: 1400 to 1449 and 10647, 10648. */
static bool machine_number(const char *text)
{
	if (!all_digits(text, 13))
		return false;
	return (text_prefix(text, "14") && text[2] <= '4') || text_prefix(text, "10647") || text_prefix(text, "10648");
}

const char *msisdn_local(const char *msisdn)
{
	msisdn = safe(msisdn);
	return text_prefix(msisdn, "86") ? msisdn + 2 : msisdn;
}

enum number_fault msisdn_check(const char *msisdn)
{
	const char *local = msisdn_local(msisdn);
	size_t length = strlen(local);

	if (length == 0)
		return NUMBER_EMPTY;
	if (mobile_number(local) || machine_number(local))
		return NUMBER_OK;
	if (strspn(local, "0123456789") != length)
		return NUMBER_CHARACTERS;
	return length == 11 || length == 13 ? NUMBER_FORM : NUMBER_LENGTH;
}

enum number_fault phone_check(const char *phone)
{
	size_t length = strlen(safe(phone));

	if (length == 0)
		return NUMBER_EMPTY;
	if (mobile_number(phone))
		return NUMBER_OK;
	if (strspn(phone, "0123456789") != length)
		return NUMBER_CHARACTERS;
	return length == 11 ? NUMBER_FORM : NUMBER_LENGTH;
}

/* A Han character of the basic block (three bytes in UTF-8). */
static bool is_han(const char *text)
{
	const unsigned char *u = (const unsigned char *)text;
	unsigned code;

	if ((u[0] & 0xF0) != 0xE0 || (u[1] & 0xC0) != 0x80 || (u[2] & 0xC0) != 0x80)
		return false;
	code = (u[0] & 0x0Fu) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu);
	return code >= 0x4E00 && code <= 0x9FA5;
}

static bool is_plate_character(char c)
{
	return is_digit(c) || (is_upper(c) && c != 'I' && c != 'O');
}

enum number_fault plate_check(const char *plate)
{
	static const char *const endings[] = {"学", "警", "港", "澳", "挂", "试", "超"};
	size_t characters = text_characters(safe(plate)), i;
	const char *rest;

	if (characters == 0)
		return NUMBER_EMPTY;
	if (characters != 7 && characters != 8)
		return NUMBER_LENGTH;
	if (!is_han(plate) || !is_upper(plate[3]))
		return NUMBER_FORM;
	rest = plate + 4;
	for (i = 0; i < characters - 3; i++)
		if (!is_plate_character(rest[i]))
			return NUMBER_CHARACTERS;
	rest += characters - 3;
	if (is_plate_character(rest[0]) && rest[1] == '\0')
		return NUMBER_OK;
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(rest, endings[i]) == 0)
			return NUMBER_OK;
	return NUMBER_CHARACTERS;
}

/* --- organisations --- */

enum number_fault uscc_check(const char *code)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	static const int weights[USCC_SIZE - 1] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
	size_t length = text_characters(safe(code));
	int sum = 0;

	if (length == 0)
		return NUMBER_EMPTY;
	if (length != USCC_SIZE)
		return NUMBER_LENGTH;
	if (strspn(code, alphabet) != strlen(code))
		return NUMBER_CHARACTERS;
	if (strspn(code + 2, "0123456789") < 6)
		return NUMBER_REGION;
	for (int i = 0; i < USCC_SIZE - 1; i++)
		sum += (int)(strchr(alphabet, code[i]) - alphabet) * weights[i];
	return code[USCC_SIZE - 1] == alphabet[(31 - sum % 31) % 31] ? NUMBER_OK : NUMBER_CHECK;
}

/* --- persons --- */

/* The check character of 17 digits (ISO 7064 MOD 11-2). */
static char identity_check_character(const char *digits)
{
	static const int weights[IDENTITY_SIZE - 1] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;

	for (int i = 0; i < IDENTITY_SIZE - 1; i++)
		sum += (digits[i] - '0') * weights[i];
	return "10X98765432"[sum % 11];
}

static int two_digits(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

static struct date date_at(const char *text)
{
	return (struct date){
		.year = two_digits(text) * 100 + two_digits(text + 2), .month = two_digits(text + 4), .day = two_digits(text + 6)};
}

/* Length and characters of the form of 18: 17 digits and a digit or X. */
static enum number_fault check_shape(const char *number, int *position)
{
	size_t characters = text_characters(number), digits = strspn(number, "0123456789");

	if (characters == 0)
		return NUMBER_EMPTY;
	if (all_digits(number, OLD_IDENTITY_SIZE))
		return NUMBER_OLD;
	if (characters != IDENTITY_SIZE)
		return NUMBER_LENGTH;
	if (digits == IDENTITY_SIZE || (digits == IDENTITY_SIZE - 1 && number[digits] == 'X'))
		return NUMBER_OK;
	*position = (int)digits + 1;
	return NUMBER_CHARACTERS;
}

/* Birth date at characters 7 to 14 and the check character, which three kinds of number share. */
static enum number_fault check_birth_and_end(const char *number, struct date today, int *position)
{
	struct date born = date_at(number + 6);

	if (!date_valid(born)) {
		if (born.month < 1 || born.month > 12)
			*position = 11;
		else
			*position = date_valid((struct date){born.year, born.month, 1}) ? 13 : 7;
		return NUMBER_DATE;
	}
	if (date_compare(born, today) > 0) {
		*position = 7;
		return NUMBER_FUTURE;
	}
	if (number[IDENTITY_SIZE - 1] != identity_check_character(number)) {
		*position = IDENTITY_SIZE;
		return NUMBER_CHECK;
	}
	return NUMBER_OK;
}

static bool province_known(int code)
{
	/* First and last code of each block; six-digit codes are not checked, since districts get retired. */
	static const int blocks[][2] = {{11, 15}, {21, 23}, {31, 37}, {41, 46}, {50, 54}, {61, 65}, {71, 71}, {81, 83}};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (code >= blocks[i][0] && code <= blocks[i][1])
			return true;
	return false;
}

enum number_fault identity_check(const char *number, struct date today, int *position)
{
	int unused;
	enum number_fault fault;

	position = position ? position : &unused;
	*position = 0;
	number = safe(number);
	fault = check_shape(number, position);
	if (fault != NUMBER_OK)
		return fault;
	if (!province_known(two_digits(number))) {
		*position = 1;
		return NUMBER_REGION;
	}
	return check_birth_and_end(number, today, position);
}

enum number_fault residence_permit_check(const char *number, struct date today, int *position)
{
	enum number_fault fault = identity_check(number, today, position);

	if (fault != NUMBER_OK)
		return fault;
	if (text_prefix(number, "810000") || text_prefix(number, "820000") || text_prefix(number, "830000"))
		return NUMBER_OK;
	if (position)
		*position = 1;
	return NUMBER_REGION;
}

enum number_fault permanent_residence_check(const char *number, struct date today, int *position)
{
	int unused;
	enum number_fault fault;

	position = position ? position : &unused;
	*position = 0;
	number = safe(number);
	/* The card of before December 2023 is good until it expires. */
	if (is_upper(number[0]) && is_upper(number[1]) && is_upper(number[2]))
		return all_digits(number + 3, 12) ? NUMBER_OK : NUMBER_FORM;
	fault = check_shape(number, position);
	if (fault == NUMBER_OLD)
		return NUMBER_LENGTH;
	if (fault != NUMBER_OK)
		return fault;
	if (number[0] != '9') {
		*position = 1;
		return NUMBER_REGION;
	}
	return check_birth_and_end(number, today, position);
}

enum number_fault hm_permit_check(const char *number)
{
	number = safe(number);
	if (number[0] == '\0')
		return NUMBER_EMPTY;
	if (number[0] != 'H' && number[0] != 'M')
		return NUMBER_FORM;
	return all_digits(number + 1, 8) || all_digits(number + 1, 10) ? NUMBER_OK : NUMBER_FORM;
}

enum number_fault tw_permit_check(const char *number)
{
	size_t digits;

	number = safe(number);
	if (number[0] == '\0')
		return NUMBER_EMPTY;
	if (is_upper(number[0]))
		return all_digits(number + 1, 7) ? NUMBER_OK : NUMBER_FORM;
	digits = strspn(number, "0123456789");
	if (number[digits] == '\0')
		return digits == 8 || digits == 10 ? NUMBER_OK : NUMBER_LENGTH;
	if (digits != 10)
		return NUMBER_FORM;
	/* The old form has its place of issue behind it: 0123456789(B). */
	number += digits;
	if (is_upper(number[0]) && number[1] == '\0')
		return NUMBER_OK;
	return number[0] == '(' && is_upper(number[1]) && number[2] == ')' && number[3] == '\0' ? NUMBER_OK : NUMBER_FORM;
}

enum number_fault passport_check(const char *number)
{
	size_t length = strlen(safe(number));

	if (length == 0)
		return NUMBER_EMPTY;
	for (size_t i = 0; i < length; i++)
		if (!is_digit(number[i]) && !is_upper(number[i]))
			return NUMBER_CHARACTERS;
	return length >= 5 && length <= 20 ? NUMBER_OK : NUMBER_LENGTH;
}

enum number_fault free_number_check(const char *number)
{
	size_t characters = text_characters(safe(number));

	if (characters == 0)
		return NUMBER_EMPTY;
	return characters >= 4 && characters <= 20 ? NUMBER_OK : NUMBER_LENGTH;
}
