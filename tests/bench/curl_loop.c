/* The least that a client of libcurl can do: the lines of a file, one POST each over a connection of its own, one after the other.
 * usage: curl_loop URL CA_FILE BODIES   prints how many were answered with 200 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

static size_t take(char *bytes, size_t size, size_t count, void *object)
{
	(void)bytes, (void)object;
	return size * count;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 4 ? fopen(argv[3], "re") : NULL;
	CURL *e = file && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
	char *line = NULL;
	size_t size = 0;
	long good = 0, status;
	if (!e) {
		fprintf(stderr, "usage: %s URL CA_FILE BODIES\n", argv[0]);
		return 2;
	}
	struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, "Content-Type: application/json; charset=utf-8"), "Expect:");
	curl_easy_setopt(e, CURLOPT_URL, argv[1]);
	curl_easy_setopt(e, CURLOPT_CAINFO, argv[2]);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take);
	for (ssize_t n; (n = getline(&line, &size, file)) > 0;) {
		line[n - 1] = '\0';
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, line);
		if (curl_easy_perform(e) == CURLE_OK && curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
			good += status == 200;
	}
	free(line);
	fclose(file);
	curl_slist_free_all(headers);
	curl_easy_cleanup(e);
	printf("%ld\n", good);
	return 0;
}
