// Words as a shell reads them back.

/// `word` as one would type it in a shell: in quotes where it needs them.
public func shellQuoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
        let character = Unicode.Scalar(byte)
        return character.properties.isAlphabetic && character.isASCII
            || (0x30...0x39).contains(byte) || "%+,-./:=@_".unicodeScalars.contains(character)
    }
    guard !plain || word.isEmpty else { return word }
    return "'"
        + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
}
