// What both readers share: ownership of blobs and planes.
#include <stdlib.h>
#include <string.h>

#include "include/stills.h"

enum { MAX_BLOBS = 4096 };

int percept_still_keep(
    percept_still *still, int kind, const char *key, const void *bytes, size_t count) {
    if (still->blob_count >= MAX_BLOBS) return 1;
    percept_still_blob *grown =
        realloc(still->blobs, (size_t)(still->blob_count + 1) * sizeof(percept_still_blob));
    if (!grown) return 0;
    still->blobs = grown;
    percept_still_blob *blob = &grown[still->blob_count];
    blob->kind = kind;
    blob->key = key ? strdup(key) : NULL;
    blob->bytes = malloc(count ? count : 1);
    blob->count = count;
    if (!blob->bytes) {
        free(blob->key);
        return 0;
    }
    memcpy(blob->bytes, bytes, count);
    still->blob_count++;
    return 1;
}

void percept_still_free(percept_still *still) {
    for (int i = 0; i < 3; i++) free(still->planes[i]);
    for (int i = 0; i < still->blob_count; i++) {
        free(still->blobs[i].key);
        free(still->blobs[i].bytes);
    }
    free(still->blobs);
    memset(still, 0, sizeof *still);
}

void percept_still_free_plane(void *plane) { free(plane); }
