// What a file's metadata say, read as what they should be.

extension Safetensors {
    /// An entry of the metadata.
    ///
    /// - Parameters:
    ///   - expected: What it should be, for the error.
    ///   - parse: Reads its text; nil for what it should not be.
    /// - Throws: `SafetensorsError`, which names the entry, where it is missing or cannot be read.
    public func value<T>(
        _ key: String, _ expected: String, _ parse: (String) -> T?
    ) throws(SafetensorsError) -> T {
        guard let text = metadata[key], let value = parse(text) else {
            throw error(.metadata(key: key, expected: expected, found: metadata[key]))
        }
        return value
    }
}
