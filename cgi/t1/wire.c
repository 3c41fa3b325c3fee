/* Building T1 messages and judging their answers. Both are pure functions of their arguments. */
#include "t1/wire.h"

#include <string.h>

#include "base/json.h"

#define INPUTS_BYTES_MAX (128 * 1024)
#define BODY_BYTES_MAX (512 * 1024)
#define BLANKS " \t\r\n"

/* ---- messages ---- */

char *t1_sign(struct arena *a, const char *platform_id, const char *password, bool upper)
{
	unsigned char hash[32];
	size_t id = strlen(platform_id), secret = strlen(password);
	unsigned char *both = arena_alloc(a, id + secret + 1);
	memcpy(both, platform_id, id);
	memcpy(both + id, password, secret);
	crypt_sm3(hash, both, id + secret);
	crypt_wipe(both, id + secret);
	return upper ? hex_encode_upper(a, hash, sizeof hash) : hex_encode(a, hash, sizeof hash);
}

static bool alphanumeric(const char *text, size_t min, size_t max)
{
	size_t n = text ? strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
	return n >= min && n <= max && !text[n];
}

static enum status encrypt(struct arena *a, const struct t1_profile *p, const struct t1_envelope *e, struct bytes *out)
{
	size_t length = strlen(e->inputs);
	if (e->cipher_key.length != 16)
		return status_fail(ST_INVALID, "t1: the cipher key is not 16 bytes");
	if (p->cipher == T1_SM4_ECB)
		return crypt_sm4_ecb(a, e->cipher_key.data, e->inputs, length, out);
	if (e->iv.length != 16)
		return status_fail(ST_INVALID, "t1: the iv is not 16 bytes");
	return crypt_sm4_cbc(a, e->cipher_key.data, e->iv.data, e->inputs, length, out);
}

/* What stands in EncryptUserInfo or EncryptCarInfo. */
static enum status payload(struct arena *a, const struct t1_profile *p, const struct t1_envelope *e, const char **out)
{
	struct bytes sealed;
	if (p->cipher == T1_NONE) {
		*out = e->inputs;
		return ST_OK;
	}
	enum status st = encrypt(a, p, e, &sealed);
	if (st != ST_OK)
		return st;
	if (p->encoding == T1_BASE64)
		*out = base64_encode(a, sealed.data, sealed.length);
	else if (p->encoding == T1_HEX_UPPER)
		*out = hex_encode_upper(a, sealed.data, sealed.length);
	else
		*out = hex_encode(a, sealed.data, sealed.length);
	return ST_OK;
}

static enum status check_envelope(const struct t1_envelope *e, bool account)
{
	if (!account && !text_equal(e->kind, "vehicle"))
		return status_fail(ST_INVALID, "t1: no such kind of message");
	if (text_empty(e->platform_id) || !text_is_utf8(e->platform_id, strlen(e->platform_id)) || text_empty(e->password))
		return status_fail(ST_INVALID, "t1: PlatformID or password is missing");
	if (!alphanumeric(e->request_id, 20, 32))
		return status_fail(ST_INVALID, "t1: RequestID has a wrong form");
	if (!alphanumeric(e->code, 1, 32))
		return status_fail(ST_INVALID, "t1: Code has a wrong form");
	if (account && !alphanumeric(e->oper_type, 1, 16))
		return status_fail(ST_INVALID, "t1: OperType is missing or has a wrong form");
	if (text_empty(e->inputs) || strlen(e->inputs) > INPUTS_BYTES_MAX || !text_is_utf8(e->inputs, strlen(e->inputs)))
		return status_fail(ST_INVALID, "t1: the table is missing, too long or not UTF-8");
	return ST_OK;
}

enum status t1_body(struct arena *a, const struct t1_profile *p, const struct t1_envelope *e, struct bytes *out)
{
	bool account = text_equal(e->kind, "account");
	const char *info;
	enum status st = check_envelope(e, account);
	if (st == ST_OK)
		st = payload(a, p, e, &info);
	if (st != ST_OK)
		return st;
	struct buffer b;
	buffer_init(&b, a, BODY_BYTES_MAX);
	buffer_text(&b, "{");
	if (account)
		json_member(&b, "OperType", e->oper_type);
	buffer_text(&b, account ? ",\"Auth\":{" : "\"Auth\":{");
	json_member(&b, "PlatformID", e->platform_id);
	json_member(&b, "SignNature", t1_sign(a, e->platform_id, e->password, p->sign_upper));
	buffer_text(&b, "}");
	json_member(&b, "RequestID", e->request_id);
	json_member(&b, "Code", e->code);
	json_member(&b, account ? "EncryptUserInfo" : "EncryptCarInfo", info);
	buffer_text(&b, "}");
	if (b.overflow)
		return status_fail(ST_LIMIT, "t1: the message is too long");
	*out = (struct bytes){(const unsigned char *)b.data, b.length};
	return ST_OK;
}

/* ---- answers ---- */

int t1_result_of(const cJSON *object)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "OprRst");
	const char *text = cJSON_GetStringValue(value);
	for (int i = 1; i <= 2; i++)
		if ((text && text[0] == '0' + i && !text[1]) || (cJSON_IsNumber(value) && value->valuedouble == i))
			return i;
	return 0;
}

