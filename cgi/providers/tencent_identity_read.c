/* What the answers of card reading and liveness mean: two tables of codes and one of warnings. Pure. */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "providers/tencent_client.h"
#include "providers/tencent_identity.h"

#define LIVE_BUSY "live.vendor"
#define CARD_BUSY "id.vendor"
#define TEXT_CHARACTERS_MAX 200
#define QUALITY_MIN 50
#define BORDER_MAX 50

/* ---- liveness: the same codes come as Result and as Error.Code ---- */

static const struct tencent_code live_codes[] = {
	{"LipVoiceRecognize", PROVIDER_USER, "live.voice"},
	{"LipVoiceDetect", PROVIDER_USER, "live.voice"},
	{"LipVoiceLow", PROVIDER_USER, "live.voice"},
	{"LipMoveSmall", PROVIDER_USER, "live.lips"},
	{"LipFaceIncomplete", PROVIDER_USER, "live.noface"},
	{"LipVideoQuaility", PROVIDER_USER, "live.quality"},
	{"LipVideoInvalid", PROVIDER_USER, "live.video"},
	{"LipSizeError", PROVIDER_USER, "live.short"},
	{"LipNetFailed", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"ActionCloseEye", PROVIDER_USER, "live.again"},
	{"ActionOpenMouth", PROVIDER_USER, "live.again"},
	{"ActionFirstAction", PROVIDER_USER, "live.again"},
	{"ActionFaceClose", PROVIDER_USER, "live.position"},
	{"ActionFaceFar", PROVIDER_USER, "live.position"},
	{"ActionFaceLeft", PROVIDER_USER, "live.position"},
	{"ActionFaceRight", PROVIDER_USER, "live.position"},
	{"ActionLightDark", PROVIDER_USER, "live.light"},
	{"ActionLightStrong", PROVIDER_USER, "live.light"},
	{"ActionNodetectFace", PROVIDER_USER, "live.noface"},
	{"SilentDetectFail", PROVIDER_USER, "live.again"},
	{"SilentThreshold", PROVIDER_USER, "live.again"},
	{"SilentFaceDetectFail", PROVIDER_USER, "live.noface"},
	{"SilentFaceQualityFail", PROVIDER_USER, "live.quality"},
	{"SilentFaceWithMaskFail", PROVIDER_USER, "live.mask"},
	{"SilentMultiFaceFail", PROVIDER_USER, "live.many"},
	{"SilentEyeLiveFail", PROVIDER_USER, "live.again"},
	{"SilentMouthLiveFail", PROVIDER_USER, "live.again"},
	{"SilentTooShort", PROVIDER_USER, "live.short"},
	{"SilentPictureLiveFail", PROVIDER_USER, "live.replay"},
	{"LivessDetectFail", PROVIDER_USER, "live.again"},
	{"LivessUnknownError", PROVIDER_USER, "live.again"},
	{"LivessBestFrameError", PROVIDER_USER, "live.quality"},
	{"LivessDetectFake", PROVIDER_USER, "live.replay"},
	{"LifePhotoDetectFake", PROVIDER_USER, "live.replay"},
	{"LifePhotoDetectNoFaces", PROVIDER_USER, "live.noface"},
	{"LifePhotoDetectFaces", PROVIDER_USER, "live.many"},
	{"LifePhotoPoorQuality", PROVIDER_USER, "live.quality"},
	{"LifePhotoSizeError", PROVIDER_USER, "live.quality"},
	{"VideoDecodeFailed", PROVIDER_USER, "live.video"},
	{"VideoDurationExceeded", PROVIDER_USER, "live.long"},
	{"CoveredFace", PROVIDER_USER, "live.mask"},
	{"IncompleteFace", PROVIDER_USER, "live.noface"},
	{"PoorImageQuality", PROVIDER_USER, "live.quality"},
	{"CompareLowSimilarity", PROVIDER_MISMATCH, "live.fail"},
	{"CompareFail", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"IdNameMisMatch", PROVIDER_MISMATCH, "live.mismatch"},
	{"IdFormatError", PROVIDER_MISMATCH, "id.format"},
	{"NameFormatError", PROVIDER_MISMATCH, "id.format"},
	{"IdNoExistSystem", PROVIDER_REVIEW, "live.norecord"},
	{"IdPhotoNoExist", PROVIDER_REVIEW, "live.norecord"},
	{"IdPhotoPoorQuality", PROVIDER_REVIEW, "live.norecord"},
	{"IdentityAuthLimitExceeded", PROVIDER_REVIEW, "live.limit"},
	{"IdPhotoSystemNoanswer", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"CompareSystemError", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"CompareLibServiceUnavailable", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"LivessSystemError", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"DetectEngineSystemError", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"DbError", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"FileSaveError", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"DownLoadError", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"UnKnown", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"RequestLimitExceeded", PROVIDER_TRANSIENT, LIVE_BUSY},
	{"DecryptSystemError", PROVIDER_OPERATOR, LIVE_BUSY},
	{NULL, PROVIDER_TRANSIENT, NULL},
};

