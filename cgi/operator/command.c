/* Words, arguments and help, and the exit status. Does not know any verb. */
#include "operator/command.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

#define PROGRAM "realnamectl"
#define CONFIG_DEFAULT "/etc/realname/operator.conf"
#define EXIT_USAGE 2
#define DEPTH_MAX 4
#define ACTOR_NAME_MAX 32

/* ---- help ---- */

static void print_words(FILE *out, const struct word *words, const char *before)
{
	char path[128];

	for (const struct word *w = words; w->word; w++) {
		snprintf(path, sizeof path, "%s %s", before, w->word);
		if (w->next) {
			print_words(out, w->next, path);
			continue;
		}
		fprintf(out, "  %s%s%s\n        %s\n", path + 1, w->arguments ? " " : "", w->arguments ? w->arguments : "", w->help);
	}
}

static void print_help(FILE *out, const struct word *words, const char *before)
{
	fprintf(out, "usage: %s [--config FILE] VERB...\n\n", PROGRAM);
	print_words(out, words, before);
	fprintf(out,
		"\nWithout --config the settings are read from the file that REALNAME_CONFIG names, else RUN_DIR/operator.conf,\n"
		"else %s. Exit status: 0 done, 1 failed, 2 written wrongly.\n",
		CONFIG_DEFAULT);
}

/* ---- arguments ---- */

static void add_slot(struct command *c, const char *name, size_t length, const char *value, bool required)
{
	struct command_slot *s = &c->slots[c->slot_count];

	if (c->slot_count == COMMAND_SLOTS || length >= sizeof s->name)
		abort(); /* the table of verbs is wrong */
	memcpy(s->name, name, length);
	s->option = name[0] == '-';
	s->has_value = !s->option || value;
	s->required = required;
	s->many = !s->option && length > 3 && strcmp(s->name + length - 3, "...") == 0;
	c->slot_count++;
}

/* Reads what a verb takes from its text in the table. */
static void read_arguments(struct command *c, const char *text)
{
	while (text && *text) {
		bool optional = *text == '[';
		const char *name = text + optional, *value;
		size_t length = strcspn(name, " ]"), value_length = 0;

		value = name[0] == '-' && name[length] == ' ' && !strchr("-[", name[length + 1]) ? name + length + 1 : NULL;
		if (value)
			value_length = strcspn(value, " ]");
		add_slot(c, name, length, value, !optional);
		text = value ? value + value_length : name + length;
		text += *text == ']';
		text += *text == ' ';
	}
}

static struct command_slot *find_option(struct command *c, const char *text, size_t length)
{
	for (int i = 0; i < c->slot_count; i++)
		if (c->slots[i].option && strlen(c->slots[i].name) == length && strncmp(c->slots[i].name, text, length) == 0)
			return &c->slots[i];
	return NULL;
}

static struct command_slot *next_positional(struct command *c)
{
	for (int i = 0; i < c->slot_count; i++)
		if (!c->slots[i].option && (!c->slots[i].given || c->slots[i].many))
			return &c->slots[i];
	return NULL;
}

/* One argument; *used tells how many words it took. */
static enum status take_argument(struct command *c, char **words, int left, bool options, int *used)
{
	const char *text = words[0];
	size_t length = strcspn(text, "=");
	struct command_slot *s;

	*used = 1;
	if (!options || text[0] != '-' || !text[1]) {
		s = next_positional(c);
		if (!s)
			return command_usage(c, "%.40s: nothing more is wanted here", text);
		s->given = s->given ? arena_printf(c->a, "%s %s", s->given, text) : text;
		return ST_OK;
	}
	s = find_option(c, text, length);
	if (!s || (text[length] && !s->has_value))
		return command_usage(c, "%.40s: there is no such option here", text);
	if (s->given)
		return command_usage(c, "%s is given twice", s->name);
	if (!s->has_value)
		s->given = "";
	else if (text[length])
		s->given = text + length + 1;
	else if (left < 2)
		return command_usage(c, "%s wants a value", s->name);
	else {
		s->given = words[1];
		*used = 2;
	}
	return ST_OK;
}

static enum status take_arguments(struct command *c, char **words, int count)
{
	bool options = true;

	for (int i = 0, used; i < count; i += used) {
		enum status st = ST_OK;

		used = 1;
		if (options && strcmp(words[i], "--") == 0)
			options = false;
		else
			st = take_argument(c, words + i, count - i, options, &used);
		if (st != ST_OK)
			return st;
	}
	for (int i = 0; i < c->slot_count; i++)
		if (c->slots[i].required && !c->slots[i].given)
			return command_usage(c, "%s is missing", c->slots[i].name);
	return ST_OK;
}

const char *command_given(const struct command *c, const char *name)
{
	for (int i = 0; i < c->slot_count; i++)
		if (strcmp(c->slots[i].name, name) == 0)
			return c->slots[i].given;
	abort(); /* the verb asks for what its row in the table does not have */
}

enum status command_usage(struct command *c, const char *format, ...)
{
	va_list args;
	char *text;

	c->usage = true;
	va_start(args, format);
	text = arena_vprintf(c->a, format, args);
	va_end(args);
	return status_fail(ST_INVALID, "%s", text);
}

enum status command_number(struct command *c, const char *name, int64_t preset, int64_t max, int64_t *out)
{
	const char *text = command_given(c, name);
	char *end;
	long long number;

