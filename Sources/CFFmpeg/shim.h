// FFmpeg's libraries, with the macros that Swift cannot import turned into constants, and one
// spelling for what moved between FFmpeg 5.1 and 7.x.
#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/hdr_dynamic_metadata.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/motion_vector.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libavutil/timecode.h>
#include <libavutil/video_enc_params.h>
#include <libswscale/swscale.h>

#if LIBAVCODEC_VERSION_INT < AV_VERSION_INT(59, 37, 100)
#error "Percept needs FFmpeg 5.1 or newer"
#endif

// Error codes.
static const int percept_averror_again = AVERROR(EAGAIN);
static const int percept_averror_eof = AVERROR_EOF;
static const int percept_averror_no_memory = AVERROR(ENOMEM);
static const int percept_averror_invalid_argument = AVERROR(EINVAL);
static const int percept_averror_no_entry = AVERROR(ENOENT);
static const int percept_averror_access = AVERROR(EACCES);
static const int percept_averror_io = AVERROR(EIO);
static const int percept_averror_no_space = AVERROR(ENOSPC);
static const int percept_averror_invalid_data = AVERROR_INVALIDDATA;
static const int percept_averror_patch_welcome = AVERROR_PATCHWELCOME;
static const int percept_averror_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int percept_averror_encoder_not_found = AVERROR_ENCODER_NOT_FOUND;
static const int percept_averror_exit = AVERROR_EXIT;

static inline int percept_averror(int error_number) { return AVERROR(error_number); }

// Values.
static const int64_t percept_no_timestamp = AV_NOPTS_VALUE;
static const int64_t percept_time_base = AV_TIME_BASE;

/// A four-character tag such as "hvc1", in FFmpeg's order.
static inline uint32_t percept_tag(const char name[4]) {
    return MKTAG((uint8_t)name[0], (uint8_t)name[1], (uint8_t)name[2], (uint8_t)name[3]);
}

// What a decoded frame says of itself (FFmpeg 6.1 made flags of three fields).
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100)
static inline int percept_frame_is_key(const AVFrame *f) {
    return (f->flags & AV_FRAME_FLAG_KEY) != 0;
}
static inline int percept_frame_is_interlaced(const AVFrame *f) {
    return (f->flags & AV_FRAME_FLAG_INTERLACED) != 0;
}
static inline int percept_frame_is_top_field_first(const AVFrame *f) {
    return (f->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0;
}
static inline void percept_frame_set_interlaced(AVFrame *f, int interlaced, int top_field_first) {
    f->flags &= ~(AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST);
    if (interlaced) f->flags |= AV_FRAME_FLAG_INTERLACED;
    if (interlaced && top_field_first) f->flags |= AV_FRAME_FLAG_TOP_FIELD_FIRST;
}
#else
static inline int percept_frame_is_key(const AVFrame *f) { return f->key_frame; }
static inline int percept_frame_is_interlaced(const AVFrame *f) { return f->interlaced_frame; }
static inline int percept_frame_is_top_field_first(const AVFrame *f) { return f->top_field_first; }
static inline void percept_frame_set_interlaced(AVFrame *f, int interlaced, int top_field_first) {
    f->interlaced_frame = interlaced;
    f->top_field_first = interlaced && top_field_first;
}
#endif

// AVFrame.duration replaced pkt_duration in FFmpeg 6.0.
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
static inline int64_t percept_frame_duration(const AVFrame *f) { return f->duration; }
static inline void percept_frame_set_duration(AVFrame *f, int64_t d) { f->duration = d; }
#else
static inline int64_t percept_frame_duration(const AVFrame *f) { return f->pkt_duration; }
static inline void percept_frame_set_duration(AVFrame *f, int64_t d) { f->pkt_duration = d; }
#endif

// A stream's side data moved into its codec parameters in FFmpeg 6.1.
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
static inline const uint8_t *percept_stream_side_data(
    const AVStream *s, enum AVPacketSideDataType type, size_t *size) {
    const AVPacketSideData *found = av_packet_side_data_get(
        s->codecpar->coded_side_data, s->codecpar->nb_coded_side_data, type);
    if (size) *size = found ? found->size : 0;
    return found ? found->data : NULL;
}
static inline uint8_t *percept_stream_new_side_data(
    AVStream *s, enum AVPacketSideDataType type, size_t size) {
    AVPacketSideData *made = av_packet_side_data_new(
        &s->codecpar->coded_side_data, &s->codecpar->nb_coded_side_data, type, size, 0);
    return made ? made->data : NULL;
}
static inline void percept_stream_remove_side_data(AVStream *s, enum AVPacketSideDataType type) {
    av_packet_side_data_remove(
        s->codecpar->coded_side_data, &s->codecpar->nb_coded_side_data, type);
}
#else
static inline const uint8_t *percept_stream_side_data(
    const AVStream *s, enum AVPacketSideDataType type, size_t *size) {
    return av_stream_get_side_data(s, type, size);
}
static inline uint8_t *percept_stream_new_side_data(
    AVStream *s, enum AVPacketSideDataType type, size_t size) {
    return av_stream_new_side_data(s, type, size);
}
static inline void percept_stream_remove_side_data(AVStream *s, enum AVPacketSideDataType type) {
    for (int i = 0; i < s->nb_side_data; i++) {
        if (s->side_data[i].type != type) continue;
        av_freep(&s->side_data[i].data);
        s->side_data[i] = s->side_data[--s->nb_side_data];
        return;
    }
}
#endif

// The reference count of each plane that a quantiser map or a motion field stays valid with.
static inline const AVVideoBlockParams *percept_enc_params_blocks(const AVVideoEncParams *p) {
    return p->nb_blocks ? (const AVVideoBlockParams *)((const uint8_t *)p + p->blocks_offset) : NULL;
}

// Bits that a decoder sets for what it had to conceal.
static inline int percept_frame_is_damaged(const AVFrame *f) {
    return (f->flags & AV_FRAME_FLAG_CORRUPT) != 0 || f->decode_error_flags != 0;
}

#include "shim_write.h"