void tencent_read_live_code(struct arena *a, int http_status, struct bytes body, char **digits, struct provider_result *result)
{
	*digits = NULL;
	const cJSON *response = tencent_response(a, http_status, body, live_codes, LIVE_BUSY, result);
	const char *code = response ? json_string(response, "LiveCode") : NULL;
	size_t n = code ? strspn(code, "0123456789") : 0;
	if (n < 3 || n > 8 || code[n])
		return;
	*digits = arena_strdup(a, code);
	result->class = PROVIDER_PASS;
	result->cause = NULL;
	result->raw_code = arena_strdup(a, "Success");
}

/* The JPEG in BestFrameBase64; {NULL, 0} when there is none that we can use. */
static struct bytes read_frame(struct arena *a, const cJSON *response)
{
	const char *text = json_string(response, "BestFrameBase64");
	struct bytes frame;
	if (text_empty(text))
		return (struct bytes){0};
	if (strlen(text) > TENCENT_FRAME_BYTES_MAX / 3 * 4 + 4 || base64_decode(a, text, &frame) != ST_OK || frame.length < 4 ||
	    frame.length > TENCENT_FRAME_BYTES_MAX || memcmp(frame.data, "\xff\xd8\xff", 3) != 0) {
		log_warn("provider", "a best frame that is no JPEG or too large");
		return (struct bytes){0};
	}
	return frame;
}

void tencent_read_liveness(struct arena *a, int http_status, struct bytes body, struct bytes *best_frame, struct provider_result *result)
{
	*best_frame = (struct bytes){0};
	const cJSON *response = tencent_response(a, http_status, body, live_codes, LIVE_BUSY, result);
	const char *code = response ? json_string(response, "Result") : NULL;
	if (!code)
		return;
	const cJSON *sim = cJSON_GetObjectItemCaseSensitive(response, "Sim");
	if (cJSON_IsNumber(sim) && sim->valuedouble >= 0 && sim->valuedouble <= 100)
		result->score = sim->valuedouble;
	*best_frame = read_frame(a, response);
	if (strcmp(code, "Success") == 0) {
		result->class = PROVIDER_PASS;
		result->cause = NULL;
		result->raw_code = arena_strdup(a, code);
	} else
		tencent_judge(a, code, live_codes, LIVE_BUSY, result);
}

/* ---- cards ---- */

/* What reading any certificate may come to; what is no certificate at all, each kind says by itself. */
#define READING_CODES \
	{"ImageBlur", PROVIDER_USER, "id.blur"}, \
	{"ImageDecodeFailed", PROVIDER_USER, "file.broken"}, \
	{"EmptyImageError", PROVIDER_USER, "file.broken"}, \
	{"ImageSizeTooLarge", PROVIDER_USER, "id.big"}, \
	{"LimitExceeded.TooLargeFileError", PROVIDER_USER, "id.big"}, \
	{"OcrFailed", PROVIDER_TRANSIENT, CARD_BUSY}, \
	{"EngineRecognizeTimeout", PROVIDER_TRANSIENT, CARD_BUSY}, \
	{"DownLoadError", PROVIDER_TRANSIENT, CARD_BUSY}, \
	{"DetectFailed", PROVIDER_TRANSIENT, CARD_BUSY}, \
	{"UnKnowError", PROVIDER_TRANSIENT, CARD_BUSY}, \
	{"ArrearsError", PROVIDER_OPERATOR, CARD_BUSY}, \
	{"CountLimitError", PROVIDER_OPERATOR, CARD_BUSY}, \
	{"UnOpenError", PROVIDER_OPERATOR, CARD_BUSY}

