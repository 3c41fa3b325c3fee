/* The requests of the identity provider. What answers mean is in tencent_identity_read.c. */
#include "providers/tencent_identity.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "providers/tencent_client.h"

#define FACEID_VERSION "2018-03-01"
#define OCR_VERSION "2018-11-19"
/* A frame of TENCENT_FRAME_BYTES_MAX in base64, and the rest. */
#define FRAME_ANSWER_MAX (5 * 1024 * 1024)

static const char ocr_config[] = "{\"CopyWarn\":true,\"ReshootWarn\":true,\"ReflectWarn\":true,\"BorderCheckWarn\":true,"
				 "\"DetectPsWarn\":true,\"Quality\":true,\"InvalidDateWarn\":true,\"TempIdWarn\":true}";

/* ---- bodies ---- */

/* What is in b, the bytes in base64 as the last member, and the end. Room for exactly that: clips are large. */
static struct bytes with_base64(struct buffer *b, const char *name, struct bytes bytes)
{
	const char *text = base64_encode(b->arena, bytes.data, bytes.length);
	size_t length = strlen(text);
	buffer_printf(b, ",\"%s\":\"", name);
	char *whole = arena_alloc(b->arena, b->length + length + 3);
	memcpy(whole, b->data, b->length);
	memcpy(whole + b->length, text, length);
	memcpy(whole + b->length + length, "\"}", 3);
	return (struct bytes){(unsigned char *)whole, b->length + length + 2};
}

struct bytes tencent_card_body(struct arena *a, bool front, struct bytes picture)
{
	struct buffer b;
	buffer_init(&b, a, 4096);
	buffer_text(&b, "{");
	json_member(&b, "CardSide", front ? "FRONT" : "BACK");
	json_member(&b, "Config", ocr_config);
	/* Corrected numbers would hide that somebody changed one. */
	buffer_text(&b, ",\"EnableRecognitionRectify\":false");
	return with_base64(&b, "ImageBase64", picture);
}

struct bytes tencent_licence_body(struct arena *a, struct bytes picture)
{
	struct buffer b;
	buffer_init(&b, a, 4096);
	buffer_text(&b, "{\"EnableCopyWarn\":true,\"EnablePeriodComplete\":true");
	return with_base64(&b, "ImageBase64", picture);
}

static char *upper(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);
	for (char *c = copy; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return copy;
}

struct bytes tencent_liveness_body(struct arena *a, const char *name, const char *number, struct bytes picture, const char *digits,
				   struct bytes clip)
{
	struct buffer b;
	buffer_init(&b, a, 8 * 1024 * 1024);
	buffer_text(&b, "{");
	if (picture.data)
		json_member(&b, "ImageBase64", base64_encode(a, picture.data, picture.length));
	else {
		json_member(&b, "IdCard", upper(a, number));
		json_member(&b, "Name", name);
	}
	json_member(&b, "LivenessType", "LIP");
	json_member(&b, "ValidateData", digits);
	return with_base64(&b, "VideoBase64", clip);
}

/* ---- calls ---- */

static bool call(const struct config *c, struct arena *a, bool ocr, const char *action, struct bytes body, struct http_answer *out,
		 struct provider_result *result)
{
	const struct tencent_call parameters = {
		.service = ocr ? "ocr" : "faceid",
		.version = ocr ? OCR_VERSION : FACEID_VERSION,
		.action = action,
		.url = ocr ? c->identity_ocr_url : c->identity_faceid_url,
		.secret_id = c->identity_secret_id,
		.secret_key = c->identity_secret_key,
		.busy = ocr ? "id.vendor" : "live.vendor",
		.body = body,
		.answer_max = FRAME_ANSWER_MAX,
	};
	return tencent_post(c, a, &parameters, out, result);
}

/* A refusal of ours, before anything is sent. */
static void refuse(struct arena *a, enum provider_class class, const char *cause, const char *code, struct provider_result *result)
{
	*result = (struct provider_result){.class = class, .cause = cause, .raw_code = arena_strdup(a, code), .score = -1};
}

static bool picture_fits(struct arena *a, struct bytes picture, size_t max, struct provider_result *result)
{
	bool good = picture.data && picture.length > 0 && picture.length <= max;
	if (!good)
		refuse(a, PROVIDER_USER, picture.length > max ? "id.big" : "file.broken", "picture_size", result);
	return good;
}

