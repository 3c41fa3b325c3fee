/* Every name in the file is checked: a misspelt fault would otherwise pass as none. */
#include "proxy_rules.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "encode.h"

/* What the members of each fault are called; NULL: it has none. */
static const struct {
	const char *name, *value, *spread, *delay;
} TOXICS[] = {
	[TOXIC_LATENCY] = {"latency", "latency_ms", "jitter_ms", NULL}, [TOXIC_DOWN] = {"down", NULL, NULL, NULL},
	[TOXIC_BANDWIDTH] = {"bandwidth", "bytes_per_s", NULL, NULL},   [TOXIC_SLOW_CLOSE] = {"slow_close", NULL, NULL, "delay_ms"},
	[TOXIC_TIMEOUT] = {"timeout", NULL, NULL, "timeout_ms"},        [TOXIC_RESET_PEER] = {"reset_peer", NULL, NULL, "after_ms"},
	[TOXIC_SLICER] = {"slicer", "size", "variation", "delay_ms"},   [TOXIC_LIMIT_DATA] = {"limit_data", "bytes", NULL, NULL},
};
#define TOXIC_COUNT (sizeof(TOXICS) / sizeof(*TOXICS))
static const char *const STREAMS[] = {[STREAM_UP] = "up", [STREAM_DOWN] = "down", [STREAM_BOTH] = "both"};

const char *toxic_name(enum toxic toxic)
{
	return TOXICS[toxic].name;
}

bool rule_is_for(const struct rule *rule, const char *link)
{
	return rule->serial && strcmp(rule->link, link) == 0;
}

static bool fail(const char *what, const char *why)
{
	fprintf(stderr, "script.json: %.60s: %s; the rules before stay\n", what, why);
	return false;
}

static bool take_text(char out[RULE_NAME], const cJSON *item)
{
	if (!cJSON_IsString(item) || strlen(item->valuestring) >= RULE_NAME)
		return fail(item->string, "a text of at most 63 bytes is needed");
	strcpy(out, item->valuestring);
	return true;
}

static bool take_number(long *out, const cJSON *item)
{
	if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > 1e9)
		return fail(item->string, "a number from 0 to 1e9 is needed");
	*out = (long)item->valuedouble;
	return true;
}

static bool take_word(const cJSON *item, const char *const *words, size_t n, int *out)
{
	for (size_t i = 0; i < n; i++) {
		if (cJSON_IsString(item) && strcmp(words[i], item->valuestring) == 0) {
			*out = (int)i;
			return true;
		}
	}
	return fail(item->string, "no such word");
}

static bool is_called(const char *name, const char *member)
{
	return name && strcmp(name, member) == 0;
}

static bool take_member(struct rule *rule, const cJSON *item)
{
	const char *name = item->string;
	int word;

	if (strcmp(name, "toxic") == 0)
		return true;
	if (strcmp(name, "id") == 0)
		return take_text(rule->id, item);
	if (strcmp(name, "link") == 0)
		return take_text(rule->link, item);
	if (strcmp(name, "contains") == 0)
		return take_text(rule->contains, item);
	if (strcmp(name, "times") == 0)
		return take_number(&rule->times, item);
	if (strcmp(name, "stream") == 0) {
		if (!take_word(item, STREAMS, sizeof(STREAMS) / sizeof(*STREAMS), &word))
			return false;
		rule->stream = (enum stream)word;
		return true;
	}
	if (is_called(TOXICS[rule->toxic].value, name))
		return take_number(&rule->value, item);
	if (is_called(TOXICS[rule->toxic].spread, name))
		return take_number(&rule->spread, item);
	if (is_called(TOXICS[rule->toxic].delay, name))
		return take_number(&rule->delay_ms, item);
	return fail(name, "no such name for this toxic");
}

static bool read_rule(struct rule *rule, const cJSON *object)
{
	const cJSON *toxic = cJSON_GetObjectItemCaseSensitive(object, "toxic"), *item;
	const char *names[TOXIC_COUNT];
	int word;

	for (size_t i = 0; i < TOXIC_COUNT; i++)
		names[i] = TOXICS[i].name;
	if (!cJSON_IsObject(object) || !toxic)
		return fail("a rule", "an object with a toxic is needed");
	if (!take_word(toxic, names, TOXIC_COUNT, &word))
		return false;
	*rule = (struct rule){.toxic = (enum toxic)word, .stream = STREAM_BOTH, .times = -1};
	cJSON_ArrayForEach(item, object)
	{
		if (!take_member(rule, item))
			return false;
	}
	if (rule->toxic == TOXIC_BANDWIDTH && rule->value == 0)
		return fail("bytes_per_s", "more than 0 is needed");
	if (rule->toxic == TOXIC_SLICER && rule->value == 0)
		return fail("size", "more than 0 is needed");
	return rule->id[0] && rule->link[0] ? true : fail("a rule", "id and link are needed");
}

static const struct rule *find(const struct rule *rules, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++) {
		if (rules[i].id[0] && strcmp(rules[i].id, id) == 0)
			return &rules[i];
	}
	return NULL;
}

static void put(struct rules *rules, const struct rule *rule)
{
	size_t i = 0;

	while (rules->rule[i].serial)
		i++;
	rules->rule[i] = *rule;
	rules->rule[i].serial = ++rules->serials;
}

bool rules_load(struct rules *rules, const char *path)
{
	static struct rule read[RULES_MAX];
	size_t n = 0;
	bool good = true;
	char *text = encode_read_file(path, NULL);
	cJSON *array = text ? cJSON_Parse(text) : NULL;
	const cJSON *object;

	if (text && !cJSON_IsArray(array))
		good = fail(path, "not a JSON array");
	if (!text && access(path, F_OK) == 0)
		good = fail(path, "cannot be read");
	free(text);
	cJSON_ArrayForEach(object, array)
	{
		if (good && n == RULES_MAX)
			good = fail(path, "too many rules");
		if (good && (good = read_rule(&read[n], object)))
			good = !find(read, n, read[n].id) || fail(read[n].id, "twice");
		n += good;
	}
	cJSON_Delete(array);
	if (!good)
		return false;
	for (size_t i = 0; i < RULES_MAX; i++) {
		if (!find(read, n, rules->rule[i].id))
			rules->rule[i] = (struct rule){0};
	}
	for (size_t i = 0; i < n; i++) {
		if (!find(rules->rule, RULES_MAX, read[i].id))
			put(rules, &read[i]);
	}
	return true;
}
