/* The only user of libcurl's SFTP. */
#include "providers/sftp.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define UPLOAD_BUFFER (256L * 1024)
#define TEXT_MAX 2600 /* two paths of a profile's templates, filled */

struct sftp {
	struct sftp_target target;
	CURL *curl; /* keeps the session between two calls; NULL: closed */
	bool connected, full;
	struct bytes content;
	size_t read;
	curl_off_t moved;
	char text[TEXT_MAX], error[CURL_ERROR_SIZE];
};

static const struct {
	CURLcode code;
	enum sftp_result result;
} results[] = {
	{CURLE_OK, SFTP_OK},
	{CURLE_COULDNT_RESOLVE_HOST, SFTP_NO_CONNECTION},
	{CURLE_COULDNT_CONNECT, SFTP_NO_CONNECTION},
	{CURLE_PEER_FAILED_VERIFICATION, SFTP_HOST_KEY},
	{CURLE_LOGIN_DENIED, SFTP_LOGIN},
	{CURLE_REMOTE_ACCESS_DENIED, SFTP_DENIED},
	{CURLE_REMOTE_DISK_FULL, SFTP_FULL},
	{CURLE_QUOTE_ERROR, SFTP_REFUSED},
	{CURLE_REMOTE_FILE_NOT_FOUND, SFTP_REFUSED},
	{CURLE_REMOTE_FILE_EXISTS, SFTP_REFUSED},
	{CURLE_ABORTED_BY_CALLBACK, SFTP_STOPPED},
};

const char *sftp_result_name(enum sftp_result r)
{
	static const char *const names[SFTP_RESULT_MAX] = {
		[SFTP_OK] = "ok",
		[SFTP_NO_CONNECTION] = "no_connection",
		[SFTP_HOST_KEY] = "host_key",
		[SFTP_LOGIN] = "login",
		[SFTP_DENIED] = "denied",
		[SFTP_FULL] = "full",
		[SFTP_REFUSED] = "refused",
		[SFTP_CUT] = "cut",
		[SFTP_STOPPED] = "stopped",
	};
	return names[r];
}

static void release(void *object)
{
	struct sftp *s = object;
	if (s->curl)
		curl_easy_cleanup(s->curl);
	s->curl = NULL;
}

static size_t read_content(char *to, size_t size, size_t count, void *context)
{
	struct sftp *s = context;
	size_t left = s->content.length - s->read, n = size * count < left ? size * count : left;
	memcpy(to, s->content.data + s->read, n);
	s->read += n;
	return n;
}

static int on_progress(void *context, curl_off_t download_total, curl_off_t downloaded, curl_off_t upload_total, curl_off_t uploaded)
{
	struct sftp *s = context;
	bool moved = uploaded > s->moved;
	(void)download_total, (void)downloaded, (void)upload_total;
	s->moved = uploaded;
	return s->target.alive && !s->target.alive(s->target.context, moved);
}

static size_t drop(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes, (void)context;
	return size * count;
}

/* A path or a command that does not fit is cut, and then is none that the server knows. */
static const char *text(struct sftp *s, const char *format, ...) PRINTF_LIKE(2, 3);
static const char *text(struct sftp *s, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(s->text, sizeof(s->text), format, args);
	va_end(args);
	return s->text;
}

struct sftp *sftp_create(struct arena *a, const struct sftp_target *target)
{
	struct sftp *s = arena_alloc(a, sizeof(*s));
	*s = (struct sftp){.target = *target, .curl = curl_easy_init()};
	arena_cleanup(a, release, s);
	return s;
}

