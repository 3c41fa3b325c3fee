/* Inside table/ only: a part of an XLSX as events of XML. No document type, so no entities; depth, and the length of a tag, are bounded.
 * Names are given without their namespace's prefix: programs differ in it. */
#ifndef TABLE_XML_H
#define TABLE_XML_H

#include "table/package.h"

#define XML_DEPTH_MAX 32
#define XML_TAG_MAX ((size_t)256 << 10)

struct xml;

struct xml_sink {
	void *context;
	void (*start)(void *context, struct xml *x, const char *name, const char *const *attributes); /* name, value, name, ..., NULL */
	void (*end)(void *context, struct xml *x, const char *name);
	void (*text)(void *context, struct xml *x, const char *text, size_t length); /* in pieces; may be NULL */
};

/* part is read through to its end and closed with the arena. */
struct xml *xml_open(struct arena *a, struct part *part, struct xml_sink sink);
/* Calls the sink until it asks for a pause, the part ends (*done), or there is a problem. */
enum table_problem xml_run(struct xml *x, bool *done);
/* From within the sink, in end: xml_run returns, and goes on behind this element when it is called again. */
void xml_pause(struct xml *x);
/* From within the sink: xml_run returns this, and nothing is called any more. */
void xml_refuse(struct xml *x, enum table_problem problem);
int xml_depth(const struct xml *x); /* of the element that starts or ends: 1 for the root */
/* NULL when absent; a prefix does not count. */
const char *xml_attribute(const char *const *attributes, const char *name);
bool xml_true(const char *value); /* "1", "true", "on" */

#endif
