/* TC3-HMAC-SHA256: the published values (A) and our own (B, C), and the header lines that go with them. */
#include "test.h"

#include "providers/tencent_sign.h"

#define TEXT(text) ((struct bytes){(const unsigned char *)(text), strlen(text)})

static struct arena *arena;

static const char cvm_body[] = "{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u547d\\u540d\"], \"Name\": \"instance-name\"}]}";

static void published_values(void)
{
	struct tencent_request r = {.service = "cvm",
				    .action = "DescribeInstances",
				    .host = "cvm.tencentcloudapi.com",
				    .body = TEXT(cvm_body),
				    .secret_key = "Gu5t9xGARNpq86cd98joQYCN3*******",
				    .time = 1551113065};
	struct tencent_signature s;
	tencent_sign(arena, &r, &s);
	CHECK_TEXT(s.payload_hash, "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064");
	CHECK_TEXT(s.request_hash, "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84");
	CHECK_TEXT(s.scope, "2019-02-25/cvm/tc3_request");
	CHECK_TEXT(s.signature, "be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3");
	r.secret_key = "********************************";
	tencent_sign(arena, &r, &s);
	CHECK_TEXT(s.signature, "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f");
}

static const struct tencent_request live_code = {.service = "faceid",
						 .version = "2018-03-01",
						 .action = "GetLiveCode",
						 .host = "faceid.tencentcloudapi.com",
						 .body = {(const unsigned char *)"{}", 2},
						 .secret_id = "AKIDtest",
						 .secret_key = "testSecretKey0000000000000000000",
						 .time = 1700000000};

static void own_value_of_faceid(void)
{
	struct tencent_signature s;
	tencent_sign(arena, &live_code, &s);
	CHECK_TEXT(s.payload_hash, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
	CHECK_TEXT(s.request_hash, "d10c80b840e30a3af9f3e645facd6b2b2c2d2107d74c50c584ca5250160fbc9d");
	CHECK_TEXT(s.signature, "2d1159ee48d9dad4e25200bfd9198b200a297a862475915b1d9262bc196c826d");
}

static void own_value_of_sms(void)
{
	struct tencent_request r = live_code;
	struct tencent_signature s;
	r.service = "sms";
	r.action = "SendSms";
	r.host = "sms.tencentcloudapi.com";
	r.body = TEXT(
		"{\"PhoneNumberSet\":[\"+8613800138000\"],\"SmsSdkAppId\":\"1400006666\",\"TemplateId\":\"1110\",\"SignName\":\"测试\","
		"\"TemplateParamSet\":[\"4903\"]}");
	tencent_sign(arena, &r, &s);
	CHECK_TEXT(s.payload_hash, "7a0074ecbb158583405bcb4de341144f02782e4e55580f0ebea1d735d94a1ac9");
	CHECK_TEXT(s.request_hash, "bbb0511bc3dfb25a19d5834e8cdb32a3d39ad44769e99824ed5a7aa7dc75d549");
	CHECK_TEXT(s.signature, "5881abcb93cb09000317ffc0ad21b50ad9a4fb1b58698328a99cdb2ae16e396a");
}

static void headers_carry_what_was_signed(void)
{
	struct tencent_request r = live_code;
	const char *const *h = tencent_headers(arena, &r);
	CHECK_TEXT(h[0], "Content-Type: application/json; charset=utf-8");
	CHECK_TEXT(h[1], "Host: faceid.tencentcloudapi.com");
	CHECK_TEXT(h[2], "X-TC-Action: GetLiveCode");
	CHECK_TEXT(h[3], "X-TC-Version: 2018-03-01");
	CHECK_TEXT(h[4], "X-TC-Timestamp: 1700000000");
	CHECK_TEXT(h[5], "Authorization: TC3-HMAC-SHA256 Credential=AKIDtest/2023-11-14/faceid/tc3_request, "
			 "SignedHeaders=content-type;host;x-tc-action, "
			 "Signature=2d1159ee48d9dad4e25200bfd9198b200a297a862475915b1d9262bc196c826d");
	CHECK(!h[6]);
	r.region = "ap-guangzhou";
	h = tencent_headers(arena, &r);
	CHECK_TEXT(h[5], "X-TC-Region: ap-guangzhou");
	CHECK(h[6] && !h[7]);
}

static void the_port_is_part_of_the_signed_host(void)
{
	struct tencent_request r = live_code;
	struct tencent_signature one, other;
	r.host = "127.0.0.1:8443";
	tencent_sign(arena, &r, &one);
	CHECK_TEXT(tencent_headers(arena, &r)[1], "Host: 127.0.0.1:8443");
	r.host = "127.0.0.1";
	tencent_sign(arena, &r, &other);
	CHECK(strcmp(one.signature, other.signature) != 0);
}

int main(void)
{
	arena = arena_create();
	RUN(published_values);
	RUN(own_value_of_faceid);
	RUN(own_value_of_sms);
	RUN(headers_carry_what_was_signed);
	RUN(the_port_is_part_of_the_signed_host);
	arena_destroy(arena);
	return test_failures;
}
