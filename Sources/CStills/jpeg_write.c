// JPEG through libjpeg.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "include/still_write.h"

typedef struct error_manager {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    char *message;
    size_t message_size;
} error_manager;

typedef struct destination {
    struct jpeg_destination_mgr base;
    percept_still_sink write;
    void *opaque;
    JOCTET buffer[1 << 16];
} destination;

static void on_error(j_common_ptr codec) {
    error_manager *errors = (error_manager *)codec->err;
    char text[JMSG_LENGTH_MAX];
    codec->err->format_message(codec, text);
    if (errors->message_size) snprintf(errors->message, errors->message_size, "%s", text);
    longjmp(errors->escape, 1);
}

static void on_message(j_common_ptr codec) { (void)codec; }

static void begin(j_compress_ptr codec) {
    destination *to = (destination *)codec->dest;
    to->base.next_output_byte = to->buffer;
    to->base.free_in_buffer = sizeof to->buffer;
}

static void deliver(j_compress_ptr codec, size_t size) {
    destination *to = (destination *)codec->dest;
    // The sink knows why it refused: no message of libjpeg's may hide that.
    if (size && to->write(to->opaque, to->buffer, size))
        longjmp(((error_manager *)codec->err)->escape, 1);
    begin(codec);
}

static boolean on_full(j_compress_ptr codec) {
    deliver(codec, sizeof((destination *)codec->dest)->buffer);
    return TRUE;
}

static void on_end(j_compress_ptr codec) {
    destination *to = (destination *)codec->dest;
    deliver(codec, sizeof to->buffer - to->base.free_in_buffer);
}

/// A marker of at most 65533 bytes whose content is a prefix and a part of a block.
static void write_marker(
    j_compress_ptr codec, int marker, const char *prefix, size_t prefix_size, const uint8_t *bytes,
    size_t size) {
    jpeg_write_m_header(codec, marker, (unsigned)(prefix_size + size));
    for (size_t i = 0; i < prefix_size; i++) jpeg_write_m_byte(codec, (uint8_t)prefix[i]);
    for (size_t i = 0; i < size; i++) jpeg_write_m_byte(codec, bytes[i]);
}

static void write_metadata(j_compress_ptr codec, const percept_still_metadata *metadata) {
    static const char exif[] = "Exif\0", xmp[] = "http://ns.adobe.com/xap/1.0/";
    const size_t most = 65533;
    if (metadata->exif.size && metadata->exif.size + sizeof exif <= most)
        write_marker(
            codec, JPEG_APP0 + 1, exif, sizeof exif, metadata->exif.bytes, metadata->exif.size);
    if (metadata->xmp.size && metadata->xmp.size + sizeof xmp <= most)
        write_marker(
            codec, JPEG_APP0 + 1, xmp, sizeof xmp, metadata->xmp.bytes, metadata->xmp.size);
    // An ICC profile is cut into numbered pieces (ICC.1, annex B.4).
    const size_t piece = most - 14;
    size_t count = (metadata->icc.size + piece - 1) / piece;
    for (size_t i = 0; i < count && count < 256; i++) {
        char prefix[14] = "ICC_PROFILE";
        prefix[12] = (char)(i + 1);
        prefix[13] = (char)count;
        size_t left = metadata->icc.size - i * piece;
        write_marker(
            codec, JPEG_APP0 + 2, prefix, sizeof prefix, metadata->icc.bytes + i * piece,
            left < piece ? left : piece);
    }
}

/// Copies a row and repeats its last sample up to the padded width.
static void pad_row(uint8_t *to, const uint8_t *from, int width, int padded) {
    memcpy(to, from, (size_t)width);
    memset(to + width, from[width - 1], (size_t)(padded - width));
}

static void write_planes(j_compress_ptr codec, const percept_jpeg_picture *p, uint8_t *rows) {
    const int columns = (p->width + 8 * p->horizontal - 1) / (8 * p->horizontal);
    const int lines = 8 * p->vertical;
    JSAMPROW pointers[3][16];
    JSAMPARRAY planes[3] = {pointers[0], pointers[1], pointers[2]};
    for (int top = 0; top < p->height; top += lines) {
        uint8_t *next = rows;
        for (int c = 0; c < p->components; c++) {
            const int h = c == 0 ? 1 : p->horizontal, v = c == 0 ? 1 : p->vertical;
            const int width = (p->width + h - 1) / h, height = (p->height + v - 1) / v;
            const int padded = columns * 8 * (c == 0 ? p->horizontal : 1);
            for (int y = 0; y < lines / v; y++) {
                int row = top / v + y;
                if (row >= height) row = height - 1;
                pad_row(next, p->planes[c] + (size_t)row * p->strides[c], width, padded);
                pointers[c][y] = next;
                next += padded;
            }
        }
        jpeg_write_raw_data(codec, planes, (JDIMENSION)lines);
    }
}

static void write_rgb(j_compress_ptr codec, const percept_jpeg_picture *p, uint8_t *row) {
    for (int y = 0; y < p->height; y++) {
        for (int c = 0; c < 3; c++) {
            const uint8_t *from = p->planes[c] + (size_t)y * p->strides[c];
            for (int x = 0; x < p->width; x++) row[3 * x + c] = from[x];
        }
        JSAMPROW pointer = row;
        jpeg_write_scanlines(codec, &pointer, 1);
    }
}

int percept_jpeg_write(
    const percept_jpeg_picture *picture, int quality, const percept_still_metadata *metadata,
    percept_still_sink write, void *opaque, char *message, size_t message_size) {
    struct jpeg_compress_struct codec;
    error_manager errors;
    if (message_size) message[0] = 0;
    const size_t padded = (size_t)picture->width + 32;
    destination *to = (destination *)malloc(sizeof *to);
    uint8_t *rows = (uint8_t *)malloc(padded * 16 * 3);
    if (!to || !rows) {
        free(to);
        free(rows);
        if (message_size) snprintf(message, message_size, "out of memory");
        return 1;
    }
    codec.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = on_error;
    errors.base.output_message = on_message;
    errors.message = message;
    errors.message_size = message_size;
    jpeg_create_compress(&codec);
    if (setjmp(errors.escape)) {
        jpeg_destroy_compress(&codec);
        free(to);
        free(rows);
        return 1;
    }
    to->base.init_destination = begin;
    to->base.empty_output_buffer = on_full;
    to->base.term_destination = on_end;
    to->write = write;
    to->opaque = opaque;
    codec.dest = &to->base;
    codec.image_width = (JDIMENSION)picture->width;
    codec.image_height = (JDIMENSION)picture->height;
    codec.input_components = picture->components;
    codec.in_color_space = picture->components == 1 ? JCS_GRAYSCALE
        : picture->is_rgb                           ? JCS_RGB
                                                    : JCS_YCbCr;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, quality, TRUE);
    codec.optimize_coding = TRUE;
    if (picture->components == 3) {
        codec.comp_info[0].h_samp_factor = picture->is_rgb ? 1 : picture->horizontal;
        codec.comp_info[0].v_samp_factor = picture->is_rgb ? 1 : picture->vertical;
    }
    codec.raw_data_in = picture->is_rgb ? FALSE : TRUE;
    jpeg_start_compress(&codec, TRUE);
    write_metadata(&codec, metadata);
    if (picture->is_rgb)
        write_rgb(&codec, picture, rows);
    else
        write_planes(&codec, picture, rows);
    jpeg_finish_compress(&codec);
    jpeg_destroy_compress(&codec);
    free(to);
    free(rows);
    return 0;
}
