// Which of the weights that lie about restore pictures.
import Glibc
import Networks

extension ModelCatalogue {
    /// What the name of a file of perceptual weights ends with, beside those for fidelity.
    public static let perceptualEnding = ".perceptual"

    /// The perceptual weights that lie beside a weights file: `live.perceptual.safetensors` beside
    /// `live.safetensors`; nil where there are none.
    public static func perceptualPath(beside path: String) -> String? {
        guard path.hasSuffix(".safetensors") else { return nil }
        let other = "\(path.dropLast(12))\(perceptualEnding).safetensors"
        return access(other, R_OK) == 0 ? other : nil
    }

    /// Weights that restore pictures, and files that cannot be read: name and path, each name once.
    ///
    /// Perceptual weights belong to the model that they lie beside; weights that say they are of another kind are
    /// other programs'.
    public var models: [(name: String, path: String)] {
        let files = files
        let known = Set(files.map(\.name))
        return files.filter { file in
            let ending = Self.perceptualEnding
            if file.name.hasSuffix(ending), known.contains("\(file.name.dropLast(ending.count))") {
                return false
            }
            guard let metadata = try? Safetensors(contentsOf: file.path).metadata else {
                return true
            }
            let kind = metadata["percept.kind"]
            return (kind == nil || kind == ReferenceModel.kind) && metadata["percept.input"] == nil
        }
    }
}
