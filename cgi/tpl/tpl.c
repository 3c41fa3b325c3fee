/* The only user of ClearSilver. NEOERR never leaves this file. A page is parsed once and rendered with the dataset of each
 * request; html escaping is asked for before parsing and again in every dataset. */
#include "tpl/tpl.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ClearSilver.h>

#include "base/log.h"

#define NAME_SIZE 200 /* ClearSilver cuts longer file names without a word: 256 with the folder */
#define PATH_SIZE 250
#define PAGES_MAX 500
#define DEPTH_MAX 4
#define VIEW_NAME_SIZE 256

struct page {
	char name[NAME_SIZE];
	CSPARSE *cs;
};

struct tpl {
	HDF *base;
	struct page *pages;
	int count;
};

struct view {
	HDF *hdf;
};

/* Ends an error chain: its text without line ends goes into out. */
static void error_text(NEOERR *error, char *out, size_t size)
{
	STRING text;

	string_init(&text);
	nerr_error_string(error, &text);
	snprintf(out, size, "%s", text.buf ? text.buf : "unknown");
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < 0x20)
			*p = ' ';
	string_clear(&text);
	nerr_ignore(&error);
}

static enum status failed(enum status code, const char *what, NEOERR *error)
{
	char text[220];

	error_text(error, text, sizeof(text));
	return status_fail(code, "template %s: %s", what, text);
}

static void log_dropped(const char *name, NEOERR *error)
{
	char text[220];

	if (error == STATUS_OK)
		return;
	error_text(error, text, sizeof(text));
	log_error("view", "name=%s message=\"%s\"", name, text);
}

static enum status parse_page(struct tpl *t, const char *name)
{
	struct page *page = &t->pages[t->count];
	char file[NAME_SIZE + 4];
	NEOERR *error;

	if (t->count == PAGES_MAX)
		return status_fail(ST_INVALID, "more than %d templates", PAGES_MAX);
	snprintf(page->name, sizeof(page->name), "%s", name);
	snprintf(file, sizeof(file), "%s.cs", name);
	error = cs_init(&page->cs, t->base);
	if (error != STATUS_OK)
		return failed(ST_ERROR, name, error);
	t->count++;
	error = cgi_register_strfuncs(page->cs);
	if (error == STATUS_OK)
		error = cs_parse_file(page->cs, file);
	return error == STATUS_OK ? ST_OK : failed(ST_INVALID, name, error);
}

static bool is_page(const char *file)
{
	size_t length = strlen(file);
	return length > 3 && strcmp(file + length - 3, ".cs") == 0;
}

/* Parses what is in dir/below ("" for dir itself); files and folders that begin with '_' are parts of pages. */
static enum status parse_folder(struct tpl *t, const char *dir, const char *below, int depth)
{
	char path[PATH_SIZE], name[NAME_SIZE];
	enum status status = ST_OK;
	struct dirent *entry;
	struct stat info;
	DIR *folder;

	if (depth > DEPTH_MAX)
		return status_fail(ST_INVALID, "template folders are nested too deep");
	if (snprintf(path, sizeof(path), "%s/%s", dir, below) >= (int)sizeof(path))
		return status_fail(ST_INVALID, "template folder has too long a name: %.60s", below);
	folder = opendir(path);
	if (!folder)
		return status_fail(ST_INVALID, "cannot open template folder %s", path);
	while (status == ST_OK && (entry = readdir(folder))) {
		if (entry->d_name[0] == '_' || entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s%s%s", below, *below ? "/" : "", entry->d_name) >= (int)sizeof(name) ||
		    snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path)) {
			status = status_fail(ST_INVALID, "template has too long a name: %.60s", entry->d_name);
		} else if (stat(path, &info) != 0) {
			status = status_fail(ST_INVALID, "cannot read template %s", name);
		} else if (S_ISDIR(info.st_mode)) {
			status = parse_folder(t, dir, name, depth + 1);
		} else if (is_page(name)) {
			name[strlen(name) - 3] = '\0';
			status = parse_page(t, name);
		}
	}
	closedir(folder);
	return status;
}

enum status tpl_open(struct tpl **out, const char *dir)
{
	struct tpl *t = calloc(1, sizeof(*t));
	enum status status;
	NEOERR *error;

	if (!t || !(t->pages = calloc(PAGES_MAX, sizeof(*t->pages))))
		abort();
	error = nerr_init();
	if (error == STATUS_OK)
		error = hdf_init(&t->base);
	if (error == STATUS_OK)
		error = hdf_set_value(t->base, "Config.VarEscapeMode", "html");
	if (error == STATUS_OK)
		error = hdf_set_value(t->base, "hdf.loadpaths.0", dir);
	status = error == STATUS_OK ? parse_folder(t, dir, "", 0) : failed(ST_ERROR, dir, error);
	if (status != ST_OK) {
		tpl_close(t);
		return status;
	}
	*out = t;
	return ST_OK;
}

void tpl_close(struct tpl *t)
{
	if (!t)
		return;
	for (int i = 0; i < t->count; i++)
		cs_destroy(&t->pages[i].cs);
	hdf_destroy(&t->base); /* after the trees: they point into it */
	free(t->pages);
	free(t);
}

void tpl_site(struct tpl *t, const char *name, const char *value)
{
	if (value)
		log_dropped(name, hdf_set_value(t->base, name, value));
}

static void view_release(void *object)
{
	struct view *v = object;
	hdf_destroy(&v->hdf);
}

struct view *view_create(struct arena *a, struct tpl *t)
{
	struct view *v = arena_alloc(a, sizeof(*v));
	NEOERR *error = hdf_init(&v->hdf);

	(void)t;
	if (error == STATUS_OK)
		error = hdf_set_value(v->hdf, "Config.VarEscapeMode", "html");
	if (error != STATUS_OK) /* only for want of memory */
		abort();
	arena_cleanup(a, view_release, v);
	return v;
}

void view_set(struct view *v, const char *name, const char *value)
{
	if (value)
		log_dropped(name, hdf_set_value(v->hdf, name, value));
}

void view_int(struct view *v, const char *name, long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", value);
	view_set(v, name, text);
}

void view_flag(struct view *v, const char *name, int on)
{
	if (on)
		view_set(v, name, "1");
}

void view_item(struct view *v, const char *prefix, int index, const char *field, const char *value)
{
	char name[VIEW_NAME_SIZE];

	if (snprintf(name, sizeof(name), "%s.%d.%s", prefix, index, field) >= (int)sizeof(name))
		log_error("view", "name=%.60s message=\"too long\"", prefix);
	else
		view_set(v, name, value);
}

static NEOERR *append(void *context, char *text)
{
	struct buffer *out = context;

	buffer_text(out, text);
	return out->overflow ? nerr_raise(NERR_OUTOFRANGE, "page is larger than %d bytes", (int)out->limit) : STATUS_OK;
}

enum status tpl_render(struct tpl *t, struct view *v, const char *name, struct buffer *out)
{
	CSPARSE *cs = NULL;
	NEOERR *error;

	for (int i = 0; i < t->count && !cs; i++)
		if (strcmp(t->pages[i].name, name) == 0)
			cs = t->pages[i].cs;
	if (!cs)
		return status_fail(ST_NOT_FOUND, "no template %s", name);
	cs->hdf = v->hdf;
	cs->global_hdf = t->base; /* values of the site: look-ups fall back to it */
	error = cs_render(cs, out, append);
	cs->hdf = t->base; /* never keep a pointer to a dataset that goes away */
	cs->global_hdf = NULL;
	cs->locals = NULL;
	return error == STATUS_OK ? ST_OK : failed(ST_ERROR, name, error);
}
