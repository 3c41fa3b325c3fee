/* Certificate reading: IDCardOCR, BizLicenseOCR. A person, or a company, is made up from the digest of the picture. */
#include "identity.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ident.h"
#include "map.h"
#include "media.h"
#include "person.h"
#include "portrait.h"
#include "script.h"

#define IMAGE_TEXT_MAX (10u << 20)
#define SIDE_MIN 200u
#define TEMPORARY_CARD (-9104)
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct map people;

/* A warning comes only when the switch for it was set in Config. */
static const struct {
	int code;
	const char *needs;
} WARNINGS[] = {
	{-9101, "BorderCheckWarn"}, {-9102, "CopyWarn"},    {-9103, "ReshootWarn"}, {-9104, "TempIdWarn"},      {-9105, "BorderCheckWarn"},
	{-9106, "DetectPsWarn"},    {-9107, "ReflectWarn"}, {-9108, "CopyWarn"},    {-9109, "InvalidDateWarn"},
};
static const char *const CONFIG_NAMES[] = {"CropIdCard",      "CropPortrait",    "CopyWarn",   "BorderCheckWarn",
					   "ReshootWarn",     "DetectPsWarn",    "TempIdWarn", "Quality",
					   "InvalidDateWarn", "MultiCardDetect", "ReflectWarn"};

void identity_remember(const char *number, const char *name)
{
	pthread_mutex_lock(&lock);
	map_put(&people, number, name);
	pthread_mutex_unlock(&lock);
}

bool identity_name_fits(const char *number, const char *name)
{
	const char *known;
	bool fits;

	pthread_mutex_lock(&lock);
	known = map_find(&people, number);
	fits = !known || strcmp(known, name) == 0;
	pthread_mutex_unlock(&lock);
	return fits;
}

void identity_forget(void)
{
	map_free(&people);
}

/* Config is JSON in a string: an object of known names with true or false. NULL when it is not; empty when it is absent. */
static cJSON *parse_config(const struct request *request)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request->json, "Config"), *value;
	cJSON *config = item ? cJSON_Parse(cJSON_GetStringValue(item)) : cJSON_CreateObject();
	bool good = cJSON_IsObject(config);

	cJSON_ArrayForEach(value, config)
	{
		size_t i = 0;

		while (i < COUNT(CONFIG_NAMES) && strcmp(CONFIG_NAMES[i], value->string) != 0)
			i++;
		good = good && i < COUNT(CONFIG_NAMES) && cJSON_IsBool(value);
	}
	if (!good) {
		cJSON_Delete(config);
		config = NULL;
	}
	return config;
}

/* The digest of the picture, or the response that refuses it. */
static cJSON *check_picture(struct request *request, unsigned char digest[SHA256_SIZE])
{
	const char *text = tencent_text(request, "ImageBase64");
	unsigned char *bytes;
	unsigned int width = 0, height = 0;
	size_t n;

	if (cJSON_HasObjectItem(request->json, "ImageUrl"))
		return tencent_error(request, "FailedOperation.DownLoadError", "pictures by address are not fetched here");
	if (!text)
		return tencent_error(request, "MissingParameter", "ImageBase64 is missing or not a string");
	if (!*text)
		return tencent_error(request, "FailedOperation.EmptyImageError", "the picture is empty");
	if (strlen(text) > IMAGE_TEXT_MAX)
		return tencent_error(request, "LimitExceeded.TooLargeFileError", "the picture is over 10 MB in base64");
	bytes = encode_unbase64(text, strlen(text), &n);
	if (!bytes || !media_picture_size(bytes, n, &width, &height) || width < SIDE_MIN || height < SIDE_MIN) {
		free(bytes);
		return tencent_error(request, "FailedOperation.ImageDecodeFailed", "no JPEG, PNG or BMP of at least 200 x 200");
	}
	encode_sha256(digest, bytes, n);
	free(bytes);
	return NULL;
}

/* What AdvancedInfo has in text. *temporary tells whether a temporary card was warned of. */
static char *advanced_info(const cJSON *config, const cJSON *then, bool *temporary)
{
	const cJSON *scripted = cJSON_GetObjectItemCaseSensitive(then, "warn"), *code;
	cJSON *info = cJSON_CreateObject(), *warnings = scripted ? cJSON_AddArrayToObject(info, "WarnInfos") : NULL;
	char *portrait = encode_base64(portrait_jpeg, PORTRAIT_SIZE), *text;

	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(config, "CropIdCard")))
		cJSON_AddStringToObject(info, "IdCard", portrait);
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(config, "CropPortrait")))
		cJSON_AddStringToObject(info, "Portrait", portrait);
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(config, "Quality")))
		cJSON_AddNumberToObject(info, "Quality", 86);
	cJSON_ArrayForEach(code, scripted)
	{
		size_t i = 0;

		while (i < COUNT(WARNINGS) && WARNINGS[i].code != code->valueint)
			i++;
		if (i < COUNT(WARNINGS) && !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(config, WARNINGS[i].needs)))
			continue;
		cJSON_AddItemToArray(warnings, cJSON_CreateNumber(code->valueint));
		*temporary |= code->valueint == TEMPORARY_CARD;
	}
	text = cJSON_PrintUnformatted(info);
	cJSON_Delete(info);
	free(portrait);
	return text;
}

