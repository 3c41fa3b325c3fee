/* What answers of the identity and short-message providers mean, and what is sent to them. */
#include "test.h"

#include "base/json.h"
#include "providers/tencent_identity.h"
#include "providers/tencent_sms.h"

#define TEXT(text) ((struct bytes){(const unsigned char *)(text), strlen(text)})
#define ENVELOPE(fields) "{\"Response\":{" fields ",\"RequestId\":\"11111111-2222-3333-4444-555555555555\"}}"
#define ERROR(code) ENVELOPE("\"Error\":{\"Code\":\"" code "\",\"Message\":\"x\"}")
#define RESULT(code) ENVELOPE("\"Result\":\"" code "\",\"Description\":\"x\",\"Sim\":0,\"BestFrameBase64\":null")

static struct arena *arena;

struct judged {
	enum provider_class class;
	const char *cause, *code;
	struct bytes frame;
	double score;
};

static struct judged live(int status, const char *body)
{
	struct provider_result r;
	struct bytes frame;
	tencent_read_liveness(arena, status, TEXT(body), &frame, &r);
	CHECK((r.class == PROVIDER_PASS) == (r.cause == NULL));
	CHECK(r.raw_code);
	return (struct judged){r.class, r.cause, r.raw_code, frame, r.score};
}

/* ---- liveness ---- */

static const struct {
	const char *code;
	enum provider_class class;
	const char *cause;
} live_rows[] = {
	{"FailedOperation.LipVoiceRecognize", PROVIDER_USER, "live.voice"},
	{"FailedOperation.LipVoiceDetect", PROVIDER_USER, "live.voice"},
	{"FailedOperation.LipVoiceLow", PROVIDER_USER, "live.voice"},
	{"FailedOperation.LipMoveSmall", PROVIDER_USER, "live.lips"},
	{"FailedOperation.LipFaceIncomplete", PROVIDER_USER, "live.noface"},
	{"FailedOperation.LipVideoQuaility", PROVIDER_USER, "live.quality"},
	{"FailedOperation.LipVideoInvalid", PROVIDER_USER, "live.video"},
	{"FailedOperation.LipSizeError", PROVIDER_USER, "live.short"},
	{"FailedOperation.LipNetFailed", PROVIDER_TRANSIENT, "live.vendor"},
	{"FailedOperation.ActionFaceFar", PROVIDER_USER, "live.position"},
	{"FailedOperation.SilentFaceWithMaskFail", PROVIDER_USER, "live.mask"},
	{"FailedOperation.SilentMultiFaceFail", PROVIDER_USER, "live.many"},
	{"FailedOperation.SilentPictureLiveFail", PROVIDER_USER, "live.replay"},
	{"FailedOperation.LivessDetectFake", PROVIDER_USER, "live.replay"},
	{"FailedOperation.LivessUnknownError", PROVIDER_USER, "live.again"},
	{"FailedOperation.LifePhotoPoorQuality", PROVIDER_USER, "live.quality"},
	{"FailedOperation.CompareLowSimilarity", PROVIDER_MISMATCH, "live.fail"},
	{"FailedOperation.CompareFail", PROVIDER_TRANSIENT, "live.vendor"},
	{"FailedOperation.IdNameMisMatch", PROVIDER_MISMATCH, "live.mismatch"},
	{"FailedOperation.IdFormatError", PROVIDER_MISMATCH, "id.format"},
	{"FailedOperation.NameFormatError", PROVIDER_MISMATCH, "id.format"},
	{"FailedOperation.IdNoExistSystem", PROVIDER_REVIEW, "live.norecord"},
	{"FailedOperation.IdPhotoNoExist", PROVIDER_REVIEW, "live.norecord"},
	{"FailedOperation.IdPhotoPoorQuality", PROVIDER_REVIEW, "live.norecord"},
	{"FailedOperation.IdentityAuthLimitExceeded", PROVIDER_REVIEW, "live.limit"},
	{"FailedOperation.IdPhotoSystemNoanswer", PROVIDER_TRANSIENT, "live.vendor"},
	{"FailedOperation.UnKnown", PROVIDER_TRANSIENT, "live.vendor"},
	{"FailedOperation.RequestLimitExceeded", PROVIDER_TRANSIENT, "live.vendor"},
	{"RequestLimitExceeded", PROVIDER_TRANSIENT, "live.vendor"},
	{"RequestLimitExceeded.IPLimitExceeded", PROVIDER_TRANSIENT, "live.vendor"},
	{"FailedOperation.VideoDurationExceeded", PROVIDER_USER, "live.long"},
	{"FailedOperation.DecryptSystemError", PROVIDER_OPERATOR, "live.vendor"},
	{"InvalidParameter.UnsupportEncryptField", PROVIDER_OPERATOR, "live.vendor"},
	{"InvalidParameterValue", PROVIDER_OPERATOR, "live.vendor"},
	{"MissingParameter", PROVIDER_OPERATOR, "live.vendor"},
	{"UnsupportedOperation", PROVIDER_OPERATOR, "live.vendor"},
	{"UnauthorizedOperation.Nonactivated", PROVIDER_OPERATOR, "live.vendor"},
	{"UnauthorizedOperation.Arrears", PROVIDER_OPERATOR, "live.vendor"},
	{"AuthFailure.SignatureExpire", PROVIDER_OPERATOR, "live.vendor"},
	{"AuthFailure.SignatureFailure", PROVIDER_OPERATOR, "live.vendor"},
	{"InternalError", PROVIDER_TRANSIENT, "live.vendor"},
	{"InternalError.DbError", PROVIDER_TRANSIENT, "live.vendor"},
	{"FailedOperation.SomethingNew", PROVIDER_TRANSIENT, "live.vendor"},
	{"FailedOperation", PROVIDER_TRANSIENT, "live.vendor"},
	{"SomethingNew", PROVIDER_TRANSIENT, "live.vendor"},
	{"success", PROVIDER_TRANSIENT, "live.vendor"},
	{"FailedOperation.Success", PROVIDER_TRANSIENT, "live.vendor"},
};

