/* Carrier profiles: what is read, what is refused. */
#include "test.h"

#include "base/text.h"
#include "base/url.h"
#include "t1/profile.h"

static struct arena *arena;

#define REST                                                                                                                               \
	"\"password_secret\":\"cm.password\",\"cipher_key_secret\":\"cm.key\",\"default_channel_name\":\"线上\","                        \
	"\"default_staff_name\":\"系统\",\"default_channel_address\":\"北京市东城区\","                                            \
	"\"oper_types\":{\"register\":\"1\",\"cancel\":\"3\"},\"certificate_types\":{\"ID_CARD\":\"01\",\"PASSPORT_FOREIGN\":\"08\"}"
#define LOCAL "\"account_url\":\"https://127.0.0.1:8443/a\",\"vehicle_url\":\"https://127.0.0.1:8443/v\","

static enum status parse(struct t1_profile *p, const char *json)
{
	return t1_profile_parse(p, arena, json);
}

static void a_small_profile_gets_the_defaults(void)
{
	struct t1_profile p;
	CHECK(parse(&p, "{" LOCAL REST "}") == ST_OK);
	CHECK_TEXT(p.account_url, "https://127.0.0.1:8443/a");
	CHECK(!p.annex_confirmed && p.sign_upper && p.cipher == T1_SM4_ECB && p.encoding == T1_BASE64 && !p.cert_date_end_only);
	CHECK(!p.ca_file && !p.pho_name && p.timeout_ms == 0);
	CHECK_TEXT(t1_profile_oper_type(&p, "register"), "1");
	CHECK_TEXT(t1_profile_oper_type(&p, "cancel"), "3");
	CHECK(!t1_profile_oper_type(&p, "transfer"));
	CHECK(!t1_profile_oper_type(&p, "nothing"));
	CHECK_TEXT(t1_profile_certificate(&p, "PASSPORT_FOREIGN"), "08");
	CHECK(!t1_profile_certificate(&p, "HUKOU"));
	CHECK(!t1_profile_certificate(&p, NULL));
	CHECK(!t1_profile_pho_name(arena, &p, "8986", "R", "C"));
}

static void every_member_can_be_set(void)
{
	struct t1_profile p;
	CHECK(parse(&p, "{" LOCAL REST
			",\"ca_file\":\"/etc/carrier.pem\",\"annex_confirmed\":true,\"sign_case\":\"lower\",\"cipher\":\"sm4-cbc\","
			"\"encoding\":\"hex-upper\",\"certificate_date\":\"end\",\"pho_name\":\"{ICCID}xcz_{Code}-{RequestID}.zip\","
			"\"timeout_ms\":15000}") == ST_OK);
	CHECK_TEXT(p.ca_file, "/etc/carrier.pem");
	CHECK(p.annex_confirmed && !p.sign_upper && p.cipher == T1_SM4_CBC && p.encoding == T1_HEX_UPPER && p.cert_date_end_only);
	CHECK(p.timeout_ms == 15000);
	CHECK_TEXT(t1_profile_pho_name(arena, &p, "8986", "R1", "C1"), "8986xcz_C1-R1.zip");
}

