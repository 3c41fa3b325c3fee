/* Scripted faults: DIR/script.json, an array of rules, read again whenever the file changes. README.md has the format. */
#ifndef STANDIN_SCRIPT_H
#define STANDIN_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

struct script;

/* What rules are matched against; decrypted may be NULL. */
struct script_subject {
	const char *action, *path, *body, *decrypted;
	size_t length; /* of body */
};

/* What the first rule that matches says. All zero but rule -1 when none does. */
struct script_decision {
	cJSON *then; /* owned by the caller: cJSON_Delete; NULL = the normal answer */
	long delay_ms;
	int rule; /* its place in the file, from 0 */
};

struct script *script_open(const char *path);
void script_close(struct script *script);

/* A file that is not a good script changes nothing and is told about on stderr. Safe to call from several threads. */
struct script_decision script_decide(struct script *script, const struct script_subject *subject);

/* Values of "then", which may be NULL: NULL, false or otherwise where the name is not there. */
const char *script_text(const cJSON *then, const char *name);
bool script_flag(const cJSON *then, const char *name);
long script_number(const cJSON *then, const char *name, long otherwise);

/* What "wrong_type" does: strings become numbers and everything else strings, at any depth; the names stay. */
void script_confuse_types(cJSON *parent);

#endif
