/* The cloud's envelope and its checks before an action runs. */
#include "tencent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/rand.h>

#include "script.h"

cJSON *tencent_error(struct request *request, const char *code, const char *message)
{
	cJSON *response = cJSON_CreateObject(), *error = cJSON_AddObjectToObject(response, "Error");

	cJSON_AddStringToObject(error, "Code", code);
	cJSON_AddStringToObject(error, "Message", message);
	request_refuse(request, "%s: %s", code, message);
	return response;
}

const char *tencent_text(const struct request *request, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request->json, name));
}

unsigned int tencent_random(unsigned int limit)
{
	unsigned int number;

	if (RAND_bytes((unsigned char *)&number, sizeof(number)) != 1)
		abort();
	return number % limit;
}

void tencent_uuid(char out[37])
{
	unsigned char b[16];
	char hex[33];

	if (RAND_bytes(b, sizeof(b)) != 1)
		abort();
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	encode_hex(hex, b, sizeof(b));
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void tencent_open(struct request *request)
{
	const char *action = request_header(request, "X-TC-Action");

	snprintf(request->action, sizeof(request->action), "%s", action ? action : "");
}

/* The response that refuses parameters which are not an object, are unknown or are given twice; NULL when all is well. */
static cJSON *check_fields(struct request *request, const struct tencent_action *action)
{
	const cJSON *item, *other;
	char message[128];

	if (!cJSON_IsObject(request->json))
		return tencent_error(request, "InvalidParameter", "the body is not a JSON object in UTF-8");
	cJSON_ArrayForEach(item, request->json)
	{
		const char *const *field = action->fields;

		while (*field && strcmp(*field, item->string) != 0)
			field++;
		snprintf(message, sizeof(message), "the parameter `%.60s` is not recognized or given twice", item->string);
		other = cJSON_GetObjectItemCaseSensitive(request->json, item->string);
		if (!*field || other != item)
			return tencent_error(request, "UnknownParameter", message);
	}
	return NULL;
}

/* The response that refuses the message, NULL when it may run. */
static cJSON *check_message(const struct tc3_account *account, const struct tencent_action *action, struct request *request)
{
	const char *type = request_header(request, "Content-Type"), *version = request_header(request, "X-TC-Version");
	struct tc3_message message = {request->headers, request->body, request->length, action->service};
	char why[160];
	const char *code;

	if (strcmp(request->method, "POST") != 0 || strcmp(request->target, "/") != 0)
		return tencent_error(request, "InvalidRequest", "POST to / without a query is expected");
	if (!type || (strcasecmp(type, "application/json") != 0 && strcasecmp(type, "application/json; charset=utf-8") != 0))
		return tencent_error(request, "InvalidRequest", "the content type is not application/json");
	code = tc3_check(&message, account, time(NULL), why, sizeof(why));
	if (code)
		return tencent_error(request, code, why);
	if (!version || strcmp(version, action->version) != 0)
		return tencent_error(request, "NoSuchVersion", "X-TC-Version is not that of the action");
	if (action->region && (!request_header(request, "X-TC-Region") || !request_header(request, "X-TC-Region")[0]))
		return tencent_error(request, "MissingParameter", "X-TC-Region is missing");
	return check_fields(request, action);
}

struct answer tencent_handle(const struct tc3_account *account, const struct tencent_action *actions, size_t n, struct request *request,
			     const cJSON *then)
{
	const char *code = script_text(then, "error"), *message = script_text(then, "message");
	cJSON *root = cJSON_CreateObject(), *response = NULL;
	char id[37];
	size_t a = 0;

	while (a < n && strcmp(actions[a].name, request->action) != 0)
		a++;
	response = a == n ? tencent_error(request, "InvalidAction", "the action is unknown") : check_message(account, &actions[a], request);
	if (!response && code) {
		response = tencent_error(request, code, message ? message : "scripted");
		request->why[0] = '\0';
	}
	if (!response)
		response = actions[a].run(request, then);
	tencent_uuid(id);
	cJSON_AddStringToObject(response, "RequestId", id);
	cJSON_AddItemToObject(root, "Response", response);
	return answer_json(200, root);
}
