// Buffers that a decoder writes pictures into: which packet each belongs to, and what was never written.
import CFFmpeg

/// Numbers the buffers of one decoder, and fills them with a pattern that no picture has.
///
/// Attach it to a context before that is opened; it must live as long as the context.
final class PictureBuffers {
    /// What is written into buffers before they are handed out.
    enum Marking {
        case none
        /// Nothing, but buffers are kept until the next packet as marked ones are.
        case held
        /// A few samples of each block of 16x16, put back as they were where they are found again.
        case sparse
        /// All luma.
        case full
    }

    /// A buffer that was handed out for the packet in work.
    final class Handed {
        let number: Int
        let frame: UnsafeMutablePointer<AVFrame>
        /// What was there before sparse marks.
        let hidden: [UInt64]

        init(number: Int, holding frame: UnsafeMutablePointer<AVFrame>, hidden: [UInt64]) {
            (self.number, self.frame, self.hidden) = (number, frame, hidden)
        }

        deinit {
            var frame: UnsafeMutablePointer<AVFrame>? = frame
            av_frame_free(&frame)
        }
    }

    /// Buffers handed out for the packet in work, in order; more than one where whole pictures are missing.
    private(set) var handed: [Handed] = []
    private(set) var count = 0
    private let marking: Marking
    private var packet = 0
    private var numbers: [UnsafeMutableRawPointer: Int] = [:]

    /// Buffers with marks are kept until the next packet.
    init(_ context: UnsafeMutablePointer<AVCodecContext>, _ marking: Marking) {
        self.marking = marking
        context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.get_buffer2 = { context, frame, flags in
            let got = avcodec_default_get_buffer2(context, frame, flags)
            guard got >= 0, let frame, let opaque = context?.pointee.opaque else { return got }
            Unmanaged<PictureBuffers>.fromOpaque(opaque).takeUnretainedValue().note(frame)
            return got
        }
    }

    /// Begins another packet.
    func begin(packet: Int) {
        self.packet = packet
        handed = []
        count = 0
    }

    /// The number of the buffer that a decoded picture lies in: those of one packet follow one another.
    func number(of frame: UnsafePointer<AVFrame>) -> Int? {
        frame.pointee.buf.0.flatMap { numbers[UnsafeMutableRawPointer($0.pointee.data)] }
    }

    private func note(_ frame: UnsafeMutablePointer<AVFrame>) {
        guard let buffer = frame.pointee.buf.0 else { return }
        let number = packet << 8 | count
        count += 1
        // A decoder holds some dozens of buffers at most; those of other sizes are gone.
        if numbers.count > 512 { numbers.removeAll() }
        numbers[UnsafeMutableRawPointer(buffer.pointee.data)] = number
        guard marking != .none, let held = av_frame_clone(frame) else { return }
        if marking == .full { LossPattern.fill(frame, number: number) }
        let hidden = marking == .sparse ? LossPattern.mark(frame) : []
        handed.append(Handed(number: number, holding: held, hidden: hidden))
    }

    /// Whether a block of the packet's pictures was not written; sparse marks are taken away.
    func findUnwritten() -> Bool {
        guard marking == .sparse else { return false }
        return handed.reduce(false) { LossPattern.unmark($1.frame, $1.hidden) || $0 }
    }
}

/// Pseudo-random luma samples of each row, which no decoder writes by chance.
enum LossPattern {
    private static let period = 4096
    /// For samples of one byte, and of two bytes with 8 bits in use, which every depth holds.
    private static let bytes: [UInt8] = {
        var state: UInt32 = 0x9E37_79B9
        return (0..<(period + 8192 * 2)).map { _ in
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            return UInt8(truncatingIfNeeded: state >> 11)
        }
    }()
    private static let words: [UInt16] = bytes.map { UInt16($0) }

    /// Fills the luma of a buffer; another number has another pattern, so that a copy of one is no other.
    static func fill(_ frame: UnsafeMutablePointer<AVFrame>, number: Int) {
        forEachRow(frame, number) { row, pattern, byteCount in
            row.copyMemory(from: pattern, byteCount: byteCount)
        }
    }

