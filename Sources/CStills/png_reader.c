// PNG through libpng: every colour type becomes gray or RGB, with or without alpha, 8 or 16 bits.
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/stills.h"

/// What libpng may take for itself: texts and profiles beside the picture are compressed, and may not
/// unfold without bound, neither one by one nor all together.
enum { PNG_MEMORY = 64 << 20, PNG_BLOCK_HEADER = 16 };

typedef struct {
    size_t used, most;
} png_budget;

static png_voidp take(png_structp png, png_alloc_size_t size) {
    png_budget *budget = png_get_mem_ptr(png);
    if (size > budget->most - budget->used)
        png_error(png, "a text or a profile unfolds to more than 64 MB");
    uint8_t *block = malloc(size + PNG_BLOCK_HEADER);
    if (!block) return NULL;
    memcpy(block, &size, sizeof size);
    budget->used += size;
    return block + PNG_BLOCK_HEADER;
}

static void give_back(png_structp png, png_voidp bytes) {
    if (!bytes) return;
    png_budget *budget = png_get_mem_ptr(png);
    uint8_t *block = (uint8_t *)bytes - PNG_BLOCK_HEADER;
    png_alloc_size_t size;
    memcpy(&size, block, sizeof size);
    budget->used -= size;
    free(block);
}

static void fail(png_structp png, png_const_charp message) {
    percept_still *still = png_get_error_ptr(png);
    snprintf(still->message, sizeof still->message, "%s", message);
    longjmp(png_jmpbuf(png), 1);
}

/// Warnings are of no interest, but for a text or profile that does not unfold within the limit: libpng
/// would go on without it, as if it had never been.
static void ignore_warning(png_structp png, png_const_charp message) {
    int is_compressed =
        !strncmp(message, "zTXt", 4) || !strncmp(message, "iTXt", 4) || !strncmp(message, "iCCP", 4);
    if (is_compressed && (strstr(message, "truncated") || strstr(message, "insufficient memory")))
        png_error(png, message);
}

/// Keeps profile, EXIF, texts, gamma and resolution: what a writer can carry over.
static void keep_metadata(png_structp png, png_infop info, percept_still *still) {
    png_charp name = NULL;
    png_bytep profile = NULL;
    png_uint_32 profile_size = 0;
    int compression = 0;
    if (png_get_iCCP(png, info, &name, &compression, &profile, &profile_size))
        percept_still_keep(still, 1, name, profile, profile_size);
#ifdef PNG_eXIf_SUPPORTED
    png_bytep exif = NULL;
    png_uint_32 exif_size = 0;
    if (png_get_eXIf_1(png, info, &exif_size, &exif))
        percept_still_keep(still, 2, NULL, exif, exif_size);
#endif
    png_textp texts = NULL;
    int count = 0;
    png_get_text(png, info, &texts, &count);
    for (int i = 0; i < count; i++) {
        size_t length = texts[i].compression >= PNG_ITXT_COMPRESSION_NONE ? texts[i].itxt_length
                                                                          : texts[i].text_length;
        percept_still_keep(still, 0, texts[i].key, texts[i].text, length);
    }
    png_fixed_point gamma = 0;
    if (png_get_gAMA_fixed(png, info, &gamma)) still->gamma = (uint32_t)gamma;
    int intent = 0;
    still->srgb_intent = png_get_sRGB(png, info, &intent) ? intent : -1;
    png_get_pHYs(png, info, &still->dots_x, &still->dots_y, &still->dots_unit);
}

int percept_png_read(const char *path, uint64_t max_pixels, percept_still *still) {
    memset(still, 0, sizeof *still);
    FILE *file = fopen(path, "rb");
    if (!file) return PERCEPT_STILL_CANNOT_OPEN;
    png_budget budget = {0, PNG_MEMORY};
    png_structp png = png_create_read_struct_2(
        PNG_LIBPNG_VER_STRING, still, fail, ignore_warning, &budget, take, give_back);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    png_bytep *volatile rows = NULL;
    volatile int status = PERCEPT_STILL_BAD_DATA;
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        fclose(file);
        return PERCEPT_STILL_NO_MEMORY;
    }
    if (setjmp(png_jmpbuf(png))) goto end;
    png_init_io(png, file);
    // Past this libpng does not even count how long a chunk would become.
    png_set_chunk_malloc_max(png, 4 * (png_alloc_size_t)PNG_MEMORY);
    png_set_chunk_cache_max(png, 1000);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_read_info(png, info);
    still->width = png_get_image_width(png, info);
    still->height = png_get_image_height(png, info);
    if ((uint64_t)still->width * still->height > max_pixels) {
        status = PERCEPT_STILL_TOO_LARGE;
        goto end;
    }
    // Rows of the picture come on top: four samples of two bytes, some rows at a time.
    budget.most += (size_t)still->width * 8 * 6 + (1 << 20);
    png_set_expand(png);
    if (png_get_bit_depth(png, info) == 16) {
        const uint16_t probe = 1;
        if (*(const uint8_t *)&probe == 1) png_set_swap(png);
    }
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    still->depth = png_get_bit_depth(png, info);
    still->components = png_get_channels(png, info);
    const size_t stride = png_get_rowbytes(png, info);
    still->bytes_per_row[0] = stride;
    still->planes[0] = malloc(stride * still->height);
    rows = malloc(sizeof(png_bytep) * still->height);
    if (!still->planes[0] || !rows) {
        status = PERCEPT_STILL_NO_MEMORY;
        goto end;
    }
    for (uint32_t y = 0; y < still->height; y++)
        rows[y] = (png_bytep)still->planes[0] + y * stride;
    png_read_image(png, rows);
    png_read_end(png, info);
    keep_metadata(png, info, still);
    status = PERCEPT_STILL_OK;
end:
    free(rows);
    png_destroy_read_struct(&png, &info, NULL);
    fclose(file);
    return status;
}
