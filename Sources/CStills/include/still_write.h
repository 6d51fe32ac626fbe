// PNG and JPEG out through libpng and libjpeg: their longjmp never leaves this target.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Receives bytes of the file; 0, or non-zero to stop.
typedef int (*percept_still_sink)(void *opaque, const void *bytes, size_t size);

/// A block of metadata; NULL where there is none.
typedef struct percept_still_block {
    const uint8_t *bytes;
    size_t size;
} percept_still_block;

/// What travels with a picture: EXIF as TIFF (no "Exif" prefix), an ICC profile, an XMP packet.
typedef struct percept_still_metadata {
    percept_still_block exif, icc, xmp;
} percept_still_metadata;

/// Writes a PNG of interleaved samples; 16-bit samples in the machine's order.
///
/// `channels`: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. `significant_bits`: below `depth` where the
/// samples were widened (sBIT), else 0. `compression`: 0 to 9. On failure non-zero, and `message`
/// (of `message_size`) says why; empty where the sink refused.
int percept_png_write(
    const void *samples, size_t stride, int width, int height, int channels, int depth,
    int significant_bits, int compression, const percept_still_metadata *metadata,
    percept_still_sink sink, void *opaque, char *message, size_t message_size);

/// Planes of 8-bit samples: one of gray, three of Y, Cb, Cr, or three of R, G, B.
typedef struct percept_jpeg_picture {
    const uint8_t *planes[3];
    size_t strides[3];
    int width, height;
    int components;
    /// Luma samples for one chroma sample: 1 or 2 each way.
    int horizontal, vertical;
    int is_rgb;
} percept_jpeg_picture;

/// Writes a JPEG; Y, Cb and Cr go in as they are, without any conversion. `quality`: 1 to 100.
/// Returns as `percept_png_write`.
int percept_jpeg_write(
    const percept_jpeg_picture *picture, int quality, const percept_still_metadata *metadata,
    percept_still_sink sink, void *opaque, char *message, size_t message_size);
