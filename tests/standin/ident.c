/* Dates and certificate numbers. */
#include "ident.h"

#include <stdlib.h>
#include <string.h>

static int number_at(const char *text, int n)
{
	int value = 0;

	while (n--)
		value = 10 * value + (*text++ - '0');
	return value;
}

static bool day_is_real(int year, int month, int day)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 1900 && year <= 2199 && month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1] + (month == 2 && leap);
}

bool ident_time_is_real(const char *text, size_t n)
{
	if (strspn(text, "0123456789") < n || n < 8)
		return false;
	if (!day_is_real(number_at(text, 4), number_at(text + 4, 2), number_at(text + 6, 2)))
		return false;
	return n == 8 || (n == 14 && number_at(text + 8, 2) < 24 && number_at(text + 10, 2) < 60 && number_at(text + 12, 2) < 60);
}

char ident_check_digit(const char *digits)
{
	static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;

	for (size_t i = 0; i < 17; i++)
		sum += weights[i] * (digits[i] - '0');
	return "10X98765432"[sum % 11];
}

bool ident_number_is_valid(const char *number)
{
	static const int provinces[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43,
					44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83};
	bool known = false;

	if (strlen(number) != 18 || strspn(number, "0123456789") < 17)
		return false;
	for (size_t i = 0; i < sizeof(provinces) / sizeof(*provinces); i++)
		known |= provinces[i] == number_at(number, 2);
	return known && ident_time_is_real(number + 6, 8) && number[17] == ident_check_digit(number);
}