	*out = preset;
	if (!text)
		return ST_OK;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end || number < 1 || number > max)
		return command_usage(c, "%s wants a whole number from 1 to %lld", name, (long long)max);
	*out = number;
	return ST_OK;
}

/* ---- small things that verbs share ---- */

const char *command_shown(struct arena *a, const char *text)
{
	char *copy;

	if (text_empty(text))
		return "-";
	copy = arena_strdup(a, text);
	for (unsigned char *p = (unsigned char *)copy; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			p[0] = p[1] = '?';
	}
	return copy;
}

enum status command_end(struct command *c, enum status st)
{
	if (st == ST_OK)
		st = db_commit(c->db);
	if (st != ST_OK)
		db_rollback(c->db);
	return st;
}

/* ---- running ---- */

/* Who is at the keyboard, as well as a command can know: who logged in (also behind sudo), else whose process it is. Not the environment,
 * which everybody can set to another name. */
static const char *actor_name(struct arena *a)
{
	char login[64] = "";
	bool known = getlogin_r(login, sizeof login) == 0 && login[0];
	struct passwd *account = known ? NULL : getpwuid(getuid());
	const char *name = known ? login : account ? account->pw_name : NULL;
	char *clean;

	if (text_empty(name))
		return arena_printf(a, "operator:%u", (unsigned)getuid());
	clean = arena_strndup(a, name, strnlen(name, ACTOR_NAME_MAX));
	for (char *p = clean; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *p))
			*p = '_';
	return arena_printf(a, "operator:%s", clean);
}

static const char *config_path(struct arena *a, const char *given)
{
	const char *named = getenv("REALNAME_CONFIG"), *run_dir = getenv("RUN_DIR");

	if (given)
		return given;
	if (!text_empty(named))
		return named;
	return text_empty(run_dir) ? CONFIG_DEFAULT : arena_printf(a, "%s/operator.conf", run_dir);
}

static enum status run_verb(struct command *c, const struct word *verb, const char *path)
{
	struct config config = {0};
	struct keys keys = {0};
	enum status st = ST_OK;

	if (verb->needs) {
		if ((st = config_load(&config, config_path(c->a, path))) != ST_OK)
			return st;
		c->config = &config;
	}
	if (verb->needs & NEEDS_KEYS) {
		st = config_keys(&keys, &config);
		c->keys = &keys;
	}
	if (st == ST_OK && verb->needs & NEEDS_DATABASE) {
		st = db_open(&c->db, config.database, "ctl");
		if (st == ST_OK)
			st = db_ready(c->db);
	}
	if (st == ST_OK)
		st = verb->run(c);
	if (c->db)
		db_rollback(c->db);
	db_close(c->db);
	crypt_wipe(&keys, sizeof keys);
	config_free(&config);
	return st;
}

/* Follows the words into the table; *used tells how many were taken. NULL when they lead nowhere. before receives their path. */
static const struct word *find_verb(const struct word **words, char **argv, int argc, int *used, char *before, size_t before_size)
{
	for (int depth = 0; depth < DEPTH_MAX && depth < argc; depth++) {
		const struct word *w = *words;

		while (w->word && strcmp(w->word, argv[depth]) != 0)
			w++;
		if (!w->word)
			return NULL;
		*used = depth + 1;
		if (!w->next)
			return w;
		snprintf(before + strlen(before), before_size - strlen(before), " %s", w->word);
		*words = w->next;
	}
	return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return argc > 0 && strcmp(argv[0], "help") == 0;
}

static int finish(struct command *c, enum status st, const struct word *verb, const char *before)
{
	if (st == ST_OK && (fflush(c->out) != 0 || ferror(c->out)))
		st = status_fail(ST_ERROR, "the output cannot be written");
	if (st == ST_OK)
		return EXIT_SUCCESS;
	fflush(c->out);
	fprintf(stderr, "%s: %s\n", PROGRAM, status_message()[0] ? command_shown(c->a, status_message()) : status_name(st));
	if (!c->usage)
		return EXIT_FAILURE;
	fprintf(stderr, "usage: %s%s %s %s\n", PROGRAM, before, verb->word, verb->arguments ? verb->arguments : "");
	return EXIT_USAGE;
}

int command_run(const struct word *words, int argc, char **argv)
{
	struct command c = {.a = arena_create(), .out = stdout};
	const struct word *place = words, *verb;
	const char *path = NULL;
	char before[96] = "";
	int used = 0, code;

	log_start("ctl");
	argv++, argc--;
	if (argc >= 2 && strcmp(argv[0], "--config") == 0) {
		path = argv[1];
		argv += 2, argc -= 2;
	}
	verb = find_verb(&place, argv, argc, &used, before, sizeof before);
	if (asks_for_help(argc, argv)) {
		print_help(stdout, verb ? (const struct word[]){*verb, {0}} : place, before);
		code = EXIT_SUCCESS;
	} else if (!verb) {
		print_help(stderr, place, before);
		code = EXIT_USAGE;
	} else {
		enum status st;

		c.actor.name = actor_name(c.a);
		read_arguments(&c, verb->arguments);
		st = take_arguments(&c, argv + used, argc - used);
		code = finish(&c, st == ST_OK ? run_verb(&c, verb, path) : st, verb, before);
	}
	arena_destroy(c.a);
	return code;
}