static void every_code_means_the_same_in_both_places(void)
{
	for (size_t i = 0; i < sizeof live_rows / sizeof live_rows[0]; i++) {
		struct judged as_result = live(200, arena_printf(arena, RESULT("%s"), live_rows[i].code));
		struct judged as_error = live(200, arena_printf(arena, ERROR("%s"), live_rows[i].code));
		CHECK(as_result.class == live_rows[i].class);
		CHECK(as_error.class == live_rows[i].class);
		CHECK_TEXT(as_result.cause, live_rows[i].cause);
		CHECK_TEXT(as_error.cause, live_rows[i].cause);
		CHECK_TEXT(as_result.code, live_rows[i].code);
		CHECK_TEXT(as_error.code, live_rows[i].code);
	}
}

static void a_pass_brings_the_frame(void)
{
	struct judged j =
		live(200, ENVELOPE("\"Result\":\"Success\",\"Description\":\"成功\",\"Sim\":88.5,\"BestFrameBase64\":\"/9j/4AAQ\""));
	CHECK(j.class == PROVIDER_PASS && j.score == 88.5 && j.frame.length == 6 && memcmp(j.frame.data, "\xff\xd8\xff\xe0", 4) == 0);
	CHECK_TEXT(j.code, "Success");
	j = live(200, ENVELOPE("\"Result\":\"Success\",\"Sim\":500,\"BestFrameBase64\":\"iVBORw0KGgo=\""));
	CHECK(j.class == PROVIDER_PASS && j.score == -1 && !j.frame.data);
	j = live(200, ENVELOPE("\"Result\":\"FailedOperation.LipVoiceLow\",\"Sim\":0,\"BestFrameBase64\":\"/9j/4AAQ\""));
	CHECK(j.class == PROVIDER_USER && j.frame.length == 6);
}

