/* Liveness: GetLiveCode, LivenessRecognition, LivenessCompare. A clip passes when its form is right and its code was issued. */
#include "identity.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ident.h"
#include "media.h"
#include "portrait.h"
#include "script.h"

#define CODES 10000
#define CODE_SECONDS 600
#define VIDEO_TEXT_MAX (8u << 20)
#define IMAGE_TEXT_MAX (3u << 20)
#define VIDEO_MIN 2000
#define NAME_MAX_CHARS 50
#define FRAMES_MIN 2
#define FRAMES_MAX 10

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static time_t valid_until[CODES]; /* of each code of four digits */

static const struct {
	const char *code, *text;
} DESCRIPTIONS[] = {
	{"Success", "成功"},
	{"FailedOperation.LipVoiceRecognize", "声音识别失败"},
	{"FailedOperation.LipVideoInvalid", "视频格式有误"},
	{"FailedOperation.LipSizeError", "视频为空，或大小不合适，请控制录制时长在6s左右"},
	{"FailedOperation.IdFormatError", "身份证号码有误"},
	{"FailedOperation.NameFormatError", "姓名格式有误"},
	{"FailedOperation.IdNameMisMatch", "姓名和身份证号不匹配"},
	{"FailedOperation.LifePhotoDetectNoFaces", "未能检测到人脸"},
};

cJSON *identity_get_code(struct request *request, const cJSON *then)
{
	unsigned int number = tencent_random(CODES);
	cJSON *response = cJSON_CreateObject();
	const char *given;
	char code[8];

	(void)request;
	snprintf(code, sizeof(code), "%04u", number);
	cJSON_AddStringToObject(response, "LiveCode", code);
	answer_merge_fields(response, then);
	given = script_text(response, "LiveCode");
	if (given && strlen(given) == 4 && strspn(given, "0123456789") == 4)
		number = (unsigned int)atoi(given);
	pthread_mutex_lock(&lock);
	valid_until[number] = time(NULL) + CODE_SECONDS;
	pthread_mutex_unlock(&lock);
	return response;
}

static bool code_is_issued(const char *code)
{
	bool issued;

	if (strlen(code) != 4 || strspn(code, "0123456789") != 4)
		return false;
	pthread_mutex_lock(&lock);
	issued = valid_until[atoi(code)] > time(NULL);
	pthread_mutex_unlock(&lock);
	return issued;
}

/* The frames asked for by Optional, JSON in a string; 0 without it, -1 when it is malformed. */
static long frames_wanted(const struct request *request)
{
	const cJSON *optional = cJSON_GetObjectItemCaseSensitive(request->json, "Optional");
	cJSON *parsed = cJSON_Parse(cJSON_GetStringValue(optional));
	long frames = script_number(parsed, "BestFrameNum", 0);
	bool good = !optional || (cJSON_IsObject(parsed) && (frames == 0 || (frames >= FRAMES_MIN && frames <= FRAMES_MAX)));

	cJSON_Delete(parsed);
	return good ? frames : -1;
}

/* An envelope error for what is a mistake of the caller; NULL when the parameters are all there. */
static cJSON *check_parameters(struct request *request, const char *const *needed)
{
	const char *type = tencent_text(request, "LivenessType"), *video = tencent_text(request, "VideoBase64");
	char message[96];

	for (; *needed; needed++) {
		snprintf(message, sizeof(message), "%s is missing or not a string", *needed);
		if (!tencent_text(request, *needed))
			return tencent_error(request, "MissingParameter", message);
	}
	if (strcmp(type, "LIP") != 0)
		return tencent_error(request, "InvalidParameter", "LivenessType is LIP here");
	if (cJSON_HasObjectItem(request->json, "Encryption"))
		return tencent_error(request, "InvalidParameter.UnsupportEncryptField", "encrypted fields are not read here");
	if (frames_wanted(request) < 0)
		return tencent_error(request, "InvalidParameter", "Optional is an object in a string, BestFrameNum 2 to 10");
	if (strlen(video) > VIDEO_TEXT_MAX)
		return tencent_error(request, "InvalidParameter", "VideoBase64 is over 8 MB");
	return NULL;
}

/* "Success" or why the clip does not pass. */
static const char *judge_clip(const struct request *request)
{
	const char *video = tencent_text(request, "VideoBase64");
	size_t n = 0;
	unsigned char *bytes = encode_unbase64(video, strlen(video), &n);
	const char *result = "Success";

	if (bytes && n < VIDEO_MIN)
		result = "FailedOperation.LipSizeError";
	else if (!bytes || !media_is_clip(bytes, n))
		result = "FailedOperation.LipVideoInvalid";
	else if (!code_is_issued(tencent_text(request, "ValidateData")))
		result = "FailedOperation.LipVoiceRecognize";
	free(bytes);
	return result;
}