static void read_front(const struct config *c, struct arena *a, struct bytes picture, struct identity_card_front *out,
		       struct provider_result *result)
{
	struct http_answer answer;
	int64_t started = clock_monotonic_ms();
	*out = (struct identity_card_front){0};
	if (!picture_fits(a, picture, TENCENT_CARD_BYTES_MAX, result))
		return;
	if (call(c, a, true, "IDCardOCR", tencent_card_body(a, true, picture), &answer, result))
		tencent_read_front(a, answer.status, answer.body, out, result);
	tencent_log("IDCardOCR", result, started);
}

static void read_back(const struct config *c, struct arena *a, struct bytes picture, struct identity_card_back *out,
		      struct provider_result *result)
{
	struct http_answer answer;
	int64_t started = clock_monotonic_ms();
	*out = (struct identity_card_back){0};
	if (!picture_fits(a, picture, TENCENT_CARD_BYTES_MAX, result))
		return;
	if (call(c, a, true, "IDCardOCR", tencent_card_body(a, false, picture), &answer, result))
		tencent_read_back(a, answer.status, answer.body, out, result);
	tencent_log("IDCardOCR", result, started);
}

static void read_licence(const struct config *c, struct arena *a, struct bytes picture, struct identity_licence *out,
			 struct provider_result *result)
{
	struct http_answer answer;
	int64_t started = clock_monotonic_ms();
	*out = (struct identity_licence){0};
	if (!picture_fits(a, picture, TENCENT_LICENCE_BYTES_MAX, result))
		return;
	if (call(c, a, true, "BizLicenseOCR", tencent_licence_body(a, picture), &answer, result))
		tencent_read_licence(a, answer.status, answer.body, out, result);
	tencent_log("BizLicenseOCR", result, started);
}

static void live_code(const struct config *c, struct arena *a, char **digits, struct provider_result *result)
{
	struct http_answer answer;
	int64_t started = clock_monotonic_ms();
	*digits = NULL;
	if (call(c, a, false, "GetLiveCode", (struct bytes){(const unsigned char *)"{}", 2}, &answer, result))
		tencent_read_live_code(a, answer.status, answer.body, digits, result);
	tencent_log("GetLiveCode", result, started);
}

/* What both liveness calls need to be worth their price. */
static bool check_clip(struct arena *a, const char *digits, struct bytes clip, struct provider_result *result)
{
	if (text_empty(digits) || strlen(digits) > 8 || digits[strspn(digits, "0123456789")])
		refuse(a, PROVIDER_OPERATOR, "live.vendor", "digits", result);
	else if (!clip.data || clip.length == 0)
		refuse(a, PROVIDER_USER, "live.video", "clip_empty", result);
	else if (clip.length > TENCENT_CLIP_BYTES_MAX)
		refuse(a, PROVIDER_USER, "live.long", "clip_size", result);
	else
		return true;
	return false;
}

static void check_liveness(const struct config *c, struct arena *a, const char *action, struct bytes body, struct bytes *best_frame,
			   struct provider_result *result)
{
	struct http_answer answer;
	int64_t started = clock_monotonic_ms();
	if (call(c, a, false, action, body, &answer, result))
		tencent_read_liveness(a, answer.status, answer.body, best_frame, result);
	tencent_log(action, result, started);
}

static bool is_line(const char *text, size_t max)
{
	return !text_empty(text) && strlen(text) <= max && text_is_utf8(text, strlen(text));
}

static void liveness(const struct config *c, struct arena *a, const char *name, const char *number, const char *digits, struct bytes clip,
		     struct bytes *best_frame, struct provider_result *result)
{
	*best_frame = (struct bytes){0};
	if (!check_clip(a, digits, clip, result))
		return;
	if (!is_line(name, 400) || !is_line(number, 40))
		refuse(a, PROVIDER_MISMATCH, "id.format", "name_or_number", result);
	else
		check_liveness(c, a, "LivenessRecognition", tencent_liveness_body(a, name, number, (struct bytes){0}, digits, clip),
			       best_frame, result);
}

static void liveness_compare(const struct config *c, struct arena *a, struct bytes picture, const char *digits, struct bytes clip,
			     struct bytes *best_frame, struct provider_result *result)
{
	*best_frame = (struct bytes){0};
	if (!check_clip(a, digits, clip, result) || !picture_fits(a, picture, TENCENT_PORTRAIT_BYTES_MAX, result))
		return;
	check_liveness(c, a, "LivenessCompare", tencent_liveness_body(a, NULL, NULL, picture, digits, clip), best_frame, result);
}

const struct identity_provider tencent_identity_provider = {
	.name = "tencent",
	.read_front = read_front,
	.read_back = read_back,
	.read_licence = read_licence,
	.live_code = live_code,
	.liveness = liveness,
	.liveness_compare = liveness_compare,
};
