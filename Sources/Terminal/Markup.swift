// Text inside HTML and SVG.

extension String {
    /// The text as HTML and SVG want it, between tags and in attributes.
    ///
    /// Scalar by scalar: a mark behind a quotation mark makes another character of it, but no other byte.
    public var escapedAsMarkup: String {
        unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(scalar)
            }
        }.joined()
    }
}
