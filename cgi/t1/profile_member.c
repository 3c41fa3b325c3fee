/* Kinds of members of a carrier profile. */
#include "t1/profile_member.h"

#include <string.h>

#include "base/url.h"

bool profile_read_text(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	const char *text = cJSON_GetStringValue(value);
	(void)m;
	if (text_empty(text) || strlen(text) > PROFILE_TEXT_MAX)
		return false;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	*(char **)place = arena_strdup(a, text);
	return true;
}

bool profile_read_url(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	struct url u;
	return url_parse(&u, a, cJSON_GetStringValue(value)) == ST_OK && profile_read_text(place, a, value, m);
}

bool profile_read_path(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	return text_prefix(cJSON_GetStringValue(value), "/") && profile_read_text(place, a, value, m);
}

bool profile_read_secret_name(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	const char *name = cJSON_GetStringValue(value);
	return name && name[0] != '.' && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-")] &&
	       profile_read_text(place, a, value, m);
}

bool profile_read_bool(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	(void)a, (void)m;
	*(bool *)place = cJSON_IsTrue(value);
	return cJSON_IsBool(value);
}

static const struct profile_choice *choose(const struct profile_choice *choices, const char *name)
{
	for (; choices->name; choices++)
		if (text_equal(choices->name, name))
			return choices;
	return NULL;
}

bool profile_read_flag(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	const struct profile_choice *choice = choose(m->choices, cJSON_GetStringValue(value));
	(void)a;
	if (choice)
		*(bool *)place = choice->value;
	return choice;
}

bool profile_read_choice(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	const struct profile_choice *choice = choose(m->choices, cJSON_GetStringValue(value));
	(void)a;
	if (choice)
		*(unsigned *)place = choice->value;
	return choice;
}

bool profile_read_number(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	(void)a;
	if (!cJSON_IsNumber(value) || !(value->valuedouble >= m->min && value->valuedouble <= m->max))
		return false;
	*(int *)place = value->valueint;
	return value->valueint == value->valuedouble;
}

bool profile_read_template(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	const char *text = cJSON_GetStringValue(value);
	if (text_empty(text) || *text == '.' || strstr(text, "..") || (m->letters && *text != '/'))
		return false;
	for (const char *c = text; *c;) {
		size_t n = strspn(c, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.");
		if (n == 0 && m->letters)
			n = strspn(c, m->letters);
		for (size_t i = 0; n == 0 && m->holes[i]; i++)
			if (text_prefix(c, m->holes[i]))
				n = strlen(m->holes[i]);
		if (n == 0)
			return false;
		c += n;
	}
	return profile_read_text(place, a, value, m);
}

enum status profile_read_object(void *base, struct arena *a, const cJSON *object, const struct profile_member *members, size_t count,
				const char *before)
{
	const cJSON *child;
	if (!cJSON_IsObject(object))
		return status_fail(ST_INVALID, "carrier profile: %snot a JSON object", before);
	cJSON_ArrayForEach(child, object)
	{
		size_t i = 0;
		while (i < count && strcmp(members[i].name, child->string) != 0)
			i++;
		if (i == count)
			return status_fail(ST_INVALID, "carrier profile: unknown member %s%.40s", before, child->string);
		if (!members[i].read((char *)base + members[i].offset, a, child, &members[i]))
			return status_fail(ST_INVALID, "carrier profile: %s%s has a wrong value", before, members[i].name);
	}
	for (size_t i = 0; i < count; i++)
		if (members[i].required && !cJSON_GetObjectItemCaseSensitive(object, members[i].name))
			return status_fail(ST_INVALID, "carrier profile: %s%s is missing", before, members[i].name);
	return ST_OK;
}
