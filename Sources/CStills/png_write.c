// PNG through libpng.
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/still_write.h"

typedef struct png_sink {
    percept_still_sink write;
    void *opaque;
    char *message;
    size_t message_size;
} png_sink;

static void on_error(png_structp png, png_const_charp text) {
    png_sink *sink = (png_sink *)png_get_error_ptr(png);
    if (sink->message_size && !sink->message[0])
        snprintf(sink->message, sink->message_size, "%s", text);
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png, (void)text;
}

static void on_write(png_structp png, png_bytep bytes, png_size_t size) {
    png_sink *sink = (png_sink *)png_get_io_ptr(png);
    // The sink knows why it refused: no message of libpng's may hide that.
    if (sink->write(sink->opaque, bytes, size)) longjmp(png_jmpbuf(png), 1);
}

static void on_flush(png_structp png) { (void)png; }

static void set_metadata(
    png_structp png, png_infop info, const percept_still_metadata *metadata) {
    if (metadata->icc.size)
        png_set_iCCP(
            png, info, "ICC", PNG_COMPRESSION_TYPE_BASE, metadata->icc.bytes,
            (png_uint_32)metadata->icc.size);
#ifdef PNG_eXIf_SUPPORTED
    if (metadata->exif.size)
        png_set_eXIf_1(
            png, info, (png_uint_32)metadata->exif.size, (png_bytep)metadata->exif.bytes);
#endif
    if (metadata->xmp.size) {
        char *text = (char *)malloc(metadata->xmp.size + 1);
        if (!text) return;
        memcpy(text, metadata->xmp.bytes, metadata->xmp.size);
        text[metadata->xmp.size] = 0;
        png_text entry;
        memset(&entry, 0, sizeof entry);
        entry.compression = PNG_ITXT_COMPRESSION_NONE;
        entry.key = (png_charp) "XML:com.adobe.xmp";
        entry.text = text;
        entry.itxt_length = metadata->xmp.size;
        png_set_text(png, info, &entry, 1);
        free(text);
    }
}

int percept_png_write(
    const void *samples, size_t stride, int width, int height, int channels, int depth,
    int significant_bits, int compression, const percept_still_metadata *metadata,
    percept_still_sink write, void *opaque, char *message, size_t message_size) {
    static const int types[] = {
        0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
        PNG_COLOR_TYPE_RGB_ALPHA};
    png_sink sink = {write, opaque, message, message_size};
    if (message_size) message[0] = 0;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &sink, on_error, on_warning);
    if (!png) return 1;
    png_infop info = png_create_info_struct(png);
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return 1;
    }
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_write_fn(png, &sink, on_write, on_flush);
    png_set_compression_level(png, compression);
    png_set_IHDR(
        png, info, (png_uint_32)width, (png_uint_32)height, depth, types[channels],
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (significant_bits) {
        png_color_8 bits;
        bits.red = bits.green = bits.blue = bits.gray = bits.alpha = (png_byte)significant_bits;
        png_set_sBIT(png, info, &bits);
    }
    set_metadata(png, info, metadata);
    png_write_info(png, info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (depth == 16) png_set_swap(png);
#endif
    for (int y = 0; y < height; y++)
        png_write_row(png, (png_const_bytep)samples + (size_t)y * stride);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return 0;
}
