/* The settings: one table and its readers. Values of secrets never reach a message or the print-out. */
#include "base/config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_secret.h"
#include "base/config_table.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_MAX ((size_t)256 * 1024)
#define NAME_MAX_BYTES 64

#define TEXT_OF(member, preset, meaning)                                                                                                   \
	{                                                                                                                                  \
#member, TEXT, offsetof(struct config, member), preset, 0, 0, meaning                                                      \
	}
#define PATH_OF(member, preset, meaning)                                                                                                   \
	{                                                                                                                                  \
#member, PATH, offsetof(struct config, member), preset, 0, 0, meaning                                                      \
	}
#define INT_OF(member, preset, min, max, meaning)                                                                                          \
	{                                                                                                                                  \
#member, INT, offsetof(struct config, member), #preset, min, max, meaning                                                  \
	}
#define SECRET_OF(member, meaning)                                                                                                         \
	{                                                                                                                                  \
#member, SECRET, offsetof(struct config, member), "", 0, 0, meaning                                                        \
	}

static const struct setting settings[] = {
	{"database", DSN, offsetof(struct config, database), "", 0, 0, "libpq connection string of the role of this program"},
	PATH_OF(templates_dir, "", "folder of the page templates"),
	PATH_OF(static_manifest, "", "list of the static files with their hashes"),
	PATH_OF(evidence_dir, "", "folder where evidence is kept, encrypted"),
	PATH_OF(image_program, "", "the program that decodes pictures in a sandbox (realname-image)"),
	PATH_OF(pdf_program, "", "the program that draws the pages of PDFs in a sandbox (realname-pdf)"),
	PATH_OF(sql_dir, "", "folder of the schema migrations"),
	PATH_OF(master_keys_file, "", "key file: master keys, wrap the data keys"),
	PATH_OF(lookup_keys_file, "", "key file: keyed hashes for look-up"),
	PATH_OF(code_keys_file, "", "key file: SMS codes and form tokens"),
	PATH_OF(secrets_dir, "", "folder of the passwords and keys that carrier profiles name"),

	PATH_OF(web_socket, "/run/realname/web.sock", "the FastCGI socket that nginx connects to"),
	INT_OF(web_workers, 4, 1, 256, "web processes"),
	INT_OF(web_requests_per_worker, 5000, 1, 1000000, "requests after which a web process is replaced"),
	TEXT_OF(public_origin, "", "https://host[:port] of the site: SMS domain line and absolute links"),
	TEXT_OF(automaker, "", "slug of the automaker that this site is for"),
	TEXT_OF(site_name, "车联网卡实名登记", "name of the site on every page"),
	TEXT_OF(brand, "", "brand on every page"),
	TEXT_OF(hotline, "", "phone of the hotline on every page"),
	TEXT_OF(hotline_hours, "", "when the hotline answers"),

	PATH_OF(instruction_socket, "/run/realname/instruction.sock", "the FastCGI socket of the instruction program"),
	INT_OF(instruction_workers, 2, 1, 64, "processes that take instructions of carriers, each many at once"),
	INT_OF(instruction_gather_ms, 5, 0, 1000, "milliseconds that an instruction waits for others, to be committed together"),

	INT_OF(jobs_workers, 4, 1, 256, "processes for what people wait for: readings, checks, short messages"),
	INT_OF(t1_workers, 2, 1, 64, "processes that send messages to carriers, each many at once"),
	INT_OF(t1_flights, 32, 1, 200, "messages to carriers that one process has on their way at once"),
	INT_OF(sftp_workers, 4, 0, 20, "processes that deliver files to carriers, each over one connection; 0: this machine delivers none"),
	INT_OF(sftp_stall_s, 25, 1, 600,
	       "seconds without progress after which a process that delivers files ends itself; what it held is free after twice that"),
	INT_OF(delivery_max_mb, 32, 1, 512, "most MiB of pictures in one file to a carrier; a process needs three times that"),
	TEXT_OF(delivery_font, "Noto Sans CJK SC", "font families of agreements and watermarks in files to carriers"),
	INT_OF(job_lease_s, 30, 1, 3600, "seconds after which a job of a process that does nothing any more is taken by another"),
	INT_OF(job_poll_ms, 1000, 10, 60000, "milliseconds between two looks at the queue when nothing is announced"),
	INT_OF(job_history_days, 30, 1, 3650, "finished jobs are kept so long"),
	{"job_delay_scale", DOUBLE, offsetof(struct config, job_delay_scale), "1.0", 0, 1000, "multiplies every retry delay"},

	PATH_OF(outbound_ca_file, "/etc/ssl/certs/ca-certificates.crt", "CA bundle for every outside call"),
	INT_OF(outbound_connect_ms, 3000, 10, 60000, "milliseconds to connect to an outside service"),
	INT_OF(outbound_timeout_ms, 20000, 10, 600000, "milliseconds for a whole outside call"),
	TEXT_OF(identity_faceid_url, "https://faceid.tencentcloudapi.com", "liveness and identity check service"),
	TEXT_OF(identity_ocr_url, "https://ocr.tencentcloudapi.com", "certificate reading service"),
	TEXT_OF(identity_secret_id, "", "id of the access key of both services"),
	SECRET_OF(identity_secret_key, "access key of both services"),
	TEXT_OF(sms_url, "https://sms.tencentcloudapi.com", "SMS service"),
	TEXT_OF(sms_secret_id, "", "id of the access key of the SMS service"),
	SECRET_OF(sms_secret_key, "access key of the SMS service"),
	TEXT_OF(sms_region, "ap-guangzhou", "region of the SMS service"),
	TEXT_OF(sms_app_id, "", "SMS application"),
	TEXT_OF(sms_sign, "", "the signature text of every SMS"),
	TEXT_OF(sms_template_code, "", "SMS template: a code"),
	TEXT_OF(sms_template_result_ok, "", "SMS template: registered"),
	TEXT_OF(sms_template_result_refused, "", "SMS template: refused"),
	TEXT_OF(sms_template_review, "", "SMS template: a person looks at it"),
	TEXT_OF(sms_template_owner_notice, "", "SMS template: note to the phone on file for the car"),
	TEXT_OF(sms_template_cancel_ok, "", "SMS template: cancelled"),
	TEXT_OF(sms_template_cancel_refused, "", "SMS template: the cancellation was refused"),
	TEXT_OF(sms_template_needs_more, "", "SMS template: people ask for more papers"),
	TEXT_OF(sms_template_update_ok, "", "SMS template: the change is done"),
	TEXT_OF(sms_template_update_refused, "", "SMS template: the change was refused"),
	TEXT_OF(sms_template_complaint, "", "SMS template: a complaint is answered; {1} is its number"),
	TEXT_OF(sms_template_handover, "", "SMS template: a link for the responsible person; {1} is its end, behind /c/, {2} its minutes"),
	TEXT_OF(sms_template_batch_done, "", "SMS template: a company's batch has ended; number, cards done, cards refused"),
	TEXT_OF(sms_template_member_added, "", "SMS template: may now act for a company; {1} is its name"),
	TEXT_OF(sms_template_member_removed, "", "SMS template: may no longer act for a company; {1} is its name"),

	TEXT_OF(network_date_limit, "2021-09-28", "cars that entered the network later go to a shop"),
	INT_OF(cards_per_person, 10, 1, 1000, "cards that one person may register"),
	INT_OF(age_minimum, 16, 0, 150, "years below which nobody registers alone"),
	INT_OF(draft_hours, 24, 1, 720, "hours that an unfinished application is kept"),
	INT_OF(draft_idle_minutes, 60, 5, 1440,
	       "minutes without an answer after which an unfinished application asks for the phone's code again"),
	INT_OF(records_minutes, 30, 5, 1440, "minutes that a sign-in to the records lasts"),
	INT_OF(records_max_minutes, 240, 5, 1440, "minutes that a sign-in lasts at most, however often it is lengthened"),
	INT_OF(handover_max_minutes, 120, 30, 1440,
	       "minutes that a phone keeps the draft of a desk at most, however often that is lengthened"),
	INT_OF(staff_days, 3, 1, 365, "days after which what waits for staff is an alarm"),
	INT_OF(needs_more_days, 7, 1, 365, "days after which pictures that staff asked for are an alarm when they did not come"),
	INT_OF(refused_days, 90, 1, 3650, "days that a refused or withdrawn application is kept"),

	INT_OF(sms_code_minutes, 10, 1, 60, "minutes that a code is valid"),
	INT_OF(sms_code_tries, 5, 1, 20, "wrong tries per code"),
	INT_OF(sms_resend_s, 60, 1, 3600, "seconds between two codes to one phone"),
	INT_OF(sms_phone_hour, 3, 1, 1000, "codes to one phone in an hour, for applications"),
	INT_OF(sms_phone_day, 6, 1, 1000, "codes to one phone in a day, for applications"),
	INT_OF(sms_vin_day, 10, 1, 1000, "codes for one car in a day"),
	INT_OF(sms_address_hour, 60, 1, 100000, "codes asked for from one network address in an hour and never typed in, for applications"),
	INT_OF(sms_budget_day, 20000, 1, 10000000, "codes of the whole site in a day, for applications"),
	INT_OF(signin_phone_hour, 2, 1, 1000, "codes to one phone in an hour, for the sign-in to the records"),
	INT_OF(signin_phone_day, 4, 1, 1000, "codes to one phone in a day, for the sign-in to the records"),
	INT_OF(signin_address_hour, 60, 1, 100000, "codes asked for from one network address in an hour and never typed in, for the sign-in to the records"),
	INT_OF(signin_budget_day, 5000, 1, 10000000, "codes of the whole site in a day, for the sign-in to the records"),
	INT_OF(proof_tries, 3, 1, 20, "wrong tries to prove a car before it is locked"),
	INT_OF(proof_lock_minutes, 30, 1, 1440, "minutes that the lock lasts"),
	INT_OF(proof_vin_hour, 10, 1, 1000, "tries for one car in an hour"),
	INT_OF(proof_vin_gap_s, 10, 0, 3600, "seconds between two tries for one car"),
	INT_OF(proof_address_hour, 60, 1, 100000, "tries from one network address in an hour"),
	INT_OF(handover_hour, 10, 1, 1000, "links to a phone for one application in an hour"),
	INT_OF(entry_wrong_hour, 60, 1, 100000, "wrongly signed calls from one network address in an hour"),
	INT_OF(picture_max_mb, 10, 1, 50, "megabytes of one picture"),
	INT_OF(picture_max_megapixels, 50, 1, 200, "millions of pixels of one picture"),
	INT_OF(clip_max_kb, 5900, 100, 50000, "kilobytes of one clip"),
	INT_OF(upload_draft_hour, 60, 1, 100000, "resumable uploads that one application begins in an hour"),
	INT_OF(reading_tries, 5, 1, 100, "certificate readings of one application within tries_hours"),
	INT_OF(liveness_tries, 5, 1, 100, "liveness checks of one application within tries_hours"),
	INT_OF(tries_hours, 6, 1, 168, "hours after which readings and liveness checks count anew"),
	INT_OF(records_tries, 5, 1, 100, "wrong ends of a certificate number for the older records of one phone in a day"),
	INT_OF(company_members_day, 20, 1, 1000, "admins added to one company in a day by its admins, each told by SMS"),
	INT_OF(company_openings_day, 5, 1, 1000, "companies that one phone opens or claims in a day"),
	INT_OF(records_actions_day, 30, 1, 1000, "applications done again or reported from the records of one phone in a day"),
	INT_OF(own_proof_tries, 5, 1, 100, "wrong tries of one phone in a day to prove a certificate for one's own data"),
	INT_OF(own_copies_day, 5, 1, 1000, "copies of one's own data for one phone in a day"),
	INT_OF(live_code_seconds, 300, 10, 3600, "seconds that the digits to be read aloud are valid"),
	INT_OF(complaint_address_day, 10, 1, 100000, "complaints from one network address in a day"),
	INT_OF(complaint_follow_hour, 20, 1, 100000,
	       "wrong tries to follow a complaint, from one network address and for one number, in an hour"),
};
#define SETTINGS ((int)(sizeof(settings) / sizeof(settings[0])))

