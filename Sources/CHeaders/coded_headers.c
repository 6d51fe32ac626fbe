// Reads quantisers out of coded headers through libavcodec's own parser of them.
//
// The parser (the bitstream filter "trace_headers") reports each syntax element as a line of log, and
// that is its only interface: while a packet is in it, this thread's lines are read here instead of
// being printed. Names of elements are those of the standards: HEVC 7.3, AV1 5.9.12, JPEG B.2.4.1.
#include "include/coded_headers.h"

#include <libavcodec/bsf.h>
#include <libavutil/log.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETER_SETS = 64, REFERENCE_SLOTS = 8 };

struct percept_coded_headers {
    AVBSFContext *filter;
    AVPacket *packet;
    int initial[PARAMETER_SETS];  // init_qp_minus26 of each picture parameter set of HEVC
    int parameter_set, slice_set;
    int slots[REFERENCE_SLOTS];  // base_q_idx of the frames that AV1 keeps; -1 for none
    unsigned refreshed;          // slots that the frame being read goes to
    int table;       // which JPEG table is being read, -1 for none
    int declared;    // slices, or entries of the table, that were read
    long long sum;   // of their quantisers
};

static _Thread_local percept_coded_headers *reading;

static void take(percept_coded_headers *h, const char *name, long long value) {
    if (!strcmp(name, "pps_pic_parameter_set_id")) {
        h->parameter_set = value >= 0 && value < PARAMETER_SETS ? (int)value : 0;
    } else if (!strcmp(name, "init_qp_minus26")) {
        h->initial[h->parameter_set] = (int)value;
    } else if (!strcmp(name, "slice_pic_parameter_set_id")) {
        h->slice_set = value >= 0 && value < PARAMETER_SETS ? (int)value : 0;
    } else if (!strcmp(name, "slice_qp_delta")) {
        h->sum += 26 + h->initial[h->slice_set] + value;
        h->declared++;
    } else if (!strcmp(name, "show_existing_frame")) {
        h->refreshed = 0xff;  // of key frames, which do not say it
    } else if (!strcmp(name, "refresh_frame_flags")) {
        h->refreshed = (unsigned)value;
    } else if (!strcmp(name, "frame_to_show_map_idx")) {
        // A frame that was coded in an earlier packet is shown.
        int kept = value >= 0 && value < REFERENCE_SLOTS ? h->slots[value] : -1;
        h->sum = kept;
        h->declared = kept >= 0;
    } else if (!strcmp(name, "base_q_idx")) {
        // Of several frames in one packet the last is the one that is shown.
        h->sum = value;
        h->declared = 1;
        for (int slot = 0; slot < REFERENCE_SLOTS; slot++)
            if (h->refreshed >> slot & 1) h->slots[slot] = (int)value;
    } else if (!strcmp(name, "Tq")) {
        h->table = (int)value;
    } else if (!strncmp(name, "Q[", 2) && h->table == 0) {
        h->sum += value;
        h->declared++;
    }
}

/// Lines look like `16          init_qp_minus26                          1 = 0`.
static void listen(void *source, int level, const char *format, va_list arguments) {
    if (!reading) {
        av_log_default_callback(source, level, format, arguments);
        return;
    }
    char line[256];
    vsnprintf(line, sizeof line, format, arguments);
    char *name = line + strspn(line, "0123456789");
    if (name == line) return;
    name += strspn(name, " ");
    char *end = name + strcspn(name, " ");
    char *equals = strstr(end, " = ");
    if (!equals) return;
    *end = 0;
    take(reading, name, strtoll(equals + 3, NULL, 10));
}

static void forget_slots(percept_coded_headers *h) {
    for (int slot = 0; slot < REFERENCE_SLOTS; slot++) h->slots[slot] = -1;
}

static void start_listening(void) { av_log_set_callback(listen); }

percept_coded_headers *percept_coded_headers_open(
    const AVCodecParameters *parameters, AVRational time_base) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    enum AVCodecID codec = parameters->codec_id;
    if (codec != AV_CODEC_ID_HEVC && codec != AV_CODEC_ID_AV1 && codec != AV_CODEC_ID_MJPEG)
        return NULL;
    const AVBitStreamFilter *parser = av_bsf_get_by_name("trace_headers");
    percept_coded_headers *h = calloc(1, sizeof *h);
    if (!h || !parser) goto failed;
    pthread_once(&once, start_listening);
    forget_slots(h);
    h->packet = av_packet_alloc();
    if (!h->packet || av_bsf_alloc(parser, &h->filter) < 0) goto failed;
    if (avcodec_parameters_copy(h->filter->par_in, parameters) < 0) goto failed;
    h->filter->time_base_in = time_base;
    // Parameter sets of most containers stand here, outside all packets.
    reading = h;
    int opened = av_bsf_init(h->filter);
    reading = NULL;
    if (opened < 0) goto failed;
    return h;
failed:
    percept_coded_headers_close(h);
    return NULL;
}

int percept_coded_headers_read(
    percept_coded_headers *h, const AVPacket *packet, double *quantiser) {
    h->declared = 0;
    h->sum = 0;
    h->table = -1;
    if (av_packet_ref(h->packet, packet) < 0) return 0;
    reading = h;
    if (av_bsf_send_packet(h->filter, h->packet) < 0) av_packet_unref(h->packet);
    while (av_bsf_receive_packet(h->filter, h->packet) >= 0) av_packet_unref(h->packet);
    reading = NULL;
    if (!h->declared) return 0;
    *quantiser = (double)h->sum / h->declared;
    return 1;
}

void percept_coded_headers_flush(percept_coded_headers *h) {
    av_bsf_flush(h->filter);
    forget_slots(h);
}

void percept_coded_headers_close(percept_coded_headers *h) {
    if (!h) return;
    av_bsf_free(&h->filter);
    av_packet_free(&h->packet);
    free(h);
}
