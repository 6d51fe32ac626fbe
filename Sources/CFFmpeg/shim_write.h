// What writing needs of FFmpeg's libraries: an output descriptor behind AVIOContext, chapters,
// and the macros that Swift cannot import.
#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/intreadwrite.h>
#include <stdint.h>
#include <unistd.h>

/// An output descriptor that remembers its first failure: muxers drop return codes, this does not.
typedef struct percept_output {
    int descriptor;
    /// errno of the first failed write, seek or sync; 0 while all is well.
    int error;
    int64_t position;
    /// Largest byte count so far.
    int64_t size;
    /// Bytes after which writing fails as on a full disk; negative: no limit.
    int64_t capacity;
} percept_output;

/// Writes all of `size` bytes; 0, or the errno of the first failure, which then stays.
static inline int percept_output_write(percept_output *o, const void *bytes, size_t size) {
    const uint8_t *next = (const uint8_t *)bytes;
    if (o->error) return o->error;
    if (o->capacity >= 0 && o->position + (int64_t)size > o->capacity) return o->error = ENOSPC;
    while (size > 0) {
        ssize_t done = write(o->descriptor, next, size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return o->error = done < 0 ? errno : EIO;
        next += done;
        size -= (size_t)done;
        o->position += done;
        if (o->position > o->size) o->size = o->position;
    }
    return 0;
}

#if LIBAVFORMAT_VERSION_MAJOR >= 61
static inline int percept_output_write_packet(void *opaque, const uint8_t *bytes, int size)
#else
static inline int percept_output_write_packet(void *opaque, uint8_t *bytes, int size)
#endif
{
    int failed = percept_output_write((percept_output *)opaque, bytes, (size_t)size);
    return failed ? AVERROR(failed) : size;
}

static inline int64_t percept_output_seek(void *opaque, int64_t offset, int whence) {
    percept_output *o = (percept_output *)opaque;
    if (whence & AVSEEK_SIZE) return o->size;
    off_t now = lseek(o->descriptor, offset, whence & ~AVSEEK_FORCE);
    if (now < 0) {
        if (!o->error) o->error = errno;
        return AVERROR(errno);
    }
    return o->position = now;
}

/// FFmpeg's I/O over `o`, which must outlive it.
static inline AVIOContext *percept_output_open(percept_output *o, int is_seekable) {
    const int size = 1 << 18;
    uint8_t *buffer = (uint8_t *)av_malloc(size);
    if (!buffer) return NULL;
    AVIOContext *io = avio_alloc_context(
        buffer, size, 1, o, NULL, percept_output_write_packet,
        is_seekable ? percept_output_seek : NULL);
    if (!io) av_free(buffer);
    return io;
}

/// Frees the I/O of `percept_output_open`, not the descriptor.
static inline void percept_output_close(AVIOContext **io) {
    if (!*io) return;
    av_freep(&(*io)->buffer);
    avio_context_free(io);
}

/// Appends a chapter whose metadata is copied; 0 or a negative error.
static inline int percept_add_chapter(
    AVFormatContext *c, int64_t id, AVRational time_base, int64_t start, int64_t end,
    const AVDictionary *metadata) {
    AVChapter **grown =
        (AVChapter **)av_realloc_array(c->chapters, c->nb_chapters + 1, sizeof(*c->chapters));
    if (!grown) return AVERROR(ENOMEM);
    c->chapters = grown;
    AVChapter *chapter = (AVChapter *)av_mallocz(sizeof(*chapter));
    if (!chapter) return AVERROR(ENOMEM);
    chapter->id = id;
    chapter->time_base = time_base;
    chapter->start = start;
    chapter->end = end;
    c->chapters[c->nb_chapters++] = chapter;
    return av_dict_copy(&chapter->metadata, metadata, 0);
}

/// Copies every side data of stream `from` to stream `to`; 0 or a negative error.
static inline int percept_copy_stream_side_data(AVStream *to, const AVStream *from) {
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
    for (int i = 0; i < from->nb_side_data; i++) {
        const AVPacketSideData *source = &from->side_data[i];
        uint8_t *copy = av_stream_new_side_data(to, source->type, source->size);
        if (!copy) return AVERROR(ENOMEM);
        for (size_t k = 0; k < source->size; k++) copy[k] = source->data[k];
    }
#else
    (void)to, (void)from;  // Lies in the codec parameters, and is copied with them.
#endif
    return 0;
}

/// Whether the Matroska muxer adds the delay that it declares for a codec to the times of its blocks,
/// as readers expect; before FFmpeg 6.0 it did not.
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(59, 31, 100)
static const int percept_matroska_adds_codec_delay = 1;
#else
static const int percept_matroska_adds_codec_delay = 0;
#endif

static inline int percept_format_has_global_header(const AVOutputFormat *f) {
    return (f->flags & AVFMT_GLOBALHEADER) != 0;
}
static inline int percept_timestamps_may_jump(const AVInputFormat *f) {
    return (f->flags & AVFMT_TS_DISCONT) != 0;
}
// Replaces what a decoder must know before the first packet.
static inline int percept_set_extradata(AVCodecParameters *p, const uint8_t *bytes, int count) {
    av_freep(&p->extradata);
    p->extradata_size = 0;
    if (count <= 0) return 0;
    p->extradata = (uint8_t *)av_mallocz((size_t)count + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!p->extradata) return AVERROR(ENOMEM);
    memcpy(p->extradata, bytes, (size_t)count);
    p->extradata_size = count;
    return 0;
}
