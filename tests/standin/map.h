/* A growing table from text to text. Not locked: the owner locks. */
#ifndef STANDIN_MAP_H
#define STANDIN_MAP_H

#include <stddef.h>

struct map_entry {
	char *key, *value;
};

/* All zero is an empty map. */
struct map {
	struct map_entry *entries;
	size_t count, room;
};

/* The value, borrowed until the key is put again; NULL when the key is not there. */
const char *map_find(const struct map *map, const char *key);
/* Copies both; replaces an earlier value. */
void map_put(struct map *map, const char *key, const char *value);
void map_free(struct map *map);

#endif
