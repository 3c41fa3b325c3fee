/* POST /api/link: an app's back end asks for a link. The proof is a keyed hash over the body; every answer is JSON. See
 * docs/entry-links.md. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "domain/identifiers.h"
#include "flow/entry.h"
#include "store/limits.h"

#define SECRET_NAME "entry-link"
#define SECRET_LEAST 32
#define TIME_SLACK_S 300
#define PRESET_S ((int64_t)24 * 3600)

static enum status answer_error(struct request *r, int status, const char *code)
{
	log_info("entry_api", "refused=%s", code);
	return respond_json(r, status, arena_printf(r->arena, "{\"error\":\"%s\"}", code));
}

static enum status read_body(struct request *r, struct bytes *out)
{
	char *body = arena_alloc(r->arena, FORM_BODY_MAX + 1);
	size_t length = 0, got = 1;
	enum status st = ST_OK;

	while (st == ST_OK && got > 0 && length < FORM_BODY_MAX) {
		st = request_read(r, body + length, FORM_BODY_MAX - length, &got);
		length += st == ST_OK ? got : 0;
	}
	body[length] = 0;
	*out = (struct bytes){(const unsigned char *)body, length};
	return st;
}

static bool signed_right(struct request *r, const char *secret, struct bytes body)
{
	unsigned char right[CRYPT_HASH_SIZE];
	struct bytes given;

	crypt_hmac_sha256(right, secret, strlen(secret), body.data, body.length);
	return strlen(r->signature) == 2 * sizeof right && hex_decode(r->arena, r->signature, &given) == ST_OK && given.length == sizeof right &&
	       crypt_equal(given.data, right, sizeof right);
}

/* A whole number of the JSON; false when it is not there or no such number. */
static bool whole(const cJSON *object, const char *name, int64_t *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < 1e11) || floor(item->valuedouble) != item->valuedouble)
		return false;
	*out = (int64_t)item->valuedouble;
	return true;
}

static bool nonce_valid(const char *nonce)
{
	size_t n = nonce ? strlen(nonce) : 0;

	return n >= 16 && n <= 64 && strspn(nonce, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_") == n;
}

/* Reads what is wanted; NULL, or the code of what is wrong with it. */
static const char *read_order(struct arena *a, const cJSON *call, struct entry_order *out)
{
	const cJSON *vins = cJSON_GetObjectItemCaseSensitive(call, "vins"), *flow = cJSON_GetObjectItemCaseSensitive(call, "flow"), *vin;
	int count = cJSON_IsArray(vins) ? cJSON_GetArraySize(vins) : 0;
	const char **list;
	int64_t now = clock_now();

	*out = (struct entry_order){.expires_at = now + PRESET_S};
	if (count < 1 || count > ENTRY_CARS_MAX)
		return "vins";
	list = arena_alloc(a, (size_t)count * sizeof *list);
	cJSON_ArrayForEach(vin, vins)
	{
		list[out->count] = cJSON_IsString(vin) ? text_code(a, vin->valuestring) : "";
		if (vin_check(list[out->count++]) != VIN_OK)
			return "vins";
	}
	out->vins = list;
	if (flow && !cJSON_IsNull(flow)) {
		if (!cJSON_IsString(flow) || !flow_of_kind(flow->valuestring))
			return "flow";
		out->kind = flow->valuestring;
	}
	if (cJSON_GetObjectItemCaseSensitive(call, "expires") && !whole(call, "expires", &out->expires_at))
		return "expires";
	return out->expires_at > now && out->expires_at <= now + (int64_t)ENTRY_HOURS_MAX * 3600 ? NULL : "expires";
}

/* Wrong proofs of one network are counted, and from some number on nothing of it is looked at. */
static enum status count_wrong(struct request *r, const struct limit_key *key)
{
	enum status st = db_begin(r->site->db);

	if (st == ST_OK)
		st = limits_record(r->site->db, r->arena, r->site->keys, key, 1);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	return st == ST_OK ? answer_error(r, 401, "signature") : st;
}

static enum status locked_out(struct request *r, const struct limit_key *key, bool *yes)
{
	struct limit_refusal refusal = {0};
	enum status st = db_begin(r->site->db);

	if (st == ST_OK)
		st = limits_check(r->site->db, r->arena, r->site->config, r->site->keys, key, 1, &refusal);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	*yes = refusal.kind != NULL;
	return st;
}

static enum status make(struct request *r, const struct entry_order *order, const char *nonce)
{
	struct db *db = r->site->db;
	const struct actor actor = {.name = "app", .address = r->address};
	char *token = NULL;
	int unknown = -1;
	enum status st = db_begin(db);

	if (st == ST_OK)
		st = entry_take_nonce(db, r->arena, r->site->keys, nonce);
	if (st == ST_CONFLICT) {
		db_rollback(db);
		return answer_error(r, 409, "replay");
	}
	if (st == ST_OK)
		st = entry_create(db, r->arena, r->site->config, r->site->keys, &actor, order, &token, &unknown);
	if (st == ST_OK && unknown >= 0) {
		db_rollback(db);
		log_info("entry_api", "refused=unknown_vin");
		return respond_json(r, 422, arena_printf(r->arena, "{\"error\":\"unknown_vin\",\"place\":%d}", unknown));
	}
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK)
		return st;
	return respond_json(r, 200, arena_printf(r->arena, "{\"url\":\"%s/e/%s\",\"expires\":%lld}", r->site->config->public_origin, token, (long long)order->expires_at));
}

enum status entry_api_serve(struct request *r)
{
	const struct limit_key key = {"entry.wrong", limit_network(r->arena, r->address)};
	struct entry_order order;
	const cJSON *call;
	const char *nonce, *wrong;
	struct bytes body;
	char *secret;
	int64_t time;
	bool locked;
	enum status st;

	r->wants_json = true; /* whatever goes wrong */
	if (!r->https)
		return answer_error(r, 403, "https");
	if (r->form) /* a urlencoded body was read as a form */
		return answer_error(r, 400, "json");
	st = config_secret(r->arena, r->site->config, SECRET_NAME, &secret);
	if (st == ST_NOT_FOUND || (st == ST_OK && strlen(secret) < SECRET_LEAST))
		return answer_error(r, 503, "not_set_up");
	if (st == ST_OK)
		st = locked_out(r, &key, &locked);
	if (st != ST_OK)
		return st;
	if (locked)
		return answer_error(r, 429, "limit");
	if (read_body(r, &body) != ST_OK)
		return answer_error(r, 400, "body");
	if (!signed_right(r, secret, body))
		return count_wrong(r, &key);
	call = json_read_object(r->arena, body);
	if (!call)
		return answer_error(r, 400, "json");
	if (!whole(call, "time", &time) || time < clock_now() - TIME_SLACK_S || time > clock_now() + TIME_SLACK_S)
		return answer_error(r, 401, "time");
	nonce = json_string(call, "nonce");
	if (!nonce_valid(nonce))
		return answer_error(r, 422, "nonce");
	wrong = read_order(r->arena, call, &order);
	return wrong ? answer_error(r, 422, wrong) : make(r, &order, nonce);
}