static void wrong_profiles_are_refused(void)
{
	static const char *const members[] = {
		"\"surprise\":1",
		"\"cipher\":\"rsa\"",
		"\"cipher\":1",
		"\"encoding\":\"hex\"",
		"\"sign_case\":\"UPPER\"",
		"\"annex_confirmed\":\"true\"",
		"\"certificate_date\":\"both\"",
		"\"timeout_ms\":10",
		"\"timeout_ms\":1500.5",
		"\"timeout_ms\":1e300",
		"\"timeout_ms\":\"5000\"",
		"\"ca_file\":\"relative.pem\"",
		"\"ca_file\":null",
		"\"pho_name\":\"{VIN}.zip\"",
		"\"pho_name\":\"../{ICCID}.zip\"",
		"\"pho_name\":\"a/b.zip\"",
		"\"annex_confirmed\":true,\"annex_confirmed\":true",
		"\"completion\":\"later\"",
		"\"reconcile_hours\":0",
		"\"reconcile_hours\":721",
		"\"password_secret_next\":\"../x\"",
		"\"organisation_customer\":true",
		"\"pho_name_always\":true", /* without a name */
		"\"messages\":[]",
		"\"messages\":{\"regster\":[\"account\"]}",
		"\"messages\":{\"register\":\"account\"}",
		"\"messages\":{\"register\":[]}",
		"\"messages\":{\"register\":[\"account\",\"account\"]}",
		"\"messages\":{\"register\":[\"picture\"]}",
		"\"messages\":{\"register\":[\"former_account\",\"account\"]}",
		"\"instruction_addresses\":[]",
		"\"instruction_addresses\":\"10.0.0.0/8\"",
		"\"instruction_addresses\":[\"10.0.0.0/33\"]",
		"\"instruction_addresses\":[\"10.0.0.0/\"]",
		"\"instruction_addresses\":[\"10.0.0.0/+8\"]",
		"\"instruction_addresses\":[\"10.0.0\"]",
		"\"instruction_addresses\":[\"carrier.example.com\"]",
		"\"instruction_client_ca\":\"ca.pem\"",
		"\"sftp\":null",
		"\"sftp\":{}",
	};
	struct t1_profile p;
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		int good = parse(&p, arena_printf(arena, "{" LOCAL REST ",%s}", members[i])) == ST_INVALID;
		CHECK(good);
		if (!good)
			printf("# accepted: %s\n", members[i]);
	}
	CHECK(parse(&p, "{" LOCAL REST ",\"surprise\":1}") == ST_INVALID);
	CHECK_TEXT(status_message(), "carrier profile: unknown member surprise");
	CHECK(parse(&p, NULL) == ST_INVALID);
	CHECK(parse(&p, "") == ST_INVALID);
	CHECK(parse(&p, "[]") == ST_INVALID);
	CHECK(parse(&p, "{" LOCAL REST "} x") == ST_INVALID);
	CHECK(parse(&p, "{" REST "}") == ST_INVALID);
	CHECK_TEXT(status_message(), "carrier profile: account_url is missing");
}

#define SFTP "\"host\":\"127.0.0.1\",\"user\":\"auto01\",\"key_secret\":\"sftp.key\",\"host_key_sha256\":\"" HOST_KEY "\""
#define HOST_KEY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

static void files_over_sftp(void)
{
	static const struct {
		const char *members, *message;
	} wrong[] = {
		{"\"host\":\"127.0.0.1\"", "carrier profile: sftp.user is missing"},
		{SFTP ",\"port\":0", "carrier profile: sftp.port has a wrong value"},
		{SFTP ",\"cipher\":\"none\"", "carrier profile: sftp.cipher has a wrong value"},
		{SFTP ",\"folder\":\"pictures/\"", "carrier profile: sftp.folder has a wrong value"},
		{SFTP ",\"folder\":\"/a/../b/\"", "carrier profile: sftp.folder has a wrong value"},
		{SFTP ",\"folder\":\"/{ICCID}/\"", "carrier profile: sftp.folder has a wrong value"},
		{SFTP ",\"kh_name\":\"a/{RequestID}\"", "carrier profile: sftp.kh_name has a wrong value"},
		{SFTP ",\"password\":\"x\"", "carrier profile: unknown member sftp.password"},
		{"\"host\":\"127.0.0.1\",\"user\":\"-oProxyCommand\",\"key_secret\":\"k\",\"host_key_sha256\":\"" HOST_KEY "\"",
		 "carrier profile: sftp.user has a wrong value"},
		{"\"host\":\"127.0.0.1\",\"user\":\"u\",\"key_secret\":\"k\",\"host_key_sha256\":\"short\"",
		 "carrier profile: sftp.host_key_sha256 has a wrong value"},
		{"\"host\":\"sftp.example.com\",\"user\":\"u\",\"key_secret\":\"k\",\"host_key_sha256\":\"" HOST_KEY "\"",
		 "carrier profile: annex_confirmed is false: loopback addresses only"},
		{"\"host\":\"u@127.0.0.1\",\"user\":\"u\",\"key_secret\":\"k\",\"host_key_sha256\":\"" HOST_KEY "\"",
		 "carrier profile: sftp.host has a wrong value"},
	};
	struct t1_profile p;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		CHECK(parse(&p, arena_printf(arena, "{" LOCAL REST ",\"sftp\":{%s}}", wrong[i].members)) == ST_INVALID);
		CHECK_TEXT(status_message(), wrong[i].message);
	}
	CHECK(parse(&p, "{" LOCAL REST "}") == ST_OK && !p.sftp.host);
	CHECK(parse(&p, "{" LOCAL REST ",\"sftp\":{" SFTP "}}") == ST_OK);
	CHECK(p.sftp.port == 22 && p.sftp.cipher == T1_SM4_CBC && !p.sftp.key_passphrase_secret);
	CHECK_TEXT(p.sftp.bin_key_secret, "cm.key");
	CHECK_TEXT(p.sftp.folder, "/{PlatformID}/{yyyyMMdd}/");
	const struct t1_hole holes[] = {{"{RequestID}", "R1"}, {"{Code}", "ABCD"}, {NULL, NULL}};
	CHECK_TEXT(t1_template(arena, p.sftp.kh_name, holes), "KH_R1_ABCD");
	CHECK_TEXT(t1_template(arena, p.sftp.ht_name, holes), "HT_R1_ABCD");
	CHECK(parse(&p, "{" LOCAL REST ",\"sftp\":{" SFTP
			",\"port\":2222,\"cipher\":\"sm4-ecb\",\"bin_key_secret\":\"bin\",\"folder\":\"/in/{Code}\","
			"\"key_passphrase_secret\":\"pass\",\"kh_name\":\"K-{ICCID}\"}}") == ST_OK);
	CHECK(p.sftp.port == 2222 && p.sftp.cipher == T1_SM4_ECB);
	CHECK_TEXT(p.sftp.bin_key_secret, "bin");
	CHECK_TEXT(p.sftp.key_passphrase_secret, "pass");
	CHECK_TEXT(p.sftp.folder, "/in/{Code}");
}

