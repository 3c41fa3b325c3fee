/* The HTTPS listener. A thread per connection: scripted delays may hold a connection for long and must not hold others. */
#include "server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#include "encode.h"
#include "port.h"
#include "record.h"
#include "script.h"

#define CONNECTIONS_MAX 8000
#define IDLE_SECONDS 600
#define GARBAGE "<html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>\n"

static struct {
	const struct standin *standin;
	struct script *script;
	struct record *record;
	pthread_mutex_t lock;
	pthread_cond_t stopping;
	bool stop;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

const char *request_header(const struct request *request, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(request->headers, name));
}

void request_refuse(struct request *request, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(request->why, sizeof(request->why), format, args);
	va_end(args);
}

struct answer answer_json(unsigned int status, cJSON *json)
{
	return (struct answer){.status = status, .json = json, .content_type = "application/json"};
}

struct answer answer_text(unsigned int status, const char *content_type, const char *text)
{
	return (struct answer){.status = status, .text = strdup(text), .content_type = content_type};
}

void answer_merge_fields(cJSON *object, const cJSON *then)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, cJSON_GetObjectItemCaseSensitive(then, "fields"))
	{
		cJSON_DeleteItemFromObjectCaseSensitive(object, field->string);
		cJSON_AddItemToObject(object, field->string, cJSON_Duplicate(field, 1));
	}
}

/* What came as bytes that are not UTF-8 must not spoil the record. */
static void make_printable(char *text)
{
	if (encode_is_utf8(text, strlen(text)))
		return;
	for (; *text; text++) {
		if ((unsigned char)*text >= 0x80)
			*text = '?';
	}
}

static void *begin_request(void *unused, const char *target, struct MHD_Connection *connection)
{
	struct request *request = calloc(1, sizeof(*request));
	struct timespec now;

	(void)unused;
	(void)connection;
	if (!request)
		abort();
	clock_gettime(CLOCK_REALTIME, &now);
	request->time = (double)now.tv_sec + (double)(now.tv_nsec / 1000) / 1e6;
	snprintf(request->target, sizeof(request->target), "%s", target);
	make_printable(request->target);
	snprintf(request->path, sizeof(request->path), "%.*s", (int)strcspn(request->target, "?"), request->target);
	request->headers = cJSON_CreateObject();
	request->body = calloc(1, 1);
	if (!request->headers || !request->body)
		abort();
	return request;
}

static void end_request(void *unused, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
	struct request *request = *context;

	(void)unused;
	(void)connection;
	(void)code;
	if (!request)
		return;
	cJSON_Delete(request->headers);
	cJSON_Delete(request->json);
	cJSON_Delete(request->decrypted);
	free(request->decrypted_text);
	free(request->body);
	free(request);
	*context = NULL;
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	cJSON *headers = context;
	char *text = strdup(value ? value : "");

	(void)kind;
	if (!text)
		abort();
	make_printable(text);
	cJSON_AddStringToObject(headers, name, text);
	free(text);
	return MHD_YES;
}

static void take_bytes(struct request *request, const char *bytes, size_t n)
{
	if (request->too_large || n > REQUEST_BODY_MAX - request->length) {
		request->too_large = true;
		return;
	}
	if (request->length + n + 1 > request->room) {
		request->room = 2 * (request->length + n + 1);
		request->body = realloc(request->body, request->room);
		if (!request->body)
			abort();
	}
	memcpy(request->body + request->length, bytes, n);
	request->length += n;
	request->body[request->length] = '\0';
}

static void parse_body(struct request *request)
{
	const char *end = NULL;

	if (!encode_is_utf8(request->body, request->length))
		return;
	request->json = cJSON_ParseWithLengthOpts(request->body, request->length + 1, &end, 0);
	if (request->json && strspn(end, " \t\r\n") != strlen(end)) {
		cJSON_Delete(request->json);
		request->json = NULL;
	}
}

/* Waits, but no longer than until the server stops. */
static void delay(long milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += milliseconds % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&server.lock);
	while (!server.stop && pthread_cond_timedwait(&server.stopping, &server.lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&server.lock);
}

/* A scripted status stands for a host in front that never passed the request on, unless "process" says otherwise. */
static struct answer make_answer(struct request *request, const cJSON *then)
{
	bool replaced = cJSON_HasObjectItem(then, "status");
	struct answer answer = {0};

	if (request->too_large) {
		request_refuse(request, "body too large");
		return answer_text(413, "text/plain", "too large\n");
	}
	if (!replaced || script_flag(then, "process"))
		answer = server.standin->handle(request, then);
	if (replaced || script_flag(then, "garbage")) {
		const char *text = script_text(then, "body"), *type = script_text(then, "content_type");

		cJSON_Delete(answer.json);
		free(answer.text);
		return answer_text((unsigned int)script_number(then, "status", 200), type ? type : "text/html",
				   text       ? text
				   : replaced ? ""
					      : GARBAGE);
	}
	if (answer.json && script_flag(then, "wrong_type"))
		script_confuse_types(answer.json);
	if (script_flag(then, "other_request_id") && cJSON_HasObjectItem(answer.json, "RequestID"))
		cJSON_ReplaceItemInObjectCaseSensitive(answer.json, "RequestID", cJSON_CreateString("00000000000000000000other"));
	return answer;
}

struct partial_body {
	char *text;
	size_t limit;
};

static ssize_t read_partial(void *context, uint64_t position, char *buffer, size_t room)
{
	struct partial_body *partial = context;
	size_t n = partial->limit > position ? partial->limit - (size_t)position : 0;

	if (!n)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = n < room ? n : room;
	memcpy(buffer, partial->text + position, n);
	return (ssize_t)n;
}