char *t1_cause_of(struct arena *a, const cJSON *object)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "FailureCause");
	const char *text = cJSON_GetStringValue(value);
	if (cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble <= 999999 && value->valuedouble == value->valueint)
		text = arena_printf(a, "%d", value->valueint);
	if (!text)
		return arena_strdup(a, "");
	char *line = arena_strdup(a, text + strspn(text, BLANKS));
	size_t end = 0;
	for (int characters = 0; line[end]; end++) {
		if (((unsigned char)line[end] & 0xc0) != 0x80 && characters++ == T1_CAUSE_CHARACTERS_MAX)
			break;
		if ((unsigned char)line[end] < 0x20 || line[end] == 0x7f)
			line[end] = ' ';
	}
	while (end > 0 && line[end - 1] == ' ')
		end--;
	line[end] = '\0';
	return line;
}

/* The code of table 4 that cause is, or begins with ("401 unauthorized", "604:…"); 0 for free text. */
static int cause_code(const char *cause)
{
	static const char *const separators[] = {" ", ":", "-", "_", "(", ",", ".", ";", "/", "：", "（", "，"};
	int code = 0;
	if (strspn(cause, "0123456789") != 3)
		return 0;
	for (int i = 0; i < 3; i++)
		code = code * 10 + (cause[i] - '0');
	if (!cause[3])
		return code;
	for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++)
		if (text_prefix(cause + 3, separators[i]))
			return code;
	return 0;
}

static const struct {
	int code;
	enum t1_outcome outcome;
} codes[] = {{400, T1_REFUSED}, {401, T1_CREDENTIAL}, {405, T1_CREDENTIAL}, {501, T1_REFUSED}, {604, T1_UNKNOWN}};

static enum t1_outcome refusal(const char *cause)
{
	int code = cause_code(cause);
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].code == code)
			return codes[i].outcome;
	return T1_REFUSED;
}

static void set(struct t1_answer *out, enum t1_outcome outcome, char *cause)
{
	*out = (struct t1_answer){outcome, cause};
}

void t1_read_answer(struct arena *a, int http_status, struct bytes body, const char *request_id, struct t1_answer *out)
{
	if (http_status == 401 || http_status == 403) {
		set(out, T1_CREDENTIAL, arena_printf(a, "HTTP %d", http_status));
		return;
	}
	bool accepted = http_status >= 200 && http_status <= 299;
	if (!accepted && (http_status < 400 || http_status > 499 || http_status == 429)) {
		set(out, T1_UNKNOWN, http_status ? arena_printf(a, "HTTP %d", http_status) : arena_strdup(a, "no answer"));
		return;
	}
	const cJSON *object = body.length <= T1_ANSWER_BYTES_MAX ? json_read_object(a, body) : NULL;
	int result = object ? t1_result_of(object) : 0;
	char *cause = result == 2 ? t1_cause_of(a, object) : NULL;
	/* A refusal without a reason, or a success beside a status that says the opposite, is no answer that anyone may act on. */
	if (!result || (result == 1 && !accepted) || (result == 2 && !*cause))
		set(out, T1_UNKNOWN, accepted ? arena_strdup(a, "unreadable") : arena_printf(a, "HTTP %d", http_status));
	else if (text_empty(request_id) || !text_equal(json_string(object, "RequestID"), request_id))
		set(out, T1_UNKNOWN, arena_strdup(a, "another RequestID"));
	else if (result == 1)
		set(out, T1_DONE, NULL);
	else
		set(out, refusal(cause), cause);
}

/* ---- what users are told ---- */

/* The first row whose words stand in the cause counts: the special rows come before the general ones. */
static const struct {
	const char *words, *key;
} reasons[] = {
	{"过期", "t1.expired"},         {"有效期", "t1.expired"},     {"失效", "t1.expired"},
	{"已实名", "t1.registered"},    {"已登记", "t1.registered"},  {"重复", "t1.registered"},
	{"超限", "t1.limit"},           {"上限", "t1.limit"},         {"超过", "t1.limit"},
	{"黑名单", "t1.shop"},          {"欠费", "t1.shop"},          {"停机", "t1.shop"},
	{"营业厅", "t1.shop"},          {"姓名", "t1.name"},          {"单位名称", "t1.name"},
	{"证件", "t1.certificate"},     {"身份证", "t1.certificate"}, {"执照", "t1.certificate"},
	{"信用代码", "t1.certificate"}, {"照片", "t1.picture"},       {"图片", "t1.picture"},
	{"车架", "t1.vehicle"},         {"VIN", "t1.vehicle"},        {"车辆", "t1.vehicle"},
	{"ICCID", "t1.norecord"},       {"MSISDN", "t1.norecord"},    {"不存在", "t1.norecord"},
	{"无记录", "t1.norecord"},      {"no record", "t1.norecord"}, {"bad request", "t1.data"},
};

const char *t1_refusal_key(const char *cause)
{
	int code = cause ? cause_code(cause) : 0;
	if (code == 501)
		return "t1.norecord";
	if (code == 400)
		return "t1.data";
	for (size_t i = 0; cause && i < sizeof reasons / sizeof reasons[0]; i++)
		if (strstr(cause, reasons[i].words))
			return reasons[i].key;
	return "t1.refused";
}
