/* Sending one short message and what the answer means. Neither number nor text is ever logged. */
#include "providers/tencent_sms.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "providers/tencent_client.h"

#define BUSY "sms.fail"
#define BODY_MAX 16384
#define SERIAL_MAX 128

static const struct tencent_code codes[] = {
	{"InvalidParameterValue.IncorrectPhoneNumber", PROVIDER_USER, "phone.bad"},
	{"PhoneNumberInBlacklist", PROVIDER_USER, "sms.blocked"},
	{"UnsupportedOperation.UnsuportedRegion", PROVIDER_USER, "phone.bad"},
	{"LimitExceeded.PhoneNumberThirtySecondLimit", PROVIDER_USER, "sms.later"},
	{"LimitExceeded.PhoneNumberOneHourLimit", PROVIDER_USER, "sms.later"},
	{"LimitExceeded.DeliveryFrequencyLimit", PROVIDER_USER, "sms.later"},
	{"LimitExceeded.PhoneNumberDailyLimit", PROVIDER_USER, "sms.max"},
	{"LimitExceeded.PhoneNumberSameContentDailyLimit", PROVIDER_USER, "sms.max"},
	{"LimitExceeded.AppDailyLimit", PROVIDER_OPERATOR, BUSY},
	{"SignatureIncorrectOrUnapproved", PROVIDER_OPERATOR, BUSY},
	{"TemplateIncorrectOrUnapproved", PROVIDER_OPERATOR, BUSY},
	{"InsufficientBalanceInSmsPackage", PROVIDER_OPERATOR, BUSY},
	{"ContainSensitiveWord", PROVIDER_OPERATOR, BUSY},
	{"FailResolvePacket", PROVIDER_OPERATOR, BUSY},
	{"JsonParseFail", PROVIDER_OPERATOR, BUSY},
	{NULL, PROVIDER_TRANSIENT, NULL},
};

struct bytes tencent_sms_body(struct arena *a, const char *app_id, const char *sign, const char *phone, const char *template_id,
			      const char *const *parameters, int count)
{
	struct buffer b;
	buffer_init(&b, a, BODY_MAX);
	buffer_text(&b, "{\"PhoneNumberSet\":[");
	json_quote(&b, arena_printf(a, "+86%s", phone));
	buffer_text(&b, "]");
	json_member(&b, "SmsSdkAppId", app_id);
	json_member(&b, "TemplateId", template_id);
	json_member(&b, "SignName", sign);
	buffer_text(&b, ",\"TemplateParamSet\":[");
	for (int i = 0; i < count; i++) {
		if (i)
			buffer_text(&b, ",");
		json_quote(&b, parameters[i]);
	}
	buffer_text(&b, "]}");
	return b.overflow ? (struct bytes){0} : (struct bytes){(const unsigned char *)b.data, b.length};
}

void tencent_read_sms(struct arena *a, int http_status, struct bytes body, char **serial, struct provider_result *result)
{
	*serial = NULL;
	const cJSON *response = tencent_response(a, http_status, body, codes, BUSY, result);
	const cJSON *set = response ? cJSON_GetObjectItemCaseSensitive(response, "SendStatusSet") : NULL;
	/* One number was asked for; an answer about none or several does not say which. */
	const cJSON *status = cJSON_IsArray(set) && cJSON_GetArraySize(set) == 1 ? set->child : NULL;
	const char *code = status ? json_string(status, "Code") : NULL;
	if (!code)
		return;
	if (strcmp(code, "Ok") != 0) {
		tencent_judge(a, code, codes, BUSY, result);
		return;
	}
	const char *id = json_string(status, "SerialNo");
	bool plain =
		id && strlen(id) <= SERIAL_MAX && !id[strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:._-")];
	*serial = arena_strdup(a, plain ? id : "");
	result->class = PROVIDER_PASS;
	result->cause = NULL;
	result->raw_code = arena_strdup(a, code);
}

/* Numbers and texts that the provider would refuse, or that would break the request. */
static bool is_sendable(const char *phone, const char *template_id, const char *const *parameters, int count)
{
	if (!phone || strlen(phone) != 11 || phone[strspn(phone, "0123456789")] || text_empty(template_id) || count < 0 ||
	    count > TENCENT_SMS_PARAMETERS_MAX)
		return false;
	for (int i = 0; i < count; i++)
		if (!parameters[i] || !text_is_utf8(parameters[i], strlen(parameters[i])))
			return false;
	return true;
}

static void send(const struct config *c, struct arena *a, const char *phone, const char *template_id, const char *const *parameters,
		 int count, char **serial, struct provider_result *result)
{
	struct http_answer answer;
	int64_t started = clock_monotonic_ms();
	*serial = NULL;
	*result = (struct provider_result){.class = PROVIDER_OPERATOR, .cause = BUSY, .raw_code = arena_strdup(a, "config"), .score = -1};
	if (text_empty(c->sms_app_id) || text_empty(c->sms_sign) || !is_sendable(phone, template_id, parameters, count))
		return;
	const struct tencent_call call = {
		.service = "sms",
		.version = "2021-01-11",
		.action = "SendSms",
		.region = c->sms_region,
		.url = c->sms_url,
		.secret_id = c->sms_secret_id,
		.secret_key = c->sms_secret_key,
		.busy = BUSY,
		.body = tencent_sms_body(a, c->sms_app_id, c->sms_sign, phone, template_id, parameters, count),
	};
	if (!call.body.data)
		return;
	if (tencent_post(c, a, &call, &answer, result))
		tencent_read_sms(a, answer.status, answer.body, serial, result);
	tencent_log("SendSms", result, started);
}

const struct sms_provider tencent_sms_provider = {
	.name = "tencent",
	.send = send,
};