static bool needs(const struct t1_profile *p, const char *business, int count, enum t1_part first)
{
	const struct t1_parts *parts = t1_profile_messages(p, business);
	return parts && parts->count == count && (count == 0 || parts->part[0] == first);
}

static void messages_of_a_business(void)
{
	struct t1_profile p;
	CHECK(parse(&p, "{" LOCAL REST "}") == ST_OK);
	CHECK(needs(&p, "register", 2, T1_PART_ACCOUNT) && needs(&p, "transfer", 2, T1_PART_ACCOUNT) &&
	      needs(&p, "replace_card", 2, T1_PART_ACCOUNT));
	CHECK(needs(&p, "cancel", 1, T1_PART_ACCOUNT) && needs(&p, "update", 1, T1_PART_ACCOUNT) &&
	      needs(&p, "vehicle_status", 1, T1_PART_ACCOUNT));
	CHECK(needs(&p, "replace_card_old", 1, T1_PART_ACCOUNT) && !t1_profile_messages(&p, "nothing") && !t1_profile_messages(&p, NULL));
	CHECK(!p.completion_callback && p.reconcile_hours == 24 && !p.customer_organisation && !p.pho_name_always);
	CHECK(parse(&p, "{" LOCAL REST ",\"messages\":{\"register\":[\"vehicle\",\"account\"],\"vehicle_status\":[],"
			"\"transfer\":[\"former_account\",\"account\",\"vehicle\"]},\"completion\":\"callback\",\"reconcile_hours\":2,"
			"\"organisation_customer\":\"organisation\",\"pho_name\":\"{ICCID}xcz.zip\",\"pho_name_always\":true}") == ST_OK);
	CHECK(needs(&p, "register", 2, T1_PART_VEHICLE) && needs(&p, "vehicle_status", 0, T1_PART_ACCOUNT));
	CHECK(needs(&p, "transfer", 3, T1_PART_FORMER_ACCOUNT) && needs(&p, "cancel", 1, T1_PART_ACCOUNT));
	CHECK(p.completion_callback && p.reconcile_hours == 2 && p.customer_organisation && p.pho_name_always);
}

