// What a picture file carries beside its samples.

/// EXIF, colour profile and XMP of a picture, as its file has them.
public struct StillMetadata: Sendable, Hashable {
    /// EXIF as a TIFF structure, without the "Exif" prefix of JPEG.
    public var exif: [UInt8]?
    /// An ICC profile.
    public var icc: [UInt8]?
    /// An XMP packet (XML).
    public var xmp: [UInt8]?

    /// Nothing, or what is given.
    public init(exif: [UInt8]? = nil, icc: [UInt8]? = nil, xmp: [UInt8]? = nil) {
        self.exif = exif
        self.icc = icc
        self.xmp = xmp
    }

    /// The same for a picture that is stored upright: every orientation becomes 1.
    public func upright() -> StillMetadata {
        var result = self
        result.exif = exif.map(Self.resettingOrientation(inTIFF:))
        result.xmp = xmp.map(Self.resettingOrientation(inXMP:))
        return result
    }

    /// Sets tag 0x0112 of the first directory of a TIFF structure to 1 (Exif 2.3, 4.6.4 A).
    private static func resettingOrientation(inTIFF tiff: [UInt8]) -> [UInt8] {
        var bytes = tiff
        guard bytes.count >= 8 else { return bytes }
        let isLittle = bytes[0] == 0x49
        guard bytes[0] == bytes[1], isLittle || bytes[0] == 0x4D else { return bytes }
        func word(_ at: Int) -> Int {
            let (a, b) = (Int(bytes[at]), Int(bytes[at + 1]))
            return isLittle ? a | b << 8 : a << 8 | b
        }
        func long(_ at: Int) -> Int {
            isLittle ? word(at) | word(at + 2) << 16 : word(at) << 16 | word(at + 2)
        }
        let directory = long(4)
        guard directory >= 8, directory <= bytes.count - 2 else { return bytes }
        for index in 0..<word(directory) {
            let entry = directory + 2 + 12 * index
            guard entry + 12 <= bytes.count else { return bytes }
            guard word(entry) == 0x0112 else { continue }
            bytes[entry + 8] = isLittle ? 1 : 0
            bytes[entry + 9] = isLittle ? 0 : 1
            return bytes
        }
        return bytes
    }

    /// Sets `tiff:Orientation` to 1, as an attribute and as an element.
    private static func resettingOrientation(inXMP packet: [UInt8]) -> [UInt8] {
        var bytes = packet
        let name = Array("tiff:Orientation".utf8)
        var at = 0
        while at + name.count + 2 < bytes.count {
            guard bytes[at] == name[0], Array(bytes[at..<at + name.count]) == name else {
                at += 1
                continue
            }
            at += name.count
            // name="6" or <name>6<: the value is the digit after a quote or a bracket.
            var value = at
            while value < bytes.count, [0x20, 0x3D, 0x22, 0x27, 0x3E].contains(bytes[value]) {
                value += 1
            }
            if value > at, value < bytes.count, (0x31...0x38).contains(bytes[value]) {
                bytes[value] = 0x31
            }
        }
        return bytes
    }
}
