/* Lines of JSON at the end of a file, each whole: readers may follow the file while it grows. */
#ifndef STANDIN_RECORD_H
#define STANDIN_RECORD_H

#include <cjson/cJSON.h>

#include "server.h"

struct record;

/* dir/name, made when it is not there. NULL, with a line on stderr, when it cannot be opened. */
struct record *record_open(const char *dir, const char *name);
void record_close(struct record *record);
/* Appends text and a line feed. Safe to call from several threads. */
void record_line(struct record *record, const char *text);
/* The same with a JSON object. */
void record_json(struct record *record, const cJSON *json);

/* What received.jsonl has of a request, without its answer. The caller frees it. */
cJSON *record_request(const struct request *request);

#endif
