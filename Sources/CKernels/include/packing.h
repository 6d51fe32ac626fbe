// Planes of samples to a network's input in one pass, and a network's output back onto planes.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A plane of 8-bit (one byte) or deeper (two bytes) samples.
struct percept_samples {
    const void *base;
    ptrdiff_t bytes_per_row;
    int width, height, bytes_per_sample;
};

/// Where packets of `width` x `height` positions lie. Blocked: channel `c` of position `(x, y)` is
/// element `(c / 16) * plane_stride + (y * row_stride + x) * 16 + c % 16`; planar: element
/// `c * plane_stride + y * row_stride + x`.
struct percept_packet_layout {
    void *base;
    int is_bf16, is_blocked;
    int channels, width, height;
    ptrdiff_t row_stride, plane_stride;
};

enum percept_source_kind {
    PERCEPT_SOURCE_HAAR,    // luma -> LL, HL, LH, HH: four channels
    PERCEPT_SOURCE_WARPED,  // luma sampled bilinearly along a flow, then as above
    PERCEPT_SOURCE_CUBIC,   // luma sampled by cubic convolution along a flow, then as above
    PERCEPT_SOURCE_MEAN,    // mean over `step_x` x `step_y` samples: one channel
    PERCEPT_SOURCE_GRID,    // a coarse float grid, bilinearly expanded: one channel
    PERCEPT_SOURCE_CONSTANT // `offset[0]` everywhere: one channel
};

/// What fills channel `channel` and up; every value is stored as `value * scale + offset`.
struct percept_packet_source {
    enum percept_source_kind kind;
    int channel;
    struct percept_samples samples;
    int step_x, step_y;
    // GRID: `grid_x` holds the values. WARPED, CUBIC: displacement in samples, x and y. Grid cell (i, j)
    // covers `1 << grid_shift` positions each way and its value lies at their centre.
    const float *grid_x, *grid_y;
    int grid_width, grid_height, grid_shift;
    ptrdiff_t grid_stride;
    float scale[4], offset[4];
};

/// Fills the packets at `target` from `sources`; channels that no source names become zero.
void percept_pack(const struct percept_packet_source *sources, int count,
                  const struct percept_packet_layout *target, int threads);

enum percept_sink_kind { PERCEPT_SINK_HAAR, PERCEPT_SINK_MEAN };

/// A plane to write: `clip(round((source + inverse(packet * scale + offset)) * gain))`, where the
/// inverse is Haar's of four channels or one channel repeated over `step_x` x `step_y` samples.
/// Without a source (`source.base` null) the packets alone make the plane.
struct percept_packet_sink {
    enum percept_sink_kind kind;
    int channel;
    int step_x, step_y;
    struct percept_samples source;
    void *base;
    ptrdiff_t bytes_per_row;
    int width, height, bytes_per_sample;
    float gain, maximum;
    float scale[4], offset[4];
};

/// Writes planes from the packets at `source`.
void percept_unpack(const struct percept_packet_layout *source,
                    const struct percept_packet_sink *sinks, int count, int threads);
