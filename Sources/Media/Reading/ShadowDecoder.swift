// A decoder beside another one, whose buffers are looked into after each packet.
import CFFmpeg

/// Decodes the same packets without concealment, so that what was never decoded can be seen and repaired; or with it, so
/// that its guess can be seen and replaced.
final class ShadowDecoder {
    let buffers: PictureBuffers
    /// Pictures that came out and wait to be asked for, by the number of their buffer.
    private var finished: [(number: Int, picture: DecodedPicture)] = []
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    /// Pictures kept at most until they are asked for.
    private let limit = 40
    /// Numbers of pictures that nobody will ask for: they are decoded for the sake of others.
    var unwanted: Set<Int> = []
    /// How many pictures wait.
    var finishedCount: Int { finished.count }

    /// A decoder of what `other` decodes; nil where there is none.
    ///
    /// - Parameters:
    ///   - threads: To decode with: with several FFmpeg's MPEG-2 decoder loses the slices behind one that is lost, and its
    ///     H.264 decoder does not conceal.
    ///   - conceals: Whether it fills what was lost.
    ///   - endsTornSlices: Whether H.264 slices end where their bytes do: see ``TornPicture/showingEnds(_:_:)``.
    init?(
        beside other: UnsafeMutablePointer<AVCodecContext>,
        _ parameters: UnsafePointer<AVCodecParameters>, threads: Int32 = 1,
        conceals: Bool = false, endsTornSlices: Bool = false
    ) {
        guard let context = avcodec_alloc_context3(other.pointee.codec),
            let frame = av_frame_alloc()
        else { return nil }
        self.context = context
        self.frame = frame
        buffers = PictureBuffers(context, conceals ? .held : .full)
        guard avcodec_parameters_to_context(context, parameters) >= 0 else { return nil }
        context.pointee.pkt_timebase = other.pointee.pkt_timebase
        context.pointee.framerate = other.pointee.framerate
        context.pointee.thread_count = threads
        context.pointee.thread_type = other.pointee.thread_type
        context.pointee.max_pixels = other.pointee.max_pixels
        context.pointee.flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT
        // Its filter over the borders of what it filled would smooth what was decoded, too.
        context.pointee.error_concealment = conceals ? FF_EC_GUESS_MVS : 0
        if endsTornSlices { context.pointee.workaround_bugs |= FF_BUG_TRUNCATED }
        guard avcodec_open2(context, other.pointee.codec, nil) >= 0 else { return nil }
    }

    deinit {
        finished = []
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        avcodec_free_context(&context)
        av_frame_free(&frame)
    }

    /// Decodes packets before those of the video, and forgets their pictures. The video has to begin with a picture that
    /// makes decoders forget what was before: flushing would also free what they are to remember.
    func see(_ packets: [[UInt8]]) {
        buffers.begin(packet: -1)
        for bytes in packets {
            guard let packet = OwnPacket(bytes),
                avcodec_send_packet(context, packet.pointer) >= 0
            else { break }
            while avcodec_receive_frame(context, frame) >= 0 { av_frame_unref(frame) }
        }
    }

    /// Decodes one packet; nil: what is still inside comes out.
    func decode(_ packet: UnsafePointer<AVPacket>?, number: Int) {
        buffers.begin(packet: number)
        guard avcodec_send_packet(context, packet) >= 0 || packet == nil else { return }
        while true {
            let received = avcodec_receive_frame(context, frame)
            if received == percept_averror_again || received == percept_averror_eof { return }
            guard received >= 0 else { continue }
            guard let number = buffers.number(of: frame), number >= 0, !unwanted.contains(number),
                let picture = try? DecodedPicture(taking: frame)
            else { continue }
            finished.append((number, picture))
            if finished.count > limit { finished.removeFirst() }
        }
    }

    /// The picture of a number, once; nil where it did not come out.
    func take(_ number: Int) -> DecodedPicture? {
        guard let index = finished.firstIndex(where: { $0.number == number }) else { return nil }
        return finished.remove(at: index).picture
    }
}
