// The quantiser that a coded picture's headers declare, for codecs whose decoders export none.
#pragma once
#include <libavcodec/avcodec.h>
#include <stdint.h>

typedef struct percept_coded_headers percept_coded_headers;

/// A reader of the headers of `parameters`' codec (HEVC, AV1, JPEG); NULL for other codecs.
percept_coded_headers *percept_coded_headers_open(
    const AVCodecParameters *parameters, AVRational time_base);

/// Reads the headers in one packet. Returns 1 and the quantiser, the mean over the picture's slices:
/// SliceQpY for HEVC, base_q_idx for AV1, the mean entry of the luma table for JPEG; 0 where the
/// packet declares none. The packet is left as it is.
int percept_coded_headers_read(
    percept_coded_headers *headers, const AVPacket *packet, double *quantiser);

/// Forgets what was read, after a change of position; parameter sets stay.
void percept_coded_headers_flush(percept_coded_headers *headers);

void percept_coded_headers_close(percept_coded_headers *headers);
