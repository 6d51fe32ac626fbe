// One decoded picture with everything the decoder knows about it.

/// How chroma planes relate to luma.
public enum ChromaSampling: String, Sendable, Hashable, CaseIterable {
    /// Luma only.
    case gray
    /// Chroma at half width and half height.
    case yuv420
    /// Chroma at half width.
    case yuv422
    /// Chroma at full size.
    case yuv444
    /// Green, blue and red planes at full size (FFmpeg's planar GBR order).
    case rgb
}

/// What the samples of a frame are: sampling, depth, alpha.
public struct FrameFormat: Sendable, Hashable {
    /// How chroma relates to luma.
    public var sampling: ChromaSampling
    /// Bits a sample: 8, 10, 12 or 16 (16: stills only).
    public var depth: Int
    /// Whether a last plane holds alpha.
    public var hasAlpha: Bool

    /// A format; `depth` in bits a sample.
    public init(_ sampling: ChromaSampling, depth: Int = 8, hasAlpha: Bool = false) {
        self.sampling = sampling
        self.depth = depth
        self.hasAlpha = hasAlpha
    }

    /// 1 up to 8 bits, else 2.
    public var bytesPerSample: Int { depth > 8 ? 2 : 1 }
    /// Largest code value.
    public var maximum: Int { (1 << depth) - 1 }
    /// Number of planes, alpha included.
    public var planeCount: Int { (sampling == .gray ? 1 : 3) + (hasAlpha ? 1 : 0) }

    /// Size of plane `index` of a picture of the given luma size.
    public func planeSize(_ index: Int, width: Int, height: Int) -> (width: Int, height: Int) {
        guard index == 1 || index == 2 else { return (width, height) }
        switch sampling {
        case .yuv420: return ((width + 1) / 2, (height + 1) / 2)
        case .yuv422: return ((width + 1) / 2, height)
        case .gray, .yuv444, .rgb: return (width, height)
        }
    }
}

/// Colour description with the code points of ITU-T H.273 (2 means unspecified).
public struct ColourTags: Sendable, Hashable {
    /// Primaries, transfer characteristics, matrix coefficients, chroma sample location.
    public var primaries: Int32, transfer: Int32, matrix: Int32, chromaLocation: Int32
    /// Full range (0...maximum) instead of limited (16...235 at 8 bits); nil where not said.
    public var isFullRange: Bool?

    /// Tags by H.273 code point; chroma location by FFmpeg's enumeration.
    public init(
        primaries: Int32 = 2, transfer: Int32 = 2, matrix: Int32 = 2, chromaLocation: Int32 = 0,
        isFullRange: Bool? = nil
    ) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.chromaLocation = chromaLocation
        self.isFullRange = isFullRange
    }
}

/// An exact fraction, as time bases and aspect ratios are given.
public struct Rational: Sendable, Hashable {
    /// Numerator and denominator.
    public var numerator: Int32, denominator: Int32

    /// `numerator / denominator`.
    public init(_ numerator: Int32, _ denominator: Int32) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The value as a floating-point number (0 for 0/0).
    public var value: Double {
        denominator == 0 ? 0 : Double(numerator) / Double(denominator)
    }
}

/// How a frame was coded.
public enum PictureType: String, Sendable { case intra, predicted, bidirectional, other, unknown }

/// Quantiser of each block as the decoder exported it, on the luma step scale of its codec.
public struct QuantiserMap: Sendable {
    /// Block grid: block size in luma samples, columns and rows.
    public let blockSize: Int, columns: Int, rows: Int
    /// Quantiser per block, row by row, on the codec's own scale.
    public let values: [Float]
    /// Luma quantisation step in 8-bit code values that `values` stand for, row by row.
    public let lumaSteps: [Float]

    /// Mean of the luma steps; nil for a map of no blocks.
    public var meanLumaStep: Float? {
        lumaSteps.isEmpty ? nil : lumaSteps.reduce(0, +) / Float(lumaSteps.count)
    }

    /// A map over blocks of `blockSize` luma samples.
    public init(blockSize: Int, columns: Int, rows: Int, values: [Float], lumaSteps: [Float]) {
        precondition(values.count == columns * rows && lumaSteps.count == values.count)
        self.blockSize = blockSize
        self.columns = columns
        self.rows = rows
        self.values = values
        self.lumaSteps = lumaSteps
    }
}

