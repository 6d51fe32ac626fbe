// Finds EXIF, ICC profiles and XMP among what libpng and libjpeg kept.
import CStills

extension StillMetadata {
    init(_ still: percept_still, _ kind: StillReader.Kind) {
        self.init()
        let blobs = (0..<Int(still.blob_count)).map { index in
            let blob = still.blobs[index]
            return (
                kind: Int(blob.kind), key: blob.key.map { String(cString: $0) } ?? "",
                bytes: Array(UnsafeBufferPointer(start: blob.bytes, count: blob.count))
            )
        }
        switch kind {
        case .png:
            for blob in blobs {
                switch (blob.kind, blob.key) {
                case (1, _): icc = blob.bytes
                case (2, _): exif = blob.bytes
                case (0, "XML:com.adobe.xmp"): xmp = blob.bytes
                case (0, "Raw profile type exif") where exif == nil:
                    exif = StillMetadata.rawProfile(blob.bytes).map(StillMetadata.withoutExifPrefix)
                default: break
                }
            }
        case .jpeg:
            let xmpPrefix = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
            let exifPrefix = Array("Exif\0\0".utf8)
            for blob in blobs where blob.kind == 0xE1 {
                if exif == nil, blob.bytes.starts(with: exifPrefix) {
                    exif = Array(blob.bytes.dropFirst(6))
                } else if xmp == nil, blob.bytes.starts(with: xmpPrefix) {
                    xmp = Array(blob.bytes.dropFirst(xmpPrefix.count))
                }
            }
            icc = StillMetadata.profile(blobs.filter { $0.kind == 0xE2 }.map(\.bytes))
        }
    }

    /// Joins the parts of a profile in the order of their numbers (ICC.1:2010, B.4).
    private static func profile(_ markers: [[UInt8]]) -> [UInt8]? {
        let prefix = Array("ICC_PROFILE\0".utf8)
        let parts = markers.filter { $0.count >= 14 && $0.starts(with: prefix) }
            .sorted { $0[12] < $1[12] }
        guard let total = parts.first.map({ Int($0[13]) }), parts.count == total,
            parts.enumerated().allSatisfy({ Int($0.element[12]) == $0.offset + 1 })
        else { return nil }
        return Array(parts.map { $0.dropFirst(14) }.joined())
    }

    /// ImageMagick's older way: a text of three header lines and hexadecimal digits.
    private static func rawProfile(_ text: [UInt8]) -> [UInt8]? {
        let lines = text.split(separator: 10, omittingEmptySubsequences: true)
        guard lines.count >= 3 else { return nil }
        let digits = lines.dropFirst(2).joined().compactMap {
            Character(UnicodeScalar($0)).hexDigitValue
        }
        guard digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }

    private static func withoutExifPrefix(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: Array("Exif\0\0".utf8)) ? Array(bytes.dropFirst(6)) : bytes
    }

    /// How to show the picture, by EXIF's orientation tag (Exif 2.3, 4.6.4 A): mirrored left to
    /// right first, then turned clockwise.
    var orientation: (rotation: Int, isMirrored: Bool) {
        guard let tiff = exif, tiff.count >= 8, tiff[0] == tiff[1] else { return (0, false) }
        let isLittle = tiff[0] == 0x49
        func number(_ at: Int, _ count: Int) -> Int? {
            guard at >= 0, at <= tiff.count - count else { return nil }
            let bytes = tiff[at..<at + count]
            let ordered = isLittle ? Array(bytes.reversed()) : Array(bytes)
            return ordered.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(4, 4), let entries = number(directory, 2) else {
            return (0, false)
        }
        for index in 0..<entries {
            let entry = directory + 2 + 12 * index
            guard number(entry, 2) == 0x0112, let value = number(entry + 8, 2) else { continue }
            switch value {
            case 2: return (0, true)
            case 3: return (180, false)
            case 4: return (180, true)
            case 5: return (270, true)
            case 6: return (90, false)
            case 7: return (90, true)
            case 8: return (270, false)
            default: return (0, false)
            }
        }
        return (0, false)
    }
}