static void free_partial(void *context)
{
	struct partial_body *partial = context;

	free(partial->text);
	free(partial);
}

/* Takes text over. A limit below its length announces all of it and breaks off there; negative = all. */
static struct MHD_Response *make_response(char *text, long limit)
{
	size_t length = strlen(text);
	struct partial_body *partial;

	if (limit < 0 || (size_t)limit >= length)
		return MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
	partial = malloc(sizeof(*partial));
	if (!partial)
		abort();
	*partial = (struct partial_body){text, (size_t)limit};
	return MHD_create_response_from_callback(length, 4096, read_partial, partial, free_partial);
}

static void record_answer(const struct request *request, const struct script_decision *decision, unsigned int status, const char *text)
{
	cJSON *line = record_request(request), *part;

	if (decision->rule >= 0)
		cJSON_AddNumberToObject(line, "rule", decision->rule);
	part = cJSON_AddObjectToObject(line, "answer");
	cJSON_AddNumberToObject(part, "status", status);
	cJSON_AddStringToObject(part, "body", text);
	if (script_flag(decision->then, "cut"))
		cJSON_AddTrueToObject(part, "cut");
	if (script_number(decision->then, "truncate", -1) >= 0)
		cJSON_AddNumberToObject(part, "truncate", (double)script_number(decision->then, "truncate", 0));
	record_json(server.record, line);
	cJSON_Delete(line);
}

static enum MHD_Result answer_request(struct MHD_Connection *connection, struct request *request)
{
	struct script_subject subject = {.action = request->action, .path = request->path, .body = request->body};
	struct script_decision decision;
	struct MHD_Response *response;
	struct answer answer;
	enum MHD_Result result = MHD_NO;

	parse_body(request);
	if (server.standin->open && !request->too_large)
		server.standin->open(request);
	subject.length = request->length;
	subject.decrypted = request->decrypted_text;
	decision = script_decide(server.script, &subject);
	answer = make_answer(request, decision.then);
	if (answer.json) {
		answer.text = cJSON_PrintUnformatted(answer.json);
		cJSON_Delete(answer.json);
	}
	if (!answer.text)
		abort();
	record_answer(request, &decision, answer.status, answer.text);
	if (decision.delay_ms > 0)
		delay(decision.delay_ms);
	if (script_flag(decision.then, "cut")) {
		free(answer.text);
	} else {
		response = make_response(answer.text, script_number(decision.then, "truncate", -1));
		MHD_add_response_header(response, "Content-Type", answer.content_type);
		result = MHD_queue_response(connection, answer.status, response);
		MHD_destroy_response(response);
	}
	cJSON_Delete(decision.then);
	return result;
}

static enum MHD_Result handle_call(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
				   const char *version, const char *bytes, size_t *n, void **context)
{
	struct request *request = *context;

	(void)unused;
	(void)url;
	(void)version;
	if (!request->started) {
		request->started = true;
		snprintf(request->method, sizeof(request->method), "%s", method);
		MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, request->headers);
		return MHD_YES;
	}
	if (*n) {
		take_bytes(request, bytes, *n);
		*n = 0;
		return MHD_YES;
	}
	return answer_request(connection, request);
}

static void block_signals(sigset_t *set)
{
	pthread_condattr_t clock;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&server.stopping, &clock);
	pthread_condattr_destroy(&clock);
}

static void serve(int fd, const struct server_options *options, const char *certificate, const char *key, const sigset_t *signals,
		  int *result)
{
	int port = port_number(fd), signal_number;
	struct MHD_Daemon *daemon = MHD_start_daemon(
		MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_TLS | MHD_USE_ERROR_LOG, 0, NULL,
		NULL, handle_call, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_HTTPS_MEM_CERT, certificate, MHD_OPTION_HTTPS_MEM_KEY,
		key, MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", MHD_OPTION_CONNECTION_LIMIT,
		CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)65536,
		MHD_OPTION_URI_LOG_CALLBACK, begin_request, NULL, MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL, MHD_OPTION_END);

	if (!daemon) {
		fprintf(stderr, "%s: cannot serve with this certificate and key\n", server.standin->name);
		close(fd);
		return;
	}
	if (port_write(options->dir, port)) {
		printf("%s: listening on port %d\n", server.standin->name, port);
		fflush(stdout);
		sigwait(signals, &signal_number);
		*result = 0;
	}
	pthread_mutex_lock(&server.lock);
	server.stop = true;
	pthread_cond_broadcast(&server.stopping);
	pthread_mutex_unlock(&server.lock);
	MHD_stop_daemon(daemon);
	port_remove(options->dir);
}

int server_run(const struct standin *standin, const struct server_options *options)
{
	char *certificate = encode_read_file(options->certificate, NULL), *key = encode_read_file(options->key, NULL);
	char script[4096];
	sigset_t signals;
	int fd, result = 1;

	server.standin = standin;
	snprintf(script, sizeof(script), "%s/script.json", options->dir);
	server.script = script_open(script);
	server.record = record_open(options->dir, "received.jsonl");
	if (!certificate || !key)
		fprintf(stderr, "%s: certificate or key cannot be read\n", standin->name);
	if (server.record && certificate && key) {
		port_remove(options->dir);
		block_signals(&signals);
		fd = port_listen(options->listen);
		if (fd >= 0)
			serve(fd, options, certificate, key, &signals, &result);
	}
	record_close(server.record);
	script_close(server.script);
	free(certificate);
	free(key);
	return result;
}
