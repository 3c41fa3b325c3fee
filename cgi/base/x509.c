/* Reads certificates. Knows nothing of connections. */
#include "base/x509.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum status x509_subject(struct arena *a, const char *path, char **out)
{
	BIO *file = BIO_new_file(path, "r"), *text = BIO_new(BIO_s_mem());
	X509 *certificate = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
	enum status st = status_fail(ST_INVALID, "%s: no certificate can be read", path);
	const char *bytes = NULL;
	long length;

	if (!certificate || !text || X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0)
		goto out;
	length = BIO_get_mem_data(text, &bytes);
	if (length > 0) {
		*out = arena_strndup(a, bytes, (size_t)length);
		st = ST_OK;
	}
out:
	X509_free(certificate);
	BIO_free(text);
	BIO_free(file);
	ERR_clear_error();
	return st;
}
