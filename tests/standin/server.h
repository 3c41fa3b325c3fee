/* The part that all stand-ins share: an HTTPS listener that records every request, follows the script and sends the answer.
 * Knows nothing of what the requests mean. */
#ifndef STANDIN_SERVER_H
#define STANDIN_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "options.h"

#define REQUEST_BODY_MAX (16u << 20)

struct request {
	double time; /* Unix seconds at which the head had arrived */
	char method[16];
	char target[1024]; /* path and query as sent */
	char path[1024];   /* without the query */
	cJSON *headers;    /* name to value, both as sent */
	char *body;        /* terminated */
	size_t length, room;
	bool too_large;
	cJSON *json;          /* the body when it is JSON, else NULL */
	char action[64];      /* what scripts call "action": set by open */
	cJSON *decrypted;     /* set by open: goes into the record */
	char *decrypted_text; /* set by open, malloc'd: scripts search it */
	char why[256];        /* why a request was refused: goes into the record, not into the answer */
	bool started;
};

struct answer {
	unsigned int status;
	cJSON *json; /* owned by the server from here on; NULL when the answer is text */
	char *text;  /* the same; malloc'd */
	const char *content_type;
};

struct standin {
	const char *name;
	/* Before the script is asked: sets action and what was decrypted. May be NULL. */
	void (*open)(struct request *request);
	/* The answer. then is the scripted part (may be NULL); the server itself sees to status, garbage, truncate, cut,
	 * other_request_id and wrong_type. Called by several threads at once. */
	struct answer (*handle)(struct request *request, const cJSON *then);
};

struct server_options {
	const char *listen, *dir, *certificate, *key;
};

/* The four entries of a program's option table that all stand-ins have; o is a struct server_options. */
#define SERVER_OPTION_SPECS(o)                                                                                                             \
	{"--listen", true, 1, &(o).listen}, {"--dir", true, 1, &(o).dir}, {"--certificate", true, 1, &(o).certificate},                    \
	{                                                                                                                                  \
		"--key", true, 1, &(o).key                                                                                                 \
	}

/* Serves until SIGTERM or SIGINT. Returns the exit code of the program. */
int server_run(const struct standin *standin, const struct server_options *options);

/* The value of a header, NULL when it was not sent; case of the name does not matter. Borrowed. */
const char *request_header(const struct request *request, const char *name);
/* Sets why, with printf's rules. */
void request_refuse(struct request *request, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* An answer with status 200 or another one; takes json over. */
struct answer answer_json(unsigned int status, cJSON *json);
/* The same with plain text, which is copied. */
struct answer answer_text(unsigned int status, const char *content_type, const char *text);
/* Puts what the script says under "fields" into object, in place of what has the same name there. */
void answer_merge_fields(cJSON *object, const cJSON *then);

#endif
