/* Reads the relationships and the list of sheets. Looks into no sheet. */
#include "table/workbook.h"

#include <string.h>

#include "table/xml.h"

#define RELATIONS_MAX 1000
#define NAME_MAX_BYTES 500

/* One <Relationship>: that a part needs another one. */
struct relation {
	const char *id, *type, *part;
};

struct relations {
	struct arena *a;
	const char *folder; /* that targets are relative to: "", "xl/" */
	int count;
	struct relation one[RELATIONS_MAX];
};

struct sheets {
	struct arena *a;
	const struct relations *relations;
	struct workbook *out;
};

/* The end of a type says what it is; its beginning differs between the two flavours of the format. */
static bool is_type(const struct relation *r, const char *type)
{
	size_t length = strlen(r->type), wanted = strlen(type);

	return length > wanted && r->type[length - wanted - 1] == '/' && strcmp(r->type + length - wanted, type) == 0;
}

/* "/xl/workbook.xml", "worksheets/sheet1.xml" or "../xl/x.xml" as a name in the package. */
static const char *resolve(struct arena *a, const char *folder, const char *target)
{
	char *base = arena_strdup(a, folder);

	if (target[0] == '/')
		return arena_strdup(a, target + 1);
	while (text_prefix(target, "../") || text_prefix(target, "./")) {
		size_t length = strlen(base);

		if (target[1] == '.') {
			if (length > 0)
				base[--length] = '\0';
			while (length > 0 && base[length - 1] != '/')
				base[--length] = '\0';
		}
		target = strchr(target, '/') + 1;
	}
	return arena_printf(a, "%s%s", base, target);
}

static void on_relation(void *context, struct xml *x, const char *name, const char *const *attributes)
{
	struct relations *all = context;
	const char *id = xml_attribute(attributes, "Id"), *type = xml_attribute(attributes, "Type");
	const char *target = xml_attribute(attributes, "Target"), *mode = xml_attribute(attributes, "TargetMode");

	if (strcmp(name, "Relationship") != 0 || !id || !type || !target || text_equal(mode, "External"))
		return;
	if (all->count == RELATIONS_MAX || strlen(id) + strlen(type) + strlen(target) > NAME_MAX_BYTES)
		xml_refuse(x, TABLE_TOO_LARGE);
	else
		all->one[all->count++] =
			(struct relation){arena_strdup(all->a, id), arena_strdup(all->a, type), resolve(all->a, all->folder, target)};
}

static void on_end(void *context, struct xml *x, const char *name)
{
	(void)context;
	(void)x;
	(void)name;
}

static enum table_problem read_part(struct arena *a, struct package *p, const char *name, struct xml_sink sink)
{
	struct part *part;
	enum table_problem problem = part_open(&part, p, name);
	bool done = false;

	return problem ? problem : xml_run(xml_open(a, part, sink), &done);
}

static enum table_problem read_relations(struct relations *out, struct arena *a, struct package *p, const char *of)
{
	const char *slash = strrchr(of, '/');
	const char *file = slash ? slash + 1 : of;

	out->a = a;
	out->folder = arena_strndup(a, of, (size_t)(file - of));
	return read_part(a, p, arena_printf(a, "%s_rels/%s.rels", out->folder, file), (struct xml_sink){out, on_relation, on_end, NULL});
}

static const struct relation *find(const struct relations *all, const char *id, const char *type)
{
	for (int i = 0; i < all->count; i++)
		if ((!id || strcmp(all->one[i].id, id) == 0) && is_type(&all->one[i], type))
			return &all->one[i];
	return NULL;
}

static void on_sheet(void *context, struct xml *x, const char *name, const char *const *attributes)
{
	struct sheets *s = context;
	const char *title = xml_attribute(attributes, "name"), *state = xml_attribute(attributes, "state");
	const char *id = xml_attribute(attributes, "id");
	const struct relation *r;

	if (strcmp(name, "sheet") != 0 || xml_depth(x) != 3 || !id || (state && strcmp(state, "visible") != 0))
		return;
	r = find(s->relations, id, "worksheet");
	if (!r)
		return;
	if (s->out->sheets++ == 0) {
		s->out->sheet_part = r->part;
		s->out->sheet_name = arena_strdup(s->a, title && strlen(title) <= NAME_MAX_BYTES ? title : "");
	}
}

enum table_problem workbook_read(struct workbook *out, struct arena *a, struct package *p)
{
	struct relations *all = arena_alloc(a, sizeof *all);
	struct sheets sheets = {a, all, out};
	enum table_problem problem = read_relations(all, a, p, "");
	const struct relation *main_part = problem ? NULL : find(all, NULL, "officeDocument"), *texts;
	const char *workbook;

	*out = (struct workbook){.sheet_name = ""};
	if (problem)
		return problem;
	if (!main_part)
		return TABLE_NOT_A_TABLE;
	workbook = main_part->part;
	all->count = 0;
	problem = read_relations(all, a, p, workbook);
	/* a text document or slides have parts of other kinds */
	if (!problem && !find(all, NULL, "worksheet"))
		return TABLE_NOT_A_TABLE;
	if (!problem)
		problem = read_part(a, p, workbook, (struct xml_sink){&sheets, on_sheet, on_end, NULL});
	texts = find(all, NULL, "sharedStrings");
	if (texts && package_has(p, texts->part))
		out->texts_part = texts->part;
	return problem;
}