static void nothing_but_success_passes(void)
{
	static const struct {
		int status;
		const char *body;
	} rows[] = {
		{200, ENVELOPE("\"Error\":{\"Code\":\"Success\"}")},
		{200, ENVELOPE("\"Error\":{\"Code\":\"Success\"},\"Result\":\"Success\"")},
		{200, ENVELOPE("\"Error\":null,\"Result\":\"Success\"")},
		{200, ENVELOPE("\"Result\":\"Success\\u0000\"")},
		{200, ENVELOPE("\"Result\":\"FailedOperation.UnKnown\",\"Result\":\"Success\"")},
		{200, ENVELOPE("\"Result\":\"Success\",\"Result\":\"Success\"")},
		{200, ENVELOPE("\"Result\":\"Success \"")},
		{200, ENVELOPE("\"Result\":\"SUCCESS\"")},
		{200, ENVELOPE("\"Result\":\"\"")},
		{200, ENVELOPE("\"Result\":null")},
		{200, ENVELOPE("\"Result\":0")},
		{200, ENVELOPE("\"Result\":[\"Success\"]")},
		{200, ENVELOPE("\"result\":\"Success\"")},
		{200, ENVELOPE("\"Sim\":100")},
		{200, "{\"Result\":\"Success\"}"},
		{200, "{\"Response\":\"Success\"}"},
		{200, "{\"Response\":[{\"Result\":\"Success\"}]}"},
		{200, RESULT("Success") RESULT("Success")},
		{200, "Success"},
		{200, ""},
		{201, RESULT("Success")},
		{302, RESULT("Success")},
		{401, RESULT("Success")},
		{500, RESULT("Success")},
		{0, RESULT("Success")},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct judged j = live(rows[i].status, rows[i].body);
		CHECK(j.class == PROVIDER_TRANSIENT || j.class == PROVIDER_OPERATOR);
	}
	CHECK(live(401, "").class == PROVIDER_OPERATOR);
	CHECK(live(302, "").class == PROVIDER_OPERATOR);
	CHECK(live(429, "").class == PROVIDER_TRANSIENT);
	CHECK(live(503, "").class == PROVIDER_TRANSIENT);
	CHECK_TEXT(live(503, "").code, "http.503");
}

static void codes_that_are_no_codes_are_not_kept(void)
{
	CHECK_TEXT(live(200, RESULT("张三 110101")).code, "unreadable");
	CHECK_TEXT(live(200, ERROR("a\\nb")).code, "unreadable");
}

static void live_codes_keep_their_zeros(void)
{
	static const char *const bad[] = {"\"LiveCode\":4392",     "\"LiveCode\":\"\"",          "\"LiveCode\":\"12\"",
					  "\"LiveCode\":\"12a4\"", "\"LiveCode\":\"123456789\"", "\"X\":1"};
	struct provider_result r;
	char *digits;
	tencent_read_live_code(arena, 200, TEXT(ENVELOPE("\"LiveCode\":\"0521\"")), &digits, &r);
	CHECK(r.class == PROVIDER_PASS);
	CHECK_TEXT(digits, "0521");
	CHECK_TEXT(r.request_id, "11111111-2222-3333-4444-555555555555");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		tencent_read_live_code(arena, 200, TEXT(arena_printf(arena, ENVELOPE("%s"), bad[i])), &digits, &r);
		CHECK(r.class == PROVIDER_TRANSIENT && !digits);
	}
	tencent_read_live_code(arena, 200, TEXT(ERROR("UnauthorizedOperation.Nonactivated")), &digits, &r);
	CHECK(r.class == PROVIDER_OPERATOR && !digits);
}

/* ---- cards ---- */

#define SIDES(name, number, authority, date, info)                                                                                         \
	ENVELOPE("\"Name\":\"" name "\",\"Sex\":\"\",\"Nation\":\"\",\"Birth\":\"1990/3/7\",\"Address\":\"\",\"IdNum\":\"" number          \
		 "\",\"Authority\":\"" authority "\",\"ValidDate\":\"" date "\",\"AdvancedInfo\":\"" info "\"")
