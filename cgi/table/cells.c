/* One row in memory. Knows neither CSV nor XLSX. */
#include "table/cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_KEPT 15 /* by a spreadsheet, of a number */
#define DIGITS_LONG 18 /* from so many on, zeros behind the 15th are no accident */

void cells_clear(struct cells *c)
{
	for (int i = 0; i < c->count; i++)
		c->cell[i] = (struct table_cell){"", 0};
	if (!c->cell[0].text)
		for (int i = 0; i < TABLE_COLUMNS_MAX; i++)
			c->cell[i].text = "";
	c->count = 0;
	c->used = 0;
	c->fault = ROW_GOOD;
}

/* 8.98601E+19: only a spreadsheet writes the plus. */
static bool is_scientific(const char *text, size_t length)
{
	size_t i = 0, digits;

	while (i < length && (text[i] == '-' || text[i] == ' '))
		i++;
	for (digits = i; i < length && ((text[i] >= '0' && text[i] <= '9') || text[i] == '.'); i++)
		;
	if (i == digits || i + 3 > length || (text[i] != 'E' && text[i] != 'e') || text[i + 1] != '+')
		return false;
	for (i += 2, digits = i; i < length && text[i] >= '0' && text[i] <= '9'; i++)
		;
	return i > digits && i - digits <= 3 && strspn(text + i, " \t") >= length - i;
}

static bool ends_in_zeros(const char *text, size_t length)
{
	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	if (length < DIGITS_LONG)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] < '0' || text[i] > '9' || (i >= DIGITS_KEPT && text[i] != '0'))
			return false;
	return true;
}

void cells_put(struct cells *c, int column, const char *text, size_t length, unsigned flags)
{
	char *copy = c->text + c->used;

	if ((length == 0 && !flags) || c->fault)
		return;
	if (column >= TABLE_COLUMNS_MAX) {
		c->fault = length > 0 ? ROW_WIDE : ROW_GOOD;
		return;
	}
	if (length > TABLE_CELL_MAX) {
		for (length = TABLE_CELL_MAX; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80; length--)
			;
		flags |= CELL_CUT;
	}
	if (c->used + length + 1 > sizeof c->text) {
		c->fault = ROW_LONG;
		return;
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	c->used += length + 1;
	if (!(flags & CELL_NUMBER))
		flags |= is_scientific(copy, length) ? CELL_ROUNDED : ends_in_zeros(copy, length) ? CELL_ZEROS : 0;
	c->cell[column] = (struct table_cell){copy, flags};
	if (column >= c->count)
		c->count = column + 1;
}

bool cells_blank_text(const char *text)
{
	static const char *const blanks[] = {" ", "\t", "\n", "\r", "\xc2\xa0", "\xe3\x80\x80"};

	while (*text) {
		size_t i = 0;

		while (i < sizeof blanks / sizeof *blanks && !text_prefix(text, blanks[i]))
			i++;
		if (i == sizeof blanks / sizeof *blanks)
			return false;
		text += strlen(blanks[i]);
	}
	return true;
}

bool cells_blank(const struct cells *c)
{
	if (c->fault)
		return false;
	for (int i = 0; i < c->count; i++)
		if (c->cell[i].flags || !cells_blank_text(c->cell[i].text))
			return false;
	return true;
}

void cells_number(char out[static CELLS_NUMBER_MAX], const char *raw, unsigned *flags)
{
	size_t length = strlen(raw), digits = strspn(raw + (raw[0] == '-'), "0123456789");
	char *end;
	double value;

	snprintf(out, CELLS_NUMBER_MAX, "%s", raw);
	*flags |= CELL_NUMBER;
	if (digits > 0 && digits + (raw[0] == '-') == length) {
		if (digits > DIGITS_KEPT)
			*flags |= CELL_ROUNDED;
		return;
	}
	value = strtod(raw, &end);
	if (length == 0 || *end || !isfinite(value))
		return;
	if (fabs(value) >= 1e15) {
		char mantissa[CELLS_NUMBER_MAX], *tail;

		snprintf(mantissa, sizeof mantissa, "%.14E", value);
		tail = strchr(mantissa, 'E');
		*flags |= CELL_ROUNDED;
		length = (size_t)(tail - mantissa);
		while (mantissa[length - 1] == '0')
			length--;
		if (mantissa[length - 1] == '.')
			length--;
		snprintf(out, CELLS_NUMBER_MAX, "%.*s%s", (int)length, mantissa, tail);
	} else if (value == floor(value))
		snprintf(out, CELLS_NUMBER_MAX, "%.0f", value);
	else
		snprintf(out, CELLS_NUMBER_MAX, "%.15g", value);
}
