// JPEG through libjpeg: the file's own YCbCr planes, before any upsampling or colour conversion.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "include/stills.h"

typedef struct {
    struct jpeg_error_mgr manager;
    jmp_buf jump;
    percept_still *still;
} error_state;

static void fail(j_common_ptr info) {
    error_state *state = (error_state *)info->err;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    snprintf(state->still->message, sizeof state->still->message, "%s", text);
    longjmp(state->jump, 1);
}

static void count_warning(j_common_ptr info, int level) {
    error_state *state = (error_state *)info->err;
    if (level >= 0) return;
    state->still->warnings++;
    if (info->err->msg_code == JWRN_JPEG_EOF) state->still->is_truncated = 1;
}

static void keep_silent(j_common_ptr info) { (void)info; }

static void keep_markers(struct jpeg_decompress_struct *info, percept_still *still) {
    for (jpeg_saved_marker_ptr m = info->marker_list; m; m = m->next)
        percept_still_keep(still, m->marker, NULL, m->data, m->data_length);
}

static void keep_table(struct jpeg_decompress_struct *info, percept_still *still) {
    JQUANT_TBL *table = info->comp_info[0].quant_table;
    if (!table) table = info->quant_tbl_ptrs[info->comp_info[0].quant_tbl_no];
    if (!table) return;
    for (int i = 0; i < 64; i++) still->luma_table[i] = table->quantval[i];
    still->has_table = 1;
}

/// Whether planes can be handed out as coded: gray, 4:2:0, 4:2:2 or 4:4:4.
static int has_native_planes(struct jpeg_decompress_struct *info, percept_still *still) {
    if (info->num_components == 1) return 1;
    jpeg_component_info *c = info->comp_info;
    if (info->jpeg_color_space != JCS_YCbCr) return 0;
    if (c[1].h_samp_factor != c[2].h_samp_factor || c[1].v_samp_factor != c[2].v_samp_factor)
        return 0;
    if (c[0].h_samp_factor % c[1].h_samp_factor || c[0].v_samp_factor % c[1].v_samp_factor) return 0;
    int x = c[0].h_samp_factor / c[1].h_samp_factor, y = c[0].v_samp_factor / c[1].v_samp_factor;
    if (!((x == 1 && y == 1) || (x == 2 && y == 1) || (x == 2 && y == 2))) return 0;
    still->chroma_shift_x = x == 2;
    still->chroma_shift_y = y == 2;
    return 1;
}

/// Reads coded planes; memory is padded to whole blocks, as libjpeg writes it.
static int read_planes(struct jpeg_decompress_struct *info, percept_still *still) {
    info->raw_data_out = TRUE;
    jpeg_start_decompress(info);
    keep_table(info, still);
    const int lines = info->max_v_samp_factor * DCTSIZE;
    JSAMPROW rows[3][4 * DCTSIZE];
    JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
    for (int i = 0; i < info->num_components; i++) {
        jpeg_component_info *c = &info->comp_info[i];
        const size_t stride = (size_t)(c->width_in_blocks + 2 * c->h_samp_factor) * DCTSIZE;
        const size_t height = (size_t)(c->height_in_blocks + 2 * c->v_samp_factor) * DCTSIZE;
        still->bytes_per_row[i] = stride;
        still->planes[i] = calloc(stride, height);
        if (!still->planes[i]) return PERCEPT_STILL_NO_MEMORY;
    }
    while (info->output_scanline < info->output_height) {
        const size_t band = info->output_scanline / (size_t)lines;
        for (int i = 0; i < info->num_components; i++) {
            const int v = info->comp_info[i].v_samp_factor * DCTSIZE;
            for (int y = 0; y < v; y++)
                rows[i][y] = (JSAMPROW)still->planes[i] + (band * (size_t)v + (size_t)y)
                                                              * still->bytes_per_row[i];
        }
        if (jpeg_read_raw_data(info, arrays, (JDIMENSION)lines) == 0) break;
    }
    return PERCEPT_STILL_OK;
}

