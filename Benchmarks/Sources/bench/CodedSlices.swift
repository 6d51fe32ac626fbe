// Elementary streams taken apart into slices, and put together again without some of them.
import Tensors

/// A coded video in pieces, of which those with a picture's number are slices that may be lost.
struct CodedSlices {
    /// How pictures are coded.
    enum Codec: String, CaseIterable {
        case h264, mpeg2, mpeg4

        /// What ffmpeg is told to encode so that pictures have several slices.
        var encoding: String {
            switch self {
            case .h264:
                "-c:v libx264 -preset medium -crf 23 -g 48 "
                    + "-x264-params slices=8:aud=1"
            case .mpeg2: "-c:v mpeg2video -q:v 4 -g 24 -bf 2"
            case .mpeg4: "-c:v mpeg4 -q:v 4 -g 48 -ps 400"
            }
        }

        /// How ffmpeg takes the video out of a container.
        var elementary: String {
            switch self {
            case .h264: "-bsf:v h264_mp4toannexb -f h264"
            case .mpeg2: "-f mpeg2video"
            case .mpeg4: "-bsf:v dump_extra -f m4v"
            }
        }
    }

    private(set) var pieces: [ArraySlice<UInt8>] = []
    /// The number of its picture for each piece that is a slice; nil for headers.
    private(set) var pictures: [Int?] = []

    init(_ bytes: [UInt8], _ codec: Codec) {
        var picture = -1
        var begins: [(at: Int, picture: Int?)] = []
        var index = 0
        var isPicture = false
        while index + 4 < bytes.count {
            guard bytes[index] == 0, bytes[index + 1] == 0 else {
                index += 1
                continue
            }
            let isStart = bytes[index + 2] == 1
            let code = bytes[index + 3]
            switch codec {
            case .h264 where isStart:
                if code & 31 == 9 { picture += 1 }
                let isSlice = code & 31 == 1 || code & 31 == 5
                begins.append((index, isSlice ? picture : nil))
                index += 3
            case .mpeg2 where isStart:
                if code == 0 { picture += 1 }
                begins.append((index, (1...0xAF).contains(code) ? picture : nil))
                index += 3
            case .mpeg4 where isStart:
                isPicture = code == 0xB6
                if isPicture { picture += 1 }
                begins.append((index, nil))
                index += 3
            case .mpeg4 where isPicture && CodedSlices.isResynchronisation(bytes, index):
                begins.append((index, picture))
                index += 2
            default: index += 1
            }
        }
        let ends = begins.dropFirst().map(\.at) + [bytes.count]
        for (begin, end) in zip(begins, ends) {
            pieces.append(bytes[begin.at..<end])
            pictures.append(begin.picture)
        }
    }

    /// Sixteen zeros and a one at least, byte-aligned: ISO/IEC 14496-2, 6.3.5.2.
    private static func isResynchronisation(_ bytes: [UInt8], _ index: Int) -> Bool {
        bytes[index + 2] >= 2
    }

    /// Which pieces are lost where a share of the slices is; every picture keeps one at least.
    func lost(_ share: Double, seed: UInt64) -> [Bool] {
        var random = RandomSource(seed: seed)
        var left: [Int: Int] = [:]
        for case let picture? in pictures { left[picture, default: 0] += 1 }
        return pictures.map { picture in
            guard let picture, random.uniform() < share, left[picture]! > 1 else { return false }
            left[picture]! -= 1
            return true
        }
    }

    /// The elementary stream without what is lost.
    func without(_ lost: [Bool]) -> [UInt8] {
        zip(pieces, lost).reduce(into: []) { if !$1.1 { $0 += $1.0 } }
    }

    /// A container of the same stream, in which lost slices have a type that decoders pass over.
    func spoilt(_ container: [UInt8], _ lost: [Bool], _ codec: Codec) -> [UInt8] {
        var result = container
        var position = 0
        for (index, piece) in pieces.enumerated() where pictures[index] != nil {
            // Behind the start code, which containers write in another way.
            let content = Array(piece.dropFirst(3).prefix(24))
            while position + content.count <= container.count,
                !container[position..<position + content.count].elementsEqual(content)
            { position += 1 }
            guard position + content.count <= container.count else { break }
            if lost[index] { result[position] = codec == .h264 ? 0x1F : 0xB0 }
            position += content.count
        }
        return result
    }
}
