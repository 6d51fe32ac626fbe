// Text inside HTML and SVG.

extension String {
    /// The text as HTML and SVG want it, between tags and in attributes.
    public var escapedAsMarkup: String {
        reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