static const char *judge_person(const char *name, const char *number)
{
	size_t length = encode_count_utf8(name);

	if (!ident_number_is_valid(number))
		return "FailedOperation.IdFormatError";
	if (length < 1 || length > NAME_MAX_CHARS || strspn(name, " ") == strlen(name))
		return "FailedOperation.NameFormatError";
	return identity_name_fits(number, name) ? "Success" : "FailedOperation.IdNameMisMatch";
}

static const char *judge_picture(const char *text)
{
	size_t n = 0;
	unsigned char *bytes = encode_unbase64(text, strlen(text), &n);
	unsigned int width, height;
	bool good = bytes && media_picture_size(bytes, n, &width, &height);

	free(bytes);
	return good ? "Success" : "FailedOperation.LifePhotoDetectNoFaces";
}

static const char *describe(const char *result, const char *message)
{
	if (message)
		return message;
	for (size_t i = 0; i < sizeof(DESCRIPTIONS) / sizeof(*DESCRIPTIONS); i++) {
		if (strcmp(DESCRIPTIONS[i].code, result) == 0)
			return DESCRIPTIONS[i].text;
	}
	return "失败";
}

/* A failed check of the clip comes with a frame too, as in the published examples; one of the data comes without. */
static cJSON *live_response(const struct request *request, const char *result, const cJSON *then)
{
	bool passed = strcmp(result, "Success") == 0;
	bool framed = passed || strncmp(result, "FailedOperation.Lip", 19) == 0 || strncmp(result, "FailedOperation.Compare", 23) == 0;
	cJSON *response = cJSON_CreateObject(), *frames;
	char *portrait = encode_base64(portrait_jpeg, PORTRAIT_SIZE);

	cJSON_AddStringToObject(response, "Result", result);
	cJSON_AddStringToObject(response, "Description", describe(result, script_text(then, "message")));
	cJSON_AddNumberToObject(response, "Sim", passed ? 92.53 : 0);
	if (framed)
		cJSON_AddStringToObject(response, "BestFrameBase64", portrait);
	else
		cJSON_AddNullToObject(response, "BestFrameBase64");
	frames = cJSON_AddArrayToObject(response, "BestFrameList");
	for (long i = frames_wanted(request); framed && i > 0; i--)
		cJSON_AddItemToArray(frames, cJSON_CreateString(portrait));
	free(portrait);
	return response;
}

static bool passes(const char *result)
{
	return strcmp(result, "Success") == 0;
}

/* A scripted result stands only for what would have passed; the record tells why anything else failed. */
static cJSON *conclude(struct request *request, const char *result, const cJSON *then)
{
	cJSON *response;

	if (!passes(result)) {
		request_refuse(request, "%s", result);
		return live_response(request, result, NULL);
	}
	response = live_response(request, script_text(then, "result") ? script_text(then, "result") : result, then);
	answer_merge_fields(response, then);
	return response;
}

cJSON *identity_recognize(struct request *request, const cJSON *then)
{
	static const char *const needed[] = {"IdCard", "Name", "LivenessType", "VideoBase64", "ValidateData", NULL};
	cJSON *response = check_parameters(request, needed);
	const char *result;

	if (response)
		return response;
	result = judge_person(tencent_text(request, "Name"), tencent_text(request, "IdCard"));
	if (passes(result) || strcmp(result, "FailedOperation.IdNameMisMatch") == 0) {
		const char *clip = judge_clip(request);

		result = passes(clip) ? result : clip;
	}
	return conclude(request, result, then);
}

cJSON *identity_compare(struct request *request, const cJSON *then)
{
	static const char *const needed[] = {"ImageBase64", "LivenessType", "VideoBase64", "ValidateData", NULL};
	cJSON *response = check_parameters(request, needed);
	const char *result;

	if (!response && strlen(tencent_text(request, "ImageBase64")) > IMAGE_TEXT_MAX)
		response = tencent_error(request, "InvalidParameter", "ImageBase64 is over 3 MB");
	if (response)
		return response;
	result = judge_clip(request);
	if (passes(result))
		result = judge_picture(tencent_text(request, "ImageBase64"));
	return conclude(request, result, then);
}