/// Reads interleaved samples, all components as large as the picture, and spreads them over planes.
static int read_interleaved(struct jpeg_decompress_struct *info, percept_still *still) {
    info->out_color_space = info->jpeg_color_space;
    jpeg_start_decompress(info);
    keep_table(info, still);
    const size_t stride = ((size_t)info->output_width + 63) / 64 * 64;
    const size_t components = (size_t)info->num_components;
    for (size_t i = 0; i < components; i++) {
        still->bytes_per_row[i] = stride;
        still->planes[i] = malloc(stride * info->output_height);
        if (!still->planes[i]) return PERCEPT_STILL_NO_MEMORY;
    }
    JSAMPARRAY line = (*info->mem->alloc_sarray)(
        (j_common_ptr)info, JPOOL_IMAGE, info->output_width * (JDIMENSION)components, 1);
    while (info->output_scanline < info->output_height) {
        const size_t y = info->output_scanline;
        jpeg_read_scanlines(info, line, 1);
        for (size_t i = 0; i < components; i++) {
            uint8_t *target = (uint8_t *)still->planes[i] + y * stride;
            for (size_t x = 0; x < info->output_width; x++) target[x] = line[0][components * x + i];
        }
    }
    return PERCEPT_STILL_OK;
}

/// How many times smaller a picture is read so that its longer side stays at least `enough` pixels.
static unsigned reduction(const struct jpeg_decompress_struct *info, uint32_t enough) {
    const uint32_t longer =
        info->image_width > info->image_height ? info->image_width : info->image_height;
    unsigned factor = 1;
    while (enough && factor < 8 && longer / (2 * factor) >= enough) factor *= 2;
    return factor;
}

int percept_jpeg_read(
    const char *path, uint64_t max_pixels, uint32_t enough, percept_still *still
) {
    memset(still, 0, sizeof *still);
    still->srgb_intent = -1;
    FILE *file = fopen(path, "rb");
    if (!file) return PERCEPT_STILL_CANNOT_OPEN;
    struct jpeg_decompress_struct info;
    error_state state;
    info.err = jpeg_std_error(&state.manager);
    state.manager.error_exit = fail;
    state.manager.emit_message = count_warning;
    state.manager.output_message = keep_silent;
    state.still = still;
    volatile int status = PERCEPT_STILL_BAD_DATA;
    if (setjmp(state.jump)) goto end;
    jpeg_create_decompress(&info);
    jpeg_stdio_src(&info, file);
    for (int marker = 1; marker < 14; marker++)
        jpeg_save_markers(&info, JPEG_APP0 + marker, 0xffff);
    jpeg_save_markers(&info, JPEG_COM, 0xffff);
    jpeg_read_header(&info, TRUE);
    still->width = still->full_width = info.image_width;
    still->height = still->full_height = info.image_height;
    still->components = info.num_components;
    still->depth = 8;
    if ((uint64_t)still->width * still->height > max_pixels) {
        status = PERCEPT_STILL_TOO_LARGE;
        goto end;
    }
    keep_markers(&info, still);
    if (info.num_components != 1 && info.num_components != 3) {
        snprintf(still->message, sizeof still->message, "%s",
            info.num_components == 4 ? "CMYK or YCCK colours" : "an unusual number of components");
        status = PERCEPT_STILL_UNSUPPORTED;
        goto end;
    }
    still->colour = info.num_components == 1 ? 0 : info.jpeg_color_space == JCS_RGB ? 2 : 1;
    const unsigned factor = reduction(&info, enough);
    if (factor > 1) {
        info.scale_num = 1;
        info.scale_denom = factor;
        status = read_interleaved(&info, still);
        still->width = info.output_width;
        still->height = info.output_height;
    } else if (has_native_planes(&info, still)) {
        status = read_planes(&info, still);
    } else {
        still->is_upsampled = still->colour == 1;
        status = read_interleaved(&info, still);
    }
    if (status == PERCEPT_STILL_OK) jpeg_finish_decompress(&info);
end:
    jpeg_destroy_decompress(&info);
    fclose(file);
    return status;
}
