/* Values as parameters of libpq, and SQLSTATEs as statuses. Knows no connection. */
#include "db/db_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum status db_parameters(struct db_parameters *p, const struct db_value *values, int count)
{
	for (int i = 0; i < count; i++) {
		const struct db_value *v = &values[i];
		p->texts[i] = NULL;
		p->lengths[i] = p->formats[i] = 0;
		switch (v->type) {
		case DB_VALUE_NULL:
			break;
		case DB_VALUE_TEXT:
			p->texts[i] = v->text;
			break;
		case DB_VALUE_BOOL:
			p->texts[i] = v->number ? "t" : "f";
			break;
		case DB_VALUE_INT:
		case DB_VALUE_TIME:
			snprintf(p->numbers[i], sizeof(p->numbers[i]), "%" PRId64, v->number);
			p->texts[i] = p->numbers[i];
			break;
		case DB_VALUE_BYTES:
			if (v->bytes.length > INT32_MAX)
				return status_fail(ST_LIMIT, "db: %zu bytes are too many for one value", v->bytes.length);
			p->texts[i] = (const char *)v->bytes.data;
			p->lengths[i] = (int)v->bytes.length;
			p->formats[i] = 1;
			break;
		}
	}
	return ST_OK;
}

enum status db_status_of(const char *state)
{
	static const struct {
		const char *prefix;
		enum status status;
	} table[] = {
		{"23505", ST_CONFLICT}, {"23P01", ST_CONFLICT},   {"40001", ST_BUSY},     {"40P01", ST_BUSY},
		{"55P03", ST_BUSY},     {"42501", ST_DENIED},     {"22", ST_INVALID},     {"23", ST_INVALID},
		{"08", ST_UNAVAILABLE}, {"57P0", ST_UNAVAILABLE}, {"53", ST_UNAVAILABLE}, {"57014", ST_BUSY},   {"25006", ST_UNAVAILABLE},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0)
			return table[i].status;
	}
	return ST_ERROR;
}