static const struct tencent_code card_codes[] = {
	{"ImageNoIdCard", PROVIDER_USER, "id.notid"},
	{"ImageNoText", PROVIDER_USER, "id.notid"},
	{"IdCardInfoIllegal", PROVIDER_USER, "id.notid"},
	{"MultiCardError", PROVIDER_USER, "id.many"},
	READING_CODES,
	{NULL, PROVIDER_TRANSIENT, NULL},
};

/* The first row that is among the warnings counts: what another picture can cure comes before what people must look at. */
static const struct {
	int warning;
	enum provider_class class;
	const char *cause;
} warnings[] = {
	{-9102, PROVIDER_USER, "id.copy"},    {-9108, PROVIDER_USER, "id.copy"},      {-9103, PROVIDER_USER, "id.copy"},
	{-9110, PROVIDER_USER, "id.copy"},    {-9104, PROVIDER_USER, "id.temporary"}, {-9101, PROVIDER_USER, "id.crop"},
	{-9105, PROVIDER_USER, "id.covered"}, {-8001, PROVIDER_USER, "id.blur"},      {-9107, PROVIDER_USER, "id.glare"},
	{-9109, PROVIDER_USER, "id.expired"}, {-9106, PROVIDER_REVIEW, "id.edited"},  {-9111, PROVIDER_REVIEW, "id.edited"},
};
#define WARNINGS (sizeof warnings / sizeof warnings[0])

static bool has_warning(const cJSON *list, int warning)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		if (cJSON_IsNumber(item) && item->valuedouble == warning)
			return true;
	}
	return false;
}

static bool is_known(const cJSON *item)
{
	for (size_t i = 0; i < WARNINGS; i++)
		if (cJSON_IsNumber(item) && item->valuedouble == warnings[i].warning)
			return true;
	return false;
}

static void set(struct arena *a, struct provider_result *result, enum provider_class class, const char *cause, const char *code)
{
	result->class = class;
	result->cause = cause;
	result->raw_code = arena_strdup(a, code);
}

static bool number_beyond(const cJSON *info, const char *name, double limit, bool above)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(info, name);
	return cJSON_IsNumber(value) && (above ? value->valuedouble > limit : value->valuedouble < limit);
}

/* Judges AdvancedInfo into *result (PROVIDER_PASS when nothing is wrong). False when it cannot be read: without it we would not
 * know that a card is a copy. */
static bool judge_picture(struct arena *a, const cJSON *response, struct provider_result *result)
{
	const char *text = json_string(response, "AdvancedInfo");
	const cJSON *item, *info = text ? json_read_object(a, (struct bytes){(const unsigned char *)text, strlen(text)}) : NULL;
	if (!info)
		return false;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(info, "WarnInfos");
	if (list && !cJSON_IsArray(list))
		return false;
	set(a, result, PROVIDER_PASS, NULL, "Success");
	for (size_t i = 0; i < WARNINGS; i++)
		if (has_warning(list, warnings[i].warning)) {
			set(a, result, warnings[i].class, warnings[i].cause, arena_printf(a, "warn%d", warnings[i].warning));
			break;
		}
	if (result->class == PROVIDER_USER)
		return true;
	if (number_beyond(info, "Quality", QUALITY_MIN, false))
		set(a, result, PROVIDER_USER, "id.blur", "quality");
	else if (number_beyond(info, "BorderCodeValue", BORDER_MAX, true))
		set(a, result, PROVIDER_USER, "id.crop", "border");
	cJSON_ArrayForEach(item, list)
	{
		if (is_known(item) || result->class != PROVIDER_PASS)
			continue;
		log_warn("provider", "unknown warning on a card");
		set(a, result, PROVIDER_REVIEW, "id.edited", "warn_unknown");
	}
	return true;
}

/* A text of the card; NULL when it is no text, too long or holds control characters. */
static char *card_text(struct arena *a, const cJSON *response, const char *name)
{
	const char *text = json_string(response, name);
	if (!text || text_characters(text) > TEXT_CHARACTERS_MAX)
		return NULL;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return NULL;
	return arena_strdup(a, text);
}

