/* The providers that exist, by name. One line each; the first is the one in use. */
#include "providers/provider.h"

#include "providers/tencent_identity.h"
#include "providers/tencent_sms.h"

static const struct identity_provider *const identity_providers[] = {
	&tencent_identity_provider,
};

static const struct sms_provider *const sms_providers[] = {
	&tencent_sms_provider,
};

const struct identity_provider *identity_provider(const struct config *c)
{
	(void)c;
	return identity_providers[0];
}

const struct sms_provider *sms_provider(const struct config *c)
{
	(void)c;
	return sms_providers[0];
}

bool provider_may_have_acted(const struct provider_result *result)
{
	/* 5xx may come from a gateway in front of a provider that went on; an answer that we could not read was one. */
	static const char *const beginnings[] = {"http.timeout", "http.cut", "http.too_large", "http.other",
						 "http.5",       "http.408", "unreadable",     "InternalError"};
	if (result->class != PROVIDER_TRANSIENT)
		return false;
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (text_prefix(result->raw_code, beginnings[i]))
			return true;
	return false;
}
