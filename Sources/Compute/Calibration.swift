// What a plan in 8 bits must know of a network: the values that its convolutions read.

/// Ranges of the inputs of convolutions, by the path of their weights; measured once, on examples.
public struct Calibration: Sendable, Equatable {
    /// The values that each input channel of a convolution may have; what lies outside is clipped.
    public struct Ranges: Sendable, Equatable {
        /// Smallest and largest of each channel: low <= 0 <= high, all finite.
        public let low: [Float], high: [Float]

        /// Ranges of as many channels as there are numbers; nil where they are none.
        public init?(low: [Float], high: [Float]) {
            guard low.count == high.count,
                zip(low, high).allSatisfy({ $0 <= 0 && 0 <= $1 && ($1 - $0).isFinite })
            else { return nil }
            self.low = low
            self.high = high
        }
    }

    /// The ranges by the path of the weights: "trunk.0.conv1.weight".
    public let ranges: [String: Ranges]

    /// The given ranges.
    public init(_ ranges: [String: Ranges]) { self.ranges = ranges }

    /// The ranges of what the convolution with the weights at `path` reads, or nil.
    public subscript(path: String) -> Ranges? { ranges[path] }
}
