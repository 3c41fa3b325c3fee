/* The only user of expat. Knows no element by name. */
#include "table/xml.h"

#include <expat.h>
#include <string.h>

#define BLOCK (32 * 1024)

struct xml {
	XML_Parser parser;
	struct part *part;
	struct xml_sink sink;
	enum table_problem problem;
	int depth;
	size_t fed;
	bool last; /* the last bytes were given to the parser */
};

static const char *local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

void xml_refuse(struct xml *x, enum table_problem problem)
{
	if (!x->problem)
		x->problem = problem;
	XML_StopParser(x->parser, XML_FALSE);
}

void xml_pause(struct xml *x)
{
	if (!x->problem)
		XML_StopParser(x->parser, XML_TRUE);
}

int xml_depth(const struct xml *x)
{
	return x->depth;
}

/* After a refusal expat may still have an event or two. */
static void on_start(void *context, const char *name, const char **attributes)
{
	struct xml *x = context;

	if (x->problem)
		return;
	if (++x->depth > XML_DEPTH_MAX)
		xml_refuse(x, TABLE_BROKEN);
	else
		x->sink.start(x->sink.context, x, local(name), (const char *const *)attributes);
}

static void on_end(void *context, const char *name)
{
	struct xml *x = context;

	if (x->problem)
		return;
	x->sink.end(x->sink.context, x, local(name));
	x->depth--;
}

static void on_text(void *context, const char *text, int length)
{
	struct xml *x = context;

	if (!x->problem && x->sink.text)
		x->sink.text(x->sink.context, x, text, (size_t)length);
}

static void on_doctype(void *context, const char *name, const char *system, const char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	xml_refuse(context, TABLE_BROKEN);
}

static void release(void *object)
{
	XML_ParserFree(object);
}

struct xml *xml_open(struct arena *a, struct part *part, struct xml_sink sink)
{
	struct xml *x = arena_alloc(a, sizeof *x);

	x->part = part;
	x->sink = sink;
	x->parser = XML_ParserCreate(NULL);
	if (!x->parser) {
		x->problem = TABLE_TOO_LARGE;
		return x;
	}
	arena_cleanup(a, release, x->parser);
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	return x;
}

static enum XML_Status feed(struct xml *x)
{
	void *block = XML_GetBuffer(x->parser, BLOCK);
	size_t got;

	if (!block)
		return XML_STATUS_ERROR;
	x->problem = part_read(x->part, block, BLOCK, &got);
	if (x->problem)
		return XML_STATUS_ERROR;
	x->fed += got;
	x->last = got == 0;
	return XML_ParseBuffer(x->parser, (int)got, x->last);
}

/* What the parser holds back because a tag, a comment or the like has not ended. */
static bool holds_too_much(struct xml *x)
{
	XML_Index at = XML_GetCurrentByteIndex(x->parser);

	return at >= 0 && x->fed > (size_t)at && x->fed - (size_t)at > XML_TAG_MAX;
}

enum table_problem xml_run(struct xml *x, bool *done)
{
	*done = false;
	while (!x->problem) {
		XML_ParsingStatus now;
		enum XML_Status status;

		XML_GetParsingStatus(x->parser, &now);
		if (now.parsing == XML_FINISHED) {
			*done = true;
			part_close(x->part);
			break;
		}
		status = now.parsing == XML_SUSPENDED ? XML_ResumeParser(x->parser) : feed(x);
		if (status == XML_STATUS_SUSPENDED)
			break;
		if (!x->problem && (status != XML_STATUS_OK || holds_too_much(x)))
			x->problem = TABLE_BROKEN;
	}
	if (x->problem)
		part_close(x->part);
	return x->problem;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (strcmp(local(attributes[0]), name) == 0)
			return attributes[1];
	return NULL;
}

bool xml_true(const char *value)
{
	return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0 || strcmp(value, "on") == 0);
}