/* Reads the texts of one side into texts and judges the picture. needed: the two that must stand there; other: the two of the
 * other side. False when the texts are not to be used. */
static bool read_card(struct arena *a, int http_status, struct bytes body, const char *const *names, int count, char **texts,
		      const char *const needed[2], const char *const other[2], struct provider_result *result)
{
	const cJSON *response = tencent_response(a, http_status, body, card_codes, CARD_BUSY, result);
	if (!response)
		return false;
	for (int i = 0; i < count; i++)
		if (!(texts[i] = card_text(a, response, names[i])))
			return false;
	if (!judge_picture(a, response, result) || result->class == PROVIDER_USER)
		return false;
	bool one = text_empty(json_string(response, needed[0])), two = text_empty(json_string(response, needed[1]));
	if (!one && !two)
		return true;
	if (one && two && (!text_empty(json_string(response, other[0])) || !text_empty(json_string(response, other[1]))))
		set(a, result, PROVIDER_USER, "id.side", "other_side");
	else if (one && two)
		set(a, result, PROVIDER_USER, "id.notid", "no_text");
	else
		set(a, result, PROVIDER_USER, "id.blur", "part_of_text");
	return false;
}

static const char *const front_needed[2] = {"Name", "IdNum"}, *const back_needed[2] = {"Authority", "ValidDate"};

void tencent_read_front(struct arena *a, int http_status, struct bytes body, struct identity_card_front *out,
			struct provider_result *result)
{
	static const char *const names[] = {"Name", "Sex", "Nation", "Birth", "Address", "IdNum"};
	char *t[6];
	*out = (struct identity_card_front){0};
	if (read_card(a, http_status, body, names, 6, t, front_needed, back_needed, result))
		*out = (struct identity_card_front){
			.name = t[0], .sex = t[1], .nation = t[2], .birth = t[3], .address = t[4], .number = t[5]};
}

void tencent_read_back(struct arena *a, int http_status, struct bytes body, struct identity_card_back *out, struct provider_result *result)
{
	static const char *const names[] = {"Authority", "ValidDate"};
	char *t[2];
	*out = (struct identity_card_back){0};
	if (read_card(a, http_status, body, names, 2, t, back_needed, front_needed, result))
		*out = (struct identity_card_back){.authority = t[0], .validity = t[1]};
}

/* ---- certificates of organisations ---- */

static const struct tencent_code licence_codes[] = {
	{"ImageNoText", PROVIDER_USER, "licence.unread"},
	{"ImageNoBusinessCard", PROVIDER_USER, "licence.unread"},
	{"ImageNoIdCard", PROVIDER_USER, "licence.unread"},
	{"NoBizLicense", PROVIDER_USER, "licence.unread"},
	{"MultiCardError", PROVIDER_USER, "licence.unread"},
	READING_CODES,
	{NULL, PROVIDER_TRANSIENT, NULL},
};

/* A text that the provider did not find is absent, empty or 无. */
static char *licence_text(struct arena *a, const cJSON *response, const char *name)
{
	char *text = card_text(a, response, name);
	return !text || strcmp(text, "无") == 0 ? arena_strdup(a, "") : text;
}

void tencent_read_licence(struct arena *a, int http_status, struct bytes body, struct identity_licence *out, struct provider_result *result)
{
	*out = (struct identity_licence){0};
	const cJSON *response = tencent_response(a, http_status, body, licence_codes, CARD_BUSY, result);
	if (!response)
		return;
	const cJSON *warnings_found = cJSON_GetObjectItemCaseSensitive(response, "RecognizeWarnCode");
	const struct identity_licence read = {
		.name = licence_text(a, response, "Name"),
		.code = licence_text(a, response, "RegNum"),
		.address = licence_text(a, response, "Address"),
		.validity = licence_text(a, response, "Period"),
	};
	if (!*read.name && !*read.code) {
		set(a, result, PROVIDER_USER, "licence.unread", "no_text");
		return;
	}
	*out = read;
	set(a, result, PROVIDER_PASS, NULL,
	    has_warning(warnings_found, -9104)   ? "warn-9104"
	    : has_warning(warnings_found, -9102) ? "warn-9102"
						 : "Success");
}
