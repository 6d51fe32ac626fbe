// A small H.264 stream in which everything moves, for a decoder to have seen before a video.
import CFFmpeg

/// A key frame of one grey and pictures that are predicted from it, each block by the same vector and without any
/// residual.
///
/// FFmpeg's H.264 decoder keeps the motion of a picture in memory that an earlier one had: where a block is lost, that
/// one's stays. At first there is none, and a block of a B-frame that asks whether its neighbour in time moves is told
/// that it does not. A decoder that has seen this stream is told that it does.
enum MovingStream {
    /// What a decoder's pictures are like.
    struct Format: Equatable {
        /// In blocks of 16x16 samples.
        let columns: Int, rows: Int
        /// 1 to 3: 4:2:0, 4:2:2, 4:4:4; bits of a sample.
        let chroma: Int, depth: Int
        /// Width of a sample to its height; 0 where it is not known.
        let aspect: Rational
        /// Bytes in front of each unit that say how long it is; nil: units begin with a start code.
        let lengthBytes: Int?
    }

    /// Pictures after the key frame, and how many of them decoders keep: more than most videos have them keep.
    static let count = 10, kept = 8
    /// In quarters of a sample.
    static let vector = (x: 44, y: -28)
    /// Numbers of the parameter sets: the highest there are, which hardly a video uses.
    private static let (sequence, picture) = (31, 255)

    /// The stream, a packet for each picture.
    static func packets(_ format: Format) -> [[UInt8]] {
        (0...count).map { number in
            let slice = (number == 0 ? 0x65 : 0x41, self.slice(number, format))
            let units =
                number == 0
                ? [(0x67, sequenceParameters(format)), (0x68, pictureParameters()), slice]
                : [slice]
            return units.flatMap { unit(UInt8($0.0), $0.1, format.lengthBytes) }
        }
    }

