// Decoding of still pictures. libpng and libjpeg leave errors by longjmp, which must not cross
// Swift: every call here contains its own jump and returns a status.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
    PERCEPT_STILL_OK = 0,
    PERCEPT_STILL_CANNOT_OPEN = 1,
    PERCEPT_STILL_BAD_DATA = 2,
    PERCEPT_STILL_TOO_LARGE = 3,
    PERCEPT_STILL_UNSUPPORTED = 4,
    PERCEPT_STILL_NO_MEMORY = 5,
};

/// A blob or a text found beside the samples.
typedef struct {
    /// JPEG: marker code (0xE1 ...); PNG: 0 for text, 1 for ICC, 2 for EXIF.
    int kind;
    /// Key of a text or name of a profile; owned; may be NULL.
    char *key;
    /// Owned bytes.
    uint8_t *bytes;
    size_t count;
} percept_still_blob;

/// A decoded picture: planes for JPEG, interleaved samples in plane 0 for PNG.
typedef struct {
    uint32_t width, height;
    /// JPEG: the size as the file says it, where the picture was read smaller.
    uint32_t full_width, full_height;
    /// Bits a sample (8 or 16) and components (1 to 4).
    int depth, components;
    /// JPEG: 0 gray, 1 YCbCr, 2 RGB; log2 of the chroma subsampling in x and y.
    int colour, chroma_shift_x, chroma_shift_y;
    /// JPEG: whether chroma had to be upsampled by libjpeg.
    int is_upsampled;
    /// Owned planes of uint8_t, or of native uint16_t for 16-bit PNG.
    void *planes[3];
    size_t bytes_per_row[3];
    /// JPEG: luma quantisation table, natural order; has_table says whether it is there.
    uint16_t luma_table[64];
    int has_table;
    /// JPEG: the data ended before the picture; other warnings.
    int is_truncated, warnings;
    /// PNG: gamma x 100000 or 0; sRGB intent or -1; pixels a metre, or 0.
    uint32_t gamma;
    int srgb_intent;
    uint32_t dots_x, dots_y;
    int dots_unit;
    percept_still_blob *blobs;
    int blob_count;
    /// One line about a failure.
    char message[256];
} percept_still;

/// Decodes the PNG file at `path`; more than `max_pixels` are refused before memory is taken.
int percept_png_read(const char *path, uint64_t max_pixels, percept_still *still);

/// Decodes the JPEG file at `path` to its own planes where they are 4:2:0, 4:2:2, 4:4:4 or gray.
///
/// `enough`: 0, or how many pixels its longer side must keep: it is then read at a half, a quarter or an eighth of its
/// size, which takes as much less time, chroma as large as luma.
int percept_jpeg_read(
    const char *path, uint64_t max_pixels, uint32_t enough, percept_still *still);

/// Frees everything that `still` owns.
void percept_still_free(percept_still *still);

/// Frees one plane that was taken out of a still.
void percept_still_free_plane(void *plane);

/// Keeps a copy of `count` bytes; 0 where memory is short. For the readers.
int percept_still_keep(
    percept_still *still, int kind, const char *key, const void *bytes, size_t count);
