// Quantisers are read from the headers of packets that nobody has checked yet.
import CFFmpeg
import CHeaders

/// An input is a byte for the codec, the global header with a length of two bytes, and packets with
/// such a length each.
private struct Input {
    var rest: UnsafeBufferPointer<UInt8>.SubSequence

    mutating func byte() -> Int { rest.popFirst().map { Int($0) } ?? 0 }

    /// A length of two bytes, and as many bytes as are left of it.
    mutating func block() -> [UInt8] {
        let count = byte() | byte() << 8
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

/// Called by libFuzzer with each input: reads the quantiser of each of its packets.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHeaders(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Input(rest: UnsafeBufferPointer(start: start, count: count)[...])
    let codecs = [AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1, AV_CODEC_ID_MJPEG]
    guard var parameters = avcodec_parameters_alloc() as UnsafeMutablePointer<AVCodecParameters>?,
        let packet = av_packet_alloc()
    else { return -1 }
    var end: UnsafeMutablePointer<AVPacket>? = packet
    var all: UnsafeMutablePointer<AVCodecParameters>? = parameters
    defer {
        av_packet_free(&end)
        avcodec_parameters_free(&all)
    }
    parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
    parameters.pointee.codec_id = codecs[input.byte() % codecs.count]
    let header = input.block()
    if !header.isEmpty {
        let padding = Int(AV_INPUT_BUFFER_PADDING_SIZE)
        let copy = av_mallocz(header.count + padding)!.assumingMemoryBound(to: UInt8.self)
        copy.update(from: header, count: header.count)
        parameters.pointee.extradata = copy
        parameters.pointee.extradata_size = Int32(header.count)
    }
    guard
        let reader = percept_coded_headers_open(parameters, AVRational(num: 1, den: 25))
    else { return 0 }
    defer { percept_coded_headers_close(reader) }
    while !input.rest.isEmpty {
        let bytes = input.block()
        guard !bytes.isEmpty, av_new_packet(packet, Int32(bytes.count)) == 0 else { continue }
        packet.pointee.data.update(from: bytes, count: bytes.count)
        var quantiser = Double.nan
        if percept_coded_headers_read(reader, packet, &quantiser) != 0 {
            precondition(quantiser.isFinite, "a quantiser that is none")
        } else {
            precondition(quantiser.isNaN, "a quantiser that was not found")
        }
        av_packet_unref(packet)
        if bytes[0] == 0xFF { percept_coded_headers_flush(reader) }
    }
    return 0
}