#define FRONT(info) SIDES("张三", "110101199003070011", "", "", info)

static void fronts_are_judged(void)
{
	static const struct {
		const char *body;
		enum provider_class class;
		const char *cause;
	} rows[] = {
		{FRONT("{}"), PROVIDER_PASS, NULL},
		{FRONT("{\\\"Quality\\\":90,\\\"BorderCodeValue\\\":10,\\\"WarnInfos\\\":[]}"), PROVIDER_PASS, NULL},
		{FRONT("{\\\"WarnInfos\\\":[-9102]}"), PROVIDER_USER, "id.copy"},
		{FRONT("{\\\"WarnInfos\\\":[-9108]}"), PROVIDER_USER, "id.copy"},
		{FRONT("{\\\"WarnInfos\\\":[-9103]}"), PROVIDER_USER, "id.copy"},
		{FRONT("{\\\"WarnInfos\\\":[-9101]}"), PROVIDER_USER, "id.crop"},
		{FRONT("{\\\"WarnInfos\\\":[-9105]}"), PROVIDER_USER, "id.covered"},
		{FRONT("{\\\"WarnInfos\\\":[-9106]}"), PROVIDER_REVIEW, "id.edited"},
		{FRONT("{\\\"WarnInfos\\\":[-9107]}"), PROVIDER_USER, "id.glare"},
		{FRONT("{\\\"WarnInfos\\\":[-9109]}"), PROVIDER_USER, "id.expired"},
		{FRONT("{\\\"WarnInfos\\\":[-9110]}"), PROVIDER_USER, "id.copy"},
		{FRONT("{\\\"WarnInfos\\\":[-8001]}"), PROVIDER_USER, "id.blur"},
		{FRONT("{\\\"WarnInfos\\\":[-9106,-9107]}"), PROVIDER_USER, "id.glare"},
		{FRONT("{\\\"WarnInfos\\\":[-9999]}"), PROVIDER_REVIEW, "id.edited"},
		{FRONT("{\\\"WarnInfos\\\":\\\"\\\"}"), PROVIDER_TRANSIENT, "id.vendor"},
		{FRONT("{\\\"Quality\\\":20}"), PROVIDER_USER, "id.blur"},
		{FRONT("{\\\"BorderCodeValue\\\":80}"), PROVIDER_USER, "id.crop"},
		{FRONT(""), PROVIDER_TRANSIENT, "id.vendor"},
		{FRONT("x"), PROVIDER_TRANSIENT, "id.vendor"},
		{SIDES("", "", "", "", "{\\\"WarnInfos\\\":[-9104]}"), PROVIDER_USER, "id.temporary"},
		{SIDES("", "", "", "", "{}"), PROVIDER_USER, "id.notid"},
		{SIDES("", "", "某公安局", "2010.07.21-长期", "{}"), PROVIDER_USER, "id.side"},
		{SIDES("张三", "", "", "", "{}"), PROVIDER_USER, "id.blur"},
		{SIDES("张\\n三", "110101199003070011", "", "", "{}"), PROVIDER_TRANSIENT, "id.vendor"},
		{ENVELOPE("\"Name\":\"张三\",\"IdNum\":\"110101199003070011\""), PROVIDER_TRANSIENT, "id.vendor"},
		{ERROR("FailedOperation.ImageBlur"), PROVIDER_USER, "id.blur"},
		{ERROR("FailedOperation.ImageNoIdCard"), PROVIDER_USER, "id.notid"},
		{ERROR("FailedOperation.MultiCardError"), PROVIDER_USER, "id.many"},
		{ERROR("LimitExceeded.TooLargeFileError"), PROVIDER_USER, "id.big"},
		{ERROR("FailedOperation.OcrFailed"), PROVIDER_TRANSIENT, "id.vendor"},
		{ERROR("FailedOperation.ArrearsError"), PROVIDER_OPERATOR, "id.vendor"},
		{ERROR("ResourcesSoldOut.ChargeStatusException"), PROVIDER_OPERATOR, "id.vendor"},
		{ERROR("FailedOperation.SomethingNew"), PROVIDER_TRANSIENT, "id.vendor"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct identity_card_front front;
		struct provider_result r;
		tencent_read_front(arena, 200, TEXT(rows[i].body), &front, &r);
		if (r.class != rows[i].class)
			printf("# row %zu: class %d\n", i, (int)r.class);
		CHECK(r.class == rows[i].class);
		if (rows[i].cause)
			CHECK_TEXT(r.cause, rows[i].cause);
		else
			CHECK(!r.cause);
		CHECK((front.number != NULL) == (r.class == PROVIDER_PASS || r.class == PROVIDER_REVIEW));
	}
}

static void both_sides_are_read(void)
{
	struct identity_card_front front;
	struct identity_card_back back;
	struct provider_result r;
	tencent_read_front(arena, 200, TEXT(FRONT("{}")), &front, &r);
	CHECK_TEXT(front.name, "张三");
	CHECK_TEXT(front.birth, "1990/3/7");
	CHECK_TEXT(front.address, "");
	CHECK_TEXT(front.number, "110101199003070011");
	tencent_read_back(arena, 200, TEXT(SIDES("", "", "某公安局", "2010.07.21-长期", "{}")), &back, &r);
	CHECK(r.class == PROVIDER_PASS);
	CHECK_TEXT(back.authority, "某公安局");
	CHECK_TEXT(back.validity, "2010.07.21-长期");
	tencent_read_back(arena, 200, TEXT(FRONT("{}")), &back, &r);
	CHECK(r.class == PROVIDER_USER && !back.validity);
	CHECK_TEXT(r.cause, "id.side");
}

/* ---- requests ---- */

static void licences_are_read(void)
{
	static const struct {
		const char *body;
		enum provider_class class;
		const char *cause, *name, *code, *raw_code;
	} rows[] = {
		{ENVELOPE("\"RegNum\":\"91110105MA0000000X\",\"Name\":\"某物流有限公司\",\"Address\":\"无\",\"Period\":\"1998年11月至长期\""), PROVIDER_PASS, NULL,
		 "某物流有限公司", "91110105MA0000000X", "Success"},
		{ENVELOPE("\"RegNum\":\"1\",\"Name\":\"某\",\"RecognizeWarnCode\":[-9102]"), PROVIDER_PASS, NULL, "某", "1", "warn-9102"},
		{ENVELOPE("\"RegNum\":\"\",\"Name\":\"\""), PROVIDER_USER, "licence.unread", NULL, NULL, "no_text"},
		{ENVELOPE("\"RegNum\":5"), PROVIDER_USER, "licence.unread", NULL, NULL, "no_text"},
		{ERROR("FailedOperation.ImageBlur"), PROVIDER_USER, "id.blur", NULL, NULL, "FailedOperation.ImageBlur"},
		{ERROR("FailedOperation.ArrearsError"), PROVIDER_OPERATOR, "id.vendor", NULL, NULL, "FailedOperation.ArrearsError"},
		{ERROR("InternalError"), PROVIDER_TRANSIENT, "id.vendor", NULL, NULL, "InternalError"},
		{"nothing", PROVIDER_TRANSIENT, "id.vendor", NULL, NULL, "unreadable"},
	};
	struct identity_licence l;
	struct provider_result r;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tencent_read_licence(arena, 200, TEXT(rows[i].body), &l, &r);
		CHECK(r.class == rows[i].class);
		CHECK(text_equal(r.cause, rows[i].cause) || (!r.cause && !rows[i].cause));
		CHECK(text_equal(l.name, rows[i].name) || (!l.name && !rows[i].name));
		CHECK(text_equal(l.code, rows[i].code) || (!l.code && !rows[i].code));
		CHECK_TEXT(r.raw_code, rows[i].raw_code);
		CHECK(!l.name || (l.address && *l.address == 0));
	}
}

