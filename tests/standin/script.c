/* Scripted faults. Every name in the file is checked: a misspelt rule would otherwise pass as a normal answer. */
#include "script.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "encode.h"

struct script {
	pthread_mutex_t lock;
	char *path;
	struct stat seen;
	bool loaded;
	cJSON *rules;
	long *left; /* one number a rule: how often it may still be used, -1 for ever */
};

struct script_key {
	const char *name;
	cJSON_bool (*is_type)(const cJSON *item);
};

static const struct script_key RULE_KEYS[] = {
	{"match", cJSON_IsObject}, {"times", cJSON_IsNumber}, {"delay_ms", cJSON_IsNumber}, {"then", cJSON_IsObject}, {NULL, NULL},
};
static const struct script_key MATCH_KEYS[] = {
	{"action", cJSON_IsString},
	{"path", cJSON_IsString},
	{"contains", cJSON_IsString},
	{NULL, NULL},
};
static const struct script_key THEN_KEYS[] = {
	{"pass", cJSON_IsBool},    {"error", cJSON_IsString},        {"message", cJSON_IsString},        {"result", cJSON_IsString},
	{"warn", cJSON_IsArray},   {"fields", cJSON_IsObject},       {"status", cJSON_IsNumber},         {"body", cJSON_IsString},
	{"garbage", cJSON_IsBool}, {"content_type", cJSON_IsString}, {"other_request_id", cJSON_IsBool}, {"truncate", cJSON_IsNumber},
	{"cut", cJSON_IsBool},     {"wrong_type", cJSON_IsBool},     {"process", cJSON_IsBool},          {NULL, NULL},
};

static bool keys_are_good(const cJSON *object, const struct script_key *keys, char *why, size_t size)
{
	const cJSON *item;

	if (!cJSON_IsObject(object)) {
		snprintf(why, size, "an object is needed");
		return false;
	}
	cJSON_ArrayForEach(item, object)
	{
		const struct script_key *key = keys;

		while (key->name && strcmp(key->name, item->string) != 0)
			key++;
		if (!key->name || !key->is_type(item)) {
			snprintf(why, size, "%.60s: %s", item->string, key->name ? "wrong type" : "no such name");
			return false;
		}
	}
	return true;
}

static bool rules_are_good(const cJSON *rules, char *why, size_t size)
{
	const cJSON *rule;

	if (!cJSON_IsArray(rules)) {
		snprintf(why, size, "not a JSON array");
		return false;
	}
	cJSON_ArrayForEach(rule, rules)
	{
		const cJSON *match = cJSON_GetObjectItemCaseSensitive(rule, "match");
		const cJSON *then = cJSON_GetObjectItemCaseSensitive(rule, "then");

		if (!keys_are_good(rule, RULE_KEYS, why, size) || (match && !keys_are_good(match, MATCH_KEYS, why, size)) ||
		    (then && !keys_are_good(then, THEN_KEYS, why, size)))
			return false;
	}
	return true;
}

struct script *script_open(const char *path)
{
	struct script *script = calloc(1, sizeof(*script));

	if (!script || !(script->path = strdup(path)))
		abort();
	pthread_mutex_init(&script->lock, NULL);
	return script;
}

static void drop_rules(struct script *script)
{
	cJSON_Delete(script->rules);
	free(script->left);
	script->rules = NULL;
	script->left = NULL;
}

void script_close(struct script *script)
{
	if (!script)
		return;
	drop_rules(script);
	pthread_mutex_destroy(&script->lock);
	free(script->path);
	free(script);
}

static void load_rules(struct script *script)
{
	char why[128] = "cannot be read";
	size_t length = 0;
	char *text = encode_read_file(script->path, &length);
	cJSON *rules = text ? cJSON_ParseWithLength(text, length) : NULL;
	int at = 0;
	const cJSON *rule;

	free(text);
	if (!rules_are_good(rules, why, sizeof(why))) {
		fprintf(stderr, "%s: %s; the rules before stay\n", script->path, why);
		cJSON_Delete(rules);
		return;
	}
	drop_rules(script);
	script->rules = rules;
	script->left = calloc((size_t)cJSON_GetArraySize(rules) + 1, sizeof(*script->left));
	if (!script->left)
		abort();
	cJSON_ArrayForEach(rule, rules) script->left[at++] = script_number(rule, "times", -1);
}

static void refresh(struct script *script)
{
	struct stat now;

	if (stat(script->path, &now)) {
		drop_rules(script);
		script->loaded = false;
		return;
	}
	if (script->loaded && now.st_ino == script->seen.st_ino && now.st_size == script->seen.st_size &&
	    now.st_mtim.tv_sec == script->seen.st_mtim.tv_sec && now.st_mtim.tv_nsec == script->seen.st_mtim.tv_nsec)
		return;
	script->seen = now;
	script->loaded = true;
	load_rules(script);
}

static bool rule_matches(const cJSON *rule, const struct script_subject *subject)
{
	const cJSON *match = cJSON_GetObjectItemCaseSensitive(rule, "match");
	const char *action = script_text(match, "action"), *path = script_text(match, "path"), *part = script_text(match, "contains");

	return (!action || strcmp(action, subject->action) == 0) && (!path || strcmp(path, subject->path) == 0) &&
	       (!part || memmem(subject->body, subject->length, part, strlen(part)) ||
		(subject->decrypted && strstr(subject->decrypted, part)));
}

struct script_decision script_decide(struct script *script, const struct script_subject *subject)
{
	struct script_decision decision = {.rule = -1};
	int at = -1;
	const cJSON *rule;

	pthread_mutex_lock(&script->lock);
	refresh(script);
	cJSON_ArrayForEach(rule, script->rules)
	{
		at++;
		if (script->left[at] == 0 || !rule_matches(rule, subject))
			continue;
		if (script->left[at] > 0)
			script->left[at]--;
		decision.rule = at;
		decision.delay_ms = script_number(rule, "delay_ms", 0);
		decision.then = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(rule, "then"), 1);
		break;
	}
	pthread_mutex_unlock(&script->lock);
	return decision;
}

const char *script_text(const cJSON *then, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(then, name));
}

bool script_flag(const cJSON *then, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(then, name));
}

long script_number(const cJSON *then, const char *name, long otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(then, name);

	return cJSON_IsNumber(item) ? (long)item->valuedouble : otherwise;
}

void script_confuse_types(cJSON *parent)
{
	cJSON *item = parent->child;

	while (item) {
		cJSON *next = item->next, *other = NULL;

		if (cJSON_IsString(item))
			other = cJSON_CreateNumber((double)strlen(item->valuestring));
		else if (!item->child)
			other = cJSON_CreateString("1");
		else
			script_confuse_types(item);
		if (other) {
			other->string = item->string ? strdup(item->string) : NULL;
			cJSON_ReplaceItemViaPointer(parent, item, other);
		}
		item = next;
	}
}
