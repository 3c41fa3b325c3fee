/* Urlencoded text: never a crash; what is accepted is bounded, UTF-8 and free of NUL. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct form form;

	if (!arena)
		arena = arena_create();
	if (form_parse(arena, &form, size ? (const char *)data : "", size) == ST_OK) {
		assert(form.count <= FORM_FIELDS_MAX);
		for (int i = 0; i < form.count; i++) {
			assert(strlen(form.fields[i].value) <= FORM_VALUE_MAX);
			assert(text_is_utf8(form.fields[i].name, strlen(form.fields[i].name)));
			assert(text_is_utf8(form.fields[i].value, strlen(form.fields[i].value)));
			assert(form_get(&form, form.fields[i].name));
		}
	}
	arena_reset(arena);
	return 0;
}