static cJSON *card_response(const struct person *person, bool front, bool empty, const char *advanced)
{
	const struct {
		const char *name, *value;
		bool front;
	} fields[] = {
		{"Name", person->name, true},
		{"Sex", person->sex, true},
		{"Nation", person->nation, true},
		{"Birth", person->birth, true},
		{"Address", person->address, true},
		{"IdNum", person->number, true},
		{"Authority", person->authority, false},
		{"ValidDate", person->valid, false},
	};
	cJSON *response = cJSON_CreateObject();

	for (size_t i = 0; i < COUNT(fields); i++)
		cJSON_AddStringToObject(response, fields[i].name, fields[i].front == front && !empty ? fields[i].value : "");
	cJSON_AddStringToObject(response, "AdvancedInfo", advanced);
	cJSON_AddArrayToObject(response, "ReflectDetailInfos");
	return response;
}

cJSON *identity_read_card(struct request *request, const cJSON *then)
{
	const cJSON *side = cJSON_GetObjectItemCaseSensitive(request->json, "CardSide");
	const char *side_text = cJSON_GetStringValue(side), *scripted = script_text(then, "result");
	unsigned char digest[SHA256_SIZE];
	cJSON *config = NULL, *response = NULL;
	struct person person;
	bool temporary = false;
	char *advanced;

	if (side && (!side_text || (strcmp(side_text, "FRONT") != 0 && strcmp(side_text, "BACK") != 0)))
		return tencent_error(request, "InvalidParameterValue.InvalidParameterValueLimit", "CardSide is FRONT or BACK");
	response = check_picture(request, digest);
	if (response)
		return response;
	config = parse_config(request);
	if (!config)
		return tencent_error(request, "InvalidParameter.ConfigFormatError", "Config is an object of known switches in a string");
	if (scripted) { /* this action has no Result: what fails is an error */
		response = tencent_error(request, scripted, "scripted");
		request->why[0] = '\0';
		cJSON_Delete(config);
		return response;
	}
	person_from_hash(&person, digest);
	advanced = advanced_info(config, then, &temporary);
	response = card_response(&person, !side || strcmp(side_text, "FRONT") == 0, temporary, advanced);
	answer_merge_fields(response, then);
	if (script_text(response, "IdNum") && *script_text(response, "IdNum") && script_text(response, "Name"))
		identity_remember(script_text(response, "IdNum"), script_text(response, "Name"));
	cJSON_free(advanced);
	cJSON_Delete(config);
	return response;
}

cJSON *identity_read_licence(struct request *request, const cJSON *then)
{
	const char *scripted = script_text(then, "result");
	const cJSON *warned = cJSON_GetObjectItemCaseSensitive(then, "warn");
	unsigned char digest[SHA256_SIZE];
	struct company company;
	cJSON *response = check_picture(request, digest);

	if (response)
		return response;
	if (scripted) {
		response = tencent_error(request, scripted, "scripted");
		request->why[0] = '\0';
		return response;
	}
	company_from_hash(&company, digest);
	response = cJSON_CreateObject();
	cJSON_AddStringToObject(response, "RegNum", company.code);
	cJSON_AddStringToObject(response, "Name", company.name);
	cJSON_AddStringToObject(response, "Address", company.address);
	cJSON_AddStringToObject(response, "Period", company.period);
	cJSON_AddStringToObject(response, "Type", "有限责任公司");
	cJSON_AddItemToObject(response, "RecognizeWarnCode", warned ? cJSON_Duplicate(warned, true) : cJSON_CreateArray());
	cJSON_AddArrayToObject(response, "RecognizeWarnMsg");
	answer_merge_fields(response, then);
	return response;
}

static bool report(bool good, const char *name)
{
	printf("%s identity %s\n", good ? "ok" : "FAILED", name);
	return good;
}

static bool numbers_are_judged(void)
{
	static const struct {
		const char *number;
		bool valid;
	} cases[] = {
		{"110101199003070011", true},  {"11010119900307002X", true},  {"440300200002291011", true},  {"810000198001010014", true},
		{"11010119900307002x", false}, {"110101199003070012", false}, {"110101199002300014", false}, {"110101199013070015", false},
		{"110101190102290019", false}, {"000101199003070016", false}, {"110101900307001", false},    {"11010119900307001", false},
	};
	bool good = true;

	for (size_t i = 0; i < COUNT(cases); i++)
		good &= ident_number_is_valid(cases[i].number) == cases[i].valid;
	return good;
}

bool identity_self_test(void)
{
	struct person person, again;
	unsigned char digest[SHA256_SIZE];
	unsigned int width = 0, height = 0;
	size_t distinct, n = 0;
	bool good = true, valid = true;
	struct map seen = {0};
	unsigned char *bytes;

	for (unsigned int i = 0; i < 2000; i++) {
		encode_sha256(digest, &i, sizeof(i));
		person_from_hash(&person, digest);
		person_from_hash(&again, digest);
		valid &= ident_number_is_valid(person.number) && memcmp(&person, &again, sizeof(person)) == 0;
		map_put(&seen, person.number, person.name);
	}
	distinct = seen.count;
	map_free(&seen);
	good &= report(numbers_are_judged(), "judges certificate numbers");
	good &= report(valid, "makes people with valid numbers, the same for the same picture");
	good &= report(distinct == 2000, "makes another person for another picture");
	good &= report(media_picture_size(portrait_jpeg, PORTRAIT_SIZE, &width, &height) && width == 480 && height == 640,
		       "finds the size of a JPEG");
	good &= report(!media_picture_size(portrait_jpeg, 20, &width, &height), "refuses a JPEG without its frame");
	bytes = encode_unbase64("AAAAIGZ0eXBpc29t", 16, &n);
	good &= report(bytes && n == 12 && memcmp(bytes + 4, "ftypisom", 8) == 0, "decodes base64");
	free(bytes);
	good &= report(!encode_unbase64("AAAA\nIGZ", 8, &n) && !encode_unbase64("AA=A", 4, &n), "refuses base64 that is not strict");
	return good;
}