static void requests_say_what_they_must(void)
{
	struct bytes picture = {(const unsigned char *)"\xff\xd8\xff", 3}, clip = {(const unsigned char *)"clip", 4};
	struct bytes body = tencent_card_body(arena, true, picture);
	const cJSON *json = json_read_object(arena, body);
	CHECK(body.length == strlen((const char *)body.data));
	CHECK_TEXT(json_string(json, "CardSide"), "FRONT");
	CHECK_TEXT(json_string(json, "ImageBase64"), "/9j/");
	CHECK(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(json, "EnableRecognitionRectify")));
	const cJSON *config = json_read_object(arena, TEXT(json_string(json, "Config")));
	CHECK(cJSON_GetArraySize(config) == 8 && cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(config, "CopyWarn")));
	json = json_read_object(arena, tencent_liveness_body(arena, "张\"三", "11010119900307002x", (struct bytes){0}, "0521", clip));
	CHECK_TEXT(json_string(json, "IdCard"), "11010119900307002X");
	CHECK_TEXT(json_string(json, "Name"), "张\"三");
	CHECK_TEXT(json_string(json, "LivenessType"), "LIP");
	CHECK_TEXT(json_string(json, "ValidateData"), "0521");
	CHECK_TEXT(json_string(json, "VideoBase64"), "Y2xpcA==");
	json = json_read_object(arena, tencent_liveness_body(arena, NULL, NULL, picture, "0521", clip));
	CHECK_TEXT(json_string(json, "ImageBase64"), "/9j/");
	CHECK(!json_string(json, "IdCard") && !json_string(json, "Name"));
	static const char *const parameters[] = {"4903"};
	CHECK_TEXT((const char *)tencent_sms_body(arena, "1400006666", "测试", "13800138000", "1110", parameters, 1).data,
		   "{\"PhoneNumberSet\":[\"+8613800138000\"],\"SmsSdkAppId\":\"1400006666\",\"TemplateId\":\"1110\",\"SignName\":\"测试\","
		   "\"TemplateParamSet\":[\"4903\"]}");
}