static void who_may_send_instructions(void)
{
	struct t1_profile p;
	CHECK(parse(&p, "{" LOCAL REST ",\"password_secret_next\":\"new\"}") == ST_OK);
	CHECK_TEXT(p.instruction_password_secret, "cm.password");
	CHECK_TEXT(p.instruction_password_secret_next, "new");
	CHECK(t1_profile_address_allowed(&p, "203.0.113.9") && t1_profile_address_allowed(&p, "::1"));
	CHECK(parse(&p,
		    "{" LOCAL REST
		    ",\"password_secret_next\":\"new\",\"instruction_password_secret\":\"theirs\",\"instruction_client_ca\":\"/ca.pem\","
		    "\"instruction_addresses\":[\"10.1.0.0/15\",\"2001:db8::/33\",\"192.0.2.7\",\"::ffff:198.51.100.0/120\"]}") == ST_OK);
	CHECK_TEXT(p.instruction_password_secret, "theirs");
	CHECK(!p.instruction_password_secret_next);
	CHECK_TEXT(p.instruction_client_ca, "/ca.pem");
	static const struct {
		const char *address;
		bool allowed;
	} rows[] = {
		{"10.0.255.255", true},
		{"10.1.2.3", true},
		{"10.2.0.0", false},
		{"192.0.2.7", true},
		{"192.0.2.8", false},
		{"2001:db8::1", true},
		{"2001:db8:8000::1", false},
		{"::ffff:10.1.2.3", true},
		{"198.51.100.9", true},
		{"198.51.101.9", false},
		{"", false},
		{NULL, false},
		{"10.1.2.3/32", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK(t1_profile_address_allowed(&p, rows[i].address) == rows[i].allowed);
		if (t1_profile_address_allowed(&p, rows[i].address) != rows[i].allowed)
			printf("# %s\n", rows[i].address ? rows[i].address : "nothing");
	}
}

static void codes_have_known_names(void)
{
	struct t1_profile p;
	static const char head[] = "{" LOCAL "\"password_secret\":\"p\",\"cipher_key_secret\":\"k\",\"default_channel_name\":\"a\","
				   "\"default_staff_name\":\"b\",\"default_channel_address\":\"c\",";
	CHECK(parse(&p, arena_printf(arena, "%s\"oper_types\":{\"regster\":\"1\"},\"certificate_types\":{\"ID_CARD\":\"01\"}}", head)) ==
	      ST_INVALID);
	CHECK(parse(&p, arena_printf(arena, "%s\"oper_types\":{\"register\":1},\"certificate_types\":{\"ID_CARD\":\"01\"}}", head)) ==
	      ST_INVALID);
	CHECK(parse(&p, arena_printf(arena, "%s\"oper_types\":{\"register\":\"1\"},\"certificate_types\":{\"IDCARD\":\"01\"}}", head)) ==
	      ST_INVALID);
	CHECK(parse(&p, arena_printf(arena, "%s\"oper_types\":{\"register\":\"1\"},\"certificate_types\":{}}", head)) == ST_INVALID);
	CHECK(parse(&p, arena_printf(arena, "%s\"oper_types\":{\"register\":\"1\"},\"certificate_types\":{\"ID_CARD\":\"01\"}}", head)) ==
	      ST_OK);
}

static void only_loopback_without_the_annex_or_without_a_cipher(void)
{
	static const struct {
		const char *account, *vehicle, *more;
		enum status wanted;
	} rows[] = {
		{"https://t1.example.com/a", "https://t1.example.com/v", "", ST_INVALID},
		{"https://127.0.0.1/a", "https://t1.example.com/v", "", ST_INVALID},
		{"https://t1.example.com/a", "https://t1.example.com/v", ",\"annex_confirmed\":true", ST_OK},
		{"https://t1.example.com/a", "https://t1.example.com/v", ",\"annex_confirmed\":true,\"cipher\":\"none\"", ST_INVALID},
		{"https://127.0.0.1/a", "https://localhost:9443/v", ",\"cipher\":\"none\"", ST_OK},
		{"https://[::1]:9443/a", "https://127.200.0.1/v", "", ST_OK},
		{"http://127.0.0.1/a", "https://127.0.0.1/v", "", ST_INVALID},
		{"https://127.0.0.1.example.com/a", "https://127.0.0.1/v", "", ST_INVALID},
		{"https://127.0.0.1@example.com/a", "https://127.0.0.1/v", "", ST_INVALID},
		{"https://127.1/a", "https://127.0.0.1/v", "", ST_INVALID},
	};
	struct t1_profile p;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *json = arena_printf(arena, "{\"account_url\":\"%s\",\"vehicle_url\":\"%s\"," REST "%s}", rows[i].account,
					  rows[i].vehicle, rows[i].more);
		CHECK(parse(&p, json) == rows[i].wanted);
	}
}