    /// A unit with its header, its length or start code in front.
    private static func unit(_ header: UInt8, _ bits: UnitBits, _ lengthBytes: Int?) -> [UInt8] {
        var bytes = [header]
        var zeros = 0
        for byte in bits.finished {
            if zeros == 2, byte <= 3 {
                bytes.append(3)
                zeros = 0
            }
            bytes.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        guard let lengthBytes else { return [0, 0, 0, 1] + bytes }
        return (0..<lengthBytes).reversed().map {
            UInt8(truncatingIfNeeded: bytes.count >> (8 * $0))
        } + bytes
    }

    private static func sequenceParameters(_ format: Format) -> UnitBits {
        var bits = UnitBits()
        // Profile (High, or High 4:4:4 Predictive), no constraints, level 6.2.
        bits.put(format.chroma == 1 && format.depth == 8 ? 100 : 244, 8)
        bits.put(0, 8)
        bits.put(62, 8)
        bits.unsigned(sequence)
        bits.unsigned(format.chroma)
        if format.chroma == 3 { bits.put(0, 1) }
        bits.unsigned(format.depth - 8)
        bits.unsigned(format.depth - 8)
        bits.put(0, 2)
        // Frame numbers of four bits; pictures are shown as they are decoded.
        bits.unsigned(0)
        bits.unsigned(2)
        bits.unsigned(kept)
        bits.put(0, 1)
        bits.unsigned(format.columns - 1)
        bits.unsigned(format.rows - 1)
        // Frames only, motion of 8x8 blocks, no cropping.
        bits.put(0b110, 3)
        guard format.aspect.numerator > 0 else {
            bits.put(0, 1)
            return bits
        }
        // The aspect of samples, and nothing else that a screen would ask for.
        bits.put(0b11, 2)
        bits.put(255, 8)
        bits.put(Int(format.aspect.numerator), 16)
        bits.put(Int(format.aspect.denominator), 16)
        bits.put(0, 8)
        return bits
    }

    private static func pictureParameters() -> UnitBits {
        var bits = UnitBits()
        bits.unsigned(picture)
        bits.unsigned(sequence)
        // Variable lengths, one order of fields, one group of slices, one reference, no weights.
        bits.put(0, 2)
        for _ in 0..<3 { bits.unsigned(0) }
        bits.put(0, 3)
        for _ in 0..<3 { bits.signed(0) }
        // Slices say how they are filtered.
        bits.put(0b100, 3)
        return bits
    }

    private static func slice(_ number: Int, _ format: Format) -> UnitBits {
        var bits = UnitBits()
        bits.unsigned(0)
        bits.unsigned(number == 0 ? 7 : 5)
        bits.unsigned(picture)
        bits.put(number, 4)
        if number == 0 {
            // The picture's number, and nothing to be kept from before.
            bits.unsigned(0)
            bits.put(0, 2)
        } else {
            // The usual references in the usual order, of which the oldest is forgotten.
            bits.put(0, 3)
        }
        // The usual quantiser, no filter.
        bits.signed(0)
        bits.unsigned(1)
        for block in 0..<format.columns * format.rows {
            number == 0 ? grey(&bits, format.chroma) : moving(&bits, isFirst: block == 0)
        }
        return bits
    }

    /// A block that takes on the mean of its neighbours, or grey where there are none.
    private static func grey(_ bits: inout UnitBits, _ chroma: Int) {
        bits.unsigned(3)
        if chroma < 3 { bits.unsigned(0) }
        bits.signed(0)
        // No coefficient of luma, nor of planes that are coded as luma is.
        for _ in 0..<(chroma == 3 ? 3 : 1) { bits.put(1, 1) }
    }

    /// A block of one vector; all but the first have that of their neighbours.
    private static func moving(_ bits: inout UnitBits, isFirst: Bool) {
        bits.unsigned(0)
        bits.unsigned(0)
        bits.signed(isFirst ? vector.x : 0)
        bits.signed(isFirst ? vector.y : 0)
        bits.unsigned(0)
    }
}

extension MovingStream.Format {
    /// What `context` decodes, as its bytes are packed in its container; nil where H.264 has nothing of that kind.
    init?(_ context: UnsafeMutablePointer<AVCodecContext>) {
        let context = context.pointee
        guard context.codec_id == AV_CODEC_ID_H264, context.coded_width > 0,
            context.coded_height > 0, let descriptor = av_pix_fmt_desc_get(context.pix_fmt)
        else { return nil }
        (columns, rows) = (Int(context.coded_width + 15) / 16, Int(context.coded_height + 15) / 16)
        let shifts = (descriptor.pointee.log2_chroma_w, descriptor.pointee.log2_chroma_h)
        switch shifts {
        case _ where descriptor.pointee.nb_components < 3: return nil
        case (1, 1): chroma = 1
        case (1, 0): chroma = 2
        case (0, 0): chroma = 3
        default: return nil
        }
        depth = Int(descriptor.pointee.comp.0.depth)
        aspect = Rational(context.sample_aspect_ratio)
        guard (0..<65536).contains(aspect.numerator), (0..<65536).contains(aspect.denominator)
        else { return nil }
        // Lengths where the decoder's own header begins with its version.
        if context.extradata_size > 4, let header = context.extradata, header[0] == 1 {
            lengthBytes = Int(header[4] & 3) + 1
        } else {
            lengthBytes = nil
        }
    }
}

extension MovingStream.Format {
    /// Whether a packet's picture makes decoders forget what they had before: an IDR picture.
    func beginsAnew(_ packet: UnsafeBufferPointer<UInt8>) -> Bool {
        /// Nil where a unit is no slice.
        func verdict(_ header: UInt8) -> Bool? {
            [1, 2, 5].contains(header & 31) ? header & 31 == 5 : nil
        }
        var index = 0
        guard let lengthBytes else {
            while index + 3 < packet.count {
                if packet[index] == 0, packet[index + 1] == 0, packet[index + 2] == 1 {
                    if let found = verdict(packet[index + 3]) { return found }
                    index += 3
                } else {
                    index += 1
                }
            }
            return false
        }
        while index + lengthBytes < packet.count {
            let length = packet[index..<index + lengthBytes].reduce(0) { $0 << 8 | Int($1) }
            if let found = verdict(packet[index + lengthBytes]) { return found }
            index += lengthBytes + length
        }
        return false
    }
}

/// The bits of a unit.
private struct UnitBits {
    private var bits = BitString()

    mutating func put(_ value: Int, _ length: Int) { bits.put(value, length) }

    /// Exponential Golomb code.
    mutating func unsigned(_ value: Int) {
        let length = Int.bitWidth - (value + 1).leadingZeroBitCount
        put(0, length - 1)
        put(value + 1, length)
    }

    mutating func signed(_ value: Int) { unsigned(value > 0 ? 2 * value - 1 : -2 * value) }

    /// With the bit that ends a unit.
    var finished: [UInt8] {
        var bits = bits
        bits.put(1, 1)
        return bits.bytes
    }
}