static void the_largest_clip_fits(void)
{
	unsigned char *clip = arena_alloc(arena, TENCENT_CLIP_BYTES_MAX);
	struct bytes body = tencent_liveness_body(arena, "张三", "110101199003070011", (struct bytes){0}, "0521",
						  (struct bytes){clip, TENCENT_CLIP_BYTES_MAX});
	CHECK(body.length > 7866668 && body.length < 7866668 + 300);
	CHECK(memcmp(body.data + body.length - 4, "A=\"}", 4) == 0 || memcmp(body.data + body.length - 4, "AA\"}", 4) == 0);
}

static void bad_input_costs_nothing(void)
{
	struct config c = {0};
	struct provider_result r;
	struct bytes frame, clip = {(const unsigned char *)"clip", 4};
	char *serial;
	const struct identity_provider *p = identity_provider(&c);
	p->liveness(&c, arena, "张三", "110101199003070011", "0521", (struct bytes){clip.data, TENCENT_CLIP_BYTES_MAX + 1}, &frame, &r);
	CHECK(r.class == PROVIDER_USER);
	CHECK_TEXT(r.cause, "live.long");
	p->liveness(&c, arena, "张三", "110101199003070011", "05 1", clip, &frame, &r);
	CHECK(r.class == PROVIDER_OPERATOR);
	p->liveness(&c, arena, "", "110101199003070011", "0521", clip, &frame, &r);
	CHECK(r.class == PROVIDER_MISMATCH);
	p->liveness(&c, arena, "张三", "110101199003070011", "0521", clip, &frame, &r);
	CHECK(r.class == PROVIDER_OPERATOR);
	CHECK_TEXT(r.raw_code, "config");
	sms_provider(&c)->send(&c, arena, "138", "1", NULL, 0, &serial, &r);
	CHECK(r.class == PROVIDER_OPERATOR && !serial);
}

/* ---- short messages ---- */