    /// Cells of which a row of samples is still as it was filled.
    static func unwritten(_ frame: UnsafeMutablePointer<AVFrame>, number: Int) -> LossMap {
        var map = LossMap(width: Int(frame.pointee.width), height: Int(frame.pointee.height))
        let step = LossMap.cell * bytesPerSample(frame)
        var y = 0
        map.isLost.withUnsafeMutableBufferPointer { isLost in
            forEachRow(frame, number) { row, pattern, byteCount in
                let first = y / LossMap.cell * map.columns
                for column in 0..<(byteCount / step) {
                    let a = (row + column * step).loadUnaligned(as: UInt64.self)
                    guard a == (pattern + column * step).loadUnaligned(as: UInt64.self) else {
                        continue
                    }
                    isLost[first + column] = true
                }
                y += 1
            }
        }
        for index in map.isLost.indices where map.isLost[index] { map.share[index] = 1 }
        return map
    }

    /// Marks each whole block of 16x16 samples; returns what was there.
    static func mark(_ frame: UnsafeMutablePointer<AVFrame>) -> [UInt64] {
        var hidden: [UInt64] = []
        forEachMark(frame) { mark, pattern in
            hidden.append(mark.loadUnaligned(as: UInt64.self))
            mark.storeBytes(of: pattern, as: UInt64.self)
        }
        return hidden
    }

    /// Puts back what marks hid, where they are still there; whether one was.
    static func unmark(_ frame: UnsafeMutablePointer<AVFrame>, _ hidden: [UInt64]) -> Bool {
        var index = 0
        var isFound = false
        forEachMark(frame) { mark, pattern in
            if mark.loadUnaligned(as: UInt64.self) == pattern {
                mark.storeBytes(of: hidden[index], as: UInt64.self)
                isFound = true
            }
            index += 1
        }
        return isFound
    }

    private static func forEachMark(
        _ frame: UnsafeMutablePointer<AVFrame>, _ body: (UnsafeMutableRawPointer, UInt64) -> Void
    ) {
        guard let base = frame.pointee.data.0 else { return }
        let step = 16 * bytesPerSample(frame)
        bytes.withUnsafeBytes { pattern in
            for row in 0..<Int(frame.pointee.height) / 16 {
                let line =
                    UnsafeMutableRawPointer(base)
                    + (16 * row + 8) * Int(frame.pointee.linesize.0)
                for column in 0..<Int(frame.pointee.width) / 16 {
                    let offset = (row &* 1031 &+ column &* 8) % period
                    body(
                        line + column * step + 4,
                        pattern.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                }
            }
        }
    }

    private static func bytesPerSample(_ frame: UnsafeMutablePointer<AVFrame>) -> Int {
        let descriptor = av_pix_fmt_desc_get(AVPixelFormat(rawValue: frame.pointee.format))
        return (descriptor?.pointee.comp.0.depth ?? 8) > 8 ? 2 : 1
    }

    private static func forEachRow(
        _ frame: UnsafeMutablePointer<AVFrame>, _ number: Int,
        _ body: (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> Void
    ) {
        guard let base = frame.pointee.data.0 else { return }
        let size = bytesPerSample(frame)
        // Whole cells, as far as the buffer goes: decoders write whole blocks.
        let width = min((Int(frame.pointee.width) + 7) / 8 * 8, 8192 * 2)
        let byteCount = min(width * size, Int(frame.pointee.linesize.0))
        func rows(_ pattern: UnsafeRawPointer) {
            for y in 0..<Int(frame.pointee.height) {
                let offset = (y &* 1031 &+ number &* 1777) % period / 8 * 8
                body(
                    UnsafeMutableRawPointer(base) + y * Int(frame.pointee.linesize.0),
                    pattern + offset * size, byteCount)
            }
        }
        if size == 1 {
            bytes.withUnsafeBytes { rows($0.baseAddress!) }
        } else {
            words.withUnsafeBytes { rows($0.baseAddress!) }
        }
    }
}
