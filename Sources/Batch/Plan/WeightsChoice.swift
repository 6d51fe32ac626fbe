// From what somebody asks for to weights by digest.
import Enhancement
import Media
import Networks

/// Looks weights up.
enum ModelCatalogueLookup {
    /// The SHA-256 of the perceptual weights beside a file; nil where there are none.
    static func perceptual(beside path: String) throws -> String? {
        try ModelCatalogue.perceptualPath(beside: path).map { try FileSeal(of: $0).sha256 }
    }
}

extension EnhanceChoice {
    /// Names the weights of a file, and those beside it.
    ///
    /// - Throws: `MediaError`.
    public mutating func use(weights path: String) throws {
        model = try WeightsFile(path: path)
        perceptual = try ModelCatalogue.perceptualPath(beside: path).map {
            try WeightsFile(path: $0)
        }
    }
}