/// One block's motion as coded: from (`sourceX`, `sourceY`) to (`x`, `y`), luma samples.
public struct CodedMotion: Sendable {
    /// Block centre and size.
    public var x: Int16, y: Int16, width: UInt8, height: UInt8
    /// Displacement to the reference, in luma samples.
    public var dx: Float, dy: Float
    /// Whether the reference lies in the past; which frame it is, the decoder does not say.
    public var isFromPast: Bool
}

/// One decoded picture: planes as the decoder gave them, and what is known about them.
public struct Frame: Sendable {
    /// Luma size in samples.
    public var width: Int, height: Int
    /// What the samples are.
    public var format: FrameFormat
    /// Y, U, V or G, B, R, then alpha.
    public var planes: [Plane]
    /// Presentation time in units of `timeBase`.
    public var timestamp: Int64
    /// Duration in units of `timeBase`; 0 where unknown.
    public var duration: Int64
    /// Unit of `timestamp`, in seconds.
    public var timeBase: Rational
    /// Colour description.
    public var colour: ColourTags
    /// Width to height of one sample; 0/1 where unknown.
    public var sampleAspectRatio: Rational
    /// Clockwise rotation in degrees (0, 90, 180, 270) that shows the picture upright.
    public var rotation: Int
    /// Whether the picture should be mirrored left to right, before the rotation.
    public var isMirrored: Bool
    /// Whether the two fields were sampled at different times, and which one is first.
    public var isInterlaced: Bool, isTopFieldFirst: Bool
    /// How the picture was coded.
    public var pictureType: PictureType
    /// Whether decoding can begin here.
    public var isKey: Bool
    /// Whether it only stands around frames that are wanted: what becomes of it is not.
    public var isContext: Bool
    /// Quantisers, where the decoder exports them or the coded headers say them.
    public var quantisers: QuantiserMap?
    /// Bytes of the packet that the picture was decoded from; nil where unknown.
    public var codedBytes: Int?
    /// Motion as coded, where the decoder exports it.
    public var codedMotion: [CodedMotion]
    /// Whether the decoder had to conceal missing or broken parts.
    public var isConcealed: Bool
    /// What of it was never decoded, where that was asked for; nil where nothing is known to be lost.
    public var loss: LossMap?
    /// Closed captions (CEA-608 and 708) that travel inside the coded picture: triplets of `cc_data`
    /// (ATSC A/53 part 4, table 6.8); empty where there are none.
    public var captions: [UInt8]
    /// How much coarser than other frames it is to be coded, in steps of the encoder's quality scale.
    public var coarser: Float

    /// A frame of uninitialised planes of the given luma size.
    public init(width: Int, height: Int, format: FrameFormat) {
        self.init(
            width: width, height: height, format: format,
            planes: (0..<format.planeCount).map { index in
                let size = format.planeSize(index, width: width, height: height)
                return Plane(
                    width: size.width, height: size.height, bytesPerSample: format.bytesPerSample)
            })
    }

    /// A frame of the given planes, with nothing known about time or coding.
    public init(width: Int, height: Int, format: FrameFormat, planes: [Plane]) {
        precondition(planes.count == format.planeCount, "\(format) has \(format.planeCount) planes")
        self.width = width
        self.height = height
        self.format = format
        self.planes = planes
        timestamp = 0
        duration = 0
        timeBase = Rational(1, 25)
        colour = ColourTags()
        sampleAspectRatio = Rational(0, 1)
        rotation = 0
        isMirrored = false
        isInterlaced = false
        isTopFieldFirst = true
        pictureType = .unknown
        isKey = false
        isContext = false
        quantisers = nil
        codedBytes = nil
        codedMotion = []
        isConcealed = false
        loss = nil
        captions = []
        coarser = 0
    }

    /// These samples under the colour, shape of a sample and orientation of another frame: what is
    /// compared sample by sample is looked at alike, whatever either file says of itself.
    package func shown(like other: Frame) -> Frame {
        var result = self
        result.colour = other.colour
        result.sampleAspectRatio = other.sampleAspectRatio
        (result.rotation, result.isMirrored) = (other.rotation, other.isMirrored)
        return result
    }

    /// The same time, colour and geometry with other planes: what a stage returns.
    public func replacingPlanes(_ planes: [Plane]) -> Frame {
        precondition(planes.count == self.planes.count)
        var frame = self
        frame.planes = planes
        return frame
    }
}