#define SENT(code)                                                                                                                         \
	ENVELOPE("\"SendStatusSet\":[{\"SerialNo\":\"5000:1045710669157053657849499619\",\"PhoneNumber\":\"+8613800138000\","              \
		 "\"Fee\":1,\"SessionContext\":\"\",\"Code\":\"" code "\",\"Message\":\"\",\"IsoCode\":\"CN\"}]")

static void messages_are_judged(void)
{
	static const struct {
		int status;
		const char *body;
		enum provider_class class;
		int may_have_acted;
	} rows[] = {
		{200, SENT("Ok"), PROVIDER_PASS, 0},
		{200, SENT("OK"), PROVIDER_TRANSIENT, 0},
		{200, SENT(""), PROVIDER_TRANSIENT, 1},
		{200, SENT("InvalidParameterValue.IncorrectPhoneNumber"), PROVIDER_USER, 0},
		{200, SENT("FailedOperation.PhoneNumberInBlacklist"), PROVIDER_USER, 0},
		{200, SENT("LimitExceeded.PhoneNumberThirtySecondLimit"), PROVIDER_USER, 0},
		{200, SENT("LimitExceeded.PhoneNumberDailyLimit"), PROVIDER_USER, 0},
		{200, SENT("LimitExceeded.AppDailyLimit"), PROVIDER_OPERATOR, 0},
		{200, SENT("FailedOperation.InsufficientBalanceInSmsPackage"), PROVIDER_OPERATOR, 0},
		{200, SENT("InvalidParameterValue.TemplateParameterLengthLimit"), PROVIDER_OPERATOR, 0},
		{200, SENT("UnauthorizedOperation.SdkAppIdIsDisabled"), PROVIDER_OPERATOR, 0},
		{200, SENT("InternalError.Timeout"), PROVIDER_TRANSIENT, 1},
		{200, SENT("InternalError.OtherError"), PROVIDER_TRANSIENT, 1},
		{200, ERROR("InternalError.Timeout"), PROVIDER_TRANSIENT, 1},
		{200, ERROR("RequestLimitExceeded"), PROVIDER_TRANSIENT, 0},
		{200, ERROR("AuthFailure.SignatureFailure"), PROVIDER_OPERATOR, 0},
		{200, ENVELOPE("\"SendStatusSet\":[]"), PROVIDER_TRANSIENT, 1},
		{200, ENVELOPE("\"SendStatusSet\":[{\"Code\":\"Ok\"},{\"Code\":\"Ok\"}]"), PROVIDER_TRANSIENT, 1},
		{200, ENVELOPE("\"SendStatusSet\":{\"Code\":\"Ok\"}"), PROVIDER_TRANSIENT, 1},
		{502, SENT("Ok"), PROVIDER_TRANSIENT, 1},
		{429, SENT("Ok"), PROVIDER_TRANSIENT, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct provider_result r;
		char *serial;
		tencent_read_sms(arena, rows[i].status, TEXT(rows[i].body), &serial, &r);
		CHECK(r.class == rows[i].class);
		CHECK((serial != NULL) == (r.class == PROVIDER_PASS));
		CHECK(provider_may_have_acted(&r) == rows[i].may_have_acted);
		if (r.class == PROVIDER_PASS)
			CHECK_TEXT(serial, "5000:1045710669157053657849499619");
	}
}

int main(void)
{
	arena = arena_create();
	RUN(every_code_means_the_same_in_both_places);
	RUN(a_pass_brings_the_frame);
	RUN(nothing_but_success_passes);
	RUN(codes_that_are_no_codes_are_not_kept);
	RUN(live_codes_keep_their_zeros);
	RUN(fronts_are_judged);
	RUN(both_sides_are_read);
	RUN(licences_are_read);
	RUN(requests_say_what_they_must);
	RUN(the_largest_clip_fits);
	RUN(bad_input_costs_nothing);
	RUN(messages_are_judged);
	arena_destroy(arena);
	return test_failures;
}
