/* Lines of JSON at the end of a file. */
#include "record.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "encode.h"

#define SHORT_OVER 1000 /* characters of a string that STANDIN_RECORD_SHORT=1 keeps as they are */

struct record {
	pthread_mutex_t lock;
	int file;
};

struct record *record_open(const char *dir, const char *name)
{
	char path[4096];
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		abort();
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	record->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (record->file < 0) {
		perror(path);
		free(record);
		return NULL;
	}
	pthread_mutex_init(&record->lock, NULL);
	return record;
}

void record_close(struct record *record)
{
	if (!record)
		return;
	close(record->file);
	pthread_mutex_destroy(&record->lock);
	free(record);
}

void record_line(struct record *record, const char *text)
{
	size_t n = strlen(text), at = 0;
	char *line = malloc(n + 1);

	if (!line)
		abort();
	memcpy(line, text, n);
	line[n] = '\n';
	pthread_mutex_lock(&record->lock);
	while (at <= n) {
		ssize_t written = write(record->file, line + at, n + 1 - at);

		if (written < 0) {
			perror("record");
			break;
		}
		at += (size_t)written;
	}
	pthread_mutex_unlock(&record->lock);
	free(line);
}

void record_json(struct record *record, const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	if (!text)
		abort();
	record_line(record, text);
	cJSON_free(text);
}

/* Replaces long strings, which are pictures and clips, by their digest and length. */
static void shorten(cJSON *parent)
{
	cJSON *item = parent->child;

	while (item) {
		cJSON *next = item->next;

		if (cJSON_IsString(item) && strlen(item->valuestring) > SHORT_OVER) {
			char digest[SHA256_HEX];
			cJSON *summary = cJSON_CreateObject();

			encode_sha256_hex(digest, item->valuestring, strlen(item->valuestring));
			cJSON_AddStringToObject(summary, "sha256", digest);
			cJSON_AddNumberToObject(summary, "length", (double)strlen(item->valuestring));
			if (item->string)
				summary->string = strdup(item->string);
			cJSON_ReplaceItemViaPointer(parent, item, summary);
		} else {
			shorten(item);
		}
		item = next;
	}
}

static void add_body(cJSON *line, const struct request *request)
{
	const char *brief = getenv("STANDIN_RECORD_SHORT");

	if (brief && strcmp(brief, "1") == 0 && request->json) {
		cJSON *copy = cJSON_Duplicate(request->json, 1);
		char *text;

		shorten(copy);
		text = cJSON_PrintUnformatted(copy);
		cJSON_AddStringToObject(line, "body", text);
		cJSON_free(text);
		cJSON_Delete(copy);
	} else if (encode_is_utf8(request->body, request->length)) {
		cJSON_AddStringToObject(line, "body", request->body);
	} else {
		char *text = encode_base64(request->body, request->length);

		cJSON_AddStringToObject(line, "body_base64", text);
		free(text);
	}
}

cJSON *record_request(const struct request *request)
{
	cJSON *line = cJSON_CreateObject();

	cJSON_AddNumberToObject(line, "time", request->time);
	cJSON_AddStringToObject(line, "method", request->method);
	cJSON_AddStringToObject(line, "path", request->target);
	cJSON_AddItemToObject(line, "headers", cJSON_Duplicate(request->headers, 1));
	add_body(line, request);
	if (request->action[0])
		cJSON_AddStringToObject(line, "action", request->action);
	if (request->decrypted)
		cJSON_AddItemToObject(line, "decrypted", cJSON_Duplicate(request->decrypted, 1));
	if (request->why[0])
		cJSON_AddStringToObject(line, "why", request->why);
	return line;
}
