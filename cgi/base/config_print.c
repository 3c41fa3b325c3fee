/* Shows the settings. Values of secrets never reach the print-out. */
#include "base/config_table.h"

#include <string.h>

#include "base/text.h"

static const char *const type_names[TYPE_MAX] = {"text", "path", "int", "number", "secret", "dsn"};

bool config_setting(int index, const char **name, const char **type, const char **preset)
{
	const struct setting *s = config_row(index);
	if (!s)
		return false;
	*name = s->name;
	*type = type_names[s->type];
	*preset = s->preset;
	return true;
}

/* Prints the parts of a connection string that are known to be harmless: never a password, never what is not understood. */
static void print_dsn(const char *dsn, FILE *out)
{
	static const char *const harmless[] = {"host=", "hostaddr=", "port=", "dbname=", "user=", "service=", "sslmode="};
	if (text_prefix(dsn, "postgres://") || text_prefix(dsn, "postgresql://")) {
		const char *authority = strstr(dsn, "://") + 3, *at = strchr(authority, '@'), *host = at ? at + 1 : authority;
		bool plain = !strchr(host, '@') && (!at || !memchr(authority, '?', (size_t)(at - authority)));
		if (plain)
			fprintf(out, "%.*s%.*s", (int)(authority - dsn), dsn, (int)strcspn(host, "?"), host);
		else
			fputs("(set)", out);
		return;
	}
	if (strstr(dsn, "://") || strpbrk(dsn, "'\\")) { /* quoted parts may hold blanks */
		fputs("(set)", out);
		return;
	}
	bool first = true;
	while (*dsn) {
		dsn += strspn(dsn, " \t");
		size_t length = strcspn(dsn, " \t");
		for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
			if (!text_prefix(dsn, harmless[i]))
				continue;
			fprintf(out, "%s%.*s", first ? "" : " ", (int)length, dsn);
			first = false;
		}
		dsn += length;
	}
}

void config_print(const struct config *c, FILE *out)
{
	const struct setting *s;
	for (int i = 0; (s = config_row(i)); i++) {
		fprintf(out, "%s = ", s->name);
		if (s->type == INT)
			fprintf(out, "%d", *setting_int_of(c, s));
		else if (s->type == DOUBLE)
			fprintf(out, "%g", *setting_double_of(c, s));
		else if (s->type == SECRET)
			fputs(text_empty(*setting_text_of(c, s)) ? "(not set)" : "(set)", out);
		else if (s->type == DSN)
			print_dsn(*setting_text_of(c, s), out);
		else
			fputs(*setting_text_of(c, s), out);
		fprintf(out, "  # %s, default %s, %s\n", type_names[s->type], s->preset[0] ? s->preset : "none", s->meaning);
	}
}
