/* Tencent Cloud: reading of identity cards and business licences (OCR) and liveness with spoken digits (FaceID). The functions below are pure; the calls
 * are behind tencent_identity_provider. */
#ifndef PROVIDERS_TENCENT_IDENTITY_H
#define PROVIDERS_TENCENT_IDENTITY_H

#include "providers/provider.h"

#define TENCENT_CLIP_BYTES_MAX 5900000           /* base64 of it stays below the provider's 8 M */
#define TENCENT_CARD_BYTES_MAX (7 * 1024 * 1024) /* base64 of it stays below 10 M */
#define TENCENT_LICENCE_BYTES_MAX 5200000        /* base64 of it stays below 7 M */
#define TENCENT_PORTRAIT_BYTES_MAX 2200000       /* base64 of it stays below 3 M */
#define TENCENT_FRAME_BYTES_MAX (3 * 1024 * 1024)

extern const struct identity_provider tencent_identity_provider;

/* Bodies of requests. Arena. */
struct bytes tencent_card_body(struct arena *a, bool front, struct bytes picture);
struct bytes tencent_licence_body(struct arena *a, struct bytes picture);
/* picture {NULL, 0}: LivenessRecognition with name and number, otherwise LivenessCompare. */
struct bytes tencent_liveness_body(struct arena *a, const char *name, const char *number, struct bytes picture, const char *digits,
				   struct bytes clip);

/* Answers: out is filled for PROVIDER_PASS and PROVIDER_REVIEW (texts may be "", never NULL), all NULL otherwise. */
void tencent_read_front(struct arena *a, int http_status, struct bytes body, struct identity_card_front *out,
			struct provider_result *result);
void tencent_read_back(struct arena *a, int http_status, struct bytes body, struct identity_card_back *out, struct provider_result *result);
/* A copy or a photograph of a screen is read too: companies hand out stamped copies. Which it was stays in raw_code. */
void tencent_read_licence(struct arena *a, int http_status, struct bytes body, struct identity_licence *out, struct provider_result *result);
/* *digits is NULL but for PROVIDER_PASS. */
void tencent_read_live_code(struct arena *a, int http_status, struct bytes body, char **digits, struct provider_result *result);
/* PROVIDER_PASS only when Result is "Success". A failure may carry a frame too. */
void tencent_read_liveness(struct arena *a, int http_status, struct bytes body, struct bytes *best_frame, struct provider_result *result);

#endif
