/* A growing table from text to text: open addressing with linear probing, never more than half full. */
#include "map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t slot_of(const struct map_entry *entries, size_t room, const char *key)
{
	uint64_t hash = 14695981039346656037u;
	size_t slot;

	for (const char *c = key; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	slot = (size_t)(hash ^ hash >> 32) & (room - 1);
	while (entries[slot].key && strcmp(entries[slot].key, key) != 0)
		slot = (slot + 1) & (room - 1);
	return slot;
}

static char *copy_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

static void grow(struct map *map)
{
	size_t room = map->room ? 2 * map->room : 64;
	struct map_entry *entries = calloc(room, sizeof(*entries));

	if (!entries)
		abort();
	for (size_t i = 0; i < map->room; i++) {
		if (map->entries[i].key)
			entries[slot_of(entries, room, map->entries[i].key)] = map->entries[i];
	}
	free(map->entries);
	map->entries = entries;
	map->room = room;
}

const char *map_find(const struct map *map, const char *key)
{
	return map->room ? map->entries[slot_of(map->entries, map->room, key)].value : NULL;
}

void map_put(struct map *map, const char *key, const char *value)
{
	struct map_entry *entry;

	if (2 * (map->count + 1) > map->room)
		grow(map);
	entry = &map->entries[slot_of(map->entries, map->room, key)];
	if (!entry->key) {
		entry->key = copy_text(key);
		map->count++;
	}
	free(entry->value);
	entry->value = copy_text(value);
}

void map_free(struct map *map)
{
	for (size_t i = 0; i < map->room; i++) {
		free(map->entries[i].key);
		free(map->entries[i].value);
	}
	free(map->entries);
	*map = (struct map){0};
}
