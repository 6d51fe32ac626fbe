// What the channels of a detector's input hold: the two releases of YOLOX differ.
import Networks
import Tensors

/// How pixels become the input of a detector.
///
/// A weights file says it under ``key``. Weights without that entry are taken to be normalised: so are those of the
/// first release, and our own.
public enum DetectorInput: String, Sendable, CaseIterable {
    /// Red, green, blue, `(v / 255 - mean) / deviation`: YOLOX 0.1.0, which calls it legacy.
    case normalised = "rgb-normalised"
    /// Blue, green, red from 0 to 255: YOLOX 0.1.1 and later.
    case plain = "bgr-255"

    /// The metadata entry of a weights file.
    public static let key = "percept.input"

    /// What `file` says of its input.
    ///
    /// - Throws: `SafetensorsError` for an entry that is neither.
    public init(of file: Safetensors) throws(SafetensorsError) {
        guard let text = file.metadata[Self.key] else {
            self = .normalised
            return
        }
        guard let known = DetectorInput(rawValue: text) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: " or ")
            throw SafetensorsError(
                file: file.path, problem: .metadata(key: Self.key, expected: names, found: text))
        }
        self = known
    }

    /// For each channel of the input: the picture's channel, and what its bytes are multiplied by and then
    /// moved by.
    var channels: [(source: Int, scale: Float, offset: Float)] {
        switch self {
        case .normalised:
            (0..<3).map {
                let deviation = CSPDarknet.deviation[$0]
                return ($0, 1 / (255 * deviation), -CSPDarknet.mean[$0] / deviation)
            }
        case .plain: (0..<3).map { (2 - $0, 1, 0) }
        }
    }
}