const struct setting *config_row(int index)
{
	return index >= 0 && index < SETTINGS ? &settings[index] : NULL;
}

static const struct setting *find(const char *name)
{
	for (int i = 0; i < SETTINGS; i++) {
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	}
	return NULL;
}

/* ---- reading ---- */

static void forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* Sets one value. NULL when it is good, else what is wrong (borrowed until the next call). */
static const char *assign(struct config *c, const struct setting *s, const char *value)
{
	static char wrong[96];
	char *end = NULL;
	if (setting_is_text(s)) {
		char *copy = strdup(value);
		if (!copy)
			return "no memory";
		forget(*setting_text_of(c, s));
		*setting_text_of(c, s) = copy;
		return NULL;
	}
	errno = 0;
	if (s->type == INT) {
		long number = strtol(value, &end, 10);
		if (end != value && !*end && !errno && number >= s->min && number <= s->max) {
			*setting_int_of(c, s) = (int)number;
			return NULL;
		}
		snprintf(wrong, sizeof(wrong), "wants a whole number from %d to %d", s->min, s->max);
		return wrong;
	}
	double number = strtod(value, &end);
	if (end != value && !*end && isfinite(number) && number >= s->min && number <= s->max) {
		*setting_double_of(c, s) = number;
		return NULL;
	}
	snprintf(wrong, sizeof(wrong), "wants a number from %d to %d", s->min, s->max);
	return wrong;
}

