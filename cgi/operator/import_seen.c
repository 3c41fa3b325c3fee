/* What the file had before: a card stands once, the rows of a car agree. Keeps hashes of the values, not the values. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "operator/import.h"

#define KEY_MAX 24

/* A card number, an ICCID or a VIN; fields only for a VIN. */
struct seen {
	char key[KEY_MAX];
	int line, cards;
	uint64_t *fields;
};

struct import_seen {
	struct arena *arena;
	void *cards, *numbers, *cars; /* trees */
};

/* What says something about the card and not about the car. */
static const bool of_card[IMPORT_COLUMN_MAX] = {[IMPORT_MSISDN] = true, [IMPORT_ICCID] = true, [IMPORT_CARRIER] = true};

static int by_key(const void *one, const void *other)
{
	return strcmp(((const struct seen *)one)->key, ((const struct seen *)other)->key);
}

static void keep(void *entry)
{
	(void)entry; /* the arena's */
}

static void release(void *object)
{
	struct import_seen *s = object;

	tdestroy(s->cards, keep);
	tdestroy(s->numbers, keep);
	tdestroy(s->cars, keep);
}

struct import_seen *import_seen_start(struct arena *a)
{
	struct import_seen *s = arena_alloc(a, sizeof *s);

	s->arena = a;
	arena_cleanup(a, release, s);
	return s;
}

/* The entry of key; NULL when there is none. */
static struct seen *find(void *const *tree, const char *key)
{
	struct seen wanted = {0};
	struct seen *const *found;

	strncpy(wanted.key, key, KEY_MAX - 1);
	found = tfind(&wanted, tree, by_key);
	return found ? *found : NULL;
}

static struct seen *add(struct import_seen *s, void **tree, const char *key, int line)
{
	struct seen *entry = arena_alloc(s->arena, sizeof *entry);

	strncpy(entry->key, key, KEY_MAX - 1);
	entry->line = line;
	if (!tsearch(entry, tree, by_key))
		abort(); /* no memory */
	return entry;
}

/* FNV-1a: enough to tell an operator which of his own fields differ. */
static uint64_t hash_value(const char *value)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (const char *p = value ? value : ""; *p; p++)
		hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
	return hash;
}

static bool car_agrees(const struct seen *car, const struct import_row *row, struct import_faults *faults)
{
	bool agrees = true;

	for (int i = 0; i < IMPORT_COLUMN_MAX; i++) {
		if (of_card[i] || car->fields[i] == hash_value(row->value[i]))
			continue;
		import_fault(faults, row->line, import_column_name((enum import_column)i), "differs from line %d, which has the same VIN",
			     car->line);
		agrees = false;
	}
	if (car->cards == IMPORT_CARDS_MAX) {
		import_fault(faults, row->line, "VIN", "has more than %d cards", IMPORT_CARDS_MAX);
		agrees = false;
	}
	return agrees;
}

bool import_seen_add(struct import_seen *s, const struct import_row *row, struct import_faults *faults)
{
	char iccid[20];
	struct seen *car = find(&s->cars, row->value[IMPORT_VIN]), *other;
	bool good = true;

	strncpy(iccid, row->value[IMPORT_ICCID], sizeof iccid - 1);
	iccid[sizeof iccid - 1] = '\0';
	if ((other = find(&s->cards, iccid))) {
		import_fault(faults, row->line, "ICCID", "is the same card as in line %d (the first 19 characters count)", other->line);
		good = false;
	}
	if ((other = find(&s->numbers, row->value[IMPORT_MSISDN]))) {
		import_fault(faults, row->line, "MSISDN", "is the same as in line %d", other->line);
		good = false;
	}
	if (car && !car_agrees(car, row, faults))
		good = false;
	if (!good)
		return false;
	add(s, &s->cards, iccid, row->line);
	add(s, &s->numbers, row->value[IMPORT_MSISDN], row->line);
	if (!car) {
		car = add(s, &s->cars, row->value[IMPORT_VIN], row->line);
		car->fields = arena_alloc(s->arena, IMPORT_COLUMN_MAX * sizeof *car->fields);
		for (int i = 0; i < IMPORT_COLUMN_MAX; i++)
			car->fields[i] = hash_value(row->value[i]);
	}
	car->cards++;
	return true;
}
