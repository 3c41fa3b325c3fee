/* Stands in for the cloud's SMS service: action SendSms. What would have reached a phone is in DIR/messages.txt and on stdout. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "encode.h"
#include "record.h"
#include "script.h"
#include "tencent.h"

#define NUMBERS_MAX 200
#define CONTEXT_MAX 512

static struct tc3_account account;
static struct record *messages;
static regex_t phone_form;

static bool is_digits(const char *text)
{
	return text && *text && strspn(text, "0123456789") == strlen(text);
}

static bool is_text_array(const cJSON *array)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, array)
	{
		if (!cJSON_IsString(item))
			return false;
	}
	return cJSON_IsArray(array);
}

static cJSON *check_parameters(struct request *request)
{
	const cJSON *phones = cJSON_GetObjectItemCaseSensitive(request->json, "PhoneNumberSet");
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(request->json, "TemplateParamSet");
	const char *sign = tencent_text(request, "SignName"), *context = tencent_text(request, "SessionContext");
	int count = cJSON_GetArraySize(phones);

	if (!phones || !sign || !*sign || !tencent_text(request, "SmsSdkAppId") || !tencent_text(request, "TemplateId"))
		return tencent_error(request, "MissingParameter", "PhoneNumberSet, SmsSdkAppId, TemplateId and SignName are needed");
	if (!is_text_array(phones) || count < 1 || count > NUMBERS_MAX || (params && !is_text_array(params)))
		return tencent_error(request, "InvalidParameter", "PhoneNumberSet and TemplateParamSet are arrays of strings");
	if (!is_digits(tencent_text(request, "SmsSdkAppId")))
		return tencent_error(request, "InvalidParameterValue.SdkAppIdNotExist", "SmsSdkAppId is not a number in text");
	if (!is_digits(tencent_text(request, "TemplateId")))
		return tencent_error(request, "FailedOperation.TemplateIncorrectOrUnapproved", "TemplateId is not a number in text");
	if (context && strlen(context) >= CONTEXT_MAX)
		return tencent_error(request, "InvalidParameterValue.ContentLengthLimit", "SessionContext is too long");
	return NULL;
}

/* One line for people: time, phone, template, parameters. Line ends in values become spaces. */
static void deliver(const char *phone, const char *template, const cJSON *params)
{
	time_t now = time(NULL);
	struct tm tm;
	char when[32], *line = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);
	const cJSON *param;

	if (!out)
		abort();
	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(out, "%s %s %s", when, phone, template);
	cJSON_ArrayForEach(param, params) fprintf(out, " %s", param->valuestring);
	fclose(out);
	for (char *c = line; *c; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
	record_line(messages, line);
	printf("%s\n", line);
	fflush(stdout);
	free(line);
}

/* The number in E.164, NULL when it is not one of a mobile phone in mainland China; malloc'd. */
static char *normalize_phone(const char *phone)
{
	char *out = NULL;

	if (regexec(&phone_form, phone, 0, NULL, 0) == 0 && asprintf(&out, "+86%s", phone + strlen(phone) - 11) < 0)
		abort();
	return out;
}

static cJSON *send_sms(struct request *request, const cJSON *then)
{
	const char *context = tencent_text(request, "SessionContext"), *scripted = script_text(then, "result");
	cJSON *response = check_parameters(request), *set;
	const cJSON *phone;

	if (response)
		return response;
	response = cJSON_CreateObject();
	set = cJSON_AddArrayToObject(response, "SendStatusSet");
	cJSON_ArrayForEach(phone, cJSON_GetObjectItemCaseSensitive(request->json, "PhoneNumberSet"))
	{
		char *number = normalize_phone(phone->valuestring);
		const char *code = !number ? "InvalidParameterValue.IncorrectPhoneNumber" : scripted ? scripted : "Ok";
		bool good = strcmp(code, "Ok") == 0;
		cJSON *status = cJSON_CreateObject();
		char serial[48] = "";

		if (good)
			snprintf(serial, sizeof(serial), "%u:%lld%08u", 2000 + tencent_random(1000), (long long)time(NULL),
				 tencent_random(100000000));
		cJSON_AddStringToObject(status, "SerialNo", serial);
		cJSON_AddStringToObject(status, "PhoneNumber", number ? number : phone->valuestring);
		cJSON_AddNumberToObject(status, "Fee", good ? 1 : 0);
		cJSON_AddStringToObject(status, "SessionContext", context ? context : "");
		cJSON_AddStringToObject(status, "Code", code);
		cJSON_AddStringToObject(status, "Message", good ? "send success" : "refused");
		cJSON_AddStringToObject(status, "IsoCode", number ? "CN" : "");
		if (number)
			answer_merge_fields(status, then);
		cJSON_AddItemToArray(set, status);
		if (good)
			deliver(number, tencent_text(request, "TemplateId"),
				cJSON_GetObjectItemCaseSensitive(request->json, "TemplateParamSet"));
		free(number);
	}
	return response;
}

static const char *const SEND_FIELDS[] = {"PhoneNumberSet", "SmsSdkAppId", "TemplateId", "SignName", "TemplateParamSet",
					  "SessionContext", "ExtendCode",  "SenderId",   NULL};
static const struct tencent_action ACTIONS[] = {{"SendSms", "2021-01-11", "sms", true, SEND_FIELDS, send_sms}};

static struct answer handle(struct request *request, const cJSON *then)
{
	return tencent_handle(&account, ACTIONS, sizeof(ACTIONS) / sizeof(*ACTIONS), request, then);
}

int main(int argc, char **argv)
{
	struct server_options options = {0};
	const char *key_file = NULL;
	const struct option_spec specs[] = {
		SERVER_OPTION_SPECS(options), {"--secret-id", true, 1, &account.secret_id}, {"--secret-key-file", true, 1, &key_file}};
	static const struct standin standin = {"standin_sms", tencent_open, handle};
	char *key;
	int result = 1;

	if (argc == 2 && strcmp(argv[1], "--self-test") == 0)
		return tc3_self_test() ? 0 : 1;
	if (!options_parse(specs, sizeof(specs) / sizeof(*specs), argc, argv))
		return 2;
	key = encode_read_secret(key_file);
	messages = record_open(options.dir, "messages.txt");
	account.secret_key = key;
	if (regcomp(&phone_form, "^([+]86|86|0086)?1[3-9][0-9]{9}$", REG_EXTENDED | REG_NOSUB))
		abort();
	if (!key)
		perror(key_file);
	else if (messages)
		result = server_run(&standin, &options);
	regfree(&phone_form);
	record_close(messages);
	free(key);
	return result;
}