/* Reads path into a secret. where is "file:line" or the environment variable. */
static enum status assign_secret_file(struct config *c, const struct setting *s, const char *path, const char *where)
{
	char *secret = NULL;
	struct arena *a = arena_create();
	enum status st = config_read_secret(a, path, &secret);
	const char *wrong = st == ST_OK ? assign(c, s, secret) : status_message();
	if (wrong)
		st = status_fail(ST_INVALID, "%s: %s", where, wrong);
	arena_destroy(a);
	return st;
}

static char *trim(char *text)
{
	text += strspn(text, " \t\r");
	for (size_t length = strlen(text); length && strchr(" \t\r", text[length - 1]); length--)
		text[length - 1] = '\0';
	return text;
}

/* A comment begins with '#' at the start of a line or behind a blank. */
static void drop_comment(char *line)
{
	for (char *hash = strchr(line, '#'); hash; hash = strchr(hash + 1, '#')) {
		if (hash == line || hash[-1] == ' ' || hash[-1] == '\t') {
			*hash = '\0';
			return;
		}
	}
}

/* The setting of a file key; "<secret>_file" is found as its secret, with *by_file set. */
static const struct setting *find_key(const char *key, bool *by_file)
{
	char name[NAME_MAX_BYTES];
	const struct setting *s = find(key);
	size_t length = strlen(key);
	*by_file = false;
	if (s || length < 6 || length - 5 >= sizeof(name) || strcmp(key + length - 5, "_file") != 0)
		return s;
	memcpy(name, key, length - 5);
	name[length - 5] = '\0';
	s = find(name);
	*by_file = s && s->type == SECRET;
	return *by_file ? s : NULL;
}

