/* Tencent Cloud: short messages. The functions below are pure; the call is behind tencent_sms_provider. */
#ifndef PROVIDERS_TENCENT_SMS_H
#define PROVIDERS_TENCENT_SMS_H

#include "providers/provider.h"

#define TENCENT_SMS_PARAMETERS_MAX 10

extern const struct sms_provider tencent_sms_provider;

/* The body of SendSms for one number. Arena. */
struct bytes tencent_sms_body(struct arena *a, const char *app_id, const char *sign, const char *phone, const char *template_id,
			      const char *const *parameters, int count);
/* PROVIDER_PASS only when the number's own Code is "Ok"; then *serial is the provider's id ("" when it gave none), else NULL. */
void tencent_read_sms(struct arena *a, int http_status, struct bytes body, char **serial, struct provider_result *result);

#endif
