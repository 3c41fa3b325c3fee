/* Stands in for the cloud's certificate reading (IDCardOCR, BizLicenseOCR) and liveness check (GetLiveCode, LivenessRecognition, LivenessCompare). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "identity.h"

static struct tc3_account account;

static const char *const CARD_FIELDS[] = {"ImageBase64",         "ImageUrl",         "CardSide",     "Config", "EnableRecognitionRectify",
					  "EnableReflectDetail", "EnableDateVerify", "CardWarnType", NULL};
static const char *const LICENCE_FIELDS[] = {"ImageBase64", "ImageUrl", "EnableCopyWarn", "EnablePeriodComplete", "EnableBusinessCertificate", NULL};
static const char *const CODE_FIELDS[] = {NULL};
static const char *const RECOGNIZE_FIELDS[] = {"IdCard",       "Name",     "LivenessType", "VideoBase64", "VideoUrl",
					       "ValidateData", "Optional", "Encryption",   NULL};
static const char *const COMPARE_FIELDS[] = {"LivenessType", "ImageBase64", "ImageUrl",   "VideoBase64", "VideoUrl",
					     "ValidateData", "Optional",    "Encryption", NULL};
static const struct tencent_action ACTIONS[] = {
	{"IDCardOCR", "2018-11-19", "ocr", false, CARD_FIELDS, identity_read_card},
	{"BizLicenseOCR", "2018-11-19", "ocr", false, LICENCE_FIELDS, identity_read_licence},
	{"GetLiveCode", "2018-03-01", "faceid", false, CODE_FIELDS, identity_get_code},
	{"LivenessRecognition", "2018-03-01", "faceid", false, RECOGNIZE_FIELDS, identity_recognize},
	{"LivenessCompare", "2018-03-01", "faceid", false, COMPARE_FIELDS, identity_compare},
};

static struct answer handle(struct request *request, const cJSON *then)
{
	return tencent_handle(&account, ACTIONS, sizeof(ACTIONS) / sizeof(*ACTIONS), request, then);
}

int main(int argc, char **argv)
{
	struct server_options options = {0};
	const char *key_file = NULL;
	const struct option_spec specs[] = {
		SERVER_OPTION_SPECS(options), {"--secret-id", true, 1, &account.secret_id}, {"--secret-key-file", true, 1, &key_file}};
	static const struct standin standin = {"standin_identity", tencent_open, handle};
	char *key;
	int result = 1;

	if (argc == 2 && strcmp(argv[1], "--self-test") == 0)
		return identity_self_test() ? 0 : 1;
	if (!options_parse(specs, sizeof(specs) / sizeof(*specs), argc, argv))
		return 2;
	key = encode_read_secret(key_file);
	account.secret_key = key;
	if (!key)
		perror(key_file);
	else
		result = server_run(&standin, &options);
	identity_forget();
	free(key);
	return result;
}
