/* Dates and certificate numbers: what their form and check digits say. */
#ifndef STANDIN_IDENT_H
#define STANDIN_IDENT_H

#include <stdbool.h>
#include <stddef.h>

/* n digits from the start: YYYYMMDD (8) or YYYYMMDDHHMISS (14), of a day and time that exist, years 1900 to 2199. */
bool ident_time_is_real(const char *text, size_t n);
/* The check digit for the first 17 digits of a citizen's number: '0' to '9' or 'X'. */
char ident_check_digit(const char *digits);
/* A whole citizen's number of 18 characters: province, date of birth, check digit, upper-case X. */
bool ident_number_is_valid(const char *number);

#endif
