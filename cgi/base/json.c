/* Strict reading of JSON and quoting. Knows nothing of messages. */
#include "base/json.h"

#include <string.h>

/* Looks at the bytes before a tree is built: the tree costs 64 bytes for every two bytes of "1,1,1,…". */
static bool looks_bounded(const char *text, size_t length)
{
	int values = 1, depth = 0;
	bool inside = false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (inside) {
			if (c < 0x20)
				return false;
			if (c == '\\') {
				if (length - i > 5 && memcmp(text + i, "\\u0000", 6) == 0)
					return false;
				i++;
			} else if (c == '"')
				inside = false;
			continue;
		}
		if (c == '"')
			inside = true;
		else if (c == '{' || c == '[')
			depth++, values++;
		else if (c == '}' || c == ']')
			depth--;
		else if (c == ',')
			values++;
		if (depth < 0 || depth > JSON_DEPTH_MAX || values > JSON_VALUES_MAX)
			return false;
	}
	return !inside && depth == 0;
}

static bool names_are_unique(const cJSON *value)
{
	const cJSON *child, *other;
	cJSON_ArrayForEach(child, value)
	{
		if (cJSON_IsObject(value))
			for (other = child->next; other; other = other->next)
				if (strcmp(child->string, other->string) == 0)
					return false;
		if (!names_are_unique(child))
			return false;
	}
	return true;
}

static void release(void *tree)
{
	cJSON_Delete(tree);
}

const cJSON *json_read_object(struct arena *a, struct bytes text)
{
	const char *bytes = (const char *)text.data, *end = NULL;
	if (!bytes || text.length == 0 || !text_is_utf8(bytes, text.length) || !looks_bounded(bytes, text.length))
		return NULL;
	cJSON *tree = cJSON_ParseWithLengthOpts(bytes, text.length, &end, false);
	if (!tree)
		return NULL;
	arena_cleanup(a, release, tree);
	for (; end < bytes + text.length; end++)
		if (!strchr(" \t\r\n", *end))
			return NULL;
	return cJSON_IsObject(tree) && names_are_unique(tree) ? tree : NULL;
}

const char *json_string(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

void json_quote(struct buffer *b, const char *text)
{
	static const char special[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	buffer_add(b, "\"", 1);
	for (const char *from = text;;) {
		const char *c = from;
		while ((unsigned char)*c >= 0x20 && *c != '"' && *c != '\\')
			c++;
		buffer_add(b, from, (size_t)(c - from));
		if (!*c)
			break;
		const char *known = strchr(special, *c);
		if (known)
			buffer_printf(b, "\\%c", letter[known - special]);
		else
			buffer_printf(b, "\\u%04x", (unsigned)*c);
		from = c + 1;
	}
	buffer_add(b, "\"", 1);
}

void json_member(struct buffer *b, const char *name, const char *value)
{
	if (b->length && b->data[b->length - 1] != '{')
		buffer_add(b, ",", 1);
	json_quote(b, name);
	buffer_add(b, ":", 1);
	json_quote(b, value);
}