static enum status read_line(struct config *c, char *line, bool seen[], const char *where)
{
	bool by_file;
	drop_comment(line);
	line = trim(line);
	if (!line[0])
		return ST_OK;
	char *equals = strchr(line, '=');
	if (!equals)
		return status_fail(ST_INVALID, "%s: wants \"name = value\"", where);
	*equals = '\0';
	char *key = trim(line), *value = trim(equals + 1);
	const struct setting *s = find_key(key, &by_file);
	if (!s)
		return status_fail(ST_INVALID, "%s: there is no setting \"%.40s\"", where, key);
	if (seen[s - settings])
		return status_fail(ST_INVALID, "%s: %s stands here a second time", where, s->name);
	seen[s - settings] = true;
	if (by_file)
		return assign_secret_file(c, s, value, where);
	if (s->type == SECRET)
		return status_fail(ST_INVALID, "%s: a secret is not written here; put it into a file and write \"%s_file = path\"", where,
				   s->name);
	const char *wrong = assign(c, s, value);
	return wrong ? status_fail(ST_INVALID, "%s: %s %s", where, s->name, wrong) : ST_OK;
}

static enum status read_settings_file(struct config *c, const char *path)
{
	bool seen[SETTINGS] = {false};
	char *rest = NULL;
	struct arena *a = arena_create();
	enum status st = file_read_text(a, path, FILE_MAX, &rest, NULL) == ST_OK ? ST_OK : ST_INVALID;
	for (int number = 1; rest && st == ST_OK; number++) {
		const char *where = arena_printf(a, "%s:%d", path, number);
		st = read_line(c, strsep(&rest, "\n"), seen, where);
	}
	arena_destroy(a);
	return st;
}

static enum status read_environment(struct config *c)
{
	char variable[NAME_MAX_BYTES + 32];
	for (int i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];
		int length = snprintf(variable, sizeof(variable), "REALNAME_%s", s->name);
		for (char *p = variable; *p; p++)
			*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
		const char *value = getenv(variable), *wrong = value ? assign(c, s, value) : NULL;
		if (wrong)
			return status_fail(ST_INVALID, "%s: %s", variable, wrong);
		if (s->type != SECRET)
			continue;
		memcpy(variable + length, "_FILE", 6);
		const char *path = getenv(variable);
		if (path && value)
			return status_fail(ST_INVALID, "%s: the secret itself is in the environment too", variable);
		if (path && assign_secret_file(c, s, path, variable) != ST_OK)
			return ST_INVALID;
	}
	return ST_OK;
}

enum status config_load(struct config *out, const char *path)
{
	struct config c;
	enum status st = ST_OK;
	memset(&c, 0, sizeof(c));
	for (int i = 0; i < SETTINGS && st == ST_OK; i++) {
		const char *wrong = assign(&c, &settings[i], settings[i].preset);
		if (wrong)
			st = status_fail(ST_ERROR, "default of %s: %s", settings[i].name, wrong);
	}
	if (st == ST_OK && path)
		st = read_settings_file(&c, path);
	if (st == ST_OK)
		st = read_environment(&c);
	if (st == ST_OK)
		*out = c;
	else
		config_free(&c);
	return st;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (int i = 0; i < SETTINGS; i++) {
		if (!setting_is_text(&settings[i]))
			continue;
		forget(*setting_text_of(c, &settings[i]));
		*setting_text_of(c, &settings[i]) = NULL;
	}
}