/* Everything but what to do. curl_easy_reset keeps the session. */
static void prepare(struct sftp *s, const char *path)
{
	const struct sftp_target *t = &s->target;
	curl_easy_reset(s->curl);
	s->error[0] = '\0';
	s->moved = 0;
	curl_easy_setopt(s->curl, CURLOPT_URL, text(s, "sftp://%s:%d%s", t->host, t->port, path));
	curl_easy_setopt(s->curl, CURLOPT_PROTOCOLS_STR, "sftp");
	curl_easy_setopt(s->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L); /* SIGALRM is the caller's */
	curl_easy_setopt(s->curl, CURLOPT_USERNAME, t->user);
	curl_easy_setopt(s->curl, CURLOPT_SSH_AUTH_TYPES, (long)CURLSSH_AUTH_PUBLICKEY);
	curl_easy_setopt(s->curl, CURLOPT_SSH_PRIVATE_KEYFILE, t->key_file);
	if (t->passphrase)
		curl_easy_setopt(s->curl, CURLOPT_KEYPASSWD, t->passphrase);
	curl_easy_setopt(s->curl, CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256, t->host_key_sha256);
	curl_easy_setopt(s->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)t->connect_ms);
	curl_easy_setopt(s->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(s->curl, CURLOPT_LOW_SPEED_TIME, (long)(t->stall_ms + 999) / 1000);
	curl_easy_setopt(s->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(t->stall_ms + 999) / 1000);
	curl_easy_setopt(s->curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, s->error);
	curl_easy_setopt(s->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(s->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(s->curl, CURLOPT_XFERINFODATA, s);
	curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(s->curl, CURLOPT_HEADERFUNCTION, drop);
}

static enum sftp_result judge(struct sftp *s, CURLcode code)
{
	enum sftp_result result = s->connected ? SFTP_CUT : SFTP_NO_CONNECTION; /* of the codes that are not in the table */
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (results[i].code == code)
			result = results[i].result;
	if (code != CURLE_OK && !s->error[0])
		strncat(s->error, curl_easy_strerror(code), sizeof(s->error) - 1);
	for (char *c = s->error; *c; c++)
		if ((unsigned char)*c < 0x20)
			*c = ' ';
	s->connected |= result == SFTP_OK;
	return result;
}

/* A call that moves nothing is over in stall_ms; the first one connects. */
static CURLcode perform_short(struct sftp *s)
{
	curl_easy_setopt(s->curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(s->curl, CURLOPT_TIMEOUT_MS, (long)(s->connected ? s->target.stall_ms : s->target.connect_ms));
	return curl_easy_perform(s->curl);
}

enum sftp_result sftp_connect(struct sftp *s)
{
	if (!s->curl)
		return SFTP_NO_CONNECTION;
	prepare(s, "/");
	return judge(s, perform_short(s));
}

enum sftp_result sftp_stat(struct sftp *s, const char *path, int64_t *size)
{
	curl_off_t length = 0;
	prepare(s, path);
	CURLcode code = perform_short(s);
	*size = -1;
	if (code == CURLE_REMOTE_FILE_NOT_FOUND)
		return judge(s, CURLE_OK);
	/* of an empty file libcurl tells no length */
	if (code == CURLE_OK && curl_easy_getinfo(s->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK)
		*size = length < 0 ? 0 : length;
	return judge(s, code);
}

/* Commands are carried out before the URL is looked at, which is the root folder and not opened. */
static enum sftp_result command(struct sftp *s, const char *what, curl_write_callback hear)
{
	char kept[TEXT_MAX];
	strcpy(kept, what); /* text() is used again for the URL */
	struct curl_slist *list = curl_slist_append(NULL, kept);
	if (!list)
		return SFTP_CUT;
	prepare(s, "/");
	curl_easy_setopt(s->curl, CURLOPT_QUOTE, list);
	curl_easy_setopt(s->curl, CURLOPT_HEADERFUNCTION, hear);
	curl_easy_setopt(s->curl, CURLOPT_HEADERDATA, s);
	enum sftp_result result = judge(s, perform_short(s));
	curl_easy_setopt(s->curl, CURLOPT_QUOTE, NULL);
	curl_slist_free_all(list);
	return result;
}

/* The answer to "statvfs" comes in one piece. */
static size_t hear_room(char *bytes, size_t size, size_t count, void *context)
{
	struct sftp *s = context;
	char answer[1024] = "";
	unsigned long long unit, blocks;
	strncat(answer, bytes, size * count < sizeof(answer) ? size * count : sizeof(answer) - 1);
	const char *at_unit = strstr(answer, "f_frsize: "), *at_blocks = strstr(answer, "f_bavail: ");
	if (at_unit && at_blocks && sscanf(at_unit, "f_frsize: %llu", &unit) == 1 && sscanf(at_blocks, "f_bavail: %llu", &blocks) == 1)
		s->full = blocks == 0 || (unit && blocks < s->content.length / unit);
	return size * count;
}

/* A server without room only says that it failed, and libcurl then gives the session up as broken. */
static enum sftp_result why_cut(struct sftp *s, const char *path)
{
	char error[sizeof(s->error)];
	strcpy(error, s->error);
	s->full = false;
	(void)command(s, text(s, "*statvfs \"%.*s\"", (int)(strrchr(path, '/') - path + 1), path), hear_room);
	strcpy(s->error, error);
	return s->full ? SFTP_FULL : SFTP_CUT;
}

enum sftp_result sftp_upload(struct sftp *s, const char *path, struct bytes content)
{
	prepare(s, path);
	s->content = content;
	s->read = 0;
	curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(s->curl, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
	curl_easy_setopt(s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)content.length);
	curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, read_content);
	curl_easy_setopt(s->curl, CURLOPT_READDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_FTP_CREATE_MISSING_DIRS, 1L);
	curl_easy_setopt(s->curl, CURLOPT_NEW_FILE_PERMS, 0640L);
	curl_easy_setopt(s->curl, CURLOPT_NEW_DIRECTORY_PERMS, 0750L);
	CURLcode code = curl_easy_perform(s->curl);
	enum sftp_result result = judge(s, code);
	return code == CURLE_SSH && result == SFTP_CUT ? why_cut(s, path) : result;
}

enum sftp_result sftp_rename(struct sftp *s, const char *from, const char *to)
{
	return command(s, text(s, "rename \"%s\" \"%s\"", from, to), drop);
}

enum sftp_result sftp_remove(struct sftp *s, const char *path)
{
	return command(s, text(s, "*rm \"%s\"", path), drop);
}

const char *sftp_error(const struct sftp *s)
{
	return s->error;
}

void sftp_close(struct sftp *s)
{
	release(s);
}