static void a_cipher_needs_a_key(void)
{
	struct t1_profile p;
	struct bytes key;
	static const char no_key[] =
		"{" LOCAL "\"password_secret\":\"p\",\"default_channel_name\":\"a\",\"default_staff_name\":\"b\","
		"\"default_channel_address\":\"c\",\"oper_types\":{\"register\":\"1\"},\"certificate_types\":{\"ID_CARD\":\"01\"}%s}";
	CHECK(parse(&p, arena_printf(arena, no_key, "")) == ST_INVALID);
	CHECK(parse(&p, arena_printf(arena, no_key, ",\"cipher\":\"none\"")) == ST_OK);
	CHECK(parse(&p, arena_printf(arena, no_key, ",\"cipher_key_secret\":\"../key\"")) == ST_INVALID);
	CHECK(t1_profile_cipher_key(arena, "0123456789abcdefFEDCBA9876543210", &key) == ST_OK && key.length == 16 && key.data[15] == 0x10);
	CHECK(t1_profile_cipher_key(arena, "0123456789abcdef", &key) == ST_INVALID);
	CHECK(t1_profile_cipher_key(arena, "0123456789abcdefFEDCBA987654321x", &key) == ST_INVALID);
	CHECK(t1_profile_cipher_key(arena, NULL, &key) == ST_INVALID);
}

static void test_own_paths(void)
{
	static const char *const good[] = {"/", "/a/b?c=d&e", "/a//b", "/%2F/x"};
	static const char *const bad[] = {"", "a", "//x", "/\\x", "\\x", "/ x", "/x\r\ny", "/\x7f", "/é", "https://x"};
	char text[URL_PATH_MAX + 2];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		CHECK(url_path_is_own(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!url_path_is_own(bad[i]));
	memset(text, 'x', sizeof text);
	text[0] = '/';
	text[sizeof text - 1] = '\0';
	CHECK(!url_path_is_own(text));
	text[sizeof text - 2] = '\0';
	CHECK(url_path_is_own(text));
	CHECK_TEXT(url_escape(arena, "/a?b=c&d%20深"), "/a%3Fb%3Dc%26d%2520%E6%B7%B1");
}

static void addresses_are_taken_apart(void)
{
	struct url u;
	CHECK(url_parse(&u, arena, "https://example.com") == ST_OK);
	CHECK_TEXT(u.authority, "example.com");
	CHECK_TEXT(u.path, "/");
	CHECK(url_parse(&u, arena, "https://example.com:443/a?b=c") == ST_OK);
	CHECK_TEXT(u.authority, "example.com");
	CHECK_TEXT(u.path, "/a?b=c");
	CHECK(url_parse(&u, arena, "https://[::1]:8443?x") == ST_OK);
	CHECK_TEXT(u.authority, "[::1]:8443");
	CHECK_TEXT(u.host, "::1");
	CHECK_TEXT(u.path, "/?x");
	CHECK(url_parse(&u, arena, "https://example.com:0/") == ST_INVALID);
	CHECK(url_parse(&u, arena, "https://example.com:65536/") == ST_INVALID);
	CHECK(url_parse(&u, arena, "https://example.com:/") == ST_INVALID);
	CHECK(url_parse(&u, arena, "https:///path") == ST_INVALID);
	CHECK(url_parse(&u, arena, "https://[::1/") == ST_INVALID);
	CHECK(url_parse(&u, arena, "https://a b/") == ST_INVALID);
	CHECK(url_parse(&u, arena, "https://a/\r\nX: y") == ST_INVALID);
	CHECK(url_parse(&u, arena, NULL) == ST_INVALID);
}

int main(void)
{
	arena = arena_create();
	RUN(a_small_profile_gets_the_defaults);
	RUN(every_member_can_be_set);
	RUN(wrong_profiles_are_refused);
	RUN(files_over_sftp);
	RUN(messages_of_a_business);
	RUN(who_may_send_instructions);
	RUN(codes_have_known_names);
	RUN(only_loopback_without_the_annex_or_without_a_cipher);
	RUN(a_cipher_needs_a_key);
	RUN(test_own_paths);
	RUN(addresses_are_taken_apart);
	arena_destroy(arena);
	return test_failures;
}
